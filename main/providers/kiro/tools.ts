// The client's tools as the upstream takes them, and stand-ins for tools that only the history knows. What of a tool could
// not be carried is told by `note`; long descriptions go into the system prompt.
import type { ConversationRequest, Tool } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { ID } from './formats.ts';
import { isBlank, mendText } from './texts.ts';
import type { ToolNames } from './tool-names.ts';
import { writeSchema } from './tool-schema.ts';
import type { WireTool } from './wire.ts';

/** The longest description that stays with its tool, in characters. */
export const LONGEST_DESCRIPTION = 10_000;

/** A catalog larger than this was once seen to end the answer as filtered. */
const MANY_TOOLS = 48;
const MANY_BYTES = 96_000;

/** What a request offers. */
export interface OfferedTools {
  readonly tools: readonly WireTool[];
  /** Paragraphs for the system prompt. */
  readonly system: readonly string[];
  /** A sentence that stands in for a field which this upstream does not have. */
  readonly wish: string | undefined;
}

/** The tools of `request`; `called` are the client's names of all tools that the history calls. */
export function offerTools(
  request: ConversationRequest,
  called: ReadonlySet<string>,
  names: ToolNames,
  longest: number,
  note: (text: string) => void,
): OfferedTools {
  const system: string[] = [];
  const left = new Set<string>();
  const tools = new Map<string, WireTool>();
  const offered = request.toolChoice?.type === 'none' ? [] : (request.tools ?? []);
  for (const tool of offered) {
    const name = names.write(tool.name);
    if (tools.has(name.toLowerCase()))
      note(`The tool ${tool.name} was offered twice; only the first one was passed on.`);
    else tools.set(name.toLowerCase(), writeTool(tool, name, longest, { system, left, note }));
  }
  if (left.size > 0) note(`Left out of the tools' schemas, as Kiro refuses it there: ${[...left].join(', ')}.`);
  noteTools(request, [...tools.values()], note);
  const hasOffered = tools.size > 0;
  if (!hasOffered && (request.toolChoice?.type === 'required' || request.toolChoice?.type === 'tool')) {
    const message = 'A tool must be called, but none is offered.';
    throw new GatewayError('invalid-request', message, { provider: ID, param: 'tool_choice' });
  }
  for (const own of called) {
    const name = names.write(own);
    // The upstream refuses a conversation that calls tools which it does not offer.
    if (!tools.has(name.toLowerCase())) tools.set(name.toLowerCase(), writeStub(name));
  }
  return { tools: [...tools.values()], system, wish: writeWish(request, called.size > 0, names, note) };
}

interface Findings {
  readonly system: string[];
  readonly left: Set<string>;
  readonly note: (text: string) => void;
}

function writeTool(tool: Tool, name: string, longest: number, { system, left, note }: Findings): WireTool {
  const said = mendText(tool.description ?? '');
  const isLong = said.length > longest;
  if (isLong) {
    system.push(`## Tool: ${name}\n\n${said}`);
    note(
      `The description of the tool ${tool.name} was moved into the system prompt: Kiro takes ${longest} characters.`,
    );
  }
  const pointer = `Its full description stands in the system prompt under "## Tool: ${name}".`;
  const description = isLong ? pointer : isBlank(said) ? `Tool: ${name}` : said;
  const { schema, left: dropped } = writeSchema(tool.parameters);
  for (const word of dropped) left.add(word);
  return { toolSpecification: { name, description, inputSchema: { json: schema } } };
}

function writeStub(name: string): WireTool {
  const description = 'Was available earlier in this conversation and is not available now.';
  return { toolSpecification: { name, description, inputSchema: { json: { type: 'object', properties: {} } } } };
}

function noteTools(request: ConversationRequest, tools: readonly WireTool[], note: (text: string) => void): void {
  if (request.tools?.some(({ strict }) => strict))
    note('The wish that tools be called strictly by their schema was left out: Kiro has no field for it.');
  if (request.parallelToolCalls === false)
    note('The wish for at most one tool call at a time was left out: Kiro has no field for it.');
  const bytes = tools.length > 0 ? Buffer.byteLength(JSON.stringify(tools)) : 0;
  if (tools.length > MANY_TOOLS || bytes > MANY_BYTES)
    note(`${tools.length} tools of ${bytes} bytes are offered; Kiro has been seen to answer nothing to so many.`);
}

/** Says in words what other upstreams have a field for. */
function writeWish(
  { toolChoice }: ConversationRequest,
  calledBefore: boolean,
  names: ToolNames,
  note: (text: string) => void,
): string | undefined {
  switch (toolChoice?.type) {
    case 'none':
      if (!calledBefore) return undefined;
      note('Kiro has no field that forbids tool calls; none is offered, and the model was told so.');
      return 'Answer in words only: no tool is available now.';
    case 'required':
      note('Kiro has no field that demands a tool call; the model was asked for one in words.');
      return 'Answer with at least one tool call.';
    case 'tool':
      note('Kiro has no field that demands a tool call; the model was asked for one in words.');
      return `Answer with a call of the tool ${names.write(toolChoice.name)}.`;
    default:
      return undefined;
  }
}
