// Sessions as clients see, begin, end and delete them: only those of their own key.
import type { SessionView } from '../../../shared/projects.ts';
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { asObject } from '../kit/fields.ts';
import type { RouteRequest, WireAnswer } from '../protocol.ts';
import type { ClientBooks } from './books.ts';
import { readPage, writePage } from './pages.ts';
import { readShort } from './projects.ts';

type Sessions = ClientBooks['sessions'];

const MOST_NAME = 200;
const MOST_INSTRUCTIONS = 1_000_000;

/** A page of the sessions, the newest first; of one project where the query names it. */
export function listSessions(request: RouteRequest, sessions: Sessions): WireAnswer {
  const page = readPage(request);
  const projectId = new URLSearchParams(request.query).get('project_id') || undefined;
  const found = sessions.list({ key: request.key, projectId, offset: page.offset, limit: page.perPage });
  const data = found.sessions.map((session) => writeSession(session, sessions));
  return { status: 200, body: writePage(data, found.total, page) };
}

/** One session. */
export function showSession(request: RouteRequest, sessions: Sessions): WireAnswer {
  return { status: 200, body: writeSession(find(request, sessions), sessions) };
}

/** Begins a session out of a body. */
export function addSession({ key }: RouteRequest, body: unknown, sessions: Sessions): WireAnswer {
  const fields = asObject(body, '');
  const session = sessions.add({
    key,
    projectId: readShort(fields.project_id, 'project_id', MOST_NAME),
    title: readShort(fields.title, 'title', MOST_NAME),
    model: readShort(fields.model, 'model', MOST_NAME),
    instructions: readShort(fields.system_prompt, 'system_prompt', MOST_INSTRUCTIONS),
  });
  return { status: 200, body: writeSession(session, sessions) };
}

/** Ends what runs in a session and forgets it. */
export function deleteSession(request: RouteRequest, sessions: Sessions): WireAnswer {
  const { id } = find(request, sessions);
  sessions.remove(id);
  return { status: 200, body: { session_id: id, status: 'deleted' } };
}

/** Ends what runs in a session, which stays. */
export function stopSession(request: RouteRequest, sessions: Sessions): WireAnswer {
  const { id } = find(request, sessions);
  sessions.interrupt(id);
  return { status: 200, body: { session_id: id, status: 'stopped' } };
}

/** Whether something runs in a session, and what it has come to. */
export function showStatus(request: RouteRequest, sessions: Sessions): WireAnswer {
  const session = find(request, sessions);
  return { status: 200, body: { session_id: session.id, ...writeState(session) } };
}

/** What the client's sessions come to. */
export function showStats({ key }: RouteRequest, sessions: Sessions): WireAnswer {
  const { sessions: count, messages, tokens, costUsd, models, running } = sessions.sum(key);
  return {
    status: 200,
    body: {
      session_stats: {
        active_sessions: count,
        total_tokens: tokens,
        total_cost: costUsd ?? null,
        total_messages: messages,
        models_in_use: models,
      },
      active_claude_sessions: running.length,
      claude_sessions: running,
    },
  };
}

function find({ name, key }: RouteRequest, sessions: Sessions): SessionView {
  const session = sessions.find(name);
  if (session !== undefined && session.key === key) return session;
  throw new GatewayError('not-found', `There is no session "${name}".`, { code: 'session_not_found' });
}

function writeSession(session: SessionView, sessions: Sessions): JsonObject {
  const { id, title } = session;
  return { id, title, system_prompt: sessions.readInstructions(id) ?? null, is_active: true, ...writeState(session) };
}

function writeState(session: SessionView): JsonObject {
  const { projectId, model, isRunning, createdAt, updatedAt, inputTokens, outputTokens, costUsd, messageCount } =
    session;
  return {
    project_id: projectId ?? null,
    model: model ?? null,
    is_running: isRunning,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
    total_tokens: inputTokens + outputTokens,
    // Only some programs estimate what they cost; nought would be a claim.
    total_cost: costUsd ?? null,
    message_count: messageCount,
  };
}
