// Says the answers of the scenarios in the wires of four upstreams: OpenAI's chunks, the lines of Claude Code, Kiro's frames,
// the text of K2-Think, Poe's events.
import { writeCall } from '../../main/providers/kit/emulated-tools/plan.ts';
import { type K2Script, refuse as refuseK2, streamOf as streamK2 } from '../support/k2-stub.ts';
import { frames } from '../support/kiro-frames.ts';
import { type KiroStubAnswer, refuse, streamOf } from '../support/kiro-stub.ts';
import { chunk, DONE, json, type StubAnswer, usageChunk, whole } from '../support/openai-stub.ts';
import { say } from '../support/poe-events.ts';
import { eventsOf, type PoeStubAnswer, refuse as refusePoe } from '../support/poe-stub.ts';
import type { Refused, Replied, Scenario } from './scenarios.ts';

const isRefused = (answer: Scenario['answer']): answer is Refused => 'status' in answer;

const OPENAI_USAGE = {
  prompt_tokens: 12,
  completion_tokens: 5,
  total_tokens: 17,
  prompt_tokens_details: { cached_tokens: 4 },
  completion_tokens_details: { reasoning_tokens: 2 },
};
const OPENAI_FINISH = {
  stop: 'stop',
  'stop-text': 'stop',
  length: 'length',
  tools: 'tool_calls',
  refusal: 'content_filter',
  error: null,
  cut: null,
};
const BREAKDOWN = { message: 'The model fell over.', type: 'server_error', code: null, param: null };

/** The answer of an OpenAI-shaped upstream. A stream goes on behind its first content when `seen` resolves. */
export function writeOpenAiAnswer(answer: Scenario['answer'], stream: boolean, seen: Promise<void>): StubAnswer {
  if (isRefused(answer)) {
    const { status, type, message, retryAfter } = answer;
    const headers: Record<string, string> = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
    return json(status, { error: { message, type, code: null, param: null } }, headers);
  }
  return stream ? writeOpenAiStream(answer, seen) : writeOpenAiWhole(answer);
}

function writeOpenAiWhole({ reasoning, text, calls, finish }: Replied): StubAnswer {
  if (finish === 'error') return json(200, { error: BREAKDOWN });
  const message = {
    content: text?.join('') ?? null,
    ...(reasoning && { reasoning_content: reasoning.text }),
    ...(calls && {
      tool_calls: calls.map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      })),
    }),
  };
  const answer = whole(message, OPENAI_FINISH[finish] ?? 'stop', OPENAI_USAGE);
  if (finish !== 'cut') return answer;
  return { ...answer, pieces: [...(answer.pieces as string[])].map((piece) => piece.slice(0, 60)), after: 'cut' };
}

function writeOpenAiStream({ reasoning, text = [], calls = [], finish }: Replied, seen: Promise<void>): StubAnswer {
  const frames = [
    chunk({ role: 'assistant', content: '' }),
    ...(reasoning === undefined ? [] : [chunk({ reasoning_content: reasoning.text })]),
    ...text.map((content) => chunk({ content })),
    ...calls.map(({ id, name }, index) =>
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
    ),
    // The arguments of parallel calls come in turns.
    ...[0, 1].flatMap((half) =>
      calls.map(({ input }, index) => {
        const json = JSON.stringify(input);
        const at = Math.ceil(json.length / 2);
        const piece = half === 0 ? json.slice(0, at) : json.slice(at);
        return chunk({ tool_calls: [{ index, function: { arguments: piece } }] });
      }),
    ),
  ];
  if (finish === 'error') frames.push(`data: ${JSON.stringify({ error: BREAKDOWN })}\n\n`);
  else if (finish !== 'cut') frames.push(chunk({}, OPENAI_FINISH[finish]), usageChunk(OPENAI_USAGE), DONE);
  const says = frames.length > 4 || finish === 'error' || finish === 'cut';
  async function* pieces() {
    // The first content must be on its way before the rest comes, or it could come in one batch with it.
    yield frames.slice(0, 2).join('');
    if (says) await seen;
    yield frames.slice(2).join('');
  }
  return {
    headers: { 'content-type': 'text/event-stream' },
    pieces: pieces(),
    after: finish === 'cut' ? 'cut' : 'end',
  };
}

