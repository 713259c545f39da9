// The models that Kiro was known to have when this was written: what is offered where no list can be had, and what is known
// of a model besides what the list says. Data only.
import type { KiroModel } from './models.ts';

const MILLION = 1_000_000;
const COMMON = 200_000;

const claude = (id: string, name: string, contextTokens = COMMON): KiroModel => ({
  id,
  name,
  contextTokens,
  images: true,
});
const other = (id: string, name: string, contextTokens: number, images = false): KiroModel => ({
  id,
  name,
  contextTokens,
  images,
});

/** Kiro's own choice of a model: its window is that of whichever model answers. */
export const AUTO = 'auto';

/** The static list. */
export const KNOWN_MODELS: readonly KiroModel[] = [
  { id: AUTO, name: 'Auto', images: true },
  claude('claude-sonnet-5', 'Claude Sonnet 5', MILLION),
  claude('claude-sonnet-4.6', 'Claude Sonnet 4.6', MILLION),
  claude('claude-sonnet-4.5', 'Claude Sonnet 4.5'),
  claude('claude-sonnet-4', 'Claude Sonnet 4'),
  claude('claude-haiku-4.5', 'Claude Haiku 4.5'),
  claude('claude-opus-5', 'Claude Opus 5', MILLION),
  claude('claude-opus-4.8', 'Claude Opus 4.8', MILLION),
  claude('claude-opus-4.7', 'Claude Opus 4.7', MILLION),
  claude('claude-opus-4.6', 'Claude Opus 4.6', MILLION),
  claude('claude-opus-4.5', 'Claude Opus 4.5'),
  claude('claude-fable-5', 'Claude Fable 5', MILLION),
  other('gpt-5.6-sol', 'GPT-5.6 Sol', 272_000, true),
  other('gpt-5.6-terra', 'GPT-5.6 Terra', 272_000, true),
  other('gpt-5.6-luna', 'GPT-5.6 Luna', 272_000, true),
  // The sources say 128k and 164k; too small a number only makes a client shorten sooner.
  other('deepseek-3.2', 'DeepSeek 3.2', 128_000),
  other('glm-5', 'GLM-5', COMMON),
  other('minimax-m2.1', 'MiniMax M2.1', 196_000),
  other('minimax-m2.5', 'MiniMax M2.5', 196_000),
  other('qwen3-coder-next', 'Qwen3 Coder Next', 256_000),
];

/** Other names for models, listed beside them: some editors keep the word `auto` for themselves. */
export const ALIASES: Readonly<Record<string, string>> = { 'auto-kiro': AUTO };

/** Served when they are asked for by name, but not listed. */
export const HIDDEN_FROM_LIST: ReadonlySet<string> = new Set([AUTO]);

/** Models that Kiro serves without listing them. None is known now. */
export const HIDDEN_MODELS: readonly KiroModel[] = [];
