// Projects and sessions in memory, with what providers get of them.

import { openProjects, type ProjectRooms } from '../../main/projects/open-projects.ts';
import { createProtocols } from '../../main/protocols/registry.ts';
import type { AgentRules, Project } from '../../shared/projects.ts';

/** Opens both books; `dataFolder` is where clients' folders would be made. */
export function openTestBooks(
  dataFolder = '',
  more: {
    readonly fileProjects?: readonly Project[] | undefined;
    readonly findProblem?: (agent: AgentRules) => string | undefined;
    readonly onForgotten?: (states: readonly string[]) => void;
  } = {},
): ProjectRooms {
  return openProjects({
    dataFolder,
    fileProjects: more.fileProjects ?? [],
    keepDays: () => 90,
    findProblem: more.findProblem ?? (() => undefined),
    onForgotten: (states) => more.onForgotten?.(states),
    onMishap: (text) => {
      throw new Error(text);
    },
    inMemory: true,
  });
}

/** Every dialect, over books that are empty. */
export function listTestProtocols(): ReturnType<typeof createProtocols> {
  return createProtocols(openTestBooks());
}
