// The accounts at work: whose turn it is, who rests and until when, how many requests each has. Knows accounts by their
// names and what became of requests; calls nobody.
import type { AccountCounts, RestView, Standing } from '../../shared/routing.ts';
import type { ErrorKind, GatewayError } from '../canonical/errors.ts';
import type { Clock } from '../util/clock.ts';
import { createListeners } from '../util/listeners.ts';
import { createRecentMap } from '../util/recent-map.ts';
import { createConversations } from './conversations.ts';
import { createPoolAlarm } from './pool-alarm.ts';
import type { PoolFile } from './pool-file.ts';
import { isStickyProvider } from './pool-groups.ts';
import { recall } from './pool-memory.ts';
import {
  comparePlaces,
  explainPlace,
  findBest,
  findPlaces,
  findRing,
  type Place,
  type PoolFacts,
  readStanding,
  TIER,
} from './pool-order.ts';
import { createPoolOutcomes } from './pool-outcomes.ts';
import { createPoolRecords } from './pool-records.ts';
import { rehearse } from './pool-rehearsal.ts';
import { createWaiters } from './pool-waiters.ts';
import { createRests } from './rests.ts';
import type { Candidate } from './route-plan.ts';

/** What decides among members besides their standing. */
export interface PoolWish {
  /** Names the conversation that a request goes on with; undefined for one that cannot be recognised. */
  readonly conversation?: string;
  /** It has only just begun, and others may have begun alike: who answers is remembered, nobody is preferred. */
  readonly isNew?: boolean;
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
  /** What makes it rest; absent where it does not. */
  readonly cause?: RestView['cause'];
  /** Of the failure that made it rest, where it is known. */
  readonly errorKind?: ErrorKind;
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
   * What `rank` would say of each stage, had all attempts of the stages before it failed without a rest. `rules` take the place
   * of those that hold.
   */
  rehearse(stages: readonly (readonly Candidate[])[], rules?: PoolFacts['rules']): readonly (readonly Ranked[])[];
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
  /** A test or a renewal has shown that its login works: ends what had failed or was guessed. Limits stay as they were told. */
  prove(accountId: string): void;
  /** It has become another: ends what was not the person's wish; what still runs for the former one says nothing of it. */
  replace(accountId: string): void;
  /** It is gone: forgets all about it. */
  forget(accountId: string): void;
  /** Calls back after every change. */
  onChange(listener: () => void): () => void;
  /** Writes what is to survive. */
  close(): Promise<void>;
}

/** What a pool needs. */
export interface PoolOptions {
  readonly clock: Clock;
  /** The rules that hold, read at each turn; the defaults unless given. */
  readonly rules?: () => PoolFacts['rules'];
  /** Calls back after they have changed: there may be more places now. */
  readonly onRules?: (listener: () => void) => () => void;
  /** Removes secrets from what an upstream said. */
  readonly redact?: (text: string) => string;
  /** Where it keeps what is to survive; closed with the pool. Nowhere unless given. */
  readonly file?: PoolFile;
  /** Whether there is such an account; what was kept of others is dropped. */
  readonly knows?: (accountId: string) => boolean;
  /** Asked to look, once, whether an account works whose rest is over. */
  readonly recheck?: (accountId: string) => void;
}

const NO_RULES: PoolFacts['rules'] = { pools: {}, accounts: {} };

/** Models that some provider is at one account for; names that are passed on can be made up. */
const MOST_RINGS = 1_000;

type TakeWish = PoolWish & { readonly isTried: (candidate: Candidate) => boolean };

