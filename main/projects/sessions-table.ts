// The sessions and what was said in them, as rows. A turn is one transaction: all of it is kept or nothing.
import type Database from 'libsql';
import type { SessionQuery } from '../../shared/projects.ts';
import type { Message } from '../canonical/conversation.ts';
import { runTransaction, type SqlRow } from '../util/sqlite.ts';
import { readSession, type StoredSession, writeSession } from './session-row.ts';

/** One turn that has ended well. */
export interface Turn {
  readonly id: string;
  /** How many turns the session had when this one began; it is kept only if none has come between. */
  readonly after: number;
  /** The session's fields as they are from now on; tokens and cost are those of this turn alone, and are added. */
  readonly session: StoredSession;
  /** The messages that were there before give way to `added`. */
  readonly replaces: boolean;
  /** Messages as JSON. */
  readonly added: readonly string[];
}

/** What some sessions come to. */
export interface SessionSums {
  readonly sessions: number;
  readonly messages: number;
  readonly tokens: number;
  /** Undefined where nobody has estimated any. */
  readonly costUsd: number | undefined;
  readonly models: readonly string[];
}

/** What may be kept. */
export interface SessionLimits {
  readonly oldestAt: number;
  readonly sessions: number;
  readonly bytes: number;
}

/** The stored sessions. */
export interface SessionsTable {
  find(id: string): StoredSession | undefined;
  /** The newest ones of a client key and model whose last turn ends at this point. */
  findAt(key: string | undefined, model: string, point: string): StoredSession[];
  list(query: SessionQuery & { readonly keys?: readonly (string | undefined)[] }): {
    sessions: StoredSession[];
    total: number;
  };
  sum(key: string | undefined): SessionSums;
  count(projectId: string): number;
  /** How many of them are of other client keys than this one. */
  countOfOthers(projectId: string, key: string | undefined): number;
  listOf(projectId: string): string[];
  readMessages(id: string): Message[];
  add(session: StoredSession): void;
  /** False where the session has gone or gone on meanwhile: nothing is written then. */
  addTurn(turn: Turn): boolean;
  /** What a turn cost that did not end well, or whose price came late. */
  addSpending(id: string, spent: Pick<StoredSession, 'inputTokens' | 'outputTokens' | 'costUsd'>): void;
  /** The provider's text of the turn that made it so many. */
  setState(id: string, turns: number, state: string): void;
  /** Returns what a provider had kept in it. */
  remove(id: string): string[];
  /** Sessions whose first turn never ended. */
  removeDrafts(): void;
  /** How many sessions went, and what providers had kept in them. */
  prune(limits: SessionLimits): { readonly gone: number; readonly states: string[] };
}

const FIELDS = Object.keys(writeSession({} as StoredSession));

/** The table in an open database. */
export function createSessionsTable(database: Database.Database): SessionsTable {
  // As one list: a lone `null` would be taken for an object of named values.
  const all = (sql: string, ...values: unknown[]) => database.prepare(sql).all(values) as SqlRow[];
  const run = (sql: string, ...values: unknown[]) => database.prepare(sql).run(values).changes;
  const drop = (condition: string, ...values: unknown[]) =>
    runTransaction(database, () => {
      const rows = all(`SELECT state FROM sessions WHERE ${condition}`, ...values);
      run(`DELETE FROM sessions WHERE ${condition}`, ...values);
      return { gone: rows.length, states: rows.flatMap(({ state }) => (state == null ? [] : [String(state)])) };
    });
  const readAll = (rows: readonly SqlRow[]) => rows.map(readSession);
  const find = (id: string) => readAll(all('SELECT * FROM sessions WHERE id = ?', id))[0];
  return {
    find,
    findAt: (key, model, point) =>
      readAll(
        all(
          'SELECT * FROM sessions WHERE point = ? AND key IS ? AND model = ? ORDER BY updated_at DESC LIMIT 20',
          point,
          key ?? null,
          model,
        ),
      ),
    list: (query) => {
      const { where, values } = writeFilter(query);
      const [count] = all(`SELECT count(*) AS total FROM sessions ${where}`, ...values);
      const page = `SELECT * FROM sessions ${where} ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?`;
      return {
        sessions: readAll(all(page, ...values, query.limit, query.offset)),
        total: Number(count?.total ?? 0),
      };
    },
    sum: (key) => readSums(all, key),
    count: (projectId) =>
      Number(all('SELECT count(*) AS total FROM sessions WHERE project_id = ?', projectId)[0]?.total ?? 0),
    countOfOthers: (projectId, key) => {
      const sql = 'SELECT count(*) AS total FROM sessions WHERE project_id = ? AND key IS NOT ?';
      return Number(all(sql, projectId, key ?? null)[0]?.total ?? 0);
    },
    listOf: (projectId) => all('SELECT id FROM sessions WHERE project_id = ?', projectId).map(({ id }) => String(id)),
    readMessages: (id) =>
      all('SELECT message FROM messages WHERE session_id = ? ORDER BY place', id).map(
        ({ message }) => JSON.parse(String(message)) as Message,
      ),
    add: (session) =>
      void run(
        `INSERT INTO sessions (${FIELDS.join(', ')}) VALUES (${FIELDS.map(() => '?').join(', ')})`,
        ...Object.values(writeSession(session)),
      ),
    addTurn: (turn) => runTransaction(database, () => writeTurn(turn, all, run)),
    addSpending: (id, { inputTokens, outputTokens, costUsd }) =>
      void run(
        `UPDATE sessions SET input_tokens = input_tokens + ?, output_tokens = output_tokens + ?,
           cost_usd = CASE WHEN ? THEN coalesce(cost_usd, 0) + ? ELSE cost_usd END WHERE id = ?`,
        inputTokens,
        outputTokens,
        Number(costUsd !== undefined),
        costUsd ?? 0,
        id,
      ),
    setState: (id, turns, state) =>
      void run('UPDATE sessions SET state = ? WHERE id = ? AND turns = ?', state, id, turns),
    remove: (id) => drop('id = ?', id).states,
    removeDrafts: () => void run('DELETE FROM sessions WHERE is_draft = 1'),
    prune: ({ oldestAt, sessions, bytes }) =>
      drop(
        `updated_at < ? OR id IN (SELECT id FROM (
           SELECT id, row_number() OVER newest AS place, sum(bytes + length(system)) OVER newest AS total FROM sessions
           WINDOW newest AS (ORDER BY updated_at DESC, id DESC)) WHERE place > ? OR total > ?)`,
        oldestAt,
        sessions,
        bytes,
      ),
  };
}

