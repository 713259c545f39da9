// The embeddings of OpenAI-shaped upstreams. Vectors go through as they come: nothing is counted out or rounded here.
import type { JsonObject } from '../../canonical/conversation.ts';
import type { EmbeddingRequest, EmbeddingResult, Vector } from '../../canonical/embeddings.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { createOpenAiPost, type OpenAiOptions, readCount, readJsonAnswer } from './openai-upstream.ts';

/** A few thousand long vectors, written out as decimals. */
const LIMIT_BYTES = 256 * 1024 ** 2;

interface WireEmbeddings {
  readonly data: readonly { readonly index?: unknown; readonly embedding?: unknown }[];
  readonly model: unknown;
  readonly usage: { readonly prompt_tokens?: unknown; readonly total_tokens?: unknown } | null;
}

/** The `embed` of a provider whose upstreams may have `/embeddings`. */
export function createOpenAiEmbed(services: ProviderServices, options: OpenAiOptions): NonNullable<Provider['embed']> {
  const post = createOpenAiPost(services, options);
  const { provider } = options;
  return async (request, context) => {
    const write = (withEncoding: boolean) => () => writeEmbeddingRequest(request, withEncoding);
    const rewrite = (status: number, text: string) => {
      // OpenAI's own package asks for base64 unasked, and the same vectors can be written in either form.
      if (request.encoding === undefined || status >= 500 || !text.includes('encoding_format')) return undefined;
      context.note('This upstream does not take the encoding that was asked for; asked again without it.');
      return write(false);
    };
    const response = await post(
      { path: '/embeddings', live: false, write: write(true), rewrite, ability: 'make embeddings' },
      context,
    );
    const answer = await readJsonAnswer<WireEmbeddings>(response, LIMIT_BYTES, provider);
    return readEmbeddings(answer, request.inputs.length, provider);
  };
}

function writeEmbeddingRequest(request: EmbeddingRequest, withEncoding: boolean): string {
  const [first] = request.inputs;
  return JSON.stringify({
    ...(request.metadata?.openai?.fields as JsonObject | undefined),
    model: request.model,
    input: request.inputs.length === 1 ? first : request.inputs,
    dimensions: request.dimensions,
    encoding_format: withEncoding ? request.encoding : undefined,
  });
}

/** The vectors of an answer in the order of their inputs. Throws `GatewayError` where there are not `count` of them. */
export function readEmbeddings(answer: Partial<WireEmbeddings>, count: number, provider: string): EmbeddingResult {
  const { data, model, usage } = answer;
  const fail = (problem: string) => new GatewayError('upstream', `The upstream sent ${problem}.`, { provider });
  if (!Array.isArray(data)) throw fail('an answer without embeddings');
  if (data.length !== count) throw fail(`${data.length} embeddings for ${count} inputs`);
  const vectors: Vector[] = [];
  for (const [position, entry] of data.entries()) {
    // Nobody promises the order; where there is no index, it is the order in which they came.
    const at = Number.isSafeInteger(entry?.index) ? (entry.index as number) : position;
    if (!isVector(entry?.embedding)) throw fail('an embedding that is neither numbers nor base64');
    if (at < 0 || at >= count || vectors[at] !== undefined) throw fail(`embeddings with a wrong index (${at})`);
    vectors[at] = entry.embedding;
  }
  const inputTokens = readCount(usage?.prompt_tokens) ?? readCount(usage?.total_tokens);
  return {
    vectors,
    ...(typeof model === 'string' && model !== '' ? { model } : undefined),
    ...(inputTokens === undefined ? undefined : { usage: { inputTokens } }),
  };
}

function isVector(value: unknown): value is Vector {
  if (typeof value === 'string') return value !== '';
  return Array.isArray(value) && value.length > 0 && value.every((number) => typeof number === 'number');
}
