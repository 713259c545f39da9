// The counts of tool calls: what is counted, what is kept, what a damaged file costs.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openToolCounts } from '../../../main/gateway/tool-counts.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const open = (path: string, mishaps: string[] = []) =>
  openToolCounts({ path, onMishap: (text) => void mishaps.push(text) });

test('counts by account and model, tells of it, and knows it after a restart', async () => {
  const path = join(makeTempFolder(), 'tool-calls.json');
  const book = open(path);
  let told = 0;
  book.onChange(() => told++);
  book.record('a', 'm', 'none');
  book.record('a', 'm', 'well-formed');
  book.record('a', 'm', 'failed');
  book.record('b', 'm', 'retried');
  expect(book.find('c', 'm')).toBeUndefined();
  await book.close();
  const again = open(path);
  expect(told).toBe(4);
  expect(again.find('a', 'm')).toEqual({ asked: 3, wellFormed: 1, repaired: 0, retried: 0, failed: 1 });
  expect(again.find('b', 'm')).toEqual({ asked: 1, wellFormed: 0, repaired: 0, retried: 1, failed: 0 });
});

test.each(['{"a"', '[["a","m",{"asked":"many"}]]', '7'])(
  'puts a file aside that holds %s, and counts anew',
  async (text) => {
    const folder = makeTempFolder();
    const path = join(folder, 'tool-calls.json');
    writeFileSync(path, text);
    const mishaps: string[] = [];
    const book = open(path, mishaps);
    book.record('a', 'm', 'repaired');
    await book.close();
    expect(mishaps).toHaveLength(1);
    expect(readdirSync(folder).some((name) => name.includes('broken'))).toBe(true);
    expect(open(path).find('a', 'm')?.repaired).toBe(1);
  },
);
