// The sessions: lasting conversations that a client can go on with by naming them, and those of agents. Knows when one
// runs; what happens in it is the gateway's business.
import { randomUUID } from 'node:crypto';
import type { SessionQuery, SessionView } from '../../shared/projects.ts';
import type { ConversationRequest } from '../canonical/conversation.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { EventStream } from '../canonical/events.ts';
import type { AttemptSession } from '../providers/context.ts';
import type { Agent } from '../providers/provider.ts';
import { createListeners } from '../util/listeners.ts';
import { continueKept, continueUnkept, namePoint } from './continuation.ts';
import { draftSession, readFirstWords, type SessionDraft } from './session-draft.ts';
import {
  checkId,
  checkSize,
  createRulesChanged,
  refuseBusy,
  refuseKeyless,
  refuseMismatch,
  refuseProject,
  refuseUnknown,
} from './session-refusals.ts';
import { type StoredSession, viewSession } from './session-row.ts';
import { createSessionRun } from './session-run.ts';
import type { SessionSums, SessionsTable } from './sessions-table.ts';

/** All sessions. */
export interface SessionBook {
  /** `key`, where it is given, leaves only what that client key began; `undefined` stands for who needed none. */
  list(query: SessionQuery & { readonly key?: string | undefined }): { sessions: SessionView[]; total: number };
  find(id: string): SessionView | undefined;
  /** The instructions that it was given before its first word; undefined where there are none or none are kept. */
  readInstructions(id: string): string | undefined;
  /** Begins one in which nothing was said yet. Throws `GatewayError`: `not-found` for a project that is not there. */
  add(draft: SessionDraft): SessionView;
  /** What the sessions of one client key come to. */
  sum(key: string | undefined): SessionSums & { readonly running: readonly string[] };
  /** How many a project has. */
  count(projectId: string): number;
  /** How many of them other client keys than this one began. */
  countOfOthers(projectId: string, key: string | undefined): number;
  /** Ends what runs in the session: its client gets an error, or its stream is cut. Throws `not-found`. */
  interrupt(id: string): void;
  /** Ends what a project's agent does now, as its rules do not hold any more. */
  interruptAgent(projectId: string): void;
  /** Interrupts and forgets it. Throws `not-found`. */
  remove(id: string): void;
  /** The same for all of a project's. */
  removeOf(projectId: string): void;
  /**
   * Opens the session that a request belongs to; undefined where it belongs to none: the client names neither session nor
   * project, and no agent is asked. Throws `GatewayError`: `conflict` where the session runs already, `forbidden` where an
   * agent is asked without a key.
   */
  enter(entry: SessionEntry): RunningSession | undefined;
  /** Forgets what was not used since `oldestAt`, and the oldest ones where there are too many. */
  prune(oldestAt: number): void;
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

/** What a book is made of. */
export interface SessionBookOptions {
  readonly table: SessionsTable;
  readonly hasProject: (id: string) => boolean;
  /** An agent that is switched on. */
  readonly findAgent: (id: string) => Agent | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** What the disk refused. */
  readonly onFailure: (error: unknown) => void;
  /** Sessions are gone in which a provider had kept these texts. */
  readonly onForgotten: (states: readonly string[]) => void;
}

/** What is kept at most, in sessions and characters; the oldest go first. */
const MOST_SESSIONS = 5_000;
const MOST_STORED = 512 * 1024 ** 2;
const ROWS_BETWEEN_PRUNES = 500;

interface Place {
  readonly session: StoredSession;
  /** The agent that is at work in it. */
  readonly agentId: string | undefined;
  readonly interrupt: (reason: unknown) => void;
}

/** A book over one table; what an earlier Patchbay was killed in the middle of is forgotten. */
export function createSessionBook(options: SessionBookOptions): SessionBook {
  const { table, now } = options;
  const changed = createListeners();
  const running = new Map<string, Place>();
  table.removeDrafts();

  const view = (session: StoredSession): SessionView => viewSession(session, running.has(session.id));
  const find = (id: string): StoredSession => table.find(id) ?? refuseUnknown(id);
  const end = (id: string, words: string) =>
    running.get(id)?.interrupt(new GatewayError('aborted', words, { code: 'session_interrupted' }));
  const endAgent = (projectId: string) => {
    for (const { agentId, interrupt } of running.values()) if (agentId === projectId) interrupt(createRulesChanged());
  };
  const remove = (id: string) => {
    end(id, 'The session was removed.');
    running.delete(id);
    forget(table.remove(id));
  };
  const forget = (states: readonly string[]) => {
    if (states.length > 0) options.onForgotten(states);
  };

  let addedRows = 0;
  const addRow = (session: StoredSession) => {
    table.add(session);
    addedRows += 1;
    // A client may begin sessions faster than the clean-up comes.
    if (addedRows % ROWS_BETWEEN_PRUNES === 0) prune(0);
  };
  const prune = (oldestAt: number) => {
    const { gone, states } = table.prune({ oldestAt, sessions: MOST_SESSIONS, bytes: MOST_STORED });
    forget(states);
    if (gone > 0) changed.tell();
  };

  const run = (session: StoredSession, entry: SessionEntry, agent: Agent | undefined, projectId?: string) => {
    const { conversation, note } = entry;
    const stateOf = agent === undefined ? conversation.model : `agent:${agent.id}`;
    const state = session.stateOf === stateOf ? session.state : undefined;
    const continuation = session.keepsWords
      ? continueKept(session.system, table.readMessages(session.id), conversation.messages)
      : continueUnkept({ point: session.point, state }, conversation.messages);
    const added = session.keepsWords ? continuation.added.map((message) => JSON.stringify(message)) : [];
    const size = [...added, JSON.stringify(continuation.system)].reduce((sum, { length }) => sum + length, 0);
    if (session.keepsWords) checkSize((continuation.replaces ? 0 : session.bytes) + size);
    if (continuation.replaces && !continuation.fits && session.turns > 0)
      note("The client's own history differs from what was said in its session, and takes its place.");
    if (session.isDraft) addRow({ ...session, isAgent: agent !== undefined });
    const place: Place = { session, agentId: agent?.id, interrupt: entry.interrupt };
    running.set(session.id, place);
    changed.tell();
    return createSessionRun({
      session,
      continuation,
      conversation: { ...conversation, messages: continuation.messages },
      added,
      stateOf,
      isAgent: agent !== undefined,
      projectId: session.projectId ?? projectId,
      title: session.title || readFirstWords(conversation.messages),
      table,
      now,
      note,
      onFailure: options.onFailure,
      isThere: () => running.get(session.id) === place,
      release: () => {
        if (running.get(session.id) !== place) return;
        running.delete(session.id);
        changed.tell();
      },
    });
  };

  /** The session of that name, begun with it where it is new. */
  const openNamed = (id: string, { key }: SessionEntry, model: string, projectId: string | undefined) => {
    const known = table.find(id);
    if (known === undefined) return draftSession({ id, key, model, projectId, keepsWords: true, now: now() });
    if (known.key !== key) return refuseUnknown(id);
    if (running.has(id)) throw refuseBusy(id);
    if (projectId !== undefined && known.projectId !== undefined && known.projectId !== projectId) {
      refuseMismatch(`The session "${id}" belongs to the project "${known.projectId}", not to "${projectId}".`);
    }
    return known;
  };
  /** The agent's session whose newest turn ends where the client goes on. */
  const openUnnamed = ({ key, conversation }: SessionEntry, agent: Agent) => {
    const { model } = conversation;
    const { before } = namePoint(conversation.messages);
    const found = before === undefined ? [] : table.findAt(key, model, before).filter(({ id }) => !running.has(id));
    const { id: projectId, name: title } = agent;
    const id = randomUUID();
    return found[0] ?? draftSession({ id, key, model, projectId, title, keepsWords: false, now: now() });
  };

  return {
    list: (query) => {
      const { sessions, total } = table.list({ ...query, keys: 'key' in query ? [query.key] : undefined });
      return { sessions: sessions.map(view), total };
    },
    find: (id) => {
      const session = table.find(id);
      return session === undefined ? undefined : view(session);
    },
    readInstructions: (id) => {
      const texts = find(id).system.flatMap(({ parts }) => parts.map(({ text }) => text));
      return texts.length === 0 ? undefined : texts.join('\n');
    },
    add: (draft) => {
      if (draft.projectId !== undefined && !options.hasProject(draft.projectId)) refuseProject(draft.projectId);
      const id = randomUUID();
      const session = { ...draftSession({ ...draft, id, keepsWords: true, now: now() }), isDraft: false };
      checkSize(JSON.stringify(session.system).length);
      addRow(session);
      changed.tell();
      return view(session);
    },
    sum: (key) => ({
      ...table.sum(key),
      running: [...running].filter(([, { session }]) => session.key === key).map(([id]) => id),
    }),
    count: table.count,
    countOfOthers: table.countOfOthers,
    interrupt: (id) => {
      find(id);
      end(id, 'The session was interrupted.');
    },
    interruptAgent: endAgent,
    remove: (id) => {
      find(id);
      remove(id);
      changed.tell();
    },
    removeOf: (projectId) => {
      for (const id of table.listOf(projectId)) remove(id);
      // Its agent may work in a session that was no project's when it began.
      endAgent(projectId);
      changed.tell();
    },
    enter: (entry) => {
      const { wish, conversation } = entry;
      const agentId = /^(?:[^/]*\/)?agent:(.+)$/.exec(conversation.model)?.[1];
      const agent = agentId === undefined ? undefined : options.findAgent(agentId);
      if (wish.sessionId === undefined && wish.projectId === undefined && agent === undefined) return undefined;
      if (agent !== undefined && entry.key === undefined) refuseKeyless();
      if (wish.projectId !== undefined && !options.hasProject(wish.projectId)) refuseProject(wish.projectId);
      if (agent !== undefined && wish.projectId !== undefined && wish.projectId !== agent.id) {
        refuseMismatch(`The agent "${agent.id}" works in its own project, not in "${wish.projectId}".`);
      }
      const projectId = wish.projectId ?? agent?.id;
      if (wish.sessionId === undefined && agent !== undefined)
        return run(openUnnamed(entry, agent), entry, agent, projectId);
      const id = wish.sessionId === undefined ? randomUUID() : checkId(wish.sessionId);
      return run(openNamed(id, entry, conversation.model, projectId), entry, agent, projectId);
    },
    prune,
    onChange: changed.add,
  };
}
