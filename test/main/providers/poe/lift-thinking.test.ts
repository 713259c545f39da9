// Thinking lifted out of a reply that was read already: the rest of the reply stays what it was.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../../../main/canonical/event-writer.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { liftThinking } from '../../../../main/providers/poe/lift-thinking.ts';
import { describeEvents } from '../../../support/poe-scene.ts';

async function lift(write: (writer: EventWriter) => void, thinking: 'reasoning' | 'remove' = 'reasoning') {
  const writer = createEventWriter();
  write(writer);
  async function* one() {
    yield writer.take();
  }
  const lifted: ConversationEvent[] = [];
  for await (const batch of liftThinking(one(), { thinking, mayFence: false })) lifted.push(...batch);
  return lifted;
}

test('calls, counts and the end stay, and nothing that was held comes behind them', async () => {
  const lifted = await lift((writer) => {
    writer.start({ id: 'x', model: 'm' });
    writer.reasoning('Before. ');
    writer.text('*Thinking...*\n> hm\n\n<think');
    writer.toolCall(0, { id: 'call_1', name: 'time' });
    writer.toolArguments(0, '{"a":1}');
    writer.usage({ inputTokens: 1 });
    writer.end({ kind: 'tool-calls' }, { openai: { x: 1 } });
  });
  expect(describeEvents(lifted)).toEqual([
    'reasoning: Before. hm\n',
    'text: <think',
    'call time {"a":1}',
    'end tool-calls',
  ]);
  expect(lifted[0]).toEqual({ type: 'reply-start', id: 'x', model: 'm' });
  expect(lifted).toContainEqual({ type: 'usage', usage: { inputTokens: 1 } });
  expect(lifted.at(-1)).toMatchObject({ metadata: { openai: { x: 1 } } });
});

test('a reply that broke off stays broken, with all of its words', async () => {
  const lifted = await lift((writer) => {
    writer.text('Thinking');
    writer.fail(new GatewayError('upstream', 'Cut.'));
  });
  expect(describeEvents(lifted)).toEqual(['text: Thinking', 'error upstream: Cut.']);
});

test('all thinking goes where the account wants none', async () => {
  const lifted = await lift((writer) => {
    writer.reasoning('Before.');
    writer.text('<think>hm</think>Answer');
    writer.end({ kind: 'stop' });
  }, 'remove');
  expect(describeEvents(lifted)).toEqual(['text: Answer', 'end stop']);
});

test('the words are the same however they come', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 30 }), { maxLength: 5 }), async (cuts) => {
      const text = '*Thinking...*\n> hm\n\nAnswer';
      const at = [0, ...cuts.map((cut) => cut % text.length).toSorted((one, other) => one - other), text.length];
      const lifted = await lift((writer) => {
        for (const [index, end] of at.slice(1).entries()) writer.text(text.slice(at[index], end));
        writer.end({ kind: 'stop' });
      });
      expect(describeEvents(lifted)).toEqual(['reasoning: hm\n', 'text: Answer', 'end stop']);
    }),
  );
});
