// Waits that refusals tell in other places than `retry-after`.
import { expect, test } from 'vitest';
import { readErrorAnswer } from '../../../main/http/errors.ts';
import { readToldWaitMs } from '../../../main/http/told-wait.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

const read = (headers: Record<string, string>, text = '') => readToldWaitMs(headers, text, NOW);

test('the limit that is used up says when it is whole again', () => {
  const headers = {
    'x-ratelimit-remaining-requests': '0',
    'x-ratelimit-reset-requests': '6m0s',
    'x-ratelimit-remaining-tokens': '17',
    'x-ratelimit-reset-tokens': '9m0s',
  };
  expect(read(headers)).toBe(360_000);
  expect(read({ ...headers, 'x-ratelimit-remaining-tokens': '0' })).toBe(540_000);
  expect(read({ ...headers, 'x-ratelimit-reset-requests': '1.5s' })).toBe(1_500);
  expect(read({ ...headers, 'x-ratelimit-reset-requests': '12ms' })).toBe(12);
  expect(read({ ...headers, 'x-ratelimit-reset-requests': '1h2m3s' })).toBe(3_723_000);
});

test('a moment is believed as a date, and not as a number', () => {
  const limit = 'anthropic-ratelimit-input-tokens';
  expect(read({ [`${limit}-remaining`]: '0', [`${limit}-reset`]: '2026-01-05T12:00:30Z' })).toBe(30_000);
  expect(read({ [`${limit}-remaining`]: '0', [`${limit}-reset`]: '1767614430' })).toBeUndefined();
  expect(read({ [`${limit}-remaining`]: '0', [`${limit}-reset`]: '2026-01-05T11:00:00Z' })).toBeUndefined();
});

test('the delay in a body of Google’s is read', () => {
  expect(read({}, '[{"error":{"details":[{"retryDelay": "17.5s"}]}}]')).toBe(17_500);
});

test('the wait in words is read, whatever its unit', () => {
  const words: Record<string, number> = {
    'Rate limit reached. Please try again in 20s. Visit our page': 20_000,
    'Please try again in 1m30.5s.': 90_500,
    'Please retry after 2 minutes.': 120_000,
    'Please wait 3 seconds and ask again': 3_000,
    'try again in 250ms': 250,
    'Please retry in 1.25 hours': 4_500_000,
  };
  for (const [text, ms] of Object.entries(words)) expect(read({}, text), text).toBe(ms);
});

test('words that name no time say nothing', () => {
  for (const text of ['Try again later.', 'Please try again in a few minutes', 'after 5 retries', 'wait 400 days', ''])
    expect(read({}, text), text).toBeUndefined();
});

test('only refusals that pass are asked for their wait, and retry-after comes first', () => {
  const body = JSON.stringify({ error: { message: 'Please try again in 20s.' } });
  const wait = (status: number, headers: Record<string, string> = {}) =>
    readErrorAnswer({ status, headers }, body, 'acme').retryAfterMs;
  expect([429, 503, 402, 400, 401, 500].map((status) => wait(status))).toEqual([
    20_000,
    20_000,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(wait(429, { 'retry-after': '3' })).toBe(3_000);
});
