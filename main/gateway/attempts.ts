// The search for somebody who answers: stage after stage, account after account, within the limits that the rules set. What a
// failure means is read elsewhere; what an answer is, too.
import type { AttemptRules } from '../../shared/routing.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Clock } from '../util/clock.ts';
import { writeDuration } from '../util/time-words.ts';
import { isOnceOnly } from './agent-route.ts';
import { nameAccount } from './attempt.ts';
import type { Budget } from './budget.ts';
import { classifyFailure } from './failure-class.ts';
import { joinFailures } from './last-error.ts';
import { createPassedOver, type PassedOver } from './passed-over.ts';
import { openEndlessPatience, openPatience, type Patience } from './patience.ts';
import type { Lease, Outcome, Pool, PoolWish } from './pool.ts';
import type { HealthReports } from './report-health.ts';
import type { Candidate, RoutePlan, Stage } from './route-plan.ts';
import type { Story } from './story.ts';
import { findWait, isDone, type Miss } from './tries.ts';

/** What a search needs. */
export interface SeekServices {
  readonly pool: Pool;
  readonly accounts: Pick<AccountBook, 'touch' | 'find'>;
  readonly health: HealthReports;
  readonly clock: Clock;
}

/** One search. */
export interface Seeking {
  readonly plan: RoutePlan;
  readonly wish: PoolWish;
  readonly limits: AttemptRules;
  readonly budget: Budget;
  /** Aborted when the client has gone. */
  readonly client: AbortSignal;
  readonly story: Story;
  /** The client wants the answer as it comes: there is a sign of life long before its end. */
  readonly live: boolean;
  /** The one account that is meant is asked even where it rests: somebody wants to know. */
  readonly isForced?: boolean;
}

/** Asks one; `patience` is told of the first sign of life, and its signal ends the attempt. */
export type Ask<Answer> = (candidate: Candidate, patience: Patience) => Promise<Answer>;

/** Somebody who answers. */
export interface Found<Answer> {
  readonly answer: Answer;
  readonly candidate: Candidate;
  /** To be called once: what became of it in the end. */
  end(outcome: Outcome): void;
}

/** Who had less time than this, and less than half of it, is not to blame for having used it up. */
const FAIR_MS = 30_000;

/**
 * Asks one candidate after the other until one answers. Throws `GatewayError`: the client's own reason where it has gone, a
 * failure that nobody could mend, or what all of them together come to.
 */
export async function seekAnswer<Answer>(
  services: SeekServices,
  seeking: Seeking,
  ask: Ask<Answer>,
): Promise<Found<Answer>> {
  const { plan, client, story } = seeking;
  const misses: Miss[] = [];
  const passed = createPassedOver(services.pool, seeking);
  const fail = () =>
    joinFailures(misses, passed.listShut(misses.map(({ candidate }) => candidate)), services.clock.now());
  try {
    for (const stage of plan.stages) {
      if (stage.steps !== undefined) story.tell(stage.steps);
      const found = await seekInStage({ ...services, passed }, seeking, { stage, misses, fail }, ask);
      if (found !== undefined) return found;
    }
    if (plan.stepsAfter !== undefined) story.tell(plan.stepsAfter);
  } catch (thrown) {
    throw client.aborted ? readError(client.reason) : thrown;
  }
  throw fail();
}

/** What has been tried in the whole search, and where it stands. */
interface Place {
  readonly stage: Stage;
  readonly misses: Miss[];
  /** What all failures so far come to. */
  readonly fail: () => GatewayError;
}

/** Undefined where nobody of the stage could serve. Throws where nobody else need be asked. */
async function seekInStage<Answer>(
  services: SeekServices & { readonly passed: PassedOver },
  seeking: Seeking,
  place: Place,
  ask: Ask<Answer>,
): Promise<Found<Answer> | undefined> {
  const { plan, limits, budget, story } = seeking;
  const { stage, misses } = place;
  const retries = isOnceOnly(plan) ? 0 : limits.retries;
  for (let round = 0; ; round += 1) {
    const found = await seekInRound(services, seeking, { ...place, round }, ask);
    if (found !== undefined || misses.at(-1)?.meaning.next === 'model') return found;
    const waitMs = round < retries && story.calls < limits.most ? findWait(misses, stage, round) : undefined;
    if (waitMs === undefined || waitMs >= budget.left()) return undefined;
    await budget.pause(waitMs);
  }
}

/** Asks everybody of the stage who has had no more tries than there were rounds. */
async function seekInRound<Answer>(
  services: SeekServices & { readonly passed: PassedOver },
  seeking: Seeking,
  place: Place & { readonly round: number },
  ask: Ask<Answer>,
): Promise<Found<Answer> | undefined> {
  const { plan, limits, budget, story } = seeking;
  const { stage, misses, fail } = place;
  const most = isOnceOnly(plan) ? 1 : limits.most;
  for (;;) {
    if (story.calls >= most) {
      if (!isSomebodyLeft(services, seeking, place)) return undefined;
      if (!isOnceOnly(plan)) story.stop(most);
      throw fail();
    }
    const lease = await takePlace(services, seeking, place);
    services.passed.look(stage, lease);
    if (lease === undefined) return undefined;
    const patience = choosePatience(services, seeking, place, lease.candidate);
    const result = await tryOnce(services, seeking, lease, () => ask(lease.candidate, patience));
    patience.sign();
    if ('answer' in result) return result;
    patience.close();
    misses.push(result);
    const { next } = result.meaning;
    if (next === 'stop') throw nameAccount(result.error, result.candidate.account.name);
    if (budget.isOver) throw fail();
    if (next === 'model') return undefined;
  }
}

