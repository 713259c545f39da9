// Writes whole answers, errors and model lists in Anthropic's shape.
import type { Reply } from '../../canonical/collect.ts';
import type { Json, JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import type { ServedModel } from '../../canonical/models.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, WireAnswer } from '../protocol.ts';
import { NO_THREADS } from './request.ts';

/** A whole message. */
export function writeReply(reply: Reply, head: ReplyHead): unknown {
  const loss = createReplyLoss(head, ['anthropic']);
  loss.metadata(reply.metadata);
  for (const { metadata } of reply.parts) loss.metadata(metadata);
  return {
    ...writeMessage(reply, head, writeUsage(reply.usage, reply.metadata)),
    content: reply.parts.flatMap(writeBlock),
    ...writeStop(reply.finishReason),
  };
}

/** The message as it stands before anything was said. */
export function writeMessage(
  { id, model }: { readonly id?: string; readonly model?: string },
  head: ReplyHead,
  usage: JsonObject,
): JsonObject {
  return {
    // Claude Code takes messages of one id for one message, and not every upstream gives each reply its own.
    id: id?.startsWith('msg_') ? id : `msg_${head.requestId}`,
    type: 'message',
    role: 'assistant',
    model: model ?? head.model,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
  };
}

function writeBlock(part: Reply['parts'][number]): JsonObject[] {
  switch (part.type) {
    case 'text': {
      const { citations } = part.metadata?.anthropic ?? {};
      return [{ type: 'text', text: part.text, ...(citations === undefined ? undefined : { citations }) }];
    }
    case 'reasoning':
      return [writeReasoning(part.text, part.metadata)];
    case 'tool-call':
      return [writeToolCall(part, readArguments(part.arguments))];
    default:
      return [];
  }
}

/** A tool call, with what only this dialect says of it. */
export function writeToolCall(
  { id, name, metadata }: { readonly id: string; readonly name: string; readonly metadata?: Metadata },
  input: JsonObject,
): JsonObject {
  return { ...metadata?.anthropic, type: 'tool_use', id, name, input };
}

/** A thinking block; one that is shown to nobody but the upstream where it has no text and says so. */
export function writeReasoning(text: string, metadata: Metadata | undefined): JsonObject {
  const { signature, redacted } = metadata?.anthropic ?? {};
  if (text === '' && typeof redacted === 'string') return { type: 'redacted_thinking', data: redacted };
  return { type: 'thinking', thinking: text, signature: typeof signature === 'string' ? signature : '' };
}

/** The input must be an object here; what is none is handed on as text, so that nothing is lost. */
function readArguments(text: string): JsonObject {
  if (text.trim() === '') return {};
  let value: Json = text;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // stays the text that it is
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isObject ? (value as JsonObject) : { arguments: text };
}

const STOP_REASONS: ReadonlySet<string> = new Set([
  'end_turn',
  'max_tokens',
  'stop_sequence',
  'tool_use',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
]);

/** Anthropic's word for why a reply ended, and the text that ended it. */
export function writeStop({ kind, raw, stopText }: FinishReason): { stop_reason: string; stop_sequence: Json } {
  return { stop_reason: writeStopReason(kind, raw), stop_sequence: stopText ?? null };
}

function writeStopReason(kind: FinishReason['kind'], raw: string | undefined): string {
  if (raw !== undefined && STOP_REASONS.has(raw)) return raw;
  switch (kind) {
    case 'stop':
    case 'other':
      return 'end_turn';
    case 'length':
      return 'max_tokens';
    case 'tool-calls':
      return 'tool_use';
    case 'content-filter':
      return 'refusal';
    default:
      return kind satisfies never;
  }
}

/**
 * Anthropic's token counts, which count cached input apart; a count that is not known is 0, as the shape needs one.
 * `metadata` holds what an upstream of the same dialect has counted besides.
 */
export function writeUsage(usage: Usage = {}, metadata?: Metadata): JsonObject {
  const { inputTokens = 0, cachedInputTokens = 0, cacheWriteTokens = 0, outputTokens = 0, reasoningTokens } = usage;
  return {
    ...(reasoningTokens === undefined ? undefined : { output_tokens_details: { thinking_tokens: reasoningTokens } }),
    ...(metadata?.anthropic?.usage as JsonObject | undefined),
    input_tokens: Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens),
    cache_creation_input_tokens: cacheWriteTokens,
    cache_read_input_tokens: cachedInputTokens,
    output_tokens: outputTokens,
  };
}

const ERRORS: Readonly<Record<ErrorKind, readonly [status: number, type: string]>> = {
  'invalid-request': [400, 'invalid_request_error'],
  unauthorized: [401, 'authentication_error'],
  forbidden: [403, 'permission_error'],
  'not-found': [404, 'not_found_error'],
  conflict: [409, 'conflict_error'],
  'too-large': [413, 'request_too_large'],
  'rate-limited': [429, 'rate_limit_error'],
  'quota-exhausted': [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
  timeout: [504, 'timeout_error'],
  aborted: [499, 'api_error'],
  unsupported: [501, 'invalid_request_error'],
  upstream: [502, 'api_error'],
  internal: [500, 'api_error'],
};

/** The body of a refusal, and the data of an `error` frame. */
export function writeErrorBody({ kind, status, message, code }: GatewayError, requestId: string): JsonObject {
  const details = code === NO_THREADS ? { details: { error_code: code, unsupported: [] } } : undefined;
  const type = status === 402 ? 'billing_error' : ERRORS[kind][1];
  return { type: 'error', error: { type, message, ...details }, request_id: requestId };
}

/** An error answer: the upstream's own status where it gave one, how long to wait, and whether a retry is any use. */
export function writeError(error: GatewayError, requestId: string): WireAnswer {
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1000));
  // Without it Claude Code repeats even a wrong key for minutes.
  if (!error.retryable) headers['x-should-retry'] = 'false';
  return {
    status: error.status !== undefined && error.status >= 400 ? error.status : ERRORS[error.kind][0],
    headers,
    body: writeErrorBody(error, requestId),
  };
}

/** One model; what is not known is null or, for the date, the beginning of time, as the shape has it. */
export function writeModel({ id, info }: ServedModel): unknown {
  return {
    type: 'model',
    id,
    display_name: info.name ?? id,
    created_at: new Date((info.createdAt ?? 0) * 1000).toISOString(),
    max_input_tokens: info.contextTokens ?? null,
    max_tokens: info.maxOutputTokens ?? null,
    capabilities: null,
  };
}

/** The list of models, on one page. */
export function writeModels(models: readonly ServedModel[]): unknown {
  return {
    data: models.map(writeModel),
    has_more: false,
    first_id: models[0]?.id ?? null,
    last_id: models.at(-1)?.id ?? null,
  };
}
