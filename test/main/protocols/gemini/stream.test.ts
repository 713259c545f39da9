// Canonical events as Gemini's stream, in both of its forms.
import { describe, expect, it } from 'vitest';
import { collect } from '../../../../main/canonical/collect.ts';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { writeError, writeReply } from '../../../../main/protocols/gemini/response.ts';
import { writeSignature } from '../../../../main/protocols/gemini/signature.ts';
import { createFrameWriter } from '../../../../main/protocols/gemini/stream.ts';

const notes: string[] = [];
const head = { requestId: 'r', model: 'asked', createdAt: 1, note: (text: string) => notes.push(text) };
const START: ConversationEvent = { type: 'reply-start', id: 'up-1', model: 'upstream' };
const END: ConversationEvent = { type: 'reply-end', finishReason: { kind: 'stop' } };
const text = (words: string, block = 0): ConversationEvent => ({ type: 'text-delta', block, text: words });
const callStart = (block: number, id: string, name: string): ConversationEvent => ({
  type: 'tool-call-start',
  block,
  id,
  name,
});
const callDelta = (block: number, words: string): ConversationEvent => ({
  type: 'tool-call-delta',
  block,
  text: words,
});
const callEnd = (block: number): ConversationEvent => ({ type: 'tool-call-end', block });
const think = (block: number, words: string, signature?: string): ConversationEvent[] => [
  { type: 'reasoning-start', block },
  ...(words === '' ? [] : [{ type: 'reasoning-delta', block, text: words } as const]),
  { type: 'reasoning-end', block, ...(signature && { metadata: { anthropic: { signature } } }) },
];
const sign = (words: string, signature?: string) =>
  writeSignature([{ text: words, ...(signature && { metadata: { anthropic: { signature } } }) }]);

/** The frames of events that come in these batches. */
function write(batches: readonly (readonly ConversationEvent[])[], showThoughts = false): unknown[] {
  const writer = createFrameWriter(head, { events: true, showThoughts });
  return batches
    .map(writer.write)
    .join('')
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => JSON.parse(frame.slice('data: '.length)));
}
const tail = { modelVersion: 'upstream', responseId: 'up-1' };
const frame = (part: object) => ({ candidates: [{ content: { role: 'model', parts: [part] }, index: 0 }], ...tail });
const last = (part: object = { text: '' }, extra: object = {}, finishReason = 'STOP') => ({
  candidates: [{ content: { role: 'model', parts: [part] }, finishReason, index: 0 }],
  ...extra,
  ...tail,
});
const call = (id: string, name: string, args: unknown) => ({ functionCall: { id, name, args } });

const REPLY: readonly ConversationEvent[] = [
  START,
  ...think(0, 'hm', 'sig'),
  { type: 'text-start', block: 1 },
  text('a\n"b"\u2028', 1),
  text('c', 1),
  { type: 'text-end', block: 1 },
  callStart(2, 'x', 'f'),
  callDelta(2, '{"x"'),
  callDelta(2, ':1}'),
  callEnd(2),
  { type: 'usage', usage: { inputTokens: 9, cachedInputTokens: 4, outputTokens: 7, reasoningTokens: 2 } },
  { type: 'reply-end', finishReason: { kind: 'tool-calls', raw: 'tool_use' } },
];
const usageMetadata = {
  promptTokenCount: 9,
  cachedContentTokenCount: 4,
  candidatesTokenCount: 5,
  thoughtsTokenCount: 2,
  totalTokenCount: 16,
};
const SHOWN = [
  frame({ text: 'hm', thought: true }),
  frame({ text: 'a\n"b"\u2028', thoughtSignature: sign('hm', 'sig') }),
  frame({ text: 'c' }),
  frame(call('x', 'f', { x: 1 })),
  last(undefined, { usageMetadata }),
];

it('writes each delta as a response, and how it ended in the last', () => {
  expect(write([REPLY], true)).toEqual(SHOWN);
});

it('keeps thoughts unseen where they were not asked for, and carries them all the same', () => {
  expect(write([REPLY], false)).toEqual(SHOWN.slice(1));
});

it('writes the same however the events are batched, in both forms', () => {
  for (const events of [true, false]) {
    const createWriter = () => createFrameWriter(head, { events, showThoughts: true });
    const whole = createWriter().write(REPLY);
    for (let at = 0; at <= REPLY.length; at++) {
      const writer = createWriter();
      expect(writer.write(REPLY.slice(0, at)) + writer.write(REPLY.slice(at))).toBe(whole);
    }
  }
});

