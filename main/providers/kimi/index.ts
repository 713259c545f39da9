// Kimi: Moonshot's platform, international and Chinese, the Kimi Code plan, and engines of the person's own that serve Kimi's
// open models, with or without a tool parser.
import { createOpenAiChatCalls } from '../kit/openai-chat-provider.ts';
import { createOpenAiComplete } from '../kit/openai-complete-call.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { checkAccount } from './check.ts';
import { createConverse } from './converse.ts';
import { readKimiRefusal } from './errors.ts';
import { describeModels, recogniseModel } from './models.ts';
import { fields, HOSTS, ID, signIn } from './options.ts';
import { askQuota } from './quota.ts';
import { readUpstream } from './upstream.ts';

/** The provider. */
export function createKimiProvider(services: ProviderServices): Provider {
  const options = { provider: ID, upstream: readUpstream, readRefusal: readKimiRefusal };
  const calls = createOpenAiChatCalls(services, options);
  const readQuota: Provider['readQuota'] = (context) => askQuota(services.http, context);
  return {
    id: ID,
    name: 'Kimi',
    card: {
      standing:
        'Moonshot’s documented API, with your own key; or an engine of your own. The coding plan is meant for the programs that Kimi allows.',
      spends:
        'Each request spends your balance, or your share of the coding plan; a web search costs a fee of its own.',
    },
    signIn,
    fields,
    endpoints: HOSTS,
    listModels: async (context) => describeModels(await calls.listModels(context)),
    recognise: recogniseModel,
    converse: createConverse(services),
    complete: createOpenAiComplete(services, options),
    readQuota,
    check: (context) => checkAccount({ checkModels: calls.check, readQuota }, context),
  };
}
