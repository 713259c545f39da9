// Writes whole answers and errors in Gemini's shape.
import type { Reply } from '../../canonical/collect.ts';
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, WireAnswer } from '../protocol.ts';
import { type Thought, writeSignature } from './signature.ts';

/** A whole reply; `showThoughts` puts the thinking among the parts, which carry it unseen in any case. */
export function writeReply(reply: Reply, head: ReplyHead, showThoughts: boolean): unknown {
  const parts: JsonObject[] = [];
  const loss = createReplyLoss(head, []);
  loss.metadata(reply.metadata);
  loss.stopText(reply.finishReason);
  let thoughts: Thought[] = [];
  const add = (part: JsonObject) => {
    parts.push(sign(part, thoughts));
    thoughts = [];
  };
  for (const part of reply.parts) {
    // What belongs to a thought travels in a signature.
    if (part.type !== 'reasoning') loss.metadata(part.metadata);
    if (part.type === 'text') add({ text: part.text });
    else if (part.type === 'tool-call') add(writeCall(part.id, part.name, part.arguments, head));
    else if (part.type === 'reasoning') {
      thoughts.push(part);
      if (showThoughts && part.text !== '') parts.push({ text: part.text, thought: true });
    }
  }
  // A part is needed even where nothing was said, and where thoughts have nothing to lean on.
  if (parts.length === 0 || writeSignature(thoughts) !== undefined) add({ text: '' });
  const content = { role: 'model', parts };
  return {
    candidates: [{ content, finishReason: writeFinishReason(reply.finishReason), index: 0 }],
    ...writeUsage(reply.usage),
    modelVersion: reply.model ?? head.model,
    responseId: reply.id ?? head.requestId,
  };
}

/** `part` with the thoughts that came before it. */
export function sign(part: JsonObject, thoughts: readonly Thought[]): JsonObject {
  const thoughtSignature = writeSignature(thoughts);
  return thoughtSignature === undefined ? part : { ...part, thoughtSignature };
}

/** A tool call. Its arguments must be an object here; what is none is handed on as text, so that nothing is lost. */
export function writeCall(id: string, name: string, text: string, head: ReplyHead): JsonObject {
  let args: Json = {};
  if (text.trim() !== '') {
    try {
      args = JSON.parse(text) as Json;
    } catch {
      args = text;
    }
    if (typeof args !== 'object' || args === null || Array.isArray(args)) {
      head.note(`The arguments of the tool call "${name}" are no JSON object; they were passed on as text.`);
      args = { arguments: text };
    }
  }
  return { functionCall: { id, name, args } };
}

const FINISH_REASONS: ReadonlySet<string> = new Set([
  'STOP',
  'MAX_TOKENS',
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'OTHER',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'MALFORMED_FUNCTION_CALL',
]);

/** Google's word for why a reply ended. */
export function writeFinishReason({ kind, raw }: FinishReason): string {
  if (raw !== undefined && FINISH_REASONS.has(raw)) return raw;
  switch (kind) {
    case 'stop':
    case 'tool-calls':
      return 'STOP';
    case 'length':
      return 'MAX_TOKENS';
    case 'content-filter':
      return 'SAFETY';
    case 'other':
      return 'OTHER';
    default:
      return kind satisfies never;
  }
}

/** Google's token counts, which count thinking apart; nothing where the upstream told nothing, or where we guessed. */
export function writeUsage(usage: Usage = {}): JsonObject {
  const { inputTokens, cachedInputTokens, outputTokens, reasoningTokens = 0, estimated } = usage;
  if (estimated || (inputTokens === undefined && outputTokens === undefined)) return {};
  return {
    usageMetadata: {
      promptTokenCount: inputTokens ?? 0,
      ...(cachedInputTokens === undefined ? undefined : { cachedContentTokenCount: cachedInputTokens }),
      candidatesTokenCount: Math.max(0, (outputTokens ?? 0) - reasoningTokens),
      ...(reasoningTokens === 0 ? undefined : { thoughtsTokenCount: reasoningTokens }),
      totalTokenCount: (inputTokens ?? 0) + (outputTokens ?? 0),
    },
  };
}

const ERRORS: Readonly<Record<ErrorKind, readonly [code: number, status: string]>> = {
  'invalid-request': [400, 'INVALID_ARGUMENT'],
  unauthorized: [401, 'UNAUTHENTICATED'],
  forbidden: [403, 'PERMISSION_DENIED'],
  'not-found': [404, 'NOT_FOUND'],
  conflict: [409, 'ABORTED'],
  'too-large': [413, 'INVALID_ARGUMENT'],
  'rate-limited': [429, 'RESOURCE_EXHAUSTED'],
  'quota-exhausted': [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
  timeout: [504, 'DEADLINE_EXCEEDED'],
  aborted: [499, 'CANCELLED'],
  unsupported: [501, 'UNIMPLEMENTED'],
  upstream: [502, 'INTERNAL'],
  internal: [500, 'INTERNAL'],
};

/** The body of a refusal, and of the last frame of a broken stream. */
export function writeErrorBody(error: GatewayError): { readonly error: JsonObject } {
  const { kind, message, param, retryAfterMs } = error;
  const details: JsonObject[] = [];
  if (param !== undefined) {
    const fieldViolations = [{ field: param, description: message }];
    details.push({ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations });
  }
  if (retryAfterMs !== undefined) {
    const retryDelay = `${Math.ceil(retryAfterMs / 1000)}s`;
    details.push({ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay });
  }
  const all = details.length === 0 ? undefined : { details };
  return { error: { code: readCode(error), message, status: ERRORS[kind][1], ...all } };
}

/** An error answer: the upstream's own status where it gave one, and how long it asks to wait. */
export function writeError(error: GatewayError): WireAnswer {
  const waitSeconds = error.retryAfterMs === undefined ? undefined : String(Math.ceil(error.retryAfterMs / 1000));
  return {
    status: readCode(error),
    headers: waitSeconds === undefined ? {} : { 'retry-after': waitSeconds },
    body: writeErrorBody(error),
  };
}

function readCode({ kind, status }: GatewayError): number {
  return status !== undefined && status >= 400 ? status : ERRORS[kind][0];
}