it('holds no line break inside a frame, not even those of other alphabets', () => {
  const { write: writeFrames } = createFrameWriter(head, { events: true, showThoughts: true });
  const frames = writeFrames(REPLY).split('\n\n').slice(0, -1);
  expect(frames).toHaveLength(5);
  for (const line of frames) expect(line).toMatch(/^data: \{.*\}$/);
});

it('says in one piece what it says in many', async () => {
  const reply = await collect(
    (async function* () {
      yield REPLY;
    })(),
  );
  expect(writeReply(reply, head, true)).toEqual({
    candidates: [
      {
        content: {
          role: 'model',
          parts: [
            { text: 'hm', thought: true },
            { text: 'a\n"b"\u2028c', thoughtSignature: sign('hm', 'sig') },
            call('x', 'f', { x: 1 }),
          ],
        },
        finishReason: 'STOP',
        index: 0,
      },
    ],
    usageMetadata,
    ...tail,
  });
});

describe('a JSON list', () => {
  const createWriter = () => createFrameWriter(head, { events: false, showThoughts: true });

  it('is whole at the end, and white space in silence does it no harm', () => {
    const writer = createWriter();
    expect(writer.contentType).toBe('application/json; charset=utf-8');
    const json = REPLY.map((event) => writer.keepAlive + writer.write([event]) + writer.keepAlive).join('');
    expect(JSON.parse(json)).toEqual(SHOWN);
  });

  it('stays open where the reply broke off', () => {
    const error = new GatewayError('upstream', 'It broke.');
    const written = createWriter().write([START, text('x'), { type: 'error', error }]);
    expect(() => JSON.parse(written)).toThrow();
    expect(JSON.parse(`${written}]`)).toEqual([
      frame({ text: 'x' }),
      { error: { code: 502, message: 'It broke.', status: 'INTERNAL' } },
    ]);
  });
});

it('names itself where the upstream has no names', () => {
  expect(write([[{ type: 'reply-start' }, text('x'), END]])).toEqual([
    { ...frame({ text: 'x' }), modelVersion: 'asked', responseId: 'r' },
    { ...last(), modelVersion: 'asked', responseId: 'r' },
  ]);
});

it('has no counts that the upstream did not give', () => {
  const counted = (usage: object) => write([[START, { type: 'usage', usage }, END]]);
  expect(counted({})).toEqual([last()]);
  expect(counted({ inputTokens: 1, outputTokens: 1, estimated: true })).toEqual([last()]);
  const usage = { promptTokenCount: 3, candidatesTokenCount: 0, totalTokenCount: 3 };
  expect(counted({ inputTokens: 3 })).toEqual([last(undefined, { usageMetadata: usage })]);
});

it('writes parallel calls whole, in the order in which they began', () => {
  const begun = [START, callStart(0, 'a', 'f'), callStart(1, 'b', 'g'), callDelta(1, '{"y":null}'), callEnd(1)];
  expect(write([begun])).toEqual([]);
  expect(write([[...begun, callDelta(0, '{"x":[1]}'), callEnd(0), callStart(2, 'c', 'h'), callEnd(2), END]])).toEqual([
    frame(call('a', 'f', { x: [1] })),
    frame(call('b', 'g', { y: null })),
    frame(call('c', 'h', {})),
    last(),
  ]);
});

it('puts the signature of thoughts on the first of the calls that follow', () => {
  const events = [
    ...think(0, '', 's1'),
    ...think(1, 'hm'),
    callStart(2, 'a', 'f'),
    callStart(3, 'b', 'f'),
    callEnd(2),
    callEnd(3),
  ];
  const thoughtSignature = writeSignature([{ text: '', metadata: { anthropic: { signature: 's1' } } }, { text: 'hm' }]);
  expect(write([[START, ...events, END]])).toEqual([
    frame({ ...call('a', 'f', {}), thoughtSignature }),
    frame(call('b', 'f', {})),
    last(),
  ]);
});

it('puts it on an empty text where nothing follows', () => {
  expect(write([[START, text('x'), ...think(1, 'hm', 's'), END]])).toEqual([
    frame({ text: 'x' }),
    last({ text: '', thoughtSignature: sign('hm', 's') }),
  ]);
  expect(write([[START, ...think(0, ''), END]])).toEqual([last()]);
});

