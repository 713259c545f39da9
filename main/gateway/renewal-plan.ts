// One login and when it is renewed next: ahead of its end, later after failures. Reckons and counts; calls nobody.
import type { RenewalView } from '../../shared/routing.ts';
import type { GatewayError } from '../canonical/errors.ts';
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';

/** What a provider says of a login. */
export interface FoundLogin {
  readonly endsAt?: number;
  readonly dueAt?: number;
}

/** The plan for one login, which several accounts may share. */
export interface RenewalPlan {
  /** Takes in what the provider says now; what it said before keeps its time. */
  follow(found: FoundLogin): void;
  /** Whether what the provider says now is still what was planned for, or is due all the same. */
  holds(found: FoundLogin): boolean;
  /** It was renewed; `found` is what the provider says since. */
  succeed(found: FoundLogin | undefined): void;
  /** It could not be renewed; `text` may be shown. */
  fail(error: GatewayError, text: string): void;
  /** How long it is until it should be renewed, in milliseconds; undefined where that is not planned. */
  remaining(): number | undefined;
  /** When the provider wants it renewed, by the wall clock. */
  readonly dueAt: number | undefined;
  view(isRunning: boolean): RenewalView;
}

/** So much earlier than it is due a login is renewed at most: not all that were made together end together. */
const JITTER_MS = 2 * 60_000;
const FIRST_WAIT_MS = 30_000;
const LONGEST_WAIT_MS = 30 * 60_000;

/** A login of which nothing is known yet; `random` gives numbers from 0 to 1. */
export function createRenewalPlan(clock: Clock, random: () => number): RenewalPlan {
  let known: FoundLogin = {};
  let start: Deadline | undefined;
  let failures = 0;
  let vain = 0;
  let count = 0;
  let errors = 0;
  let renewedAt: number | undefined;
  let problem: string | undefined;

  const isSame = ({ dueAt, endsAt }: FoundLogin) => dueAt === known.dueAt && endsAt === known.endsAt;
  const plan = (found: FoundLogin) => {
    known = found;
    const { dueAt } = found;
    start =
      dueAt === undefined ? undefined : createDeadline(clock, Math.max(0, dueAt - random() * JITTER_MS - clock.now()));
  };
  return {
    get dueAt() {
      return known.dueAt;
    },
    follow: (found) => {
      // The wall clock may have been set back since: what was reckoned before holds for what has not changed.
      if (isSame(found)) return;
      failures = 0;
      problem = undefined;
      plan(found);
    },
    holds: (found) => found.dueAt !== undefined && (isSame(found) || found.dueAt - JITTER_MS <= clock.now()),
    succeed: (found) => {
      count += 1;
      renewedAt = clock.now();
      failures = 0;
      problem = undefined;
      if (found === undefined) return;
      plan(found);
      // A clock that is ahead of the upstream's sees every login at its end: it is not renewed again and again.
      vain = readRemainingOf(start, clock) === 0 ? vain + 1 : 0;
      if (vain > 0) start = createDeadline(clock, backOff(vain));
    },
    fail: (error, text) => {
      errors += 1;
      failures += 1;
      problem = text;
      // What was refused for good is not asked for more often than it has to be.
      const wait = error.kind === 'unauthorized' ? LONGEST_WAIT_MS : backOff(failures);
      start = createDeadline(clock, Math.max(wait, error.retryAfterMs ?? 0));
    },
    remaining: () => readRemainingOf(start, clock),
    view: (isRunning) => ({
      ...(known.endsAt === undefined ? {} : { endsAt: known.endsAt }),
      ...(start === undefined ? {} : { dueAt: start.at }),
      ...(renewedAt === undefined ? {} : { renewedAt }),
      isRunning,
      count,
      errors,
      ...(problem === undefined ? {} : { problem }),
    }),
  };
}

function readRemainingOf(deadline: Deadline | undefined, clock: Clock): number | undefined {
  return deadline === undefined ? undefined : readRemaining(clock, deadline);
}

function backOff(times: number): number {
  return Math.min(FIRST_WAIT_MS * 2 ** (times - 1), LONGEST_WAIT_MS);
}
