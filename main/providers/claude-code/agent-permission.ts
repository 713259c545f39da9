// Puts what an agent may not do by itself to the person, and the person's word back to the program. Decides nothing.
import type { AgentAnswer } from '../../../shared/projects.ts';
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import type { Agent, AskPerson } from '../provider.ts';
import { asks } from './agent-arguments.ts';
import { describeCall } from './agent-steps.ts';

/** What permissions are asked with. */
export interface PermissionOptions {
  readonly agent: Agent;
  readonly sessionId: string;
  readonly ask: AskPerson;
  /** Withdraws open questions. */
  readonly signal: AbortSignal;
}

const MOST_DETAIL = 20_000;
const CUT = (left: number) => `NOT ALL OF IT IS SHOWN: ${left} more characters follow behind the end.`;
const NOBODY = 'Nobody answered in time. Go on without it, or say what would be needed.';
const REFUSED = 'The person refused this. Do not try it in another way.';

/** The answer to a control request of the program's; undefined where it is no question about a permission. */
export function createPermissionDesk({ agent, sessionId, ask, signal }: PermissionOptions) {
  return (request: JsonObject): Promise<JsonObject | undefined> | undefined => {
    if (request.subtype !== 'can_use_tool') return undefined;
    const tool = readText(request.tool_name);
    const input = (request.input ?? {}) as JsonObject;
    // Without the person's part in it the program asks only by mistake.
    if (!asks(agent.rules.mode)) return Promise.resolve({ behavior: 'deny', message: REFUSED });
    const updates = readSuggestions(request.permission_suggestions);
    const rule = updates.flatMap(writeRules).join(', ');
    const question = {
      projectId: agent.id,
      projectName: agent.name,
      sessionId,
      tool,
      what: describeCall(tool, input, agent.path) || tool,
      detail: cut(writeDetail(tool, input)),
      ...(rule === '' ? {} : { rule }),
    };
    return ask(question, signal).then((answer) => {
      if (signal.aborted) return undefined;
      return writeAnswer(answer, input, updates);
    });
  };
}

function writeAnswer(answer: AgentAnswer | undefined, input: JsonObject, updates: readonly JsonObject[]): JsonObject {
  switch (answer?.verdict) {
    case 'once':
      return { behavior: 'allow', updatedInput: input };
    case 'session':
      return { behavior: 'allow', updatedInput: input, updatedPermissions: updates };
    case 'refuse':
      return { behavior: 'deny', message: answer.words?.trim() || REFUSED };
    default:
      return { behavior: 'deny', message: NOBODY };
  }
}

/** The program's own rules for it, to hold as long as it runs: nothing is written to the folder. */
function readSuggestions(suggestions: Json | undefined): JsonObject[] {
  if (!Array.isArray(suggestions)) return [];
  return (suggestions as readonly JsonObject[])
    .filter(({ type, behavior }) => type === 'addRules' && behavior === 'allow')
    .map((update) => ({ ...update, destination: 'session' }));
}

function writeRules({ rules }: JsonObject): string[] {
  if (!Array.isArray(rules)) return [];
  return (rules as readonly JsonObject[]).map(({ toolName, ruleContent }) =>
    typeof ruleContent === 'string' ? `${toolName}(${ruleContent})` : String(toolName),
  );
}

/** A change to a file as its lines before and after; anything else as JSON. */
function writeDetail(tool: string, input: JsonObject): string {
  if (tool === 'Edit') {
    const where = `${readText(input.file_path)}${input.replace_all === true ? ' (everywhere in it)' : ''}`;
    return `${where}\n${mark('-', input.old_string)}\n${mark('+', input.new_string)}`;
  }
  if (tool === 'Write') return `${readText(input.file_path)}\n${mark('+', input.content)}`;
  if (tool === 'Bash') return readText(input.command);
  return JSON.stringify(input, undefined, 2);
}

function mark(sign: string, text: Json | undefined): string {
  return readText(text)
    .split('\n')
    .map((line) => `${sign} ${line}`)
    .join('\n');
}

/** Whoever allows it must know that they have not seen all of it. */
function cut(detail: string): string {
  const left = detail.length - MOST_DETAIL;
  return left <= 0 ? detail : `${CUT(left)}\n${detail.slice(0, MOST_DETAIL)}`;
}

const readText = (value: Json | undefined) => (typeof value === 'string' ? value : '');
