// What Moonshot's platform refuses, as far as its documents and other people's trouble tell: each refusal in its own words.
import { findFamily } from '../../main/providers/kimi/families.ts';

/** A refusal as the platform writes it. */
export interface KimiRefusal {
  readonly status: number;
  readonly type: string;
  readonly message: string;
}

type Body = Record<string, unknown>;

const invalid = (message: string): KimiRefusal => ({
  status: 400,
  type: 'invalid_request_error',
  message: `Invalid request: ${message}`,
});

/** Why the platform refuses this chat; undefined where it takes it. `isCode` is the gateway of the coding plan. */
export function refuseChat(body: Body, isCode: boolean): KimiRefusal | undefined {
  const family = findFamily(String(body.model));
  const thinking = (body.thinking as Body | undefined)?.type;
  const thinks = family.thinking !== 'none' && family.thinking !== 'unknown' && thinking !== 'disabled';
  return (
    refuseSampling(body, family.fixedSampling || isCode) ??
    refuseStop(body.stop) ??
    refuseMessages((body.messages as Body[] | undefined) ?? [], thinks) ??
    refuseTools((body.tools as Body[] | undefined) ?? [], thinks) ??
    refuseChoice(body, family.canRequireTools) ??
    (thinking !== undefined && family.thinking !== 'switch' && family.thinking !== 'effort'
      ? invalid('thinking is not supported by this model')
      : undefined)
  );
}

function refuseSampling({ temperature, top_p: topP, frequency_penalty: f, presence_penalty: p }: Body, fixed: boolean) {
  if (fixed && [temperature, topP, f, p].some((value) => value !== undefined))
    return invalid('only default sampling parameters are allowed for this model');
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 1))
    return invalid('temperature must be between 0 and 1');
  return undefined;
}

function refuseStop(stop: unknown) {
  if (!Array.isArray(stop)) return undefined;
  const fits = stop.length <= 5 && stop.every((text) => Buffer.byteLength(text) <= 32);
  return fits ? undefined : invalid('stop must be at most 5 strings of at most 32 bytes');
}

function refuseMessages(messages: readonly Body[], thinks: boolean): KimiRefusal | undefined {
  for (const message of messages) {
    const { role, content, tool_calls: calls, reasoning_content: reasoning } = message;
    const parts = Array.isArray(content) ? (content as Body[]) : [];
    if (parts.some((part) => part.type === 'text' && part.text === '')) return invalid('text content is empty');
    for (const { image_url: image } of parts) {
      const url = typeof image === 'string' ? image : (image as Body | undefined)?.url;
      if (typeof url === 'string' && /^https?:/.test(url)) return invalid(`unsupported image url: ${url}`);
    }
    if (role === 'assistant' && Array.isArray(calls) && thinks && typeof reasoning !== 'string')
      return invalid('thinking is enabled but reasoning_content is missing in assistant tool call message');
  }
  return undefined;
}

function refuseTools(tools: readonly Body[], thinks: boolean): KimiRefusal | undefined {
  if (tools.length > 128) return invalid('at most 128 tools are allowed');
  const names = new Set<unknown>();
  for (const { type, function: body } of tools) {
    const { name, parameters } = body as { name: string; parameters?: unknown };
    if (type === 'builtin_function') {
      if (thinks && name === '$web_search') return invalid('$web_search cannot be used while thinking');
      continue;
    }
    if (!/^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$/.test(name)) return invalid(`function name is invalid: ${name}`);
    if (names.has(name)) return invalid(`function name ${name} is duplicated`);
    names.add(name);
    const why = refuseSchema(parameters as Body, 'root');
    if (why !== undefined)
      return invalid(`tools.function.parameters is not a valid moonshot flavored json schema, details: <${why}>`);
  }
  return undefined;
}

function refuseSchema(schema: Body, path: string): string | undefined {
  const at = `At path '${path}': `;
  if (path === 'root' && schema?.type !== 'object') return `${at}the root must be an object`;
  if (typeof schema.$ref === 'string') {
    if (schema.type !== undefined) return `${at}the type belongs to the schema that is referred to`;
    return schema.$ref.startsWith('#/$defs/') ? undefined : `${at}references must start with #/$defs/`;
  }
  if (schema.definitions !== undefined) return `${at}unknown keyword definitions`;
  if (Array.isArray(schema.anyOf)) {
    if (schema.type !== undefined)
      return `${at}when using anyOf, type should be defined in anyOf items instead of the parent schema`;
    return first(schema.anyOf.map((inner, index) => refuseSchema(inner, `${path}.anyOf.${index}`)));
  }
  if (schema.type === undefined) return `${at}type is not defined`;
  const inner = { ...(schema.properties as object), ...(schema.$defs as object) };
  const items = schema.items === undefined ? [] : [refuseSchema(schema.items as Body, `${path}.items`)];
  return first([...Object.entries(inner).map(([name, one]) => refuseSchema(one as Body, `${path}.${name}`)), ...items]);
}

const first = (all: readonly (string | undefined)[]) => all.find((one) => one !== undefined);

function refuseChoice({ tool_choice: choice, tools }: Body, canRequire: boolean): KimiRefusal | undefined {
  if (choice === undefined || choice === 'auto' || choice === 'none' || choice === null) return undefined;
  if (choice !== 'required') return invalid('a named tool_choice is not supported');
  if (!canRequire) return invalid('tool_choice required is not supported by this model');
  return Array.isArray(tools) && tools.length > 0 ? undefined : invalid('tool_choice required needs tools');
}
