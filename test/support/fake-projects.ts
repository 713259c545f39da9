// Projects, sessions and questions for the fake contract: data like a real person's, and the calls that change them.
import { ORPCError } from '@orpc/client';
import type { Change } from '../../shared/contract.ts';
import {
  type AgentAbilities,
  type AgentAnswer,
  type AgentQuestion,
  DEFAULT_AGENT_RULES,
  type ProjectDraft,
  type ProjectView,
  type SessionQuery,
  type SessionView,
} from '../../shared/projects.ts';

const NOW = Date.now();
const MINUTE_MS = 60_000;

/** What the one provider with agents can give them. */
export const ABILITIES: AgentAbilities = {
  modes: ['plan', 'ask', 'edit', 'listed', 'everything'],
  tools: [
    { name: 'Read', help: 'Reads a file', risk: 'reads' },
    { name: 'Glob', help: 'Finds files by name', risk: 'reads' },
    { name: 'Grep', help: 'Finds words in files', risk: 'reads' },
    { name: 'Edit', help: 'Changes a part of a file', risk: 'changes' },
    { name: 'Write', help: 'Writes a whole file', risk: 'changes' },
    { name: 'NotebookEdit', help: 'Changes a notebook', risk: 'changes' },
    { name: 'Bash', help: 'Runs a command', risk: 'runs' },
    { name: 'Task', help: 'Hands a part to another agent', risk: 'runs' },
    { name: 'WebFetch', help: 'Reads a web page', risk: 'network' },
    { name: 'WebSearch', help: 'Searches the web', risk: 'network' },
  ],
};

const PROJECT = { source: 'window' as const, createdAt: NOW - 9e8, updatedAt: NOW - 8e7, sessionCount: 0 };

/** One whose agent works, one whose agent is off, and one whose folder is gone. */
export const PROJECTS: ProjectView[] = [
  {
    ...PROJECT,
    id: 'site',
    name: 'Company site',
    path: '/home/ada/work/site',
    description: 'The public pages and the shop',
    sessionCount: 14,
    agent: {
      ...DEFAULT_AGENT_RULES,
      enabled: true,
      account: 'claude-code',
      tools: ['Read', 'Glob', 'Grep', 'Edit', 'Bash'],
      allow: ['Bash(npm test *)'],
    },
  },
  { ...PROJECT, id: 'notes', name: 'Notes', path: '/home/ada/notes', sessionCount: 6, agent: DEFAULT_AGENT_RULES },
  {
    ...PROJECT,
    id: 'billing',
    name: 'Billing service',
    path: '/home/ada/work/billing',
    source: 'file',
    problem: 'Its folder /home/ada/work/billing is not there any more.',
    agent: { ...DEFAULT_AGENT_RULES, enabled: true, mode: 'edit', tools: ['Read', 'Edit', 'Write'] },
  },
];

const TITLES = [
  'Move the shop to the new payment service and keep the old one for refunds',
  'Why does the cart forget its items?',
  'Translate the imprint',
  '把首页的标题改成中文，并检查所有链接是否有效',
  'Release notes for version 4',
];

/** Sessions newest first, of all kinds. */
export function makeSessions(count: number): SessionView[] {
  return Array.from({ length: count }, (_, index) => {
    const isAgent = index % 3 !== 2;
    const projectId = isAgent ? 'site' : index % 2 === 0 ? 'notes' : undefined;
    return {
      id: `ses_${String(1_000_000 - index)}`,
      ...(projectId === undefined ? {} : { projectId }),
      title: TITLES[index % TITLES.length] ?? '',
      model: isAgent ? 'agent:site' : 'claude-sonnet-5',
      isAgent,
      key: 'First key',
      isRunning: index === 0,
      createdAt: NOW - (index + 1) * 50 * MINUTE_MS,
      updatedAt: NOW - index * 47 * MINUTE_MS,
      messageCount: 2 + ((index * 7) % 60),
      inputTokens: 4_200 + ((index * 9_137) % 800_000),
      outputTokens: 310 + ((index * 613) % 40_000),
      ...(isAgent ? { costUsd: 0.02 + ((index * 13) % 300) / 100 } : {}),
    };
  });
}

