// How many tokens a reply took: as the upstream counts them where it does, else out of the share of the window that it tells,
// else a guess. The last two say that they are estimates.
import type { Usage } from '../../canonical/events.ts';

/** What the upstream told, and what was heard. */
export interface UsageFacts {
  /** `tokenUsage` of a `metadataEvent`. */
  readonly counted: unknown;
  /** Of the window of the model that answered, in percent; question and answer together. */
  readonly contextPercentage: number | undefined;
  /** The window of the model that answered, in tokens. */
  readonly contextTokens: number | undefined;
  /** Everything that the model has written, in bytes of UTF-8. */
  readonly outputBytes: number;
  /** A guess at the question, made only where it is needed. */
  readonly estimateInputTokens: (() => number) | undefined;
}

/** English text and code take about four bytes a token. */
const BYTES_PER_TOKEN = 4;

/** The usage to report. */
export function readUsage(facts: UsageFacts): Usage {
  const counted = readCounts(facts.counted);
  if (counted !== undefined) return counted;
  const { contextPercentage, contextTokens, outputBytes, estimateInputTokens } = facts;
  const outputTokens = Math.ceil(outputBytes / BYTES_PER_TOKEN);
  if (contextPercentage !== undefined && contextPercentage > 0 && contextTokens !== undefined) {
    const total = Math.floor((contextPercentage / 100) * contextTokens);
    return { inputTokens: Math.max(0, total - outputTokens), outputTokens, estimated: true };
  }
  return { inputTokens: estimateInputTokens?.(), outputTokens, estimated: true };
}

function readCounts(value: unknown): Usage | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const told = value as Readonly<Record<string, unknown>>;
  const fresh = readCount(told.uncachedInputTokens);
  const cached = readCount(told.cacheReadInputTokens);
  const written = readCount(told.cacheWriteInputTokens);
  const output = readCount(told.outputTokens);
  const total = readCount(told.totalTokens);
  const summed = fresh === undefined ? undefined : fresh + (cached ?? 0) + (written ?? 0);
  const rest = total === undefined || output === undefined ? undefined : total - output;
  const input = summed ?? (rest === undefined || rest < 0 ? undefined : rest);
  if (input === undefined && output === undefined) return undefined;
  return { inputTokens: input, cachedInputTokens: cached, cacheWriteTokens: written, outputTokens: output };
}

const readCount = (value: unknown) =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
