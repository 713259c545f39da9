// Reads the content blocks that both sides of a conversation may hold: texts, images, documents, and whatever the hub
// has no word for, which becomes text and is kept whole beside it (`metadata.anthropic.block`).
import type { FilePart, ImagePart, Json, JsonObject, Source, TextPart } from '../../canonical/conversation.ts';
import { asArray, asObject, asString, refuse } from '../kit/fields.ts';
import { asText, keep } from './fields.ts';

/** Content as a list of blocks, also where it was a bare text. */
export function asBlocks(content: Json | undefined, path: string): readonly JsonObject[] {
  if (typeof content === 'string') return content === '' ? [] : [{ type: 'text', text: content }];
  return asArray(content, path).map((block, at) =>
    typeof block === 'string' ? { type: 'text', text: block } : asObject(block, `${path}.${at}`),
  );
}

/** One block as a part. Throws `GatewayError` for a known block that is not complete; unknown ones are never refused. */
export function readBlock(block: JsonObject, path: string): TextPart | ImagePart | FilePart {
  const { type, ...rest } = block;
  switch (type) {
    case 'text': {
      const { text, ...extra } = rest;
      if (typeof text !== 'string') return refuse(`${path}.text`, 'must be a text');
      return { type: 'text', text, ...keep(extra) };
    }
    case 'image': {
      const { source, ...extra } = rest;
      const given = asObject(source, `${path}.source`);
      return { type: 'image', ...readSource(given, path), ...keep(keepSource(extra, given)) };
    }
    case 'document':
      return readDocument(rest, path);
    default:
      return readOther(block);
  }
}

/** Blocks as texts, for places where the hub takes nothing else. */
export function readTexts(content: Json | undefined, path: string): TextPart[] {
  return asBlocks(content, path).map((block, at) => {
    const part = readBlock(block, `${path}.${at}`);
    return part.type === 'text' ? part : readOther(block);
  });
}

function readDocument({ source: given, title, ...extra }: JsonObject, path: string): FilePart {
  const source = asObject(given, `${path}.source`);
  const name = asText(title);
  if (source.type === 'text') {
    const mediaType = asText(source.media_type) ?? 'text/plain';
    return { type: 'file', name, mediaType, source: encode(asText(source.data) ?? ''), ...keep({ ...extra, source }) };
  }
  if (source.type === 'content') {
    const texts = readTexts(source.content, `${path}.source.content`).map(({ text }) => text);
    const file = { type: 'file', name, mediaType: 'text/plain', source: encode(texts.join('\n\n')) } as const;
    return { ...file, ...keep({ ...extra, source }) };
  }
  return { type: 'file', name, ...readSource(source, path), ...keep(keepSource(extra, source)) };
}

const SOURCE_FIELDS: ReadonlySet<string> = new Set(['type', 'media_type', 'data', 'url', 'file_id']);

/** A source that says more than the hub knows is kept whole. */
function keepSource(extra: JsonObject, source: JsonObject): JsonObject {
  return Object.keys(source).every((name) => SOURCE_FIELDS.has(name)) ? extra : { ...extra, source };
}

function encode(text: string): Source {
  return { type: 'base64', data: Buffer.from(text).toString('base64') };
}

function readSource(source: JsonObject, path: string): { source: Source; mediaType?: string } {
  switch (source.type) {
    case 'base64':
      return {
        source: { type: 'base64', data: asString(source.data, `${path}.source.data`) },
        mediaType: asText(source.media_type),
      };
    case 'url':
      return { source: { type: 'url', url: asString(source.url, `${path}.source.url`) } };
    case 'file':
      return { source: { type: 'id', id: asString(source.file_id, `${path}.source.file_id`) } };
    default:
      return refuse(`${path}.source.type`, 'must be base64, url, file, text or content');
  }
}

/** Blocks of the upstream's own tools and of features to come. */
function readOther(block: JsonObject): TextPart {
  return { type: 'text', text: describeBlock(block), metadata: { anthropic: { block } } };
}

function describeBlock(block: JsonObject): string {
  const { type, cache_control: _, ...rest } = block;
  const tool = typeof rest.tool === 'object' && rest.tool !== null ? (rest.tool as JsonObject) : undefined;
  switch (type) {
    case 'tool_reference':
      return `The tool ${asText(rest.tool_name) ?? ''} can be called now.`;
    case 'tool_addition':
      return `The tool ${asText(tool?.name) ?? ''} can be called from here on.`;
    case 'tool_removal':
      return `The tool ${asText(tool?.name) ?? ''} can no longer be called.`;
    default:
      return `[${asText(type) ?? 'block'}] ${JSON.stringify(rest, (name, value) => (/^encrypted_|^signature$/.test(name) ? undefined : value))}`;
  }
}
