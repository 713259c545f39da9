// The upstream's words for a request. Types only.
import type { JsonObject } from '../../canonical/conversation.ts';

/** A picture beside a user's words. */
export interface WireImage {
  readonly format: 'png' | 'jpeg' | 'gif' | 'webp';
  readonly source: { readonly bytes: string };
}

/** A tool as it is offered. */
export interface WireTool {
  readonly toolSpecification: {
    readonly name: string;
    readonly description: string;
    readonly inputSchema: { readonly json: JsonObject };
  };
}

/** A call in an earlier answer. */
export interface WireToolUse {
  readonly toolUseId: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** What came of a call. */
export interface WireToolResult {
  readonly toolUseId: string;
  readonly status: 'success' | 'error';
  readonly content: readonly { readonly text: string }[];
}

/** Marks the end of what the upstream may keep in its cache. */
export interface WireCachePoint {
  readonly type: 'default';
}

/** What a person said, or a client's tools for them. */
export interface WireUserMessage {
  readonly content: string;
  readonly modelId?: string;
  readonly origin: string;
  readonly images?: readonly WireImage[];
  readonly cachePoint?: WireCachePoint;
  readonly userInputMessageContext?: {
    readonly tools?: readonly WireTool[];
    readonly toolResults?: readonly WireToolResult[];
  };
}

/** Thinking that goes back to the upstream that has signed or sealed it. */
export type WireReasoning =
  | { readonly reasoningText: { readonly text: string; readonly signature: string } }
  | { readonly redactedContent: string };

/** What the model said. */
export interface WireAssistantMessage {
  readonly content: string;
  readonly toolUses?: readonly WireToolUse[];
  readonly reasoningContent?: WireReasoning;
  readonly cachePoint?: WireCachePoint;
}

/** One turn before the one that is to be answered. */
export type WireHistoryEntry =
  | { readonly userInputMessage: WireUserMessage }
  | { readonly assistantResponseMessage: WireAssistantMessage };

/** The body of one request. */
export interface WireRequest {
  readonly conversationState: {
    readonly conversationId: string;
    readonly chatTriggerType: 'MANUAL';
    readonly agentTaskType?: 'vibe';
    readonly currentMessage: { readonly userInputMessage: WireUserMessage };
    readonly history?: readonly WireHistoryEntry[];
  };
  readonly profileArn?: string;
  readonly additionalModelRequestFields?: JsonObject;
}
