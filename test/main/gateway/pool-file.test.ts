// What a pool knows after a restart.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createPool, type Pool } from '../../../main/gateway/pool.ts';
import { openPoolFile } from '../../../main/gateway/pool-file.ts';
import { createFailure, createMembers, serve, serveMany, takePlace } from '../../support/pool-members.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const START = Date.UTC(2026, 0, 5, 12);
const MEMBERS = createMembers('a', 'b', 'c');

/** A pool as it is after a start at that time. */
function start(folder: string, at = START, strategy: 'failover' | 'round-robin' | 'fill-first' = 'failover') {
  const clock = createVirtualClock(at);
  const mishaps: string[] = [];
  const pool = createPool({
    clock,
    rules: () => ({ pools: { acme: { strategy, sticky: true } }, accounts: {} }),
    redact: (text) => text.replaceAll('hunter2', '[hidden]'),
    file: openPoolFile({ path: join(folder, 'pool.json'), clock, onMishap: (text) => mishaps.push(text) }),
    knows: (id) => id !== 'gone',
  });
  return { clock, pool, mishaps };
}

const read = (pool: Pool, clock: VirtualClock, account = 'a') =>
  pool.listRests(account).map(({ cause, model = 'all', until }) => {
    return `${cause} ${model}${until === undefined ? '' : ` ${(until - clock.now()) / 1000} s`}`;
  });

test('a restart keeps rests, counts and wishes', async () => {
  const folder = makeTempFolder();
  const first = start(folder);
  await serve(first.pool, createMembers('a'), {
    failure: createFailure('rate-limited', 'no', { retryAfterMs: HOUR_MS }),
  });
  await serve(first.pool, createMembers('b'), { failure: createFailure('unauthorized') });
  await serve(first.pool, createMembers('c'));
  first.pool.rest('c');
  await first.pool.close();

  const second = start(folder, START + HOUR_MS / 2);
  expect(read(second.pool, second.clock)).toEqual(['told m 1800 s']);
  expect(read(second.pool, second.clock, 'b')).toEqual(['failed all']);
  expect(read(second.pool, second.clock, 'c')).toEqual(['hand all']);
  expect(second.pool.counts('b')).toEqual({ served: 0, failed: 1, failuresInARow: 1, lastFailureAt: START });
  expect(second.pool.counts('c').served).toBe(1);
  expect(second.mishaps).toEqual([]);
});

test('a restart keeps what kind of failure it was', async () => {
  const folder = makeTempFolder();
  const first = start(folder);
  const failure = createFailure('quota-exhausted', 'no', { retryAfterMs: HOUR_MS });
  await serve(first.pool, createMembers('a'), { failure });
  await first.pool.close();
  expect(start(folder).pool.rank(createMembers('a'), {})[0]?.errorKind).toBe('quota-exhausted');
});

test('nothing is written once it is closed', async () => {
  const folder = makeTempFolder();
  const { clock, pool } = start(folder);
  await pool.close();
  const late = await takePlace(pool, MEMBERS);
  late?.release({ type: 'ok' });
  pool.rest('a', clock.now() + HOUR_MS);
  expect(clock.next()).toBeUndefined();
});

test('a guess goes on where it was', async () => {
  const folder = makeTempFolder();
  const first = start(folder);
  await serve(first.pool, createMembers('a'), { failure: createFailure('quota-exhausted') });
  await first.pool.close();
  const second = start(folder, START + 1_000);
  await serve(second.pool, createMembers('a'), { failure: createFailure('quota-exhausted') });
  expect(read(second.pool, second.clock)).toEqual(['guessed all 1800 s']);
});

test('a rest that ended meanwhile is over', async () => {
  const folder = makeTempFolder();
  const first = start(folder);
  await serve(first.pool, MEMBERS, { failure: createFailure('rate-limited', 'no', { retryAfterMs: HOUR_MS }) });
  await first.pool.close();
  const second = start(folder, START + HOUR_MS);
  expect(await serve(second.pool, MEMBERS)).toBe('a');
});

test('a rest that was written under a wrong clock lasts no longer than it was meant to', async () => {
  const folder = makeTempFolder();
  const first = start(folder, START + 365 * 24 * HOUR_MS);
  await serve(first.pool, MEMBERS, { failure: createFailure('rate-limited', 'no', { retryAfterMs: HOUR_MS }) });
  await first.pool.close();
  const second = start(folder, START);
  expect(read(second.pool, second.clock)).toEqual(['told m 3600 s']);
  expect(second.pool.listRests('a')[0]?.since).toBe(START);
});

