// What an answer's headers say of limits, in the spellings of OpenAI and Anthropic.
import { expect, test } from 'vitest';
import { readRateLimits, readReset } from '../../../../main/providers/kit/rate-limits.ts';

const NOW = Date.UTC(2026, 0, 5, 12);

test('OpenAI’s headers tell how fast an account may be asked', () => {
  const headers = {
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-reset-requests': '120ms',
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6m0s',
  };
  expect(readRateLimits(headers, NOW)).toEqual([
    { label: 'Requests', kind: 'rate', used: 1, limit: 500, unit: 'requests', resetsAt: NOW + 120 },
    { label: 'Tokens', kind: 'rate', used: 16, limit: 150_000, unit: 'tokens', resetsAt: NOW + 360_000 },
  ]);
});

test('Anthropic’s headers tell it for input and output apart', () => {
  const headers = {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '0',
    'anthropic-ratelimit-requests-reset': '2026-01-05T12:00:12Z',
    'anthropic-ratelimit-input-tokens-limit': '30000',
    'anthropic-ratelimit-input-tokens-remaining': '29000',
    'anthropic-ratelimit-output-tokens-limit': '8000',
    'anthropic-ratelimit-output-tokens-remaining': '8000',
    'anthropic-ratelimit-output-tokens-reset': 'soon',
  };
  expect(readRateLimits(headers, NOW)).toEqual([
    { label: 'Requests', kind: 'rate', used: 50, limit: 50, unit: 'requests', resetsAt: NOW + 12_000 },
    { label: 'Input tokens', kind: 'rate', used: 1000, limit: 30_000, unit: 'tokens' },
    { label: 'Output tokens', kind: 'rate', used: 0, limit: 8000, unit: 'tokens' },
  ]);
});

test('the windows of a Claude plan are what the plan has left, not a rate', () => {
  const headers = {
    'anthropic-ratelimit-unified-status': 'allowed',
    'anthropic-ratelimit-unified-5h-utilization': '0.42',
    'anthropic-ratelimit-unified-5h-reset': '1790256000',
    'anthropic-ratelimit-unified-7d-utilization': '0.07',
    'anthropic-ratelimit-unified-7d_oi-utilization': '0.5',
    'anthropic-ratelimit-unified-overage-utilization': '0.1',
  };
  expect(readRateLimits(headers, NOW)).toEqual([
    { label: '5 hours', used: 42, limit: 100, unit: '%', resetsAt: 1_790_256_000_000 },
    { label: '7 days', used: 7, limit: 100, unit: '%' },
  ]);
});

test('a window that is refused is used up, whatever its share says', () => {
  const headers = {
    'anthropic-ratelimit-unified-5h-utilization': '0.99',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-overage-in-use': 'true',
  };
  expect(readRateLimits(headers, NOW)).toEqual([{ label: '5 hours', used: 100, limit: 100, unit: '%', goesOn: true }]);
});

test.each([
  ['nothing', {}],
  ['a limit alone', { 'x-ratelimit-limit-requests': '500' }],
  ['what is left alone', { 'x-ratelimit-remaining-requests': '499' }],
  ['0 of 0', { 'x-ratelimit-limit-requests': '0', 'x-ratelimit-remaining-requests': '0' }],
  ['less than nothing', { 'x-ratelimit-limit-tokens': '-1', 'x-ratelimit-remaining-tokens': '-1' }],
  ['more than there is', { 'x-ratelimit-limit-tokens': '5', 'x-ratelimit-remaining-tokens': '6' }],
  ['words', { 'x-ratelimit-limit-tokens': 'many', 'x-ratelimit-remaining-tokens': 'some' }],
  ['an empty text', { 'x-ratelimit-limit-tokens': '5', 'x-ratelimit-remaining-tokens': ' ' }],
  ['two values', { 'x-ratelimit-limit-tokens': ['5', '6'], 'x-ratelimit-remaining-tokens': '5' }],
  ['a share below nothing', { 'anthropic-ratelimit-unified-5h-utilization': '-0.1' }],
])('headers that tell %s tell nothing', (_, headers) => {
  expect(readRateLimits(headers, NOW)).toEqual([]);
});

test.each([
  ['1s', NOW + 1000],
  ['6m0s', NOW + 360_000],
  ['120ms', NOW + 120],
  ['2m59.56s', NOW + 179_560],
  ['1h2m3s', NOW + 3_723_000],
  ['0s', NOW],
  ['7', NOW + 7000],
  ['0.25', NOW + 250],
  ['1790256000', 1_790_256_000_000],
  ['1790256000123', 1_790_256_000_123],
  ['2026-01-05T12:00:12Z', NOW + 12_000],
  ['-3', undefined],
  ['', undefined],
  ['tomorrow', undefined],
  ['3 apples', undefined],
  ['2026', NOW + 2_026_000],
])('a reset of "%s" is understood or left alone', (text, expected) => {
  expect(readReset(text, NOW)).toBe(expected);
});

test('moments that no calendar has and windows that nobody knows are left out', () => {
  const headers = {
    'x-ratelimit-limit-requests': '500',
    'x-ratelimit-remaining-requests': '499',
    'x-ratelimit-reset-requests': '1e300',
    'anthropic-ratelimit-unified-constructor-utilization': '0.5',
    'anthropic-ratelimit-unified-__proto__-utilization': '0.5',
    'anthropic-ratelimit-unified-7d-utilization': '0.5',
    'anthropic-ratelimit-unified-7d-reset': '1e300',
  };
  expect(readRateLimits(headers, NOW)).toEqual([
    { label: 'Requests', kind: 'rate', used: 1, limit: 500, unit: 'requests' },
    { label: '7 days', used: 50, limit: 100, unit: '%' },
  ]);
});
