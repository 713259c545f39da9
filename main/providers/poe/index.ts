// Bots of Poe with the person's own key, over Poe's bot protocol or its OpenAI-compatible API.
import { readError } from '../../canonical/errors.ts';
import { createImageDelivery } from '../kit/image-delivery.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { fields, HOSTS, ID, signIn } from './account.ts';
import { createCallBot, type Wait } from './bot-call.ts';
import { createAskBot } from './bot-converse.ts';
import { checkAccount } from './check.ts';
import { chooseBot, chooseFallback, createConverse } from './converse.ts';
import { createMakeImages } from './images.ts';
import { createPoeBots, recogniseBot } from './models.ts';
import { askBalance } from './quota.ts';
import { createAskRest } from './rest.ts';
import { createUploads } from './uploads.ts';
import { waitFor } from './wait.ts';

/** What a test may put in place of the machine. */
export interface PoeEdges {
  readonly now?: () => number;
  readonly wait?: Wait;
}

/** The provider for the person's machine. */
export function createPoeProvider(services: ProviderServices): Provider {
  return createPoeProviderWith(services, {});
}

/** The provider over these edges. */
export function createPoeProviderWith(services: ProviderServices, edges: PoeEdges): Provider {
  const { http, limits, logger, toolCalls } = services;
  const { now = Date.now, wait = waitFor } = edges;
  const bots = createPoeBots({ http, now });
  const call = createCallBot({ http, limits, wait });
  const askBot = createAskBot({ call, upload: createUploads({ http, now }), logger });
  const askRest = createAskRest(services);
  const makeImages = createMakeImages({ askBot, askRest, deliver: createImageDelivery(services) });
  return {
    id: ID,
    name: 'Poe',
    card: {
      standing:
        'Official: your own key from poe.com/api/keys, and the two interfaces that Poe documents, the bot protocol and the OpenAI-compatible API.',
      spends:
        'Each request spends points of your Poe account, by the price of the bot; what is left is shown with the account.',
    },
    signIn,
    fields,
    endpoints: HOSTS,
    listModels: bots.list,
    recognise: recogniseBot,
    fallbackModel: ({ values }) => values.fallbackModel || undefined,
    converse: createConverse({ bots, askBot, askRest, toolCalls }),
    generateImages: async (request, context) => {
      const chosen = await chooseBot(bots, request.model, context);
      try {
        return await makeImages(request, chosen, context);
      } catch (thrown) {
        const next = await chooseFallback(bots, chosen, thrown, context);
        if (next === undefined) throw readError(thrown);
        return await makeImages(request, next, context);
      }
    },
    readQuota: (context) => askBalance(http, context),
    check: (context) => checkAccount({ bots, readBalance: (asked) => askBalance(http, asked) }, context),
  };
}
