// Writes whole answers and model lists in OpenAI's shape.
import type { Reply } from '../../canonical/collect.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import type { ServedModel } from '../../canonical/models.ts';
import type { ReplyHead } from '../protocol.ts';
import { type CustomTools, writeCall } from './tools.ts';

/** A chat completion. */
export function writeReply(
  reply: Reply,
  { requestId, model, createdAt }: ReplyHead,
  customTools: CustomTools = new Map(),
): unknown {
  let text: string | undefined;
  let reasoning: string | undefined;
  const toolCalls: unknown[] = [];
  for (const part of reply.parts) {
    if (part.type === 'text') text = (text ?? '') + part.text;
    // Some blocks only hold what their upstream needs back.
    else if (part.type === 'reasoning' && part.text !== '') reasoning = (reasoning ?? '') + part.text;
    else if (part.type === 'tool-call') {
      toolCalls.push({ ...part.metadata?.openai, id: part.id, ...writeCall(part.name, part.arguments, customTools) });
    }
  }
  const message = {
    role: 'assistant',
    content: text ?? (toolCalls.length > 0 ? null : ''),
    refusal: null,
    ...(reasoning === undefined ? undefined : { reasoning_content: reasoning }),
    ...(toolCalls.length === 0 ? undefined : { tool_calls: toolCalls }),
  };
  return {
    id: reply.id ?? `chatcmpl-${requestId}`,
    object: 'chat.completion',
    created: createdAt,
    model: reply.model ?? model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: writeFinishReason(reply.finishReason) }],
    ...(reply.usage === undefined ? undefined : { usage: writeUsage(reply.usage) }),
  };
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

/** One model. */
export function writeModel({ id, info, provider }: ServedModel): unknown {
  return {
    id,
    object: 'model',
    created: info.createdAt ?? 0,
    owned_by: info.owner ?? provider,
    ...(info.name === undefined ? undefined : { name: info.name }),
    ...(info.contextTokens === undefined ? undefined : { context_length: info.contextTokens }),
    ...(info.maxOutputTokens === undefined ? undefined : { max_output_tokens: info.maxOutputTokens }),
  };
}

/** The list of models. */
export function writeModels(models: readonly ServedModel[]): unknown {
  return { object: 'list', data: models.map(writeModel) };
}
