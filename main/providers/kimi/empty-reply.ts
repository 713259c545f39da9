// Open weights sometimes end without a word after their thinking, mostly behind tool results. Such a reply is asked for once
// more, as long as the client has heard nothing of it.
import type { ConversationEvent, EventBatch, EventStream } from '../../canonical/events.ts';

/** The reply that `ask` gives, or the next one where that is empty. In a `live` one thinking has been heard. */
export async function* askAgainIfEmpty(
  ask: () => EventStream,
  { live, note }: { readonly live: boolean; note(text: string): void },
): EventStream {
  const says = ({ type }: ConversationEvent) =>
    type === 'text-start' || type === 'tool-call-start' || type === 'error' || (live && type === 'reasoning-start');
  const held: EventBatch[] = [];
  let speaks = false;
  for await (const batch of ask()) {
    speaks ||= batch.some(says);
    if (!speaks) {
      held.push(batch);
      continue;
    }
    yield* held.splice(0);
    yield batch;
  }
  if (speaks) return;
  const end = held.flat().find((event) => event.type === 'reply-end');
  if (end?.type === 'reply-end' && end.finishReason.kind === 'stop') {
    note('The model ended without a word; it was asked again.');
    yield* ask();
  } else yield* held;
}
