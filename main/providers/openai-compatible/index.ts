// Any server that speaks OpenAI's chat completions: the person types its base URL and key. Known services are presets.
import { GatewayError } from '../../canonical/errors.ts';
import type { CallContext } from '../context.ts';
import { createOpenAiChatCalls } from '../kit/openai-chat-provider.ts';
import { createOpenAiComplete } from '../kit/openai-complete-call.ts';
import { createOpenAiEmbed } from '../kit/openai-embed-call.ts';
import { createOpenAiGenerateImages } from '../kit/openai-image-call.ts';
import type { Provider, ProviderServices } from '../provider.ts';

const ID = 'openai-compatible';

/** The provider for whatever base URL the person types. */
export function createOpenAiCompatibleProvider(services: ProviderServices): Provider {
  const options = { provider: ID, upstream: readUpstream };
  return {
    id: ID,
    name: 'OpenAI-compatible',
    card: {
      standing: 'The documented API of the service, with your own key.',
      spends: 'Each request spends what that service charges for it; a server of your own costs nothing.',
    },
    signIn: [
      {
        id: 'key',
        label: 'Base URL and key',
        help: 'Any server with an OpenAI chat completions API: hosted, in your network, or on this machine.',
        fields: [
          {
            name: 'baseUrl',
            label: 'Base URL',
            kind: 'url',
            required: true,
            placeholder: 'https://api.example.com/v1',
            help: 'Usually ends in /v1.',
          },
          {
            name: 'key',
            label: 'API key',
            kind: 'secret',
            required: false,
            help: 'Leave it empty for a server that needs none.',
          },
        ],
        presets: [
          {
            id: 'openai',
            label: 'OpenAI',
            values: { baseUrl: 'https://api.openai.com/v1' },
            help: 'Keys from platform.openai.com, billed by token.',
          },
          {
            id: 'openrouter',
            label: 'OpenRouter',
            values: { baseUrl: 'https://openrouter.ai/api/v1' },
            help: 'Keys from openrouter.ai; many models under one key.',
          },
          {
            id: 'local-11434',
            label: 'Ollama on this machine',
            values: { baseUrl: 'http://127.0.0.1:11434/v1' },
            help: 'Needs no key.',
          },
          {
            id: 'local-1234',
            label: 'LM Studio on this machine',
            values: { baseUrl: 'http://127.0.0.1:1234/v1' },
            help: 'Needs no key; its server must be started in LM Studio.',
          },
        ],
      },
    ],
    endpoints: ['baseUrl'],
    ...createOpenAiChatCalls(services, options),
    complete: createOpenAiComplete(services, options),
    embed: createOpenAiEmbed(services, options),
    generateImages: createOpenAiGenerateImages(services, options),
  };
}

function readUpstream({ credential: { account, secrets } }: CallContext) {
  const baseUrl = account.endpoints.baseUrl ?? account.values.baseUrl;
  if (baseUrl === undefined) {
    throw new GatewayError('invalid-request', 'This account has no base URL.', { provider: ID });
  }
  return {
    baseUrl: baseUrl.replace(/\/+$/, ''),
    headers: secrets.key ? { authorization: `Bearer ${secrets.key}` } : ({} as Record<string, string>),
  };
}
