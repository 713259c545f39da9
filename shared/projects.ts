// Projects (a folder and what an agent may do there), their sessions, and what agents ask the person: data that the GUI
// shows and the engine keeps, as zod schemas. No message of a conversation has a place in here.
import { z } from 'zod';

/**
 * How far an agent may go by itself, in five steps:
 * - `plan`: it reads and proposes, and changes nothing;
 * - `ask`: whatever the rules do not allow is put to the person;
 * - `edit`: it changes files in the folder by itself, the rest is put to the person;
 * - `listed`: what the rules do not allow is refused, and nobody is asked;
 * - `everything`: it does whatever it wants.
 */
export const AgentMode = z.enum(['plan', 'ask', 'edit', 'listed', 'everything']);
export type AgentMode = z.infer<typeof AgentMode>;

/** `Read`, `Bash(npm test *)`: a tool of the program's, with a pattern where it takes one. */
const Rule = z
  .string()
  .max(500)
  .regex(/^[A-Za-z_][\w-]*(\([^\r\n]*\))?$/, 'must be a tool, or a tool with a pattern, as in Bash(npm test *)');

/** What an agent may do in its project's folder. */
export const AgentRules = z.object({
  /** Off: nobody can ask the agent. */
  enabled: z.boolean(),
  /** Account that runs it; absent: the first one that can. */
  account: z.string().optional(),
  /** The upstream's own name of the model; absent: what the program takes by itself. */
  model: z.string().max(200).optional(),
  mode: AgentMode,
  /** Names of the program's tools that exist for it at all. */
  tools: z.array(z.string().regex(/^[A-Za-z_]\w*$/, 'must be the name of a tool')).max(100),
  /** Runs without asking. */
  allow: z.array(Rule).max(200),
  /** Is refused, whatever else allows it. */
  deny: z.array(Rule).max(200),
  /** Rounds of tools in one answer. */
  maxTurns: z.number().int().min(1).max(1_000),
  /** What one answer may cost, in US dollars by the program's own estimate. */
  maxBudgetUsd: z.number().min(0.01).max(1_000),
  /** Added to the instructions that the program gives its agent. */
  instructions: z.string().max(20_000).optional(),
  /** The folder's own settings, hooks, memories and tool servers hold, too. They can run programs: for trusted folders. */
  trustsFolder: z.boolean(),
  /** The client sees the agent's steps as reasoning. */
  showsSteps: z.boolean(),
});
export type AgentRules = z.infer<typeof AgentRules>;

/** A new project's rules: nobody can ask its agent, and switched on it could only read. */
export const DEFAULT_AGENT_RULES: AgentRules = {
  enabled: false,
  mode: 'ask',
  tools: ['Read', 'Glob', 'Grep'],
  allow: [],
  deny: [],
  maxTurns: 30,
  maxBudgetUsd: 2,
  trustsFolder: false,
  showsSteps: true,
};

/** Short name, unique among the projects; the agent is asked for as `agent:ID`. */
export const ProjectId = z
  .string()
  .max(64)
  .regex(/^[a-z0-9][a-z0-9._-]*$/, 'must be a short name of small letters, digits, dots, dashes and underscores');

/** A folder, and what an agent may do there. */
export const Project = z.object({
  id: ProjectId,
  /** Name for people. */
  name: z.string().trim().min(1).max(200),
  description: z.string().max(2_000).optional(),
  /** Absolute path of a folder that is there. */
  path: z.string(),
  /** Where it was made: the window, a client's call (its agent is off until the window turns it on), the configuration file. */
  source: z.enum(['window', 'client', 'file']),
  /** In milliseconds since 1970. */
  createdAt: z.number(),
  updatedAt: z.number(),
  agent: AgentRules,
});
export type Project = z.infer<typeof Project>;

/** What the window says of a new project; `id` is made of the name where it is absent. */
export const ProjectDraft = z.object({
  id: ProjectId.optional(),
  name: Project.shape.name,
  description: Project.shape.description,
  path: z.string().min(1).max(4_096),
  agent: AgentRules.partial().optional(),
});
export type ProjectDraft = z.infer<typeof ProjectDraft>;

/** A project as a row. */
export const ProjectView = Project.extend({
  /** Why its agent cannot be asked now, for a person: the folder is gone, the account is gone. */
  problem: z.string().optional(),
  sessionCount: z.number(),
});
export type ProjectView = z.infer<typeof ProjectView>;

/** A lasting conversation. */
export const SessionView = z.object({
  id: z.string(),
  projectId: z.string().optional(),
  /** Given, or the first words of the person. */
  title: z.string(),
  /** The model name that was asked for last. */
  model: z.string().optional(),
  /** An agent worked in it. */
  isAgent: z.boolean(),
  /** Name of the client key that it belongs to. */
  key: z.string().optional(),
  isRunning: z.boolean(),
  /** In milliseconds since 1970. */
  createdAt: z.number(),
  updatedAt: z.number(),
  messageCount: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** In US dollars by the program's own estimate; absent where nobody estimates it. */
  costUsd: z.number().optional(),
});
export type SessionView = z.infer<typeof SessionView>;

/** What the Projects page asks for; newest first. */
export const SessionQuery = z.object({
  projectId: z.string().optional(),
  search: z.string().max(200).optional(),
  offset: z.number().int().min(0),
  limit: z.number().int().min(1).max(500),
});
export type SessionQuery = z.infer<typeof SessionQuery>;

/** Something an agent wants to do and may not without the person's word. */
export const AgentQuestion = z.object({
  id: z.string(),
  projectId: z.string(),
  projectName: z.string(),
  sessionId: z.string().optional(),
  /** The program's name of the tool: `Bash`. */
  tool: z.string(),
  /** What it wants to do, in one line: the command, the file, the address. */
  what: z.string(),
  /** The whole of it, for who wants to see: the change to a file, the input as JSON. Bounded. */
  detail: z.string().optional(),
  /** The rule that "for this session" would add, such as `Bash(npm test *)`; absent where there is none. */
  rule: z.string().optional(),
  askedAt: z.number(),
  /** When it counts as refused, in milliseconds since 1970. */
  until: z.number(),
});
export type AgentQuestion = z.infer<typeof AgentQuestion>;

/** The person's word; `session` allows what the question's rule says until the session's program ends. */
export const AgentAnswer = z.object({
  verdict: z.enum(['once', 'session', 'refuse']),
  /** What the agent is told with a refusal. */
  words: z.string().max(2_000).optional(),
});
export type AgentAnswer = z.infer<typeof AgentAnswer>;

/** What a provider's agents can be given, for the form. */
export const AgentAbilities = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      /** What it does, in a few words. */
      help: z.string(),
      /** `reads` files, `changes` files, `runs` programs, asks the `network`. */
      risk: z.enum(['reads', 'changes', 'runs', 'network']),
    }),
  ),
  modes: z.array(AgentMode),
});
export type AgentAbilities = z.infer<typeof AgentAbilities>;
