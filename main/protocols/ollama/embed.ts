// Reads Ollama's two calls for embeddings and writes their answers: one takes a list, its elder a single prompt.
import type { Json } from '../../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult } from '../../canonical/embeddings.ts';
import { asNumber, asObject, asString, asTextOrList, refuse } from '../kit/fields.ts';
import { writeFloats } from '../kit/vectors.ts';
import type { ReplyHead, SingleExchange } from '../protocol.ts';
import { toNanoseconds } from './response.ts';

type EmbedExchange = SingleExchange<EmbeddingRequest, EmbeddingResult>;

/** Reads the parsed body of `/api/embed`. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readEmbedRequest(body: unknown, now: () => number): EmbedExchange {
  const startedAt = now();
  const { model, input, dimensions, truncate, options, keep_alive: _keepAlive, ...fields } = asObject(body, '');
  const inputs = asTextOrList(input, 'input') ?? [];
  if (inputs.length === 0) refuse('input', 'must be a text or a list with at least one in it');
  const notes = noteOptions(options);
  if (truncate === false)
    notes.push('The wish not to shorten texts (truncate) was left out: what is too long, the upstream decides.');
  const request: EmbeddingRequest = {
    model: asString(model, 'model'),
    inputs,
    dimensions: asNumber(dimensions, 'dimensions'),
    metadata: { ollama: { fields } },
  };
  const writeResult = ({ vectors, usage }: EmbeddingResult, head: ReplyHead) => ({
    model: head.model,
    embeddings: vectors.map(writeFloats),
    total_duration: toNanoseconds(now() - startedAt),
    // No model was loaded for it here; the AI SDK's provider refuses an answer that does not say so.
    load_duration: 0,
    // Our own guess of the tokens would pass for a measurement here.
    prompt_eval_count: usage?.estimated ? undefined : usage?.inputTokens,
  });
  return { request, notes, writeResult };
}

/** Reads the parsed body of `/api/embeddings`. Throws like `readEmbedRequest`. */
export function readEmbeddingsRequest(body: unknown): EmbedExchange {
  const { model, prompt, options, keep_alive: _keepAlive, ...fields } = asObject(body, '');
  return {
    request: {
      model: asString(model, 'model'),
      inputs: [asString(prompt, 'prompt')],
      metadata: { ollama: { fields } },
    },
    notes: noteOptions(options),
    writeResult: ({ vectors }) => ({ embedding: vectors.map(writeFloats)[0] }),
  };
}

function noteOptions(value: Json | undefined): string[] {
  const names = value === undefined || value === null ? [] : Object.keys(asObject(value, 'options'));
  return names.length === 0 ? [] : [`Options that only an Ollama server has were left out: ${names.join(', ')}.`];
}
