// Checks arguments against a tool's JSON Schema, and mends what is only written in another type: a number as text, one item
// instead of a list, `null` for what may be absent. A schema that cannot be followed refuses nothing. A schema's regular
// expressions are not run: they are a stranger's, and one of them could hold up the whole door; the tool checks them itself.
import { Validator } from '@cfworker/json-schema';
import type { Json, JsonObject } from '../../../canonical/conversation.ts';

/** Arguments that fit, or why they do not, for the model to read. */
export type CheckedArguments = { readonly value: JsonObject; readonly isChanged: boolean } | { readonly fault: string };

/** Checks what a model wants to call a tool with. */
export function checkArguments(value: Json, schema: JsonObject = {}): CheckedArguments {
  const given =
    typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  if (given === undefined) return { fault: 'they must be one JSON object.' };
  const fault = findFault(given, schema);
  if (fault === undefined) return { value: given, isChanged: false };
  const mended = mend(given, schema) as JsonObject;
  return findFault(mended, schema) === undefined ? { value: mended, isChanged: true } : { fault };
}

const MOST_FAULTS = 3;

function findFault(value: JsonObject, schema: JsonObject): string | undefined {
  try {
    const { valid, errors } = new Validator(dropPatterns(schema) as JsonObject, '2020-12', false).validate(value);
    if (valid) return undefined;
    // The innermost say most: what holds them only repeats that something inside is wrong.
    const inner = errors.filter(({ keyword }) => !['properties', 'items', '$ref', 'allOf'].includes(keyword));
    return (inner.length > 0 ? inner : errors)
      .slice(0, MOST_FAULTS)
      .map(({ instanceLocation, error }) => `${instanceLocation.replace(/^#\/?/, '/')} ${error}`)
      .join(' ');
  } catch {
    // A reference that leads nowhere, or one that never ends in itself.
    return undefined;
  }
}

/** Keywords whose value is data and no schema. */
const DATA = ['const', 'enum', 'default', 'examples', 'required'];
/** Keywords whose value has schemas by names of the author's choice. */
const NAMED = ['properties', '$defs', 'definitions', 'dependentSchemas', 'dependencies'];

/** The schema without regular expressions, and without what only they make true. */
function dropPatterns(schema: Json): Json {
  if (typeof schema !== 'object' || schema === null) return schema;
  if (Array.isArray(schema)) return schema.map((item) => dropPatterns(item as Json));
  const { pattern: _, patternProperties, ...rest } = schema as JsonObject;
  const isOpen = patternProperties !== undefined;
  const kept = Object.entries(rest).filter(
    ([key]) => !isOpen || !['additionalProperties', 'unevaluatedProperties'].includes(key),
  );
  return Object.fromEntries(
    kept.map(([key, value]) => {
      if (DATA.includes(key)) return [key, value];
      return [key, NAMED.includes(key) ? dropInEach(value) : dropPatterns(value)];
    }),
  );
}

function dropInEach(schemas: Json): Json {
  if (typeof schemas !== 'object' || schemas === null || Array.isArray(schemas)) return schemas;
  return Object.fromEntries(
    Object.entries(schemas as JsonObject).map(([name, schema]) => [name, dropPatterns(schema)]),
  );
}

function mend(value: Json, schema: Json | undefined): Json {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return value;
  const { type, properties, required, items } = schema as JsonObject;
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeof one === 'string');
  const retyped = types.length === 0 ? value : retype(value, types as string[]);
  if (Array.isArray(retyped)) return retyped.map((item) => mend(item as Json, items));
  if (typeof retyped !== 'object' || retyped === null) return retyped;
  const needed = Array.isArray(required) ? required : [];
  const known = (properties ?? {}) as JsonObject;
  const entries = Object.entries(retyped as JsonObject).flatMap(([key, inner]): [string, Json][] => {
    const own = Object.hasOwn(known, key) ? known[key] : undefined;
    if (inner === null && !needed.includes(key) && !allowsNull(own)) return [];
    return [[key, mend(inner, own)]];
  });
  return Object.fromEntries(entries);
}

function retype(value: Json, types: readonly string[]): Json {
  const actual = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
  if (types.includes(actual) || (actual === 'number' && types.includes('integer'))) return value;
  if (typeof value === 'string') {
    const parsed = parse(value);
    if (parsed !== undefined && parsed !== null && types.some((type) => isOf(parsed, type))) return parsed;
  } else if (types.includes('string') && (typeof value === 'number' || typeof value === 'boolean'))
    return String(value);
  return types.includes('array') && value !== null ? [value] : value;
}

function isOf(value: Json, type: string): boolean {
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return !Array.isArray(value) && typeof value === type && type !== 'string';
}

function allowsNull(schema: Json | undefined): boolean {
  if (typeof schema !== 'object' || schema === null) return schema === undefined;
  const { type } = schema as JsonObject;
  return type === undefined || type === 'null' || (Array.isArray(type) && type.includes('null'));
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text.trim()) as Json;
  } catch {
    return undefined;
  }
}
