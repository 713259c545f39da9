// The file of projects and sessions: its tables, and how it is opened. What stands in a row is its table's business.
import type Database from 'libsql';
import { GatewayError } from '../canonical/errors.ts';
import { type OpenedFile, openSqlFile, type SqlPlan } from '../util/sqlite.ts';
import { createProjectsTable, type ProjectsTable } from './projects-table.ts';
import { createSessionsTable, type SessionsTable } from './sessions-table.ts';

/** Both tables over one file. Every call may throw a `GatewayError` (`internal`) that says what the disk refused. */
export interface ProjectDatabase {
  readonly projects: ProjectsTable;
  readonly sessions: SessionsTable;
  close(): void;
}

const PLAN: SqlPlan = {
  owner: 'projects and sessions',
  version: 1,
  schema: `
    CREATE TABLE projects (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, description TEXT, path TEXT NOT NULL, source TEXT NOT NULL,
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, agent TEXT NOT NULL
    );
    CREATE TABLE sessions (
      id TEXT PRIMARY KEY, uuid TEXT NOT NULL, key TEXT, project_id TEXT, title TEXT NOT NULL, model TEXT,
      is_agent INTEGER NOT NULL, is_draft INTEGER NOT NULL, keeps_words INTEGER NOT NULL,
      created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL, turns INTEGER NOT NULL, message_count INTEGER NOT NULL,
      input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost_usd REAL, bytes INTEGER NOT NULL,
      system TEXT NOT NULL, state TEXT, state_of TEXT, point TEXT
    );
    CREATE INDEX sessions_by_time ON sessions (updated_at, id);
    CREATE INDEX sessions_by_project ON sessions (project_id);
    CREATE INDEX sessions_by_point ON sessions (point);
    CREATE TABLE messages (
      session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE, place INTEGER NOT NULL, message TEXT NOT NULL,
      PRIMARY KEY (session_id, place)
    );
  `,
};

/** Opens or makes the file; `:memory:` is one that goes with the process. */
export function openProjectDatabase(path: string): OpenedFile<ProjectDatabase> {
  return openSqlFile(path, PLAN, create);
}

function create(database: Database.Database): ProjectDatabase {
  return {
    projects: tellRefusals(createProjectsTable(database)),
    sessions: tellRefusals(createSessionsTable(database)),
    close() {
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
    },
  };
}

/** The same calls; what SQLite throws is told to a person, who alone can make room. */
function tellRefusals<Table extends object>(table: Table): Table {
  const calls = Object.entries(table).map(([name, call]: [string, (...given: unknown[]) => unknown]) => [
    name,
    (...given: unknown[]) => {
      try {
        return call(...given);
      } catch (error) {
        throw readRefusal(error);
      }
    },
  ]);
  return Object.fromEntries(calls) as Table;
}

function readRefusal(error: unknown): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (!code.startsWith('SQLITE_')) return error;
  const what = code.startsWith('SQLITE_FULL')
    ? 'the disk is full. Make room, then try again'
    : (error as Error).message;
  return new GatewayError('internal', `Patchbay could not use its file of projects and sessions: ${what}.`, {
    code: 'storage_failed',
    cause: error,
  });
}
