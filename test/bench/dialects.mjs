// @ts-check
// What a delta costs in each dialect that the gateway speaks: the same full-speed streams of the same upstream, asked for
// on each path. A path that is not there (404) is left out.
import { openConnection } from './connection.mjs';
import { writeOrder } from './marks.mjs';
import { MODEL, writeHttp, writeStreamRequest } from './requests.mjs';
import { CLIENT_KEY } from './servers.mjs';

/** @typedef {import('./servers.mjs').Server} Server */
/** @typedef {{ deltas: number, everyMs: number }} Order */

/**
 * How one dialect asks for a stream.
 * @typedef {object} Dialect
 * @property {string} key
 * @property {string} path
 * @property {Readonly<Record<string, string>>} [headers]
 * @property {string} endMark  Stands at the end of every complete stream and of no other.
 * @property {(order: Order) => object} writeBody
 */

/** A dialect that answers. `copies`: how often its stream says each delta. @typedef {Dialect & { copies: number }} SpokenDialect */

/** @param {Order} order */
const writeQuestion = (order) => `Tell me a story. ${writeOrder(order)}`;

/** @type {readonly Dialect[]} */
export const DIALECTS = [
  { key: 'openAiChat', path: '/v1/chat/completions', endMark: 'data: [DONE]', writeBody: writeStreamRequest },
  {
    key: 'anthropicMessages',
    path: '/v1/messages',
    headers: { 'anthropic-version': '2023-06-01' },
    endMark: 'event: message_stop',
    writeBody: (order) => ({
      model: MODEL,
      max_tokens: 1000,
      stream: true,
      messages: [{ role: 'user', content: writeQuestion(order) }],
    }),
  },
  {
    key: 'ollama',
    path: '/api/chat',
    endMark: '"done":true',
    writeBody: (order) => ({
      model: MODEL,
      stream: true,
      messages: [{ role: 'user', content: writeQuestion(order) }],
    }),
  },
  {
    key: 'openAiResponses',
    path: '/v1/responses',
    endMark: '"type":"response.completed"',
    writeBody: (order) => ({ model: MODEL, stream: true, store: false, input: writeQuestion(order) }),
  },
  {
    key: 'gemini',
    path: `/v1beta/models/${MODEL}:streamGenerateContent?alt=sse`,
    endMark: '"finishReason":"STOP"',
    writeBody: (order) => ({ contents: [{ role: 'user', parts: [{ text: writeQuestion(order) }] }] }),
  },
];

/** The bytes of a request for a stream. @param {Dialect} dialect @param {Order} order @param {number} port */
export function writeDialectRequest({ path, headers, writeBody }, order, port) {
  return writeHttp(writeBody(order), port, CLIENT_KEY, path, headers);
}

const PROBE_DELTAS = 8;

/** The dialects that `server` speaks, found by asking each. @param {Server} server @returns {Promise<SpokenDialect[]>} */
export async function findDialects(server) {
  /** @type {SpokenDialect[]} */
  const spoken = [];
  for (const dialect of DIALECTS) {
    const outcome = await ask(server, dialect);
    if (outcome.problem?.includes(' 404 ')) continue;
    if (!outcome.ok) throw new Error(`${server.name}, ${dialect.path}: ${outcome.problem}`);
    const copies = outcome.deltas / PROBE_DELTAS;
    if (!Number.isInteger(copies)) throw new Error(`${dialect.path}: ${outcome.deltas} deltas for ${PROBE_DELTAS}`);
    spoken.push({ ...dialect, copies });
  }
  return spoken;
}

/** @param {Server} server @param {Dialect} dialect @returns {Promise<import('./connection.mjs').Outcome>} */
function ask({ port }, dialect) {
  return new Promise((resolve) => {
    const connection = openConnection({ host: '127.0.0.1', port });
    const request = writeDialectRequest(dialect, { deltas: PROBE_DELTAS, everyMs: 0 }, port);
    connection.send(request, dialect.endMark, (outcome) => {
      connection.close();
      resolve(outcome);
    });
  });
}
