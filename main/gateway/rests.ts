// Who rests, why and until when: of each account the whole and its models. Kept by both clocks; nothing ends by a timer, each
// rest is over when its time has come. Decides no order and calls nobody.
import type { RestView } from '../../shared/routing.ts';
import type { GatewayError } from '../canonical/errors.ts';
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';
import type { FailureClass, RestRule } from './failure-class.ts';

/** What holds a model of an account back now. */
export interface Hold {
  /** Nobody asks it before the end. */
  readonly isShut: boolean;
  /** It will hardly work before something is mended. */
  readonly isFailed: boolean;
  readonly cause: RestView['cause'];
  readonly text: string;
  /** When all that holds it back is over, in milliseconds since 1970; undefined where only somebody ends it. */
  readonly until?: number;
}

/** A rest as it survives a restart. */
export interface SavedRest extends RestView {
  readonly account: string;
  /** How many guesses in a row it is the last of. */
  readonly level?: number;
}

/** A failure of a request. */
export interface RestedFailure {
  readonly account: string;
  readonly model: string;
  readonly error: GatewayError;
  readonly failure: FailureClass;
  /** When the request was begun, by the count of turns. */
  readonly turn: number;
  /** Upstream's words, without secrets. */
  readonly text: string;
}

/** The rests of all accounts. Those who change something return whether anything has changed. */
export interface Rests {
  /** Undefined where nothing holds it back. */
  find(account: string, model: string): Hold | undefined;
  /** Those that end first come first. */
  list(account: string): readonly RestView[];
  fail(failed: RestedFailure, turn: number): boolean;
  /** It has answered a request that was begun at `turn`: what was guessed or had failed before is over. */
  succeed(account: string, model: string, turn: number): boolean;
  /** The person's wish. */
  hand(account: string, until: number | undefined): void;
  /** Ends the account's rests of these causes, all unless given, and forgets its failures in a row. */
  end(account: string, causes?: ReadonlySet<RestView['cause']>): boolean;
  /** Until the next rest ends, in milliseconds; undefined where none will. */
  next(): number | undefined;
  /** Takes away what is over. Returns the accounts whose models rested, and those that rested as a whole, not by hand. */
  sweep(): { readonly some: ReadonlySet<string>; readonly whole: ReadonlySet<string> };
  /** The accounts that as a whole will hardly work before something is mended. */
  listFailed(): readonly string[];
  save(): readonly SavedRest[];
  load(saved: readonly SavedRest[]): void;
}

interface Rest {
  readonly cause: RestView['cause'];
  readonly since: number;
  readonly text: string;
  /** By the count of turns: what was begun before says nothing about it. */
  readonly turn: number;
  readonly level: number;
  readonly end?: Deadline;
}

/** Of one model, or of the whole account. */
interface Scope {
  readonly rests: Map<RestView['cause'], Rest>;
  failures: number;
  /** Guesses in a row. */
  level: number;
  /** The turn of the last of them. */
  turn: number;
  /** From when on earlier failures say nothing any more. */
  stale?: Deadline;
}

type Scopes = Map<string | undefined, Scope>;

/** Upstreams that name a longer wait mean "never": the longest plans are counted by the month. */
const LONGEST_TOLD_MS = 31 * 24 * 3_600_000;

/** Failures before that much quiet are another story. */
const QUIET_MS = 3_600_000;

/** Anybody who may pass names on can make them up; the account must not remember each. */
const MOST_MODELS = 200;

/** A clock that was set shows itself by more than this; less is rounding. */
const CLOCKS_DIFFER_MS = 1_000;

const SHUT: ReadonlySet<RestView['cause']> = new Set(['told', 'hand']);

