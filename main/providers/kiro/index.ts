// Models of Kiro (Amazon Q Developer) with the person's own login or key, over the interface that Kiro's own programs use.
import type { Provider, ProviderServices } from '../provider.ts';
import { createCallKiro } from './call.ts';
import { checkAccount } from './check.ts';
import { type Clock, SYSTEM_CLOCK } from './clock.ts';
import { createControl } from './control-calls.ts';
import { createConverse } from './converse.ts';
import { type CredentialEdges, createKiroCredentials } from './credentials.ts';
import { ID } from './formats.ts';
import { HOSTS } from './hosts.ts';
import { createKiroModels, describeModels, recogniseModel } from './models.ts';
import { callFields } from './options.ts';
import { askQuota } from './quota.ts';
import { fields, signIn } from './sign-in.ts';
import { createWebSearch } from './web-search.ts';

/** What a test may put in place of the machine. */
export interface KiroEdges extends CredentialEdges {
  readonly clock?: Clock;
}

/** The provider for the person's machine. */
export function createKiroProvider(services: ProviderServices): Provider {
  return createKiroProviderWith(services, {});
}

/** The provider over these edges. */
export function createKiroProviderWith(services: ProviderServices, edges: KiroEdges): Provider {
  const { http, logger, limits } = services;
  const { clock = SYSTEM_CLOCK } = edges;
  const credentials = createKiroCredentials(services, { now: clock.now, ...edges });
  const { logins, login, renewal } = credentials;
  const ask = createControl({ http, logins });
  const models = createKiroModels({ ask, logger, now: clock.now });
  const call = createCallKiro({ http, logins, limits, clock });
  return {
    id: ID,
    name: 'Kiro',
    card: {
      standing:
        'Reverse-engineered: AWS publishes no interface for this and may suspend accounts that are used so. The sanctioned way is kiro-cli’s own “kiro-cli acp”.',
      spends:
        'Each request spends credits of your Kiro plan, as in Kiro itself; what is left is shown with the account.',
    },
    signIn,
    // Patchbay finds region and profile by itself for nearly everybody.
    fields: [...fields.map((field) => ({ ...field, advanced: true })), ...callFields],
    endpoints: HOSTS,
    listModels: async (context) => describeModels((await models.list(context)).models),
    recognise: recogniseModel,
    converse: createConverse({ call, models, logger, search: createWebSearch({ http, logins }) }),
    readQuota: (context) => askQuota(ask, context),
    check: (context) =>
      checkAccount({ models, checkLogin: credentials.check, readQuota: (asked) => askQuota(ask, asked) }, context),
    findLogins: credentials.findLogins,
    login,
    renewal,
    close: credentials.close,
  };
}
