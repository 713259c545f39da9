// Opens the books of projects and sessions over one file, and joins them. Knows no account and no request.
import { join } from 'node:path';
import type { AgentRules, Project } from '../../shared/projects.ts';
import { openProjectDatabase, type ProjectDatabase } from './database.ts';
import { createProjectBook, type ProjectBook } from './project-book.ts';
import { createSessionBook, type SessionBook } from './session-book.ts';

/** What the books are made of. */
export interface ProjectRoomsOptions {
  readonly dataFolder: string;
  /** Those of the configuration file. */
  readonly fileProjects: readonly Project[];
  /** How long an unused session is kept, read at each clean-up. */
  readonly keepDays: () => number;
  /** Why no account can run an agent with these rules; undefined where one can. */
  readonly findProblem: (agent: AgentRules) => string | undefined;
  /** Sessions are gone for good; these are the texts that providers had kept in them. */
  readonly onForgotten: (states: readonly string[]) => void;
  /** A sentence for the person about the file. */
  readonly onMishap: (text: string) => void;
  /** Keeps everything in memory. */
  readonly inMemory?: boolean;
}

/** Both books. */
export interface ProjectRooms {
  readonly projects: ProjectBook;
  readonly sessions: SessionBook;
  /** A second call is nothing. */
  close(): void;
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** Opens both. A file that cannot be used at all costs the person what they add, and a sentence, never the start. */
export function openProjects(options: ProjectRoomsOptions): ProjectRooms {
  const { keepDays, onMishap } = options;
  const database = open(options);
  const projects: ProjectBook = createProjectBook({
    table: database.projects,
    fileProjects: options.fileProjects,
    folder: join(options.dataFolder, 'projects'),
    countSessions: (id) => sessions.count(id),
    countOfOthers: (id, key) => sessions.countOfOthers(id, key),
    removeSessions: (id) => sessions.removeOf(id),
    interruptAgent: (id) => sessions.interruptAgent(id),
    findProblem: options.findProblem,
    now: Date.now,
  });
  const sessions: SessionBook = createSessionBook({
    table: database.sessions,
    hasProject: (id) => projects.find(id) !== undefined,
    findAgent: projects.agents.find,
    now: Date.now,
    onForgotten: options.onForgotten,
    onFailure: (error) => onMishap(`What was said could not be kept with its session: ${readReason(error)}.`),
  });
  const prune = () => {
    try {
      sessions.prune(Date.now() - keepDays() * DAY_MS);
    } catch (error) {
      onMishap(`Old sessions could not be removed: ${readReason(error)}.`);
    }
  };
  prune();
  const timer = setInterval(prune, HOUR_MS);
  timer.unref();
  let isOpen = true;
  return {
    projects,
    sessions,
    close: () => {
      clearInterval(timer);
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}

function open({ dataFolder, onMishap, inMemory }: ProjectRoomsOptions): ProjectDatabase {
  const path = join(dataFolder, 'sessions.db');
  try {
    const { database, mishap } = openProjectDatabase(inMemory ? ':memory:' : path);
    if (mishap !== undefined) onMishap(mishap);
    return database;
  } catch (error) {
    onMishap(
      `${path} cannot be used (${readReason(error)}): projects and sessions are kept until Patchbay stops only.`,
    );
    return openProjectDatabase(':memory:').database;
  }
}

/** To stand within a sentence. */
function readReason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
}