/** Whether the stage has members that could still be asked in this round. */
function isSomebodyLeft(
  { pool, accounts }: SeekServices,
  { wish }: Seeking,
  { stage, misses, round }: Place & { readonly round: number },
): boolean {
  const ranked = pool.rank(stage.members, wish);
  return ranked.some(
    ({ candidate, isShut }) =>
      !isShut && accounts.find(candidate.account.id) !== undefined && !isDone(misses, candidate, round),
  );
}

/** Takes a place; waiting for one that becomes free ends with the budget. */
async function takePlace(
  { pool, accounts, clock }: SeekServices,
  { wish, budget, story, isForced }: Seeking,
  { stage, misses, fail, round }: Place & { readonly round: number },
): Promise<Lease | undefined> {
  const isTried = (candidate: Candidate) =>
    // Who has gone since the plan was made serves nobody.
    accounts.find(candidate.account.id) === undefined || isDone(misses, candidate, round);
  budget.start();
  const begunAt = clock.uptime();
  const tellWait = (hasLeft: boolean) => story.queue(stage.name, clock.uptime() - begunAt, hasLeft);
  try {
    const lease = await pool.lease(stage.members, { ...wish, isTried, signal: budget.signal });
    tellWait(false);
    const [only] = stage.members;
    return lease ?? (isForced && only !== undefined && misses.length === 0 ? createFreeLease(pool, only) : undefined);
  } catch (thrown) {
    if (!budget.isOver) {
      tellWait(true);
      throw thrown;
    }
    if (misses.length > 0) throw fail();
    const message = `All accounts that offer "${stage.name}" were busy for ${writeDuration(budget.ms)}.`;
    throw new GatewayError('timeout', message);
  }
}

/** Takes no place. What goes well still shows that the account works. */
function createFreeLease(pool: Pool, candidate: Candidate): Lease {
  const release = ({ type }: Outcome) => {
    if (type === 'ok') pool.prove(candidate.account.id);
  };
  return { candidate, text: 'It rests, but it was to be tried.', release };
}

/** How long the candidate may say nothing before another is asked in its place, which may be one of a later model. */
function choosePatience(
  { pool, clock }: SeekServices,
  { plan, wish, limits, budget, story, live }: Seeking,
  { stage, misses, round }: Place & { readonly round: number },
  candidate: Candidate,
): Patience {
  const stages = plan.stages.slice(plan.stages.indexOf(stage));
  if (isOnceOnly(plan) || (stages.length === 1 && stage.members.length === 1))
    return openEndlessPatience(budget.signal);
  const canMove = () =>
    story.calls < limits.most &&
    stages.some(({ members }) =>
      pool
        .rank(members, wish)
        .some(
          ({ candidate: other, standing }) =>
            standing === 'ready' && other !== candidate && !isDone(misses, other, round),
        ),
    );
  const { patienceMs } = limits;
  // A whole answer takes its time, and shows nothing of it.
  const ms = live || patienceMs === 0 ? patienceMs : Math.max(patienceMs, budget.left() / 2);
  return openPatience({ clock, ms, signal: budget.signal, provider: candidate.account.provider, canMove });
}

async function tryOnce<Answer>(
  { pool, accounts, health, clock }: SeekServices,
  { budget, client, story }: Seeking,
  lease: Lease,
  ask: () => Promise<Answer>,
): Promise<Found<Answer> | Miss> {
  const { candidate } = lease;
  const { account } = candidate;
  const begunAt = clock.uptime();
  story.begin(lease);
  accounts.touch(account.id);
  try {
    const answer = await ask();
    story.answer();
    return { answer, candidate, end: lease.release };
  } catch (thrown) {
    if (client.aborted) {
      lease.release({ type: 'dropped' });
      story.abort();
      throw thrown;
    }
    const error = budget.isOver ? createLate(budget, account.provider) : readError(thrown);
    const meaning = classifyFailure(error);
    const isFair = !budget.isOver || clock.uptime() - begunAt >= Math.min(FAIR_MS, budget.ms / 2);
    if (meaning.rest !== undefined && isFair) {
      lease.release({ type: 'failed', error });
      health.failed(account, nameAccount(error, account.name));
    } else lease.release({ type: 'dropped' });
    story.fail(error, pool.rank([candidate], {})[0]);
    return { candidate, error, meaning };
  }
}

function createLate({ ms }: Budget, provider: string): GatewayError {
  const message = `Nothing came within ${writeDuration(ms)}, as long as a request may look for an answer.`;
  return new GatewayError('timeout', message, { provider });
}
