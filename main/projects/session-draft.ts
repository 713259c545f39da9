// A session in which nothing was said yet.
import { randomUUID } from 'node:crypto';
import type { Message } from '../canonical/conversation.ts';
import type { StoredSession } from './session-row.ts';

/** What is known of a session before its first word. */
export interface SessionDraft {
  /** Name of the client key that begins it. */
  readonly key: string | undefined;
  readonly projectId?: string;
  readonly title?: string;
  readonly model?: string;
  /** What a client that sends no instructions of its own wants the model to be told. */
  readonly instructions?: string;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** The row of a session that may never come to anything. */
export function draftSession(
  draft: SessionDraft & { readonly id: string; readonly keepsWords: boolean; readonly now: number },
): StoredSession {
  const { id, key, projectId, title = '', model, instructions, keepsWords, now } = draft;
  return {
    id,
    uuid: UUID.test(id) ? id : randomUUID(),
    key,
    projectId,
    title,
    model,
    isAgent: false,
    isDraft: true,
    keepsWords,
    createdAt: now,
    updatedAt: now,
    turns: 0,
    messageCount: 0,
    inputTokens: 0,
    outputTokens: 0,
    costUsd: undefined,
    bytes: 0,
    system: instructions === undefined ? [] : [{ role: 'system', parts: [{ type: 'text', text: instructions }] }],
    state: undefined,
    stateOf: undefined,
    point: undefined,
  };
}

const TITLE_LENGTH = 80;

/** A title out of the first thing that the person said. */
export function readFirstWords(messages: readonly Message[]): string {
  for (const { role, parts } of messages) {
    if (role !== 'user') continue;
    const text = parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(' ');
    const words = text.slice(0, 1_000).replace(/\s+/g, ' ').trim();
    if (words !== '') return words.length <= TITLE_LENGTH ? words : `${words.slice(0, TITLE_LENGTH - 1)}…`;
  }
  return '';
}