test('what kind of failure made it rest is known after a restart, too', async () => {
  const folder = makeTempFolder();
  const first = start(folder);
  await serve(first.pool, MEMBERS, { failure: createFailure('quota-exhausted', 'no', { retryAfterMs: HOUR_MS }) });
  const [before] = first.pool.rank(createMembers('a'), {});
  await first.pool.close();
  const [after] = start(folder).pool.rank(createMembers('a'), {});
  expect([before?.errorKind, after?.errorKind]).toEqual(['quota-exhausted', 'quota-exhausted']);
});

test('no upstream’s rest in the file outlasts the longest that an upstream may name', async () => {
  const folder = makeTempFolder();
  const long = { since: START, until: START + 3_650 * 24 * HOUR_MS, text: 'x' };
  const rests = [
    { ...long, account: 'a', model: 'm', cause: 'told' },
    { ...long, account: 'b', cause: 'hand' },
  ];
  writeFileSync(join(folder, 'pool.json'), JSON.stringify({ rests, accounts: [], rings: [] }));
  const { pool, clock } = start(folder);
  expect(read(pool, clock)).toEqual([`told m ${31 * 24 * 3_600} s`]);
  expect(read(pool, clock, 'b')).toEqual([`hand all ${3_650 * 24 * 3_600} s`]);
});

test('turns go on where they were', async () => {
  const folder = makeTempFolder();
  const first = start(folder, START, 'round-robin');
  await serveMany(first.pool, MEMBERS, 4);
  await first.pool.close();
  const second = start(folder, START, 'round-robin');
  expect(await serveMany(second.pool, MEMBERS, 3)).toBe('bca');
});

test('the account that is filled first is filled on', async () => {
  const folder = makeTempFolder();
  const first = start(folder, START, 'fill-first');
  first.pool.rest('a');
  await serve(first.pool, MEMBERS);
  first.pool.use('a');
  await first.pool.close();
  const second = start(folder, START, 'fill-first');
  expect(await serve(second.pool, MEMBERS)).toBe('b');
});

test('what was kept of accounts that are gone is dropped', async () => {
  const folder = makeTempFolder();
  const first = start(folder);
  await serve(first.pool, createMembers('gone'), { failure: createFailure('unauthorized') });
  await first.pool.close();
  const second = start(folder);
  expect(second.pool.listRests('gone')).toEqual([]);
  expect(second.pool.counts('gone').failed).toBe(0);
});

test('the file is written soon, without secrets, and not at each request', async () => {
  const folder = makeTempFolder();
  const { clock, pool } = start(folder);
  await serve(pool, createMembers('a'), { failure: createFailure('unauthorized', 'the key hunter2 is wrong') });
  const path = join(folder, 'pool.json');
  await clock.advance(1_000);
  expect(existsSync(path)).toBe(false);
  await clock.advance(5_000);
  await pool.close();
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('[hidden] is wrong');
  expect(text).not.toContain('hunter2');
});

test('a pool in which nothing happened writes nothing', async () => {
  const folder = makeTempFolder();
  await start(folder).pool.close();
  expect(readdirSync(folder)).toEqual([]);
});

test('a damaged file is put aside and told, and the pool goes on', async () => {
  const broken = ['{"rests":[', '[]', 'null', '{"rests":[{"account":1}],"accounts":[],"rings":[]}'];
  const wrongCounts = { account: 'a', served: -1, failed: 0, failuresInARow: 0, lastTurn: 0 };
  const rest = { account: 'a', cause: 'told', since: START, until: START + HOUR_MS, text: 'x' };
  const wrongRests = [
    { ...rest, until: 1e300 },
    { ...rest, since: -1e300 },
    { ...rest, errorKind: 'bad-luck' },
  ];
  const files = [
    { rests: [], accounts: [wrongCounts], rings: [] },
    ...wrongRests.map((wrong) => ({ rests: [wrong], accounts: [], rings: [] })),
  ];
  for (const text of [...broken, ...files.map((file) => JSON.stringify(file))]) {
    const folder = makeTempFolder();
    writeFileSync(join(folder, 'pool.json'), text);
    const { pool, mishaps } = start(folder);
    expect(mishaps).toEqual([expect.stringMatching(/could not be read .* put aside as .*pool\.broken-2026/)]);
    expect(await serve(pool, MEMBERS)).toBe('a');
    await pool.close();
    expect(readdirSync(folder).toSorted()).toEqual(['pool.broken-20260105-120000-000.json', 'pool.json']);
  }
});

test('a file that cannot be written is told', async () => {
  const { pool, mishaps } = start(join(makeTempFolder(), 'nowhere'));
  pool.rest('a');
  await pool.close();
  expect(mishaps).toEqual([expect.stringContaining('could not be kept')]);
});
