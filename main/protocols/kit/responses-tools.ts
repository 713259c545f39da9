// Reads the tools of a Responses body: functions, tools of plain text, and groups of both, which become plain functions
// with one name each. The names are kept, so that a call goes back as the client knows it.
import { createHash } from 'node:crypto';
import type { Json, JsonObject, Metadata, Tool, ToolChoice } from '../../canonical/conversation.ts';
import { createCustomTool } from './custom-tools.ts';
import { asArray, asListOrNone, asObject, asString, asText, refuse } from './fields.ts';
import type { NoteBook } from './note-book.ts';

/** A tool as the client knows it. */
export interface ClientTool {
  readonly name: string;
  /** The group that the tool was declared in. */
  readonly namespace?: string;
  /** What its calls look like: JSON arguments, plain text, or the client's own search for further tools. */
  readonly form: 'function' | 'custom' | 'search';
}

/** A declaration and where it stands in the body. */
export interface PlacedTool {
  readonly value: Json;
  readonly path: string;
}

/** The two names of every tool. */
export interface ToolNames {
  /** The tool that the hub knows by this name; a name that was never declared is a plain function's. */
  find(name: string): ClientTool;
  /** The hub's name of a tool. */
  nameOf(name: string, namespace?: string): string;
}

/** The tools of a request. */
export interface ReadTools {
  readonly tools: readonly Tool[];
  readonly names: ToolNames;
}

/** Codex offers many tools only by a search that it runs itself. */
export const TOOL_SEARCH = 'tool_search';

/** The group of tools that were declared in none; the texts of its clients call them by their names alone. */
const NO_GROUP = 'functions';

/** What upstreams take in a name, and how much of it. */
const NOT_IN_NAMES = /[^A-Za-z0-9_-]/g;
const LONGEST_NAME = 64;

/** Reads a list of declarations; those that only OpenAI's service runs are left out with a note. */
export function readResponsesTools(given: readonly PlacedTool[], notes: NoteBook): ReadTools {
  const tools: Tool[] = [];
  const known = new Map<string, ClientTool>();
  const hubNames = new Map<string, string>();
  const hosted = new Set<string>();

  const add = (client: ClientTool, create: (name: string) => Tool) => {
    const key = nameKey(client.name, client.namespace);
    // A client that declares a tool twice means the same tool.
    if (hubNames.has(key)) return;
    const flat = flatten(client.name, client.namespace);
    let name = flat;
    for (let nth = 0; known.has(name); nth++) name = mark(flat, `${key}\n${nth}`);
    known.set(name, client);
    hubNames.set(key, name);
    tools.push(create(name));
  };
  const read = (value: Json | undefined, path: string, namespace?: string) => {
    const tool = asObject(value, path);
    if (tool.type === 'namespace' && namespace === undefined) {
      const group = asString(tool.name, `${path}.name`);
      for (const [at, inner] of asListOrNone(tool.tools, `${path}.tools`).entries())
        read(inner, `${path}.tools[${at}]`, group);
    } else if (tool.type === 'function' || tool.type === undefined) {
      const { name, create } = readFunction(tool, path);
      add({ name, namespace, form: 'function' }, create);
    } else if (tool.type === 'custom') {
      const { type: _, custom, ...flat } = tool;
      const { name, description, format, ...extra } = custom === undefined ? flat : asObject(custom, `${path}.custom`);
      add({ name: asString(name, `${path}.name`), namespace, form: 'custom' }, (hubName) =>
        createCustomTool(hubName, description, format, keep(extra)),
      );
    } else if (tool.type === TOOL_SEARCH && (tool.execution === 'client' || tool.parameters != null)) {
      const { create } = readFunction({ ...tool, name: TOOL_SEARCH }, path);
      add({ name: TOOL_SEARCH, form: 'search' }, create);
    } else hosted.add(asText(tool.type) ?? 'tool');
  };

  for (const { value, path } of given) read(value, path);
  if (hosted.size > 0) notes.add(`Tools that only OpenAI's service runs were left out: ${[...hosted].join(', ')}.`);
  return {
    tools,
    names: {
      find: (name) => known.get(name) ?? { name, form: 'function' },
      nameOf: (name, namespace) => hubNames.get(nameKey(name, namespace)) ?? flatten(name, namespace),
    },
  };
}

