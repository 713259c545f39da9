// What agents ask the person: keeps each question until it is answered, given up, or its time is over.
import type { AgentAnswer, AgentQuestion } from '../../shared/projects.ts';
import type { AskPerson } from '../providers/provider.ts';

/** All open questions. */
export interface QuestionDesk {
  readonly ask: AskPerson;
  /** Oldest first. */
  list(): readonly AgentQuestion[];
  /** False where it is not open any more. */
  answer(id: string, answer: AgentAnswer): boolean;
  onChange(listener: () => void): () => void;
}