/** Nobody rests. */
export function createRests(clock: Clock): Rests {
  const accounts = new Map<string, Scopes>();

  const isOver = ({ end }: Rest) => end !== undefined && readRemaining(clock, end) === 0;
  const readEnd = ({ end }: Rest): number | undefined => {
    if (end === undefined) return undefined;
    const real = clock.now() + readRemaining(clock, end);
    return Math.round(end.at - real > CLOCKS_DIFFER_MS ? real : end.at);
  };
  const open = (account: string, model: string | undefined): Scope => {
    const scopes: Scopes = accounts.get(account) ?? new Map();
    accounts.set(account, scopes);
    const known = scopes.get(model);
    if (known !== undefined) return known;
    if (scopes.size >= MOST_MODELS) forgetOldest(scopes);
    const scope: Scope = { rests: new Map(), failures: 0, level: 0, turn: -1 };
    scopes.set(model, scope);
    return scope;
  };
  const each = function* (account: string): Generator<[model: string | undefined, rest: Rest]> {
    for (const [model, { rests }] of accounts.get(account) ?? [])
      for (const rest of rests.values()) if (!isOver(rest)) yield [model, rest];
  };
  const view = (model: string | undefined, rest: Rest): RestView => {
    const until = readEnd(rest);
    const { cause, since, text } = rest;
    return { ...(model === undefined ? {} : { model }), since, ...(until === undefined ? {} : { until }), cause, text };
  };
  const set = (scope: Scope, cause: RestView['cause'], text: string, turn: number, ms: number | undefined) => {
    const end = ms === undefined ? undefined : createDeadline(clock, ms);
    scope.rests.set(cause, { cause, since: clock.now(), text, turn, level: scope.level, ...(end && { end }) });
  };
  const countFailure = (scope: Scope) => {
    if (scope.stale !== undefined && readRemaining(clock, scope.stale) === 0) {
      scope.failures = 0;
      scope.level = 0;
    }
    scope.failures += 1;
    scope.stale = createDeadline(clock, QUIET_MS);
  };
  /** How long it rests without the upstream's word. */
  const guess = (scope: Scope, { guess: lengths }: RestRule, begun: number, turn: number): number | undefined => {
    if (lengths === undefined) return undefined;
    // Requests that were under way when it began to rest fail for the same reason: they are one failure.
    if (begun > scope.turn) {
      scope.level += 1;
      scope.turn = turn;
    }
    const ms = Math.min(lengths.firstMs * 2 ** (scope.level - 1), lengths.mostMs);
    scope.stale = createDeadline(clock, ms + QUIET_MS);
    return ms;
  };

  const fail: Rests['fail'] = ({ account, model, error, failure, turn: begun, text }, turn) => {
    const { rest: rule } = failure;
    if (rule === undefined) return false;
    const scope = open(account, rule.scope === 'account' ? undefined : model);
    countFailure(scope);
    const toldMs = rule.guess === undefined ? 0 : Math.min(error.retryAfterMs ?? 0, LONGEST_TOLD_MS);
    if (toldMs > 0) {
      const before = scope.rests.get('told');
      // Two limits at once: nothing is won by asking before the later one ends.
      if (before?.end !== undefined && readRemaining(clock, before.end) >= toldMs) return false;
      scope.rests.delete('guessed');
      set(scope, 'told', text, turn, toldMs);
      return true;
    }
    if (scope.failures < rule.after) return false;
    const before = scope.rests.get(rule.cause);
    const isSame = before !== undefined && !isOver(before) && begun <= before.turn;
    if (isSame) return false;
    const words = rule.advice === undefined ? text : `${endSentence(text)} ${rule.advice}`;
    set(scope, rule.cause, words, turn, guess(scope, rule, begun, turn));
    return true;
  };

  const succeed: Rests['succeed'] = (account, model, turn) => {
    const scopes = accounts.get(account);
    if (scopes === undefined) return false;
    let changed = false;
    for (const name of [undefined, model]) {
      const scope = scopes.get(name);
      if (scope === undefined) continue;
      for (const [cause, rest] of scope.rests) {
        const isProved = rest.turn < turn && cause !== 'hand' && (cause !== 'told' || isOver(rest));
        if (isProved) changed = scope.rests.delete(cause) || changed;
      }
      if (scope.turn < turn) Object.assign(scope, { failures: 0, level: 0 });
      if (scope.rests.size === 0 && scope.failures === 0) scopes.delete(name);
    }
    return changed;
  };

  const end: Rests['end'] = (account, causes) => {
    let changed = false;
    for (const [model, scope] of accounts.get(account) ?? []) {
      for (const cause of [...scope.rests.keys()])
        if (causes === undefined || causes.has(cause)) changed = scope.rests.delete(cause) || changed;
      Object.assign(scope, { failures: 0, level: 0 });
      if (scope.rests.size === 0) accounts.get(account)?.delete(model);
    }
    return changed;
  };

  const next: Rests['next'] = () => {
    let least: number | undefined;
    for (const scopes of accounts.values())
      for (const { rests } of scopes.values())
        for (const rest of rests.values()) {
          if (rest.end === undefined) continue;
          least = Math.min(least ?? Number.POSITIVE_INFINITY, readRemaining(clock, rest.end));
        }
    return least;
  };

  const sweep: Rests['sweep'] = () => {
    const some = new Set<string>();
    const whole = new Set<string>();
    for (const [account, scopes] of accounts)
      for (const [model, { rests }] of scopes)
        for (const [cause, rest] of rests) {
          if (!isOver(rest)) continue;
          rests.delete(cause);
          some.add(account);
          if (model === undefined && cause !== 'hand') whole.add(account);
        }
    return { some, whole };
  };

  return {
    find: (account, model) => {
      const scopes = accounts.get(account);
      if (scopes === undefined) return undefined;
      const found: Rest[] = [];
      for (const name of [undefined, model])
        for (const rest of scopes.get(name)?.rests.values() ?? []) if (!isOver(rest)) found.push(rest);
      return found.length === 0 ? undefined : join(found, readEnd);
    },
    list: (account) => [...each(account)].map(([model, rest]) => view(model, rest)).sort(compareEnds),
    fail,
    succeed,
    hand: (account, until) => {
      const scope = open(account, undefined);
      const ms = until === undefined ? undefined : until - clock.now();
      if (ms !== undefined && ms <= 0) return void scope.rests.delete('hand');
      set(scope, 'hand', 'You let it rest.', Number.POSITIVE_INFINITY, ms);
    },
    end,
    next,
    sweep,
    listFailed: () =>
      [...accounts].filter(([, scopes]) => scopes.get(undefined)?.rests.has('failed')).map(([id]) => id),
    save: () =>
      [...accounts.keys()].flatMap((account) =>
        [...each(account)].map(([model, rest]) => ({ account, ...view(model, rest), level: rest.level })),
      ),
    load: (saved) => {
      const now = clock.now();
      for (const { account, model, cause, since, until, text, level = 0 } of saved) {
        // Written under a clock that was wrong: it lasts at most as long as it was meant to.
        const ms = until === undefined ? undefined : Math.min(until - now, until - since);
        if (ms !== undefined && ms <= 0) continue;
        const scope = open(account, model);
        Object.assign(scope, {
          level,
          failures: Math.max(1, level),
          stale: createDeadline(clock, (ms ?? 0) + QUIET_MS),
        });
        const deadline = ms === undefined ? undefined : createDeadline(clock, ms);
        const turn = cause === 'hand' ? Number.POSITIVE_INFINITY : -1;
        scope.rests.set(cause, {
          cause,
          since: Math.min(since, now),
          text,
          turn,
          level,
          ...(deadline && { end: deadline }),
        });
      }
    },
  };
}

