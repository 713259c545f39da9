// Files are replaced whole or not at all.
import { mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nameBroken, writeFileAtomic } from '../../../main/util/atomic-file.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

test('the new content replaces the old one and is for its owner only', async () => {
  const path = join(makeTempFolder(), 'a.json');
  await writeFileAtomic(path, 'old');
  await writeFileAtomic(path, 'new');
  expect([readFileSync(path, 'utf8'), statSync(path).mode & 0o777]).toEqual(['new', 0o600]);
});

test('where it cannot be replaced nothing is left behind', async () => {
  const folder = makeTempFolder();
  mkdirSync(join(folder, 'a', 'full'), { recursive: true });
  await expect(writeFileAtomic(join(folder, 'a'), 'new')).rejects.toThrow();
  expect(readdirSync(folder)).toEqual(['a']);
});

test('a broken file keeps its name, a time and its ending', () => {
  const at = new Date('2026-11-21T02:03:04.567Z');
  expect([nameBroken('/d/settings.json', at), nameBroken('/d/requests.db', at)]).toEqual([
    '/d/settings.broken-20261121-020304-567.json',
    '/d/requests.db.broken-20261121-020304-567',
  ]);
});

test('a file keeps the mode that it is given, also where nothing more than that is allowed', async () => {
  const path = join(makeTempFolder(), 'shared.json');
  await writeFileAtomic(path, 'a', 0o644);
  expect(statSync(path).mode & 0o777).toBe(0o644);
  await writeFileAtomic(path, 'b');
  expect(statSync(path).mode & 0o777).toBe(0o600);
});
