// Canonical events as Ollama's lines, with a clock that the test moves.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { writeChatContent, writeGenerateContent } from '../../../../main/protocols/ollama/response.ts';
import { createLineWriter } from '../../../../main/protocols/ollama/stream.ts';

const head = { requestId: 'r', model: 'asked', createdAt: 1, note: () => {} };

function createWriter(writeContent = writeChatContent) {
  const clock = { startedAt: 100, at: 100, now: () => clock.at };
  const writer = createLineWriter(head, writeContent, clock);
  const write = (batch: readonly ConversationEvent[], at = clock.at) => {
    clock.at = at;
    const text = writer.write(batch);
    expect(text === '' || text.endsWith('\n')).toBe(true);
    return text.split('\n').slice(0, -1).map(readLine);
  };
  return { writer, write };
}

function readLine(line: string): object {
  const { created_at: createdAt, ...rest } = JSON.parse(line);
  if (!('error' in rest)) expect(createdAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  return rest;
}

const text = (words: string): ConversationEvent => ({ type: 'text-delta', block: 0, text: words });
const END: ConversationEvent = { type: 'reply-end', finishReason: { kind: 'stop' } };
const line = (content: string, extra: object = {}) => ({
  model: 'asked',
  message: { role: 'assistant', content, ...extra },
  done: false,
});

it('names the model as the client did, whatever the upstream calls it', () => {
  const { write } = createWriter();
  expect(write([{ type: 'reply-start', model: 'upstream' }, { type: 'text-start', block: 0 }, text('a\n"b"')])).toEqual(
    [line('a\n"b"')],
  );
});

it('measures from the request to the first content, and from there to the end, in nanoseconds', () => {
  const { write } = createWriter();
  write([{ type: 'reply-start' }], 150);
  write([{ type: 'reasoning-delta', block: 0, text: 'hm' }], 350.5);
  write([text('x')], 400);
  const usage = { inputTokens: 3, outputTokens: 2, cachedInputTokens: 1 };
  expect(write([{ type: 'usage', usage }, END], 1100)).toEqual([
    {
      ...line(''),
      done: true,
      done_reason: 'stop',
      total_duration: 1_000_000_000,
      prompt_eval_count: 3,
      prompt_eval_duration: 250_500_000,
      eval_count: 2,
      eval_duration: 749_500_000,
    },
  ]);
});

it('does not divide the time of an answer that came in one piece, nor pass a guess for a count', () => {
  const { write } = createWriter();
  const usage = { inputTokens: 3, outputTokens: 2, estimated: true };
  const lines = write([{ type: 'reply-start' }, text('x'), { type: 'usage', usage }, END], 101);
  expect(lines[1]).toEqual({ ...line(''), done: true, done_reason: 'stop', total_duration: 1_000_000 });
});

it.each([
  [{ kind: 'length' }, 'length'],
  [{ kind: 'tool-calls', raw: 'tool_calls' }, 'stop'],
  [{ kind: 'content-filter' }, 'content_filter'],
  [{ kind: 'other', raw: 'pause' }, 'pause'],
  [{ kind: 'other' }, 'stop'],
] as const)('says why it ended: %j as %s', (finishReason, word) => {
  const { write } = createWriter();
  expect(write([{ type: 'reply-end', finishReason }])).toMatchObject([{ done: true, done_reason: word }]);
});

it('writes a tool call when its arguments are complete, also when two run side by side', () => {
  const { write } = createWriter();
  expect(
    write([
      { type: 'tool-call-start', block: 0, id: 'a', name: 'f' },
      { type: 'tool-call-start', block: 1, id: 'b', name: 'g' },
      { type: 'tool-call-delta', block: 1, text: '{"y":' },
      { type: 'tool-call-delta', block: 0, text: '{"x":[1' },
    ]),
  ).toEqual([]);
  expect(
    write([
      { type: 'tool-call-delta', block: 0, text: ']}' },
      { type: 'tool-call-end', block: 0 },
      { type: 'tool-call-delta', block: 1, text: 'null}' },
      { type: 'tool-call-end', block: 1 },
      { type: 'tool-call-start', block: 2, id: 'c', name: 'h' },
      { type: 'tool-call-end', block: 2 },
    ]),
  ).toEqual([
    line('', { tool_calls: [{ function: { name: 'f', arguments: { x: [1] } } }] }),
    line('', { tool_calls: [{ function: { name: 'g', arguments: { y: null } } }] }),
    line('', { tool_calls: [{ function: { name: 'h', arguments: {} } }] }),
  ]);
});

it('keeps the order in which calls began, as they are known by nothing else', () => {
  const { write } = createWriter();
  const calls: ConversationEvent[] = [
    { type: 'tool-call-start', block: 0, id: 'a', name: 'f' },
    { type: 'tool-call-start', block: 1, id: 'b', name: 'g' },
    { type: 'tool-call-end', block: 1 },
  ];
  expect(write(calls)).toEqual([]);
  expect(write([{ type: 'tool-call-end', block: 0 }])).toEqual([
    line('', { tool_calls: [{ function: { name: 'f', arguments: {} } }] }),
    line('', { tool_calls: [{ function: { name: 'g', arguments: {} } }] }),
  ]);
});

it.each(['[1]', '"x"', 'null', '{"x":'])('refuses arguments that are no object: %s', (broken) => {
  const { write } = createWriter();
  write([
    { type: 'tool-call-start', block: 0, id: 'a', name: 'f' },
    { type: 'tool-call-delta', block: 0, text: broken },
  ]);
  expect(() => write([{ type: 'tool-call-end', block: 0 }])).toThrow('"f" with arguments that are no JSON object');
});

it('ends a broken reply with an error and nothing else', () => {
  const { write } = createWriter();
  const error = new GatewayError('upstream', 'It broke.');
  expect(write([text('x'), { type: 'error', error }])).toEqual([line('x'), { error: 'It broke.' }]);
});

it('fills silence with a line that says nothing', () => {
  const { writer } = createWriter();
  expect(readLine(writer.keepAlive)).toEqual(line(''));
  expect(writer.keepAlive.indexOf('\n')).toBe(writer.keepAlive.length - 1);
});

it('writes a generate call with its own fields', () => {
  const { write, writer } = createWriter(writeGenerateContent);
  expect(write([{ type: 'reasoning-delta', block: 0, text: 'hm' }, text('x')])).toEqual([
    { model: 'asked', response: '', thinking: 'hm', done: false },
    { model: 'asked', response: 'x', done: false },
  ]);
  expect(readLine(writer.keepAlive)).toEqual({ model: 'asked', response: '', done: false });
});

it('writes the same lines however the events are batched', () => {
  const events: ConversationEvent[] = [
    { type: 'reply-start' },
    { type: 'reasoning-start', block: 0 },
    { type: 'reasoning-delta', block: 0, text: 'hm' },
    { type: 'reasoning-end', block: 0 },
    { type: 'text-start', block: 1 },
    { type: 'text-delta', block: 1, text: 'x' },
    { type: 'text-end', block: 1 },
    { type: 'tool-call-start', block: 2, id: 'a', name: 'f' },
    { type: 'tool-call-delta', block: 2, text: '{"x"' },
    { type: 'tool-call-delta', block: 2, text: ':1}' },
    { type: 'tool-call-end', block: 2 },
  ];
  const whole = createWriter().write(events);
  expect(whole).toHaveLength(3);
  for (let at = 0; at <= events.length; at++) {
    const { write } = createWriter();
    expect([...write(events.slice(0, at)), ...write(events.slice(at))]).toEqual(whole);
  }
});
