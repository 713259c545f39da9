// Projects as clients see, make and delete them.
import type { Project } from '../../../shared/projects.ts';
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { asObject, asString, asTextOrNone, refuse } from '../kit/fields.ts';
import type { RouteRequest, WireAnswer } from '../protocol.ts';
import type { ClientBooks } from './books.ts';
import { readPage, writePage } from './pages.ts';

type Projects = ClientBooks['projects'];

const MOST_NAME = 200;
const MOST_DESCRIPTION = 2_000;
const MOST_PATH = 4_096;

/** A page of the projects, by name. */
export function listProjects(request: RouteRequest, projects: Projects): WireAnswer {
  const page = readPage(request);
  const all = projects.list();
  const data = all.slice(page.offset, page.offset + page.perPage).map(writeProject);
  return { status: 200, body: writePage(data, all.length, page) };
}

/** One project. */
export function showProject({ name }: RouteRequest, projects: Projects): WireAnswer {
  const project = projects.find(name);
  if (project !== undefined) return { status: 200, body: writeProject(project) };
  throw new GatewayError('not-found', `There is no project "${name}".`, { code: 'project_not_found' });
}

/** Makes a project out of a body. */
export function addProject(body: unknown, projects: Projects): WireAnswer {
  const fields = asObject(body, '');
  const name = asString(fields.name, 'name').trim();
  if (name === '' || name.length > MOST_NAME) refuse('name', `must have 1 to ${MOST_NAME} characters`);
  const draft = {
    name,
    description: readShort(fields.description, 'description', MOST_DESCRIPTION),
    path: readShort(fields.path, 'path', MOST_PATH),
  };
  return { status: 200, body: writeProject(projects.add(draft, 'client')) };
}

/** Forgets a project that a client made. */
export function deleteProject({ name, key }: RouteRequest, projects: Projects): WireAnswer {
  projects.remove(name, 'client', key);
  return { status: 200, body: { project_id: name, status: 'deleted' } };
}

/** A text of at most `most` characters; nothing and an empty one are none. */
export function readShort(value: JsonObject[string] | undefined, name: string, most: number): string | undefined {
  const text = asTextOrNone(value, name) || undefined;
  if (text !== undefined && text.length > most) refuse(name, `must have at most ${most} characters`);
  return text;
}

function writeProject({ id, name, description, path, createdAt, updatedAt, agent }: Project): JsonObject {
  return {
    id,
    name,
    description: description ?? null,
    path,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
    is_active: true,
    agent_model: agent.enabled ? `agent:${id}` : null,
  };
}
