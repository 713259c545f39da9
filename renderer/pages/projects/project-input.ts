// What is typed into the sheet of a project: opened from a project, checked line by line, and read into what is sent.
import { AgentRules, DEFAULT_AGENT_RULES, type ProjectDraft, type ProjectView } from '../../../shared/projects.ts';

/** The sheet's state. Rules are text, one a line; numbers are as typed. */
export interface ProjectInput {
  readonly name: string;
  readonly path: string;
  readonly description: string;
  readonly agent: Omit<
    AgentRules,
    'account' | 'model' | 'instructions' | 'allow' | 'deny' | 'maxTurns' | 'maxBudgetUsd'
  > & {
    readonly account: string;
    readonly model: string;
    readonly instructions: string;
    readonly allow: string;
    readonly deny: string;
    readonly maxTurns: number | string;
    readonly maxBudgetUsd: number | string;
  };
}

/** What is wrong: of which input, and for rules in which line. */
export type Fault =
  | { readonly at: 'name' | 'path' | 'maxTurns' | 'maxBudgetUsd' }
  | { readonly at: 'allow' | 'deny'; readonly line: number; readonly rule: string };

/** The sheet as it opens. */
export function openInput(project: ProjectView | undefined): ProjectInput {
  const rules = project?.agent ?? DEFAULT_AGENT_RULES;
  return {
    name: project?.name ?? '',
    path: project?.path ?? '',
    description: project?.description ?? '',
    agent: {
      ...rules,
      account: rules.account ?? '',
      model: rules.model ?? '',
      instructions: rules.instructions ?? '',
      allow: rules.allow.join('\n'),
      deny: rules.deny.join('\n'),
    },
  };
}

/** Everything that the schema would refuse, one per input. */
export function findFaults({ name, path, agent }: ProjectInput): readonly Fault[] {
  const faults: Fault[] = [];
  if (name.trim() === '') faults.push({ at: 'name' });
  if (path.trim() === '') faults.push({ at: 'path' });
  for (const at of ['allow', 'deny'] as const) {
    const lines = agent[at].split('\n');
    const line = lines.findIndex((rule) => rule.trim() !== '' && !isRule(rule.trim()));
    if (line !== -1) faults.push({ at, line: line + 1, rule: (lines[line] ?? '').trim() });
  }
  for (const at of ['maxTurns', 'maxBudgetUsd'] as const)
    if (!AgentRules.shape[at].safeParse(readNumber(agent[at])).success) faults.push({ at });
  return faults;
}

/** The rules that the sheet stands for, as far as they can be read yet. */
export function readRules({ agent }: ProjectInput): AgentRules {
  return {
    ...agent,
    allow: readLines(agent.allow).filter(isRule),
    deny: readLines(agent.deny).filter(isRule),
    maxTurns: readNumber(agent.maxTurns),
    maxBudgetUsd: readNumber(agent.maxBudgetUsd),
  };
}

/** What is sent. Empty fields of the agent are sent as `''`, which removes them. */
export function readDraft(input: ProjectInput): ProjectDraft {
  return {
    name: input.name.trim(),
    path: input.path.trim(),
    description: input.description.trim(),
    agent: readRules({ ...input, agent: { ...input.agent, instructions: input.agent.instructions.trim() } }),
  };
}

function isRule(text: string): boolean {
  return AgentRules.shape.allow.element.safeParse(text).success;
}

function readLines(text: string): string[] {
  return [
    ...new Set(
      text
        .split('\n')
        .map((line) => line.trim())
        .filter((line) => line !== ''),
    ),
  ];
}

function readNumber(typed: number | string): number {
  return typed === '' ? Number.NaN : Number(typed);
}
