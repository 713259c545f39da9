// What this face's readers need besides the kit: optional texts, and what only this dialect knows.
import type { Json, JsonObject, Metadata } from '../../canonical/conversation.ts';

/** `value` where it is a text, else undefined. */
export function asText(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** What only this dialect knows, as metadata; nothing where nothing is left. */
export function keep(extra: JsonObject): { metadata?: Metadata } {
  for (const _ in extra) return { metadata: { anthropic: extra } };
  return {};
}
