// Joins the rooms of the gateway: what the accounts offer and have left, and the way of a request through them.
import { join } from 'node:path';
import type { Routing } from '../../shared/routing.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import { explainAgent, followAgents } from '../gateway/agent-accounts.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { createModelCatalog, type ModelCatalog } from '../gateway/model-catalog.ts';
import type { Pool } from '../gateway/pool.ts';
import { openQuotaFile } from '../gateway/quota-file.ts';
import { proveReturned, tellQuotas } from '../gateway/quota-pool.ts';
import { createQuotaWarnings, type QuotaWarnings } from '../gateway/quota-warnings.ts';
import { createQuotas, type Quotas } from '../gateway/quotas.ts';
import { createRenewals, type Renewals } from '../gateway/renewals.ts';
import { createRouteTester, type RouteTester } from '../gateway/route-tester.ts';
import { type AllowsModel, createRouter } from '../gateway/router.ts';
import { createServedModels, type ServedModels } from '../gateway/served-models.ts';
import type { ProjectBook } from '../projects/project-book.ts';
import type { Agents, Provider } from '../providers/provider.ts';
import { type Clock, SYSTEM_CLOCK } from '../util/clock.ts';
import { openPool } from './open-pool.ts';

/** The rooms of the gateway. */
export interface GatewayRooms {
  readonly gateway: Gateway;
  readonly catalog: ModelCatalog;
  readonly served: ServedModels;
  readonly quotas: Quotas;
  readonly warnings: QuotaWarnings;
  readonly pool: Pool;
  readonly renewals: Renewals;
  readonly tester: RouteTester;
  /** Ends what goes on in the background. */
  close(): Promise<void>;
}

/** What they are made of. */
export interface GatewayParts {
  readonly accounts: AccountBook;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly agents: Agents;
  readonly projects: ProjectBook;
  readonly redact: (text: string) => string;
  /** The rules that hold, read at each request. */
  readonly routing: () => Routing;
  /** Calls back after they have changed. */
  readonly onRouting: (listener: () => void) => () => void;
  readonly dataFolder: string;
  /** Which models a client key may use; absent where every key may use all. */
  readonly allows?: AllowsModel;
  readonly clock?: Clock;
  /** At which share of a plan the person is told, in percent; 0 never tells. */
  readonly quotaWarnPercent: () => number;
  /** Shows a notice, or takes the one with this id away where there is no text. */
  readonly setNotice: (id: string, title: string, text: string | undefined) => void;
  /** Puts a message on the person's screen. */
  readonly notify: (title: string, text: string) => void;
}

/** Makes and joins them; they follow the accounts until they are closed. */
export function openGateway(parts: GatewayParts): GatewayRooms {
  const { accounts, providers, agents, projects, redact, routing, allows, clock = SYSTEM_CLOCK } = parts;
  const catalog = createModelCatalog({ accounts, providers, redact, now: Date.now });
  accounts.onChange(catalog.forget);
  // Asking for them starts programs: only where the answer can have changed.
  const renewAsNeeded = followAgents(agents, catalog.renew);
  projects.onChange(renewAsNeeded);
  // Agents whose rules name no account move when the first one that can run them becomes another.
  accounts.onChange(renewAsNeeded);
  const { dataFolder, quotaWarnPercent: percent, setNotice, notify } = parts;
  const file = openQuotaFile({
    path: join(dataFolder, 'quota.json'),
    clock,
    onMishap: (text) => setNotice('quota', 'What is left of the plans had a mishap', text),
  });
  let pool: Pool | undefined;
  const onReturned = (id: string) => pool !== undefined && proveReturned(pool, id);
  const quotas = createQuotas({ accounts, providers, redact, clock, file, onReturned });
  const warnings = createQuotaWarnings({ accounts, quotas, clock, percent, setNotice, notify });
  const explain = (name: string) => explainAgent(name, projects.views);
  const router = createRouter({ accounts, catalog, explain, routing, allows });
  const onMishap = (text: string) => setNotice('pool', 'The rests of accounts had a mishap', text);
  pool = tellQuotas(openPool({ ...parts, onMishap, quotas, clock }), quotas);
  const renewals = createRenewals({ clock, accounts, providers, pool, redact });
  const served = createServedModels({ accounts, catalog, router, pool, routing });
  const tester = createRouteTester({ router, pool, routing, now: clock.now });
  const limits = () => routing().attempts;
  const { learn } = quotas;
  const gateway = createGateway({ accounts, providers, router, pool, limits, redact, clock, learn });
  return {
    gateway,
    catalog,
    served,
    quotas,
    warnings,
    pool,
    renewals,
    tester,
    close: async () => {
      warnings.close();
      // A renewal that ends now still tells the pool of it.
      await Promise.all([quotas.close(), renewals.close()]);
      await pool.close();
    },
  };
}
