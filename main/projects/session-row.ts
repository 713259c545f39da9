// How one session lies in its table, and the way there and back.
import type { SessionView } from '../../shared/projects.ts';
import type { SystemMessage } from '../canonical/conversation.ts';
import type { SqlRow } from '../util/sqlite.ts';

/** A session as it is kept, without what was said in it. */
export interface StoredSession {
  readonly id: string;
  /** What the provider knows it by. */
  readonly uuid: string;
  readonly key: string | undefined;
  readonly projectId: string | undefined;
  readonly title: string;
  readonly model: string | undefined;
  readonly isAgent: boolean;
  /** Nothing has ended well in it yet, and nobody has made it on purpose. */
  readonly isDraft: boolean;
  /** What is said in it is kept; otherwise only the point that it has come to. */
  readonly keepsWords: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** How many have ended well. */
  readonly turns: number;
  readonly messageCount: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly costUsd: number | undefined;
  /** Of the messages, as JSON. */
  readonly bytes: number;
  /** The instructions before the first word. */
  readonly system: readonly SystemMessage[];
  /** The provider's own text, and for which agent or model it was kept. */
  readonly state: string | undefined;
  readonly stateOf: string | undefined;
  readonly point: string | undefined;
}

/** The session as the GUI shows it. */
export function viewSession(session: StoredSession, isRunning: boolean): SessionView {
  const { id, projectId, title, model, isAgent, key, createdAt, updatedAt, messageCount } = session;
  const { inputTokens, outputTokens, costUsd } = session;
  const sums = { createdAt, updatedAt, messageCount, inputTokens, outputTokens, costUsd };
  return { id, projectId, title, model, isAgent, key, isRunning, ...sums };
}

type Value = string | number | null;

/** Its values by column. */
export function writeSession(session: StoredSession) {
  return {
    id: session.id,
    uuid: session.uuid,
    key: writeText(session.key),
    project_id: session.projectId ?? null,
    title: writeText(session.title),
    model: writeText(session.model),
    is_agent: Number(session.isAgent),
    is_draft: Number(session.isDraft),
    keeps_words: Number(session.keepsWords),
    created_at: session.createdAt,
    updated_at: session.updatedAt,
    turns: session.turns,
    message_count: session.messageCount,
    input_tokens: session.inputTokens,
    output_tokens: session.outputTokens,
    cost_usd: session.costUsd ?? null,
    bytes: session.bytes,
    system: JSON.stringify(session.system),
    state: writeText(session.state),
    state_of: writeText(session.stateOf),
    point: session.point ?? null,
  } satisfies Record<string, Value>;
}

/** The session of a row. */
export function readSession(row: SqlRow): StoredSession {
  return {
    id: String(row.id),
    uuid: String(row.uuid),
    key: readText(row.key),
    projectId: readText(row.project_id),
    title: String(row.title),
    model: readText(row.model),
    isAgent: row.is_agent === 1,
    isDraft: row.is_draft === 1,
    keepsWords: row.keeps_words === 1,
    createdAt: Number(row.created_at),
    updatedAt: Number(row.updated_at),
    turns: Number(row.turns),
    messageCount: Number(row.message_count),
    inputTokens: Number(row.input_tokens),
    outputTokens: Number(row.output_tokens),
    costUsd: row.cost_usd === null ? undefined : Number(row.cost_usd),
    bytes: Number(row.bytes),
    system: JSON.parse(String(row.system)) as SystemMessage[],
    state: readText(row.state),
    stateOf: readText(row.state_of),
    point: readText(row.point),
  };
}

/** SQLite ends a text at a zero character and takes no half of a pair. */
function writeText(text: string | undefined): string | null {
  return text === undefined ? null : Buffer.from(text).toString().replaceAll('\0', '');
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
