// The accounts at work: whose turn it is, who rests and until when, how many requests each has. Knows accounts by their
// names and what became of requests; calls nobody.
import type { AccountCounts, RestView, Standing } from '../../shared/routing.ts';
import type { GatewayError } from '../canonical/errors.ts';
import type { Clock } from '../util/clock.ts';
import type { Candidate } from './route-plan.ts';

/** What decides among members besides their standing. */
export interface PoolWish {
  /** Names the conversation that a request goes on with; undefined for one that cannot be recognised. */
  readonly conversation?: string;
}

/** A member in its place. */
export interface Ranked {
  readonly candidate: Candidate;
  readonly standing: Standing;
  /** Why it is here: "It has answered this conversation.", "Its turn.", "It rests until 14:05: ...". */
  readonly text: string;
  /** When it can be asked again, in milliseconds since 1970, where that is known. */
  readonly until?: number;
  /** Nobody asks it before: the upstream named the end of its rest, or the person wants it to rest. */
  readonly isShut: boolean;
}

/** A place at an account, taken until it is released. */
export interface Lease {
  readonly candidate: Candidate;
  /** As in `Ranked`. */
  readonly text: string;
  /** Once; later calls do nothing. */
  release(outcome: Outcome): void;
}

/** What became of a request; `dropped` says nothing about the account: the client left, or the fault was its own. */
export type Outcome =
  | { readonly type: 'ok' }
  | { readonly type: 'failed'; readonly error: GatewayError }
  | { readonly type: 'dropped' };

/** The pool of all accounts. */
export interface Pool {
  /**
   * Every member in the order in which `lease` would take them now, had each before it failed. Takes nothing and moves no turn.
   * Members that are shut come last.
   */
  rank(members: readonly Candidate[], wish: PoolWish): readonly Ranked[];
  /**
   * Takes a place at the best member that `isTried` does not know. Members of which nothing better is known than that they may
   * have failed come last, but come: only shut ones are never taken. Waits where all that could serve are busy, for a place or
   * the signal (rejects with its reason). Undefined where no member is left.
   */
  lease(
    members: readonly Candidate[],
    wish: PoolWish & { readonly isTried: (candidate: Candidate) => boolean; readonly signal: AbortSignal },
  ): Promise<Lease | undefined>;
  /** What holds an account back; the ones that end first come first. */
  listRests(accountId: string): readonly RestView[];
  /** Requests that it is answering. */
  countRunning(accountId: string): number;
  counts(accountId: string): AccountCounts;
  /** The person lets it rest until then, in milliseconds since 1970, or until they say otherwise. */
  rest(accountId: string, until?: number): void;
  /** Ends every rest of the account, and forgets its failures in a row: it is asked at once. */
  use(accountId: string): void;
  /** A test or a renewal has shown that it works, or it has become another: ends what was not the person's wish. */
  prove(accountId: string): void;
  /** Calls back after every change. */
  onChange(listener: () => void): () => void;
  /** Writes what is to survive. */
  close(): Promise<void>;
}

/** What a pool needs. */
export interface PoolOptions {
  readonly clock: Clock;
}

/** A pool that knows nothing of its members yet. */
export function createPool(_options: PoolOptions): Pool {
  const standing = { standing: 'ready', text: 'The first that can serve.', isShut: false } as const;
  return {
    rank: (members) => members.map((candidate) => ({ candidate, ...standing })),
    lease: async (members, { isTried }) => {
      const candidate = members.find((member) => !isTried(member));
      return candidate === undefined ? undefined : { candidate, text: standing.text, release: () => {} };
    },
    listRests: () => [],
    countRunning: () => 0,
    counts: () => ({ served: 0, failed: 0, failuresInARow: 0 }),
    rest: () => {},
    use: () => {},
    prove: () => {},
    onChange: () => () => {},
    close: async () => {},
  };
}
