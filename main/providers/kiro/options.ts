// What a person can set of how an account of Kiro is used, as fields of a form and as what the calls work with.
import type { Field } from '../../../shared/views.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Account } from '../../credentials/credential.ts';
import { type ReasoningForm, type ReasoningHandling, THINKING_TAGS } from '../kit/reasoning-splitter.ts';
import { ID } from './formats.ts';
import { EMULATED_REASONING, type EmulatedReasoning } from './reasoning.ts';
import { MOST_BYTES } from './size.ts';

/** The settings of an account, read and complete. */
export interface CallOptions {
  /** Absent where models are not to be asked in words to think aloud. */
  readonly emulatedReasoning: EmulatedReasoning | undefined;
  readonly reasoningForm: ReasoningForm;
  readonly mayTrim: boolean;
  /** The largest body that is sent. */
  readonly mostBytes: number;
  readonly searchesWeb: boolean;
  /** Undefined for the default, which depends on the model. */
  readonly firstTokenMs: number | undefined;
}

/** The fields that every way of signing in shares, besides those of the login. */
export const callFields: readonly Field[] = [
  {
    name: 'reasoning',
    label: 'Thinking of models without a setting for it',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Asked in words to think aloud, which costs tokens. Models with a setting of their own are told in it.',
    options: [
      { value: 'asked', label: 'When a client asks for thinking' },
      { value: 'always', label: 'Always, unless a client asks for none' },
      { value: 'off', label: 'Never' },
    ],
  },
  {
    name: 'reasoningShown',
    label: 'What becomes of thinking aloud',
    kind: 'choice',
    required: false,
    advanced: true,
    options: [
      { value: 'reasoning', label: 'Told apart from the answer' },
      { value: 'remove', label: 'Left out' },
      { value: 'pass', label: 'Left in the answer, with its tags' },
      { value: 'strip-tags', label: 'Left in the answer, without its tags' },
    ],
  },
  {
    name: 'reasoningTokens',
    label: 'Tokens of thinking aloud',
    kind: 'text',
    required: false,
    advanced: true,
    placeholder: String(EMULATED_REASONING.budgetTokens),
    help: 'Where the client names no measure.',
  },
  {
    name: 'reasoningMost',
    label: 'Most tokens of thinking aloud',
    kind: 'text',
    required: false,
    advanced: true,
    placeholder: String(EMULATED_REASONING.mostTokens),
    help: 'Whatever a client asks for; 0 for no limit.',
  },
  {
    name: 'trim',
    label: 'Conversations that are too large',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Larger than what is said below.',
    options: [
      { value: 'no', label: 'Tell the client, which may shorten them well' },
      { value: 'yes', label: 'Leave out the oldest turns' },
    ],
  },
  {
    name: 'requestKilobytes',
    label: 'Most kilobytes at once',
    kind: 'text',
    required: false,
    advanced: true,
    placeholder: String(MOST_BYTES / 1000),
    help: 'Kiro was seen to refuse more than about 600, and may take more of models with a long context.',
  },
  {
    name: 'webSearch',
    label: 'Web search',
    kind: 'choice',
    required: false,
    advanced: true,
    help: 'Offers Kiro’s own search to the model where the client has none. Each round is another request.',
    options: [
      { value: 'no', label: 'Off' },
      { value: 'yes', label: 'On' },
    ],
  },
  {
    name: 'firstTokenSeconds',
    label: 'Seconds to the first sign of an answer',
    kind: 'text',
    required: false,
    advanced: true,
    placeholder: '90, for Opus 180',
    help: 'Then Patchbay asks again, twice at most.',
  },
  {
    name: 'ideVersion',
    label: 'Version of Kiro IDE to write like',
    kind: 'text',
    required: false,
    advanced: true,
    help: 'Only where Kiro refuses the one that Patchbay knows.',
  },
  {
    name: 'cliVersion',
    label: 'Version of kiro-cli to write like',
    kind: 'text',
    required: false,
    advanced: true,
    help: 'Only where Kiro refuses the one that Patchbay knows.',
  },
];

const DEFAULT_MS = 90_000;
/** The largest models think for long before they say anything. */
const SLOW_MS = 180_000;

/** Reads the settings. Throws `GatewayError` for a value that is none. */
export function readCallOptions({ values }: Pick<Account, 'values'>): CallOptions {
  for (const name of ['ideVersion', 'cliVersion']) {
    if (!/^[\w.-]{0,32}$/.test(values[name] ?? '')) throw refuse(name, 'a version such as 1.2.3');
  }
  const seconds = readNumber(values, 'firstTokenSeconds', 1, 3600);
  const kilobytes = readNumber(values, 'requestKilobytes', 10, 16_000);
  return {
    emulatedReasoning: readReasoning(values),
    reasoningForm: { tags: THINKING_TAGS, handling: (values.reasoningShown ?? 'reasoning') as ReasoningHandling },
    mayTrim: values.trim === 'yes',
    mostBytes: kilobytes === undefined ? MOST_BYTES : kilobytes * 1000,
    searchesWeb: values.webSearch === 'yes',
    firstTokenMs: seconds === undefined ? undefined : seconds * 1000,
  };
}

/** How long `model` may take to its first sign of an answer, in milliseconds. */
export function chooseFirstTokenMs({ firstTokenMs }: CallOptions, model: string): number {
  return firstTokenMs ?? (/opus/i.test(model) ? SLOW_MS : DEFAULT_MS);
}

function readReasoning(values: Account['values']): EmulatedReasoning | undefined {
  if (values.reasoning === 'off') return undefined;
  return {
    when: values.reasoning === 'always' ? 'always' : 'asked',
    budgetTokens: readNumber(values, 'reasoningTokens', 1, 1_000_000) ?? EMULATED_REASONING.budgetTokens,
    mostTokens: readNumber(values, 'reasoningMost', 0, 1_000_000) ?? EMULATED_REASONING.mostTokens,
  };
}

function readNumber(values: Account['values'], name: string, least: number, most: number): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw refuse(name, `a whole number from ${least} to ${most}`);
}

function refuse(name: string, wanted: string): GatewayError {
  const label = callFields.find((field) => field.name === name)?.label ?? name;
  return new GatewayError('invalid-request', `"${label}" of this account must be ${wanted}. Mend it in Accounts.`, {
    provider: ID,
  });
}