const CLAUDE_USAGE = { input_tokens: 8, cache_read_input_tokens: 4, cache_creation_input_tokens: 0 };
const CLAUDE_FINISH = {
  stop: 'end_turn',
  'stop-text': 'stop_sequence',
  length: 'max_tokens',
  tools: 'tool_use',
  refusal: 'refusal',
};

/** The steps of a program in the place of Claude Code; it goes on behind its first content when `seenFile` is there. */
export function writeClaudeSteps(answer: Scenario['answer'], seenFile: string): object[] {
  if (isRefused(answer)) return [{ question: true }, ...writeClaudeRefusal(answer)];
  const event = (inner: object) => ({ type: 'stream_event', event: inner, parent_tool_use_id: null });
  const { reasoning, text = [], calls = [], finish, stopText = null } = answer;
  const blocks: [start: object, deltas: object[]][] = [];
  if (reasoning !== undefined) {
    const thinking = [
      { type: 'thinking_delta', thinking: reasoning.text },
      { type: 'signature_delta', signature: reasoning.signature },
    ];
    blocks.push([{ type: 'thinking', thinking: '', signature: '' }, thinking]);
    if (reasoning.hidden) blocks.push([{ type: 'redacted_thinking', data: reasoning.hidden }, []]);
  }
  if (text.length > 0)
    blocks.push([{ type: 'text', text: '' }, text.map((said) => ({ type: 'text_delta', text: said }))]);
  for (const { id, name, input } of calls) {
    const deltas = [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }];
    blocks.push([{ type: 'tool_use', id, name: `mcp__gw__${name}`, input: {} }, deltas]);
  }
  const broken = finish === 'error' || finish === 'cut';
  const lines = blocks.flatMap(([block, deltas], index) => [
    event({ type: 'content_block_start', index, content_block: block }),
    ...deltas.map((delta) => event({ type: 'content_block_delta', index, delta })),
    ...(broken ? [] : [event({ type: 'content_block_stop', index })]),
  ]);
  const start = { id: 'msg_stub', model: 'claude-stub', usage: { ...CLAUDE_USAGE, output_tokens: 1 } };
  return [
    { question: true },
    { print: [event({ type: 'message_start', message: start }), ...lines] },
    ...(broken ? [{ awaitFile: seenFile }] : []),
    {
      print: writeClaudeEnd(finish, stopText).map((line) =>
        'type' in line && line.type === 'message_delta' ? event(line) : line,
      ),
    },
  ];
}

function writeClaudeEnd(finish: Replied['finish'], stopText: string | null): object[] {
  if (finish === 'cut') return [{ type: 'system', subtype: 'api_retry', error_status: null, error: 'unknown' }];
  if (finish === 'error') {
    const content = [{ type: 'text', text: 'API Error: The model fell over.' }];
    return [{ type: 'assistant', message: { model: '<synthetic>', content }, api_error_type: 'api_error' }];
  }
  const delta = { stop_reason: CLAUDE_FINISH[finish], stop_sequence: stopText };
  const counts = { output_tokens: 5, output_tokens_details: { thinking_tokens: 2 } };
  return [{ type: 'message_delta', delta, usage: { ...CLAUDE_USAGE, ...counts } }];
}

function writeClaudeRefusal({ status, type, message, retryAfter }: Refused): object[] {
  const error = JSON.stringify({ type: 'error', error: { type, message } });
  const wait = retryAfter === undefined ? '' : `response error {\n  "retry-after": "${retryAfter}",\n}\n`;
  return [
    { complain: `${wait}[ERROR] API error (attempt 1/2): ${status} ${status} ${error}\n` },
    { print: [{ type: 'system', subtype: 'api_retry', error_status: status, error: 'unknown', retry_delay_ms: 500 }] },
  ];
}

const KIRO_FINISH = {
  stop: 'END_TURN',
  'stop-text': 'STOP_SEQUENCE',
  length: 'MAX_TOKENS',
  tools: 'TOOL_USE',
  refusal: 'CONTENT_FILTERED',
};

