// Says what the gateway would do with a request now, by the same router and the same pool, and does nothing.
import type { PathStep, RouteAnswer, RouteQuestion, Routing } from '../../shared/routing.ts';
import { readError } from '../canonical/errors.ts';
import { isOnceOnly } from './agent-route.ts';
import { joinFailures } from './last-error.ts';
import type { Pool, Ranked } from './pool.ts';
import type { RoutePlan } from './route-plan.ts';
import type { Router } from './router.ts';

/** Answers questions about the way of requests. */
export interface RouteTester {
  /** Never throws for a name that leads nowhere: the answer says so. */
  test(question: RouteQuestion): Promise<RouteAnswer>;
}

/** What a tester is made of. */
export interface RouteTesterServices {
  readonly router: Router;
  readonly pool: Pick<Pool, 'rehearse'>;
  /** The rules that hold. */
  readonly routing: () => Routing;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** A tester over the gateway's own rooms. */
export function createRouteTester({ router, pool, routing, now }: RouteTesterServices): RouteTester {
  const answer = (plan: RoutePlan, rules: Routing): RouteAnswer => {
    const ranked = pool.rehearse(
      plan.stages.map(({ members }) => members),
      rules,
    );
    const shut = ranked.flat().filter(({ isShut }) => isShut);
    const most = isOnceOnly(plan) ? 1 : rules.attempts.most;
    const candidates = ranked
      .flat()
      .filter(({ isShut }) => !isShut)
      .slice(0, most)
      .map(viewCandidate);
    const steps = [...plan.steps, ...plan.stages.flatMap((stage, at) => tellStage(stage.steps, ranked[at] ?? []))];
    const problem = candidates.length > 0 ? undefined : joinFailures([], shut, now()).message;
    return {
      steps: [...steps, ...(plan.stepsAfter ?? [])],
      candidates,
      ...(problem === undefined ? {} : { problem }),
    };
  };
  return {
    test: async (question) => {
      const { routing: rules = routing(), ...asking } = question;
      try {
        return answer(await router.plan(asking, rules), rules);
      } catch (thrown) {
        const { kind, message } = readError(thrown);
        return { steps: [], candidates: [], problem: message, ...(kind === 'not-found' ? { isUnknown: true } : {}) };
      }
    },
  };
}

/** How the stage is come to, and who of it is not asked. */
function tellStage(steps: readonly PathStep[] = [], ranked: readonly Ranked[]): readonly PathStep[] {
  const passed = ranked
    .filter(({ isShut }) => isShut)
    .map(({ candidate: { account, model }, text }) => ({
      kind: 'skipped' as const,
      text: `${account.name} was passed over. ${text}`,
      account: account.id,
      model,
    }));
  return [...steps, ...passed];
}

function viewCandidate({ candidate: { account, model }, standing, text }: Ranked): RouteAnswer['candidates'][number] {
  const { id, name: accountName, provider } = account;
  return { account: id, accountName, provider, model, standing, text };
}
