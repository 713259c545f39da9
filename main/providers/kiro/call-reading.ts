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
      // What ends without content ends so on purpose: an answer that is merely empty the reader reports as failed.
      if (over || held.some(isContent)) {
        handedOver = true;
        return { rest: readRest(held, chunks, reader, over) };
      }
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

function isContent({ type }: ConversationEvent): boolean {
  return type === 'text-delta' || type === 'reasoning-delta' || type === 'tool-call-start';
}

/** The rest of an answer; `release` is called when it has ended or is left. */
export async function* passOn(rest: EventStream, release: () => void): EventStream {
  try {
    yield* rest;
  } finally {
    release();
  }
}

/** Whether it is an answer at all: a proxy's or host's page with status 200 is none. */
export function isEventStream({ status, headers }: UpstreamResponse): boolean {
  const type = String(headers['content-type'] ?? '');
  return status >= 200 && status <= 299 && !/json|html/.test(type);
}

/** The failure of an answer that did not begin in time. */
export function createTimeout(ms: number): GatewayError {
  const seconds = Math.round(ms / 1000);
  return new GatewayError('timeout', `Kiro did not begin to answer within ${seconds} seconds.`, { provider: ID });
}
