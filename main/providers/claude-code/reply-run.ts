// Reads one reply in the making to its end, whoever makes it: a request to a model, or an agent's turn.
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { EventBatch } from '../../canonical/events.ts';
import { ID } from './names.ts';
import type { Claimed } from './pool.ts';
import type { ClaudeProcess } from './process.ts';

/** What one program is making. */
export interface ReplyInTheMaking {
  /** Tells the program what it does not know yet; one that is `continued` waits for the last turn only. */
  start(claude: ClaudeProcess, continued: boolean): void;
  /** Ends the reply as failed. */
  fail(error: GatewayError): void;
  /** The program ended before anything was asked or done: another one may take its place. */
  readonly lost: boolean;
  /** The events since the last call; undefined when there will be none. */
  next(): Promise<EventBatch | undefined>;
  /** Nobody reads any more. */
  leave(): void;
}

/** A program for a request that may be given up meanwhile. Throws `GatewayError`. */
export async function claimFor(ask: () => Promise<Claimed>, signal: AbortSignal): Promise<Claimed> {
  try {
    return await ask();
  } catch (thrown) {
    throw signal.aborted ? readAbort(signal) : readError(thrown);
  }
}

/** The events of `reply`, the last of which ends it. Who stops reading stops the program. */
export async function* readReply(
  reply: ReplyInTheMaking,
  { claude, continued }: Pick<Claimed, 'claude' | 'continued'>,
  signal: AbortSignal,
): AsyncGenerator<EventBatch, undefined> {
  const onAbort = () => reply.fail(readAbort(signal));
  signal.addEventListener('abort', onAbort, { once: true });
  reply.start(claude, continued);
  if (signal.aborted) onAbort();
  try {
    for (let batch = await reply.next(); batch !== undefined; batch = await reply.next()) {
      yield batch;
      const last = batch.at(-1)?.type;
      if (last === 'reply-end' || last === 'error') return;
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    reply.leave();
  }
}

function readAbort({ reason }: AbortSignal): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError('aborted', 'The request was given up.', { provider: ID, cause: reason });
}
