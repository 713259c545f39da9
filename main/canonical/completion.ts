// The canonical request for a text that goes on where another ends: editors use it to fill gaps, old scripts to finish
// sentences. It is no conversation, and only some upstreams can do it; the answer is a reply like any other. Types only.
import type { Metadata } from './conversation.ts';

/** A text to be continued. */
export interface CompletionRequest {
  /** Model name exactly as the client sent it. */
  readonly model: string;
  /** What stands before the new text, byte for byte: no template is put around it. */
  readonly prompt: string;
  /** What is to follow the new text. */
  readonly suffix?: string;
  /** Upper limit for the new text, in tokens. */
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  readonly frequencyPenalty?: number;
  readonly presencePenalty?: number;
  /** Texts that end the new text before they appear in it. */
  readonly stop?: readonly string[];
  /** Body fields that the hub has no word for, per dialect. */
  readonly metadata?: Metadata;
}
