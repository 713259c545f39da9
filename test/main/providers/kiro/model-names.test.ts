// Every row of the table of spellings, and that writing a name anew changes nothing.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { normaliseModelName, splitEffort } from '../../../../main/providers/kiro/model-names.ts';

it.each([
  ['claude-opus-4-6[1m]', 'claude-opus-4.6'],
  ['claude-sonnet-4.6[200K]', 'claude-sonnet-4.6'],
  ['claude-haiku-4-5-20251001', 'claude-haiku-4.5'],
  ['claude-haiku-4-5', 'claude-haiku-4.5'],
  ['claude-opus-4-8-latest', 'claude-opus-4.8'],
  ['claude-sonnet-4-5-3', 'claude-sonnet-4.5'],
  ['Claude-Sonnet-4-5', 'claude-sonnet-4.5'],
  ['claude-fable-5-1', 'claude-fable-5.1'],
  ['claude-sonnet-4-20250514', 'claude-sonnet-4'],
  ['claude-sonnet-4', 'claude-sonnet-4'],
  ['claude-opus-5-latest', 'claude-opus-5'],
  ['claude-3-7-sonnet-20250219', 'claude-3.7-sonnet'],
  ['claude-3-7-sonnet', 'claude-3.7-sonnet'],
  ['claude-3.7-sonnet-20250219', 'claude-3.7-sonnet'],
  ['claude-haiku-4.5-20251001', 'claude-haiku-4.5'],
  ['claude-4.5-opus-high-thinking', 'claude-opus-4.5'],
  ['kiro/claude-sonnet-4-5', 'claude-sonnet-4.5'],
  ['kiro-claude-sonnet-4-5', 'claude-sonnet-4.5'],
  ['KIRO/auto', 'auto'],
])('%s is %s', (asked, name) => {
  expect(normaliseModelName(asked)).toEqual({ name });
});

it.each([
  ['claude-4.5-opus-high', 'claude-opus-4.5', 'high'],
  ['claude-sonnet-4-6-max', 'claude-sonnet-4.6', 'max'],
  ['claude-opus-4.8-xhigh[1m]', 'claude-opus-4.8', 'xhigh'],
  ['claude-3-7-sonnet-low', 'claude-3.7-sonnet', 'low'],
])('%s is %s with the effort %s', (asked, name, effort) => {
  expect(normaliseModelName(asked)).toEqual({ name, effort });
});

it.each([
  'gpt-5.6-sol',
  'Qwen3-Coder-Next',
  'deepseek-3.2',
  'some-max',
  'claude',
  'claude-opus',
  'kiro/',
  '',
  'auto-kiro',
])('%j fits no rule and stays as it is', (name) => {
  expect(normaliseModelName(name)).toEqual({ name });
});

it('only the list tells an effort from the end of a name of another family', () => {
  expect([splitEffort('gpt-5.6-sol-high'), splitEffort('gpt-5.6-sol'), splitEffort('-high')]).toEqual([
    { name: 'gpt-5.6-sol', effort: 'high' },
    { name: 'gpt-5.6-sol' },
    { name: '-high' },
  ]);
});

it('writing a name anew changes nothing', () => {
  const piece = fc.constantFrom(
    'claude',
    'sonnet',
    'opus',
    '4',
    '5',
    '4.5',
    '3.7',
    '20250514',
    'latest',
    'high',
    'max',
    'kiro',
    'gpt',
  );
  const made = fc
    .tuple(
      fc.constantFrom('', 'kiro/', 'kiro-'),
      fc.array(piece, { maxLength: 8 }),
      fc.constantFrom('', '[1m]', '[200k]'),
    )
    .map(([before, pieces, after]) => before + pieces.join('-') + after);
  fc.assert(
    fc.property(fc.oneof(made, fc.string()), (asked) => {
      const { name } = normaliseModelName(asked);
      expect(normaliseModelName(name)).toEqual({ name });
    }),
    { numRuns: 2_000 },
  );
});
