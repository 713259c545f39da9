// Keeps a client's cache markers within what the upstream takes beside those of the program: it refuses a request with
// more than four in all, and one where a longer life follows a shorter. The program sets two or three with a short one.
import type { JsonObject } from '../../canonical/conversation.ts';
import type { WireTurn } from './turns.ts';

/** The program marks its own two system texts and the last block of the last turn. */
const ROOM = 1;

/** The turns with the newest markers only, each with the usual life; what they are denied is told to `note`. */
export function limitCacheMarkers(turns: readonly WireTurn[], note: (text: string) => void): readonly WireTurn[] {
  // On the last block the program puts its own in place of the client's.
  const last = turns.at(-1)?.content.at(-1);
  let room = ROOM;
  let isCut = false;
  let isShortened = false;

  const limit = (block: JsonObject): JsonObject => {
    const { cache_control: marker, ...rest } = block;
    let limited = block;
    if (typeof marker === 'object' && marker !== null && block !== last) {
      const { ttl, ...kind } = marker as JsonObject;
      room -= 1;
      if (room < 0) {
        isCut = true;
        limited = rest;
      } else if (ttl !== undefined && ttl !== '5m') {
        isShortened = true;
        limited = { ...block, cache_control: kind };
      }
    }
    return Array.isArray(limited.content)
      ? { ...limited, content: limitAll(limited.content as JsonObject[]) }
      : limited;
  };
  /** From the newest to the oldest. */
  const limitAll = (blocks: readonly JsonObject[]) => blocks.toReversed().map(limit).toReversed();

  const limited = turns
    .toReversed()
    .map((turn) => ({ ...turn, content: limitAll(turn.content) }))
    .toReversed();
  if (isCut) note('Older cache markers were left out: the upstream takes four, and Claude Code sets three itself.');
  if (isShortened) note('A cache marker was given the usual life: a longer one may not follow those of Claude Code.');
  return limited;
}
