// The face that clients of OpenAI's image generation see. Edits and variations of pictures are not spoken.
import type { JsonObject } from '../../canonical/conversation.ts';
import type { GeneratedImage, ImageResult } from '../../canonical/images.ts';
import { writeError } from '../kit/openai-errors.ts';
import type { Protocol, ReplyHead, Route } from '../protocol.ts';
import { readImageRequest } from './request.ts';

/** The pictures, with whatever else an upstream of the same dialect said of them. */
export function writeResult({ images, usage, metadata }: ImageResult, { createdAt }: ReplyHead): unknown {
  const { inputTokens = 0, outputTokens = 0 } = usage ?? {};
  const total = inputTokens + outputTokens;
  return {
    created: createdAt,
    ...(usage === undefined
      ? undefined
      : { usage: { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: total } }),
    ...(metadata?.openai?.fields as JsonObject | undefined),
    data: images.map(writeImage),
  };
}

function writeImage({ source, revisedPrompt }: GeneratedImage): unknown {
  return {
    ...(source.type === 'url' ? { url: source.url } : { b64_json: source.data }),
    ...(revisedPrompt === undefined ? undefined : { revised_prompt: revisedPrompt }),
  };
}

const routes = ['/v1', ''].map(
  (base): Route => ({
    action: 'images',
    path: `${base}/images/generations`,
    readRequest: (body) => ({ request: readImageRequest(body), writeResult }),
  }),
);

/** OpenAI's image generation. */
export const openAiImages: Protocol = {
  id: 'openai-images',
  name: 'OpenAI images',
  basePath: '/v1',
  routes,
  listed: false,
  writeError,
};
