// Writes whole answers and model lists in OpenAI's shape.
import type { Reply } from '../../canonical/collect.ts';
import type { JsonObject } from '../../canonical/conversation.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import type { ServedModel } from '../../canonical/models.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead } from '../protocol.ts';
import { joinPieces, readExtras } from './extras.ts';

/** A chat completion. */
export function writeReply(reply: Reply, head: ReplyHead): unknown {
  const { requestId, model, createdAt } = head;
  const extras = readExtras(reply.metadata);
  const loss = createReplyLoss(head, ['openai']);
  loss.metadata(reply.metadata);
  loss.stopText(reply.finishReason);
  let text: string | undefined;
  let reasoning: string | undefined;
  const toolCalls: unknown[] = [];
  for (const part of reply.parts) {
    loss.metadata(part.metadata);
    if (part.type === 'text') text = (text ?? '') + part.text;
    // Some blocks only hold what their upstream needs back.
    else if (part.type === 'reasoning' && part.text !== '') reasoning = (reasoning ?? '') + part.text;
    else if (part.type === 'tool-call') {
      const body = { name: part.name, arguments: part.arguments };
      toolCalls.push({ ...part.metadata?.openai, id: part.id, type: 'function', function: body });
    }
  }
  const message = {
    role: 'assistant',
    content: text ?? (toolCalls.length > 0 ? null : ''),
    refusal: null,
    ...joinPieces(extras.message),
    ...(reasoning === undefined ? undefined : { reasoning_content: reasoning }),
    ...(toolCalls.length === 0 ? undefined : { tool_calls: toolCalls }),
  };
  return {
    id: reply.id ?? `chatcmpl-${requestId}`,
    object: 'chat.completion',
    created: createdAt,
    model: reply.model ?? model,
    ...extras.fields,
    choices: [
      {
        index: 0,
        message,
        logprobs: null,
        ...extras.choice,
        finish_reason: writeFinishReason(reply.finishReason),
      },
    ],
    ...(reply.usage === undefined ? undefined : { usage: writeUsage(reply.usage, extras.usage) }),
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
