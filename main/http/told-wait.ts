// How long a refusal asks to wait, where it says so elsewhere than in `retry-after`: in the headers of the limit that is used
// up, in the body, or in its words. A moment is believed only as a date; bare numbers mean something else at each upstream.
import type { UpstreamResponse } from './client.ts';

const DAY_MS = 86_400_000;
const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, mil: 1, s: 1_000, m: 60_000, h: 3_600_000, d: DAY_MS };

/** Longer ones are no waits for a limit but figures of something else. */
const LONGEST_MS = 31 * DAY_MS;

const LIMITS = ['requests', 'tokens', 'input-tokens', 'output-tokens'] as const;

/** `20s`, `1m30.5s`, `2 minutes`. */
const DURATION = String.raw`(?:\d+(?:\.\d+)?\s?(?:ms|milliseconds?|s|sec(?:ond)?s?|m|min(?:ute)?s?|h|hours?|d|days?)\b\s?|\d+(?:\.\d+)?[hms](?=\d))+`;

/** In milliseconds; undefined where nothing is said of it. */
export function readToldWaitMs(headers: UpstreamResponse['headers'], text: string, nowMs: number): number | undefined {
  const waits = LIMITS.flatMap((limit) => readLimitWait(headers, limit, nowMs) ?? []);
  // Of two limits that are used up, the later one counts.
  const wait = waits.length > 0 ? Math.max(...waits) : (readDelay(text) ?? readWords(text));
  return wait !== undefined && wait > 0 && wait <= LONGEST_MS ? wait : undefined;
}

function readLimitWait(
  headers: UpstreamResponse['headers'],
  limit: (typeof LIMITS)[number],
  nowMs: number,
): number | undefined {
  for (const name of [
    (part: string) => `x-ratelimit-${part}-${limit}`,
    (part: string) => `anthropic-ratelimit-${limit}-${part}`,
  ]) {
    const reset = headers[name('reset')];
    if (headers[name('remaining')] !== '0' || typeof reset !== 'string') continue;
    if (new RegExp(`^${DURATION}$`).test(reset)) return readDuration(reset);
    const date = /^\d{4}-\d\d-\d\dT/.test(reset) ? Date.parse(reset) : Number.NaN;
    if (!Number.isNaN(date)) return date - nowMs;
  }
  return undefined;
}

/** Google's `RetryInfo`. */
function readDelay(text: string): number | undefined {
  const said = /"retryDelay"\s*:\s*"(\d+(?:\.\d+)?s)"/.exec(text)?.[1];
  return said === undefined ? undefined : readDuration(said);
}

function readWords(text: string): number | undefined {
  const said = new RegExp(
    String.raw`\b(?:try again|retry|wait)(?: again)?(?: in| after| for)?(?: about)? (${DURATION})`,
    'i',
  ).exec(text);
  return said?.[1] === undefined ? undefined : readDuration(said[1]);
}

function readDuration(text: string): number {
  const parts = text.toLowerCase().matchAll(/(\d+(?:\.\d+)?)\s?(ms|mil|[smhd])/g);
  return Math.ceil([...parts].reduce((sum, [, count, unit = '']) => sum + Number(count) * (UNITS_MS[unit] ?? 0), 0));
}
