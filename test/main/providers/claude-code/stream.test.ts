// Recorded lines of the real program, read whole, byte by byte and cut anywhere.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { createToolNames } from '../../../../main/providers/claude-code/names.ts';
import { createReplyReader, type NextStep } from '../../../../main/providers/claude-code/stream.ts';
import { createNdjsonReader } from '../../../../main/subprocess/ndjson.ts';

const folder = join(import.meta.dirname, '../../../fixtures/claude-code');
// Recorded from version 2.1.329 against a stand-in of its upstream; paths and ids of the machine removed.
const load = (name: string) => readFileSync(join(folder, `${name}.jsonl`));
const names = createToolNames([{ name: 'get.weather' }]);
const exit = { code: 0, signal: undefined, failure: undefined, stderr: '' };

function read(chunks: readonly Buffer[], ended = exit) {
  const lines = createNdjsonReader(() => {});
  const reader = createReplyReader({ renewsLogin: false, retries: 0, meter: undefined, names });
  const steps: NextStep[] = [];
  const events: ConversationEvent[] = [];
  for (const chunk of chunks) {
    for (const line of lines.push(chunk)) steps.push(reader.read(line as JsonObject));
    events.push(...reader.take());
  }
  if (!reader.ended) reader.end(ended);
  events.push(...reader.take());
  return { events, steps: steps.filter((step) => step !== 'wait') };
}

/** The events in short. */
function digest({ events }: { events: readonly ConversationEvent[] }): string[] {
  return events.map((event) => {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        return `${event.type} ${event.block} ${event.text}`;
      case 'error':
        return `error ${event.error.kind} ${event.error.status} ${event.error.message}`;
      default: {
        const { type, ...rest } = JSON.parse(JSON.stringify(event));
        return `${type} ${JSON.stringify(rest)}`;
      }
    }
  });
}

describe('recorded lines', () => {
  it('become reasoning with its signature, text, usage and an end', () => {
    const result = read([load('thinking-text')]);
    expect(result.steps).toEqual(['finish']);
    expect(digest(result)).toMatchInlineSnapshot(`
      [
        "reply-start {"id":"msg_stub_1","model":"claude-opus-5-5"}",
        "usage {"usage":{"inputTokens":48,"cachedInputTokens":40,"cacheWriteTokens":3,"outputTokens":1}}",
        "reasoning-start {"block":0}",
        "reasoning-delta 0 let ",
        "reasoning-delta 0 me ",
        "reasoning-delta 0 think",
        "reasoning-end {"block":0,"metadata":{"anthropic":{"signature":"c2lnbmF0dXJl"}}}",
        "text-start {"block":1}",
        "text-delta 1 Grüße, ",
        "text-delta 1 🌍 ",
        "text-delta 1 world",
        "text-end {"block":1}",
        "usage {"usage":{"inputTokens":48,"cachedInputTokens":40,"cacheWriteTokens":3,"outputTokens":9}}",
        "reply-end {"finishReason":{"kind":"stop","raw":"end_turn"},"metadata":{"anthropic":{"usage":{"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}}}",
      ]
    `);
  });

  it('become parallel tool calls under the names that the client knows, and what the program adds is left out', () => {
    const result = read([load('tool-call')]);
    expect(result.steps).toEqual(['interrupt']);
    expect(digest(result)).toMatchInlineSnapshot(`
      [
        "reply-start {"id":"msg_stub_1","model":"claude-opus-5-5"}",
        "usage {"usage":{"inputTokens":10,"cachedInputTokens":0,"cacheWriteTokens":0,"outputTokens":1}}",
        "text-start {"block":0}",
        "text-delta 0 Let ",
        "text-delta 0 me ",
        "text-delta 0 look.",
        "text-end {"block":0}",
        "tool-call-start {"block":1,"id":"toolu_1","name":"get.weather"}",
        "tool-call-delta 1 {"cit",
        "tool-call-delta 1 y":"O",
        "tool-call-delta 1 slo"}",
        "tool-call-end {"block":1}",
        "tool-call-start {"block":2,"id":"toolu_2","name":"get.weather"}",
        "tool-call-delta 2 {"city",
        "tool-call-delta 2 ":"Ber",
        "tool-call-delta 2 gen"}",
        "tool-call-end {"block":2}",
        "usage {"usage":{"inputTokens":10,"cachedInputTokens":0,"cacheWriteTokens":0,"outputTokens":5}}",
        "reply-end {"finishReason":{"kind":"tool-calls","raw":"tool_use"},"metadata":{"anthropic":{"usage":{"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}}}",
      ]
    `);
  });

  it('end at the limit, before the program goes on by itself', () => {
    const result = read([load('max-tokens')]);
    expect(result.steps).toEqual(['interrupt']);
    expect(digest(result).join('\n')).not.toContain('SECOND');
    expect(result.events.at(-1)).toMatchObject({ finishReason: { kind: 'length', raw: 'max_tokens' } });
  });

  it('end as refused where the model refused, without the words of the program', () => {
    const result = read([load('refusal')]);
    expect(digest(result)).toMatchInlineSnapshot(`
      [
        "reply-start {"id":"msg_stub_1","model":"claude-opus-5-5"}",
        "usage {"usage":{"inputTokens":10,"cachedInputTokens":0,"cacheWriteTokens":0,"outputTokens":1}}",
        "text-start {"block":0}",
        "text-delta 0 I ",
        "text-delta 0 cannot",
        "text-end {"block":0}",
        "usage {"usage":{"inputTokens":10,"cachedInputTokens":0,"cacheWriteTokens":0,"outputTokens":5}}",
        "reply-end {"finishReason":{"kind":"content-filter","raw":"refusal"},"metadata":{"anthropic":{"usage":{"cache_creation":{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0},"service_tier":"standard"}}}}",
      ]
    `);
  });

  it('never end well after a cut or an error event', () => {
    const stderr = '[ERROR] API error (attempt 1/2): undefined Connection error.\n';
    expect(digest(read([load('cut')], { ...exit, stderr })).at(-1)).toBe(
      'error upstream undefined The upstream closed the connection in the middle of its answer.',
    );
    expect(digest(read([load('error-event')])).at(-1)).toBe('error overloaded 529 Overloaded');
  });

  it('tell when the limit of a plan is lifted', () => {
    vi.useFakeTimers({ now: 1_795_230_000_000, toFake: ['Date'] });
    const { events } = read([load('rate-limit-plan')]);
    vi.useRealTimers();
    const error = events.find((event) => event.type === 'error')?.error;
    expect(error).toMatchObject({ kind: 'rate-limited', status: 429, code: 'usage_limit_reached' });
    expect(error?.message).toContain("You've hit your 5-hour limit");
    expect(error?.retryAfterMs).toBe(589_000);
  });

  it.each(readdirSync(folder).map((file) => file.replace('.jsonl', '')))('mean the same split anywhere: %s', (name) => {
    const bytes = load(name);
    const whole = digest(read([bytes]));
    const step = 23; // every byte is its own chunk further down
    for (let at = 1; at < bytes.length; at += step) {
      expect(digest(read([bytes.subarray(0, at), bytes.subarray(at)]))).toEqual(whole);
    }
    expect(digest(read([...bytes].map((byte) => Buffer.from([byte]))))).toEqual(whole);
  });
});

