// Writes whole answers and model lists in OpenAI's shape.
import type { Reply } from '../../canonical/collect.ts';
import type { ServedModel } from '../../canonical/models.ts';
import { writeFinishReason, writeUsage } from '../kit/openai-words.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead } from '../protocol.ts';
import { joinPieces, readExtras, writeSession } from './extras.ts';
import { type CustomTools, writeCall } from './tools.ts';

/** A chat completion. */
export function writeReply(reply: Reply, head: ReplyHead, customTools: CustomTools = new Map()): unknown {
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
      toolCalls.push({ ...part.metadata?.openai, id: part.id, ...writeCall(part.name, part.arguments, customTools) });
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
    ...writeSession(head),
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
