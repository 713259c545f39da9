// Tool calls in the markups that models were trained on: `<function_calls>` with `<invoke>` inside, also with a prefix before
// the names, and `<tool_use>` around JSON. What names no offered tool is text: people talk about markup, too.
import type { Json, JsonObject } from '../../canonical/conversation.ts';

/** A call as it stood in the text. */
export interface TextCall {
  /** The upstream's form of the tool's name. */
  readonly name: string;
  readonly arguments: string;
  /** The text ended within it. */
  readonly isCut: boolean;
}

/** What a place in the text is: nothing special, perhaps a call, or a call that ends at `length`. */
export type Found = 'text' | 'maybe' | { readonly length: number; readonly calls: readonly TextCall[] };

const OPENING = /^<((?:antml:|｜DSML｜)?)(function_calls|tool_calls|invoke|tool_use)(\s[^<>]*)?>/;
const PREFIXES = ['', 'antml:', '｜DSML｜'];
const NAMES = ['function_calls', 'tool_calls', 'invoke', 'tool_use'];
const OPENINGS = PREFIXES.flatMap((prefix) => NAMES.map((name) => `<${prefix}${name}`));
const LONGEST_OPENING = 300;

/** What stands at the beginning of `text`, which begins with `<`. */
export function readMarkup(text: string, schemas: ReadonlyMap<string, JsonObject>, ended: boolean): Found {
  const opening = OPENING.exec(text);
  if (opening === null) return mayOpen(text) ? 'maybe' : 'text';
  const [open, prefix = '', name = '', attributes = ''] = opening;
  const closing = `</${prefix}${name}>`;
  const end = text.indexOf(closing, open.length);
  if (!mayContinue(text.slice(open.length), prefix, name)) return 'text';
  if (end < 0 && !ended) return 'maybe';
  const body = end < 0 ? text.slice(open.length) : text.slice(open.length, end);
  const calls = readCalls({ name, attributes, body, prefix }, schemas, end < 0);
  if (calls.length === 0) return 'text';
  return { length: end < 0 ? text.length : end + closing.length, calls };
}

function mayOpen(text: string): boolean {
  if (text.length > LONGEST_OPENING) return false;
  return OPENINGS.some(
    (open) => open.startsWith(text) || (text.startsWith(open) && /^(\s[^<>]*)?$/.test(text.slice(open.length))),
  );
}

/** Whether what follows an opening looks like a call, as far as it has come. */
function mayContinue(rest: string, prefix: string, name: string): boolean {
  const said = rest.trimStart();
  if (said === '') return true;
  const wanted = name === 'invoke' ? [`<${prefix}parameter`, '</'] : [`<${prefix}invoke`, '{', '<name', '</'];
  return wanted.some((word) => word.startsWith(said) || said.startsWith(word));
}

interface Markup {
  readonly name: string;
  readonly attributes: string;
  readonly body: string;
  readonly prefix: string;
}

function readCalls(markup: Markup, schemas: ReadonlyMap<string, JsonObject>, isCut: boolean): TextCall[] {
  const { name, attributes, body, prefix } = markup;
  if (name === 'invoke') return readInvoke(attributes, body, prefix, schemas, isCut);
  if (name === 'tool_use') return readToolUse(body, schemas, isCut);
  const invokes = [
    ...body.matchAll(new RegExp(`<${prefix}invoke(\\s[^<>]*)>([\\s\\S]*?)(?:</${prefix}invoke>|$)`, 'g')),
  ];
  const calls = invokes.map(([whole, inside = '', inner = '']) =>
    readInvoke(inside, inner, prefix, schemas, isCut && !whole.endsWith('>')),
  );
  // One name that is not offered makes all of it something else.
  return calls.some((read) => read.length === 0) ? [] : calls.flat();
}

function readInvoke(
  attributes: string,
  body: string,
  prefix: string,
  schemas: ReadonlyMap<string, JsonObject>,
  isCut: boolean,
): TextCall[] {
  const name = readAttribute(attributes, 'name');
  const schema = name === undefined ? undefined : schemas.get(name);
  if (name === undefined || schema === undefined) return [];
  const found = body.matchAll(new RegExp(`<${prefix}parameter(\\s[^<>]*)>([\\s\\S]*?)</${prefix}parameter>`, 'g'));
  const properties = (schema.properties ?? {}) as JsonObject;
  const fields = [...found].map(([, inside = '', value = '']): [string, Json] => {
    const field = readAttribute(inside, 'name') ?? '';
    const isText = readAttribute(inside, 'string') ?? String(isTextField(properties[field]));
    return [field, isText === 'true' ? value : readValue(value)];
  });
  return [{ name, arguments: JSON.stringify(Object.fromEntries(fields)), isCut }];
}

function readToolUse(body: string, schemas: ReadonlyMap<string, JsonObject>, isCut: boolean): TextCall[] {
  const tagged = /^\s*<name>\s*([\w-]+)\s*<\/name>\s*<(input|arguments)>([\s\S]*?)(?:<\/\2>|$)/.exec(body);
  if (tagged !== null) {
    const [, name = '', , input = ''] = tagged;
    return schemas.has(name) ? [{ name, arguments: input.trim(), isCut }] : [];
  }
  const value = readValue(body.trim());
  if (typeof value !== 'object' || value === null) return [];
  const { name, input, arguments: given } = value as JsonObject;
  if (typeof name !== 'string' || !schemas.has(name)) return [];
  return [{ name, arguments: JSON.stringify(input ?? given ?? {}), isCut }];
}

function isTextField(schema: Json | undefined): boolean {
  const type = typeof schema === 'object' && schema !== null ? (schema as JsonObject).type : undefined;
  return type === 'string';
}

function readAttribute(attributes: string, name: string): string | undefined {
  return new RegExp(`\\s${name}="([^"]*)"`).exec(attributes)?.[1];
}

function readValue(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

/** Where the JSON object that begins at `from` ends; undefined where it does not. */
export function findEndOfJson(text: string, from: number): number | undefined {
  let depth = 0;
  let inString = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1;
  }
  return undefined;
}
