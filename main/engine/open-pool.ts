// Joins the pool with the accounts that it knows by name only: it forgets those that go, and looks after those whose rest is
// over.
import { join } from 'node:path';
import type { RestView } from '../../shared/routing.ts';
import { createRechecks } from '../gateway/account-check.ts';
import { createPool, type Pool } from '../gateway/pool.ts';
import { openPoolFile } from '../gateway/pool-file.ts';
import type { Quotas } from '../gateway/quotas.ts';
import type { Clock } from '../util/clock.ts';
import type { GatewayParts } from './open-gateway.ts';

/** What the pool is joined with. */
export interface PoolParts
  extends Pick<
    GatewayParts,
    'accounts' | 'providers' | 'redact' | 'routing' | 'onRouting' | 'dataFolder' | 'onMishap'
  > {
  readonly quotas: Pick<Quotas, 'refresh'>;
  readonly clock: Clock;
}

/** The doors have just opened; whether a login works again by now can wait that long. */
const FIRST_LOOK_MS = 5_000;

/** Upstreams refuse logins by mistake as well: who has failed is tested this often, by the cheapest look-up there is. */
const LOOK_MS = 3_600_000;

/** The pool of these accounts, with what its file in the data folder knows of them. */
export function openPool(parts: PoolParts): Pool {
  const { accounts, providers, quotas, redact, routing, onRouting, dataFolder, onMishap, clock } = parts;
  const pool = createPool({
    clock,
    rules: routing,
    onRules: onRouting,
    redact,
    file: openPoolFile({ path: join(dataFolder, 'pool.json'), clock, onMishap }),
    knows: (id) => accounts.find(id) !== undefined,
    recheck: (id) => rechecks.ask(id),
  });
  const rechecks = createRechecks({ accounts, providers, quotas, redact, pool, clock });
  const stop = accounts.onReplaced(({ id, isGone }) => (isGone ? pool.forget(id) : pool.replace(id)));
  const look = () => {
    for (const { id } of accounts.list()) if (pool.listRests(id).some(isFailure)) rechecks.ask(id);
    stopLooking = clock.schedule(look, LOOK_MS);
  };
  let stopLooking = clock.schedule(look, FIRST_LOOK_MS);
  return {
    ...pool,
    use: (id) => {
      pool.use(id);
      // What was reported of it is what the person does not believe any more.
      accounts.report(id, { state: 'untested' });
    },
    close: async () => {
      stop();
      stopLooking();
      await rechecks.close();
      await pool.close();
    },
  };
}

/** It is the whole account that has failed, and nothing but somebody ends it. */
const isFailure = ({ cause, model, until }: RestView) =>
  cause === 'failed' && model === undefined && until === undefined;
