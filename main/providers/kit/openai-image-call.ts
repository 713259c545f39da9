// The pictures of OpenAI-shaped upstreams: asked for once, since each costs, and handed on in the form that the client wants
// as far as that can be done.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Usage } from '../../canonical/events.ts';
import type { GeneratedImage, ImageRequest, ImageResult } from '../../canonical/images.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { createImageDelivery, readImageType } from './image-delivery.ts';
import { createOpenAiPost, type OpenAiOptions, readCount, readJsonAnswer } from './openai-upstream.ts';

/** Ten large pictures as base64. */
const LIMIT_BYTES = 256 * 1024 ** 2;

interface WireImages extends JsonObject {
  readonly data: readonly JsonObject[];
  readonly usage: JsonObject | null;
}

/** The `generateImages` of a provider whose upstreams may have `/images/generations`. */
export function createOpenAiGenerateImages(
  services: ProviderServices,
  options: OpenAiOptions,
): NonNullable<Provider['generateImages']> {
  const post = createOpenAiPost(services, options);
  const deliver = createImageDelivery(services);
  const { provider, upstream } = options;
  /** Models that refused `response_format` (they give base64 alone); asked without it from then on. */
  const withoutFormat = new Set<string>();

  return async (request, context) => {
    const { baseUrl } = upstream(context);
    const name = `${baseUrl} ${request.model}`;
    const write = () => () => writeImageRequest(request, !withoutFormat.has(name));
    const noteFormat = () => {
      context.note('This model cannot be told in what form to send its pictures (response_format); asked without it.');
    };
    if (request.delivery !== undefined && withoutFormat.has(name)) noteFormat();
    const rewrite = (status: number, text: string) => {
      if (request.delivery === undefined || withoutFormat.has(name)) return undefined;
      if (status !== 400 || !text.includes('response_format')) return undefined;
      withoutFormat.add(name);
      noteFormat();
      return write();
    };
    const response = await post(
      { path: '/images/generations', live: false, write: write(), rewrite, ability: 'make images' },
      context,
    );
    const result = readImages(await readJsonAnswer<WireImages>(response, LIMIT_BYTES, provider), provider);
    const images = result.images.map((image) => deliver(image, request.delivery, baseUrl, context));
    return { ...result, images: await Promise.all(images) };
  };
}

function writeImageRequest(request: ImageRequest, withFormat: boolean): string {
  const format = { url: 'url', base64: 'b64_json' } as const;
  return JSON.stringify({
    ...(request.metadata?.openai?.fields as JsonObject | undefined),
    model: request.model,
    prompt: request.prompt,
    n: request.count,
    size: request.size,
    quality: request.quality,
    style: request.style,
    response_format: withFormat && request.delivery !== undefined ? format[request.delivery] : undefined,
  });
}

/** The pictures of an answer as they came. Throws `GatewayError` where it has none. */
export function readImages(answer: Partial<WireImages>, provider: string): ImageResult {
  const { data, ...fields } = answer;
  const list = Array.isArray(data) ? (data as readonly (JsonObject | null)[]) : [];
  const images = list.map((entry) => readImage(entry ?? {}, answer.output_format, provider));
  if (images.length === 0) throw new GatewayError('upstream', 'The upstream sent no picture.', { provider });
  const usage = readUsage(answer.usage ?? undefined);
  return { images, usage, metadata: { openai: { fields: fields as JsonObject } } };
}

function readImage(entry: JsonObject, format: unknown, provider: string): GeneratedImage {
  const { b64_json: data, url, revised_prompt: revised } = entry;
  const revisedPrompt = typeof revised === 'string' && revised !== '' ? revised : undefined;
  if (typeof data === 'string' && data !== '') {
    const told = typeof format === 'string' ? `image/${format}` : undefined;
    return { source: { type: 'base64', data }, mediaType: readImageType(data) ?? told, revisedPrompt };
  }
  if (typeof url === 'string' && url !== '') return { source: { type: 'url', url }, revisedPrompt };
  throw new GatewayError('upstream', 'The upstream sent a picture that is neither a URL nor base64.', { provider });
}

function readUsage(usage: JsonObject | undefined): Usage | undefined {
  const inputTokens = readCount(usage?.input_tokens ?? usage?.prompt_tokens);
  const outputTokens = readCount(usage?.output_tokens ?? usage?.completion_tokens);
  return inputTokens === undefined && outputTokens === undefined ? undefined : { inputTokens, outputTokens };
}
