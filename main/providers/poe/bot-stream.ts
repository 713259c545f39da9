// Reads the events of the bot protocol as one reply: text that may be replaced, files, tool calls in OpenAI's chunks. Of
// several answers side by side the first is the reply.

import { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch, FinishReason, Usage } from '../../canonical/events.ts';
import { createServerSentEventReader, type ServerSentEvent } from '../../http/sse.ts';
import { createToolCallReader } from '../kit/openai-chat-stream.ts';
import type { WireAnswer, WireMessage } from '../kit/openai-chat-wire.ts';
import type { ReasoningHandling } from '../kit/reasoning-splitter.ts';
import { ID } from './account.ts';
import { createAnswerText } from './answer-text.ts';
import { createFormError, readErrorEvent } from './errors.ts';
import type { BotFile } from './file-marks.ts';
import { parseJson, readNumber, readText } from './formats.ts';
import { mayFence } from './thinking.ts';

/** How one answer is read. */
export interface BotReaderOptions {
  /** Which bot answers, as the client is told. */
  readonly bot: string;
  /** Nothing is said before the end. */
  readonly holds: boolean;
  readonly thinking: ReasoningHandling;
  /** Made only where the upstream tells no counts. */
  readonly estimateInputTokens: () => number;
  readonly onTakenBack: () => void;
  /** Told of each file, besides its place in the text. */
  readonly onFile?: (file: BotFile) => void;
  /** Told the type of an event that is not known here. */
  readonly onUnknown: (event: string) => void;
  note(text: string): void;
}

/** Takes the chunks of one answer, gives their events. */
export interface BotStreamReader {
  push(chunk: Buffer): EventBatch;
  /** The last events; an `error` where the stream stopped without saying that it was complete. */
  end(): EventBatch;
  readonly ended: boolean;
}

/** English text and code take about four bytes a token. */
const BYTES_PER_TOKEN = 4;

/** A reader for one answer. */
export function createBotStreamReader(options: BotReaderOptions): BotStreamReader {
  const lines = createServerSentEventReader();
  const writer = createEventWriter();
  const answer = createBotAnswer(writer, options);
  const guard = (read: () => void): EventBatch => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // What was read before it is kept: the failure is the last event.
      writer.fail(error);
    }
    return writer.take();
  };
  const readAll = (events: readonly ServerSentEvent[]) => {
    for (const event of events) if (!writer.ended) answer.read(event);
  };
  return {
    push: (chunk) => guard(() => readAll(lines.push(chunk))),
    end: () =>
      guard(() => {
        readAll(lines.end());
        if (writer.ended) return;
        const message = 'The upstream closed the connection in the middle of its answer.';
        throw new GatewayError('upstream', message, { provider: ID });
      }),
    get ended() {
      return writer.ended;
    },
  };
}

