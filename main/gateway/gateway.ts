// The heart: one request from its route to its last event. Decides where it goes, keeps the commit point, and tells the
// log what passes by; of the events it touches only an error, which it gives its account's name.
import type { AccountState } from '../../shared/views.ts';
import type { ConversationRequest } from '../canonical/conversation.ts';
import { type ErrorKind, GatewayError, readError } from '../canonical/errors.ts';
import type { ConversationEvent, EventBatch, EventStream } from '../canonical/events.ts';
import type { Account } from '../credentials/credential.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import { type AttemptServices, nameAccount, openAttempt } from './attempt.ts';
import type { Router } from './router.ts';

/** What the gateway is told of a request besides the conversation. */
export interface ConverseContext {
  readonly requestId: string;
  /** Aborted when the client has gone. */
  readonly signal: AbortSignal;
  /** The client wants the events as they come. */
  readonly live: boolean;
  readonly record: RequestRecord;
  /** When the request came in, by `performance.now()`. */
  readonly startedAt: number;
}

/** The way through the house. */
export interface Gateway {
  /**
   * The reply to one request. Throws `GatewayError` before the first content; afterwards a failure is one last `error`
   * event. The record gets what is learned on the way; opening and closing it is the caller's.
   */
  converse(request: ConversationRequest, context: ConverseContext): EventStream;
}

/** What a gateway is made of. */
export interface GatewayServices extends AttemptServices {
  readonly router: Router;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
}

/** What a failure shows of the account; other kinds are the client's doing, or ours. */
const STATE_AFTER: Partial<Record<ErrorKind, AccountState>> = {
  unauthorized: 'failed',
  forbidden: 'failed',
  'quota-exhausted': 'failed',
  'rate-limited': 'attention',
  overloaded: 'attention',
  timeout: 'attention',
  upstream: 'attention',
};

/** A success is worth a new mark on the account only this often. */
const PROOF_AGE_MS = 60_000;

/** A gateway over these accounts and providers. */
export function createGateway(services: GatewayServices): Gateway {
  const { accounts, router, redact } = services;

  const reportFailure = (account: Account, error: GatewayError) => {
    const state = STATE_AFTER[error.kind];
    if (state !== undefined) accounts.report(account.id, { state, text: error.message, at: Date.now() });
  };
  const reportSuccess = (account: Account) => {
    const { state, at = 0 } = accounts.health(account.id);
    if (state === 'ready' && Date.now() - at < PROOF_AGE_MS) return;
    accounts.report(account.id, { state: 'ready', text: 'Answered a request.', at: Date.now() });
  };

  return {
    async *converse(request, { requestId, signal, live, record, startedAt }) {
      const [candidate] = await router.route(request.model);
      if (candidate === undefined) return;
      const { account, model } = candidate;
      record.update({ account: account.id, provider: account.provider, modelUsed: model, attempts: 1 });
      accounts.touch(account.id);
      const note = (text: string) => record.note(text);
      let state: ReplyState = 'running';
      const tap = (batch: EventBatch): EventBatch => {
        state = readBatch(batch, record) ?? state;
        if (state !== 'broken') return batch;
        return batch.map((event) => (event.type === 'error' ? breakOff(event.error) : event));
      };
      const breakOff = (thrown: unknown): ConversationEvent => {
        const error = nameAccount(readError(thrown), account.name, redact);
        reportFailure(account, error);
        return { type: 'error', error };
      };
      let rest: AsyncIterator<EventBatch> | undefined;
      try {
        const attempt = await openAttempt(services, candidate, request, { requestId, signal, live, note });
        rest = attempt.rest;
        record.update({ firstTokenMs: performance.now() - startedAt });
        yield tap(attempt.first);
        while (state === 'running') {
          const { done, value } = await rest.next();
          yield tap(done ? [{ type: 'error', error: createCutError(account.provider) }] : value);
        }
        if (state === 'ended') reportSuccess(account);
      } catch (thrown) {
        if (rest !== undefined) {
          yield [breakOff(thrown)];
          return;
        }
        const error = readError(thrown);
        reportFailure(account, error);
        throw error;
      } finally {
        // The client left in the middle: the upstream must not go on.
        await rest?.return?.();
      }
    },
  };
}

type ReplyState = 'running' | 'ended' | 'broken';

function createCutError(provider: string): GatewayError {
  return new GatewayError('upstream', 'The upstream closed the connection in the middle of its answer.', { provider });
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
