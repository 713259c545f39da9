// K2-Think over its site, signed in or as a guest, and over its official API.
import { GatewayError } from '../../canonical/errors.ts';
import type { AccountLogin } from '../login.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { createOpenCall } from './calls.ts';
import { checkAccount } from './check.ts';
import { createConverse } from './converse.ts';
import { HOST_NAMES, ID } from './hosts.ts';
import { createLists } from './lists.ts';
import { recogniseModel } from './model-names.ts';
import { createModels } from './models.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { fields, METHODS, signIn } from './sign-in.ts';

/** The provider with this machine's clock. */
export function createK2ThinkProvider(services: ProviderServices): Provider {
  return createK2ThinkProviderWith(services, {});
}

/** The provider over these edges; `now` is the wall clock, in milliseconds since 1970. */
export function createK2ThinkProviderWith(
  services: ProviderServices,
  { now = Date.now }: { readonly now?: () => number },
): Provider {
  const { http, logger, limits, toolCalls } = services;
  const sessions = createSessions({ services, now });
  const open = createOpenCall({ http, sessions });
  const models = createModels({ open, logger });
  return {
    id: ID,
    name: 'K2-Think',
    card: {
      standing:
        'Reverse-engineered: the site k2think.ai publishes no interface, and may change or refuse this at any time. Only the way with an API key is official.',
      spends: 'The site charges nothing and limits what it gives; an API key spends what its own terms say.',
    },
    signIn,
    fields,
    endpoints: HOST_NAMES,
    listModels: models.list,
    recognise: recogniseModel,
    converse: createConverse({ open, models, limits, logger, toolCalls }),
    check: (context) => checkAccount({ http, models, sessions, now }, context),
    login: createLogin(sessions),
    renewal: sessions.renewal,
    lists: createLists(now),
  };
}

function createLogin(sessions: Sessions): AccountLogin {
  return {
    owner: ({ method }) => (method === METHODS.password ? 'own' : undefined),
    signOut: async (context) => {
      const had = await sessions.signOut(context);
      if (had) return 'Signed out. The next request signs in again; remove the account to end that.';
      throw new GatewayError('invalid-request', 'This account is not signed in now.', { provider: ID });
    },
    forget: (credential) => sessions.forget(credential),
  };
}
