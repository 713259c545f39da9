// The log end to end over its real worker: what is shown, what is kept, and what survives.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import {
  createRequestLog,
  type RequestLogOptions,
  type RequestOpening,
  type RequestProgress,
} from '../../../main/request-log/request-log.ts';
import type { RequestView } from '../../../shared/requests.ts';
import type { PathStep } from '../../../shared/routing.ts';
import { REQUEST_LOG_WORKER } from '../../support/bundled-programs.ts';
import { killAfter } from '../../support/kill-after.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const NOW = Date.UTC(2026, 10, 21, 12);

function openLog(dataFolder: string, options: Partial<RequestLogOptions> = {}) {
  const log = createRequestLog({
    dataFolder,
    workerUrl: REQUEST_LOG_WORKER,
    limits: () => ({ keepDays: 30, keepRows: 1000 }),
    redact: (text) => text.replaceAll('s3cret', '[hidden]'),
    now: () => NOW,
    ...options,
  });
  onTestFinished(() => log.close());
  return log;
}

const opening = (id: string, change: Partial<RequestOpening> = {}): RequestOpening => ({
  id,
  at: NOW - 1000,
  client: 'curl',
  dialect: 'OpenAI chat',
  stream: true,
  modelAsked: 'm',
  ...change,
});
const ids = (rows: readonly RequestView[]) => rows.map(({ id }) => id);

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.exec(sql);
  database.close();
}

test('a request comes back after a restart with all that became known of it, without secrets', async () => {
  const folder = makeTempFolder();
  const log = openLog(folder);
  const record = log.open(opening('r1', { key: 'ide' }));
  const usage = { inputTokens: 10, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 1, estimated: true };
  record.update({ modelUsed: 'm-1', account: 'kimi', provider: 'p', attempts: 2, firstTokenMs: 12.5, usage });
  record.update({ status: 429, errorKind: 'rate-limited', errorText: 'key s3cret is resting', finishReason: 'stop' });
  const path: PathStep[] = [
    { kind: 'rule', text: '"m" is another name for "m-1".' },
    { kind: 'attempt', text: 'It refused s3cret.', account: 'kimi', model: 'm-1', outcome: 'failed', ms: 3.5 },
  ];
  record.update({ path });
  record.note('seed was dropped');
  record.note('seed was dropped');
  record.close('failed');
  record.update({ status: 200 });
  record.close('ok');
  await log.close();
  const { requests, total } = await openLog(folder).list({ limit: 10 });
  expect({ requests, total }).toEqual({
    total: 1,
    requests: [
      {
        ...opening('r1', { key: 'ide' }),
        state: 'failed',
        modelUsed: 'm-1',
        account: 'kimi',
        provider: 'p',
        attempts: 2,
        status: 429,
        firstTokenMs: 12.5,
        durationMs: expect.any(Number),
        usage,
        errorKind: 'rate-limited',
        errorText: 'key [hidden] is resting',
        finishReason: 'stop',
        notes: ['seed was dropped'],
        path: [path[0], { ...path[1], text: 'It refused [hidden].' }],
      },
    ],
  });
  expect(readFileSync(join(folder, 'requests.db'), 'latin1')).not.toContain('s3cret');
});

test('a log of the first version keeps every row, and goes on with what newer rows hold', async () => {
  const folder = makeTempFolder();
  const path = join(folder, 'requests.db');
  change(
    path,
    `CREATE TABLE requests (
       id TEXT PRIMARY KEY, at INTEGER NOT NULL, client TEXT NOT NULL, key TEXT, dialect TEXT NOT NULL,
       stream INTEGER NOT NULL, model_asked TEXT NOT NULL, model_used TEXT, account TEXT, provider TEXT,
       state TEXT NOT NULL, status INTEGER, attempts INTEGER NOT NULL, first_token_ms REAL, duration_ms REAL,
       input_tokens INTEGER, cached_input_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER,
       estimated INTEGER, finish_reason TEXT, error_kind TEXT, error_text TEXT, notes TEXT
     );
     CREATE INDEX requests_by_time ON requests (at, id);
     PRAGMA user_version = 1;
     WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < 500)
     INSERT INTO requests (id, at, client, dialect, stream, model_asked, state, attempts, notes)
     SELECT 'old-' || n, ${NOW - 2000} + n, 'curl', 'OpenAI chat', 1, 'm', 'ok', 1, '["a note"]' FROM counter;`,
  );
  const log = openLog(folder);
  const record = log.open(opening('new'));
  const step: PathStep = { kind: 'attempt', text: 'It answered.', account: 'kimi', outcome: 'ok' };
  record.update({ path: [step] });
  record.close('ok');
  const { requests, total } = await log.list({ limit: 2 });
  expect([total, log.mishap]).toEqual([501, undefined]);
  expect(requests.map(({ id, notes, path }) => ({ id, notes, path }))).toEqual([
    { id: 'new', notes: [], path: [step] },
    { id: 'old-500', notes: ['a note'], path: [] },
  ]);
  await log.close();
  expect((await openLog(folder).list({ limit: 1 })).total).toBe(501);
});

