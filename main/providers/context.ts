// What a provider gets for one call: the account with its secrets, and whom it may tell what on the way. Types only.
import type { QuotaMeter } from '../../shared/quota.ts';
import type { Credential } from '../credentials/credential.ts';

/** What a provider may use for one call. */
export interface CallContext {
  readonly credential: Credential;
  /** Aborted when nobody wants the answer any more. */
  readonly signal: AbortSignal;
}

/** What a provider may use for one attempt at an answer that comes in one piece. */
export interface SingleContext extends CallContext {
  /** Id of the client's request, for logs. */
  readonly requestId: string;
  /** Name of the client key that the request came with; undefined where it needed none. */
  readonly clientKey?: string;
  /** Puts one plain sentence on the request's log record: what could not be carried, what was changed. */
  note(text: string): void;
  /** Tells what an answer said of the account's limits: all that it named, others stay as they are known. */
  meter?(meters: readonly QuotaMeter[]): void;
}

/** What a provider may use for one attempt at a reply. */
export interface AttemptContext extends SingleContext {
  /** The client wants the events as they come; where it does not, the whole reply may come in one batch. */
  readonly live: boolean;
  /** The lasting conversation that the request belongs to; always there for an agent. */
  readonly session?: AttemptSession;
}

/** A lasting conversation as a provider sees it. The request's messages are the whole of it, unless `isPart`. */
export interface AttemptSession {
  /** A UUID. */
  readonly id: string;
  /**
   * What the provider has kept after the last turn; undefined at the first one, and where the client went back in the
   * conversation or changed what was said: the messages then tell all.
   */
  readonly state: string | undefined;
  /**
   * The messages are the new words alone, as nothing else is kept of an agent's conversation that its client did not name
   * at first. There is a `state` then; a provider that cannot go on from it must refuse (`invalid-request`).
   */
  readonly isPart?: boolean;
  /** Keeps a short text of the provider's own with the session, for its next turn, when the reply has ended well. */
  keep(state: string): void;
  /** Adds what the turn has cost, in US dollars, as the upstream's own program estimates it. */
  spend(usd: number): void;
}
