// @ts-check
// The stub's replies in the OpenAI chat dialect, built once and then only copied to sockets.
import { DELTA_BYTE, STAMP_DIGITS } from './marks.mjs';

const MODEL = 'bench-model';
const MARK = String.fromCharCode(DELTA_BYTE);
const WORDS = ['the', ' quick', ' brown', ' fox', ' jumps', ' over', ' the', ' lazy', ' dog', '.'];
const USAGE = {
  prompt_tokens: 1200,
  completion_tokens: 90,
  total_tokens: 1290,
  prompt_tokens_details: { cached_tokens: 1024 },
  completion_tokens_details: { reasoning_tokens: 0 },
};

/** Deltas in one write at full speed. Each is a chunk of the body for itself, as servers flush them. */
export const DELTAS_PER_WRITE = 4;

/** The head of a streamed reply. */
export const STREAM_HEAD = Buffer.from(
  'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ncache-control: no-cache\r\n' +
    'transfer-encoding: chunked\r\n\r\n',
);

/** One event with `delta`, as an upstream writes it. @param {object} delta @param {string | null} [finish] */
function writeEvent(delta, finish = null) {
  return `data: ${JSON.stringify({
    id: 'chatcmpl-bench0123456789abcdef',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: MODEL,
    system_fingerprint: 'fp_44709d6fcb',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  })}\n\n`;
}

/** `text` in the framing of a chunked body. @param {string} text */
function frame(text) {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`);
}

/** @param {number} count */
function writeWords(count) {
  return Array.from({ length: count }, (_, index) => `${MARK}${WORDS[index % WORDS.length]}`);
}

/** A chunk with the role alone, as most upstreams begin. */
export const STREAM_START = frame(writeEvent({ role: 'assistant', content: '', refusal: null }));

/** `count` chunks with one delta each. @param {number} count */
export function writeDeltas(count) {
  return Buffer.concat(writeWords(count).map((content) => frame(writeEvent({ content }))));
}

/** Finish reason, usage, end mark and end of body. */
export const STREAM_END = Buffer.concat([
  frame(
    `${writeEvent({}, 'stop')}data: ${JSON.stringify({
      id: 'chatcmpl-bench0123456789abcdef',
      object: 'chat.completion.chunk',
      created: 1_790_000_000,
      model: MODEL,
      choices: [],
      usage: USAGE,
    })}\n\ndata: [DONE]\n\n`,
  ),
  Buffer.from('0\r\n\r\n'),
]);

const STAMPED = frame(writeEvent({ content: `${MARK}${'0'.repeat(STAMP_DIGITS)}` }));
const STAMP_AT = STAMPED.indexOf(DELTA_BYTE) + 1;

/** A chunk with one delta that says when it was due. @param {number} dueUs */
export function writeStamped(dueUs) {
  const chunk = Buffer.from(STAMPED);
  chunk.write(String(dueUs).padStart(STAMP_DIGITS, '0'), STAMP_AT, 'latin1');
  return chunk;
}

/** A streamed reply of `count` deltas in one write. @param {number} count */
export function writeWholeStream(count) {
  return Buffer.concat([STREAM_HEAD, STREAM_START, writeDeltas(count), STREAM_END]);
}

/** An answer in JSON, head and body in one. @param {object} body */
function writeJson(body) {
  const text = JSON.stringify(body);
  const head = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n`;
  return Buffer.from(head + text);
}

/** A whole reply of `count` deltas' text. @param {number} count */
export function writeWholeReply(count) {
  return writeJson({
    id: 'chatcmpl-bench0123456789abcdef',
    object: 'chat.completion',
    created: 1_790_000_000,
    model: MODEL,
    system_fingerprint: 'fp_44709d6fcb',
    choices: [
      {
        index: 0,
        message: { role: 'assistant', content: writeWords(count).join(''), refusal: null },
        logprobs: null,
        finish_reason: 'stop',
      },
    ],
    usage: USAGE,
  });
}

/** The list of models. */
export const MODELS_REPLY = writeJson({
  object: 'list',
  data: [{ id: MODEL, object: 'model', created: 1_790_000_000, owned_by: 'bench' }],
});
