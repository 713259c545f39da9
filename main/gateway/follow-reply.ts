// A reply that has begun, to its end: keeps the commit point and tells the log what passes by. Of the events it touches only
// an error, which it gives its account's name.
import { readError } from '../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream } from '../canonical/events.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import type { Clock } from '../util/clock.ts';
import { type Attempt, cleanError, createCutError, LET_GO_MS, letGo, nameAccount } from './attempt.ts';
import type { Found } from './attempts.ts';
import type { Pool } from './pool.ts';
import type { HealthReports } from './report-health.ts';
import type { Candidate } from './route-plan.ts';
import type { Story } from './story.ts';

/** Who is told what became of it. */
export interface ReplyWitnesses {
  readonly story: Story;
  readonly record: RequestRecord;
  /** Aborted when the client has gone. */
  readonly client: AbortSignal;
  /** Told who answers before anything is passed on; what it throws is thrown. */
  readonly onAnswer?: ((who: Candidate) => void) | undefined;
}

/** What following a reply needs. */
export interface FollowServices {
  readonly pool: Pool;
  readonly health: HealthReports;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
}

type ReplyState = 'running' | 'ended' | 'broken';

/** Passes on what was found; a failure is one last `error` event. Ends its lease, and its upstream where the client leaves. */
export async function* followReply(
  { pool, health, redact, clock }: FollowServices,
  { answer: { first, rest }, candidate, end }: Found<Attempt>,
  { story, record, client, onAnswer }: ReplyWitnesses,
): EventStream {
  const { account } = candidate;
  const reply: { state: ReplyState } = { state: 'running' };
  const breakOff = (thrown: unknown): ConversationEvent => {
    reply.state = 'broken';
    const error = cleanError(readError(thrown), redact);
    const named = nameAccount(error, account.name);
    if (!client.aborted) {
      end({ type: 'failed', error });
      health.failed(account, named);
      story.fail(error, pool.rank([candidate], {})[0]);
    }
    return { type: 'error', error: named };
  };
  const tap = (batch: EventBatch): EventBatch => {
    reply.state = readBatch(batch, record) ?? reply.state;
    if (reply.state !== 'broken') return batch;
    return batch.map((event) => (event.type === 'error' ? breakOff(event.error) : event));
  };
  // An upstream that does not listen may keep the reply waiting for ever, but not the place at its account.
  const leave = () => void clock.schedule(() => end({ type: 'dropped' }), LET_GO_MS);
  if (client.aborted) leave();
  else client.addEventListener('abort', leave, { once: true });
  let hasBegun = false;
  try {
    onAnswer?.(candidate);
    hasBegun = true;
    yield tap(first);
    while (reply.state === 'running') {
      const { done, value } = await rest.next();
      yield tap(done ? [{ type: 'error', error: createCutError(account.provider, true) }] : value);
    }
    if (reply.state === 'ended') {
      end({ type: 'ok' });
      health.answered(account);
    }
  } catch (thrown) {
    if (!hasBegun) {
      reply.state = 'broken';
      throw thrown;
    }
    yield [breakOff(thrown)];
  } finally {
    client.removeEventListener('abort', leave);
    // The client left in the middle: the upstream must not go on.
    await letGo(rest, clock);
    if (reply.state === 'running' || (reply.state === 'broken' && client.aborted)) story.abort();
    end({ type: 'dropped' });
  }
}

/** Takes down what a batch tells; what became of the reply, or undefined while it goes on. */
function readBatch(batch: EventBatch, record: RequestRecord): ReplyState | undefined {
  let state: ReplyState | undefined;
  for (const event of batch) {
    switch (event.type) {
      case 'reply-start':
        if (event.model !== undefined) record.update({ modelUsed: event.model });
        break;
      case 'usage':
        record.update({ usage: event.usage });
        break;
      case 'reply-end':
        state = 'ended';
        record.update({ finishReason: event.finishReason.raw ?? event.finishReason.kind });
        break;
      case 'error':
        state = 'broken';
        break;
      default:
    }
  }
  return state;
}
