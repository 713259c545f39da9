// Projects and sessions over HTTP, for clients that go on in lasting conversations; beside OpenAI's paths and in its shapes.
import { writeError } from '../kit/openai-errors.ts';
import type { OwnRoute, Protocol, RouteRequest } from '../protocol.ts';
import type { ClientBooks } from './books.ts';
import { addProject, deleteProject, listProjects, showProject } from './projects.ts';
import {
  addSession,
  deleteSession,
  listSessions,
  showSession,
  showStats,
  showStatus,
  stopSession,
} from './sessions.ts';

/** The face over these books. */
export function createProjectsApi({ projects, sessions }: ClientBooks): Protocol {
  const get = (path: string, answer: OwnRoute['answer']): OwnRoute => ({ action: 'own', method: 'GET', path, answer });
  const remove = (path: string, answer: OwnRoute['answer']): OwnRoute => ({
    action: 'own',
    method: 'DELETE',
    path,
    answer,
  });
  const post = (path: string, answer: OwnRoute['answer']): OwnRoute => ({
    action: 'own',
    method: 'POST',
    readsBody: true,
    path,
    answer,
  });
  return {
    id: 'projects-api',
    name: 'Projects and sessions',
    basePath: '/v1',
    listed: false,
    routes: [
      get('/v1/projects', (request) => listProjects(request, projects)),
      post('/v1/projects', (_request, body) => addProject(body, projects)),
      get('/v1/projects/{id}', (request) => showProject(request, projects)),
      remove('/v1/projects/{id}', (request) => deleteProject(request, projects)),
      get('/v1/sessions', (request) => listSessions(request, sessions)),
      post('/v1/sessions', (request, body) => addSession(request, body, sessions)),
      get('/v1/sessions/stats', (request: RouteRequest) => showStats(request, sessions)),
      get('/v1/sessions/{id}', (request) => showSession(request, sessions)),
      remove('/v1/sessions/{id}', (request) => deleteSession(request, sessions)),
      get('/v1/chat/completions/{id}/status', (request) => showStatus(request, sessions)),
      remove('/v1/chat/completions/{id}', (request) => stopSession(request, sessions)),
    ],
    writeError,
  };
}