describe('other lines', () => {
  const lines = (...objects: object[]) => [Buffer.from(objects.map((line) => `${JSON.stringify(line)}\n`).join(''))];
  const start = { type: 'stream_event', event: { type: 'message_start', message: { id: 'm', model: 'x' } } };
  const text = (words: string) => ({
    type: 'stream_event',
    event: { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } },
  });

  it('of sub-agents are no part of the reply', () => {
    const { events } = read(lines({ ...start, parent_tool_use_id: 'toolu_1' }));
    expect(events.map(({ type }) => type)).toEqual(['error']);
  });

  it('of thinking that shows no text keep what the upstream wants back, and name the text that ended the answer', () => {
    const events = [
      { type: 'content_block_start', index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } },
      { type: 'content_block_delta', index: 0, delta: { type: 'signature_delta', signature: 's+/=' } },
      { type: 'content_block_stop', index: 0 },
      { type: 'content_block_start', index: 1, content_block: { type: 'redacted_thinking', data: 'r+/=' } },
      { type: 'content_block_stop', index: 1 },
      { type: 'message_delta', delta: { stop_reason: 'stop_sequence', stop_sequence: 'END' } },
    ];
    const result = read(lines(...events.map((event) => ({ type: 'stream_event', event }))));
    expect(digest(result)).toEqual([
      'reply-start {}',
      'reasoning-start {"block":0}',
      'reasoning-end {"block":0,"metadata":{"anthropic":{"signature":"s+/="}}}',
      'reasoning-start {"block":1}',
      'reasoning-end {"block":1,"metadata":{"anthropic":{"redacted":"r+/="}}}',
      'usage {"usage":{}}',
      'reply-end {"finishReason":{"kind":"stop","raw":"stop_sequence","stopText":"END"}}',
    ]);
  });

  it('with a whole answer count where no stream came', () => {
    const message = {
      id: 'm',
      model: 'x',
      content: [
        { type: 'thinking', thinking: 'hm', signature: 's' },
        { type: 'text', text: 'Hello' },
      ],
      stop_reason: 'end_turn',
      usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: null },
    };
    const result = read(lines({ type: 'assistant', message }));
    expect(digest(result)).toEqual([
      'reply-start {"id":"m","model":"x"}',
      'reasoning-start {"block":0}',
      'reasoning-delta 0 hm',
      'reasoning-end {"block":0,"metadata":{"anthropic":{"signature":"s"}}}',
      'text-start {"block":1}',
      'text-delta 1 Hello',
      'text-end {"block":1}',
      'usage {"usage":{"inputTokens":1,"outputTokens":2}}',
      'reply-end {"finishReason":{"kind":"stop","raw":"end_turn"}}',
    ]);
  });

  it('that begin the answer anew break it off, instead of saying it twice', () => {
    const result = read(lines(start, text('Hel'), start, text('Hello')));
    expect(digest(result).slice(-2)).toEqual([
      'text-delta 0 Hel',
      'error upstream undefined Claude Code began its answer anew; what came before it is not complete.',
    ]);
    expect(result.steps).toEqual(['interrupt']);
  });

  it('of a turn that never reached the upstream are a fault, not an empty answer', () => {
    const { events } = read(lines({ type: 'result', subtype: 'success', is_error: false, num_turns: 0, result: '' }));
    expect(events).toMatchObject([{ type: 'error', error: { kind: 'internal' } }]);
  });

  it('that stop without an end are a failure that tells how the program ended', () => {
    const stderr = "[DEBUG] x\nerror: unknown option '--nope'\n}\n";
    const { events } = read(lines(start), { ...exit, code: 1, stderr } as typeof exit);
    expect(digest({ events }).at(-1)).toBe(
      "error upstream undefined Claude Code ended with code 1 before its answer was complete. It said: error: unknown option '--nope'",
    );
  });

  it.each([
    [401, 'authentication_error', 'unauthorized'],
    [402, 'billing_error', 'quota-exhausted'],
    [403, 'permission_error', 'forbidden'],
    [404, 'not_found_error', 'not-found'],
    [413, 'request_too_large', 'too-large'],
    [429, 'rate_limit_error', 'rate-limited'],
    [500, 'api_error', 'upstream'],
    [529, 'overloaded_error', 'overloaded'],
  ])('of status %i are %s', (status, type, kind) => {
    const message = { model: '<synthetic>', content: [{ type: 'text', text: `API Error: ${status} Words` }] };
    const line = { type: 'assistant', message, error: 'unknown', api_error_status: status, api_error_type: type };
    const { events } = read(lines(line));
    expect(events).toMatchObject([{ error: { kind, status, message: 'Words', provider: 'claude-code' } }]);
  });

  it.each([
    ['Prompt is too long · the request is 9 tokens', 400, 'invalid-request', 'context_length_exceeded'],
    ["You're out of extra usage", 400, 'quota-exhausted', 'unknown_type'],
    ['Not logged in · Please run /login', undefined, 'unauthorized', 'not_logged_in'],
  ])('are read by their words where the status says less: %s', (words, status, kind, code) => {
    const message = { model: '<synthetic>', content: [{ type: 'text', text: words }] };
    const line = { type: 'assistant', message, api_error_status: status, error: 'unknown_type' };
    expect(read(lines(line)).events).toMatchObject([{ error: { kind, code } }]);
  });

  it('that announce a retry take words and wait from the standard error', () => {
    const line = {
      type: 'system',
      subtype: 'api_retry',
      error_status: 429,
      retry_delay_ms: 8_420,
      error: 'rate_limit',
    };
    const stderr = `[Anthropic SDK DEBUG] [log_1] response error (error; no more retries left) {
  headers: {
    "retry-after": "7",
  },
}
2026-11-21T02:38:38.668Z [ERROR] API error (attempt 1/2): 429 429 {"type":"error","error":{"type":"rate_limit_error","message":"Slow down"}}\n`;
    expect(read(lines(line), { ...exit, stderr }).events).toMatchObject([
      { error: { kind: 'rate-limited', status: 429, message: 'Slow down', retryAfterMs: 7_000 } },
    ]);
    expect(read(lines(line)).events).toMatchObject([
      { error: { message: 'The upstream answered HTTP 429.', retryAfterMs: 8_000 } },
    ]);
  });

  it('of a login that is being renewed do not stop the program', () => {
    const line = { type: 'system', subtype: 'api_retry', error_status: 401, retry_delay_ms: 500 };
    expect(createReplyReader({ renewsLogin: true, retries: 0, meter: undefined, names }).read(line)).toBe('wait');
    expect(createReplyReader({ renewsLogin: false, retries: 0, meter: undefined, names }).read(line)).toBe('interrupt');
  });

  it('are let pass as often as the settings say, and never within an answer', () => {
    const line = { type: 'system', subtype: 'api_retry', error_status: 529, retry_delay_ms: 500 };
    const patient = createReplyReader({ renewsLogin: false, retries: 2, meter: undefined, names });
    expect([line, line, line].map((each) => patient.read(each))).toEqual(['wait', 'wait', 'interrupt']);
    const begun = createReplyReader({ renewsLogin: false, retries: 2, meter: undefined, names });
    begun.read({ type: 'stream_event', event: { type: 'message_start', message: { id: 'm' } } });
    expect(begun.read(line)).toBe('interrupt');
  });
});