type All = (sql: string, ...values: unknown[]) => SqlRow[];
type Run = (sql: string, ...values: unknown[]) => number;

function writeTurn({ id, after, session, replaces, added }: Turn, all: All, run: Run): boolean {
  const { input_tokens, output_tokens, cost_usd, ...fields } = writeSession(session);
  const names = Object.keys(fields).filter((name) => name !== 'id');
  const changed = run(
    `UPDATE sessions SET ${names.map((name) => `${name} = ?`).join(', ')}, input_tokens = input_tokens + ?,
       output_tokens = output_tokens + ?, cost_usd = CASE WHEN ? THEN coalesce(cost_usd, 0) + ? ELSE cost_usd END
     WHERE id = ? AND turns = ?`,
    ...names.map((name) => fields[name as keyof typeof fields]),
    input_tokens,
    output_tokens,
    Number(cost_usd !== null),
    cost_usd ?? 0,
    id,
    after,
  );
  if (changed === 0) return false;
  if (replaces) run('DELETE FROM messages WHERE session_id = ?', id);
  const [last] = all('SELECT max(place) AS place FROM messages WHERE session_id = ?', id);
  let place = Number(last?.place ?? 0);
  for (const message of added) {
    place += 1;
    run('INSERT INTO messages (session_id, place, message) VALUES (?, ?, ?)', id, place, message);
  }
  return true;
}

function readSums(all: All, key: string | undefined): SessionSums {
  const [sums] = all(
    `SELECT count(*) AS sessions, coalesce(sum(message_count), 0) AS messages, sum(cost_usd) AS cost,
       coalesce(sum(input_tokens + output_tokens), 0) AS tokens FROM sessions WHERE key IS ?`,
    key ?? null,
  );
  const models = all(
    'SELECT DISTINCT model FROM sessions WHERE key IS ? AND model IS NOT NULL ORDER BY model',
    key ?? null,
  );
  return {
    sessions: Number(sums?.sessions ?? 0),
    messages: Number(sums?.messages ?? 0),
    tokens: Number(sums?.tokens ?? 0),
    costUsd: sums?.cost == null ? undefined : Number(sums.cost),
    models: models.map(({ model }) => String(model)),
  };
}

function writeFilter({ projectId, search, keys }: Parameters<SessionsTable['list']>[0]) {
  const conditions: string[] = [];
  const values: (string | null)[] = [];
  const add = (condition: string, ...given: (string | null)[]) => {
    conditions.push(condition);
    values.push(...given);
  };
  if (projectId !== undefined) add('project_id = ?', projectId);
  if (keys !== undefined) add(`(${keys.map(() => 'key IS ?').join(' OR ')})`, ...keys.map((key) => key ?? null));
  if (search) {
    const fields = ['id', 'title', 'model', 'project_id', 'key'];
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    add(`(${fields.map((field) => `${field} LIKE ? ESCAPE '\\'`).join(' OR ')})`, ...fields.map(() => pattern));
  }
  return { where: conditions.length === 0 ? '' : `WHERE ${conditions.join(' AND ')}`, values };
}
