// What this face's readers need besides the kit: field names in both spellings, optional texts, what only this dialect knows.
import type { Json, JsonObject, Metadata } from '../../canonical/conversation.ts';
import { asObject, refuse } from '../kit/fields.ts';

/** `value` as an object whose field names are in camel case: Google takes `inline_data` for `inlineData`, too. */
export function asFields(value: unknown, path: string): JsonObject {
  const object = asObject(value, path);
  let renamed: Record<string, Json> | undefined;
  for (const [name, field] of Object.entries(object)) {
    if (!name.includes('_', 1)) continue;
    renamed ??= { ...object };
    delete renamed[name];
    renamed[name.replace(/(?<=.)_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())] ??= field;
  }
  return renamed ?? object;
}

/** Like `asFields`; nothing is an object without fields. */
export function asFieldsOrNone(value: Json | undefined, path: string): JsonObject {
  return value === undefined || value === null ? {} : asFields(value, path);
}

/** `value` where it is a text that is not empty, else undefined. */
export function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What only this dialect knows, as metadata; nothing where nothing is left. */
export function keep(extra: JsonObject): { metadata?: Metadata } {
  for (const _ in extra) return { metadata: { gemini: extra } };
  return {};
}

/** The model's name as the path has it, with or without the word that Google puts before it. */
export function readModelName(name: string): string {
  const model = name.startsWith('models/') ? name.slice('models/'.length) : name;
  return model === '' ? refuse('model', 'must be named in the path') : model;
}
