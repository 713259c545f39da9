// The table of requests in SQLite: one transaction for each batch, an unreadable file is put aside and begun anew.
// Runs in the log's worker thread, where waiting for the disk harms nobody.
import type Database from 'libsql';
import type { RequestQuery, RequestView, TrafficView } from '../../shared/requests.ts';
import { type OpenedFile, openSqlFile, putAside, runTransaction, type SqlPlan } from '../util/sqlite.ts';
import type { LogLimits } from './messages.ts';
import { COLUMNS, type Row, readRow, writeRow } from './rows.ts';

/** The stored requests. Every call may throw what SQLite throws. */
export interface LogDatabase {
  /** All of the rows or none of them; a row that is there already is replaced. */
  write(rows: readonly RequestView[]): void;
  list(query: RequestQuery): { requests: RequestView[]; total: number };
  /** The 24 hours before `now`. */
  traffic(now: number): TrafficView;
  prune(limits: LogLimits): void;
  clear(): void;
  close(): void;
}

const SCHEMA = `
  CREATE TABLE requests (
    id TEXT PRIMARY KEY, at INTEGER NOT NULL, client TEXT NOT NULL, key TEXT, dialect TEXT NOT NULL,
    stream INTEGER NOT NULL, model_asked TEXT NOT NULL, model_used TEXT, account TEXT, provider TEXT,
    state TEXT NOT NULL, status INTEGER, attempts INTEGER NOT NULL, first_token_ms REAL, duration_ms REAL,
    input_tokens INTEGER, cached_input_tokens INTEGER, output_tokens INTEGER, reasoning_tokens INTEGER,
    estimated INTEGER, finish_reason TEXT, error_kind TEXT, error_text TEXT, notes TEXT, path TEXT
  );
  CREATE INDEX requests_by_time ON requests (at, id);
`;

const PLAN: SqlPlan = {
  owner: 'the request log',
  version: 2,
  schema: SCHEMA,
  steps: ['ALTER TABLE requests ADD COLUMN path TEXT'],
};

/** Opens or makes the database. `mishap` says where an unreadable one was put, and why. */
export function openLogDatabase(path: string): OpenedFile<LogDatabase> {
  return openSqlFile(path, PLAN, create);
}

/** Moves an unreadable database away with its companions; returns the sentence for the person. */
export function putLogAside(path: string, error: unknown): string {
  return putAside(path, error, PLAN.owner);
}

function create(database: Database.Database): LogDatabase {
  const names = COLUMNS.join(', ');
  const marks = COLUMNS.map(() => '?').join(', ');
  const insert = database.prepare(`INSERT OR REPLACE INTO requests (${names}) VALUES (${marks})`);
  const insertAll = (rows: readonly RequestView[]) =>
    runTransaction(database, () => {
      for (const row of rows) insert.run(...writeRow(row));
    });
  const all = (sql: string, ...parameters: unknown[]) => database.prepare(sql).all(...parameters) as Row[];
  return {
    write: insertAll,
    list(query) {
      const { where, parameters } = writeFilter({ ...query, before: undefined });
      const [count] = all(`SELECT count(*) AS total FROM requests ${where}`, ...parameters);
      const page = writeFilter(query);
      const rows = all(
        `SELECT * FROM requests ${page.where} ORDER BY at DESC, id DESC LIMIT ?`,
        ...page.parameters,
        query.limit,
      );
      return { requests: rows.map(readRow), total: Number(count?.total ?? 0) };
    },
    traffic: (now) => readTraffic(all, now - DAY_MS, now),
    prune({ oldestAt, rows }) {
      database.prepare('DELETE FROM requests WHERE at < ?').run(oldestAt);
      const [last] = all('SELECT at, id FROM requests ORDER BY at DESC, id DESC LIMIT 1 OFFSET ?', rows);
      if (last !== undefined) database.prepare('DELETE FROM requests WHERE (at, id) <= (?, ?)').run(last.at, last.id);
    },
    clear: () => void database.exec('DELETE FROM requests'),
    close() {
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

function readTraffic(all: (sql: string, ...parameters: unknown[]) => Row[], from: number, to: number): TrafficView {
  const [sums] = all(
    `SELECT count(*) AS requests, coalesce(sum(state = 'failed'), 0) AS failed, count(first_token_ms) AS timed,
       coalesce(sum(input_tokens), 0) AS input, coalesce(sum(output_tokens), 0) AS output
     FROM requests WHERE at > ? AND at <= ?`,
    from,
    to,
  );
  const [median] = all(
    `SELECT first_token_ms AS ms FROM requests WHERE at > ? AND at <= ? AND first_token_ms IS NOT NULL
     ORDER BY first_token_ms LIMIT 1 OFFSET ?`,
    from,
    to,
    Math.floor((Number(sums?.timed ?? 0) - 1) / 2),
  );
  const hourly = new Array<number>(24).fill(0);
  const hours = all(
    `SELECT CAST((at - ? - 1) / ${HOUR_MS} AS INTEGER) AS hour, count(*) AS requests
     FROM requests WHERE at > ? AND at <= ? GROUP BY hour`,
    from,
    from,
    to,
  );
  for (const { hour, requests } of hours) hourly[Number(hour)] = Number(requests);
  return {
    requests: Number(sums?.requests ?? 0),
    failed: Number(sums?.failed ?? 0),
    firstTokenMs: median === undefined ? undefined : Number(median.ms),
    inputTokens: Number(sums?.input ?? 0),
    outputTokens: Number(sums?.output ?? 0),
    hourly,
  };
}

function writeFilter({ before, state, account, key, search }: Omit<RequestQuery, 'limit'>) {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (condition: string, ...values: (string | number)[]) => {
    conditions.push(condition);
    parameters.push(...values);
  };
  if (before !== undefined) add('(at, id) < (?, ?)', before.at, before.id);
  if (state !== undefined) add('state = ?', state);
  if (account !== undefined) add('account = ?', account);
  if (key !== undefined) add('key = ?', key);
  if (search) {
    const fields = ['client', 'key', 'model_asked', 'model_used', 'account', 'error_text'];
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    add(`(${fields.map((field) => `${field} LIKE ? ESCAPE '\\'`).join(' OR ')})`, ...fields.map(() => pattern));
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, parameters };
}
