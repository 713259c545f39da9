// What agents ask the person: keeps each question until it is answered, given up, or its time is over.
import { randomUUID } from 'node:crypto';
import type { AgentAnswer, AgentQuestion } from '../../shared/projects.ts';
import type { AskPerson } from '../providers/provider.ts';
import { createListeners } from '../util/listeners.ts';

/** All open questions. */
export interface QuestionDesk {
  readonly ask: AskPerson;
  /** Oldest first. */
  list(): readonly AgentQuestion[];
  /** False where it is not open any more. */
  answer(id: string, answer: AgentAnswer): boolean;
  onChange(listener: () => void): () => void;
  /** Gives all of them up, and whatever is asked from now on. */
  close(): void;
}

/** What a person can look through; more than these are given up at once. */
const MOST_OPEN = 100;
const MOST_WORDS = 2_000;
const MOST_DETAIL = 50_000;

interface OpenQuestion {
  readonly question: AgentQuestion;
  settle(answer: AgentAnswer | undefined): void;
}

/** A desk with nothing on it; `waitMs` is how long a question waits, read at each. */
export function createQuestionDesk({ waitMs }: { readonly waitMs: () => number }): QuestionDesk {
  const changed = createListeners();
  const open = new Map<string, OpenQuestion>();
  let isClosed = false;
  return {
    ask: (asked, signal) =>
      new Promise((resolve) => {
        if (isClosed || signal.aborted || open.size >= MOST_OPEN) return resolve(undefined);
        const [id, askedAt, patience] = [randomUUID(), Date.now(), waitMs()];
        const what = asked.what.slice(0, MOST_WORDS);
        const question = {
          ...asked,
          what,
          detail: asked.detail?.slice(0, MOST_DETAIL),
          id,
          askedAt,
          until: askedAt + patience,
        };
        const giveUp = () => settle(undefined);
        const settle = (answer: AgentAnswer | undefined) => {
          clearTimeout(timer);
          signal.removeEventListener('abort', giveUp);
          open.delete(id);
          resolve(answer);
          changed.tell();
        };
        const timer = setTimeout(giveUp, patience);
        timer.unref();
        signal.addEventListener('abort', giveUp);
        open.set(id, { question, settle });
        changed.tell();
      }),
    list: () => [...open.values()].map(({ question }) => question),
    answer: (id, answer) => {
      const found = open.get(id);
      found?.settle(answer);
      return found !== undefined;
    },
    onChange: changed.add,
    close: () => {
      isClosed = true;
      for (const { settle } of [...open.values()]) settle(undefined);
    },
  };
}
