// Reads the beginning of an answer up to its first content, so that what fails before it can be tried again, and hands on the
// rest as it comes.
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream } from '../../canonical/events.ts';
import type { UpstreamResponse } from '../../http/client.ts';
import type { AnswerReader } from './call.ts';
import { ID } from './formats.ts';
import type { Failure } from './remedies.ts';

/** An answer that has begun, from its first event on, or how it has failed. `onSign` is called at its first bytes. */
export async function readFirst(
  response: UpstreamResponse,
  reader: AnswerReader,
  onSign: () => void,
): Promise<Failure | { readonly rest: EventStream }> {
  const chunks = response.chunks[Symbol.asyncIterator]();
  const held: ConversationEvent[] = [];
  let handedOver = false;
  try {
    for (;;) {
      const next = await chunks.next();
      onSign();
      const batch = next.done ? reader.end() : reader.push(next.value);
      held.push(...batch);
      const over = next.done === true || reader.ended;
      const failed = batch.find((event) => event.type === 'error');
      // Whatever came with it has not reached the client.
      if (failed !== undefined) return { error: failed.error };
      if (held.some(isContent)) {
        handedOver = true;
        return { rest: readRest(held, chunks, reader, over) };
      }
      if (over) return judgeEmpty(held);
    }
  } finally {
    if (!handedOver) await chunks.return?.();
  }
}

async function* readRest(
  held: EventBatch,
  chunks: AsyncIterator<Buffer>,
  reader: AnswerReader,
  over: boolean,
): EventStream {
  try {
    yield held;
    if (over) return;
    for (;;) {
      const next = await chunks.next();
      const batch = next.done ? reader.end() : reader.push(next.value);
      if (batch.length > 0) yield batch;
      if (next.done || reader.ended) return;
    }
  } catch (error) {
    yield [{ type: 'error', error: readError(error) }];
  } finally {
    await chunks.return?.();
  }
}

/** An answer that ends without a word is a fault of the upstream's, but for one that it has withheld on purpose. */
function judgeEmpty(held: EventBatch): Failure | { readonly rest: EventStream } {
  const end = held.find((event) => event.type === 'reply-end');
  const onPurpose = end?.finishReason.kind === 'content-filter' || end?.finishReason.kind === 'length';
  if (onPurpose) return { rest: yieldOnce(held) };
  const message = 'Kiro ended its answer without a word.';
  return { error: new GatewayError('upstream', message, { provider: ID }), empty: true };
}

async function* yieldOnce(batch: EventBatch): EventStream {
  yield batch;
}

function isContent({ type }: ConversationEvent): boolean {
  return type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-call-start';
}
