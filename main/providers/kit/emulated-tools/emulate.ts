// Turns a request with tools into one without: the tools stand in its system text, earlier calls and results in its words.
// Pure; what the model makes of it is read by `reply.ts`.
import type { ConversationRequest, Message, Tool } from '../../../canonical/conversation.ts';
import { type Detail, describeTools, remindOfCall } from './describe-tools.ts';
import type { ToolPlan } from './plan.ts';
import { hasToolTurns, writeToolHistory } from './write-history.ts';

/** How tools are described. */
export interface EmulationOptions {
  /**
   * How long the description of the tools may be, in characters; by default 100,000. A longer one is said more briefly, first
   * without examples and later sentences, then without the descriptions of parameters, each with a note. What does not fit
   * even so is sent as it is: a cut description would destroy what the model has to know.
   */
  readonly mostCharacters?: number;
}

/** A request without tools, and what its reply may do. */
export interface Emulation {
  readonly request: ConversationRequest;
  /** Undefined where the reply is ordinary text: there were no tools, and no calls in the conversation. */
  readonly plan: ToolPlan | undefined;
  /** Plain sentences for the request's record: what was said more briefly, what could not be done. */
  readonly notes: readonly string[];
}

const MOST_CHARACTERS = 100_000;

const SHORTENED: Readonly<Record<Detail, string | undefined>> = {
  full: undefined,
  brief: 'The tools were described briefly, without examples and later sentences: their full description is too long.',
  bare: 'The tools were described by names, types and first sentences alone: their full description is too long.',
};

/** The same request for a model that has no tools of its own. */
export function emulateTools(request: ConversationRequest, options: EmulationOptions = {}): Emulation {
  const { tools = [], toolChoice, parallelToolCalls, messages, ...rest } = request;
  if (tools.length === 0 && !hasToolTurns(messages)) return { request, plan: undefined, notes: [] };
  const mostCharacters = options.mostCharacters ?? MOST_CHARACTERS;
  const offered = chooseTools(tools, toolChoice);
  const plan: ToolPlan = {
    tools: new Map(offered.map((tool) => [tool.name, tool])),
    choice: offered.length === 0 ? 'none' : toolChoice?.type === 'tool' ? 'required' : (toolChoice?.type ?? 'auto'),
    parallel: parallelToolCalls !== false,
    usedIds: new Set(messages.flatMap(listCallIds)),
  };
  const { text, detail } = describeTools(plan, mostCharacters);
  const notes = [SHORTENED[detail], text.length > mostCharacters ? tooLong(text, mostCharacters) : undefined];
  return {
    request: { ...rest, messages: remind(addSystem(writeToolHistory(messages), text), remindOfCall(plan)) },
    plan,
    notes: notes.filter((note) => note !== undefined),
  };
}

const tooLong = (text: string, most: number) =>
  `The description of the tools has ${text.length} characters even so, more than the ${most} that it should have.`;

function chooseTools(tools: readonly Tool[], choice: ConversationRequest['toolChoice']): readonly Tool[] {
  if (choice?.type === 'none') return [];
  if (choice?.type !== 'tool') return tools;
  const named = tools.filter(({ name }) => name === choice.name);
  // Faces have refused a name that is not offered; whatever comes past them is not lost.
  return named.length === 0 ? tools : named;
}

const listCallIds = ({ parts }: Message) => parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));

/** Behind the client's own instructions: the form is what the model must not have forgotten when it answers. */
function addSystem(messages: readonly Message[], text: string): Message[] {
  const [first, ...others] = messages;
  if (first?.role !== 'system') return [{ role: 'system', parts: [{ type: 'text', text }] }, ...messages];
  const separator = first.parts.length === 0 ? '' : '\n\n';
  return [{ ...first, parts: [...first.parts, { type: 'text', text: separator + text }] }, ...others];
}

/** Adds to the last words of the person's side. */
function remind(messages: readonly Message[], reminder: string | undefined): readonly Message[] {
  if (reminder === undefined) return messages;
  const at = messages.findLastIndex(({ role }) => role === 'user');
  const message = messages[at];
  if (message?.role !== 'user') return [...messages, { role: 'user', parts: [{ type: 'text', text: reminder }] }];
  const reminded: Message = { ...message, parts: [...message.parts, { type: 'text', text: `\n\n${reminder}` }] };
  return messages.with(at, reminded);
}
