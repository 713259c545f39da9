// The canonical request for embeddings, and its answer. Types only.
import type { Metadata } from './conversation.ts';
import type { Usage } from './events.ts';

/** Texts to be turned into vectors. */
export interface EmbeddingRequest {
  /** Model name exactly as the client sent it. */
  readonly model: string;
  /** At least one; a list of numbers is a text in the upstream's own tokens. */
  readonly inputs: readonly (string | readonly number[])[];
  /** How long the vectors are to be, where the model can choose. */
  readonly dimensions?: number;
  /** The form that the client will hand on, so that an upstream that knows both need not be converted. */
  readonly encoding?: 'float' | 'base64';
  /** Body fields that the hub has no word for, per dialect. */
  readonly metadata?: Metadata;
}

/** One vector: its numbers, or the base64 of its little-endian 32-bit floats. */
export type Vector = readonly number[] | string;

/** The vectors, one for each input and in their order. */
export interface EmbeddingResult {
  /** The model that the upstream says has answered. */
  readonly model?: string;
  readonly vectors: readonly Vector[];
  readonly usage?: Usage;
}
