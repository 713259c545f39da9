// What several of OpenAI's dialects say in the same words; the kit knows no face.
import type { Json } from '../../canonical/conversation.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import { asFlag, asObject } from './fields.ts';

/** Whether the `stream_options` of a body ask for a last chunk with the token counts. */
export function readIncludeUsage(options: Json | undefined): boolean {
  if (options === undefined || options === null) return false;
  return asFlag(asObject(options, 'stream_options').include_usage, 'stream_options.include_usage') === true;
}

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
