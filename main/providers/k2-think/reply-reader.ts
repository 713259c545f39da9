// Reads the answers of K2-Think, streamed or whole, as canonical events. Every form that its hosts were seen to send is taken;
// what is no answer is an error with the upstream's words.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError, readError } from '../../canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch, FinishReason } from '../../canonical/events.ts';
import { readCount } from '../kit/openai-upstream.ts';
import { readErrorIn } from './errors.ts';
import { ID } from './hosts.ts';
import { createPayloadReader } from './payload-lines.ts';
import type { ReplyWords } from './reply-words.ts';

/** Takes the chunks of one streamed reply, gives their events. */
export interface ReplyReader {
  push(chunk: Buffer): EventBatch;
  /** The last events. `broken` is why the stream stopped, where it did not end by itself. */
  end(broken?: GatewayError): EventBatch;
  /** Nothing of what may follow matters. */
  readonly ended: boolean;
}

/** Makes what the words go through; they are told to `writer`. */
export type CreateWords = (writer: EventWriter) => ReplyWords;

const ENDS: ReadonlySet<string> = new Set(['[DONE]', 'DONE', 'done', '-1']);

/** A reader for one streamed reply. */
export function createReplyReader(createWords: CreateWords): ReplyReader {
  const lines = createPayloadReader();
  const writer = createEventWriter();
  const reply = createReply(writer, createWords(writer));
  const read = (payloads: readonly string[]) => {
    for (const payload of payloads) {
      if (writer.ended) return;
      if (ENDS.has(payload) || (payload === '' && reply.heard)) reply.finish();
      else if (payload !== '') reply.read(parse(payload));
    }
  };
  const guard = (work: () => void): EventBatch => {
    try {
      work();
    } catch (error) {
      writer.fail(readError(error));
    }
    return writer.take();
  };
  return {
    push: (chunk) => guard(() => read(lines.push(chunk))),
    end: (broken) =>
      guard(() => {
        if (broken === undefined) read(lines.end());
        if (writer.ended) return;
        if (reply.isComplete) reply.finish();
        else throw broken ?? createCut();
      }),
    get ended() {
      return writer.ended;
    },
  };
}

/** The events of a whole reply, given as JSON text. Throws `GatewayError` where it is none. */
export function readWholeReply(text: string, createWords: CreateWords): EventBatch {
  const writer = createEventWriter();
  const reply = createReply(writer, createWords(writer));
  const body = parse(text);
  if (body.choices === undefined && body.content === undefined && body.error == null && body.detail == null) {
    const message = `K2-Think sent something that is no answer: ${text.slice(0, 200)}`;
    throw new GatewayError('upstream', message, { provider: ID });
  }
  reply.read(body);
  reply.finish();
  return writer.take();
}

/** Whether a body says that the answer comes over another channel: the site does so when it is not asked rightly. */
export function isReceipt(text: string): boolean {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null && 'task_id' in body && !('choices' in body);
  } catch {
    return false;
  }
}

function createReply(writer: EventWriter, words: ReplyWords) {
  let finish: string | undefined;
  let isComplete = false;
  return {
    read(body: JsonObject): void {
      if (body.error != null) throw readErrorIn({ error: body.error });
      if (body.detail != null && body.choices === undefined) throw readErrorIn({ detail: body.detail });
      writer.start({ id: readText(body.id), model: readText(body.model) });
      const choice = readObject(Array.isArray(body.choices) ? body.choices[0] : undefined);
      const message = readObject(choice?.delta) ?? readObject(choice?.message);
      writer.reasoning(readText(message?.reasoning_content) ?? readText(message?.reasoning) ?? '');
      words.hear(readContent(message?.content) ?? readContent(body.content) ?? '');
      finish = readText(choice?.finish_reason) ?? finish;
      if (finish !== undefined || body.done === true) isComplete = true;
      readUsage(writer, readObject(body.usage));
    },
    finish(): void {
      words.end();
      writer.end(readFinish(finish, writer.calledTools));
    },
    get isComplete() {
      return isComplete;
    },
    get heard() {
      return words.heard;
    },
  };
}

function readUsage(writer: EventWriter, usage: JsonObject | undefined): void {
  const inputTokens = readCount(usage?.prompt_tokens);
  const outputTokens = readCount(usage?.completion_tokens);
  if (inputTokens === undefined && outputTokens === undefined) return;
  const reasoningTokens = readCount(readObject(usage?.completion_tokens_details)?.reasoning_tokens);
  writer.usage({ inputTokens, outputTokens, ...(reasoningTokens === undefined ? {} : { reasoningTokens }) });
}

function readFinish(raw: string | undefined, calledTools: boolean): FinishReason {
  switch (raw) {
    case 'length':
    case 'max_tokens':
      return { kind: 'length', raw };
    case 'content_filter':
      return { kind: 'content-filter', raw };
    case undefined:
    case 'stop':
    case 'tool_calls':
      return { kind: calledTools ? 'tool-calls' : 'stop', raw };
    default:
      return { kind: 'other', raw };
  }
}

function readContent(content: unknown): string | undefined {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return undefined;
  return content.map((part) => readText(readObject(part)?.text) ?? '').join('');
}

function parse(text: string): JsonObject {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    const start = text.trimStart().slice(0, 200);
    const what = start.startsWith('<') ? 'a web page' : `something that is not JSON: ${start}`;
    throw new GatewayError('upstream', `K2-Think sent ${what}.`, { provider: ID, cause });
  }
  const object = readObject(body);
  if (object !== undefined) return object;
  throw new GatewayError('upstream', `K2-Think sent something that is no answer: ${text.slice(0, 200)}`, {
    provider: ID,
  });
}

function createCut(): GatewayError {
  return new GatewayError('upstream', 'K2-Think closed the connection in the middle of its answer.', { provider: ID });
}

const readText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const readObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