test('a value that no column can hold does not keep the other rows from being written', async () => {
  const folder = makeTempFolder();
  const log = openLog(folder);
  const odd = log.open(opening('odd'));
  odd.update({ modelUsed: { a: 1 }, usage: { inputTokens: [2] } } as unknown as RequestProgress);
  odd.close('ok');
  log.open(opening('good')).close('ok');
  expect(ids((await log.list({ limit: 10 })).requests)).toEqual(['odd', 'good']);
  expect(log.mishap).toBeUndefined();
  await log.close();
  expect((await openLog(folder).list({ limit: 10 })).total).toBe(2);
});

test('texts of any length are kept short, and the cut leaves no half of a secret', async () => {
  const log = openLog(makeTempFolder());
  const record = log.open(opening('long', { modelAsked: 'm'.repeat(1_000_000) }));
  record.update({ errorText: `${'x'.repeat(3997)}s3cret${'x'.repeat(1_000_000)}` });
  record.close('failed');
  const [row] = (await log.list({ limit: 1 })).requests;
  expect(row?.modelAsked).toBe('m'.repeat(200));
  expect(row?.errorText).toBe(`${'x'.repeat(3997)}[hi`);
});

test('running and finished requests are listed together, newest first, and paged without gaps', async () => {
  const log = openLog(makeTempFolder());
  for (let count = 0; count < 9; count += 1) {
    const record = log.open(opening(`r${count}`, { at: NOW - 1000 + Math.floor(count / 2) }));
    if (count % 3 !== 0) record.close('ok');
  }
  const seen: string[] = [];
  let before: { at: number; id: string } | undefined;
  for (;;) {
    const { requests, total } = await log.list({ limit: 4, before });
    expect(total).toBe(9);
    const last = requests.at(-1);
    if (last === undefined) break;
    seen.push(...ids(requests));
    before = { at: last.at, id: last.id };
  }
  expect(seen).toEqual(['r8', 'r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r0']);
});

test('filters work alike on running and finished requests', async () => {
  const log = openLog(makeTempFolder());
  for (const state of ['running', 'ok'] as const) {
    for (const [id, client, account, key] of [
      ['a', 'Zed 100%', 'kimi', 'Editor'],
      ['b', 'curl', 'poe', 'Scripts'],
    ] as const) {
      const record = log.open(opening(`${id}-${state}`, { client, key }));
      record.update({ account, errorText: `About ${id.toUpperCase()}_1` });
      if (state !== 'running') record.close(state);
    }
  }
  const find = async (query: object) => ids((await log.list({ limit: 10, ...query })).requests).sort();
  expect(await find({ state: 'running' })).toEqual(['a-running', 'b-running']);
  expect(await find({ state: 'ok', account: 'poe' })).toEqual(['b-ok']);
  expect(await find({ search: 'zed' })).toEqual(['a-ok', 'a-running']);
  expect(await find({ search: 'SCRIPT' })).toEqual(['b-ok', 'b-running']);
  expect(await find({ key: 'Editor' })).toEqual(['a-ok', 'a-running']);
  expect(await find({ key: 'Edit' })).toEqual([]);
  expect(await find({ search: '100%' })).toEqual(['a-ok', 'a-running']);
  expect(await find({ search: 'b_1' })).toEqual(['b-ok', 'b-running']);
  expect(await find({ search: "'; DROP TABLE requests; --" })).toEqual([]);
});

test('the last 24 hours are counted, with the median to the first token', async () => {
  const log = openLog(makeTempFolder());
  const hour = 3_600_000;
  for (const [index, [ago, ms, state]] of (
    [
      [25 * hour, 1, 'ok'],
      [23.5 * hour, 30, 'ok'],
      [2, 10, 'failed'],
      [1, 20, 'aborted'],
    ] as const
  ).entries()) {
    const record = log.open(opening(`r${index}`, { at: NOW - ago }));
    record.update({ firstTokenMs: ms, usage: { inputTokens: 3, outputTokens: 2 } });
    record.close(state);
  }
  log.open(opening('running', { at: NOW }));
  const { hourly, ...sums } = await log.traffic();
  expect(sums).toEqual({ requests: 4, failed: 1, firstTokenMs: 20, inputTokens: 9, outputTokens: 6 });
  expect([hourly.length, hourly[0], hourly[23]]).toEqual([24, 1, 3]);
});

