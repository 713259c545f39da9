// What an agent of this program can be given: its built-in tools, in words for the person who decides. The names are the
// program's own, known to every version that is promised to work.
import type { AgentAbilities, AgentRules } from '../../../shared/projects.ts';

/** For the form. */
export const agentAbilities: AgentAbilities = {
  modes: ['plan', 'ask', 'edit', 'listed', 'everything'],
  tools: [
    { name: 'Read', help: 'Reads files: in the folder freely, elsewhere when allowed.', risk: 'reads' },
    { name: 'Glob', help: 'Finds files by their names.', risk: 'reads' },
    { name: 'Grep', help: 'Searches in files.', risk: 'reads' },
    { name: 'Edit', help: 'Changes files.', risk: 'changes' },
    { name: 'Write', help: 'Makes files, or replaces whole ones.', risk: 'changes' },
    { name: 'NotebookEdit', help: 'Changes cells of Jupyter notebooks.', risk: 'changes' },
    {
      name: 'Bash',
      help: 'Runs commands as you: what it is let run reaches all that you reach, logins and network included. The key or token of the account is not in its environment, except on Windows.',
      risk: 'runs',
    },
    {
      name: 'WebFetch',
      help: 'Fetches pages, by the program itself; well-known documentation without asking.',
      risk: 'network',
    },
    { name: 'WebSearch', help: "Searches the web, by Anthropic's service.", risk: 'network' },
    { name: 'Task', help: 'Hands a part of the work to a helper with the same tools and rules.', risk: 'reads' },
  ],
};

/** The tools that exist for an agent: one that plans has none that could change anything. */
export function listTools({ mode, tools }: Pick<AgentRules, 'mode' | 'tools'>): readonly string[] {
  if (mode !== 'plan') return tools;
  const harmless = agentAbilities.tools.filter(({ risk }) => risk === 'reads' || risk === 'network');
  return tools.filter((name) => harmless.some((tool) => tool.name === name));
}
