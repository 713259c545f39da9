// What the program passes on of Anthropic's Messages API, as far as it is read. Types only.
import type { JsonObject } from '../../canonical/conversation.ts';

/** A content block, whole or as it opens. */
export interface WireBlock {
  readonly type?: string;
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
  readonly thinking?: string;
  readonly signature?: string;
  /** Of a `redacted_thinking` block. */
  readonly data?: string;
  readonly input?: unknown;
  /** Where the text comes from, each as the upstream says it. */
  readonly citations?: readonly JsonObject[] | null;
  readonly [extra: string]: unknown;
}

/** A message of the model, or an error in its place. */
export interface WireMessage {
  readonly id?: string;
  readonly model?: string;
  readonly content?: readonly WireBlock[];
  readonly stop_reason?: string | null;
  readonly stop_sequence?: string | null;
  readonly usage?: WireUsage;
}

/** Token counts; those of `message_delta` are final. */
export interface WireUsage {
  readonly input_tokens?: number;
  readonly output_tokens?: number;
  readonly cache_read_input_tokens?: number | null;
  readonly cache_creation_input_tokens?: number | null;
  readonly output_tokens_details?: { readonly thinking_tokens?: number } | null;
  readonly [extra: string]: unknown;
}

/** One event of the upstream's stream, as the program passes it on. */
export interface WireEvent {
  readonly type?: string;
  readonly index?: number;
  readonly message?: WireMessage;
  readonly content_block?: WireBlock;
  readonly delta?: {
    readonly type?: string;
    readonly text?: string;
    readonly thinking?: string;
    readonly signature?: string;
    readonly citation?: JsonObject;
    readonly partial_json?: string;
    readonly stop_reason?: string | null;
    readonly stop_sequence?: string | null;
  };
  readonly usage?: WireUsage;
}