test('changes are told in bundles, each request once in its newest state', async () => {
  const log = openLog(makeTempFolder());
  const bundle = new Promise<readonly RequestView[]>((resolve) => log.onChange(resolve));
  const first = log.open(opening('r1'));
  log.open(opening('r2'));
  first.update({ account: 'kimi' });
  first.close('ok');
  expect((await bundle).map(({ id, state, account }) => [id, state, account])).toEqual([
    ['r1', 'ok', 'kimi'],
    ['r2', 'running', undefined],
  ]);
});

test('clearing forgets finished requests only', async () => {
  const log = openLog(makeTempFolder());
  log.open(opening('done')).close('ok');
  log.open(opening('running'));
  await log.clear();
  expect(ids((await log.list({ limit: 10 })).requests)).toEqual(['running']);
});

test('old and surplus requests leave the log', async () => {
  const folder = makeTempFolder();
  const log = openLog(folder, { limits: () => ({ keepDays: 2, keepRows: 3 }) });
  const day = 86_400_000;
  for (const [id, ago] of Object.entries({ old: 2.1, e: 1.9, d: 1.8, c: 1, b: 0.5, a: 0.1 })) {
    log.open(opening(id, { at: NOW - ago * day })).close('ok');
  }
  expect(ids((await log.list({ limit: 10 })).requests)).toEqual(['a', 'b', 'c']);
  await log.close();
  const later = openLog(folder, { limits: () => ({ keepDays: 2, keepRows: 3 }), now: () => NOW + 1.2 * day });
  await expect.poll(async () => ids((await later.list({ limit: 10 })).requests)).toEqual(['a', 'b']);
});

for (const [what, spoil] of [
  ['garbage', () => Buffer.from('garbage'.repeat(2000))],
  ['cut in half', (content: Buffer) => content.subarray(0, content.length / 2)],
  ['written by a newer Patchbay', undefined],
] as const) {
  test(`a database that is ${what} is put aside and a new one begun`, async () => {
    const folder = makeTempFolder();
    const path = join(folder, 'requests.db');
    const first = openLog(folder);
    for (let count = 0; count < 300; count += 1) first.open(opening(`r${count}`)).close('ok');
    await first.close();
    if (spoil === undefined) change(path, 'PRAGMA user_version = 99');
    else writeFileSync(path, spoil(readFileSync(path)));
    const spoilt = readFileSync(path);
    const told: (string | undefined)[] = [];
    const log = openLog(folder, { onMishap: (text) => told.push(text) });
    log.open(opening('new')).close('ok');
    expect(ids((await log.list({ limit: 10 })).requests)).toEqual(['new']);
    const aside = readdirSync(folder).find((name) => /^requests\.db\.broken-[\d-]+$/.test(name)) ?? 'none';
    expect(readFileSync(join(folder, aside)).equals(spoilt)).toBe(true);
    expect([log.mishap, told]).toEqual([expect.stringContaining(aside), [log.mishap]]);
  });
}

test('kill -9 while rows are written leaves a database that opens with every row that was confirmed', async () => {
  const folder = makeTempFolder();
  const program = fileURLToPath(new URL('../../support/log-writer.mjs', import.meta.url));
  const worker = fileURLToPath(REQUEST_LOG_WORKER);
  const confirmed = await killAfter(20, [program, worker, join(folder, 'requests.db')]);
  const log = openLog(folder, { limits: () => ({ keepDays: 36500, keepRows: 1e7 }) });
  const { total } = await log.list({ limit: 1 });
  expect(log.mishap).toBeUndefined();
  expect(total).toBeGreaterThanOrEqual(confirmed * 50);
  expect(total % 50).toBe(0);
});

test('a full disk is said, rows wait, and they are written when there is room again', async () => {
  const folder = makeTempFolder();
  const log = openLog(folder);
  await log.list({ limit: 1 });
  // A trigger that refuses every row and ends the transaction, as a full disk does, is the nearest to it here.
  const path = join(folder, 'requests.db');
  change(
    path,
    "CREATE TRIGGER full BEFORE INSERT ON requests BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END",
  );
  const record = log.open(opening('kept'));
  record.update({ account: 'kimi' });
  record.close('ok');
  expect((await log.list({ limit: 10 })).total).toBe(0);
  expect(log.mishap).toContain('disk is full');
  change(path, 'DROP TRIGGER full');
  expect((await log.list({ limit: 10 })).total).toBe(1);
  expect(log.mishap).toBeUndefined();
});

test('where no database can be made, requests go on, running ones are known, and the log says what is wrong', async () => {
  const folder = makeTempFolder();
  mkdirSync(join(folder, 'requests.db', 'in the way'), { recursive: true });
  const problem = new Promise<string | undefined>((resolve) => {
    const log = openLog(folder, { onMishap: resolve });
    log.open(opening('r1')).close('ok');
  });
  expect(await problem).toContain('has stopped');
});
