// Projects and sessions in memory, with what providers get of them.

import { openProjects, type ProjectRooms } from '../../main/projects/open-projects.ts';
import { createProtocols } from '../../main/protocols/registry.ts';
import type { ProviderServices } from '../../main/providers/provider.ts';
import type { AgentRules, Project } from '../../shared/projects.ts';

/** Opens both books; `dataFolder` is where clients' folders would be made. */
export function openTestBooks(
  dataFolder = '',
  more: { fileProjects?: readonly Project[]; findProblem?: (agent: AgentRules) => string | undefined } = {},
): ProjectRooms {
  return openProjects({
    dataFolder,
    fileProjects: more.fileProjects ?? [],
    keepDays: () => 90,
    findProblem: more.findProblem ?? (() => undefined),
    onMishap: (text) => {
      throw new Error(text);
    },
    inMemory: true,
  });
}

/** What providers need that run no agents. */
export const NO_AGENTS: Pick<ProviderServices, 'agents' | 'ask' | 'programLimits'> = {
  agents: { list: () => [], find: () => undefined },
  ask: () => Promise.resolve(undefined),
  programLimits: () => ({ most: 8, mostWaiting: 4, idleMs: 240_000, retries: 0, agentRetries: 4 }),
};

/** Every dialect, over books that are empty. */
export function listTestProtocols(): ReturnType<typeof createProtocols> {
  return createProtocols(openTestBooks());
}
