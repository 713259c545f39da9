// The word that somebody probably meant.
import { expect, test } from 'vitest';
import { nearest } from '../../../main/util/nearest.ts';

test('finds a word with a few wrong letters and no other', () => {
  const known = ['port', 'host', 'clientKeys', 'accounts', 'key'];
  const words = ['prot', 'Host', 'clientkey', 'acounts', 'kye', 'completely', 'x', ''];
  expect(words.map((word) => nearest(word, known))).toEqual([
    'port',
    'host',
    'clientKeys',
    'accounts',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
