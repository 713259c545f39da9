// The sessions: lasting conversations that a client can go on with by naming them, and those of agents. Knows when one
// runs; what happens in it is the gateway's business.
import type { SessionQuery, SessionView } from '../../shared/projects.ts';
import type { ConversationRequest } from '../canonical/conversation.ts';
import type { EventStream } from '../canonical/events.ts';
import type { AttemptSession } from '../providers/provider.ts';

/** All sessions. */
export interface SessionBook {
  list(query: SessionQuery & { readonly key?: string | undefined }): { sessions: SessionView[]; total: number };
  find(id: string): SessionView | undefined;
  /** Ends what runs in the session: its client gets an error, or its stream is cut. Throws `not-found`. */
  interrupt(id: string): void;
  /** Interrupts and forgets it. Throws `not-found`. */
  remove(id: string): void;
  /**
   * Opens the session that a request belongs to; undefined where it belongs to none: the client names neither session nor
   * project, and no agent is asked. Throws `GatewayError`: `conflict` where the session runs already.
   */
  enter(entry: SessionEntry): RunningSession | undefined;
  onChange(listener: () => void): () => void;
}

/** A request at a session's door. */
export interface SessionEntry {
  /** What the client says of it, in headers or fields. */
  readonly wish: { readonly sessionId?: string; readonly projectId?: string };
  /** As the client sent it; with a named session it may hold the new messages only. */
  readonly conversation: ConversationRequest;
  /** Name of the client key; each sees its own sessions only. */
  readonly key: string | undefined;
  /** Ends the request. */
  readonly interrupt: (reason: unknown) => void;
  /** Puts a sentence on the request's log record. */
  readonly note: (text: string) => void;
}

/** A session while one request runs in it. */
export interface RunningSession {
  readonly id: string;
  readonly projectId: string | undefined;
  /** The whole conversation. */
  readonly conversation: ConversationRequest;
  /** For the provider. */
  readonly attempt: AttemptSession;
  /** Passes the events on, and keeps what was said when they end well. */
  watch(events: EventStream): EventStream;
  /** The request is over, well or not; to be called once, whatever happened. */
  leave(): void;
}