it.each(['[1]', '"x"', 'null', '{"x":'])('hands on arguments that are no object as text: %s', (broken) => {
  notes.length = 0;
  const events = [callStart(0, 'a', 'f'), callDelta(0, broken), callEnd(0)];
  expect(write([[START, ...events]])).toEqual([frame(call('a', 'f', { arguments: broken }))]);
  expect(notes).toEqual(['The arguments of the tool call "f" are no JSON object; they were passed on as text.']);
});

it.each([
  [{ kind: 'stop' }, 'STOP'],
  [{ kind: 'length' }, 'MAX_TOKENS'],
  [{ kind: 'tool-calls', raw: 'tool_calls' }, 'STOP'],
  [{ kind: 'content-filter' }, 'SAFETY'],
  [{ kind: 'other', raw: 'RECITATION' }, 'RECITATION'],
  [{ kind: 'other', raw: 'pause' }, 'OTHER'],
] as const)('says why it ended: %j as %s', (finishReason, word) => {
  expect(write([[START, { type: 'reply-end', finishReason }]])).toEqual([last(undefined, {}, word)]);
});

describe('an error', () => {
  const error = new GatewayError('rate-limited', 'Slow down.', { retryAfterMs: 6_100 });
  const details = [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }];
  const body = { error: { code: 429, message: 'Slow down.', status: 'RESOURCE_EXHAUSTED', details } };
  const createWriter = () => createFrameWriter(head, { events: true, showThoughts: false });

  it('that comes alone is bare JSON, as Google sends it', () => {
    const written = createWriter().write([{ type: 'error', error }]);
    expect(written).toMatch(/\}\n\n$/);
    expect(JSON.parse(written)).toEqual(body);
  });

  it('that comes behind other frames is one of them', () => {
    const written = createWriter().write([START, text('x'), { type: 'error', error }]);
    expect(written.split('\n\n').slice(1)).toEqual([`data: ${JSON.stringify(body)}`, '']);
  });

  it('is an answer with the same body', () => {
    expect(writeError(error)).toEqual({ status: 429, headers: { 'retry-after': '7' }, body });
    const wrong = new GatewayError('invalid-request', 'x must be y.', { param: 'x' });
    expect(writeError(wrong).body).toEqual({
      error: {
        code: 400,
        message: 'x must be y.',
        status: 'INVALID_ARGUMENT',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.BadRequest',
            fieldViolations: [{ field: 'x', description: 'x must be y.' }],
          },
        ],
      },
    });
  });

  it.each([
    ['unauthorized', {}, 401, 'UNAUTHENTICATED'],
    ['overloaded', { status: 529 }, 529, 'UNAVAILABLE'],
    ['upstream', { status: 200 }, 502, 'INTERNAL'],
    ['unsupported', {}, 501, 'UNIMPLEMENTED'],
  ] as const)('of the kind %s %j has the code %i and the status %s', (kind, extra, code, status) => {
    const answer = writeError(new GatewayError(kind, 'No.', extra));
    expect(answer).toEqual({ status: code, headers: {}, body: { error: { code, message: 'No.', status } } });
  });
});

it('fills silence with white space, which is all that every client skips', () => {
  const writer = createFrameWriter(head, { events: true, showThoughts: false });
  expect(writer.keepAlive).toBe('\n');
  // How the Gemini CLI finds its frames.
  const reader = /^\s*data: (.*)(?:\n\n|\r\r|\r\n\r\n)/;
  const [, json = ''] = reader.exec(writer.keepAlive + writer.keepAlive + writer.write([START, text('x')])) ?? [];
  expect(JSON.parse(json)).toEqual(frame({ text: 'x' }));
});

it.each([
  ['arguments of a tool call', callStart(0, 'c', 'f'), (words: string) => callDelta(0, words)],
  [
    'thinking',
    { type: 'reasoning-start', block: 0 },
    (words: string) => ({ type: 'reasoning-delta', block: 0, text: words }),
  ],
] as const)('does not hold %s that never end', (_what, start, createDelta) => {
  const writer = createFrameWriter(head, { events: true, showThoughts: false });
  writer.write([START, start as ConversationEvent]);
  const delta = createDelta('x'.repeat(8 * 1024 ** 2)) as ConversationEvent;
  const go = () => {
    for (let times = 0; times < 9; times++) writer.write([delta]);
  };
  expect(go).toThrow(expect.objectContaining({ kind: 'upstream', message: expect.stringContaining('longer than') }));
});
