// The schema of a tool's arguments as the upstream takes it: an object at its root, and only the keywords that it knows.
// A keyword is one only where a schema stands: what is called so inside `properties` or `$defs` is a name.
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import { mendJson, mendText } from './texts.ts';

/** A schema in the upstream's form. */
export interface WireSchema {
  readonly schema: JsonObject;
  /** Keywords that were left out, in order and without repetition. */
  readonly left: readonly string[];
}

/** Keywords whose value is a schema, or a list of them, or a map from names to them. */
const HOLDS_SCHEMA: ReadonlySet<string> = new Set(['items', 'not']);
const HOLDS_LIST: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'allOf']);
const HOLDS_MAP: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);
const PLAIN: ReadonlySet<string> = new Set(['type', 'title', 'description', 'enum', 'const', 'default', '$ref']);

/** Left out without a word: they say nothing of what the arguments are. */
const SILENT: ReadonlySet<string> = new Set(['$schema', '$id', '$comment', 'additionalProperties']);

/** `parameters` in the upstream's form. */
export function writeSchema(parameters: JsonObject = {}): WireSchema {
  const left = new Set<string>();
  const root = flattenRoot(parameters, left, new Set());
  const cleaned = cleanObject(root, left);
  const { type: _, properties = {}, ...rest } = cleaned;
  return { schema: { type: 'object', properties, ...rest }, left: [...left] };
}

/** The definition that a root only points to: the upstream wants the object itself there. */
function resolveRoot(root: JsonObject, followed: Set<string>): JsonObject {
  const { $ref: pointer, ...beside } = root;
  const found = typeof pointer === 'string' ? /^#\/(\$defs|definitions)\/([^/]+)$/.exec(pointer) : null;
  const [, holder = '', name = ''] = found ?? [];
  const definitions = asObject(root[holder]);
  const target = definitions && Object.hasOwn(definitions, name) ? asObject(definitions[name]) : undefined;
  // A definition that points to itself would be followed for ever.
  if (target === undefined || followed.has(name)) return root;
  followed.add(name);
  return resolveRoot({ ...target, ...beside }, followed);
}

/** Joins the choices at the root, which the upstream refuses there; only what all of them require is required. */
function flattenRoot(given: JsonObject, left: Set<string>, followed: Set<string>): JsonObject {
  const root = resolveRoot(given, followed);
  const { anyOf, oneOf, allOf, ...rest } = root;
  const properties = new Map<string, Json>(Object.entries(asObject(rest.properties) ?? {}));
  const required = new Set<string>(readTexts(rest.required));
  let description = rest.description;
  const merge = (choice: Json, binding: boolean) => {
    const inner = asObject(choice);
    if (inner === undefined) return;
    const flat = flattenRoot({ ...definitionsOf(root), ...inner }, left, new Set(followed));
    for (const [name, schema] of Object.entries(asObject(flat.properties) ?? {}))
      if (!properties.has(name)) properties.set(name, schema);
    if (binding) for (const name of readTexts(flat.required)) required.add(name);
    description ??= flat.description;
  };
  for (const [word, choices] of [['allOf', allOf] as const, ['anyOf', anyOf] as const, ['oneOf', oneOf] as const]) {
    if (choices === undefined) continue;
    if (word !== 'allOf') left.add(word);
    if (Array.isArray(choices)) for (const choice of choices as Json[]) merge(choice, word === 'allOf');
  }
  const { required: _, ...others } = rest;
  const isObject = rest.type === undefined || rest.type === 'object' || readTexts(rest.type).includes('object');
  if (!isObject) left.add('type');
  return {
    ...others,
    ...(description === undefined ? undefined : { description }),
    properties: Object.fromEntries(properties),
    ...(required.size === 0 ? undefined : { required: [...required] }),
  };
}

const definitionsOf = ({ $defs, definitions }: JsonObject): JsonObject => ({
  ...($defs === undefined ? undefined : { $defs }),
  ...(definitions === undefined ? undefined : { definitions }),
});

function cleanSchema(schema: Json, left: Set<string>): JsonObject {
  const object = asObject(schema);
  if (object !== undefined) return cleanObject(object, left);
  if (schema !== true) left.add(JSON.stringify(schema));
  return {};
}

function cleanObject(schema: JsonObject, left: Set<string>): JsonObject {
  const cleaned: [string, Json][] = [];
  for (const [word, value] of Object.entries(schema)) {
    if (PLAIN.has(word)) cleaned.push([word, mendJson(value, () => {})]);
    else if (word === 'required') {
      const names = [...new Set(readTexts(value))].map(mendText);
      if (names.length > 0) cleaned.push([word, names]);
    } else if (word === 'items' && Array.isArray(value)) {
      cleaned.push([word, { anyOf: (value as Json[]).map((item) => cleanSchema(item, left)) }]);
    } else if (HOLDS_SCHEMA.has(word)) cleaned.push([word, cleanSchema(value, left)]);
    else if (HOLDS_LIST.has(word) && Array.isArray(value) && value.length > 0) {
      cleaned.push([word, (value as Json[]).map((item) => cleanSchema(item, left))]);
    } else if (HOLDS_MAP.has(word)) cleaned.push([word, cleanMap(asObject(value) ?? {}, left)]);
    else if (!SILENT.has(word)) left.add(word);
  }
  return Object.fromEntries(cleaned);
}

function cleanMap(map: JsonObject, left: Set<string>): JsonObject {
  const entries = Object.entries(map).flatMap(([name, schema]): [string, Json][] => {
    if (name !== '') return [[mendText(name), cleanSchema(schema, left)]];
    left.add('a field without a name');
    return [];
  });
  return Object.fromEntries(entries);
}

const asObject = (value: Json | undefined) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

const readTexts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? (value as Json[]).filter((item): item is string => typeof item === 'string') : [];
