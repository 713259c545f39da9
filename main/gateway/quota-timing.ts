// When a quota is read: how seldom, and what calls for a reading. Asks nobody.
import { type Clock, readRemaining } from '../util/clock.ts';
import { isUsedUp } from './quota-record.ts';
import type { Shelf } from './quota-shelves.ts';

const MINUTE_MS = 60_000;

/** What was read is good for so long, in milliseconds. */
export const FRESH_MS = 5 * MINUTE_MS;
/** A person who presses the button twice is not more curious than once. */
export const LEAST_MS = 10_000;

/** Upstreams count with some delay. */
const AFTER_USE_MS = 20_000;
/** A failure says that what is known may be wrong; the first in a while is not kept waiting until the next reading is due. */
const AFTER_FAILURE_MS = 2_000;
/** What is used up is asked for again and again, more and more seldom. */
const EMPTY_MS = { least: 15 * MINUTE_MS, most: 6 * 60 * MINUTE_MS };
const AFTER_RESET_MS = 30_000;

/** How long it is until the account's quota is to be read, in milliseconds; undefined where nothing calls for it. */
export function findWait(
  { record, fresh, suspectAt, seenUseAt, askedAt = 0 }: Shelf,
  lastUsedAt: number | undefined,
  clock: Clock,
): number | undefined {
  const now = clock.now();
  const restMs = fresh === undefined ? 0 : readRemaining(clock, fresh);
  /** A clock that was set back makes no wait longer. */
  const until = (from: number, ms: number) => Math.min(ms, from + ms - now);
  const waits: number[] = [];
  if (suspectAt !== undefined) waits.push(until(suspectAt, AFTER_FAILURE_MS));
  if (lastUsedAt !== undefined && lastUsedAt !== seenUseAt) {
    waits.push(Math.max(restMs, until(lastUsedAt, AFTER_USE_MS)));
  }
  if (record.exhaustedAt !== undefined) {
    const from = Math.max(askedAt, record.exhaustedAt);
    const spacingMs = Math.min(EMPTY_MS.most, Math.max(EMPTY_MS.least, (from - record.exhaustedAt) / 4));
    waits.push(Math.max(restMs, until(from, spacingMs)));
  }
  for (const meter of record.quota?.meters ?? []) {
    if (!isUsedUp(meter, now) || meter.resetsAt === undefined) continue;
    waits.push(Math.max(restMs, meter.resetsAt - now + AFTER_RESET_MS));
  }
  return waits.length === 0 ? undefined : Math.max(0, Math.min(...waits));
}
