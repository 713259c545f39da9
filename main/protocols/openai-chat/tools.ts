// Reads and writes tools and their calls. Tools that take plain text stand as functions in the house; here it is kept
// how their calls have to go back.
import type { Json, JsonObject, Metadata, Tool, ToolCallPart, ToolChoice } from '../../canonical/conversation.ts';
import { asCustomArguments, createCustomTool, unwrapCustomInput, wrapCustomInput } from '../kit/custom-tools.ts';
import { asArray, asObject, asString, asText, refuse } from '../kit/fields.ts';

/**
 * By name, how a call of a tool of plain text is written: as this dialect has it, or in a function's shape with the bare
 * text as its arguments. The latter is all that Cursor understands (github.com/icebear0828/codex-proxy/pull/708).
 */
export type CustomTools = ReadonlyMap<string, 'custom' | 'function'>;

/** The declarations of a body. Throws `GatewayError` for one that is not complete. */
export function readTools(given: Json | undefined): {
  readonly tools?: readonly Tool[];
  readonly customTools: CustomTools;
} {
  const customTools = new Map<string, 'custom' | 'function'>();
  if (given == null) return { customTools };
  const tools = asArray(given, 'tools').map((value, at) =>
    readTool(asObject(value, `tools[${at}]`), customTools, `tools[${at}]`),
  );
  return { tools, customTools };
}

function readTool(tool: JsonObject, customTools: Map<string, 'custom' | 'function'>, path: string): Tool {
  const { type = 'function', function: body, custom, ...flat } = tool;
  if (type !== 'function' && type !== 'custom') return refuse(`${path}.type`, 'must be function or custom');
  const nested = type === 'custom' ? custom : body;
  // Cursor declares some of its tools without the inner object.
  const isFlat = nested === undefined && typeof flat.name === 'string';
  const {
    name: given,
    description,
    parameters,
    strict,
    format,
    ...others
  } = isFlat ? flat : asObject(nested, `${path}.${type}`);
  const name = asString(given, `${path}.${type}.name`);
  const metadata = keep(isFlat ? others : nest(flat, 'function', others));
  if (type === 'custom') {
    customTools.set(name, isFlat ? 'function' : 'custom');
    return createCustomTool(name, description, format, metadata);
  }
  return {
    name,
    description: asText(description),
    parameters: parameters == null ? undefined : asObject(parameters, `${path}.function.parameters`),
    strict: typeof strict === 'boolean' ? strict : undefined,
    metadata,
  };
}

/** The choice among `tools`, and those that it leaves. Throws `GatewayError` for one that cannot be understood. */
export function readToolChoice(
  value: Json | undefined,
  tools: readonly Tool[] | undefined,
): { readonly tools?: readonly Tool[] | undefined; readonly toolChoice?: ToolChoice } {
  if (value == null) return { tools };
  if (value === 'auto' || value === 'none' || value === 'required') return { tools, toolChoice: { type: value } };
  const choice = asObject(value, 'tool_choice');
  if (choice.type !== 'allowed_tools') {
    const name = readToolName(choice, 'tool_choice', 'auto, none, required, allowed tools, ');
    return { tools, toolChoice: { type: 'tool', name } };
  }
  const path = 'tool_choice.allowed_tools';
  const { mode, tools: given } = asObject(choice.allowed_tools, path);
  const named = asArray(given, `${path}.tools`).map((tool, at) => {
    const place = `${path}.tools[${at}]`;
    return readToolName(asObject(tool, place), place);
  });
  const allowed = tools?.filter(({ name }) => named.includes(name)) ?? [];
  if (allowed.length === 0) return {};
  return { tools: allowed, toolChoice: { type: mode === 'required' ? 'required' : 'auto' } };
}

/** Of a tool in either form, with or without the inner object. */
function readToolName(tool: JsonObject, path: string, others = ''): string {
  const { type } = tool;
  if (type !== 'function' && type !== 'custom') return refuse(path, `must be ${others}a function or a custom tool`);
  const { name } = tool[type] === undefined ? tool : asObject(tool[type], `${path}.${type}`);
  return asString(name, `${path}.${type}.name`);
}

/** A call that a model made earlier, in either form. */
export function readToolCall(value: Json | undefined, customTools: CustomTools, path: string): ToolCallPart {
  const { id, type, function: body, custom, index: _, ...extra } = asObject(value, path);
  const base = { type: 'tool-call', id: asString(id, `${path}.id`) } as const;
  if (type === 'custom' && custom !== undefined) {
    const { name, input } = asObject(custom, `${path}.custom`);
    const text = wrapCustomInput(asText(input) ?? '');
    return { ...base, name: asString(name, `${path}.custom.name`), arguments: text, metadata: keep(extra) };
  }
  const { name: given, arguments: said, ...inner } = asObject(body, `${path}.function`);
  const name = asString(given, `${path}.function.name`);
  const text = typeof said === 'string' ? said : JSON.stringify(said ?? {});
  return {
    ...base,
    name,
    arguments: customTools.has(name) ? asCustomArguments(text) : text,
    metadata: keep(nest(extra, 'function', inner)),
  };
}

/** The fields of a whole call besides its id; `text` is its arguments. */
export function writeCall(name: string, text: string, customTools: CustomTools): JsonObject {
  const form = customTools.get(name);
  if (form === 'custom') return { type: 'custom', custom: { name, input: text === '' ? '' : unwrapCustomInput(text) } };
  const said = form === undefined || text === '' ? text : unwrapCustomInput(text);
  return { type: 'function', function: { name, arguments: said } };
}

/** The fields of the piece that brings the input of a call of a tool of plain text. */
export function writeCallInput(name: string, text: string, customTools: CustomTools): JsonObject {
  const input = unwrapCustomInput(text);
  return customTools.get(name) === 'custom' ? { custom: { input } } : { function: { arguments: input } };
}

/** `extra` with the unknown fields of an object in it, where there are any. */
export function nest(extra: JsonObject, name: string, inner: JsonObject): JsonObject {
  for (const _ in inner) return { ...extra, [name]: inner };
  return extra;
}

function keep(extra: JsonObject): Metadata | undefined {
  for (const _ in extra) return { openai: extra };
  return undefined;
}
