// The grammar of events, held against anything a reader could say.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../../main/canonical/event-writer.ts';
import type { ConversationEvent } from '../../../main/canonical/events.ts';

/** Throws where events break the grammar of `events.ts`. */
function checkGrammar(events: readonly ConversationEvent[]): void {
  const open = new Map<number, string>();
  let next = 0;
  events.forEach((event, at) => {
    expect(at === 0).toBe(event.type === 'reply-start');
    if (event.type === 'reply-end' || event.type === 'error') expect(at).toBe(events.length - 1);
    if (event.type === 'reply-end') expect(open.size).toBe(0);
    if (!('block' in event)) return;
    const [kind, step] = [
      event.type.slice(0, event.type.lastIndexOf('-')),
      event.type.slice(event.type.lastIndexOf('-') + 1),
    ];
    if (step === 'start') {
      expect(event.block).toBe(next++);
      const inline = [...open.values()].filter((other) => other !== 'tool-call');
      expect(inline).toEqual([]);
      open.set(event.block, kind);
    } else {
      expect(open.get(event.block)).toBe(kind);
      if (step === 'delta') expect('text' in event && event.text).not.toBe('');
      if (step === 'end') open.delete(event.block);
    }
  });
}

const key = fc.nat(2);
const text = fc.string({ maxLength: 3 });
const step: fc.Arbitrary<(writer: EventWriter) => void> = fc.oneof(
  text.map((said) => (writer: EventWriter) => writer.text(said)),
  text.map((said) => (writer: EventWriter) => writer.reasoning(said)),
  key.map((k) => (writer: EventWriter) => writer.toolCall(k, { id: `${k}`, name: 'f' })),
  fc.tuple(key, text).map(
    ([k, said]) =>
      (writer: EventWriter) =>
        writer.toolArguments(k, said),
  ),
  key.map((k) => (writer: EventWriter) => writer.endToolCall(k)),
  fc.constant((writer: EventWriter) => writer.endBlock()),
  fc.constant((writer: EventWriter) => writer.endReasoning({ anthropic: { signature: 's' } })),
  fc.constant((writer: EventWriter) => writer.usage({ inputTokens: 1 })),
);
const ending: fc.Arbitrary<(writer: EventWriter) => void> = fc.constantFrom(
  (writer: EventWriter) => writer.end({ kind: 'stop' }),
  (writer: EventWriter) => writer.fail(new GatewayError('upstream', 'broken')),
);

it('keeps the grammar whatever a reader says, and says nothing after the end', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), ending, fc.array(step, { maxLength: 5 }), (before, end, after) => {
      const writer = createEventWriter();
      writer.start({ id: 'x' });
      for (const say of [...before, end, ...after]) say(writer);
      const events = writer.take();
      checkGrammar(events);
      expect(['reply-end', 'error']).toContain(events.at(-1)?.type);
    }),
  );
});

/** What is said of the arguments of a call that brings none. */
const argumentsOf = (say: (writer: EventWriter) => void) => {
  const writer = createEventWriter();
  writer.toolCall('a', { id: 'a', name: 'f' });
  say(writer);
  return writer.take().flatMap((event) => (event.type === 'tool-call-delta' ? event.text : []));
};

it('gives a complete call without arguments an empty object: clients parse whatever they get', () => {
  expect(argumentsOf((writer) => writer.endToolCall('a'))).toEqual(['{}']);
  expect(argumentsOf((writer) => writer.end({ kind: 'tool-calls' }))).toEqual(['{}']);
  const said = (writer: EventWriter) => {
    writer.toolArguments('a', ' ');
    writer.endToolCall('a');
  };
  expect(argumentsOf(said)).toEqual([' ']);
});

it('makes no whole call of one that was cut', () => {
  for (const kind of ['length', 'content-filter'] as const)
    expect(argumentsOf((writer) => writer.end({ kind }))).toEqual([]);
  expect(argumentsOf((writer) => writer.fail(new GatewayError('upstream', 'broken')))).toEqual([]);
});
