// One request in a session: keeps its turn when the reply has ended well, and nothing of it otherwise.
import { createCollector, type Reply } from '../canonical/collect.ts';
import type { ConversationRequest, Message } from '../canonical/conversation.ts';
import type { EventStream } from '../canonical/events.ts';
import type { AttemptSession } from '../providers/context.ts';
import type { Continuation } from './continuation.ts';
import { listGroups, nameAfter } from './essence.ts';
import type { RunningSession } from './session-book.ts';
import type { StoredSession } from './session-row.ts';
import type { SessionsTable } from './sessions-table.ts';

/** What one run is made of. */
export interface RunParts {
  /** As it stands in the table. */
  readonly session: StoredSession;
  readonly continuation: Continuation;
  readonly conversation: ConversationRequest;
  /** `continuation.added` as JSON. */
  readonly added: readonly string[];
  /** For which agent or model the provider's text holds. */
  readonly stateOf: string;
  readonly isAgent: boolean;
  /** Where the session has none yet. */
  readonly projectId: string | undefined;
  readonly title: string;
  readonly table: SessionsTable;
  readonly now: () => number;
  readonly note: (text: string) => void;
  /** What the disk refused. */
  readonly onFailure: (error: unknown) => void;
  /** The session is free for the next request. */
  readonly release: () => void;
  /** False once somebody has removed the session. */
  readonly isThere: () => boolean;
}

/** No reply that is kept is longer, in characters. */
const MOST_REPLY = 16 * 1024 ** 2;

/** A run that has just begun. */
export function createSessionRun(parts: RunParts): RunningSession {
  const { session, continuation, table } = parts;
  const collector = createCollector(MOST_REPLY);
  let isTooLong = false;
  let kept = false;
  let left = false;
  let state: string | undefined;
  let costUsd: number | undefined;

  /** What the disk refuses must not take the reply from the client. */
  const guard = (work: () => void) => {
    try {
      work();
    } catch (error) {
      parts.onFailure(error);
      parts.note('What was said could not be kept with the session: its database refused it.');
    }
  };
  const finish = (reply: Reply | undefined) => {
    if (!parts.isThere()) return;
    if (reply === undefined) return parts.note('The reply is too long to be kept: its session stays as it was.');
    guard(() => {
      kept = table.addTurn(createTurn(parts, reply, state, costUsd));
      if (!kept) parts.note('What was said was not kept: the session has gone meanwhile.');
    });
    if (kept) parts.release();
  };

  const attempt: AttemptSession = {
    id: session.uuid,
    state: continuation.fits && session.stateOf === parts.stateOf ? session.state : undefined,
    ...(continuation.isPart ? { isPart: true } : {}),
    keep: (text) => {
      state = text;
      if (kept) guard(() => table.setState(session.id, session.turns + 1, text));
    },
    spend: (usd) => {
      if (kept) guard(() => table.addSpending(session.id, { inputTokens: 0, outputTokens: 0, costUsd: usd }));
      else costUsd = (costUsd ?? 0) + usd;
    },
  };

  const watch = async function* (events: EventStream): EventStream {
    for await (const batch of events) {
      for (const event of batch) {
        if (event.type === 'error' || isTooLong) continue;
        try {
          collector.read(event);
        } catch {
          isTooLong = true;
        }
      }
      // Before the client reads it: it may come back with its next words at once.
      if (batch.at(-1)?.type === 'reply-end') finish(isTooLong ? undefined : collector.reply);
      yield batch;
    }
  };

  return {
    id: session.id,
    projectId: parts.projectId,
    conversation: parts.conversation,
    attempt,
    watch,
    leave: () => {
      if (left) return;
      left = true;
      if (!kept && parts.isThere()) {
        const { usage = {} } = collector;
        const { inputTokens = 0, outputTokens = 0 } = usage;
        guard(() =>
          session.isDraft
            ? table.remove(session.id)
            : table.addSpending(session.id, { inputTokens, outputTokens, costUsd }),
        );
      }
      parts.release();
    },
  };
}

function createTurn(
  { session, continuation, added, stateOf, isAgent, projectId, title, conversation, now }: RunParts,
  reply: Reply,
  state: string | undefined,
  costUsd: number | undefined,
): Parameters<SessionsTable['addTurn']>[0] {
  const answers = readAnswer(reply);
  const written = session.keepsWords ? [...added, ...answers.map((answer) => JSON.stringify(answer))] : [];
  const { replaces, system, point } = continuation;
  const grown = written.reduce((sum, message) => sum + message.length, 0);
  const count = continuation.added.length + answers.length;
  return {
    id: session.id,
    after: session.turns,
    replaces,
    added: written,
    session: {
      ...session,
      title,
      projectId,
      model: conversation.model,
      isAgent: session.isAgent || isAgent,
      isDraft: false,
      updatedAt: now(),
      turns: session.turns + 1,
      messageCount: (replaces ? 0 : session.messageCount) + count,
      inputTokens: reply.usage?.inputTokens ?? 0,
      outputTokens: reply.usage?.outputTokens ?? 0,
      costUsd,
      bytes: (replaces ? 0 : session.bytes) + grown,
      system: session.keepsWords ? system : [],
      state,
      stateOf,
      point: point === undefined ? undefined : nameAfter(point, listGroups(answers)),
    },
  };
}

/** The reply as a message, if it says anything; thoughts only where an upstream has signed them and wants them back. */
function readAnswer({ parts }: Reply): Message[] {
  const said = parts.filter((part) => part.type !== 'reasoning' || part.metadata !== undefined);
  return said.length === 0 ? [] : [{ role: 'assistant', parts: said }];
}
