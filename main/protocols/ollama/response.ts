// Writes whole answers and errors in Ollama's shape. Counts come from the upstream, times from our own clock; what neither
// tells is left out.
import type { Reply } from '../../canonical/collect.ts';
import { type ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { FinishReason, Usage } from '../../canonical/events.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, WireAnswer } from '../protocol.ts';

/** What one object of an answer says. */
export interface Content {
  readonly text: string;
  readonly thinking?: string;
  readonly toolCalls?: readonly unknown[];
}

/** The fields that hold the content: a chat's and a generate call's differ in nothing else. */
export type WriteContent = (content: Content) => object;

/** Content of a chat. */
export const writeChatContent: WriteContent = ({ text, thinking, toolCalls }) => ({
  message: {
    role: 'assistant',
    content: text,
    ...(thinking === undefined ? undefined : { thinking }),
    ...(toolCalls === undefined ? undefined : { tool_calls: toolCalls }),
  },
});

/** Content of a generate call; it declares no tools, so none are called. */
export const writeGenerateContent: WriteContent = ({ text, thinking }) => ({
  response: text,
  ...(thinking === undefined ? undefined : { thinking }),
});

/** When things happened, in milliseconds of one clock. */
export interface Times {
  readonly startedAt: number;
  /** When the first content came, where it was seen to come. */
  readonly contentAt?: number;
  readonly endedAt: number;
}

/** A complete reply in one object. */
export function writeReply(reply: Reply, head: ReplyHead, writeContent: WriteContent, times: Times): object {
  const { model } = head;
  const loss = createReplyLoss(head, []);
  loss.metadata(reply.metadata);
  loss.stopText(reply.finishReason);
  let text = '';
  let thinking: string | undefined;
  const toolCalls: unknown[] = [];
  for (const part of reply.parts) {
    loss.metadata(part.metadata);
    if (part.type === 'text') text += part.text;
    else if (part.type === 'reasoning') thinking = (thinking ?? '') + part.text;
    else if (part.type === 'tool-call') toolCalls.push(writeToolCall(part.name, part.arguments));
  }
  const content = { text, thinking, toolCalls: toolCalls.length === 0 ? undefined : toolCalls };
  return {
    model,
    created_at: new Date().toISOString(),
    ...writeContent(content),
    ...writeEnd(reply.finishReason, reply.usage, times),
  };
}

/**
 * A tool call, with nothing but its function: some clients refuse more. Throws `GatewayError` for arguments that are no
 * JSON object, which this dialect cannot say.
 */
export function writeToolCall(name: string, text: string): object {
  return { function: { name, arguments: readArguments(name, text) } };
}

function readArguments(name: string, text: string): object {
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {}
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new GatewayError('upstream', `The model called the tool "${name}" with arguments that are no JSON object.`);
}

/** What a stream of lines is. */
export const NDJSON = 'application/x-ndjson';

/** This dialect's unit of time. */
export function toNanoseconds(milliseconds: number): number {
  return Math.round(milliseconds * 1_000_000);
}

/** The fields of the last object: why and when it ended, and the counts. */
export function writeEnd(finishReason: FinishReason, usage: Usage | undefined, times: Times): object {
  const { startedAt, contentAt, endedAt } = times;
  // Our own guess of the tokens would pass for a measurement here.
  const counted = usage?.estimated ? undefined : usage;
  return {
    done: true,
    done_reason: writeDoneReason(finishReason),
    total_duration: toNanoseconds(endedAt - startedAt),
    prompt_eval_count: counted?.inputTokens,
    ...(contentAt === undefined ? undefined : { prompt_eval_duration: toNanoseconds(contentAt - startedAt) }),
    eval_count: counted?.outputTokens,
    ...(contentAt === undefined ? undefined : { eval_duration: toNanoseconds(endedAt - contentAt) }),
  };
}

function writeDoneReason({ kind, raw }: FinishReason): string {
  switch (kind) {
    case 'stop':
    case 'length':
      return kind;
    case 'tool-calls':
      return 'stop';
    case 'content-filter':
      return 'content_filter';
    case 'other':
      return raw ?? 'stop';
    default:
      return kind satisfies never;
  }
}

const STATUS: Readonly<Record<ErrorKind, number>> = {
  'invalid-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'too-large': 413,
  'rate-limited': 429,
  'quota-exhausted': 429,
  overloaded: 503,
  timeout: 504,
  aborted: 499,
  unsupported: 501,
  upstream: 502,
  internal: 500,
};

/** The body of an error, whole or as the last line of a stream: clients read nothing but this text. */
export function writeErrorBody(error: GatewayError): { readonly error: string } {
  return { error: error.message };
}

/** An error answer: the upstream's own status where it gave one, and how long it asks to wait. */
export function writeError(error: GatewayError): WireAnswer {
  const waitSeconds = error.retryAfterMs === undefined ? undefined : String(Math.ceil(error.retryAfterMs / 1000));
  return {
    status: error.status !== undefined && error.status >= 400 ? error.status : STATUS[error.kind],
    headers: waitSeconds === undefined ? {} : { 'retry-after': waitSeconds },
    body: writeErrorBody(error),
  };
}
