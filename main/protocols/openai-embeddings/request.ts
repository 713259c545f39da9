// Reads requests for embeddings as OpenAI's clients send them: one text or many, as words or as tokens.
import type { Json } from '../../canonical/conversation.ts';
import type { EmbeddingRequest } from '../../canonical/embeddings.ts';
import { asNumber, asObject, asString, refuse } from '../kit/fields.ts';

/** Reads a parsed body. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readEmbeddingRequest(body: unknown): EmbeddingRequest {
  const { model, input, dimensions, encoding_format: encoding, ...fields } = asObject(body, '');
  return {
    model: asString(model, 'model'),
    inputs: readInputs(input),
    dimensions: asNumber(dimensions, 'dimensions'),
    encoding: readEncoding(encoding),
    metadata: { openai: { fields } },
  };
}

function readInputs(value: Json | undefined): EmbeddingRequest['inputs'] {
  if (typeof value === 'string') return [value];
  const list = Array.isArray(value) ? (value as readonly Json[]) : [];
  if (list.length === 0) return refuse('input', 'must be a text or a list with at least one in it');
  if (isTokens(list)) return [list];
  return list.map((item, at) => {
    if (typeof item === 'string') return item;
    return isTokens(item) ? item : refuse(`input[${at}]`, 'must be a text or a list of tokens');
  });
}

function isTokens(value: Json): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((token) => typeof token === 'number');
}

function readEncoding(value: Json | undefined): EmbeddingRequest['encoding'] {
  if (value === undefined || value === null) return undefined;
  return value === 'float' || value === 'base64' ? value : refuse('encoding_format', 'must be float or base64');
}
