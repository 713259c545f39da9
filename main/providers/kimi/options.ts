// What a person can set of an account: as fields of a form and as what the calls work with.
import type { Field, SignInMethod } from '../../../shared/views.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Account, Credential } from '../../credentials/credential.ts';

/** The provider's id. */
export const ID = 'kimi';

/** Name of the host that `endpoints` of an account may replace; its rules stay those of the region. */
export const HOSTS = ['api'] as const;

/** A base of Kimi's own. */
export type Region = 'international' | 'china' | 'code';

/** The settings of an account, read and complete. */
export interface KimiAccount {
  /** Undefined for an engine of the person's own. */
  readonly region: Region | undefined;
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly key: string | undefined;
  /** Tool calls are taken out of the text of the reply. */
  readonly rawTools: boolean;
  /** Patchbay writes the model's prompt itself. */
  readonly writesPrompt: boolean;
  readonly wire: 'openai' | 'anthropic';
  readonly searchesWeb: boolean;
}

/** Kimi's own bases. */
export const BASES: Readonly<Record<Region, string>> = {
  international: 'https://api.moonshot.ai/v1',
  china: 'https://api.moonshot.cn/v1',
  code: 'https://api.kimi.com/coding/v1',
};

const regionField: Field = {
  name: 'region',
  label: 'Where the key is from',
  kind: 'choice',
  required: false,
  help: 'A key works at one of them only. Those of Kimi Code begin with sk-kimi-.',
  options: [
    { value: '', label: 'Seen by the key: Kimi Code or international' },
    { value: 'international', label: 'International (platform.kimi.ai), in US dollars' },
    { value: 'china', label: 'China (platform.kimi.com), in yuan' },
    { value: 'code', label: 'Kimi Code, the coding plan' },
  ],
};

/** The one way to set an account up. */
export const signIn: readonly SignInMethod[] = [
  {
    id: 'key',
    label: 'Key or own engine',
    help: 'A key of Kimi’s, or the address of an engine that serves Kimi’s open models.',
    fields: [
      regionField,
      { name: 'key', label: 'API key', kind: 'secret', required: false, help: 'An engine of your own may need none.' },
      {
        name: 'baseUrl',
        label: 'Base URL of your own engine',
        kind: 'url',
        required: false,
        placeholder: 'http://localhost:8000/v1',
        help: 'Only for vLLM, SGLang, KTransformers, TensorRT-LLM and the like. Usually ends in /v1.',
      },
    ],
  },
];

/** What every account may set besides. */
export const fields: readonly Field[] = [
  {
    name: 'toolParser',
    label: 'Tool calls are read',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Choose Patchbay for an engine whose answers show <|tool_call_begin|> and the like.',
    options: [
      { value: 'native', label: 'By the engine' },
      { value: 'raw', label: 'By Patchbay, from the model’s own tokens' },
    ],
  },
  {
    name: 'rawPrompt',
    label: 'Where Patchbay reads the calls, the prompt is written',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Choose Patchbay for an engine that only completes text, or that leaves the tools out of its prompt.',
    options: [
      { value: 'engine', label: 'By the engine (chat completions)' },
      { value: 'patchbay', label: 'By Patchbay (completions)' },
    ],
  },
  {
    name: 'wire',
    label: 'API to use',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'The Anthropic-shaped one carries cache markers; K2 models take six tenths of its temperature, which is made up for.',
    options: [
      { value: 'openai', label: 'The OpenAI-shaped one' },
      { value: 'anthropic', label: 'The Anthropic-shaped one' },
    ],
  },
  {
    name: 'webSearch',
    label: 'Web search',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Lets the model search through Kimi, for a fee per search, whenever it is not asked to think. Not with Kimi Code.',
    options: [
      { value: 'no', label: 'Off' },
      { value: 'yes', label: 'On' },
    ],
  },
];

/** Reads the settings. Throws `GatewayError` where something is missing. */
export function readKimiAccount({ account, secrets }: Credential): KimiAccount {
  const { values, endpoints } = account;
  const typed = values.baseUrl?.replace(/\/+$/, '');
  const known = typed === undefined ? undefined : findRegion(typed);
  const isOwn = typed !== undefined && known === undefined;
  const region = isOwn ? undefined : (known ?? readRegion(account, secrets.key));
  if (!isOwn && !secrets.key) {
    const message = 'This account has neither a key nor the base URL of an engine. Add one in Accounts.';
    throw new GatewayError('unauthorized', message, { provider: ID });
  }
  const baseUrl = endpoints.api?.replace(/\/+$/, '') ?? (region === undefined ? (typed as string) : BASES[region]);
  return {
    region,
    baseUrl,
    key: secrets.key || undefined,
    rawTools: values.toolParser === 'raw',
    writesPrompt: values.toolParser === 'raw' && values.rawPrompt === 'patchbay',
    wire: values.wire === 'anthropic' ? 'anthropic' : 'openai',
    searchesWeb: values.webSearch === 'yes',
  };
}

function readRegion({ values }: Account, key = ''): Region {
  if (values.region === 'china' || values.region === 'code' || values.region === 'international') return values.region;
  return key.startsWith('sk-kimi-') ? 'code' : 'international';
}

/** The region whose host this is, however the rest of the address was typed. */
function findRegion(baseUrl: string): Region | undefined {
  const host = URL.canParse(baseUrl) ? new URL(baseUrl).host : '';
  return (Object.keys(BASES) as Region[]).find((region) => new URL(BASES[region]).host === host);
}
