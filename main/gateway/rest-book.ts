// Keeps the rests of all accounts, of each the whole and its models, with what tells how long the next guess is to be. When a
// rest is over is read off both clocks; why one begins or ends is not its business.
import type { RestView } from '../../shared/routing.ts';
import type { ErrorKind } from '../canonical/errors.ts';
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';

/** Why somebody rests; each scope has at most one rest of each. */
export type Cause = RestView['cause'];

/** One rest. */
export interface Rest {
  readonly cause: Cause;
  /** In milliseconds since 1970. */
  readonly since: number;
  readonly text: string;
  /** By the count of turns: what was begun before says nothing about it. */
  readonly turn: number;
  /** Of the failure behind it, where it is known. */
  readonly errorKind?: ErrorKind;
  /** How many guesses in a row it is the last of. */
  readonly level: number;
  /** Absent where only somebody ends it. */
  readonly end?: Deadline;
}

/** One model, or the whole of an account. */
export interface Scope {
  readonly rests: Map<Cause, Rest>;
  /** Failures in a row. */
  failures: number;
  /** Guesses in a row. */
  level: number;
  /** By the count of turns, when the last of them was made. */
  turn: number;
  /** From when on earlier failures say nothing any more. */
  stale?: Deadline;
}

/** Of one account, by the upstream's name of the model; undefined for the whole. */
export type Scopes = Map<string | undefined, Scope>;

/** A rest with its place. */
export interface PlacedRest {
  readonly account: string;
  readonly model: string | undefined;
  readonly scope: Scope;
  readonly rest: Rest;
}

/** The book. */
export interface RestBook {
  find(account: string): Scopes | undefined;
  /** The scope, made where there is none. */
  open(account: string, model: string | undefined): Scope;
  /** Lets the scope rest so long, for ever unless given. */
  put(scope: Scope, rest: Omit<Rest, 'end' | 'level'>, ms: number | undefined): void;
  isOver(rest: Rest): boolean;
  /** In milliseconds since 1970, by the clock that is there first; undefined where it has no end. */
  readEnd(rest: Rest): number | undefined;
  view(placed: Pick<PlacedRest, 'model' | 'rest'>): RestView;
  /** All rests, over or not. */
  all(): Iterable<PlacedRest>;
  /** The same of one account. */
  allOf(account: string): Iterable<PlacedRest>;
}

/** Anybody who may pass names on can make them up; the account must not remember each. */
const MOST_MODELS = 200;

/** A clock that was set shows itself by more than this; less is rounding. */
const CLOCKS_DIFFER_MS = 1_000;

/** Nobody rests. */
export function createRestBook(clock: Clock): RestBook {
  const accounts = new Map<string, Scopes>();
  const allOf = function* (account: string): Iterable<PlacedRest> {
    for (const [model, scope] of accounts.get(account) ?? [])
      for (const rest of scope.rests.values()) yield { account, model, scope, rest };
  };
  const readEnd: RestBook['readEnd'] = ({ end }) => {
    if (end === undefined) return undefined;
    const real = clock.now() + readRemaining(clock, end);
    return Math.round(end.at - real > CLOCKS_DIFFER_MS ? real : end.at);
  };
  return {
    find: (account) => accounts.get(account),
    open: (account, model) => {
      const scopes: Scopes = accounts.get(account) ?? new Map();
      accounts.set(account, scopes);
      const known = scopes.get(model);
      if (known !== undefined) return known;
      if (scopes.size >= MOST_MODELS) forgetOldest(scopes);
      const scope: Scope = { rests: new Map(), failures: 0, level: 0, turn: -1 };
      scopes.set(model, scope);
      return scope;
    },
    put: (scope, rest, ms) => {
      const end = ms === undefined ? {} : { end: createDeadline(clock, ms) };
      scope.rests.set(rest.cause, { ...rest, level: scope.level, ...end });
    },
    isOver: ({ end }) => end !== undefined && readRemaining(clock, end) === 0,
    readEnd,
    view: ({ model, rest }) => {
      const until = readEnd(rest);
      const { cause, since, text } = rest;
      const of = model === undefined ? {} : { model };
      return { ...of, since, ...(until === undefined ? {} : { until }), cause, text };
    },
    all: function* () {
      for (const account of accounts.keys()) yield* allOf(account);
    },
    allOf,
  };
}

/** Of those whose end nobody has told, the model that was asked first goes; what holds for the whole account stays. */
function forgetOldest(scopes: Scopes): void {
  let oldest: string | undefined;
  for (const [model, { rests }] of scopes) {
    if (model === undefined) continue;
    oldest ??= model;
    if (rests.has('told')) continue;
    scopes.delete(model);
    return;
  }
  if (oldest !== undefined) scopes.delete(oldest);
}
