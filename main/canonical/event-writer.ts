// Keeps the event grammar for stream readers: opens a block when its first delta comes, closes it when another kind
// begins, numbers blocks, and drops what the grammar forbids. A reader says what it saw and keeps no flags of its own.
import type { Metadata } from './conversation.ts';
import type { GatewayError } from './errors.ts';
import type { ConversationEvent, FinishReason, ReplyStart, Usage } from './events.ts';

/** Collects the events of one upstream chunk after another, always in a well-formed order. */
export interface EventWriter {
  /** Opens the reply; only the first call counts. Other calls open it themselves where a reader did not. */
  start(head?: Omit<ReplyStart, 'type'>): void;
  /** Adds to the running text block; empty text is nothing. */
  text(text: string): void;
  /** Adds to the running reasoning block; empty text is nothing. */
  reasoning(text: string): void;
  /** Closes the running reasoning or text block; `metadata` (a signature) goes on its end. */
  endBlock(metadata?: Metadata): void;
  /** Closes the running reasoning block; where none runs, adds one that has only `metadata` and no text. */
  endReasoning(metadata: Metadata): void;
  /** Opens the tool call that the upstream knows as `key`. A repeated start is ignored. */
  toolCall(
    key: string | number,
    call: { readonly id: string; readonly name: string; readonly metadata?: Metadata },
  ): void;
  /** Whether the tool call `key` is open. */
  hasToolCall(key: string | number): boolean;
  /** Adds to the arguments of an open tool call; unknown keys and empty text are nothing. */
  toolArguments(key: string | number, text: string): void;
  /** Closes one tool call; one that brought no arguments takes an empty object. */
  endToolCall(key: string | number): void;
  usage(usage: Usage): void;
  /** Closes all blocks and ends the reply; nothing is accepted afterwards. */
  end(finishReason: FinishReason, metadata?: Metadata): void;
  /** Ends the reply as broken: open blocks stay open, nothing is accepted afterwards. */
  fail(error: GatewayError): void;
  /** Whether the reply has ended or failed. */
  readonly ended: boolean;
  /** Whether any tool call was opened in this reply. */
  readonly calledTools: boolean;
  /** The events since the last `take`, possibly none. */
  take(): ConversationEvent[];
}

/** An `EventWriter` for one reply. */
export function createEventWriter(): EventWriter {
  let events: ConversationEvent[] = [];
  let blocks = 0;
  let started = false;
  let ended = false;
  let calledTools = false;
  let open: { type: 'text' | 'reasoning'; block: number } | undefined;
  const toolCalls = new Map<string | number, { readonly block: number; hasArguments: boolean }>();

  const start = (head?: Omit<ReplyStart, 'type'>) => {
    if (started || ended) return;
    started = true;
    events.push({ type: 'reply-start', ...head });
  };
  const endBlock = (metadata?: Metadata) => {
    if (open === undefined || ended) return;
    const { type, block } = open;
    open = undefined;
    events.push(type === 'text' ? { type: 'text-end', block, metadata } : { type: 'reasoning-end', block, metadata });
  };
  const endToolCall = (key: string | number, whole = true) => {
    const call = toolCalls.get(key);
    if (call === undefined || ended) return;
    const { block, hasArguments } = call;
    toolCalls.delete(key);
    // Models call tools that take nothing with no arguments at all, and many clients parse the empty text.
    if (whole && !hasArguments) events.push({ type: 'tool-call-delta', block, text: '{}' });
    events.push({ type: 'tool-call-end', block });
  };
  const openBlock = (type: 'text' | 'reasoning'): number => {
    if (open?.type === type) return open.block;
    start();
    endBlock();
    open = { type, block: blocks++ };
    events.push(
      type === 'text' ? { type: 'text-start', block: open.block } : { type: 'reasoning-start', block: open.block },
    );
    return open.block;
  };

  return {
    start,
    text: (text) => {
      if (text === '' || ended) return;
      events.push({ type: 'text-delta', block: openBlock('text'), text });
    },
    reasoning: (text) => {
      if (text === '' || ended) return;
      events.push({ type: 'reasoning-delta', block: openBlock('reasoning'), text });
    },
    endBlock,
    endReasoning: (metadata) => {
      if (ended) return;
      openBlock('reasoning');
      endBlock(metadata);
    },
    toolCall: (key, { id, name, metadata }) => {
      if (ended || toolCalls.has(key)) return;
      start();
      endBlock();
      calledTools = true;
      toolCalls.set(key, { block: blocks, hasArguments: false });
      events.push({ type: 'tool-call-start', block: blocks++, id, name, metadata });
    },
    hasToolCall: (key) => toolCalls.has(key),
    toolArguments: (key, text) => {
      const call = toolCalls.get(key);
      if (call === undefined || text === '' || ended) return;
      call.hasArguments = true;
      events.push({ type: 'tool-call-delta', block: call.block, text });
    },
    endToolCall: (key) => endToolCall(key),
    usage: (usage) => {
      if (ended) return;
      start();
      events.push({ type: 'usage', usage });
    },
    end: (finishReason, metadata) => {
      if (ended) return;
      start();
      endBlock();
      const whole = finishReason.kind !== 'length' && finishReason.kind !== 'content-filter';
      for (const key of [...toolCalls.keys()]) endToolCall(key, whole);
      ended = true;
      events.push(
        metadata === undefined ? { type: 'reply-end', finishReason } : { type: 'reply-end', finishReason, metadata },
      );
    },
    fail: (error) => {
      if (ended) return;
      ended = true;
      events.push({ type: 'error', error });
    },
    get ended() {
      return ended;
    },
    get calledTools() {
      return calledTools;
    },
    take: () => {
      const taken = events;
      if (taken.length > 0) events = [];
      return taken;
    },
  };
}
