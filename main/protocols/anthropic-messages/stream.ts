// Writes canonical events as Anthropic's stream. There blocks never overlap, while tool calls of other upstreams may run
// side by side: the frames of a later block wait until the one before it is closed.
import type { JsonObject } from '../../canonical/conversation.ts';
import type { ConversationEvent, EventBatch, ReplyStart, Usage } from '../../canonical/events.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, StreamWriter } from '../protocol.ts';
import { writeErrorBody, writeMessage, writeReasoning, writeStop, writeToolCall, writeUsage } from './response.ts';

/** A writer for one stream. */
export function createMessagesStreamWriter(head: ReplyHead): StreamWriter {
  const queue = createBlockQueue();
  const loss = createReplyLoss(head, ['anthropic']);
  /** Reasoning blocks that have opened and not shown any text yet. */
  const silent = new Set<number>();
  let usage: Usage | undefined;

  const startBlock = (block: number, content: JsonObject) =>
    queue.add(block, frame('content_block_start', { index: block, content_block: content }));
  // Written by hand: nothing but the text differs from frame to frame.
  const delta = (block: number, type: string, field: string, text: string) =>
    queue.add(
      block,
      `event: content_block_delta\ndata: {"type":"content_block_delta","index":${block},"delta":{"type":"${type}","${field}":${JSON.stringify(text)}}}\n\n`,
    );
  const endBlock = (block: number) => queue.end(block, frame('content_block_stop', { index: block }));

  const writeStart = ({ id, model, metadata }: ReplyStart, batch: EventBatch): string => {
    loss.metadata(metadata);
    usage = batch.find((event) => event.type === 'usage')?.usage ?? usage;
    const message = writeMessage(
      { id, model },
      head,
      writeUsage({ ...usage, outputTokens: 0, reasoningTokens: undefined }),
    );
    return frame('message_start', { message });
  };
  const writeReasoningDelta = (block: number, text: string): string => {
    const start = silent.delete(block) ? startBlock(block, writeReasoning('', undefined)) : '';
    return start + delta(block, 'thinking_delta', 'thinking', text);
  };
  const writeTextEnd = ({ block, metadata }: Extract<ConversationEvent, { type: 'text-end' }>): string => {
    loss.metadata(metadata);
    const { citations } = metadata?.anthropic ?? {};
    let text = '';
    for (const citation of Array.isArray(citations) ? citations : []) {
      const cited = { type: 'citations_delta', citation };
      text += queue.add(block, frame('content_block_delta', { index: block, delta: cited }));
    }
    return text + endBlock(block);
  };
  const writeReplyEnd = ({ finishReason, metadata }: Extract<ConversationEvent, { type: 'reply-end' }>): string => {
    loss.metadata(metadata);
    const counts = writeUsage(usage, metadata);
    return frame('message_delta', { delta: writeStop(finishReason), usage: counts }) + frame('message_stop', {});
  };
  const writeReasoningEnd = ({ block, metadata }: Extract<ConversationEvent, { type: 'reasoning-end' }>): string => {
    loss.metadata(metadata);
    const { signature, ...rest } = metadata?.anthropic ?? {};
    let text = '';
    if (silent.delete(block)) text += startBlock(block, writeReasoning('', { anthropic: rest }));
    if (typeof signature === 'string') text += delta(block, 'signature_delta', 'signature', signature);
    return text + endBlock(block);
  };

  const writeEvent = (event: EventBatch[number], batch: EventBatch): string => {
    switch (event.type) {
      case 'text-delta':
        return delta(event.block, 'text_delta', 'text', event.text);
      case 'reasoning-delta':
        return writeReasoningDelta(event.block, event.text);
      case 'tool-call-delta':
        return delta(event.block, 'input_json_delta', 'partial_json', event.text);
      case 'text-start':
        return startBlock(event.block, { type: 'text', text: '' });
      case 'reasoning-start':
        silent.add(event.block);
        return '';
      case 'tool-call-start':
        loss.metadata(event.metadata);
        return startBlock(event.block, writeToolCall(event, {}));
      case 'reasoning-end':
        return writeReasoningEnd(event);
      case 'text-end':
        return writeTextEnd(event);
      case 'tool-call-end':
        return endBlock(event.block);
      case 'reply-start':
        return writeStart(event, batch);
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        return frame('error', writeErrorBody(event.error, head.requestId));
      case 'reply-end':
        return writeReplyEnd(event);
      default:
        return event satisfies never;
    }
  };

  return {
    contentType: 'text/event-stream; charset=utf-8',
    keepAlive: frame('ping', {}),
    write: (batch) => {
      let text = '';
      for (const event of batch) text += writeEvent(event, batch);
      return text;
    },
  };
}

/** The official clients drop frames without an `event:` line. */
function frame(type: string, data: JsonObject): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`;
}

/** Lets the frames of one block at a time through, in the order in which the blocks have opened. */
function createBlockQueue() {
  let current: number | undefined;
  const waiting = new Map<number, { frames: string; ended: boolean }>();

  const next = (): string => {
    current = undefined;
    let text = '';
    for (const [block, { frames, ended }] of waiting) {
      waiting.delete(block);
      text += frames;
      if (ended) continue;
      current = block;
      break;
    }
    return text;
  };
  const add = (block: number, frames: string): string => {
    current ??= block;
    if (block === current) return frames;
    const held = waiting.get(block) ?? { frames: '', ended: false };
    held.frames += frames;
    waiting.set(block, held);
    return '';
  };
  return {
    /** The frames, if it is this block's turn. */
    add,
    /** The last frame of a block, and what had to wait for it. */
    end: (block: number, frames: string): string => {
      const text = add(block, frames);
      if (block === current) return text + next();
      const held = waiting.get(block);
      if (held !== undefined) held.ended = true;
      return text;
    },
  };
}
