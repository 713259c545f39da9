// The face that clients of OpenAI's embeddings see.
import type { EmbeddingRequest, EmbeddingResult } from '../../canonical/embeddings.ts';
import { writeError } from '../kit/openai-errors.ts';
import { writeBase64, writeFloats } from '../kit/vectors.ts';
import type { Protocol, ReplyHead, Route } from '../protocol.ts';
import { readEmbeddingRequest } from './request.ts';

/** The list of vectors, in the form that was asked for: numbers, unless the client said base64. */
export function writeResult(
  { model, vectors, usage }: EmbeddingResult,
  { encoding }: EmbeddingRequest,
  head: ReplyHead,
): unknown {
  const write = encoding === 'base64' ? writeBase64 : writeFloats;
  // The shape has no way to leave a count out.
  const tokens = usage?.inputTokens ?? 0;
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: write(vector) })),
    model: model ?? head.model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

const routes = ['/v1', ''].map(
  (base): Route => ({
    action: 'embed',
    path: `${base}/embeddings`,
    readRequest: (body) => {
      const request = readEmbeddingRequest(body);
      return { request, writeResult: (result, head) => writeResult(result, request, head) };
    },
  }),
);

/** OpenAI's embeddings. */
export const openAiEmbeddings: Protocol = {
  id: 'openai-embeddings',
  name: 'OpenAI embeddings',
  basePath: '/v1',
  routes,
  listed: false,
  writeError,
};
