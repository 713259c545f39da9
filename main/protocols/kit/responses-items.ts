// Reads the items of a Responses body as messages. What the model said in one go (thinking, text, calls) stands there as
// one item after another and becomes one message; items of hosted tools become text.
import type {
  AssistantMessage,
  Json,
  JsonObject,
  Message,
  Metadata,
  ReasoningPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { asCustomArguments, wrapCustomInput } from './custom-tools.ts';
import { asArray, asListOrNone, asObject, asString, asText, refuse } from './fields.ts';
import type { NoteBook } from './note-book.ts';
import { readOpaque } from './opaque.ts';
import { describe, readContent, readTextContent } from './responses-parts.ts';
import { TOOL_SEARCH, type ToolNames } from './responses-tools.ts';

/** A part of a model's reply. */
export type AssistantPart = AssistantMessage['parts'][number];

/** An item that was given out earlier, with the part that it was made from. */
export interface KnownItem {
  readonly item: JsonObject;
  /** Absent for an item that a client once sent. */
  readonly part?: AssistantPart;
}

/** What reading items needs. */
export interface ItemServices {
  readonly names: ToolNames;
  readonly notes: NoteBook;
  /** Looks up what a client only names; absent where nothing is kept. */
  readonly findItem?: (id: string) => KnownItem | undefined;
}

/** The messages of a list of items, and the items with every reference resolved. */
export interface ReadItems {
  readonly messages: readonly Message[];
  readonly items: readonly JsonObject[];
}

/** Reads `input`. Throws `GatewayError` for an item that is not complete or not known. */
export function readItems(input: Json | undefined, services: ItemServices): ReadItems {
  const list = typeof input === 'string' ? [{ role: 'user', content: input }] : asArray(input, 'input');
  const messages: Message[] = [];
  const items: JsonObject[] = [];
  let said: AssistantPart[] = [];
  let results: ToolResultPart[] = [];
  const flush = () => {
    if (said.length > 0) messages.push({ role: 'assistant', parts: said });
    if (results.length > 0) messages.push({ role: 'tool', parts: results });
    said = [];
    results = [];
  };
  for (const [at, value] of list.entries()) {
    const path = typeof input === 'string' ? 'input' : `input[${at}]`;
    const { item, part } = resolve(asItem(value, path), path, services);
    items.push(item);
    const read = part === undefined ? readItem(item, path, services) : { said: [part] };
    if ('said' in read) {
      if (results.length > 0) flush();
      said.push(...read.said);
    } else if ('result' in read) {
      if (said.length > 0) flush();
      results.push(read.result);
    } else {
      flush();
      messages.push(read.message);
    }
  }
  flush();
  return { messages, items };
}

function asItem(value: Json | undefined, path: string): JsonObject {
  return typeof value === 'string' ? { role: 'user', content: value } : asObject(value, path);
}

function resolve(item: JsonObject, path: string, { findItem }: ItemServices): KnownItem {
  // The type may be left out of a reference.
  const isReference = item.type === 'item_reference' || (item.type == null && item.role == null && item.id != null);
  if (!isReference) return { item };
  const id = asString(item.id, `${path}.id`);
  const known = findItem?.(id);
  if (known !== undefined) return known;
  const message = `The item "${id}" is not kept here (any more). Send the item itself instead of a reference to it.`;
  throw new GatewayError('not-found', message, { param: `${path}.id`, code: 'item_not_found' });
}

type ReadItem =
  | { readonly said: readonly AssistantPart[] }
  | { readonly result: ToolResultPart }
  | { readonly message: Message };

function readItem(item: JsonObject, path: string, services: ItemServices): ReadItem {
  const { type, ...rest } = item;
  switch (type) {
    case undefined:
    case null:
    case 'message':
      return readMessage(rest, path, services);
    case 'reasoning':
      return { said: readReasoning(rest, path, services) };
    case 'function_call':
      return { said: [readCall(rest, asArguments(rest.arguments), path, services)] };
    case 'custom_tool_call':
      return { said: [readCall(rest, wrapCustomInput(asText(rest.input) ?? ''), path, services)] };
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { result: readResult(rest, path, services) };
    case 'tool_search_call':
      if (typeof rest.call_id !== 'string') return readOther(type, rest, services);
      return { said: [readCall({ ...rest, name: TOOL_SEARCH }, asArguments(rest.arguments), path, services)] };
    case 'tool_search_output':
      if (typeof rest.call_id !== 'string') return readOther(type, rest, services);
      return { result: readFoundTools(rest, path, services) };
    case 'compaction':
    case 'compaction_summary':
      services.notes.add("A summary that only OpenAI's service can read was left out.");
      return { said: [] };
    case 'additional_tools':
      return { said: [] };
    default:
      return readOther(asText(type) ?? 'item', rest, services);
  }
}

function readMessage(item: JsonObject, path: string, services: ItemServices): ReadItem {
  const { role, content, ...extra } = item;
  const { notes } = services;
  switch (role) {
    case 'user':
      return { message: { role, parts: readContent(content, `${path}.content`, notes), ...keep(extra) } };
    case 'system':
    case 'developer': {
      const own = role === 'developer' ? { ...extra, role } : extra;
      const parts = readTextContent(content, `${path}.content`, notes);
      return { message: { role: 'system', parts, ...keep(own) } };
    }
    case 'assistant':
      return { said: readAssistant(content, extra, path, services) };
    case 'tool':
      // Chat completions' form, which some clients mix in.
      return {
        result: readResult({ call_id: extra.tool_call_id ?? null, output: content ?? null, ...extra }, path, services),
      };
    default:
      return refuse(`${path}.role`, 'must be user, assistant, system or developer');
  }
}

function readAssistant(
  content: Json | undefined,
  { tool_calls: calls, ...extra }: JsonObject,
  path: string,
  services: ItemServices,
): AssistantPart[] {
  const parts: AssistantPart[] = readContent(content, `${path}.content`, services.notes).map((part) => ({
    ...part,
    ...mergeMetadata(part.metadata, extra),
  }));
  for (const [at, value] of (calls == null ? [] : asArray(calls, `${path}.tool_calls`)).entries()) {
    const place = `${path}.tool_calls[${at}]`;
    const { id, function: body, custom } = asObject(value, place);
    const call = asObject(body ?? custom, `${place}.function`);
    const text = body == null ? wrapCustomInput(asText(call.input) ?? '') : asArguments(call.arguments);
    parts.push(readCall({ call_id: id ?? null, name: call.name ?? null }, text, place, services));
  }
  return parts;
}

/** Thinking as it was shown; only what was sealed here can be opened. */
function readReasoning(item: JsonObject, path: string, { notes }: ItemServices): ReasoningPart[] {
  const { summary, content, encrypted_content: sealed, ...extra } = item;
  const shown = [summary, content].map((list, at) => {
    const place = `${path}.${at === 0 ? 'summary' : 'content'}`;
    return readTextContent(list, place, notes).map(({ text }) => text);
  });
  const text = (shown.find((texts) => texts.length > 0) ?? []).join('\n\n');
  const opened = readOpaque(sealed);
  if (typeof sealed === 'string' && sealed !== '' && opened === undefined)
    notes.add('Sealed thinking that another service gave out was left out: only that service can open it.');
  const { responses: _, ...metadata } = opened ?? {};
  if (text === '' && Object.keys(metadata).length === 0) return [];
  return [{ type: 'reasoning', text, ...mergeMetadata(metadata, extra) }];
}

function readCall(item: JsonObject, text: string, path: string, { names }: ItemServices): ToolCallPart {
  const { call_id: id, name, namespace, arguments: _, input: __, execution: ___, ...extra } = item;
  const hubName = names.nameOf(asString(name, `${path}.name`), asText(namespace));
  return {
    type: 'tool-call',
    id: asString(id ?? item.id, `${path}.call_id`),
    name: hubName,
    // Cursor sends the bare text back as arguments.
    arguments: names.find(hubName).form === 'custom' ? asCustomArguments(text) : text,
    ...keep(extra),
  };
}

function readResult(item: JsonObject, path: string, { notes }: ItemServices): ToolResultPart {
  const { call_id: id, output, tool_call_id: _, execution: __, ...extra } = item;
  const isObject = typeof output === 'object' && output !== null && !Array.isArray(output);
  return {
    type: 'tool-result',
    toolCallId: asString(id, `${path}.call_id`),
    parts: isObject ? [{ type: 'text', text: JSON.stringify(output) }] : readContent(output, `${path}.output`, notes),
    ...keep(extra),
  };
}

/** The tools themselves stand among the declarations; the model is told under which names. */
function readFoundTools({ tools, ...item }: JsonObject, path: string, services: ItemServices): ToolResultPart {
  const { names } = services;
  const found = asListOrNone(tools, `${path}.tools`).flatMap((value, at) => {
    const tool = asObject(value, `${path}.tools[${at}]`);
    if (tool.type !== 'namespace') return [names.nameOf(asText(tool.name) ?? '')];
    const inner = asListOrNone(tool.tools, `${path}.tools[${at}].tools`);
    return inner.map((each) => names.nameOf(asText(asObject(each, path).name) ?? '', asText(tool.name)));
  });
  const output = found.length === 0 ? 'No tools were found.' : `These tools can be called now: ${found.join(', ')}.`;
  return readResult({ ...item, output }, path, services);
}

/** What hosted tools did, as text: on the model's side what it asked for, on the other what came of it. */
function readOther(type: string, item: JsonObject, { notes }: ItemServices): ReadItem {
  const { id: _, status: __, ...fields } = item;
  const part = { type: 'text', text: describe(type, fields, notes) } as const;
  return /_(output|response)$/.test(type) ? { message: { role: 'user', parts: [part] } } : { said: [part] };
}

function asArguments(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {});
}

function keep(extra: JsonObject): { metadata?: Metadata } {
  for (const _ in extra) return { metadata: { responses: extra } };
  return {};
}

function mergeMetadata(metadata: Metadata | undefined, extra: JsonObject): { metadata?: Metadata } {
  const own = { ...metadata, ...keep({ ...metadata?.responses, ...extra }).metadata };
  return Object.keys(own).length > 0 ? { metadata: own } : {};
}
