// Canonical events as Anthropic's frames: their form, their order, and that batches have no say in it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../../../main/canonical/event-writer.ts';
import type { ConversationEvent, EventBatch } from '../../../../main/canonical/events.ts';
import { createServerSentEventReader } from '../../../../main/http/sse.ts';
import { createMessagesStreamWriter } from '../../../../main/protocols/anthropic-messages/stream.ts';

const head = { requestId: 'r1', model: 'asked', createdAt: 1, note: () => {} };

function write(batches: readonly EventBatch[]): string {
  const writer = createMessagesStreamWriter(head);
  return batches.map((batch) => writer.write(batch)).join('');
}

function say(tell: (writer: EventWriter) => void): ConversationEvent[] {
  const writer = createEventWriter();
  tell(writer);
  return writer.take();
}

interface Frame {
  readonly type: string;
  readonly index?: number;
  readonly [field: string]: unknown;
}

function readFrames(text: string): Frame[] {
  const reader = createServerSentEventReader();
  return [...reader.push(Buffer.from(text)), ...reader.end()].map(({ event, data }) => {
    const frame = JSON.parse(data) as Frame;
    expect(event).toBe(frame.type);
    return frame;
  });
}

/** Everything that a reply can hold. */
const full = say((writer) => {
  writer.start({ id: 'msg_up', model: 'answers' });
  writer.usage({ inputTokens: 12, cachedInputTokens: 4, cacheWriteTokens: 3 });
  writer.reasoning('Two\ncities "é".');
  writer.endReasoning({ anthropic: { signature: 'sig+/=' } });
  writer.endReasoning({ anthropic: { signature: 'alone' } });
  writer.endReasoning({ anthropic: { redacted: 'secret+/=' } });
  writer.text('Let me ');
  writer.text('look.');
  writer.toolCall('a', { id: 'toolu_a', name: 'f' });
  writer.toolArguments('a', '{"x":');
  writer.toolCall('b', { id: 'toolu_b', name: 'g' });
  writer.toolArguments('b', '{}');
  writer.endToolCall('b');
  writer.toolCall('c', { id: 'toolu_c', name: 'h' });
  writer.toolArguments('a', '1}');
  writer.usage({ inputTokens: 12, cachedInputTokens: 4, cacheWriteTokens: 3, outputTokens: 9 });
  writer.end({ kind: 'tool-calls', raw: 'tool_calls' });
});

