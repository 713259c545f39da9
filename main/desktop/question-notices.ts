// Tells the person through the system that an agent waits for their word while the window is not in front. What to tell is
// decided here without Electron; answering is the window's business.
import type { AgentQuestion } from '../../shared/projects.ts';

/** One message of the system's. */
export interface Notice {
  show(): void;
  close(): void;
}

/** What the notices are made of. */
export interface QuestionNoticesOptions {
  /** Whether the person looks at the window now. */
  readonly isWatched: () => boolean;
  /** Makes a message that opens the window when it is clicked. */
  readonly createNotice: (title: string, body: string) => Notice;
}

/** Hears of the questions that are open, whenever they change. */
export interface QuestionNotices {
  follow(questions: readonly AgentQuestion[]): void;
}

const LONGEST_BODY = 160;

/** Each question is told once; its message goes with it. */
export function createQuestionNotices({ isWatched, createNotice }: QuestionNoticesOptions): QuestionNotices {
  const told = new Map<string, Notice | undefined>();
  return {
    follow: (questions) => {
      for (const [id, notice] of told) {
        if (questions.some((question) => question.id === id)) continue;
        told.delete(id);
        notice?.close();
      }
      for (const question of questions) {
        if (told.has(question.id)) continue;
        const notice = isWatched() ? undefined : createNotice(...writeNotice(question));
        told.set(question.id, notice);
        notice?.show();
      }
    },
  };
}

function writeNotice({ projectName, tool, what }: AgentQuestion): [title: string, body: string] {
  const said = `${tool}: ${what.replace(/\s+/g, ' ')}`;
  return [
    `The agent of ${projectName} asks you`,
    said.length > LONGEST_BODY ? `${said.slice(0, LONGEST_BODY)}…` : said,
  ];
}
