// Who rests, why and until when. Nothing ends by a timer: each rest is over when its time has come by either clock. Decides no
// order and calls nobody.
import type { RestView } from '../../shared/routing.ts';
import type { ErrorKind, GatewayError } from '../canonical/errors.ts';
import { type Clock, createDeadline, readRemaining } from '../util/clock.ts';
import type { FailureClass, RestRule } from './failure-class.ts';
import { type Cause, createRestBook, type Rest, type RestBook, type Scope } from './rest-book.ts';

/** What holds a model of an account back now. */
export interface Hold {
  /** Nobody asks it before the end. */
  readonly isShut: boolean;
  /** It will hardly work before something is mended. */
  readonly isFailed: boolean;
  readonly cause: Cause;
  readonly text: string;
  /** Of the failure behind it, where it is known. */
  readonly errorKind?: ErrorKind;
  /** When all that holds it back is over, in milliseconds since 1970; undefined where only somebody ends it. */
  readonly until?: number;
}

/** A failure of a request. */
export interface RestedFailure {
  readonly account: string;
  readonly model: string;
  readonly error: GatewayError;
  readonly failure: FailureClass;
  /** When the request was begun, by the count of turns. */
  readonly begun: number;
  /** The upstream's words, without secrets. */
  readonly text: string;
}

/** A rest as it survives a restart. */
export interface SavedRest extends RestView {
  readonly account: string;
  /** How many guesses in a row it is the last of. */
  readonly level?: number;
  /** Of the failure behind it, where it is known. */
  readonly errorKind?: ErrorKind;
}

/** The rests of all accounts. What returns a truth says whether anything has changed. */
export interface Rests {
  /** Undefined where nothing holds it back. */
  find(account: string, model: string): Hold | undefined;
  /** Those that end first come first. */
  list(account: string): readonly RestView[];
  /** A request has failed at this turn. */
  fail(failed: RestedFailure, turn: number): boolean;
  /** A request that was begun at this turn has been answered: what was guessed or had failed before is over. */
  succeed(account: string, model: string, begun: number): boolean;
  /** The person's wish; a time that has passed ends it. */
  hand(account: string, until: number | undefined): void;
  /** Ends the account's rests of these causes, all unless given, and forgets its failures in a row. */
  end(account: string, causes?: ReadonlySet<Cause>): boolean;
  /** Until the next rest ends, in milliseconds; undefined where none will. */
  next(): number | undefined;
  /** Takes away what is over. `some` are the accounts it was of; `whole` those that rested as a whole, and not by hand. */
  sweep(): { readonly some: ReadonlySet<string>; readonly whole: ReadonlySet<string> };
  save(): readonly SavedRest[];
  load(saved: readonly SavedRest[]): void;
}

/** Upstreams that name a longer wait mean "never": the longest plans are counted by the month. */
const LONGEST_TOLD_MS = 31 * 24 * 3_600_000;

/** Failures before that much quiet are another story. */
const QUIET_MS = 3_600_000;

const HAND_TEXT = 'You let it rest.';

/** Nobody rests. */
export function createRests(clock: Clock): Rests {
  const book = createRestBook(clock);
  return {
    find: (account, model) => findHold(book, account, model),
    list: (account) =>
      [...book.allOf(account)]
        .filter(({ rest }) => !book.isOver(rest))
        .map(book.view)
        .sort(compareEnds),
    fail: (failed, turn) => fail(clock, book, failed, turn),
    succeed: (account, model, begun) => succeed(book, account, model, begun),
    hand: (account, until) => {
      const { rests } = book.open(account, undefined);
      const ms = until === undefined ? undefined : until - clock.now();
      const rest = { cause: 'hand', since: clock.now(), text: HAND_TEXT, turn: Number.POSITIVE_INFINITY } as const;
      if (ms !== undefined && ms <= 0) rests.delete('hand');
      else book.put(book.open(account, undefined), rest, ms);
    },
    end: (account, causes) => end(book, account, causes),
    next: () => {
      const ends = [...book.all()].flatMap(({ rest }) => rest.end ?? []).map((one) => readRemaining(clock, one));
      return ends.length === 0 ? undefined : Math.min(...ends);
    },
    sweep: () => sweep(book),
    save: () =>
      [...book.all()]
        .filter(({ rest }) => !book.isOver(rest))
        .map((placed) => {
          const { level, errorKind } = placed.rest;
          return { account: placed.account, ...book.view(placed), level, ...(errorKind && { errorKind }) };
        }),
    load: (saved) => {
      for (const rest of saved) load(clock, book, rest);
    },
  };
}

function findHold(book: RestBook, account: string, model: string): Hold | undefined {
  const scopes = book.find(account);
  if (scopes === undefined) return undefined;
  const found: Rest[] = [];
  for (const name of [undefined, model])
    for (const rest of scopes.get(name)?.rests.values() ?? []) if (!book.isOver(rest)) found.push(rest);
  if (found.length === 0) return undefined;
  // The strictest decides, and it lasts as long as the longest of that kind.
  const shut = found.filter(({ cause }) => cause === 'told' || cause === 'hand');
  const failed = found.filter(({ cause }) => cause === 'failed');
  const strictest = shut.length > 0 ? shut : failed.length > 0 ? failed : found;
  const last = strictest.reduce((one, other) => (isLater(book.readEnd(other), book.readEnd(one)) ? other : one));
  const { cause, text, errorKind } = last;
  const until = book.readEnd(last);
  const isShut = shut.length > 0;
  return {
    isShut,
    isFailed: !isShut && failed.length > 0,
    cause,
    text,
    ...(until === undefined ? {} : { until }),
    ...(errorKind && { errorKind }),
  };
}

