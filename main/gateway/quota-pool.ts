// Between the quotas and the pool: what becomes of requests says when a quota is to be read anew, and a quota that has something
// again ends the rest of an account that nobody told the end of.
import type { Pool } from './pool.ts';
import type { Quotas } from './quotas.ts';

/** The pool, with what becomes of its leases told to the quotas, too. */
export function tellQuotas(pool: Pool, quotas: Pick<Quotas, 'hear'>): Pool {
  return {
    ...pool,
    lease: async (members, wish) => {
      const lease = await pool.lease(members, wish);
      if (lease === undefined) return undefined;
      const { candidate, text } = lease;
      return {
        candidate,
        text,
        release: (outcome) => {
          lease.release(outcome);
          if (outcome.type === 'ok') quotas.hear(candidate.account.id, undefined);
          else if (outcome.type === 'failed') quotas.hear(candidate.account.id, outcome.error.kind);
        },
      };
    },
  };
}

/**
 * Ends the rest of a whole account that has something again. A rest whose end the upstream has told, of one model or by the
 * person's hand is not ours to end.
 */
export function proveReturned(pool: Pick<Pool, 'listRests' | 'prove'>, accountId: string): void {
  const rests = pool.listRests(accountId);
  const isOurs = rests.every(({ cause, model }) => model === undefined && (cause === 'guessed' || cause === 'failed'));
  if (rests.length > 0 && isOurs) pool.prove(accountId);
}
