// The accounts at work: whose turn it is, who rests and until when, how many requests each has. Knows accounts by their
// names and what became of requests; calls nobody.
import type { AccountCounts, RestView, Standing } from '../../shared/routing.ts';
import type { GatewayError } from '../canonical/errors.ts';
import type { Clock } from '../util/clock.ts';
import { createListeners } from '../util/listeners.ts';
import { createRecentMap } from '../util/recent-map.ts';
import { createConversations } from './conversations.ts';
import { classifyFailure } from './failure-class.ts';
import {
  comparePlaces,
  explainPlace,
  findPlaces,
  isStickyProvider,
  nameRing,
  type Place,
  type PoolFacts,
  readStanding,
  TIER,
} from './pool-order.ts';
import { createPoolRecords } from './pool-records.ts';
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
  /** Removes secrets from what an upstream said. */
  readonly redact?: (text: string) => string;
  /** Asked to look, once, whether an account works whose rest is over. */
  readonly recheck?: (accountId: string) => void;
}

const NO_RULES: PoolFacts['rules'] = { pools: {}, accounts: {} };

/** Timers sleep with the machine: what ended meanwhile is told at the latest after this long awake. */
const COARSE_MS = 30_000;

/** Turns are too many to tell each. */
const TELL_MS = 500;

/** Models that some provider is at one account for; names that are passed on can be made up. */
const MOST_RINGS = 1_000;

const MOST_TEXT = 500;

