// Reads the content parts of messages: texts, images, files, sound and video.
import type { FilePart, ImagePart, Json, JsonObject, Source, TextPart } from '../../canonical/conversation.ts';
import { asObject, asString, asText, refuse } from '../kit/fields.ts';

/** One part of a message's content. Throws `GatewayError` for a kind that is not known. */
export function readPart(value: Json | undefined, path: string): TextPart | ImagePart | FilePart {
  if (typeof value === 'string') return { type: 'text', text: value };
  const { type, ...rest } = asObject(value, path);
  switch (type) {
    case 'text':
    case 'input_text':
    case 'output_text': {
      const { text, ...extra } = rest;
      if (typeof text !== 'string') return refuse(`${path}.text`, 'must be a text');
      return { type: 'text', text, ...keep(extra) };
    }
    case 'refusal':
      return {
        type: 'text',
        text: asString(rest.refusal, `${path}.refusal`),
        metadata: { openai: { refusal: 'part' } },
      };
    case 'image_url':
    case 'input_image':
      return readImage(rest, path);
    case 'video_url': {
      const { video_url: video, ...extra } = rest;
      const { source, mediaType } = readUrl(readAddress(video, `${path}.video_url`));
      return { type: 'file', source, mediaType: mediaType ?? 'video/mp4', ...keep(extra) };
    }
    case 'input_audio': {
      const { input_audio: audio, ...extra } = rest;
      const { data, format } = asObject(audio, `${path}.input_audio`);
      const mediaType = `audio/${format === 'mp3' ? 'mpeg' : (asText(format) ?? 'wav')}`;
      return {
        type: 'file',
        source: { type: 'base64', data: asString(data, `${path}.input_audio.data`) },
        mediaType,
        ...keep(extra),
      };
    }
    case 'file':
      return readFile(rest, path);
    default:
      return refuse(`${path}.type`, 'must be text, image_url, input_audio, video_url or file');
  }
}

function readImage({ image_url: image, ...extra }: JsonObject, path: string): ImagePart {
  const address = readAddress(image, `${path}.image_url`);
  const { url: _, detail, ...inner } = typeof image === 'object' ? asObject(image, `${path}.image_url`) : {};
  const { source, mediaType } = readUrl(address);
  const own = detail === undefined ? extra : { ...extra, detail };
  const more = Object.keys(inner).length > 0 ? { ...own, image_url: inner } : own;
  return { type: 'image', source, mediaType, ...keep(more) };
}

function readFile({ file, ...extra }: JsonObject, path: string): FilePart {
  const { file_id: id, file_data: data, filename } = asObject(file, `${path}.file`);
  const name = typeof filename === 'string' ? filename : undefined;
  if (typeof id === 'string') return { type: 'file', source: { type: 'id', id }, name, ...keep(extra) };
  const { source, mediaType } = readUrl(asString(data, `${path}.file.file_data`));
  return { type: 'file', source, mediaType, name, ...keep(extra) };
}

/** The text of a URL field: `{ url }`, or the bare text as some clients send it. */
function readAddress(value: Json | undefined, path: string): string {
  if (typeof value === 'string') return value;
  return asString(asObject(value, path).url, `${path}.url`);
}

/** A data URL is taken apart without copying its bytes into a buffer; anything else stays a URL. */
function readUrl(url: string): { source: Source; mediaType?: string } {
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1;
  const [mediaType, ...flags] = comma < 0 ? [] : url.slice('data:'.length, comma).split(';');
  if (!flags.includes('base64')) return { source: { type: 'url', url } };
  return { source: { type: 'base64', data: url.slice(comma + 1) }, mediaType: mediaType || undefined };
}

function keep(extra: JsonObject) {
  for (const _ in extra) return { metadata: { openai: extra } };
  return undefined;
}
