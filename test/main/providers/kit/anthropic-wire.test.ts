// Anthropic's Messages API as an upstream: its answers cut at every byte, and what the same dialect's clients said going out whole.
import { describe, expect, it } from 'vitest';
import type { ConversationRequest } from '../../../../main/canonical/conversation.ts';
import { writeAnthropicRequest } from '../../../../main/providers/kit/anthropic-request.ts';
import { createAnthropicReaders } from '../../../../main/providers/kit/anthropic-stream.ts';
import { everySplit, readPieces, readWhole } from '../../../support/splits.ts';

const frame = (type: string, fields: object) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`;
const block = (index: number, start: object, ...deltas: object[]) => [
  frame('content_block_start', { index, content_block: start }),
  ...deltas.map((delta) => frame('content_block_delta', { index, delta })),
  frame('content_block_stop', { index }),
];
const STREAM = [
  frame('message_start', { message: { id: 'm', model: 'k2', usage: { input_tokens: 3, cache_read_input_tokens: 2 } } }),
  frame('ping', {}),
  ...block(
    0,
    { type: 'thinking', thinking: '' },
    { type: 'thinking_delta', thinking: 'Hm 猫.' },
    { type: 'signature_delta', signature: 'c2ln' },
  ),
  ...block(1, { type: 'redacted_thinking', data: 'aGlk' }),
  ...block(2, { type: 'text', text: '' }, { type: 'text_delta', text: 'I ' }, { type: 'text_delta', text: 'look 🐈.' }),
  ...block(
    3,
    { type: 'tool_use', id: 't1', name: 'run', input: {} },
    { type: 'input_json_delta', partial_json: '{"a"' },
    { type: 'input_json_delta', partial_json: ':1}' },
  ),
  frame('message_delta', { delta: { stop_reason: 'tool_use', stop_sequence: null }, usage: { output_tokens: 5 } }),
  frame('message_stop', {}),
].join('');

const readers = createAnthropicReaders('test');

describe('an answer', () => {
  const whole = readWhole(() => readers.createStreamReader(), Buffer.from(STREAM));

  it('says what it holds', () => {
    expect(whole.filter(({ type }) => !type.endsWith('-delta'))).toMatchObject([
      { type: 'reply-start', id: 'm', model: 'k2' },
      { type: 'reasoning-start' },
      { type: 'reasoning-end', metadata: { anthropic: { signature: 'c2ln' } } },
      { type: 'reasoning-start' },
      { type: 'reasoning-end', metadata: { anthropic: { redacted: 'aGlk' } } },
      { type: 'text-start' },
      { type: 'text-end' },
      { type: 'tool-call-start', id: 't1', name: 'run' },
      { type: 'tool-call-end' },
      { type: 'usage', usage: { inputTokens: 5, cachedInputTokens: 2, outputTokens: 5 } },
      { type: 'reply-end', finishReason: { kind: 'tool-calls', raw: 'tool_use' } },
    ]);
  });

  it('means the same wherever it is cut', () => {
    for (const pieces of everySplit(Buffer.from(STREAM)))
      expect(readPieces(() => readers.createStreamReader(), pieces)).toEqual(whole);
  });

  it('is the same in one piece', () => {
    const content = [
      { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
      { type: 'text', text: 'Yes.' },
      { type: 'tool_use', id: 't1', name: 'run', input: { a: 1 } },
    ];
    const events = readers.readWhole(
      JSON.stringify({ id: 'm', content, stop_reason: 'max_tokens', usage: { output_tokens: 1 } }),
    );
    expect(events.at(-1)).toMatchObject({ type: 'reply-end', finishReason: { kind: 'length' } });
    expect(events).toContainEqual({ type: 'tool-call-delta', block: 2, text: '{"a":1}' });
  });

  it('that breaks off or fails is an error', () => {
    const cut = STREAM.slice(0, STREAM.indexOf('event: message_delta'));
    expect(readWhole(() => readers.createStreamReader(), Buffer.from(cut)).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'upstream' },
    });
    const failed = cut + frame('error', { error: { type: 'overloaded_error', message: 'Busy' } });
    expect(readWhole(() => readers.createStreamReader(), Buffer.from(failed)).at(-1)).toMatchObject({
      type: 'error',
      error: { kind: 'overloaded', message: 'Busy' },
    });
  });
});

it('cache markers, signatures and unknown fields of the dialect go out as they came in', () => {
  const mark = { anthropic: { cache_control: { type: 'ephemeral' } } };
  const request: ConversationRequest = {
    model: 'k2',
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'Be brief.', metadata: mark }] },
      { role: 'user', parts: [{ type: 'text', text: 'Go.' }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm.', metadata: { anthropic: { signature: 'c2ln' } } },
          { type: 'tool-call', id: 't1', name: 'run', arguments: '{"a":1}' },
        ],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', toolCallId: 't1', parts: [{ type: 'text', text: 'No.' }], isError: true }],
      },
      { role: 'user', parts: [{ type: 'text', text: 'And now?' }] },
    ],
    tools: [{ name: 'run', metadata: mark }],
    toolChoice: { type: 'required' },
    parallelToolCalls: false,
    seed: 1,
    metadata: { anthropic: { fields: { service_tier: 'auto' } } },
  };
  const notes: string[] = [];
  const body = JSON.parse(
    writeAnthropicRequest(request, true, { maxTokens: 9, thinking: undefined }, (text) => notes.push(text)),
  );
  const cache_control = { type: 'ephemeral' };
  expect(body).toEqual({
    service_tier: 'auto',
    model: 'k2',
    max_tokens: 9,
    stream: true,
    system: [{ type: 'text', text: 'Be brief.', cache_control }],
    messages: [
      { role: 'user', content: [{ type: 'text', text: 'Go.' }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Hm.', signature: 'c2ln' },
          { type: 'tool_use', id: 't1', name: 'run', input: { a: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 't1', is_error: true, content: [{ type: 'text', text: 'No.' }] },
          { type: 'text', text: 'And now?' },
        ],
      },
    ],
    tools: [{ name: 'run', cache_control, input_schema: { type: 'object', properties: {} } }],
    tool_choice: { type: 'any', disable_parallel_tool_use: true },
  });
  expect(notes).toEqual(['Left out, as this upstream has no field for it: seed.']);
});
