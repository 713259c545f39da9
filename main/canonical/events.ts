// The canonical reply, as it comes in: a flat grammar of `start / delta / end` that every provider speaks and every face
// understands. Events travel in batches (what one upstream chunk held), so a chunk costs one step per stage. Types only.
//
//   reply-start  usage?  ( block-start  block-delta*  block-end )*  usage?  ( reply-end | error )
//
// Blocks never overlap in one reply, except tool calls, which may run in parallel. `event-writer.ts` keeps the grammar.
import type { Metadata } from './conversation.ts';
import type { GatewayError } from './errors.ts';

/** One thing that happened in a reply. */
export type ConversationEvent =
  | ReplyStart
  | TextStart
  | TextDelta
  | TextEnd
  | ReasoningStart
  | ReasoningDelta
  | ReasoningEnd
  | ToolCallStart
  | ToolCallDelta
  | ToolCallEnd
  | UsageEvent
  | ErrorEvent
  | ReplyEnd;

/** What a provider yields: the events of one upstream chunk, never empty. */
export type EventBatch = readonly ConversationEvent[];

/** The stream of one reply. Its consumer stops it by `return()` or by the signal that it handed in. */
export type EventStream = AsyncIterable<EventBatch>;

/** The upstream has begun to answer; nothing has been said yet. */
export interface ReplyStart {
  readonly type: 'reply-start';
  /** The upstream's id for this reply, where it has one. */
  readonly id?: string;
  /** The model that the upstream says is answering. */
  readonly model?: string;
  readonly metadata?: Metadata;
}

/** A text block opens. `block` counts the blocks of a reply from 0. */
export interface TextStart {
  readonly type: 'text-start';
  readonly block: number;
}

/** More text; never empty. */
export interface TextDelta {
  readonly type: 'text-delta';
  readonly block: number;
  readonly text: string;
}

/** A text block is complete. */
export interface TextEnd {
  readonly type: 'text-end';
  readonly block: number;
  readonly metadata?: Metadata;
}

/** The model starts to think aloud. */
export interface ReasoningStart {
  readonly type: 'reasoning-start';
  readonly block: number;
}

/** More thinking; never empty. */
export interface ReasoningDelta {
  readonly type: 'reasoning-delta';
  readonly block: number;
  readonly text: string;
}

/** A reasoning block is complete; its signature, if any, is in the metadata. Some have that and no text. */
export interface ReasoningEnd {
  readonly type: 'reasoning-end';
  readonly block: number;
  readonly metadata?: Metadata;
}

/** The model calls a tool; id and name are complete, arguments follow. */
export interface ToolCallStart {
  readonly type: 'tool-call-start';
  readonly block: number;
  readonly id: string;
  readonly name: string;
  readonly metadata?: Metadata;
}

/** More of the arguments' JSON text; never empty. */
export interface ToolCallDelta {
  readonly type: 'tool-call-delta';
  readonly block: number;
  readonly text: string;
}

/** A tool call is complete. */
export interface ToolCallEnd {
  readonly type: 'tool-call-end';
  readonly block: number;
}

/** Tokens so far; a later usage event replaces an earlier one. */
export interface UsageEvent {
  readonly type: 'usage';
  readonly usage: Usage;
}

/** The reply broke off: nothing follows, and no face may end it as if it were complete. */
export interface ErrorEvent {
  readonly type: 'error';
  readonly error: GatewayError;
}

/** The reply is complete: nothing follows. */
export interface ReplyEnd {
  readonly type: 'reply-end';
  readonly finishReason: FinishReason;
  /** What one dialect said of the reply as a whole and the hub has no word for; known only at its end. */
  readonly metadata?: Metadata;
}

/** Tokens as the upstream counted them; a field that the upstream did not tell is absent. */
export interface Usage {
  /** All input, cached input included. */
  readonly inputTokens?: number;
  /** The part of the input that was read from the upstream's cache. */
  readonly cachedInputTokens?: number;
  /** The part of the input that was written to the upstream's cache. */
  readonly cacheWriteTokens?: number;
  /** All output, reasoning included. */
  readonly outputTokens?: number;
  readonly reasoningTokens?: number;
  /** The counts are ours, not the upstream's. */
  readonly estimated?: boolean;
}

/** Why a reply ended: our word for it, and the upstream's. */
export interface FinishReason {
  readonly kind: 'stop' | 'length' | 'tool-calls' | 'content-filter' | 'other';
  readonly raw?: string;
  /** Which of the request's stop texts ended it, where the upstream tells. */
  readonly stopText?: string;
}