describe('a stream', () => {
  it('has the form that the official clients need', () => {
    expect(write([full])).toMatchInlineSnapshot(`
      "event: message_start
      data: {"type":"message_start","message":{"id":"msg_up","type":"message","role":"assistant","model":"answers","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":0}}}

      event: content_block_start
      data: {"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"Two\\ncities \\"é\\"."}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"sig+/="}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":0}

      event: content_block_start
      data: {"type":"content_block_start","index":1,"content_block":{"type":"thinking","thinking":"","signature":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":1,"delta":{"type":"signature_delta","signature":"alone"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":1}

      event: content_block_start
      data: {"type":"content_block_start","index":2,"content_block":{"type":"redacted_thinking","data":"secret+/="}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":2}

      event: content_block_start
      data: {"type":"content_block_start","index":3,"content_block":{"type":"text","text":""}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"Let me "}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":3,"delta":{"type":"text_delta","text":"look."}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":3}

      event: content_block_start
      data: {"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"toolu_a","name":"f","input":{}}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"{\\"x\\":"}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":4,"delta":{"type":"input_json_delta","partial_json":"1}"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":4}

      event: content_block_start
      data: {"type":"content_block_start","index":5,"content_block":{"type":"tool_use","id":"toolu_b","name":"g","input":{}}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":5,"delta":{"type":"input_json_delta","partial_json":"{}"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":5}

      event: content_block_start
      data: {"type":"content_block_start","index":6,"content_block":{"type":"tool_use","id":"toolu_c","name":"h","input":{}}}

      event: content_block_delta
      data: {"type":"content_block_delta","index":6,"delta":{"type":"input_json_delta","partial_json":"{}"}}

      event: content_block_stop
      data: {"type":"content_block_stop","index":6}

      event: message_delta
      data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"input_tokens":5,"cache_creation_input_tokens":3,"cache_read_input_tokens":4,"output_tokens":9}}

      event: message_stop
      data: {"type":"message_stop"}

      "
    `);
  });

  it('is the same however its events are batched', () => {
    const whole = write([full]);
    // The usage that stands beside the start must come with it; a later one is told at the end.
    for (let at = 2; at < full.length; at++) expect(write([full.slice(0, at), full.slice(at)])).toBe(whole);
    const single = full.map((event) => [event]);
    expect(write([full.slice(0, 2), ...single.slice(2)])).toBe(whole);
  });

  it('says 0 input tokens at its start where none are known', () => {
    const [start] = readFrames(write(full.map((event) => [event])));
    expect(start).toMatchObject({ message: { usage: { input_tokens: 0, output_tokens: 0 } } });
  });

  it('ends with an error frame and no clean end where it broke', () => {
    const broken = say((writer) => {
      writer.text('Half');
      writer.fail(new GatewayError('overloaded', 'Too much', { status: 529 }));
    });
    const frames = readFrames(write([broken]));
    expect(frames.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'error',
    ]);
    expect(frames.at(-1)).toEqual({
      type: 'error',
      error: { type: 'overloaded_error', message: 'Too much' },
      request_id: 'r1',
    });
  });

  it.each([
    [{ kind: 'stop', raw: 'stop' }, 'end_turn', null],
    [{ kind: 'stop', raw: 'stop_sequence', stopText: 'END' }, 'stop_sequence', 'END'],
    [{ kind: 'length', raw: 'length' }, 'max_tokens', null],
    [{ kind: 'length', raw: 'model_context_window_exceeded' }, 'model_context_window_exceeded', null],
    [{ kind: 'content-filter' }, 'refusal', null],
    [{ kind: 'other', raw: 'pause_turn' }, 'pause_turn', null],
    [{ kind: 'other', raw: 'strange' }, 'end_turn', null],
  ] as const)('tells why it ended: %j', (finishReason, reason, sequence) => {
    const frames = readFrames(write([say((writer) => writer.end(finishReason))]));
    expect(frames.at(-2)).toMatchObject({ delta: { stop_reason: reason, stop_sequence: sequence } });
  });

  it('takes no id that is not of its own kind, so that no two replies share one', () => {
    const [start] = readFrames(write([say((writer) => writer.start({ id: 'chatcmpl-1' }))]));
    expect(start).toMatchObject({ message: { id: 'msg_r1', model: 'asked' } });
  });
});

const key = fc.nat(2);
const text = fc.string({ maxLength: 3, unit: 'binary' });
const step: fc.Arbitrary<(writer: EventWriter) => void> = fc.oneof(
  text.map((said) => (writer: EventWriter) => writer.text(said)),
  text.map((said) => (writer: EventWriter) => writer.reasoning(said)),
  fc.constant((writer: EventWriter) => writer.endReasoning({ anthropic: { signature: 's' } })),
  fc.constant((writer: EventWriter) => writer.endReasoning({ anthropic: { redacted: 'r' } })),
  key.map((k) => (writer: EventWriter) => writer.toolCall(k, { id: `${k}`, name: 'f' })),
  fc.tuple(key, text).map(
    ([k, said]) =>
      (writer: EventWriter) =>
        writer.toolArguments(k, said),
  ),
  key.map((k) => (writer: EventWriter) => writer.endToolCall(k)),
);

it('never overlaps blocks, counts them from 0 and loses nothing, whatever runs side by side', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const events = say((writer) => {
        for (const tell of steps) tell(writer);
        writer.end({ kind: 'stop' });
      });
      let next = 0;
      let open: number | undefined;
      const said = new Map<number, string>();
      for (const { type, index = -1, delta } of readFrames(write([events]))) {
        if (type === 'content_block_start') {
          expect([open, index]).toEqual([undefined, next++]);
          open = index;
        } else if (type === 'content_block_delta') {
          expect(index).toBe(open);
          const { text: words, thinking, partial_json: json } = delta as Record<string, string | undefined>;
          said.set(index, (said.get(index) ?? '') + (words ?? thinking ?? json ?? ''));
        } else if (type === 'content_block_stop') {
          expect(index).toBe(open);
          open = undefined;
        }
      }
      expect(open).toBeUndefined();
      const wanted = new Map<number, string>();
      for (const event of events) {
        if ('block' in event && event.type.endsWith('-start')) next -= 1;
        if ('text' in event) wanted.set(event.block, (wanted.get(event.block) ?? '') + event.text);
      }
      expect(next).toBe(0);
      const spoken = [...said].filter(([, words]) => words !== '');
      expect(new Map(spoken)).toEqual(wanted);
    }),
  );
});
