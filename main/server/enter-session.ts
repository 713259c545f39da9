// Finds the lasting conversation that a request belongs to, and tells the client which it is.
import type { RunningSession, SessionBook } from '../projects/session-book.ts';
import type { ConversationExchange, RequestHeaders } from '../protocols/protocol.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import type { Visit } from './answers.ts';

/** In which a client names its session and its project, and reads ours. */
const SESSION_HEADER = 'x-session-id';
const PROJECT_HEADER = 'x-project-id';
/** What agents' names begin with, behind an account's or a provider's. */
const AGENT = 'agent:';

/**
 * Opens the session; undefined where the request belongs to none, which nearly all do. Its names stand in the response's
 * headers from now on. Throws like `SessionBook.enter`.
 */
export function enterSession(
  { conversation, wish }: Pick<ConversationExchange, 'conversation' | 'wish'>,
  { request: { headers }, response, key }: Visit,
  client: AbortController,
  record: RequestRecord,
  book: Pick<SessionBook, 'enter'>,
): RunningSession | undefined {
  const sessionId = wish?.sessionId ?? readHeader(headers, SESSION_HEADER);
  const projectId = wish?.projectId ?? readHeader(headers, PROJECT_HEADER);
  if (sessionId === undefined && projectId === undefined && !conversation.model.includes(AGENT)) return undefined;
  const session = book.enter({
    wish: { sessionId, projectId },
    conversation,
    key,
    interrupt: (reason) => client.abort(reason),
    note: (text) => record.note(text),
  });
  if (session === undefined) return undefined;
  response.setHeader(SESSION_HEADER, session.id);
  if (session.projectId !== undefined) response.setHeader(PROJECT_HEADER, session.projectId);
  return session;
}

/** A header that is sent empty names nothing. */
function readHeader(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}
