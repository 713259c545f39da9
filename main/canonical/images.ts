// The canonical request for pictures out of words, and its answer. Types only.
import type { Metadata, Source } from './conversation.ts';
import type { Usage } from './events.ts';

/** A wish for pictures. */
export interface ImageRequest {
  /** Model name exactly as the client sent it. */
  readonly model: string;
  readonly prompt: string;
  /** How many; one where the client does not say. */
  readonly count?: number;
  /** `1024x1024`, or a word that only the upstream knows. */
  readonly size?: string;
  readonly quality?: string;
  readonly style?: string;
  /** In what form the client wants them; absent means whatever the upstream gives. */
  readonly delivery?: 'url' | 'base64';
  /** Body fields that the hub has no word for, per dialect. */
  readonly metadata?: Metadata;
}

/** One picture. */
export interface GeneratedImage {
  readonly source: Extract<Source, { type: 'base64' | 'url' }>;
  /** `image/png` and so on, where the upstream tells. */
  readonly mediaType?: string;
  /** What the upstream made of the prompt. */
  readonly revisedPrompt?: string;
}

/** The pictures, at least one. */
export interface ImageResult {
  readonly images: readonly GeneratedImage[];
  readonly usage?: Usage;
  /** Fields of the answer that the hub has no word for, per dialect. */
  readonly metadata?: Metadata;
}
