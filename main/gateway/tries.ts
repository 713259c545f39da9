// What has been tried, and what of it may be tried again.
import type { FailureClass } from './failure-class.ts';
import type { FailedTry } from './last-error.ts';
import type { Candidate, Stage } from './route-plan.ts';

/** A try that failed. */
export interface Miss extends FailedTry {
  readonly meaning: FailureClass;
}

/** Longer waits are the client's own business. */
const LONGEST_WAIT_MS = 10_000;
const FIRST_WAIT_MS = 500;
/** Whether the candidate has had its tries; a failure that holds for the whole account counts for all of its models. */
export function isDone(misses: readonly Miss[], candidate: Candidate, round: number): boolean {
  let tries = 0;
  for (const {
    candidate: { account, model },
    meaning,
  } of misses) {
    if (account.id !== candidate.account.id) continue;
    if (model !== candidate.model && meaning.rest?.scope !== 'account') continue;
    if (!meaning.mayRepeat) return true;
    tries += 1;
  }
  return tries > round;
}

/** How long until the first of the stage may be asked again; undefined where none may, or not soon. */
export function findWait(misses: readonly Miss[], { members }: Stage, round: number): number | undefined {
  const waits = members.flatMap((member) => {
    if (isDone(misses, member, round + 1)) return [];
    const last = misses.findLast(({ candidate }) => candidate === member);
    return last === undefined ? [] : [last.error.retryAfterMs ?? FIRST_WAIT_MS * 2 ** round];
  });
  const least = Math.min(...waits);
  return least <= LONGEST_WAIT_MS ? least : undefined;
}
