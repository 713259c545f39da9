// Says what the gateway would do with a request now, by the same router and the same pool, and does nothing.
import type { RouteAnswer, RouteQuestion } from '../../shared/routing.ts';
import { readError } from '../canonical/errors.ts';
import type { Pool } from './pool.ts';
import type { Router } from './router.ts';

/** Answers questions about the way of requests. */
export interface RouteTester {
  /** Never throws for a name that leads nowhere: the answer says so. */
  test(question: RouteQuestion): Promise<RouteAnswer>;
}

/** A tester over the gateway's own rooms. */
export function createRouteTester({ router, pool }: { readonly router: Router; readonly pool: Pool }): RouteTester {
  return {
    test: async (question) => {
      try {
        const { stages, steps } = await router.plan(question);
        const candidates = stages.flatMap(({ members }) =>
          pool.rank(members, {}).map(({ candidate: { account, model }, standing, text }) => ({
            account: account.id,
            accountName: account.name,
            provider: account.provider,
            model,
            standing,
            text,
          })),
        );
        return { steps: [...steps], candidates };
      } catch (thrown) {
        return { steps: [], candidates: [], problem: readError(thrown).message };
      }
    },
  };
}
