// Pictures and files on their way to the upstream, which takes four kinds of pictures as bytes and nothing else. What it
// cannot take is named in words where it stood, so that the model knows, and noted, so that the person does.
import type { FilePart, ImagePart } from '../../canonical/conversation.ts';
import { mendText } from './texts.ts';
import type { WireImage } from './wire.ts';

/** How many pictures, and how large. */
export interface ImageLimits {
  /** In one message. */
  readonly most: number;
  /** Of one picture, in characters of base64. */
  readonly mostCharacters: number;
}

/** What the sources of these facts agree on at least. */
export const IMAGE_LIMITS: ImageLimits = { most: 10, mostCharacters: 3_750_000 };

/** The first characters tell more truly than a client does what a picture is. */
const BEGINNINGS: readonly (readonly [beginning: string, format: WireImage['format']])[] = [
  ['iVBORw0KGgo', 'png'],
  ['/9j/', 'jpeg'],
  ['R0lGOD', 'gif'],
  ['UklGR', 'webp'],
];

const FORMATS: Readonly<Record<string, WireImage['format']>> = {
  'image/png': 'png',
  'image/jpeg': 'jpeg',
  'image/jpg': 'jpeg',
  'image/gif': 'gif',
  'image/webp': 'webp',
};

/** A picture in the upstream's form, or the words that stand for it. */
export function writeImage(part: ImagePart, limits: ImageLimits, note: (text: string) => void): WireImage | string {
  const { source, mediaType = '' } = part;
  const leave = (what: string, why: string) => {
    note(`A picture was left out and named in its place: ${why}.`);
    return `[A picture could not be passed on: ${what}]`;
  };
  if (source.type === 'url')
    return leave(mendText(source.url), 'Kiro takes no addresses of pictures, only their bytes');
  if (source.type === 'id') return leave(mendText(source.id), 'Kiro does not know files that were uploaded elsewhere');
  const data = source.data.replace(/^data:[^,]*,/, '').replaceAll(/\s/g, '');
  const format = BEGINNINGS.find(([beginning]) => data.startsWith(beginning))?.[1] ?? FORMATS[mediaType.toLowerCase()];
  if (format === undefined) {
    const kind = mendText(mediaType) || 'unknown kind';
    return leave(kind, `Kiro takes PNG, JPEG, GIF and WebP, but no ${kind}`);
  }
  if (data.length > limits.mostCharacters)
    return leave(`${data.length} characters`, `Kiro takes pictures of at most ${limits.mostCharacters} characters`);
  return { format, source: { bytes: data } };
}

/** A file as text: its words where it is one, else its name. */
export function writeFile(part: FilePart, note: (text: string) => void): string {
  const { source, mediaType = 'application/octet-stream' } = part;
  const name = part.name === undefined ? undefined : mendText(part.name);
  if (source.type === 'base64' && isText(mediaType)) {
    const text = Buffer.from(source.data, 'base64').toString('utf8');
    return name === undefined ? text : `${name}:\n${text}`;
  }
  const kind = mendText(mediaType);
  note(`A file was left out and named in its place: Kiro takes pictures and text, but no ${kind}.`);
  const where = source.type === 'url' ? mendText(source.url) : source.type === 'id' ? mendText(source.id) : kind;
  return `[A file could not be passed on: ${name === undefined ? where : `${name} (${where})`}]`;
}

const isText = (mediaType: string) =>
  /^text\/|^application\/(json|xml|yaml|x-yaml|javascript)$|\+(json|xml)$/.test(mediaType);