const isLater = (one: number | undefined, other: number | undefined): boolean =>
  other !== undefined && (one === undefined || one > other);

const compareEnds = (one: RestView, other: RestView): number =>
  Number(isLater(one.until, other.until)) - Number(isLater(other.until, one.until));

function fail(clock: Clock, book: RestBook, failed: RestedFailure, turn: number): boolean {
  const { account, model, error, failure, begun, text } = failed;
  const { rest: rule } = failure;
  if (rule === undefined) return false;
  const scope = book.open(account, rule.scope === 'account' ? undefined : model);
  countFailure(clock, scope);
  const since = clock.now();
  // Who has to mend something is not helped by waiting, whatever the upstream says.
  const toldMs = rule.guess === undefined ? 0 : Math.min(error.retryAfterMs ?? 0, LONGEST_TOLD_MS);
  if (toldMs > 0) {
    const { end: before } = scope.rests.get('told') ?? {};
    // Of two limits at once, nothing is won by asking before the later one ends.
    if (before !== undefined && readRemaining(clock, before) >= toldMs) return false;
    scope.rests.delete('guessed');
    book.put(scope, { cause: 'told', since, text, turn, errorKind: error.kind }, toldMs);
    return true;
  }
  if (scope.failures < rule.after) return false;
  const before = scope.rests.get(rule.cause);
  // Requests that were under way when it began to rest fail for the same reason: they are one failure.
  if (before !== undefined && !book.isOver(before) && begun <= before.turn) return false;
  const words = rule.advice === undefined ? text : `${endSentence(text)} ${rule.advice}`;
  book.put(scope, { cause: rule.cause, since, text: words, turn }, guess(clock, scope, rule, begun, turn));
  return true;
}

function countFailure(clock: Clock, scope: Scope): void {
  if (scope.stale !== undefined && readRemaining(clock, scope.stale) === 0) {
    scope.failures = 0;
    scope.level = 0;
  }
  scope.failures += 1;
  scope.stale = createDeadline(clock, QUIET_MS);
}

/** How long it rests without the upstream's word; undefined for ever. */
function guess(clock: Clock, scope: Scope, { guess: lengths }: RestRule, begun: number, turn: number) {
  if (lengths === undefined) return undefined;
  if (begun > scope.turn) {
    scope.level += 1;
    scope.turn = turn;
  }
  const ms = Math.min(lengths.firstMs * 2 ** (scope.level - 1), lengths.mostMs);
  scope.stale = createDeadline(clock, ms + QUIET_MS);
  return ms;
}

const endSentence = (text: string) => text.replace(/(?<![.!?…])$/, '.');

function succeed(book: RestBook, account: string, model: string, begun: number): boolean {
  const scopes = book.find(account);
  if (scopes === undefined) return false;
  let changed = false;
  for (const name of [undefined, model]) {
    const scope = scopes.get(name);
    if (scope === undefined) continue;
    for (const rest of [...scope.rests.values()]) {
      const isProved = rest.turn < begun && (rest.cause === 'guessed' || rest.cause === 'failed' || book.isOver(rest));
      if (isProved) changed = scope.rests.delete(rest.cause) || changed;
    }
    if (scope.turn < begun) Object.assign(scope, { failures: 0, level: 0 });
    if (scope.rests.size === 0 && scope.failures === 0) scopes.delete(name);
  }
  return changed;
}

function end(book: RestBook, account: string, causes?: ReadonlySet<Cause>): boolean {
  const scopes = book.find(account);
  let changed = false;
  for (const [model, scope] of scopes ?? []) {
    for (const cause of [...scope.rests.keys()])
      if (causes === undefined || causes.has(cause)) changed = scope.rests.delete(cause) || changed;
    Object.assign(scope, { failures: 0, level: 0 });
    if (scope.rests.size === 0) scopes?.delete(model);
  }
  return changed;
}

function sweep(book: RestBook): ReturnType<Rests['sweep']> {
  const over = [...book.all()].filter(({ rest }) => book.isOver(rest));
  for (const { scope, rest } of over) scope.rests.delete(rest.cause);
  const whole = over.filter(({ model, rest }) => model === undefined && rest.cause !== 'hand');
  return { some: new Set(over.map(({ account }) => account)), whole: new Set(whole.map(({ account }) => account)) };
}

function load(clock: Clock, book: RestBook, saved: SavedRest): void {
  const { account, model, cause, since, until, text, level = 0, errorKind } = saved;
  const now = clock.now();
  // What was written under a clock that was wrong lasts at most as long as it was meant to.
  const longest = cause === 'hand' ? Number.POSITIVE_INFINITY : LONGEST_TOLD_MS;
  const ms = until === undefined ? undefined : Math.min(until - now, until - since, longest);
  if (ms !== undefined && ms <= 0) return;
  const scope = book.open(account, model);
  const stale = createDeadline(clock, (ms ?? 0) + QUIET_MS);
  Object.assign(scope, { level, failures: Math.max(1, level), stale });
  const turn = cause === 'hand' ? Number.POSITIVE_INFINITY : -1;
  book.put(scope, { cause, since: Math.min(since, now), text, turn, ...(errorKind && { errorKind }) }, ms);
}
