// Projects, their sessions and what agents ask, behind the GUI.
import { GatewayError } from '../canonical/errors.ts';
import type { Binder } from './binder.ts';
import type { AdminServices } from './index.ts';

/** The handlers of `projects`, `sessions` and `questions`. */
export function createProjectHandlers(
  os: Binder,
  { projects, sessions, questions }: Pick<AdminServices, 'projects' | 'sessions' | 'questions'>,
) {
  return {
    projects: {
      list: os.projects.list.handler(() => [...projects.views()]),
      add: os.projects.add.handler(({ input }) => projects.view(projects.add(input, 'window'))),
      change: os.projects.change.handler(({ input: { id, ...change } }) => projects.view(projects.change(id, change))),
      remove: os.projects.remove.handler(({ input }) => {
        projects.remove(input.id, 'window');
        return {};
      }),
    },
    sessions: {
      list: os.sessions.list.handler(({ input }) => sessions.list(input)),
      interrupt: os.sessions.interrupt.handler(({ input }) => {
        sessions.interrupt(input.id);
        return {};
      }),
      remove: os.sessions.remove.handler(({ input }) => {
        sessions.remove(input.id);
        return {};
      }),
    },
    questions: {
      answer: os.questions.answer.handler(({ input }) => {
        if (questions.answer(input.id, input.answer)) return {};
        throw new GatewayError('not-found', 'This question is not open any more.');
      }),
    },
  };
}
