// Opens SQLite files so that nobody else can read them and a damaged one costs nothing but what was in it: it is put
// aside and begun anew. Knows no table.
import { existsSync, renameSync, statSync, writeFileSync } from 'node:fs';
import Database from 'libsql';
import { nameBroken } from './atomic-file.ts';

/** A row as SQLite gives it. */
export type SqlRow = Record<string, unknown>;

/** What a file must hold. */
export interface SqlPlan {
  /** Whose file it is, for a sentence: `the request log`. */
  readonly owner: string;
  /** The newest version; a file of a newer one counts as damaged. */
  readonly version: number;
  /** Makes the tables of `version` in an empty file. */
  readonly schema: string;
  /** What brings a file one version on: the first step from version 1 to 2, and so on up to `version`. */
  readonly steps?: readonly string[];
}

/** An open file. `mishap` says where an unreadable one was put, and why. */
export interface OpenedFile<Made> {
  readonly database: Made;
  readonly mishap?: string;
}

/** Larger files are not read through at the start; damage in them shows when it is met. */
const CHECK_UP_TO_BYTES = 128 * 1024 ** 2;

/** Opens or makes the file (`:memory:` for none at all) and hands it to `create`, which may throw for damage, too. */
export function openSqlFile<Made>(
  path: string,
  plan: SqlPlan,
  create: (database: Database.Database) => Made,
): OpenedFile<Made> {
  const isNew = path === ':memory:' || !existsSync(path) || statSync(path).size === 0;
  try {
    return { database: open(path, isNew, plan, create) };
  } catch (error) {
    if (isNew || !isDamage(error)) throw error;
    const mishap = putAside(path, error, plan.owner);
    return { database: open(path, true, plan, create), mishap };
  }
}

/** Moves an unreadable database away with its companions; returns the sentence for the person. */
export function putAside(path: string, error: unknown, owner: string): string {
  const aside = nameBroken(path, new Date());
  for (const suffix of ['', '-wal', '-shm']) if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
  const reason = error instanceof Error ? error.message : String(error);
  return `The database of ${owner} could not be read (${reason}). It was put aside as ${aside} and a new one begun.`;
}

/** Whether the file itself is at fault, not the disk or a lock. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return /^SQLITE_(NOTADB|CORRUPT|FORMAT)/.test(code) || error instanceof DamagedDatabase;
}

/** Runs `work` so that all of its writes are kept or none. */
export function runTransaction<Result>(database: Database.Database, work: () => Result): Result {
  database.exec('BEGIN');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    // A full disk has ended the transaction already; rolling back then would fail and hide the reason.
    if (database.inTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

class DamagedDatabase extends Error {
  override readonly name = 'DamagedDatabase';
}

function open<Made>(path: string, isNew: boolean, plan: SqlPlan, create: (database: Database.Database) => Made): Made {
  // SQLite would let others read it, and gives its companion files the same rights.
  if (isNew && path !== ':memory:') writeFileSync(path, '', { mode: 0o600 });
  const database = new Database(path);
  try {
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = NORMAL');
    database.pragma('busy_timeout = 2000');
    database.pragma('foreign_keys = ON');
    if (!isNew && statSync(path).size <= CHECK_UP_TO_BYTES) check(database);
    migrate(database, plan);
    return create(database);
  } catch (error) {
    database.close();
    throw error;
  }
}

function check(database: Database.Database): void {
  const [row] = database.prepare('PRAGMA quick_check(1)').all() as SqlRow[];
  const verdict = String(row?.quick_check);
  if (verdict !== 'ok') throw new DamagedDatabase(verdict.replace(/\s+/g, ' '));
}

function migrate(database: Database.Database, { version: newest, schema, steps = [] }: SqlPlan): void {
  const [row] = database.prepare('PRAGMA user_version').all() as SqlRow[];
  const version = Number(row?.user_version);
  if (version === newest) return;
  if (version > newest) throw new DamagedDatabase(`a newer Patchbay wrote it, schema ${version}`);
  const work = version === 0 ? [schema] : steps.slice(version - 1);
  // All of it or nothing: whoever is killed in the middle begins again from the version that the file says.
  runTransaction(database, () => database.exec(`${work.join(';')}; PRAGMA user_version = ${newest};`));
}
