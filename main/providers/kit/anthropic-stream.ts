// Reads the answers of upstreams with Anthropic's Messages API, streamed or whole, as canonical events. What such an upstream
// says of a block and the hub has no word for goes with the block, for clients of that dialect.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch, FinishReason, Usage } from '../../canonical/events.ts';
import { readErrorInside } from '../../http/errors.ts';
import { createServerSentEventReader, type ServerSentEvent } from '../../http/sse.ts';
import { type AnswerReaders, readCount } from './openai-upstream.ts';

type Fields = { readonly [name: string]: unknown };

/** Both readers for answers of `provider`. */
export function createAnthropicReaders(provider: string): AnswerReaders {
  return {
    createStreamReader: () => createStreamReader(provider),
    readWhole: (text) => readWhole(text, provider),
  };
}

function createStreamReader(provider: string) {
  const lines = createServerSentEventReader();
  const writer = createEventWriter();
  const reader = createMessageReader(writer, provider);
  const guard = (read: () => void): EventBatch => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      writer.fail(error);
    }
    return writer.take();
  };
  const readAll = (events: readonly ServerSentEvent[]) => {
    for (const { data } of events) if (data !== '' && data !== '[DONE]') reader.event(parse(data, provider));
  };
  return {
    push: (chunk: Buffer) => guard(() => readAll(lines.push(chunk))),
    end: () =>
      guard(() => {
        readAll(lines.end());
        if (!writer.ended) reader.close();
      }),
    get ended() {
      return writer.ended;
    },
  };
}

function readWhole(text: string, provider: string): EventBatch {
  const writer = createEventWriter();
  const reader = createMessageReader(writer, provider);
  const message = parse(text, provider);
  if (message.type === 'error' || message.error !== undefined)
    throw readErrorInside(message.error ?? message, provider);
  if (!Array.isArray(message.content)) {
    throw new GatewayError('upstream', 'The upstream answered without content in its answer.', { provider });
  }
  reader.event({ type: 'message_start', message });
  for (const [index, block] of (message.content as Fields[]).entries()) reader.block(index, block);
  reader.event({ type: 'message_delta', delta: message });
  reader.event({ type: 'message_stop' });
  return writer.take();
}

function createMessageReader(writer: EventWriter, provider: string) {
  let usage: Fields = {};
  let stop: { raw: string; text: string | undefined } | undefined;
  let signature = '';

  const startBlock = (index: number, block: Fields) => {
    signature = '';
    if (block.type === 'tool_use') {
      const { type: _, id, name, input: __, ...extra } = block;
      const metadata = Object.keys(extra).length === 0 ? undefined : { anthropic: extra as JsonObject };
      writer.toolCall(index, { id: asText(id) ?? '', name: asText(name) ?? '', metadata });
    }
    if (block.type === 'redacted_thinking' && asText(block.data)) {
      writer.endReasoning({ anthropic: { redacted: block.data as string } });
    }
  };
  const readDelta = (index: number, delta: Fields) => {
    writer.text(asText(delta.text) ?? '');
    writer.reasoning(asText(delta.thinking) ?? '');
    writer.toolArguments(index, asText(delta.partial_json) ?? '');
    signature += asText(delta.signature) ?? '';
  };
  const endBlock = (index: number) => {
    if (writer.hasToolCall(index)) writer.endToolCall(index);
    else if (signature === '') writer.endBlock();
    else writer.endReasoning({ anthropic: { signature } });
    signature = '';
  };
  const close = () => {
    if (stop === undefined) {
      throw new GatewayError('upstream', 'The upstream closed the connection in the middle of its answer.', {
        provider,
      });
    }
    const { raw, text } = stop;
    const finish = readFinishReason(raw, writer.calledTools);
    writer.end(text === undefined ? finish : { ...finish, stopText: text });
  };
  const event = (said: Fields) => {
    const index = Number(said.index ?? 0);
    switch (said.type) {
      case 'message_start': {
        const message = asFields(said.message);
        usage = { ...asFields(message.usage) };
        return writer.start({ id: asText(message.id), model: asText(message.model) });
      }
      case 'content_block_start':
        startBlock(index, asFields(said.content_block));
        return readDelta(index, { ...asFields(said.content_block), signature: undefined });
      case 'content_block_delta':
        return readDelta(index, asFields(said.delta));
      case 'content_block_stop':
        return endBlock(index);
      case 'message_delta': {
        const delta = asFields(said.delta);
        usage = { ...usage, ...asFields(said.usage) };
        const raw = asText(delta.stop_reason);
        if (raw !== undefined) stop = { raw, text: asText(delta.stop_sequence) };
        const counts = readUsage(usage);
        if (Object.values(counts).some((count) => count !== undefined)) writer.usage(counts);
        return;
      }
      case 'message_stop':
        return close();
      case 'error':
        throw readErrorInside(said.error ?? said, provider);
      default:
    }
  };
  return {
    event,
    close,
    block: (index: number, block: Fields) => {
      startBlock(index, block);
      signature = asText(block.signature) ?? '';
      writer.text(asText(block.text) ?? '');
      writer.reasoning(asText(block.thinking) ?? '');
      if (block.type === 'tool_use') writer.toolArguments(index, JSON.stringify(block.input ?? {}));
      endBlock(index);
    },
  };
}

/** The dialect counts cached input apart; the hub counts it in. */
function readUsage(usage: Fields): Usage {
  const cached = readCount(usage.cache_read_input_tokens);
  const written = readCount(usage.cache_creation_input_tokens);
  const fresh = readCount(usage.input_tokens);
  return {
    inputTokens: fresh === undefined ? undefined : fresh + (cached ?? 0) + (written ?? 0),
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: readCount(usage.output_tokens),
  };
}

function readFinishReason(raw: string, calledTools: boolean): FinishReason {
  switch (raw) {
    case 'tool_use':
      return { kind: 'tool-calls', raw };
    case 'end_turn':
    case 'stop_sequence':
      return { kind: calledTools ? 'tool-calls' : 'stop', raw };
    case 'max_tokens':
      return { kind: 'length', raw };
    case 'refusal':
      return { kind: 'content-filter', raw };
    default:
      return { kind: 'other', raw };
  }
}

function parse(data: string, provider: string): Fields {
  try {
    const value: unknown = JSON.parse(data);
    if (typeof value === 'object' && value !== null) return value as Fields;
  } catch {
    // Told below.
  }
  throw new GatewayError('upstream', `The upstream sent something that is no answer: ${data.slice(0, 200)}`, {
    provider,
  });
}

const asText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const asFields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
