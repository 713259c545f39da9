// Reads the answers of OpenAI-shaped upstreams, streamed or whole, as canonical events; those of legacy completions differ
// only in where the text is. Liberal in what it takes: every tolerance here stands for a vendor that needs it.
import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch, FinishReason, Usage } from '../../canonical/events.ts';
import { readErrorInside } from '../../http/errors.ts';
import { createServerSentEventReader, type ServerSentEvent } from '../../http/sse.ts';
import { createReplyExtras } from './openai-chat-extras.ts';
import type { WireAnswer, WireMessage, WireToolCall, WireUsage } from './openai-chat-wire.ts';
import { readCount } from './openai-upstream.ts';

/** Takes the chunks of one streamed answer, gives their events. */
export interface OpenAiChatStreamReader {
  push(chunk: Buffer): EventBatch;
  /** The last events; an `error` where the stream stopped without saying that it was complete. */
  end(): EventBatch;
  /** The answer is complete or has failed: what may follow does not matter. */
  readonly ended: boolean;
}

/** A reader for one streamed answer of `provider`. */
export function createOpenAiChatStreamReader(provider: string): OpenAiChatStreamReader {
  const lines = createServerSentEventReader();
  const writer = createEventWriter();
  const reader = createAnswerReader(writer, provider);
  const read = (events: readonly ServerSentEvent[]): EventBatch => {
    for (const { data } of events) {
      if (data === '[DONE]') reader.finish(true);
      else if (data !== '') reader.read(parseChunk(data, provider));
    }
    return writer.take();
  };
  return {
    push: (chunk) => guard(writer, () => read(lines.push(chunk))),
    end: () =>
      guard(writer, () => {
        read(lines.end());
        reader.finish(false);
        return writer.take();
      }),
    get ended() {
      return writer.ended;
    },
  };
}

/** The events of a whole answer, given as text. Throws `GatewayError` where it is none. */
export function readOpenAiChatAnswer(text: string, provider: string): EventBatch {
  const writer = createEventWriter();
  const reader = createAnswerReader(writer, provider);
  const answer = parseChunk(text, provider);
  if (answer.choices?.[0] === undefined && answer.error === undefined) {
    throw new GatewayError('upstream', 'The upstream answered without a choice in its answer.', { provider });
  }
  reader.read(answer);
  reader.finish(true);
  return writer.take();
}

/** Events read before a failure are kept: the failure comes after them, as the last event. */
function guard(writer: EventWriter, read: () => EventBatch): EventBatch {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    writer.fail(error);
    return writer.take();
  }
}

function parseChunk(data: string, provider: string): WireAnswer {
  let chunk: unknown;
  try {
    chunk = JSON.parse(data);
  } catch (cause) {
    const start = data.trimStart().slice(0, 200);
    if (start === '') throw createEmptyError(provider);
    const message = start.startsWith('<')
      ? 'The upstream answered with a web page instead of JSON. Is the base URL right?'
      : `The upstream sent something that is not JSON: ${start}`;
    throw new GatewayError('upstream', message, { provider, cause });
  }
  if (typeof chunk !== 'object' || chunk === null) {
    throw new GatewayError('upstream', `The upstream sent something that is no answer: ${data.slice(0, 200)}`, {
      provider,
    });
  }
  return chunk as WireAnswer;
}

function createAnswerReader(writer: EventWriter, provider: string) {
  let finish: string | undefined;
  let started = false;
  const toolCalls = createToolCallReader(writer);
  const extras = createReplyExtras();

  const readMessage = (message: WireMessage) => {
    extras.readMessage(message);
    const reasoning = message.reasoning_content ?? message.reasoning;
    if (typeof reasoning === 'string') writer.reasoning(reasoning);
    const { content } = message;
    if (typeof content === 'string') writer.text(content);
    else if (Array.isArray(content)) for (const part of content) writer.text(readText(part?.text) ?? '');
    if (typeof message.refusal === 'string') writer.text(message.refusal);
    if (message.tool_calls == null) return;
    if (!Array.isArray(message.tool_calls)) throw createFormError('tool_calls', provider);
    for (const [at, call] of message.tool_calls.entries()) {
      if (typeof call !== 'object' || call === null) throw createFormError('tool_calls', provider);
      toolCalls.read(call, at);
    }
  };

  return {
    read(answer: WireAnswer): void {
      if (answer.error !== undefined && answer.error !== null) throw readErrorInside(answer.error, provider);
      if (!started) {
        started = true;
        writer.start({ id: readText(answer.id), model: readText(answer.model), metadata: extras.readStart(answer) });
      }
      const choice = answer.choices?.[0];
      const message = choice?.delta ?? choice?.message;
      if (message) readMessage(message);
      if (typeof choice?.text === 'string') writer.text(choice.text);
      finish = readText(choice?.finish_reason) ?? finish;
      const usage = answer.usage ?? choice?.usage;
      if (usage || choice?.finish_reason) extras.readEnd(answer, choice);
      const counts = typeof usage === 'object' && usage !== null ? readUsage(usage) : {};
      if (Object.values(counts).some((count) => count !== undefined)) writer.usage(counts);
    },
    /** `said`: the upstream marked the end itself, so a missing finish reason is no cut. */
    finish(said: boolean): void {
      if (writer.ended) return;
      if (!started) throw createEmptyError(provider);
      toolCalls.flush();
      if (finish === undefined && !said) {
        throw new GatewayError('upstream', 'The upstream closed the connection in the middle of its answer.', {
          provider,
        });
      }
      writer.end(readFinishReason(finish, writer.calledTools), extras.end);
    },
  };
}

