// How much keys were used: kept over restarts, written seldom, and a day that ends at midnight.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openKeyUse } from '../../../main/credentials/key-use.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const EVENING = new Date(2026, 0, 5, 23, 59).getTime();

function createHouse(start = EVENING) {
  const folder = makeTempFolder();
  const clock = createVirtualClock(start);
  const mishaps: string[] = [];
  const path = join(folder, 'key-use.json');
  const open = () => openKeyUse({ path, clock, onMishap: (text) => void mishaps.push(text) });
  return { folder, path, clock, mishaps, open };
}

test('a restart keeps the last use, the requests and the tokens of today', async () => {
  const { open, clock } = createHouse();
  const use = open();
  use.touch('ide');
  use.countRequest('ide');
  use.countTokens('ide', 70);
  use.countTokens('ide', 5);
  await use.close();
  expect(open().read('ide')).toEqual({ lastUsedAt: EVENING, requests: 1, tokensToday: 75 });
  await clock.advance(60_000);
  expect(open().read('ide')).toEqual({ lastUsedAt: EVENING, requests: 1, tokensToday: 0 });
  expect(open().read('nobody')).toEqual({ lastUsedAt: undefined, requests: 0, tokensToday: 0 });
});

test('many uses make one write and one word of it, some time later', async () => {
  const { open, clock, path, folder } = createHouse();
  const use = open();
  let told = 0;
  use.onChange(() => {
    told += 1;
  });
  for (let count = 0; count < 1000; count += 1) use.countRequest('ide');
  expect([told, readdirSync(folder)]).toEqual([0, []]);
  await clock.advance(2_000);
  await expect.poll(() => readdirSync(folder)).toEqual(['key-use.json']);
  expect([told, JSON.parse(readFileSync(path, 'utf8'))]).toMatchObject([1, { ide: { requests: 1000 } }]);
  await clock.advance(60_000);
  expect([told, clock.next()]).toEqual([1, undefined]);
  await use.close();
});

test('a key that is gone leaves the file', async () => {
  const { open, path } = createHouse();
  const use = open();
  use.countRequest('ide');
  use.countRequest('other');
  use.forget('ide');
  await use.close();
  expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')))).toEqual(['other']);
});

test('a damaged file is put aside and said, and costs nothing but the counts', async () => {
  for (const content of ['{"ide":', '{"ide":{"requests":-1,"day":"x","tokens":0}}']) {
    const { open, path, folder, mishaps } = createHouse();
    writeFileSync(path, content);
    expect(open().read('ide').requests).toBe(0);
    expect(mishaps).toEqual([expect.stringMatching(/^The use of the client keys could not be read .* put aside as /)]);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(/^key-use\.broken-/)]);
  }
});

test('a file that cannot be written is said, and counting goes on', async () => {
  const { open, clock, mishaps, path } = createHouse();
  const use = openKeyUse({ path: join(path, 'no-folder'), clock, onMishap: (text) => void mishaps.push(text) });
  use.countRequest('ide');
  await use.close();
  expect(mishaps).toEqual([expect.stringContaining('could not be kept')]);
  expect([use.read('ide').requests, open().read('ide').requests]).toEqual([1, 0]);
});

test('what is counted while a write runs is kept, and so is what comes later', async () => {
  const { open, clock, path } = createHouse();
  const use = open();
  const kept = () => (existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).ide.requests : 0);
  const stop = use.onChange(() => use.countRequest('ide'));
  use.countRequest('ide');
  await clock.advance(2_000);
  stop();
  await expect.poll(kept).toBeGreaterThan(0);
  await clock.advance(2_000);
  await expect.poll(kept).toBe(2);
  use.countRequest('ide');
  await clock.advance(2_000);
  await expect.poll(kept).toBe(3);
  use.countRequest('ide');
  await use.close();
  expect(kept()).toBe(4);
});

test('a damaged file that cannot be put aside stops nobody', () => {
  const { mishaps, clock, path } = createHouse();
  // A folder of its name cannot be read, and its long name leaves no room for another.
  const long = join(path, '..', `${'k'.repeat(240)}.json`);
  mkdirSync(long);
  const use = openKeyUse({ path: long, clock, onMishap: (text) => void mishaps.push(text) });
  expect(use.read('ide').requests).toBe(0);
  expect(mishaps).toEqual([expect.stringMatching(/could not be read \(EISDIR.*\); it stays where it is: /)]);
});
