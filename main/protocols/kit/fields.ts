// Reads single fields of a body, and names the field that is wrong. What every face's reader needs; the kit knows no face.
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';

/** Throws the `invalid-request` that names `path`; declared as returning so that it can stand in an expression. */
export function refuse(path: string, problem: string): never {
  throw new GatewayError('invalid-request', `${path || 'The body'} ${problem}.`, { param: path || undefined });
}

/** `value` as an object; `path` is named where it is none. */
export function asObject(value: unknown, path: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return refuse(path, 'must be an object');
  return value as JsonObject;
}

/** `value` as a list. */
export function asArray(value: Json | undefined, path: string): readonly Json[] {
  return Array.isArray(value) ? value : refuse(path, 'must be a list');
}

/** `value` as a list; nothing is an empty one. */
export function asListOrNone(value: Json | undefined, path: string): readonly Json[] {
  return value === undefined || value === null ? [] : asArray(value, path);
}

/** `value` as a text that is not empty. */
export function asString(value: Json | undefined, path: string): string {
  return typeof value === 'string' && value !== '' ? value : refuse(path, 'must be a text that is not empty');
}

/** `value` as a number, or undefined where there is none. */
export function asNumber(value: Json | undefined, path: string): number | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'number' ? value : refuse(path, 'must be a number');
}

/** `value` as a yes or no, or undefined where there is none: a word for it would mean the one to some, the other to others. */
export function asFlag(value: Json | undefined, path: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'boolean' ? value : refuse(path, 'must be true or false');
}

/** `value` where it is a text, else undefined. */
export function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** `value` as a text, or undefined where there is none. */
export function asTextOrNone(value: Json | undefined, path: string): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : refuse(path, 'must be a text');
}

/** `value` as texts that are not empty, where one may stand for a list of one; undefined where there is none. */
export function asTextOrList(value: Json | undefined, path: string): readonly string[] | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'string') return [value];
  return asArray(value, path).map((text, at) => asString(text, `${path}[${at}]`));
}
