// Schemas in the form that Kimi checks them by: an object at the root, a type in every place, types within the choices and not
// beside them, definitions under `$defs`. What an argument may be stays the same, or becomes a little wider.
import type { Json, JsonObject } from '../../canonical/conversation.ts';

/** Any value at all, which has no type of its own there. */
const ANYTHING: JsonObject = {
  anyOf: [
    ...['string', 'number', 'boolean', 'object', 'null'].map((type) => ({ type })),
    { type: 'array', items: { type: 'string' } },
  ],
};

/** `parameters` in Kimi's form. */
export function writeKimiSchema(parameters: JsonObject = {}): JsonObject {
  const root = joinChoices(parameters, parameters, new Set());
  const { $schema: _, $id: __, ...rest } = cleanObject(root);
  return { ...rest, type: 'object', properties: asObject(rest.properties) ?? {} };
}

/** The root as one object: its choices and what it points to are joined, as none may stand there. */
function joinChoices(schema: JsonObject, whole: JsonObject, followed: Set<string>): JsonObject {
  const { $ref: pointer, ...direct } = schema;
  const target = typeof pointer === 'string' && !followed.has(pointer) ? findDefinition(pointer, whole) : undefined;
  if (target !== undefined)
    return joinChoices({ ...target, ...direct }, whole, new Set([...followed, String(pointer)]));
  const { anyOf, oneOf, allOf, ...rest } = direct;
  const properties: [string, Json][] = [];
  const required = new Set(readTexts(rest.required));
  for (const [choices, binding] of [[allOf, true] as const, [anyOf, false] as const, [oneOf, false] as const]) {
    if (!Array.isArray(choices)) continue;
    const joined = (choices as Json[]).map((choice) => joinChoices(asObject(choice) ?? {}, whole, followed));
    for (const choice of joined) properties.push(...Object.entries(asObject(choice.properties) ?? {}));
    const inAll = readTexts(joined[0]?.required).filter((name) =>
      joined.every((choice) => readTexts(choice.required).includes(name)),
    );
    for (const name of binding ? joined.flatMap((choice) => readTexts(choice.required)) : inAll) required.add(name);
  }
  if (properties.length === 0 && required.size === 0) return rest;
  // What stands at the root itself is said last and counts.
  const all = Object.fromEntries([...properties, ...Object.entries(asObject(rest.properties) ?? {})]);
  return { ...rest, properties: all, ...(required.size === 0 ? undefined : { required: [...required] }) };
}

function findDefinition(pointer: string, whole: JsonObject): JsonObject | undefined {
  const [, holder = '', name = ''] = /^#\/(\$defs|definitions)\/([^/]+)$/.exec(pointer) ?? [];
  const definitions = asObject(whole[holder]);
  return definitions !== undefined && Object.hasOwn(definitions, name) ? asObject(definitions[name]) : undefined;
}

/** A schema that stands within another. */
function cleanSchema(schema: Json): JsonObject {
  const object = asObject(schema);
  if (object === undefined) return ANYTHING;
  const cleaned = cleanObject(object);
  // The type of what is pointed to stands there.
  if (cleaned.$ref !== undefined) {
    const { type: _, ...rest } = cleaned;
    return rest;
  }
  if (cleaned.anyOf !== undefined) return moveType(cleaned);
  if (cleaned.type !== undefined) return cleaned;
  const type = guessType(cleaned);
  return type === undefined ? { ...cleaned, ...ANYTHING } : { ...cleaned, type };
}

function moveType({ type, ...rest }: JsonObject): JsonObject {
  const choices = (rest.anyOf as JsonObject[]).map((choice) =>
    type === undefined || choice.$ref !== undefined
      ? choice
      : { ...choice, type: isAnything(choice) ? type : (choice.type ?? type) },
  );
  const anyOf = choices.map((choice) => {
    if (type === undefined || !isAnything(choice)) return choice;
    const { anyOf: _, ...narrow } = choice;
    return narrow;
  });
  return { ...rest, anyOf };
}

const isAnything = (schema: JsonObject) => schema.anyOf === ANYTHING.anyOf;

function cleanObject(schema: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(schema).map(([word, value]) => cleanWord(word, value)));
}

function cleanWord(word: string, value: Json): [word: string, value: Json] {
  const isList = Array.isArray(value);
  switch (word) {
    case 'properties':
    case '$defs':
    case 'definitions': {
      const map = Object.entries(asObject(value) ?? {}).map(([name, inner]) => [name, cleanSchema(inner)]);
      return [word === 'definitions' ? '$defs' : word, Object.fromEntries(map)];
    }
    case 'items':
      return [word, isList ? { anyOf: (value as Json[]).map(cleanSchema) } : cleanSchema(value)];
    case 'not':
      return [word, cleanSchema(value)];
    case 'additionalProperties':
      return [word, asObject(value) === undefined ? value : cleanSchema(value)];
    case 'anyOf':
    case 'oneOf':
      return isList ? ['anyOf', (value as Json[]).map(cleanSchema)] : [word, value];
    case 'allOf':
      return [word, isList ? (value as Json[]).map(cleanSchema) : value];
    case '$ref':
      return [word, typeof value === 'string' ? value.replace(/^#\/definitions\//, '#/$defs/') : value];
    default:
      return [word, value];
  }
}

/** The type that the other words of a schema imply. */
function guessType(schema: JsonObject): string | undefined {
  const { enum: values, const: value, properties, items } = schema;
  if (properties !== undefined) return 'object';
  if (items !== undefined) return 'array';
  const types = new Set((Array.isArray(values) ? (values as Json[]) : value === undefined ? [] : [value]).map(typeOf));
  if (types.size === 1) return [...types][0];
  if ('pattern' in schema || 'minLength' in schema || 'maxLength' in schema || 'format' in schema) return 'string';
  if ('minimum' in schema || 'maximum' in schema) return 'number';
  return undefined;
}

const typeOf = (value: Json) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value);

const asObject = (value: Json | undefined) =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

const readTexts = (value: Json | undefined): string[] =>
  Array.isArray(value) ? (value as Json[]).filter((item): item is string => typeof item === 'string') : [];
