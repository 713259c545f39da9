// Patterns with stars: what fits, what each star takes, and which pattern is tried first.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareWildcards,
  createNameMatcher,
  createWildcard,
  fillWildcard,
  isWildcard,
} from '../../shared/wildcard.ts';

describe('a pattern', () => {
  it.each<[string, string, readonly string[] | undefined]>([
    ['gpt-4o', 'gpt-4o', []],
    ['gpt-4o', 'gpt-4', undefined],
    ['gpt-*', 'gpt-4o', ['4o']],
    ['gpt-*', 'gpt-', ['']],
    ['gpt-*', 'GPT-4', undefined],
    ['*', '', ['']],
    ['*-mini', 'gpt-4o-mini', ['gpt-4o']],
    ['a*a', 'a', undefined],
    ['a*a', 'aa', ['']],
    ['*/*', 'org/team/m', ['org', 'team/m']],
    ['a*b*c', 'abcbc', ['', 'cb']],
    ['a*b*b', 'ab', undefined],
    ['**', 'xy', ['', 'xy']],
    ['m.1*', 'mx1', undefined],
  ])('%s takes of %s %j', (pattern, name, taken) => {
    expect(createWildcard(pattern).match(name)).toEqual(taken);
  });

  it('fits exactly what its parts and what the stars took are made of', () => {
    const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 6 });
    const name = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 8 });
    fc.assert(
      fc.property(letters, name, (text, word) => {
        const taken = createWildcard(text).match(word);
        const expected = new RegExp(`^${text.replaceAll('*', '.*')}$`).test(word);
        expect(taken !== undefined).toBe(expected);
        if (taken !== undefined && isWildcard(text)) expect(fillWildcard(text, taken)).toBe(word);
      }),
      { numRuns: 500 },
    );
  });

  it('is not slow for any name', () => {
    const pattern = createWildcard(`${'*a'.repeat(200)}b`);
    const startedAt = performance.now();
    expect(pattern.match('a'.repeat(20_000))).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(200);
  });
});

it('stars of a target take what was taken, in order, the last for all that are too many', () => {
  expect(fillWildcard('x-*', ['1'])).toBe('x-1');
  expect(fillWildcard('*/*', ['org', 'm'])).toBe('org/m');
  expect(fillWildcard('*-*', ['1'])).toBe('1-1');
  expect(fillWildcard('plain', ['1'])).toBe('plain');
  expect(fillWildcard('*', [])).toBe('*');
  expect(fillWildcard('*', ['$&'])).toBe('$&');
});

it('patterns with more characters of their own are tried first, then by code point', () => {
  const order = ['*', 'b*', 'a*', '*a', 'gpt-*', 'gpt-4*', '\u{1F600}*', '\uFFFD*'].map(createWildcard);
  expect(order.toSorted(compareWildcards).map(({ text }) => text)).toEqual([
    'gpt-4*',
    'gpt-*',
    '*a',
    'a*',
    'b*',
    '\uFFFD*',
    '\u{1F600}*',
    '*',
  ]);
});

it.each([
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

it('any pattern fits what a regular expression of the same meaning fits', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 8 });
  const names = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 10 });
  fc.assert(
    fc.property(letters, names, (pattern, name) => {
      expect(createNameMatcher([pattern])(name)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(name));
    }),
  );
});

it('a pattern made to be slow is not', () => {
  const begun = performance.now();
  expect(createNameMatcher([`${'a*'.repeat(140)}b`])('a'.repeat(5_000))).toBe(false);
  expect(performance.now() - begun).toBeLessThan(200);
});
