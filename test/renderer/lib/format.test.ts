// Times, sizes and shares as people read them.
import { expect, test } from 'vitest';
import {
  formatAgo,
  formatDollars,
  formatDuration,
  formatMoment,
  formatShare,
  formatSpan,
  formatTimeLeft,
  formatTokens,
  revealHidden,
} from '../../../renderer/lib/format.ts';

test('durations change their unit where people do', () => {
  expect([0, 840, 999.6, 1200, 59_900, 59_960, 123_000].map(formatDuration)).toEqual([
    '0 ms',
    '840 ms',
    '1000 ms',
    '1.2 s',
    '59.9 s',
    '1 min 00 s',
    '2 min 03 s',
  ]);
});

test('sizes of context windows read as they are spoken of', () => {
  expect([512, 32_000, 131_072, 200_000, 262_144, 1_000_000, 1_048_576, 4_812_330].map(formatTokens)).toEqual([
    '512',
    '32K',
    '128K',
    '200K',
    '256K',
    '1M',
    '1M',
    '4.8M',
  ]);
});

test('a share of nothing is nothing', () => {
  expect([formatShare(0, 0), formatShare(5, 1204), formatShare(1, 2), formatShare(1, 1)]).toEqual([
    '0 %',
    '0.4 %',
    '50 %',
    '100 %',
  ]);
});

test('the recent past is now', () => {
  const now = 1_700_000_000_000;
  expect([formatAgo(now, now), formatAgo(now - 59_000, now), formatAgo(now - 180_000, now)]).toEqual([
    'now',
    'now',
    '3 min. ago',
  ]);
});

test('time that runs down is told to the second, and by hours without them', () => {
  expect([47_200, 582_000, 7_500_000].map(formatTimeLeft)).toEqual(['48 s', '9 min 42 s', '2 h 05 min']);
});

test('what is not seen or turns the reading is written out; words, tabs and line ends stay', () => {
  expect(revealHidden('rm\u202e -rf\u200b\u0007 标题 é 👍\n\tok')).toBe(
    'rm\\u{202e} -rf\\u{200b}\\u{7} 标题 é 👍\n\tok',
  );
});

test('what costs little does not look free', () => {
  expect([0, 0.0004, 0.006, 1.2].map(formatDollars)).toEqual(['$0.00', '<$0.01', '$0.01', '$1.20']);
});

test('a moment to come is told as closely as it matters', () => {
  const noon = new Date(2026, 10, 20, 12).getTime();
  const at = (hours: number) => formatMoment(noon + hours * 3_600_000, noon);
  expect([at(4), at(14), at(24 * 3), at(24 * 9)]).toEqual(['16:00', '21 Nov, 02:00', '23 Nov, 12:00', '29 Nov']);
});

test('a span is told in one unit', () => {
  expect([0, 1_200_000, 3_600_000, 47 * 3_600_000, 9 * 86_400_000].map(formatSpan)).toEqual([
    '1 minute',
    '20 minutes',
    '1 hour',
    '47 hours',
    '9 days',
  ]);
});
