// Turns Google's schema, a cut of OpenAPI's, into JSON Schema: type names in lower case, `nullable` as a type, limits as
// numbers. What is JSON Schema already, or unknown, stays as it is.
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import { asFields } from './fields.ts';

const TYPES: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'array', 'object', 'null']);
/** Google's JSON has 64-bit numbers as texts. */
const LIMITS = ['minItems', 'maxItems', 'minLength', 'maxLength', 'minProperties', 'maxProperties'];
const SCHEMAS = ['items', 'additionalProperties', 'not'];
const LISTS = ['anyOf', 'oneOf', 'allOf', 'prefixItems'];
const MAPS = ['properties', '$defs', 'definitions'];

/** `value` as JSON Schema. Throws `GatewayError` (`invalid-request`) where it is no object. */
export function readSchema(value: Json, path: string): JsonObject {
  const { type, nullable, ...rest } = asFields(value, path);
  const schema: Record<string, Json> = { ...readType(type), ...rest };
  for (const name of LIMITS) {
    const limit = schema[name];
    if (typeof limit === 'string' && /^\d+$/.test(limit)) schema[name] = Number(limit);
  }
  const inner = (name: string, field: Json) => (isObject(field) ? readSchema(field, `${path}.${name}`) : field);
  for (const name of SCHEMAS) if (schema[name] !== undefined) schema[name] = inner(name, schema[name]);
  for (const name of LISTS) {
    const list = schema[name];
    if (Array.isArray(list)) schema[name] = list.map((field: Json, at) => inner(`${name}[${at}]`, field));
  }
  for (const name of MAPS) {
    const map = schema[name];
    if (!isObject(map)) continue;
    const entries = Object.entries(map).map(([key, field]) => [key, inner(`${name}.${key}`, field)] as const);
    schema[name] = Object.fromEntries(entries);
  }
  return nullable === true ? allowNull(schema) : schema;
}

function readType(type: Json | undefined): JsonObject {
  if (typeof type !== 'string') return type === undefined ? {} : { type };
  if (type === 'TYPE_UNSPECIFIED') return {};
  const lower = type.toLowerCase();
  return { type: TYPES.has(lower) ? lower : type };
}

function allowNull(schema: JsonObject): JsonObject {
  const { type, enum: values, anyOf } = schema;
  if (typeof type === 'string') {
    const all = Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : undefined;
    return { ...schema, type: type === 'null' ? type : [type, 'null'], ...all };
  }
  return Array.isArray(anyOf) ? { ...schema, anyOf: [...anyOf, { type: 'null' }] } : schema;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
