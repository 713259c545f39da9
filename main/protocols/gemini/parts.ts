// Reads the parts that both sides of a conversation may hold: texts, pictures, files, and what only Google's own tools
// make, which becomes text.
import type { FilePart, ImagePart, JsonObject, Source, TextPart } from '../../canonical/conversation.ts';
import { asString } from '../kit/fields.ts';
import { asFields, asText, keep } from './fields.ts';

/** A part with its field names in camel case, and where it stands. */
export interface WirePart {
  readonly fields: JsonObject;
  readonly path: string;
}

/** One part; undefined for one that says nothing. `note` is told in plain words what could not be kept. */
export function readPart(
  { fields, path }: WirePart,
  note: (text: string) => void,
): TextPart | ImagePart | FilePart | undefined {
  const { text, inlineData, fileData, thought: _thought, thoughtSignature: _signature, ...extra } = fields;
  if (inlineData != null) return { ...readInline(inlineData, `${path}.inlineData`), ...keep(extra) };
  if (fileData != null) return { ...readFile(fileData, `${path}.fileData`), ...keep(extra) };
  if (typeof text === 'string') return text === '' ? undefined : { type: 'text', text, ...keep(extra) };
  const name = Object.keys(extra)[0];
  if (name === undefined) return undefined;
  note(`Parts that only Google's models make were passed on as text: ${name}.`);
  return { type: 'text', text: describe(extra, path), ...keep(extra) };
}

/** The pictures and files that belong to a tool's result. */
export function readInline(value: unknown, path: string): ImagePart | FilePart {
  const { data, mimeType, displayName } = asFields(value, path);
  // The bytes come in either alphabet of base64; inside the house there is one.
  const bytes = asString(data, `${path}.data`).replaceAll('-', '+').replaceAll('_', '/');
  return nameFile({ type: 'base64', data: bytes }, asText(mimeType), asText(displayName));
}

/** A picture or file that is somewhere else. */
export function readFile(value: unknown, path: string): ImagePart | FilePart {
  const { fileUri, mimeType, displayName } = asFields(value, path);
  const url = asString(fileUri, `${path}.fileUri`);
  return nameFile({ type: 'url', url }, asText(mimeType), asText(displayName));
}

function nameFile(source: Source, mediaType: string | undefined, name: string | undefined): ImagePart | FilePart {
  if (mediaType?.startsWith('image/')) return { type: 'image', source, mediaType };
  return { type: 'file', source, ...(mediaType && { mediaType }), ...(name && { name }) };
}

function describe({ executableCode, codeExecutionResult, ...others }: JsonObject, path: string): string {
  if (executableCode != null) {
    const { language, code } = asFields(executableCode, `${path}.executableCode`);
    return `\`\`\`${asText(language)?.toLowerCase() ?? ''}\n${asText(code) ?? ''}\n\`\`\``;
  }
  if (codeExecutionResult != null) {
    const { outcome, output } = asFields(codeExecutionResult, `${path}.codeExecutionResult`);
    return `[${asText(outcome) ?? 'result'}] ${asText(output) ?? ''}`;
  }
  return JSON.stringify(others);
}
