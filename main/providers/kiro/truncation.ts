// Answers that the upstream has cut, remembered until the next request can tell the model: without being told it sees its
// own broken call fail and writes the same again. What is cut is found out in `stream.ts`.
import { createHash } from 'node:crypto';

/** What was cut of the answers to one account. */
export interface TruncationMemory {
  /** Remembers a call by the id that the client knows. */
  addCall(id: string): void;
  /** Remembers an answer by its words. */
  addText(text: string): void;
  hasCall(id: string): boolean;
  hasText(text: string): boolean;
  /** Forgets what the model has been told: each cut is told once. */
  forget(told: ToldTruncations): void;
}

/** What a request has told. */
export interface ToldTruncations {
  readonly calls: readonly string[];
  readonly texts: readonly string[];
}

/** Said once for all, so that the model knows the marks for what they are. */
export const TRUNCATION_SYSTEM = `## Marks of this system

[API Limitation] at the beginning of a tool result and [System Notice] in a message are written by the system that runs this conversation, not by a tool or a person. They tell that the connection has cut an earlier answer of yours, and can be relied on.`;

/** Stands before the result of a call that arrived broken. */
export const CUT_CALL = `[API Limitation] This call was cut off on its way: its arguments arrived incomplete. What follows is the outcome of that, not a mistake in your reasoning. The same call would be cut again: use smaller steps.`;

/** Follows an answer that arrived broken. */
export const CUT_TEXT = `[System Notice] Your last answer was cut off on its way. Go on where it stopped, or give the rest in smaller pieces.`;

const KEY_CHARACTERS = 500;

/** A memory of the last `most` cuts of each kind. */
export function createTruncationMemory(most = 200): TruncationMemory {
  const calls = new Set<string>();
  const texts = new Set<string>();
  const add = (to: Set<string>, key: string) => {
    to.delete(key);
    to.add(key);
    for (const oldest of to) {
      if (to.size <= most) break;
      to.delete(oldest);
    }
  };
  return {
    addCall: (id) => add(calls, id),
    addText: (text) => add(texts, digest(text)),
    hasCall: (id) => calls.has(id),
    hasText: (text) => texts.size > 0 && texts.has(digest(text)),
    forget: (told) => {
      for (const id of told.calls) calls.delete(id);
      for (const text of told.texts) texts.delete(digest(text));
    },
  };
}

/** Clients trim what they keep, so only the beginning counts, white space apart. */
function digest(text: string): string {
  return createHash('sha256').update(text.trim().slice(0, KEY_CHARACTERS)).digest('hex').slice(0, 16);
}

/** Whether a JSON text stops before its end: an open bracket, brace or string. */
export function isCutJson(text: string): boolean {
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (inString) {
      if (character === '\\') at++;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{' || character === '[') depth++;
    else if (character === '}' || character === ']') depth--;
  }
  return inString || depth > 0;
}