/** The choice among `tools`; a choice of tools that are not there is left out with a note. */
export function readResponsesToolChoice(
  value: Json | undefined,
  { tools, names }: ReadTools,
  notes: NoteBook,
): { readonly tools: readonly Tool[]; readonly toolChoice?: ToolChoice } {
  if (value == null) return { tools };
  if (typeof value === 'string') {
    if (value !== 'auto' && value !== 'none' && value !== 'required')
      return refuse('tool_choice', 'must be auto, none, required or an object that names tools');
    return tools.length === 0 ? { tools } : { tools, toolChoice: { type: value } };
  }
  const choice = asObject(value, 'tool_choice');
  if (choice.type === 'allowed_tools') {
    const { mode, tools: named } = asObject(choice.allowed_tools ?? choice, 'tool_choice');
    const allowed = new Set(
      asArray(named, 'tool_choice.tools').map((tool, at) => readToolName(tool, `tool_choice.tools[${at}]`, names)),
    );
    const left = tools.filter(({ name }) => allowed.has(name));
    if (left.length === 0) return { tools: left };
    return { tools: left, toolChoice: { type: mode === 'required' ? 'required' : 'auto' } };
  }
  const name = readToolName(choice, 'tool_choice', names);
  if (tools.some((tool) => tool.name === name)) return { tools, toolChoice: { type: 'tool', name } };
  notes.add(`The choice of the tool "${name}" was left out, as there is no such tool to choose.`);
  return { tools };
}

/** The hub's name of a tool in a choice; a tool of OpenAI's own is known by its type. */
function readToolName(value: Json | undefined, path: string, names: ToolNames): string {
  const tool = asObject(value, path);
  const { name, namespace } = asObject(tool.function ?? tool.custom ?? tool, path);
  const isOwn = tool.type === 'function' || tool.type === 'custom';
  return isOwn ? names.nameOf(asString(name, `${path}.name`), asText(namespace)) : (asText(tool.type) ?? '');
}

/** Some clients put the declaration into `function`, as in chat completions. */
function readFunction(tool: JsonObject, path: string): { name: string; create: (hubName: string) => Tool } {
  const { type: _, function: nested, execution: __, ...flat } = tool;
  const place = nested === undefined ? path : `${path}.function`;
  const { name, description, parameters, strict, ...extra } = nested === undefined ? flat : asObject(nested, place);
  const schema = parameters == null ? undefined : asObject(parameters, `${place}.parameters`);
  return {
    name: asString(name, `${place}.name`),
    create: (hubName) => {
      const metadata = keep(extra);
      return {
        name: hubName,
        ...(typeof description === 'string' ? { description } : undefined),
        ...(schema === undefined ? undefined : { parameters: schema }),
        ...(typeof strict === 'boolean' ? { strict } : undefined),
        ...(metadata === undefined ? undefined : { metadata }),
      };
    },
  };
}

const nameKey = (name: string, namespace: string | undefined) => `${namespace ?? ''}\n${name}`;

/** One name out of two, the same for every request; a long one keeps its beginning. */
function flatten(name: string, namespace: string | undefined): string {
  if (namespace === undefined || namespace === NO_GROUP) return name;
  const group = namespace.endsWith('__') ? namespace : `${namespace}__`;
  const flat = `${group}${name}`.replaceAll(NOT_IN_NAMES, '_');
  return flat.length <= LONGEST_NAME ? flat : mark(flat, flat);
}

/** The beginning of a name and a mark of `whole`, which no other is likely to have. */
function mark(name: string, whole: string): string {
  const digest = createHash('sha256').update(whole).digest('hex').slice(0, 8);
  return `${name.slice(0, LONGEST_NAME - digest.length - 1)}_${digest}`;
}

function keep(extra: JsonObject): Metadata | undefined {
  for (const _ in extra) return { responses: extra };
  return undefined;
}
