// The file of the quotas: what a damaged one costs, and when it is written.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openQuotaFile } from '../../../main/gateway/quota-file.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const RECORD = {
  quota: {
    meters: [{ label: 'Credits', used: 1, limit: 10, parts: [{ label: 'Plan', used: 1, limit: 10 }] }],
    plan: 'Pro',
  },
  readAt: 5,
  learned: [{ label: '5 hours', used: 1, limit: 100, unit: '%', toldAt: 7 }],
  periods: { 'meter:Credits': { readings: [{ at: 5, used: 1 }], resetsAt: 9, toldUsed: 1 } },
  exhaustedAt: 3,
};
const ENTRY = { account: 'one', mark: 'x', record: RECORD };

test('what was kept is there again', async () => {
  const path = join(makeTempFolder(), 'quota.json');
  const file = openQuotaFile({ path, clock: createVirtualClock(), onMishap: expect.unreachable });
  file.saveSoon(() => [ENTRY]);
  await file.close();
  expect(openQuotaFile({ path, clock: createVirtualClock(), onMishap: expect.unreachable }).kept).toEqual([ENTRY]);
});

test('many changes are written once, as they are then', async () => {
  const path = join(makeTempFolder(), 'quota.json');
  const clock = createVirtualClock();
  const file = openQuotaFile({ path, clock, onMishap: expect.unreachable });
  let asked = 0;
  for (let times = 0; times < 50; times += 1) {
    file.saveSoon(() => {
      asked += 1;
      return [ENTRY];
    });
  }
  await clock.advance(29_000);
  expect([asked, existsSync(path)]).toEqual([0, false]);
  await clock.advance(1_000);
  await file.close();
  expect([asked, existsSync(path)]).toEqual([1, true]);
});

test.each([
  ['half a file', '[{'],
  ['no list', '7'],
  ['a record of nobody', JSON.stringify([{ ...ENTRY, mark: 1 }])],
  [
    'a meter without a limit',
    JSON.stringify([{ ...ENTRY, record: { ...RECORD, learned: [{ label: 'x', used: 1 }] } }]),
  ],
  [
    'a reading that is no number',
    JSON.stringify([{ ...ENTRY, record: { ...RECORD, periods: { x: { readings: [{ at: 'now' }] } } } }]),
  ],
  ['a period without readings', JSON.stringify([{ ...ENTRY, record: { ...RECORD, periods: { x: {} } } }])],
])('%s is put aside and told, and costs nothing else', (_, text) => {
  const folder = makeTempFolder();
  const path = join(folder, 'quota.json');
  writeFileSync(path, text);
  const mishaps: string[] = [];
  const file = openQuotaFile({ path, clock: createVirtualClock(), onMishap: (words) => mishaps.push(words) });
  expect([file.kept, mishaps.length]).toEqual([[], 1]);
  expect(readdirSync(folder)).toEqual([expect.stringMatching(/^quota\.broken-.*\.json$/)]);
});

test('a file that cannot be written is told', async () => {
  const mishaps: string[] = [];
  const path = join(makeTempFolder(), 'missing', 'quota.json');
  const file = openQuotaFile({ path, clock: createVirtualClock(), onMishap: (words) => mishaps.push(words) });
  file.saveSoon(() => []);
  await file.close();
  expect(mishaps).toEqual([expect.stringContaining('could not be kept')]);
});
