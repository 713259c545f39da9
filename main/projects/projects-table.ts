// The projects that the window and clients have made, as rows.
import type Database from 'libsql';
import { AgentRules, DEFAULT_AGENT_RULES, Project } from '../../shared/projects.ts';
import type { SqlRow } from '../util/sqlite.ts';

/** The stored projects. */
export interface ProjectsTable {
  list(): Project[];
  /** Adds it, or replaces the one with its id. */
  write(project: Project): void;
  remove(id: string): void;
}

/** The table in an open database. */
export function createProjectsTable(database: Database.Database): ProjectsTable {
  const insert = database.prepare(
    `INSERT OR REPLACE INTO projects (id, name, description, path, source, created_at, updated_at, agent)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  return {
    list: () => (database.prepare('SELECT * FROM projects').all() as SqlRow[]).flatMap(readProject),
    write: ({ id, name, description, path, source, createdAt, updatedAt, agent }) =>
      void insert.run(id, name, description ?? null, path, source, createdAt, updatedAt, JSON.stringify(agent)),
    remove: (id) => void database.prepare('DELETE FROM projects WHERE id = ?').run(id),
  };
}

/** A row that another program has spoiled is left where it is; it never becomes an agent with rules that nobody gave. */
function readProject(row: SqlRow): Project[] {
  const read = Project.safeParse({
    id: row.id,
    name: row.name,
    description: row.description ?? undefined,
    path: row.path,
    source: row.source,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    agent: readRules(String(row.agent)),
  });
  return read.success ? [read.data] : [];
}

function readRules(text: string): AgentRules {
  try {
    return AgentRules.parse({ ...DEFAULT_AGENT_RULES, ...JSON.parse(text) });
  } catch {
    return DEFAULT_AGENT_RULES;
  }
}
