// How a file of an earlier version becomes one of today's.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type Database from 'libsql';
import { expect, test } from 'vitest';
import { openSqlFile, type SqlPlan } from '../../../main/util/sqlite.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const FIRST: SqlPlan = { owner: 'the test', version: 1, schema: 'CREATE TABLE things (id INTEGER)' };
const THIRD: SqlPlan = {
  owner: 'the test',
  version: 3,
  schema: 'CREATE TABLE things (id INTEGER, name TEXT, size INTEGER)',
  steps: ['ALTER TABLE things ADD COLUMN name TEXT', 'ALTER TABLE things ADD COLUMN size INTEGER'],
};

function run(path: string, plan: SqlPlan, work: (database: Database.Database) => unknown): unknown {
  const { database, mishap } = openSqlFile(path, plan, (opened) => opened);
  try {
    expect(mishap).toBeUndefined();
    return work(database);
  } finally {
    database.close();
  }
}

const listColumns = (database: Database.Database) =>
  (database.prepare('PRAGMA table_info(things)').all() as { name: string }[]).map(({ name }) => name);

test('an old file goes through every step once and keeps its rows', () => {
  const path = join(makeTempFolder(), 'a.db');
  run(path, FIRST, (database) => database.exec('INSERT INTO things VALUES (7)'));
  for (let opening = 0; opening < 2; opening += 1) {
    expect(run(path, THIRD, listColumns)).toEqual(['id', 'name', 'size']);
    expect(run(path, THIRD, (database) => database.prepare('SELECT * FROM things').all())).toMatchObject([{ id: 7 }]);
  }
});

test('a new file begins with the newest tables', () => {
  expect(run(join(makeTempFolder(), 'a.db'), THIRD, listColumns)).toEqual(['id', 'name', 'size']);
});

test('a step that cannot be made leaves the file as it was, in its place', () => {
  const folder = makeTempFolder();
  const path = join(folder, 'a.db');
  run(path, FIRST, (database) => database.exec('INSERT INTO things VALUES (7)'));
  const broken = { ...THIRD, steps: [THIRD.steps?.[0] ?? '', 'ALTER TABLE nothing ADD COLUMN size INTEGER'] };
  expect(() => run(path, broken, listColumns)).toThrow('nothing');
  expect(readdirSync(folder).filter((name) => name.includes('broken'))).toEqual([]);
  expect(run(path, FIRST, listColumns)).toEqual(['id']);
});
