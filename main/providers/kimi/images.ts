// Pictures that are only an address, fetched and sent as bytes: Kimi's own service refuses addresses. Its uploaded files
// (`ms://…`) and engines of the person's own take them as they are.
import type { ConversationRequest, FilePart, ImagePart, Message, TextPart } from '../../canonical/conversation.ts';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { AttemptContext } from '../context.ts';
import { type FetchImage, readImageType } from '../kit/image-delivery.ts';
import { ID } from './options.ts';

/** Whom pictures are fetched by and for. */
export interface ImageFetching {
  readonly fetchImage: FetchImage;
  /** Of the upstream that the pictures go to. */
  readonly baseUrl: string;
  readonly context: Pick<AttemptContext, 'signal' | 'credential' | 'note'>;
}

/** The messages with every picture's bytes in it. Throws `GatewayError` for one that cannot be had. */
export async function inlineImages(
  { messages }: Pick<ConversationRequest, 'messages'>,
  fetching: ImageFetching,
): Promise<readonly Message[]> {
  /** The same picture stands in every turn of a conversation, and often twice in one. */
  const fetched = new Map<string, Promise<ImagePart>>();
  const inline = <Part extends { readonly type: string }>(part: Part | ImagePart): Promise<Part | ImagePart> | Part => {
    if (!isAddress(part)) return part as Part;
    const { url } = part.source as { readonly url: string };
    const picture = fetched.get(url) ?? fetchPart(url, fetching);
    fetched.set(url, picture);
    return picture.then(({ source, mediaType }) => ({ ...part, source, mediaType }));
  };
  const all = await Promise.all(
    messages.map(async (message): Promise<Message> => {
      if (message.role === 'user') {
        const parts = await Promise.all(message.parts.map((part) => inline<TextPart | FilePart>(part)));
        return { ...message, parts };
      }
      if (message.role !== 'tool') return message;
      const parts = message.parts.map(async (part) => {
        return { ...part, parts: await Promise.all(part.parts.map((inner) => inline<TextPart | FilePart>(inner))) };
      });
      return { ...message, parts: await Promise.all(parts) };
    }),
  );
  if (fetched.size > 0)
    fetching.context.note('Pictures that were only addresses were fetched: Kimi takes their bytes alone.');
  return fetched.size === 0 ? messages : all;
}

function isAddress(part: { readonly type: string }): part is ImagePart {
  if (part.type !== 'image') return false;
  const { source } = part as ImagePart;
  return source.type === 'url' && /^https?:/i.test(source.url);
}

async function fetchPart(url: string, { fetchImage, baseUrl, context }: ImageFetching): Promise<ImagePart> {
  try {
    const data = (await fetchImage(url, baseUrl, context)).toString('base64');
    return { type: 'image', source: { type: 'base64', data }, mediaType: readImageType(data) ?? 'image/png' };
  } catch (thrown) {
    const error = readError(thrown);
    if (context.signal.aborted) throw error;
    const message = `The picture at ${url} could not be fetched: ${error.message} Kimi takes no addresses of pictures.`;
    throw new GatewayError('invalid-request', message, { provider: ID, cause: error });
  }
}
