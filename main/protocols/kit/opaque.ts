// Carries what belongs to a reasoning part (a signature) through a dialect that has one opaque field for it: the client
// keeps the text as it is and sends it back, and the part is whole again. The kit knows no face and no upstream.
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';

/** Tells our texts from those that another service once gave to the same client. */
const PREFIX = 'pb1.';

/** `metadata` as one opaque text of URL-safe letters; undefined where there is nothing to carry. */
export function writeOpaque(metadata: Metadata | undefined): string | undefined {
  if (metadata === undefined) return undefined;
  return PREFIX + Buffer.from(JSON.stringify(metadata)).toString('base64url');
}

/** What `writeOpaque` was given, texts only; undefined for a text that is not its own. Never throws. */
export function readOpaque(text: unknown): Metadata | undefined {
  if (typeof text !== 'string' || !text.startsWith(PREFIX)) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
  // It comes from a client: whoever reads it inside must find what it expects.
  const metadata = Object.entries(value ?? {}).flatMap(([namespace, fields]): [string, JsonObject][] => {
    const entries = typeof fields === 'object' ? Object.entries(fields ?? {}) : [];
    const texts = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    return texts.length > 0 ? [[namespace, Object.fromEntries(texts)]] : [];
  });
  return metadata.length > 0 ? Object.fromEntries(metadata) : undefined;
}
