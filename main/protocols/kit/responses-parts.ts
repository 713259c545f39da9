// Reads the content parts of Responses items: texts, images, files. What is not known becomes text; nothing is refused
// but a known part that is not complete.
import type {
  FilePart,
  ImagePart,
  Json,
  JsonObject,
  Metadata,
  Source,
  TextPart,
} from '../../canonical/conversation.ts';
import { asArray, asObject, asString, asText, refuse } from './fields.ts';
import type { NoteBook } from './note-book.ts';

/** A part that either side of a conversation may hold. */
export type ContentPart = TextPart | ImagePart | FilePart;

/** Content as a list of parts, also where it was a bare text. */
export function readContent(content: Json | undefined, path: string, notes: NoteBook): ContentPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  if (content == null) return [];
  return asArray(content, path).map((value, at) => readPart(value, `${path}[${at}]`, notes));
}

/** Content as texts, for places where the hub takes nothing else. */
export function readTextContent(content: Json | undefined, path: string, notes: NoteBook): TextPart[] {
  return readContent(content, path, notes).map((part) => {
    if (part.type === 'text') return part;
    notes.add('An image or a file in a system message was left out: only text can stand there.');
    return { type: 'text', text: `[${part.type}]` };
  });
}

function readPart(value: Json | undefined, path: string, notes: NoteBook): ContentPart {
  if (typeof value === 'string') return { type: 'text', text: value };
  const { type, ...rest } = asObject(value, path);
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text':
    case 'reasoning_text': {
      const { text, annotations: _, logprobs: __, ...extra } = rest;
      if (typeof text !== 'string') return refuse(`${path}.text`, 'must be a text');
      return { type: 'text', text, ...keep(extra, notes) };
    }
    case 'refusal':
      return { type: 'text', text: asText(rest.refusal) ?? '' };
    case 'input_image':
    case 'image_url':
      return readImage(rest, path, notes);
    case 'input_file':
    case 'file':
      return readFile(rest, path, notes);
    case 'input_audio': {
      const { data, format } = asObject(rest.input_audio, `${path}.input_audio`);
      const mediaType = `audio/${format === 'mp3' ? 'mpeg' : (asText(format) ?? 'wav')}`;
      return { type: 'file', mediaType, source: { type: 'base64', data: asString(data, `${path}.input_audio.data`) } };
    }
    default:
      return { type: 'text', text: describe(asText(type) ?? 'part', rest, notes) };
  }
}

function readImage({ image_url: image, file_id: id, detail, ...extra }: JsonObject, path: string, notes: NoteBook) {
  const own = typeof image === 'object' && image !== null ? asObject(image, `${path}.image_url`) : {};
  const wanted = detail ?? own.detail;
  const kept = keep(extra, notes).metadata;
  // Chat completions have the same word for it.
  const metadata = wanted == null ? kept : { ...kept, openai: { detail: wanted } };
  const base = { type: 'image', ...(metadata === undefined ? undefined : { metadata }) } as const;
  if (typeof id === 'string' && image == null) return { ...base, source: { type: 'id', id } } satisfies ImagePart;
  const address = typeof image === 'string' ? image : asString(own.url, `${path}.image_url`);
  return { ...base, ...readUrl(address) } satisfies ImagePart;
}

function readFile(given: JsonObject, path: string, notes: NoteBook): FilePart {
  // Chat completions put the same fields into an object of their own.
  const { file, ...flat } = given;
  const {
    file_id: id,
    file_data: data,
    file_url: url,
    filename,
    ...extra
  } = file == null ? flat : asObject(file, `${path}.file`);
  const name = asText(filename);
  const base = { type: 'file', ...(name === undefined ? undefined : { name }), ...keep(extra, notes) } as const;
  if (typeof id === 'string') return { ...base, source: { type: 'id', id } };
  if (typeof url === 'string') return { ...base, source: { type: 'url', url } };
  const text = asString(data, `${path}.file_data`);
  if (text.startsWith('data:')) return { ...base, ...readUrl(text) };
  const mediaType = name?.toLowerCase().endsWith('.pdf') ? { mediaType: 'application/pdf' } : undefined;
  return { ...base, ...mediaType, source: { type: 'base64', data: text } };
}

/** A data URL is taken apart without copying its bytes into a buffer; anything else stays a URL. */
function readUrl(url: string): { source: Source; mediaType?: string } {
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1;
  const [mediaType, ...flags] = comma < 0 ? [] : url.slice('data:'.length, comma).split(';');
  if (!flags.includes('base64')) return { source: { type: 'url', url } };
  return { source: { type: 'base64', data: url.slice(comma + 1) }, ...(mediaType ? { mediaType } : undefined) };
}

/** Longer texts are pictures and the like, of which nothing can be read. */
const LONGEST_TEXT = 4_000;

/** An item or part that the hub has no word for, as text; what only its maker can read is taken out. */
export function describe(type: string, fields: JsonObject, notes: NoteBook): string {
  notes.passAsText(type);
  const shown = JSON.stringify(fields, (name, value) => {
    if (name === 'encrypted_content') return undefined;
    return typeof value === 'string' && value.length > LONGEST_TEXT ? '…' : value;
  });
  return `[${type}] ${shown}`;
}

function keep(extra: JsonObject, notes: NoteBook): { metadata?: Metadata } {
  let some = false;
  for (const name in extra) {
    some = true;
    notes.leaveOut(name);
  }
  return some ? { metadata: { responses: extra } } : {};
}