/** A question of the first project's agent; `change` replaces parts of it. */
export function makeQuestion(change: Partial<AgentQuestion> = {}): AgentQuestion {
  const askedAt = Date.now();
  return {
    id: 'q1',
    projectId: 'site',
    projectName: 'Company site',
    sessionId: 'ses_1000000',
    tool: 'Bash',
    what: 'npm install stripe@latest',
    detail: '{\n  "command": "npm install stripe@latest",\n  "description": "Add the payment client"\n}',
    rule: 'Bash(npm install *)',
    askedAt,
    until: askedAt + 9.7 * MINUTE_MS,
    ...change,
  };
}

/** What the calls below work on. */
export interface FakeProjectState {
  projects: ProjectView[];
  sessions: SessionView[];
  questions: AgentQuestion[];
  /** What the person chooses where a folder is asked for; undefined where they cancel. */
  folder: string | undefined;
}

interface Parts {
  readonly state: FakeProjectState;
  readonly note: (name: string, input: unknown) => void;
  readonly tell: (change: Change) => void;
}

/** The calls of the contract for projects, sessions and questions. */
export function createFakeProjects(parts: Parts) {
  const { state, note, tell } = parts;
  return {
    projects: createProjects(parts),
    sessions: createSessions(parts),
    questions: {
      answer: (input: { id: string; answer: AgentAnswer }) => {
        note('questions.answer', input);
        if (!state.questions.some(({ id }) => id === input.id))
          throw new ORPCError('NOT_FOUND', { message: 'This question is not open any more.' });
        state.questions = state.questions.filter(({ id }) => id !== input.id);
        tell({ type: 'questions', questions: state.questions });
        return {};
      },
    },
    host: { chooseFolder: () => ({ path: state.folder }) },
  };
}

function createProjects({ state, note, tell }: Parts) {
  const keep = (projects: ProjectView[]) => {
    state.projects = projects;
    tell({ type: 'projects', projects });
  };
  return {
    list: () => state.projects,
    add: (draft: ProjectDraft) => {
      note('projects.add', draft);
      if (draft.path.includes('missing'))
        throw new ORPCError('BAD_REQUEST', { message: `There is no folder ${draft.path}.` });
      const project: ProjectView = {
        ...PROJECT,
        id: draft.id ?? draft.name.toLowerCase().replaceAll(' ', '-'),
        name: draft.name,
        path: draft.path,
        description: draft.description,
        agent: { ...DEFAULT_AGENT_RULES, ...draft.agent } as ProjectView['agent'],
      };
      keep([...state.projects, project]);
      return project;
    },
    change: ({ id, ...part }: { id: string } & Partial<Omit<ProjectDraft, 'id'>>) => {
      note('projects.change', { id, ...part });
      const project = state.projects.find((one) => one.id === id);
      if (project === undefined) throw new ORPCError('NOT_FOUND', { message: 'There is no such project.' });
      const changed = { ...project, ...part, agent: { ...project.agent, ...part.agent } } as ProjectView;
      keep(state.projects.map((one) => (one.id === id ? changed : one)));
      return changed;
    },
    remove: (input: { id: string }) => {
      note('projects.remove', input);
      keep(state.projects.filter(({ id }) => id !== input.id));
      return {};
    },
  };
}

function createSessions({ state, note, tell }: Parts) {
  const keep = (sessions: SessionView[]) => {
    state.sessions = sessions;
    tell({ type: 'sessions' });
  };
  return {
    list: (query: SessionQuery) => {
      note('sessions.list', query);
      const wanted = query.search?.toLowerCase() ?? '';
      const fitting = state.sessions.filter(
        ({ projectId, title, id, model }) =>
          (query.projectId === undefined || projectId === query.projectId) &&
          `${title} ${id} ${model}`.toLowerCase().includes(wanted),
      );
      return { sessions: fitting.slice(query.offset, query.offset + query.limit), total: fitting.length };
    },
    interrupt: (input: { id: string }) => {
      note('sessions.interrupt', input);
      keep(state.sessions.map((one) => (one.id === input.id ? { ...one, isRunning: false } : one)));
      return {};
    },
    remove: (input: { id: string }) => {
      note('sessions.remove', input);
      keep(state.sessions.filter(({ id }) => id !== input.id));
      return {};
    },
  };
}
