// An account as the calls need it: its hosts, its key, its own names for bots. Reads what the person has set, calls nobody.
import type { Field, SignInMethod } from '../../../shared/views.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Account, Credential } from '../../credentials/credential.ts';
import type { ReasoningHandling } from '../kit/reasoning-splitter.ts';

/** The provider's id. */
export const ID = 'poe';

/** The hosts that an account may replace. */
export const HOSTS = ['bot', 'rest', 'upload'] as const;

/** The settings of an account, read and complete; no address ends in a slash. */
export interface PoeAccount {
  readonly key: string;
  readonly transport: 'bot' | 'rest';
  /** What stands before a bot's name. */
  readonly bot: string;
  /** What stands before `/v1` and `/usage`. */
  readonly rest: string;
  readonly upload: string;
  /** The proxy that its calls go through. */
  readonly proxy: string | undefined;
  /** The person's own names for bots, in lower case. */
  readonly mapping: ReadonlyMap<string, string>;
  /** Who answers for a name that Poe does not know. */
  readonly fallback: string | undefined;
  readonly tools: 'auto' | 'native' | 'emulated';
  readonly thinking: ReasoningHandling;
  /** Leave out the instructions that a bot has on Poe. */
  readonly skipsPrompt: boolean;
}

const ADDRESSES: Readonly<Record<(typeof HOSTS)[number], string>> = {
  bot: 'https://api.poe.com/bot',
  rest: 'https://api.poe.com',
  upload: 'https://www.quora.com/poe_api/file_upload_3RD_PARTY_POST',
};

/** A key from Poe's own page. */
export const signIn: readonly SignInMethod[] = [
  {
    id: 'key',
    label: 'API key',
    help: 'From poe.com/api/keys. One key works for bots, models, uploads and your balance.',
    fields: [{ name: 'key', label: 'API key', kind: 'secret', required: true }],
  },
];

/** How bots are asked. */
export const fields: readonly Field[] = [
  {
    name: 'transport',
    label: 'Way to Poe',
    kind: 'choice',
    required: false,
    help: 'Both are Poe’s own. The bot protocol reaches every bot and brings files; the API counts tokens.',
    options: [
      { value: 'bot', label: 'Bot protocol' },
      { value: 'rest', label: 'OpenAI-compatible API' },
    ],
  },
  {
    name: 'modelMapping',
    label: 'Your names for bots',
    kind: 'text',
    required: false,
    placeholder: 'gpt-4o = GPT-4o-Mini, fast = Claude-Haiku-4.5',
    help: 'Listed as models, and tried before Poe’s own names. Also as JSON: {"gpt-4o": "GPT-4o-Mini"}.',
  },
  {
    name: 'fallbackModel',
    label: 'Bot for unknown names',
    kind: 'text',
    required: false,
    advanced: true,
    placeholder: 'none: they are refused',
    help: 'Answers for names that no account knows. Each such request says so in the log.',
  },
  {
    name: 'tools',
    label: 'Tools',
    kind: 'choice',
    required: false,
    advanced: true,
    options: [
      { value: 'auto', label: 'As the bot takes them, else in words' },
      { value: 'native', label: 'Only as Poe passes them on' },
      { value: 'emulated', label: 'Always in words' },
    ],
  },
  {
    name: 'thinking',
    label: 'Thinking in a bot’s text',
    kind: 'choice',
    required: false,
    advanced: true,
    options: [
      { value: 'reasoning', label: 'Told apart from the answer' },
      { value: 'remove', label: 'Left out' },
      { value: 'pass', label: 'Left in the answer as it comes' },
    ],
  },
  {
    name: 'botPrompt',
    label: 'Instructions that a bot has on Poe',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Only the bot protocol can keep them.',
    options: [
      { value: 'keep', label: 'Kept' },
      { value: 'skip', label: 'Left out' },
    ],
  },
];

/** Reads the settings. Throws `GatewayError` for one that is wrong. */
export function readPoeAccount({ account, secrets, proxy }: Credential): PoeAccount {
  const { values } = account;
  if (!secrets.key) throw refuse('This account has no API key. Add one from poe.com/api/keys.');
  return {
    key: secrets.key,
    transport: values.transport === 'rest' ? 'rest' : 'bot',
    bot: readAddress(account, 'bot'),
    rest: readAddress(account, 'rest').replace(/\/v1$/, ''),
    upload: readAddress(account, 'upload'),
    proxy,
    mapping: readMapping(account),
    fallback: values.fallbackModel || undefined,
    tools: values.tools === 'native' || values.tools === 'emulated' ? values.tools : 'auto',
    thinking: values.thinking === 'remove' || values.thinking === 'pass' ? values.thinking : 'reasoning',
    skipsPrompt: values.botPrompt === 'skip',
  };
}

const readAddress = ({ endpoints }: Account, name: (typeof HOSTS)[number]) =>
  (endpoints[name] ?? ADDRESSES[name]).replace(/\/+$/, '');

/** The person's names as they have written them, with the bots that they mean. Throws `GatewayError`. */
export function listMapping({ values }: Pick<Account, 'values'>): readonly (readonly [string, string])[] {
  const text = values.modelMapping?.trim() ?? '';
  if (text === '') return [];
  const pairs = text.startsWith('{') ? readJsonPairs(text) : text.split(/[,\n]/).filter((pair) => pair.trim() !== '');
  return pairs.map((pair) => {
    const [name, bot, ...rest] = (typeof pair === 'string' ? pair.split('=') : pair).map((word) => word.trim());
    if (!name || !bot || rest.length > 0) throw refuseMapping();
    return [name, bot] as const;
  });
}

function readJsonPairs(text: string): [string, string][] {
  try {
    const pairs = Object.entries(JSON.parse(text) as object);
    if (pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return pairs;
  } catch {
    // Told below.
  }
  throw refuseMapping();
}

const readMapping = (account: Account) =>
  new Map(listMapping(account).map(([name, bot]) => [name.toLowerCase(), bot] as const));

const refuseMapping = () =>
  refuse('"Your names for bots" of this account must be NAME = BOT, with commas between, or a JSON object of texts.');

const refuse = (message: string) => new GatewayError('invalid-request', message, { provider: ID });
