// Patterns of names: what `*` takes in, and that none of them is slow.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNameMatcher } from '../../shared/name-pattern.ts';

test.each([
  ['kimi-k3', 'kimi-k3', true],
  ['kimi-k3', 'kimi-k3-turbo', false],
  ['kimi-*', 'kimi-', true],
  ['kimi-*', 'my-kimi-k3', false],
  ['*', '', true],
  ['*/gpt-*-mini', 'poe/gpt-5-mini', true],
  ['*/gpt-*-mini', 'gpt-5-mini', false],
  ['a*a', 'a', false],
  ['a*b*b', 'ab', false],
  ['a.c', 'abc', false],
  ['Kimi-*', 'kimi-k3', false],
])('%s and %s: %s', (pattern, name, fits) => {
  expect(createNameMatcher([pattern])(name)).toBe(fits);
});

test('any pattern fits what a regular expression of the same meaning fits', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(letters, names, (pattern, name) => {
      expect(createNameMatcher([pattern])(name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
  );
});

test('a pattern made to be slow is not', () => {
  const begun = performance.now();
  expect(createNameMatcher([`${'a*'.repeat(140)}b`])('a'.repeat(5_000))).toBe(false);
  expect(performance.now() - begun).toBeLessThan(200);
});
