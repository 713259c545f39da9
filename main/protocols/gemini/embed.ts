// Reads requests for embeddings, one text or a batch of them, and writes the vectors.
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult, Vector } from '../../canonical/embeddings.ts';
import { asArray, asListOrNone, asNumber, asString, refuse } from '../kit/fields.ts';
import type { SingleExchange } from '../protocol.ts';
import { asFields, readModelName } from './fields.ts';

/** Reads a parsed body with one text. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readEmbedRequest(body: unknown, name: string): SingleExchange<EmbeddingRequest, EmbeddingResult> {
  const { input, fields } = readOne(body, '');
  const exchange = createExchange([input], [fields], name);
  return {
    ...exchange,
    writeResult: ({ vectors: [vector] }) => ({ embedding: { values: readNumbers(vector ?? []) } }),
  };
}

/** Reads a parsed body with a list of such requests. Throws like `readEmbedRequest`. */
export function readBatchRequest(body: unknown, name: string): SingleExchange<EmbeddingRequest, EmbeddingResult> {
  const list = asArray(asFields(body, '').requests, 'requests');
  if (list.length === 0) refuse('requests', 'must hold at least one request');
  const read = list.map((request, at) => readOne(request, `requests[${at}]`));
  const inputs = read.map(({ input }) => input);
  const exchange = createExchange(
    inputs,
    read.map(({ fields }) => fields),
    name,
  );
  return {
    ...exchange,
    writeResult: ({ vectors }) => ({ embeddings: vectors.map((vector) => ({ values: readNumbers(vector) })) }),
  };
}

function readOne(value: unknown, path: string): { input: string; fields: JsonObject } {
  const before = path === '' ? '' : `${path}.`;
  const { model: _, content, ...fields } = asFields(value, path);
  const { parts } = asFields(content, `${before}content`);
  const texts = asListOrNone(parts, `${before}content.parts`).map((part, at) => {
    const place = `${before}content.parts[${at}]`;
    return asString(asFields(part, place).text, `${place}.text`);
  });
  if (texts.length === 0) refuse(`${before}content.parts`, 'must hold at least one text');
  return { input: texts.join('\n'), fields };
}

function createExchange(inputs: readonly string[], all: readonly JsonObject[], name: string) {
  const lengths = new Set(all.map(({ outputDimensionality: length }) => asNumber(length, 'outputDimensionality')));
  if (lengths.size > 1) refuse('requests', 'must all ask for the same outputDimensionality');
  const [dimensions] = lengths;
  const left = new Set(all.flatMap(({ outputDimensionality: _, ...rest }) => Object.keys(rest)));
  const request: EmbeddingRequest = {
    model: readModelName(name),
    inputs,
    encoding: 'float',
    ...(dimensions === undefined ? undefined : { dimensions }),
  };
  const notes = left.size === 0 ? [] : [`Left out, as only Google's models know them: ${[...left].join(', ')}.`];
  return { request, notes };
}

function readNumbers(vector: Vector): Json {
  if (typeof vector !== 'string') return vector;
  const bytes = Buffer.from(vector, 'base64');
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, at) => bytes.readFloatLE(at * 4));
}
