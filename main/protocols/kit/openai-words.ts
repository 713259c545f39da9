// What OpenAI's chat and its legacy completions say in the same words; the kit knows no face.
import type { FinishReason, Usage } from '../../canonical/events.ts';

/** OpenAI's word for why a reply ended. */
export function writeFinishReason({ kind, raw }: FinishReason): string {
  switch (kind) {
    case 'stop':
    case 'length':
      return kind;
    case 'tool-calls':
      return 'tool_calls';
    case 'content-filter':
      return 'content_filter';
    case 'other':
      return raw ?? 'stop';
    default:
      return kind satisfies never;
  }
}

/** OpenAI's token counts; a count that the upstream did not tell is 0, as the shape has no way to leave it out. */
export function writeUsage({ inputTokens = 0, outputTokens = 0, cachedInputTokens, reasoningTokens }: Usage): unknown {
  return {
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: inputTokens + outputTokens,
    ...(cachedInputTokens === undefined ? undefined : { prompt_tokens_details: { cached_tokens: cachedInputTokens } }),
    ...(reasoningTokens === undefined
      ? undefined
      : { completion_tokens_details: { reasoning_tokens: reasoningTokens } }),
  };
}
