// What OpenAI's chat and its legacy completions say in the same words; the kit knows no face.
import type { JsonObject } from '../../canonical/conversation.ts';
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

/**
 * OpenAI's token counts; a count that the upstream did not tell is 0, as the shape has no way to leave it out. `raw` is
 * what an upstream of the same dialect has counted besides.
 */
export function writeUsage(usage: Usage, raw: JsonObject = {}): unknown {
  const { inputTokens = 0, outputTokens = 0, cachedInputTokens, reasoningTokens } = usage;
  const { prompt_tokens_details: inputDetails, completion_tokens_details: outputDetails, ...counts } = raw;
  const input = {
    ...(inputDetails as JsonObject | null),
    ...(cachedInputTokens === undefined ? undefined : { cached_tokens: cachedInputTokens }),
  };
  const output = {
    ...(outputDetails as JsonObject | null),
    ...(reasoningTokens === undefined ? undefined : { reasoning_tokens: reasoningTokens }),
  };
  return {
    ...counts,
    prompt_tokens: inputTokens,
    completion_tokens: outputTokens,
    total_tokens: typeof counts.total_tokens === 'number' ? counts.total_tokens : inputTokens + outputTokens,
    ...(Object.keys(input).length === 0 ? undefined : { prompt_tokens_details: input }),
    ...(Object.keys(output).length === 0 ? undefined : { completion_tokens_details: output }),
  };
}
