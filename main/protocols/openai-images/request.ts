// Reads wishes for pictures as OpenAI's clients send them.
import type { Json } from '../../canonical/conversation.ts';
import type { ImageRequest } from '../../canonical/images.ts';
import { asFlag, asNumber, asObject, asString, refuse } from '../kit/fields.ts';

/** Reads a parsed body. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readImageRequest(body: unknown): ImageRequest {
  const {
    model,
    prompt,
    n,
    size,
    quality,
    style,
    response_format: format,
    stream,
    partial_images: partialImages,
    ...fields
  } = asObject(body, '');
  if (asFlag(stream, 'stream')) refuse('stream', 'can only be false: Patchbay gives pictures when they are complete');
  if (partialImages !== undefined && partialImages !== null && partialImages !== 0)
    refuse('partial_images', 'can only be 0: Patchbay gives pictures when they are complete');
  // OpenAI has a default here; among the models of several services there is none.
  if (typeof model !== 'string' || model === '') refuse('model', 'must name a model');
  return {
    model: model as string,
    prompt: asString(prompt, 'prompt'),
    count: asNumber(n, 'n'),
    size: readWord(size, 'size'),
    quality: readWord(quality, 'quality'),
    style: readWord(style, 'style'),
    delivery: readDelivery(format),
    metadata: { openai: { fields } },
  };
}

function readWord(value: Json | undefined, path: string): string | undefined {
  return value === undefined || value === null ? undefined : asString(value, path);
}

function readDelivery(value: Json | undefined): ImageRequest['delivery'] {
  switch (value) {
    case undefined:
    case null:
      return undefined;
    case 'url':
      return 'url';
    case 'b64_json':
      return 'base64';
    default:
      return refuse('response_format', 'must be url or b64_json');
  }
}
