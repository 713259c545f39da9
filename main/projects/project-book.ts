// The projects: those of the database and those of the configuration file, as one list.
import { existsSync, mkdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AgentRules,
  DEFAULT_AGENT_RULES,
  type Project,
  type ProjectDraft,
  type ProjectView,
} from '../../shared/projects.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Agent, Agents } from '../providers/provider.ts';
import { readExistingFolder } from '../util/existing-folder.ts';
import { createListeners } from '../util/listeners.ts';
import { makeUnique, slug } from '../util/slug.ts';
import { isNarrower } from './narrower.ts';
import type { ProjectsTable } from './projects-table.ts';

/** Who wants something: the person in the window, or a client with its key, which may do less. */
export type ProjectAuthor = 'window' | 'client';

/** All projects. Calls that change one throw `GatewayError` with words for a person. */
export interface ProjectBook {
  /** By name. */
  list(): readonly Project[];
  find(id: string): Project | undefined;
  /** As rows of the GUI. */
  views(): readonly ProjectView[];
  view(project: Project): ProjectView;
  /**
   * `invalid-request` for a folder that is not there; `conflict` for an id that is taken (`code: 'project_exists'`). A
   * client's project gets no agent rules but the usual ones, and where it names no path an empty folder of its own.
   */
  add(draft: Omit<ProjectDraft, 'path'> & { readonly path?: string }, source: ProjectAuthor): Project;
  /**
   * Absent fields stay. An agent at work is ended where it may do less now, or gets another folder. `not-found`;
   * `invalid-request` for a project of the configuration file.
   */
  change(id: string, change: Partial<Omit<ProjectDraft, 'id'>>): Project;
  /**
   * Forgets the project and its sessions; its folder stays, unless Patchbay made it and it is empty. A client may do so
   * only with what a client made, no agent works in, and other keys than its own have no sessions in: `forbidden` otherwise.
   */
  remove(id: string, by: ProjectAuthor, key?: string): void;
  /** Those whose agents are switched on, as providers see them. */
  readonly agents: Agents;
  onChange(listener: () => void): () => void;
}