/** What all of them together come to: the strictest decides, and it lasts as long as the longest of that kind. */
function join(rests: readonly Rest[], readEnd: (rest: Rest) => number | undefined): Hold {
  const shut = rests.filter(({ cause }) => SHUT.has(cause));
  const failed = rests.filter(({ cause }) => cause === 'failed');
  const strictest = shut.length > 0 ? shut : failed.length > 0 ? failed : rests;
  const ends = strictest.map((rest) => ({ rest, until: readEnd(rest) }));
  const last = ends.reduce((one, other) => ((other.until ?? Infinity) > (one.until ?? Infinity) ? other : one));
  const { cause, text } = last.rest;
  const until = last.until === undefined ? {} : { until: last.until };
  return { isShut: shut.length > 0, isFailed: failed.length > 0 && shut.length === 0, cause, text, ...until };
}

const compareEnds = (one: RestView, other: RestView) => (one.until ?? Infinity) - (other.until ?? Infinity) || 0;

const endSentence = (text: string) => text.replace(/(?<![.!?…])$/, '.');

/** The model that was asked first goes; what holds for the whole account stays. */
function forgetOldest(scopes: Scopes): void {
  for (const model of scopes.keys()) {
    if (model === undefined) continue;
    scopes.delete(model);
    return;
  }
}
