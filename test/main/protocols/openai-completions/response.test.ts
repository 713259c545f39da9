// The answers of legacy completions: frames as they go out, and what has no place in them.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../../../main/canonical/event-writer.ts';
import type { EventBatch } from '../../../../main/canonical/events.ts';
import { createCompletionStreamWriter, writeReply } from '../../../../main/protocols/openai-completions/response.ts';

function createHead() {
  const notes: string[] = [];
  return { notes, head: { requestId: 'r1', model: 'm', createdAt: 5, note: (text: string) => notes.push(text) } };
}

function write(say: (writer: EventWriter) => void): EventBatch {
  const writer = createEventWriter();
  say(writer);
  return writer.take();
}

const EVERYTHING = write((writer) => {
  writer.start({ id: 'up-1', model: 'stub' });
  writer.reasoning('Hm.');
  writer.reasoning(' Well.');
  writer.text('Grü"ße\n');
  writer.text('🙂');
  writer.usage({ inputTokens: 3, outputTokens: 2 });
  writer.end({ kind: 'length' });
});

const START = 'data: {"id":"up-1","object":"text_completion","created":5,"model":"stub","choices":[';

it('writes one frame for each piece of text, then why it ended, the counts and the end', () => {
  const { head, notes } = createHead();
  const frames = createCompletionStreamWriter(head, { includeUsage: true, echo: '' }).write(EVERYTHING);
  expect(frames.split('\n\n')).toEqual([
    `${START}{"index":0,"text":"Grü\\"ße\\n","logprobs":null,"finish_reason":null}],"usage":null}`,
    `${START}{"index":0,"text":"🙂","logprobs":null,"finish_reason":null}],"usage":null}`,
    `${START}{"index":0,"text":"","logprobs":null,"finish_reason":"length"}],"usage":null}`,
    `${START}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`,
    'data: [DONE]',
    '',
  ]);
  expect(notes).toEqual([expect.stringContaining('thinking was left out')]);
});

it('writes the same however the events are batched', () => {
  const create = () => createCompletionStreamWriter(createHead().head, { includeUsage: true, echo: 'Say: ' });
  const whole = create().write(EVERYTHING);
  for (let at = 1; at < EVERYTHING.length; at++) {
    const writer = create();
    expect(writer.write(EVERYTHING.slice(0, at)) + writer.write(EVERYTHING.slice(at))).toBe(whole);
  }
  const single = create();
  expect(EVERYTHING.map((event) => single.write([event])).join('')).toBe(whole);
  expect(whole.startsWith(`${START}{"index":0,"text":"Say: ",`)).toBe(true);
});

it('leaves the counts out where nobody asked for them, and names itself where the upstream does not', () => {
  const events = write((writer) => {
    writer.text('a');
    writer.usage({ inputTokens: 3 });
    writer.end({ kind: 'stop' });
  });
  const frames = createCompletionStreamWriter(createHead().head, { includeUsage: false, echo: '' }).write(events);
  expect(frames).not.toContain('usage');
  expect(frames.match(/"id":"cmpl-r1"/g)).toHaveLength(2);
});

it('never ends a broken stream as if it were complete', () => {
  const events = write((writer) => {
    writer.text('a');
    writer.fail(new GatewayError('upstream', 'On fire'));
  });
  const frames = createCompletionStreamWriter(createHead().head, { includeUsage: true, echo: '' }).write(events);
  expect(frames).toContain('"text":"a"');
  expect(frames).toContain('data: {"error":{"message":"On fire","type":"server_error"');
  expect(frames).not.toContain('[DONE]');
});

it('writes a whole answer without the thinking, and says so', () => {
  const { head, notes } = createHead();
  const parts = [
    { type: 'reasoning', text: 'Hm.' },
    { type: 'text', text: 'b' },
  ] as const;
  expect(writeReply({ parts, finishReason: { kind: 'stop' } }, head, 'a')).toEqual({
    id: 'cmpl-r1',
    object: 'text_completion',
    created: 5,
    model: 'm',
    choices: [{ index: 0, text: 'ab', logprobs: null, finish_reason: 'stop' }],
  });
  expect(notes).toHaveLength(1);
});
