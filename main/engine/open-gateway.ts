// Joins the rooms of the gateway: what the accounts offer and have left, and the way of a request through them.
import type { Routing } from '../../shared/routing.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import { explainAgent, followAgents } from '../gateway/agent-accounts.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { createModelCatalog, type ModelCatalog } from '../gateway/model-catalog.ts';
import type { Pool } from '../gateway/pool.ts';
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
  /** Told why something could not be kept; all goes on in memory. */
  readonly onMishap: (text: string) => void;
  /** Which models a client key may use; absent where every key may use all. */
  readonly allows?: AllowsModel;
  readonly clock?: Clock;
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
  const quotas = createQuotas({ accounts, providers, redact, now: Date.now });
  const explain = (name: string) => explainAgent(name, projects.views);
  const router = createRouter({ accounts, catalog, explain, routing, allows });
  const pool = openPool({ ...parts, quotas, clock });
  const renewals = createRenewals({ clock, accounts, providers, pool, redact });
  const served = createServedModels({ accounts, catalog, router, pool, routing });
  const tester = createRouteTester({ router, pool, routing, now: clock.now });
  const limits = () => routing().attempts;
  const gateway = createGateway({ accounts, providers, router, pool, limits, redact, clock });
  return {
    gateway,
    catalog,
    served,
    quotas,
    pool,
    renewals,
    tester,
    close: async () => {
      quotas.close();
      await Promise.all([pool.close(), renewals.close()]);
    },
  };
}
