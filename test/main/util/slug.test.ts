// Ids out of names.
import { expect, test } from 'vitest';
import { makeUnique, slug } from '../../../main/util/slug.ts';

test('a name becomes a short word that is safe in URLs and model names', () => {
  const names = ['Kimi (work)', ' a/b\\c ', 'Äpfel & Öl', '家', '--', `${'long '.repeat(20)}`];
  expect(names.map((name) => slug(name, 'account'))).toEqual([
    'kimi-work',
    'a-b-c',
    'apfel-ol',
    'account',
    'account',
    'long-long-long-long-long-long-long-long',
  ]);
});

test('a taken id gets the next free number', () => {
  const taken = new Set(['a', 'a-2']);
  expect([makeUnique('a', (id) => taken.has(id)), makeUnique('b', (id) => taken.has(id))]).toEqual(['a-3', 'b']);
});
