// Tools that take plain text instead of JSON, in a house whose tools are functions: each becomes a function with one
// parameter, and the text is taken out of its arguments on the way back.
import type { Json, JsonObject, Metadata, Tool } from '../../canonical/conversation.ts';
import { asText } from './fields.ts';

const PARAMETERS: JsonObject = {
  type: 'object',
  properties: { input: { type: 'string', description: 'The whole input of the tool, as plain text.' } },
  required: ['input'],
  additionalProperties: false,
};

/** The function that stands for a tool of plain text; the form that the text must have is told in its description. */
export function createCustomTool(
  name: string,
  description: Json | undefined,
  format: Json | undefined,
  metadata?: Metadata,
): Tool {
  const texts = [asText(description) ?? '', describeFormat(format)].filter((text) => text !== '');
  return {
    name,
    description: texts.length > 0 ? texts.join('\n\n') : undefined,
    parameters: PARAMETERS,
    ...(metadata === undefined ? undefined : { metadata }),
  };
}

/** The grammar stands in the format itself in one dialect, in an object of its own in the other. */
function describeFormat(format: Json | undefined): string {
  const { type, grammar, ...own } = isObject(format) ? format : {};
  if (type !== 'grammar') return '';
  const { syntax, definition } = isObject(grammar) ? grammar : own;
  return `The text in "input" must follow this ${asText(syntax) ?? ''} grammar:\n${asText(definition) ?? ''}`;
}

/** The arguments of a call whose input is this text. */
export function wrapCustomInput(input: string): string {
  return JSON.stringify({ input });
}

/** The text in the arguments of a call; arguments of any other shape are handed on as they are, none are no text. */
export function unwrapCustomInput(text: string): string {
  return text === '{}' ? '' : (readWrapped(text) ?? text);
}

/** `text` as arguments of a call, whether a client sent back the bare input or the arguments. */
export function asCustomArguments(text: string): string {
  return readWrapped(text) === undefined ? wrapCustomInput(text) : text;
}

function readWrapped(text: string): string | undefined {
  if (!text.trimStart().startsWith('{')) return undefined;
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
  return isObject(value) && Object.keys(value).length === 1 ? asText(value.input) : undefined;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