function createBotAnswer(writer: EventWriter, options: BotReaderOptions) {
  const { bot, holds, thinking, onTakenBack, onFile, onUnknown, note, estimateInputTokens } = options;
  const text = createAnswerText({ writer, holds, thinking, onTakenBack, mayFence: mayFence(bot) });
  const toolCalls = createToolCallReader(writer);
  /** Which of several answers is the reply, and which others there are. */
  let first: number | undefined;
  const others = new Set<number>();
  let finish: string | undefined;
  let usage: Usage | undefined;
  let argumentBytes = 0;

  const readChunk = (chunk: WireAnswer) => {
    const choice = chunk.choices?.[0];
    const message: WireMessage = choice?.delta ?? choice?.message ?? {};
    const thought = message.reasoning_content ?? message.reasoning;
    if (typeof thought === 'string') text.reasoning(thought);
    if (typeof message.content === 'string') text.text(message.content);
    if (Array.isArray(message.tool_calls)) {
      // Blocks stand in the order in which they were said.
      text.settle();
      for (const [at, call] of message.tool_calls.entries()) {
        if (typeof call !== 'object' || call === null) throw createFormError('a tool call of an unknown form');
        argumentBytes += JSON.stringify(call.function ?? '').length;
        toolCalls.read(call, at);
      }
    }
    finish = readText(choice?.finish_reason) ?? finish;
    usage = readUsage(chunk.usage) ?? usage;
  };
  const end = () => {
    toolCalls.flush();
    text.end();
    if (others.size > 0)
      note(`The bot gave ${others.size + 1} answers side by side; the first was passed on, the others were left out.`);
    if (text.bytes === 0 && !writer.calledTools) note('The bot ended its answer without a word.');
    const outputTokens = Math.ceil((text.bytes + argumentBytes) / BYTES_PER_TOKEN);
    writer.usage(usage ?? { inputTokens: estimateInputTokens(), outputTokens, estimated: true });
    writer.end(readFinish(finish, writer.calledTools));
  };

  return {
    read({ event = 'message', data }: ServerSentEvent): void {
      // Only these carry something that counts; whatever the others hold may be anything.
      if (event === 'ping' || event === 'meta' || event === 'suggested_reply' || event === 'data') return;
      const fields = readData(event, data);
      if (fields === undefined) {
        onUnknown(event);
        return;
      }
      const index = readNumber(fields.index);
      if (index !== undefined && event !== 'done') first ??= index;
      if (index !== undefined && index !== (first ?? index)) {
        // A failure of one is none of the others.
        others.add(index);
        if (event === 'file') onFile?.(readFile(fields));
        return;
      }
      writer.start({ model: bot });
      switch (event) {
        case 'text':
          text.text(readSaid(fields, event));
          break;
        case 'replace_response':
          text.replace(readSaid(fields, event));
          break;
        case 'file': {
          const file = readFile(fields);
          onFile?.(file);
          text.file(file);
          break;
        }
        case 'json':
          readChunk(fields as WireAnswer);
          break;
        case 'error':
          throw readErrorEvent(fields);
        default:
          end();
      }
    },
  };
}

const KNOWN: ReadonlySet<string> = new Set(['text', 'replace_response', 'file', 'json', 'error', 'done']);

/** The data of an event; undefined for one that is not known. */
function readData(event: string, data: string): Readonly<Record<string, unknown>> | undefined {
  if (!KNOWN.has(event)) return undefined;
  // That the answer is complete needs no data.
  if (event === 'done' && data.trim() === '') return {};
  const value = parseJson(data);
  if (value === undefined && event !== 'done') throw createFormError(`a "${event}" event that is not JSON`);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  if (event === 'done') return {};
  throw createFormError(`a "${event}" event that is no object`, true);
}

function readSaid({ text }: Readonly<Record<string, unknown>>, event: string): string {
  if (typeof text === 'string') return text;
  throw createFormError(`a "${event}" event whose text is none`);
}

function readFile({ url, content_type: mediaType, name, inline_ref: ref }: Readonly<Record<string, unknown>>): BotFile {
  const address = readText(url);
  if (address === undefined || !/^https?:\/\//i.test(address)) throw createFormError('a file without an address');
  return { url: address, mediaType: readText(mediaType), name: readText(name), ref: readText(ref) };
}

function readFinish(raw: string | undefined, calledTools: boolean): FinishReason {
  if (calledTools) return { kind: 'tool-calls', raw };
  if (raw === 'length' || raw === 'max_tokens') return { kind: 'length', raw };
  if (raw === 'content_filter') return { kind: 'content-filter', raw };
  return { kind: 'stop', raw };
}

/** Some bots pass on what their own upstream has counted. */
function readUsage(value: WireAnswer['usage']): Usage | undefined {
  const { prompt_tokens: input, completion_tokens: output, ...details } = value ?? {};
  const inputTokens = readNumber(input);
  const outputTokens = readNumber(output);
  if (inputTokens === undefined && outputTokens === undefined) return undefined;
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: readNumber(details.prompt_tokens_details?.cached_tokens),
    reasoningTokens: readNumber(details.completion_tokens_details?.reasoning_tokens),
  };
}
