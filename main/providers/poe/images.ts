// Pictures from image bots, which are bots like any other: the prompt is a message, the picture a file or an address in the
// answer. One request gives one picture, so several are asked for side by side.

import { collect } from '../../canonical/collect.ts';
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { GeneratedImage, ImageRequest, ImageResult } from '../../canonical/images.ts';
import type { SingleContext } from '../context.ts';
import type { DeliverImage } from '../kit/image-delivery.ts';
import { ID, type PoeAccount } from './account.ts';
import type { AskBot } from './bot-converse.ts';
import type { BotFile } from './file-marks.ts';
import type { ResolvedBot } from './models.ts';
import { chooseWish } from './parameters.ts';
import type { AskRest } from './rest.ts';

/** What pictures are made with. */
export interface ImageServices {
  readonly askBot: AskBot;
  readonly askRest: AskRest;
  readonly deliver: DeliverImage;
}

/** Pictures of one bot. Throws `GatewayError`. */
export type MakeImages = (
  request: ImageRequest,
  asked: ResolvedBot & { readonly account: PoeAccount },
  context: SingleContext,
) => Promise<ImageResult>;

const MOST = 10;

/** The pictures of image bots. */
export function createMakeImages({ askBot, askRest, deliver }: ImageServices): MakeImages {
  const makeOne = async (
    request: ConversationRequest,
    asked: ResolvedBot & { readonly account: PoeAccount },
    context: SingleContext,
  ): Promise<GeneratedImage> => {
    const files: BotFile[] = [];
    const live = { ...context, live: false };
    const events =
      asked.account.transport === 'rest'
        ? askRest(request, asked, live)
        : askBot(request, { ...asked, onFile: (file) => files.push(file) }, live);
    const { parts } = await collect(events);
    const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
    return findImage(files, text);
  };

  return async (request, asked, context) => {
    const count = request.count ?? 1;
    if (!Number.isInteger(count) || count < 1 || count > MOST)
      throw new GatewayError('invalid-request', `n must be a whole number from 1 to ${MOST}.`, { param: 'n' });
    const { parameters, prompt } = chooseWish(request, asked.bot, context.note);
    const question: ConversationRequest = {
      model: request.model,
      messages: [{ role: 'user', parts: [{ type: 'text', text: prompt }] }],
      metadata: { openai: { fields: parameters } },
    };
    if (count > 1) context.note(`Poe makes one picture a request, so ${count} were asked for; each spends points.`);
    const made = await Promise.allSettled(Array.from({ length: count }, () => makeOne(question, asked, context)));
    const images = made.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const failed = made.find((one) => one.status === 'rejected');
    if (images.length === 0 && failed !== undefined) throw failed.reason;
    // What was paid for is handed on.
    if (images.length < count) context.note(`${count - images.length} of ${count} pictures could not be made.`);
    const delivered = images.map((image) => deliver(image, request.delivery, asked.account.rest, context));
    return { images: await Promise.all(delivered) };
  };
}

/** The picture of an answer: a file, else what the text shows, else the only address in it. */
export function findImage(files: readonly BotFile[], text: string): GeneratedImage {
  const file = files.findLast(({ mediaType }) => mediaType?.startsWith('image/'));
  if (file !== undefined)
    return {
      source: { type: 'url', url: file.url },
      ...(file.mediaType === undefined ? {} : { mediaType: file.mediaType }),
    };
  const url = findShown(text) ?? findNamed(text) ?? /https?:\/\/[^\s)\]>"'`]+/.exec(text)?.[0];
  if (url === undefined) {
    const said = text.trim().slice(0, 300);
    const message = said === '' ? 'The bot sent no picture.' : `The bot sent no picture. It said: ${said}`;
    throw new GatewayError('upstream', message, { provider: ID, retryable: false });
  }
  return readDataUrl(url) ?? { source: { type: 'url', url } };
}

/** `![title](address)`; the last one, as bots show drafts first. */
const findShown = (text: string) => [...text.matchAll(/!\[[^\]]*\]\(\s*<?([^\s)>]+)/g)].at(-1)?.[1];

/** `![title][ref]` with `[ref]: address` in a line of its own. */
function findNamed(text: string): string | undefined {
  const ref = [...text.matchAll(/!\[[^\]]*\]\[([^\]]+)\]/g)].at(-1)?.[1];
  if (ref === undefined) return undefined;
  return text
    .split('\n')
    .find((line) => line.startsWith(`[${ref}]:`))
    ?.slice(ref.length + 3)
    .trim();
}

function readDataUrl(url: string): GeneratedImage | undefined {
  const [, mediaType, data] = /^data:([^;,]+);base64,(.+)$/.exec(url) ?? [];
  return data === undefined ? undefined : { source: { type: 'base64', data }, mediaType };
}
