// Reads what a model has written between the tags of a call: repairs damaged JSON, finds name and arguments in the shapes
// that models use, and checks the arguments against the tool's schema.
import { jsonrepair } from 'jsonrepair';
import type { Json, JsonObject } from '../../../canonical/conversation.ts';
import { findEndOfJson } from '../text-markup.ts';
import { checkArguments } from './check-arguments.ts';
import type { ToolPlan } from './plan.ts';

/** A call as it can be handed on. */
export interface ReadCall {
  readonly name: string;
  /** JSON text. */
  readonly arguments: string;
  /** It had to be mended. */
  readonly isRepaired: boolean;
  /** What is wrong with it, for the model to read; absent where nothing is. */
  readonly fault?: string;
}

/** The calls in one body, or what is wrong with it where none can be made of it. */
export type ReadBody = { readonly calls: readonly ReadCall[] } | { readonly fault: string };

/** Reads one body, which is usually one call. */
export function readCallBody(body: string, plan: ToolPlan): ReadBody {
  const parsed = parse(body.trim());
  if (parsed === undefined)
    return { fault: 'What stood between the tags was not a JSON object with "name" and "arguments".' };
  const found = listCalls(parsed.value);
  if (found.length === 0) return { fault: 'The JSON of a call had no "name" of a tool.' };
  const raw = parsed.isRepaired || found.length > 1 ? undefined : sliceArguments(body);
  const calls = found.map((call) => judge(call, parsed.isRepaired, plan));
  const isSame = raw !== undefined && calls[0]?.isRepaired === false;
  return { calls: isSame ? calls.map((call) => ({ ...call, arguments: raw })) : calls };
}

/** The arguments byte for byte, where they stand as they were asked for: parsing would round long numbers. */
function sliceArguments(body: string): string | undefined {
  const head = /^\s*\{\s*"name"\s*:\s*"(?:[^"\\]|\\.)*"\s*,\s*"arguments"\s*:\s*(?=\{)/.exec(body)?.[0];
  const end = head === undefined ? undefined : findEndOfJson(body, head.length);
  return head === undefined || end === undefined ? undefined : body.slice(head.length, end);
}

/** What can be told of a call that was broken off: its name, and its arguments as far as they came. */
export function readCutCall(body: string): { readonly name: string; readonly arguments: string } | undefined {
  const name = /"name"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1];
  if (name === undefined) return undefined;
  const begun = /"(?:arguments|parameters|input|args)"\s*:\s*/.exec(body);
  return { name, arguments: begun === null ? '' : body.slice(begun.index + begun[0].length) };
}

interface FoundCall {
  readonly name: string;
  readonly value: Json | undefined;
}

const NAME_KEYS = ['name', 'tool_name', 'tool', 'function'];
const ARGUMENT_KEYS = ['arguments', 'parameters', 'input', 'args'];

/** One call, a list of calls, `{ tool_calls: [...] }`, or OpenAI's `{ function: { name, arguments } }`. */
function listCalls(value: Json): FoundCall[] {
  if (Array.isArray(value)) return value.flatMap((item) => listCalls(item as Json));
  if (typeof value !== 'object' || value === null) return [];
  const call = value as JsonObject;
  if (Array.isArray(call.tool_calls)) return listCalls(call.tool_calls);
  if (typeof call.function === 'object' && call.function !== null) return listCalls(call.function);
  const name = NAME_KEYS.map((key) => call[key]).find((one) => typeof one === 'string');
  if (typeof name !== 'string' || name === '') return [];
  const key = ARGUMENT_KEYS.find((one) => call[one] !== undefined);
  return [{ name, value: key === undefined ? undefined : call[key] }];
}

function judge({ name, value }: FoundCall, isRepaired: boolean, plan: ToolPlan): ReadCall {
  const [known, isRenamed] = findName(name, plan);
  const given = readArguments(value);
  const text = (argumentsValue: Json) => JSON.stringify(argumentsValue);
  const repaired = isRepaired || isRenamed || given.isRepaired;
  const call = { name: known ?? name, arguments: text(given.value), isRepaired: repaired };
  const tool = known === undefined ? undefined : plan.tools.get(known);
  if (tool === undefined) {
    const names = [...plan.tools.keys()].slice(0, 50).map((one) => `"${one}"`);
    return { ...call, fault: `There is no tool "${name}" to call now. There are: ${names.join(', ') || 'none'}.` };
  }
  const checked = checkArguments(given.value, tool.parameters);
  if ('fault' in checked) return { ...call, fault: `The arguments of "${tool.name}" do not fit: ${checked.fault}` };
  return { ...call, arguments: text(checked.value), isRepaired: repaired || checked.isChanged };
}

/** The tool's own name, also where the model changed its case or wrote `functions.` before it. */
function findName(name: string, { tools }: ToolPlan): readonly [name: string | undefined, isRenamed: boolean] {
  if (tools.has(name)) return [name, false];
  const bare = name
    .trim()
    .replace(/^functions[.:]/, '')
    .replace(/:\d+$/, '');
  if (tools.has(bare)) return [bare, true];
  const like = [...tools.keys()].filter((known) => known.toLowerCase() === bare.toLowerCase());
  return like.length === 1 ? [like[0], true] : [undefined, false];
}

/** Some models write the arguments as a text that holds JSON. */
function readArguments(value: Json | undefined): { value: Json; isRepaired: boolean } {
  if (value === undefined || value === null) return { value: {}, isRepaired: false };
  if (typeof value !== 'string') return { value, isRepaired: false };
  if (value.trim() === '') return { value: {}, isRepaired: true };
  const parsed = parse(value);
  return { value: parsed?.value ?? value, isRepaired: true };
}

function parse(text: string): { value: Json; isRepaired: boolean } | undefined {
  try {
    return { value: JSON.parse(text) as Json, isRepaired: false };
  } catch {}
  try {
    const value = JSON.parse(jsonrepair(text)) as Json;
    return typeof value === 'object' && value !== null ? { value, isRepaired: true } : undefined;
  } catch {
    return undefined;
  }
}