/** A pool that knows nothing of its members yet. */
export function createPool({ clock, rules = () => NO_RULES, redact = (text) => text, recheck }: PoolOptions): Pool {
  const rests = createRests(clock);
  const records = createPoolRecords(clock);
  const conversations = createConversations(clock);
  const rings = createRecentMap<string>(MOST_RINGS);
  const waiters = createWaiters<Lease>();
  const changed = createListeners();
  /** Turns up to which outcomes say nothing of the account's login, or nothing at all. */
  const proved = new Map<string, number>();
  const replaced = new Map<string, number>();
  let alarm: { readonly at: number; readonly cancel: () => void } | undefined;
  let telling: (() => void) | undefined;

  const readFacts = ({ conversation, isNew }: PoolWish): PoolFacts => ({
    rules: rules(),
    findHold: rests.find,
    running: records.running,
    lastTurn: records.lastTurn,
    load: records.load,
    current: rings.get,
    stickyAccount: conversation === undefined || isNew ? undefined : conversations.find(conversation),
  });
  const tellSoon = () => {
    if (changed.count === 0) return;
    telling ??= clock.schedule(() => {
      telling = undefined;
      changed.tell();
    }, TELL_MS);
  };
  const sweep = () => {
    alarm = undefined;
    const { some, whole } = rests.sweep();
    if (some.size > 0) changed.tell();
    waiters.wakeAll();
    for (const account of whole) recheck?.(account);
    arm();
  };
  /** One timer for all: it makes nobody available, it only tells. */
  const arm = () => {
    const next = rests.next() ?? (waiters.count > 0 ? COARSE_MS : undefined);
    if (next === undefined) return;
    const ms = Math.min(next, COARSE_MS);
    const at = clock.uptime() + ms;
    if (alarm !== undefined && alarm.at <= at) return;
    alarm?.cancel();
    alarm = { at, cancel: clock.schedule(sweep, ms) };
  };
  const tell = () => {
    changed.tell();
    waiters.wakeAll();
    arm();
  };

  /** A provider that fills one account first stays where it is, unless that one cannot serve this request. */
  const follow = (taken: Place, places: readonly Place[], isTried: (candidate: Candidate) => boolean) => {
    if (taken.strategy !== 'fill-first' || (taken.isSticky && taken.tier === TIER.ready)) return;
    const group = places.filter((place) => place.group === taken.group);
    const ring = nameRing((group[0] as Place).candidate);
    const current = group.find(({ candidate }) => candidate.account.id === rings.get(ring));
    const canServe = current !== undefined && current.tier <= TIER.busy && !isTried(current.candidate);
    if (!canServe) rings.set(ring, taken.candidate.account.id);
  };

  /** Takes down what became of it; returns whether somebody rests or rests no longer by that. */
  const settle = (candidate: Candidate, turn: number, outcome: Outcome, conversation: string | undefined): boolean => {
    const { account, model } = candidate;
    if (outcome.type === 'dropped' || turn <= (replaced.get(account.id) ?? -1)) return false;
    if (outcome.type === 'ok') {
      records.countServed(account.id);
      if (conversation !== undefined && isStickyProvider(rules(), account.provider))
        conversations.keep(conversation, account.id);
      return rests.succeed(account.id, model, turn);
    }
    const { error } = outcome;
    const failure = classifyFailure(error);
    if (failure.rest === undefined) return false;
    records.countFailed(account.id);
    if (failure.rest.cause === 'failed' && turn <= (proved.get(account.id) ?? -1)) return false;
    const prefix = `${account.name}: `;
    const words = error.message.startsWith(prefix) ? error.message.slice(prefix.length) : error.message;
    const text = shorten(redact(words));
    return rests.fail({ account: account.id, model, error, failure, turn, text }, records.turn);
  };

  const take = (
    members: readonly Candidate[],
    { isTried, ...wish }: PoolWish & { readonly isTried: (candidate: Candidate) => boolean },
  ): Lease | undefined | 'wait' => {
    const places = findPlaces(members, readFacts(wish));
    let best: Place | undefined;
    for (const place of places) {
      if (place.tier === TIER.shut || isTried(place.candidate)) continue;
      if (best === undefined || comparePlaces(place, best) < 0) best = place;
    }
    if (best === undefined) return undefined;
    if (best.isFull) return 'wait';
    follow(best, places, isTried);
    const { candidate } = best;
    const { id } = candidate.account;
    const text = explainPlace(best, members.length, clock.now());
    const turn = records.begin(id, best.start);
    tellSoon();
    let isReleased = false;
    const release = (outcome: Outcome) => {
      if (isReleased) return;
      isReleased = true;
      records.end(id);
      if (settle(candidate, turn, outcome, wish.conversation)) return tell();
      tellSoon();
      waiters.wake(id);
    };
    return { candidate, text, release };
  };

  return {
    rank: (members, wish) =>
      findPlaces(members, readFacts(wish))
        .sort(comparePlaces)
        .map((place) => ({
          candidate: place.candidate,
          standing: readStanding(place),
          text: explainPlace(place, members.length, clock.now()),
          isShut: place.tier === TIER.shut,
          ...(place.hold === undefined ? {} : { cause: place.hold.cause }),
          ...(place.hold?.until === undefined ? {} : { until: place.hold.until }),
        })),
    lease: (members, wish) => {
      if (wish.signal.aborted) return Promise.reject(wish.signal.reason);
      const tryTake = () => take(members, wish);
      const taken = tryTake();
      if (taken !== 'wait') return Promise.resolve(taken);
      const waiting = waiters.wait(tryTake, new Set(members.map(({ account }) => account.id)), wish.signal);
      arm();
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
      rests.end(account);
      records.forgive(account);
      tell();
    },
    prove: (account) => {
      proved.set(account, records.turn);
      const isForgiven = records.forgive(account);
      if (rests.end(account, NOT_TOLD) || isForgiven) tell();
    },
    replace: (account) => {
      replaced.set(account, records.turn);
      const isForgiven = records.forgive(account);
      if (rests.end(account, NOT_HAND) || isForgiven) tell();
    },
    forget: (account) => {
      replaced.set(account, records.turn);
      rests.end(account);
      records.forget(account);
      tell();
    },
    onChange: changed.add,
    close: async () => {
      alarm?.cancel();
      telling?.();
    },
  };
}

const NOT_TOLD: ReadonlySet<RestView['cause']> = new Set(['guessed', 'failed']);
const NOT_HAND: ReadonlySet<RestView['cause']> = new Set(['guessed', 'failed', 'told']);

const shorten = (text: string) => (text.length > MOST_TEXT ? `${text.slice(0, MOST_TEXT)}…` : text);