/** A pool that knows of its members what its file does. */
export function createPool(options: PoolOptions): Pool {
  const { clock, rules = () => NO_RULES, redact = (text) => text, file, knows = () => true, recheck } = options;
  const rests = createRests(clock);
  const records = createPoolRecords(clock);
  const conversations = createConversations(clock);
  const rings = createRecentMap<string>(MOST_RINGS);
  const waiters = createWaiters<Lease>(clock);
  const changed = createListeners();
  const outcomes = createPoolOutcomes(rests, records, redact);
  const alarm = createPoolAlarm({
    clock,
    next: () => {
      const [rest, wait] = [rests.next(), waiters.next()];
      return rest === undefined || wait === undefined ? (rest ?? wait) : Math.min(rest, wait);
    },
    ring: () => {
      const { some, whole } = rests.sweep();
      if (some.size > 0) tell();
      else waiters.wakeAll();
      for (const account of whole) recheck?.(account);
    },
    tell: changed.tell,
  });
  const save = file === undefined ? () => {} : recall(file, { rests, records, rings }, knows);
  const tell = () => {
    save();
    changed.tell();
    waiters.wakeAll();
    alarm.arm();
  };
  const tellSoon = () => {
    save();
    if (changed.count > 0) alarm.tellSoon();
  };

  const readFacts = ({ conversation, isNew }: PoolWish): PoolFacts => ({
    rules: rules(),
    findHold: rests.find,
    running: records.running,
    lastTurn: records.lastTurn,
    load: records.load,
    current: rings.get,
    stickyAccount: conversation === undefined || isNew ? undefined : conversations.find(conversation),
  });
  const open = (place: Place, count: number, conversation: string | undefined): Lease => {
    const { candidate, group } = place;
    const { id, provider } = candidate.account;
    const turn = records.begin(id, group.start);
    tellSoon();
    let isReleased = false;
    const release = (outcome: Outcome) => {
      if (isReleased) return;
      isReleased = true;
      records.end(id);
      if (outcome.type === 'ok' && conversation !== undefined && isStickyProvider(rules(), provider))
        conversations.keep(conversation, id);
      if (outcomes.settle(candidate, turn, outcome)) return tell();
      tellSoon();
      waiters.wake(id);
    };
    return { candidate, text: explainPlace(place, count, clock.now()), release };
  };
  const take = (members: readonly Candidate[], wish: TakeWish): Lease | undefined | 'wait' => {
    const { conversation, isTried } = wish;
    const places = findPlaces(members, readFacts(wish));
    const best = findBest(places, isTried);
    if (best?.isFull) return 'wait';
    if (best === undefined) return undefined;
    const ring = findRing(best, places, rings.get, isTried);
    if (ring !== undefined) rings.set(ring, best.candidate.account.id);
    return open(best, members.length, conversation);
  };
  const isFull = (account: string) => {
    const most = rules().accounts[account]?.concurrency ?? 0;
    return most > 0 && records.running(account) >= most;
  };
  const stop = options.onRules?.(() => waiters.wakeAll());
  alarm.arm();

  return {
    rank: (members, wish) =>
      findPlaces(members, readFacts(wish))
        .sort(comparePlaces)
        .map((place) => writeRanked(place, members.length, clock.now())),
    rehearse: (stages, imagined) => {
      const facts = readFacts({});
      return rehearse(stages, imagined === undefined ? facts : { ...facts, rules: imagined }).map((places) =>
        places.map((place) => writeRanked(place, places.length, clock.now())),
      );
    },
    lease: (members, wish) => {
      if (wish.signal.aborted) return Promise.reject(wish.signal.reason);
      const taken = take(members, wish);
      if (taken !== 'wait') return Promise.resolve(taken);
      const isTried = (candidate: Candidate) => isFull(candidate.account.id) || wish.isTried(candidate);
      const takeAny = () => take(members, { ...wish, isTried });
      const ids = new Set(members.map(({ account }) => account.id));
      const takeLater = (isLate: boolean) => (isLate ? takeAny() : undefined) ?? take(members, wish);
      const waiting = waiters.wait(takeLater, ids, wish.signal);
      alarm.arm();
      return waiting;
    },
    listRests: rests.list,
    countRunning: records.running,
    counts: records.counts,
    rest: (account, until) => {
      rests.hand(account, until);
      tell();
    },
    use: (account) => {
      outcomes.use(account);
      tell();
    },
    prove: (account) => outcomes.prove(account) && tell(),
    replace: (account) => outcomes.replace(account) && tell(),
    forget: (account) => {
      outcomes.forget(account);
      tell();
    },
    onChange: changed.add,
    close: async () => {
      stop?.();
      alarm.close();
      await file?.close();
    },
  };
}

function writeRanked(place: Place, count: number, now: number): Ranked {
  const { candidate, tier, hold } = place;
  const cause = hold === undefined ? {} : { cause: hold.cause, ...(hold.errorKind && { errorKind: hold.errorKind }) };
  const until = hold?.until === undefined ? {} : { until: hold.until };
  const text = explainPlace(place, count, now);
  return { candidate, standing: readStanding(place), text, isShut: tier === TIER.shut, ...cause, ...until };
}