/** The answer of Kiro, always a stream; it goes on behind its first content when `seen` resolves. */
export function writeKiroAnswer(answer: Scenario['answer'], seen: Promise<void>): KiroStubAnswer {
  if (isRefused(answer)) {
    const { status, message, retryAfter } = answer;
    return refuse(status, message, null, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
  }
  const { reasoning, text = [], calls = [], finish } = answer;
  const content = [
    ...(reasoning === undefined ? [] : [frames.reasoning(reasoning.text), frames.signature(reasoning.signature)]),
    ...(reasoning?.hidden === undefined ? [] : [frames.redacted(reasoning.hidden)]),
    ...text.map((said) => frames.text(said, 'claude-sonnet-4.6')),
    ...calls.map(({ id, name, input }) => frames.toolCall(id, name, JSON.stringify(input))),
  ];
  if (finish === 'error') content.push(frames.exception('InternalServerException', 'The model fell over.'));
  else if (finish !== 'cut') {
    const counts = { uncachedInputTokens: 8, cacheReadInputTokens: 4, outputTokens: 5, totalTokens: 17 };
    content.push(frames.tokens(counts), frames.tail(KIRO_FINISH[finish]));
  }
  async function* pieces() {
    yield content[0] ?? Buffer.alloc(0);
    await seen;
    yield Buffer.concat(content.slice(1));
  }
  return streamOf(pieces(), finish === 'cut' ? 'cut' : 'end');
}

const K2_FINISH = { stop: 'stop', 'stop-text': 'stop', length: 'length', tools: 'stop', refusal: 'content_filter' };

/** The answer of K2-Think: thinking, words and calls are one text. It goes on behind its first content when `seen` resolves. */
export function writeK2Answer(
  answer: Scenario['answer'],
  stream: boolean,
  seen: Promise<void>,
): Exclude<K2Script, (...rest: never[]) => unknown> {
  if (isRefused(answer)) {
    const { status, message, retryAfter } = answer;
    return refuseK2(status, message, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
  }
  const { reasoning, text = [], calls = [], finish } = answer;
  const [first = '', ...others] = text;
  const thinking = `<think>${reasoning?.text ?? ''}</think>`;
  const rest = [...others, ...calls.map(({ name, input }) => writeCall(name, JSON.stringify(input)))];
  const usage = { prompt_tokens: 12, completion_tokens: 5, total_tokens: 17 };
  if (finish === 'error') {
    const breakdown = { error: { message: 'The model fell over.' } };
    if (!stream) return { headers: { 'content-type': 'application/json' }, pieces: [JSON.stringify(breakdown)] };
    async function* breaking() {
      yield* streamK2([{ content: thinking + first }]).pieces ?? [];
      await seen;
      yield* streamK2([breakdown]).pieces ?? [];
    }
    return { headers: { 'content-type': 'text/event-stream' }, pieces: breaking() };
  }
  async function* words() {
    yield thinking + first;
    // A call is told when it is complete: nobody would see anything before.
    if (first !== '' || reasoning !== undefined) await seen;
    yield* rest;
  }
  if (finish === 'cut') return { words: words(), after: 'cut' };
  return { words: words(), finish: K2_FINISH[finish], usage };
}

/** The answer of a bot of Poe; it goes on behind its first content when `seen` resolves. */
export function writePoeAnswer(answer: Scenario['answer'], seen: Promise<void>): PoeStubAnswer {
  if (isRefused(answer)) {
    const { status, type, message, retryAfter } = answer;
    return refusePoe(status, type, message, retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) });
  }
  const { reasoning, text = [], calls = [], finish } = answer;
  const events = [
    ...(reasoning === undefined ? [] : [say.text(`<think>${reasoning.text}</think>`)]),
    ...text.map((said) => say.text(said)),
    ...calls.map(({ id, name }, index) => say.toolStart(index, id, name)),
    ...calls.map(({ input }, index) => say.toolArguments(index, JSON.stringify(input))),
  ];
  if (finish === 'error') events.push(say.error('The model fell over.', false));
  else if (finish !== 'cut') {
    const usage = { prompt_tokens: 12, completion_tokens: 5 };
    events.push(say.json({}, OPENAI_FINISH[finish], { usage }), say.suggest('More?'), say.done);
  }
  async function* pieces() {
    yield say.meta + (events[0] ?? '');
    // Nobody hears the beginning of an answer that has no word.
    if (reasoning !== undefined || text.length + calls.length > 0) await seen;
    yield events.slice(1).join('');
  }
  return eventsOf(pieces(), finish === 'cut' ? 'cut' : 'end');
}
