// What is the same on both sides about client keys: when one has ended, and which of several is meant where nobody chooses.
import type { ClientKeyView } from './views.ts';

/** Whether the key opens nothing any more. */
export function isExpired({ rules }: Pick<ClientKeyView, 'rules'>, now: number): boolean {
  return rules.expiresAt !== undefined && rules.expiresAt <= now;
}

/** The first key that opens the door, or the first where none does; undefined where there is none at all. */
export function findMainKey<Key extends Pick<ClientKeyView, 'rules'>>(
  keys: readonly Key[],
  now: number,
): Key | undefined {
  return keys.find((key) => !isExpired(key, now)) ?? keys[0];
}