/** What a book is made of. */
export interface ProjectBookOptions {
  readonly table: ProjectsTable;
  /** Those of the configuration file, which hide others of their id. */
  readonly fileProjects: readonly Project[];
  /** Where folders are made for clients that name none. */
  readonly folder: string;
  readonly countSessions: (projectId: string) => number;
  readonly countOfOthers: (projectId: string, key: string | undefined) => number;
  readonly removeSessions: (projectId: string) => void;
  /** Ends what the project's agent does now. */
  readonly interruptAgent: (projectId: string) => void;
  /** Why no account can run this agent; undefined where one can. */
  readonly findProblem: (agent: AgentRules) => string | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** As many as clients may make; they could go on without end. */
const MOST_OF_CLIENTS = 500;

/** A book over one table. */
export function createProjectBook(options: ProjectBookOptions): ProjectBook {
  const { table, fileProjects, now } = options;
  const changed = createListeners();
  const projects = new Map([...table.list(), ...fileProjects].map((project) => [project.id, project]));

  const list = () =>
    [...projects.values()].sort((one, other) => compare(one.name, other.name) || compare(one.id, other.id));
  const ownFolder = (id: string) => join(options.folder, id);
  const save = (project: Project) => {
    table.write(project);
    projects.set(project.id, project);
    changed.tell();
    return project;
  };
  const findChangeable = (id: string): Project => {
    const project = projects.get(id);
    if (project === undefined) throw refuseUnknown(id);
    if (project.source !== 'file') return project;
    const message = `The project "${project.name}" stands in the configuration file: change it there.`;
    throw new GatewayError('invalid-request', message, { code: 'project_of_file' });
  };
  const chooseId = ({ id, name }: Pick<ProjectDraft, 'id' | 'name'>): string => {
    if (id === undefined) {
      // What an earlier project has left in its folder is not for the next one of that name.
      return makeUnique(slug(name, 'project'), (wanted) => projects.has(wanted) || existsSync(ownFolder(wanted)));
    }
    if (projects.has(id))
      throw new GatewayError('conflict', `There is a project "${id}" already.`, {
        param: 'id',
        code: 'project_exists',
      });
    return id;
  };
  const makeFolder = (id: string, source: ProjectAuthor): string => {
    if (source === 'window') throw new GatewayError('invalid-request', 'A project needs a folder.', { param: 'path' });
    const path = ownFolder(id);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  };

  return {
    list,
    find: (id) => projects.get(id),
    views: () => list().map((project) => viewProject(project, options)),
    view: (project) => viewProject(project, options),
    add: (draft, source) => {
      if (source === 'client') checkRoom([...projects.values()]);
      const id = chooseId(draft);
      const { name, description } = draft;
      const path = draft.path === undefined ? makeFolder(id, source) : readPath(draft.path);
      const at = now();
      const agent = source === 'client' ? DEFAULT_AGENT_RULES : mergeRules(DEFAULT_AGENT_RULES, draft.agent);
      const project: Project = {
        id,
        name,
        description: description || undefined,
        path,
        source,
        createdAt: at,
        updatedAt: at,
        agent,
      };
      try {
        return save(project);
      } catch (error) {
        if (draft.path === undefined) removeEmpty(path);
        throw error;
      }
    },
    change: (id, { name, description, path, agent }) => {
      const project = findChangeable(id);
      const next = save({
        ...project,
        name: name ?? project.name,
        description: description === undefined ? project.description : description || undefined,
        // A folder that has gone since must not keep the person from switching its agent off.
        path: path === undefined || path === project.path ? project.path : readPath(path),
        updatedAt: now(),
        agent: mergeRules(project.agent, agent),
      });
      if (next.path !== project.path || isNarrower(project.agent, next.agent)) options.interruptAgent(id);
      return next;
    },
    remove: (id, by, key) => {
      const project = projects.get(id);
      if (by === 'client' && project !== undefined) checkClient(project, options.countOfOthers(id, key));
      const { source, path } = findChangeable(id);
      options.removeSessions(id);
      table.remove(id);
      projects.delete(id);
      if (source === 'client' && path === ownFolder(id)) removeEmpty(path);
      changed.tell();
    },
    agents: {
      list: () =>
        list()
          .filter(({ agent }) => agent.enabled)
          .map(viewAgent),
      find: (id) => {
        const project = projects.get(id);
        return project?.agent.enabled ? viewAgent(project) : undefined;
      },
    },
    onChange: changed.add,
  };
}

function viewProject(project: Project, { countSessions, findProblem }: ProjectBookOptions): ProjectView {
  const folder = readExistingFolder(project.path);
  const problem =
    'fault' in folder
      ? `Its folder ${project.path} ${folder.fault}.`
      : project.agent.enabled
        ? findProblem(project.agent)
        : undefined;
  return { ...project, sessionCount: countSessions(project.id), ...(problem === undefined ? {} : { problem }) };
}

function viewAgent({ id, name, path, agent }: Project): Agent {
  return { id, name, path, rules: agent };
}

/** Absent rules stay; texts that are given empty are removed. */
function mergeRules(rules: AgentRules, change: Partial<AgentRules> = {}): AgentRules {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const merged = { ...rules, ...Object.fromEntries(given) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== '')) as AgentRules;
}

function readPath(text: string): string {
  const read = readExistingFolder(text);
  if ('path' in read) return read.path;
  throw new GatewayError('invalid-request', `The folder ${text} ${read.fault}.`, { param: 'path' });
}

function checkRoom(projects: readonly Project[]): void {
  if (projects.filter(({ source }) => source === 'client').length < MOST_OF_CLIENTS) return;
  const message = `Clients have made ${MOST_OF_CLIENTS} projects already: delete some.`;
  throw new GatewayError('invalid-request', message, { code: 'too_many_projects' });
}

function checkClient({ name, source, agent }: Project, ofOthers: number): void {
  const held = agent.enabled ? 'its agent is switched on' : ofOthers > 0 && 'other clients have sessions in it';
  const reason = source === 'client' ? held : 'it was not made by a client';
  if (!reason) return;
  const message = `A client may not delete the project "${name}": ${reason}. It can be removed in Patchbay's window.`;
  throw new GatewayError('forbidden', message, { code: 'project_locked' });
}

function refuseUnknown(id: string): GatewayError {
  return new GatewayError('not-found', `There is no project "${id}".`, {
    param: 'project_id',
    code: 'project_not_found',
  });
}

/** Whatever lies in it is the person's, or their agent's. */
function removeEmpty(path: string): void {
  try {
    rmdirSync(path);
  } catch {
    // Not empty, or gone already.
  }
}

const compare = (one: string, other: string) => one.localeCompare(other, 'en');
