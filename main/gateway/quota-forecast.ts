// What use of late comes to: the readings of a meter since it began anew, and when nothing will be left at their rate.
// Pure: knows no account and no clock, and guesses nothing that the readings do not show.
import type { QuotaForecast } from '../../shared/quota.ts';

/** How much was used at a moment. */
export interface Reading {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly used: number;
}

/** The readings of one meter in its present period. */
export interface History {
  /** Oldest first; at least one. */
  readonly readings: readonly Reading[];
  /** When the period ends, as the last reading says. */
  readonly resetsAt?: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Readings that are closer than this to the one before them take its place. */
const GAP_MS = MINUTE_MS;
const MOST_READINGS = 200;
const LONGEST_MS = 4 * 24 * HOUR_MS;
/** Below this, chance decides more than habit. */
const LEAST_SPAN_MS = 5 * MINUTE_MS;
/** Upstreams work the end of a period out anew with each answer: it moves a little without being another one. */
const RESET_JITTER_MS = 10 * MINUTE_MS;

/** Answers overtake each other, and windows that move on fall a little: such a reading is not the newest truth. */
const SMALL_SHARE = 0.05;

/** How far back use counts, by half and half: a busy hour says nothing of next week, nor a quiet week of the next hour. */
const LOOK_BACKS_MS = [HOUR_MS / 2, 2 * HOUR_MS, 8 * HOUR_MS, 24 * HOUR_MS];
/** A look back tells of a time ahead that is so many times longer at most. */
const REACH = 4;
/** Beyond this a date is no more than a guess. */
const FARTHEST_MS = 30 * 24 * HOUR_MS;

/** Whether a reading shows that the meter has begun anew since the history was written. */
export function hasBegunAnew({ readings, resetsAt }: History, next: Reading & { readonly resetsAt?: number }): boolean {
  const last = readings.at(-1);
  if (last === undefined) return true;
  if (last.used - next.used > Math.abs(last.used) * SMALL_SHARE) return true;
  if (resetsAt !== undefined && resetsAt <= next.at) return true;
  if (resetsAt === undefined || next.resetsAt === undefined) return false;
  return Math.abs(next.resetsAt - resetsAt) > RESET_JITTER_MS;
}

/** The history with one more reading; only that reading where the meter has begun anew. */
export function addReading(history: History | undefined, next: Reading & { readonly resetsAt?: number }): History {
  const { at, used } = next;
  const known = history === undefined || hasBegunAnew(history, next) ? undefined : history;
  const newest = known?.readings.at(-1);
  if (known !== undefined && newest !== undefined && used < newest.used) return known;
  const resetsAt = next.resetsAt ?? known?.resetsAt;
  // A clock that was set back leaves readings of a time to come.
  const kept = (known?.readings ?? []).filter((reading) => reading.at < at && at - reading.at <= LONGEST_MS);
  const [before, last] = kept.slice(-2);
  if (before !== undefined && last !== undefined && last.at - before.at < GAP_MS) kept.pop();
  return { readings: thinOut([...kept, { at, used }]), ...(resetsAt === undefined ? {} : { resetsAt }) };
}

/** Half as many in the older half; the first stays. */
function thinOut(readings: readonly Reading[]): readonly Reading[] {
  if (readings.length <= MOST_READINGS) return readings;
  return readings.filter((_, index) => index >= MOST_READINGS / 2 || index % 2 === 0);
}

/**
 * The forecast by these readings, `limit` being what the whole is; undefined where they are too few or too close, where
 * nothing was used or nothing is left, and where the meter begins anew without having been read since. Quiet time since the
 * last reading counts: readings follow use.
 */
export function foresee({ readings, resetsAt }: History, limit: number, now: number): QuotaForecast | undefined {
  const [first, last] = [readings[0], readings.at(-1)];
  if (first === undefined || last === undefined || last.at - first.at < LEAST_SPAN_MS) return undefined;
  if (last.used <= first.used || last.used >= limit || (resetsAt !== undefined && resetsAt <= now)) return undefined;
  const end = Math.max(now, last.at);
  const spans = [...readings, { at: end, used: last.used }];
  const forecasts = LOOK_BACKS_MS.map((backMs) => {
    const perMs = readRate(spans, backMs);
    return { perMs, aheadMs: (limit - last.used) / perMs, reachMs: backMs * REACH };
  });
  // Of all that look back far enough for what they say, the one that ends first; the longest look back says it in any case.
  const { perMs, aheadMs } = forecasts
    .filter((one, index) => one.aheadMs <= one.reachMs || index === forecasts.length - 1)
    .reduce((best, one) => (one.aheadMs < best.aheadMs ? one : best));
  const emptyAt = Math.ceil(end + aheadMs);
  const isTold = aheadMs <= FARTHEST_MS && (resetsAt === undefined || emptyAt < resetsAt);
  return { perHour: perMs * HOUR_MS, ...(isTold ? { emptyAt } : {}) };
}

/** How much was used in a millisecond; what is `halfMs` older counts half as much. */
function readRate(readings: readonly Reading[], halfMs: number): number {
  const end = readings.at(-1)?.at ?? 0;
  const weigh = (at: number) => 2 ** ((at - end) / halfMs);
  let [sum, total] = [0, 0];
  for (const [index, { at, used }] of readings.entries()) {
    const before = readings[index - 1];
    if (before === undefined || at === before.at) continue;
    const weight = weigh(at) - weigh(before.at);
    sum += ((used - before.used) / (at - before.at)) * weight;
    total += weight;
  }
  return total === 0 ? 0 : sum / total;
}
