// Offers the client's own tools to the program, as a tool server that speaks over the program's control channel. A call is
// never answered here: the client answers it with its next request, and until then the program asks its upstream nothing.
import type { ConversationRequest, JsonObject, Tool } from '../../canonical/conversation.ts';
import { TOOL_SERVER, type ToolNames } from './names.ts';

/** The version of the tool protocol that current programs ask for; others ask again by themselves. */
const PROTOCOL_VERSION = '2025-11-25';
const METHOD_NOT_FOUND = -32_601;

/** The client's tools as one program gets them. */
export interface OfferedTools {
  /** What `initialize` says of them; nothing where there are none. */
  readonly setup: JsonObject;
  /** The answer to what the program asks over its control channel; undefined where it has to wait. */
  answer(request: JsonObject): JsonObject | undefined;
}

/** The tools of `request`; `note` is told in plain words what of them could not be carried. */
export function offerTools(
  { tools = [] }: Pick<ConversationRequest, 'tools'>,
  names: ToolNames,
  note: (text: string) => void,
): OfferedTools {
  const initializeResult = {
    protocolVersion: PROTOCOL_VERSION,
    capabilities: { tools: {} },
    serverInfo: { name: TOOL_SERVER, version: '1' },
  };
  const toolsListResult = { tools: tools.map((tool) => writeTool(tool, names, note)) };
  const answerMessage = ({ method, id, params }: JsonObject): JsonObject | undefined => {
    switch (method) {
      case 'initialize': {
        const { protocolVersion = PROTOCOL_VERSION } = (params ?? {}) as JsonObject;
        return { result: { ...initializeResult, protocolVersion } };
      }
      case 'tools/list':
        return { result: toolsListResult };
      case 'tools/call':
        return undefined;
      default:
        if (id === undefined) return { result: {} };
        return { error: { code: METHOD_NOT_FOUND, message: `Unknown method: ${String(method)}` } };
    }
  };
  return {
    setup:
      tools.length === 0
        ? {}
        : {
            sdkMcpServers: [TOOL_SERVER],
            // Spares the program three questions; older ones ask them all the same.
            sdkMcpServerManifests: { [TOOL_SERVER]: { initializeResult, toolsListResult } },
          },
    answer: ({ subtype, message }) => {
      if (subtype !== 'mcp_message') return undefined;
      const asked = (message ?? {}) as JsonObject;
      const answer = answerMessage(asked);
      return answer && { mcp_response: { jsonrpc: '2.0', id: asked.id ?? 0, ...answer } };
    },
  };
}

/** What older programs leave of a description. */
const SHORT_CHARACTERS = 2_048;

/** Whether a tool says more of itself than every program takes. */
export function hasLongDescription({ tools = [] }: Pick<ConversationRequest, 'tools'>): boolean {
  return tools.some(({ description = '' }) => description.length > SHORT_CHARACTERS);
}

function writeTool(tool: Tool, names: ToolNames, note: (text: string) => void): JsonObject {
  const { name, description = '', parameters, strict } = tool;
  if (strict)
    note('The wish that tools be called strictly by their schema was left out: Claude Code has no field for it.');
  const { schema, condition } = writeSchema(parameters);
  return {
    name: names.offer(name),
    description: condition === undefined ? description : `${description}\n\n${condition}`.trimStart(),
    inputSchema: schema,
    // Calls that only read may run side by side: none has to wait for the answer to another.
    annotations: { readOnlyHint: true },
  };
}

/** The upstream takes nothing but an object with fields; older programs would leave the whole tool out. */
function writeSchema(parameters: JsonObject = {}): { schema: JsonObject; condition?: string } {
  const { type: _, anyOf, oneOf, allOf, ...rest } = parameters;
  const schema = { type: 'object', ...(rest.properties === undefined ? { properties: {} } : undefined), ...rest };
  const choices = Object.entries({ anyOf, oneOf, allOf }).filter(([, choice]) => choice !== undefined);
  if (choices.length === 0) return { schema };
  return {
    schema,
    condition: `The input must also fit this JSON Schema: ${JSON.stringify(Object.fromEntries(choices))}`,
  };
}
