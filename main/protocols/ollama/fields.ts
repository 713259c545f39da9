// What this face's readers need besides the kit.
import type { Json } from '../../canonical/conversation.ts';
import { refuse } from '../kit/fields.ts';

/** `value` as a text; nothing is an empty one. */
export function asText(value: Json | undefined, path: string): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : refuse(path, 'must be a text');
}
