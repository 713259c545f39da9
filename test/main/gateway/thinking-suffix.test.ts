// Endings of names that ask for thinking, and names that only look like it.
import { expect, it } from 'vitest';
import { readThinkingSuffix } from '../../../main/gateway/thinking-suffix.ts';

it.each<[string, string, object]>([
  ['m(high)', 'm', { enabled: true, effort: 'high' }],
  ['m:MAX', 'm', { enabled: true, effort: 'max' }],
  ['org/m:8b(minimal)', 'org/m:8b', { enabled: true, effort: 'minimal' }],
  ['m(8192)', 'm', { enabled: true, budgetTokens: 8192 }],
  ['m(none)', 'm', { enabled: false, effort: 'none' }],
  ['m:none', 'm', { enabled: false, effort: 'none' }],
  ['m(0)', 'm', { enabled: false, effort: 'none' }],
  ['m(low)(high)', 'm(low)', { enabled: true, effort: 'high' }],
])('%s asks of %s %j', (whole, name, reasoning) => {
  const suffix = readThinkingSuffix(whole);
  expect([suffix?.name, suffix?.reasoning]).toEqual([name, reasoning]);
  expect(name + suffix?.text).toBe(whole);
});

it.each([
  'm',
  'm:8b',
  'm:8192',
  'm:latest',
  'm()',
  'm(fast)',
  '(high)',
  ':high',
  'm(high',
  'm high)',
  'm(1.5)',
  'm(99999999)',
])('%s is a name as a whole', (name) => {
  expect(readThinkingSuffix(name)).toBeUndefined();
});
