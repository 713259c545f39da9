// An agent's recorded lines, read whole and cut anywhere, and lines that the record does not have.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { createAgentReader } from '../../../../main/providers/claude-code/agent-reader.ts';
import { createNdjsonReader } from '../../../../main/subprocess/ndjson.ts';

// Recorded from version 2.1.329 against a stand-in of its upstream; paths and ids of the machine removed.
const work = readFileSync(join(import.meta.dirname, '../../../fixtures/claude-agent/work.jsonl'));
const exit = { code: 0, signal: undefined, failure: undefined, stderr: '' };

function createReader(showsSteps = true) {
  const notes: string[] = [];
  const reader = createAgentReader({
    showsSteps,
    folder: '/project',
    note: (text) => notes.push(text),
    meter: undefined,
  });
  return { reader, notes };
}

function readBytes(pieces: readonly Buffer[], showsSteps = true): ConversationEvent[] {
  const lines = createNdjsonReader(() => {});
  const { reader } = createReader(showsSteps);
  const events: ConversationEvent[] = [];
  for (const piece of pieces) {
    for (const line of lines.push(piece)) reader.read(line as JsonObject);
    events.push(...reader.take());
  }
  reader.end(exit);
  return [...events, ...reader.take()];
}

function readLines(...lines: readonly object[]) {
  const { reader, notes } = createReader();
  const steps = lines.map((line) => reader.read(line as JsonObject));
  return { reader, steps, notes, events: reader.take() };
}

/** Consecutive pieces of one block joined. */
function digest(events: readonly ConversationEvent[]): string[] {
  const said: string[] = [];
  for (const event of events) {
    const { type, ...rest } = event;
    const last = said.length - 1;
    if ((type === 'text-delta' || type === 'reasoning-delta') && said[last]?.startsWith(type)) said[last] += event.text;
    else said.push('text' in event ? `${type} ${event.text}` : `${type} ${JSON.stringify(rest)}`);
  }
  return said;
}

const event = (inner: object) => ({ type: 'stream_event', event: inner, parent_tool_use_id: null });
const start = (id: string) =>
  event({ type: 'message_start', message: { id, model: 'claude-x', usage: { input_tokens: 1 } } });
const delta = (text: string) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } });
const end = event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } });
const call = {
  type: 'assistant',
  message: { id: 'm1', content: [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls' } }] },
};
const result = (fields: object) => ({ type: 'result', subtype: 'success', is_error: false, ...fields });
const error = (events: readonly ConversationEvent[]) =>
  events.find((each): each is Extract<ConversationEvent, { type: 'error' }> => each.type === 'error')?.error;

describe('recorded work', () => {
  it('becomes text, and reasoning with a line for each step and its outcome', () => {
    expect(digest(readBytes([work]))).toMatchInlineSnapshot(`
      [
        "reply-start {"id":"msg_stub_1","model":"claude-opus-5-5"}",
        "reasoning-start {"block":0}",
        "reasoning-delta let me think",
        "reasoning-end {"block":0}",
        "text-start {"block":1}",
        "text-delta I look.",
        "text-end {"block":1}",
        "reasoning-start {"block":2}",
        "reasoning-delta Read a.txt
      Bash: ls nothing
      Read: ok
      Bash: failed: Exit code 2: ls: cannot access 'nothing': No such file or directory
      Agent: look around
      ok
      ",
        "reasoning-end {"block":2}",
        "text-start {"block":3}",
        "text-delta 

      All done.",
        "usage {"usage":{"inputTokens":68,"cachedInputTokens":40,"cacheWriteTokens":3,"outputTokens":19}}",
        "text-end {"block":3}",
        "reply-end {"finishReason":{"kind":"stop","raw":"end_turn"}}",
      ]
    `);
  });

  it('shows no steps where they are not wanted, and nothing of a helper ever', () => {
    const said = digest(readBytes([work], false)).join('\n');
    expect(said).toContain('reasoning-delta let me think');
    expect(said).not.toContain('Bash');
    expect(said).not.toContain('sub words');
  });

  it('means the same split anywhere', () => {
    const whole = digest(readBytes([work]));
    expect(digest(readBytes([...work].map((byte) => Buffer.from([byte]))))).toEqual(whole);
    for (let at = 1; at < work.length; at += 61)
      expect(digest(readBytes([work.subarray(0, at), work.subarray(at)]))).toEqual(whole);
  });
});

describe('a turn', () => {
  it('is busy while a tool runs, and not before or after', () => {
    const answer = { type: 'user', message: { content: [{ type: 'tool_result', tool_use_id: 't1', content: 'x' }] } };
    const { reader } = createReader();
    const busy = [start('m1'), call, end, answer].map((line) => {
      reader.read(line as JsonObject);
      return [reader.inMessage, reader.busy];
    });
    expect(busy).toEqual([
      [true, false],
      [true, true],
      [false, true],
      [false, false],
    ]);
  });

  it('that its limits end is a full answer cut short, and says so', () => {
    const { steps, events, notes } = readLines(start('m1'), delta('Hi'), end, {
      type: 'result',
      subtype: 'error_max_turns',
      is_error: true,
    });
    expect(steps.at(-1)).toBe('finish');
    expect(events.at(-1)).toMatchObject({ type: 'reply-end', finishReason: { kind: 'length', raw: 'max_turns' } });
    expect(notes).toEqual(['The agent was stopped: it has used all rounds of tools that one answer may take.']);
  });

  it('that begins to speak anew fails, and is not asked for again where it has done something', () => {
    const { steps, events } = readLines(start('m1'), call, end, start('m2'), delta('Half'), start('m3'));
    expect(steps.at(-1)).toBe('interrupt');
    expect(error(events)).toMatchObject({ kind: 'upstream', retryable: false });
    expect(error(readLines(start('m2'), delta('Half'), start('m3')).events)).toMatchObject({ retryable: true });
  });

  it('that is announced to be tried again goes on', () => {
    const retry = { type: 'system', subtype: 'api_retry', attempt: 1, error_status: 529 };
    expect(
      readLines(start('m1'), retry, start('m2'), delta('Hi'), end, result({ stop_reason: 'end_turn' })).steps.at(-1),
    ).toBe('finish');
  });

  it('that fails ends with the words of the program', () => {
    const { reader } = createReader();
    const failure = result({
      is_error: true,
      api_error_status: 429,
      result: 'API Error: Request rejected (429) · Slow down',
    });
    expect(reader.read(failure as JsonObject)).toBe('interrupt');
    reader.end(exit);
    expect(error(reader.take())).toMatchObject({ kind: 'rate-limited', message: 'Slow down' });
  });

  it('that fails tells nobody the address of its upstream', () => {
    const { reader } = createReader();
    const advice = 'Try again in a moment. If it persists, check your inference gateway (127.0.0.1:9000).';
    const words = 'API Error: Repeated 529 Overloaded errors. The API is at capacity.';
    reader.read(result({ is_error: true, api_error_status: 529, result: `${words} ${advice}` }) as JsonObject);
    reader.end(exit);
    const message = 'Repeated 529 Overloaded errors. The API is at capacity. Try again in a moment.';
    expect(error(reader.take())).toMatchObject({ kind: 'overloaded', message });
  });

  it('without an answer of the upstream is no answer', () => {
    expect(error(readLines(result({ num_turns: 0 })).events)).toMatchObject({ kind: 'internal' });
  });
});
