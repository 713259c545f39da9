// Recognises the conversation that a request goes on with, so that the account which has answered it is asked again and what
// its upstream has cached of it still counts. Reads no more than a little of any request.
import { hash } from 'node:crypto';
import type { ConversationRequest, JsonObject } from '../canonical/conversation.ts';
import type { PoolWish } from './pool.ts';

/** What is known of who asks. */
export interface Asker {
  /** Name of the client key. */
  readonly clientKey?: string;
  /** Id of the lasting conversation. */
  readonly sessionId?: string;
}

/** More of a text does not make it easier to tell from others. */
const MOST_CHARACTERS = 2_000;

/** The conversation of `request`; empty for one that cannot be recognised. */
export function readConversation(request: ConversationRequest, { clientKey = '', sessionId }: Asker): PoolWish {
  if (sessionId !== undefined) return { conversation: `session ${sessionId}` };
  const named = readName(request);
  if (named !== undefined) return { conversation: digest('named', clientKey, named) };
  const words = readFirstWords(request);
  if (words === undefined) return {};
  // Many conversations begin with the same words. Only what comes after them tells that this one goes on.
  const isNew = !request.messages.some(({ role }) => role === 'assistant');
  return { conversation: digest('words', clientKey, readPerson(request), words), ...(isNew ? { isNew } : {}) };
}

/** The name that the client itself has for the conversation, where its dialect has a place for one. */
function readName({ metadata }: ConversationRequest): string | undefined {
  const cacheKey = readText(asObject(metadata?.openai?.fields).prompt_cache_key);
  const toldKey = readText(asObject(metadata?.responses?.told).prompt_cache_key);
  // A person has many conversations; some clients put the one that runs into the person's name.
  const person = readPersonOf(metadata);
  return cacheKey ?? toldKey ?? (person !== undefined && /session/i.test(person) ? person : undefined);
}

const readPerson = ({ metadata }: ConversationRequest): string => readPersonOf(metadata) ?? '';

function readPersonOf(metadata: ConversationRequest['metadata']): string | undefined {
  return readText(asObject(asObject(metadata?.anthropic?.fields).metadata).user_id);
}

/** Instructions are the same in all conversations of a client; what the person said first is not. */
function readFirstWords({ messages }: ConversationRequest): string | undefined {
  for (const { role, parts } of messages) {
    if (role !== 'user') continue;
    const text = parts
      .flatMap((part) => (part.type === 'text' ? [part.text.slice(0, MOST_CHARACTERS)] : []))
      .join('\n');
    if (text !== '') return text.slice(0, MOST_CHARACTERS);
  }
  return undefined;
}

/** The length of each part goes with it, so that no two lists come to the same text. */
function digest(...parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length} ${part.slice(0, MOST_CHARACTERS)}`).join('\n');
  return hash('sha256', text, 'base64url');
}

const readText = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
const asObject = (value: unknown): JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