/** Puts the tool calls of one answer together. */
export interface ToolCallReader {
  /** `position` counts where a piece names no index. */
  read(piece: WireToolCall, position: number): void;
  /** Opens what never got a name, so that the client sees the call rather than nothing. */
  flush(): void;
}

/**
 * Puts the pieces of tool calls together. Seen in the wild: no index; the same index for every call; id and name repeated
 * in each piece; no id at all; arguments as an object; the name after the first piece.
 */
export function createToolCallReader(writer: EventWriter): ToolCallReader {
  interface Pending {
    readonly key: string;
    readonly id: string;
    name: string;
    text: string;
    extra: JsonObject | undefined;
  }
  const byIndex = new Map<number | string, Pending>();
  let count = 0;

  const open = (call: Pending) => {
    writer.toolCall(call.key, {
      id: call.id || `call_${randomUUID().replaceAll('-', '')}`, // clients cannot answer a call that has no id
      name: call.name,
      metadata: call.extra && { openai: call.extra },
    });
    writer.toolArguments(call.key, call.text);
    call.text = '';
  };
  /** The call that a piece belongs to; a new id in an old place is a new call. */
  const find = ({ index, id: given, type, function: _, ...rest }: WireToolCall, position: number): Pending => {
    // A tool that the upstream runs itself is called under a type of its own.
    const extra = type === 'builtin_function' ? { type, ...rest } : rest;
    const id = readText(given);
    const slot = typeof index === 'number' || typeof index === 'string' ? index : position;
    const known = byIndex.get(slot);
    if (known !== undefined && (!id || known.id === '' || id === known.id)) return known;
    if (known !== undefined) writer.endToolCall(known.key);
    const fields = Object.keys(extra).length > 0 ? (extra as JsonObject) : undefined;
    const call = { key: `${slot}:${count++}`, id: id ?? '', name: '', text: '', extra: fields };
    byIndex.set(slot, call);
    return call;
  };
  return {
    read(piece: WireToolCall, position: number): void {
      const call = find(piece, position);
      const body = piece.function;
      if (call.name === '') call.name = readText(body?.name) ?? '';
      const given = body?.arguments ?? '';
      const text = typeof given === 'string' ? given : JSON.stringify(given);
      if (writer.hasToolCall(call.key)) writer.toolArguments(call.key, text);
      else {
        call.text += text;
        if (call.name !== '') open(call);
      }
    },
    flush(): void {
      for (const call of byIndex.values()) if (call.text !== '' && !writer.hasToolCall(call.key)) open(call);
    },
  };
}

function readFinishReason(raw: string | undefined, calledTools: boolean): FinishReason {
  if (calledTools && (raw === undefined || raw === 'stop')) return { kind: 'tool-calls', raw };
  switch (raw) {
    case undefined:
    case 'stop':
    case 'eos':
    case 'end_turn':
      return { kind: 'stop', raw };
    case 'length':
    case 'max_tokens':
      return { kind: 'length', raw };
    case 'tool_calls':
    case 'function_call':
      return { kind: 'tool-calls', raw };
    case 'content_filter':
      return { kind: 'content-filter', raw };
    default:
      return { kind: 'other', raw };
  }
}

/** Some servers say null where they count nothing. */
function readUsage(usage: WireUsage): Usage {
  const cached = usage.prompt_tokens_details?.cached_tokens ?? usage.cached_tokens ?? usage.prompt_cache_hit_tokens;
  return {
    inputTokens: readCount(usage.prompt_tokens),
    cachedInputTokens: readCount(cached),
    outputTokens: readCount(usage.completion_tokens),
    reasoningTokens: readCount(usage.completion_tokens_details?.reasoning_tokens),
  };
}

/** Even an answer without a word has a choice or a count in it. */
const createEmptyError = (provider: string) =>
  new GatewayError('upstream', 'The upstream sent an empty answer.', { provider });

function createFormError(field: string, provider: string): GatewayError {
  return new GatewayError('upstream', `The upstream sent ${field} of an unknown form.`, { provider });
}

// What the wire types promise, an upstream may break; anything else under these names counts as not said.
const readText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
