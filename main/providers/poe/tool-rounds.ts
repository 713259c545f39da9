// Tools in the bot protocol, which carries the last round of calls and results beside the conversation and has no place for
// earlier ones: those are told in words. Nothing of an answer is read here.
import type {
  AssistantMessage,
  ConversationRequest,
  JsonObject,
  Message,
  Tool,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '../../canonical/conversation.ts';

/** The fields beside the conversation; absent ones are left out. */
export interface ToolFields {
  readonly tools?: readonly JsonObject[];
  readonly tool_calls?: readonly JsonObject[];
  readonly tool_results?: readonly JsonObject[];
}

/** A conversation parted into what stands in the query and its last round of tools. */
export interface ToolRounds {
  readonly messages: readonly Message[];
  readonly calls: readonly ToolCallPart[];
  readonly results: readonly ToolResultPart[];
}

/** The last round is one whose results end the conversation; its calls are taken out of their message. */
export function splitRounds(messages: readonly Message[]): ToolRounds {
  let start = messages.length;
  while (start > 0 && messages[start - 1]?.role === 'tool') start -= 1;
  const asking = messages[start - 1];
  const rest = messages.slice(start).filter((message): message is ToolMessage => message.role === 'tool');
  if (rest.length === 0 || asking?.role !== 'assistant') return { messages, calls: [], results: [] };
  const results = rest.flatMap(({ parts }) => parts);
  const isAnswered = (call: ToolCallPart) => results.some(({ toolCallId }) => toolCallId === call.id);
  const calls = asking.parts.filter((part): part is ToolCallPart => part.type === 'tool-call' && isAnswered(part));
  if (results.some(({ toolCallId }) => !calls.some(({ id }) => id === toolCallId)))
    return { messages, calls: [], results: [] };
  const said = { ...asking, parts: asking.parts.filter((part) => part.type !== 'tool-call') } as AssistantMessage;
  const before = messages.slice(0, start - 1);
  return { messages: said.parts.length === 0 ? before : [...before, said], calls, results };
}

/** The fields for `request`; `note` is told what could not be carried. */
export function writeToolFields(
  request: ConversationRequest,
  { calls, results }: ToolRounds,
  note: (text: string) => void,
): ToolFields {
  const tools = chooseTools(request, note);
  return {
    ...(tools.length === 0 ? {} : { tools: tools.map(writeTool) }),
    ...(calls.length === 0
      ? {}
      : {
          tool_calls: calls.map(({ id, name, arguments: text }) => ({
            id,
            type: 'function',
            function: { name, arguments: text },
          })),
          tool_results: results.map((result) => ({
            role: 'tool',
            name: result.name ?? calls.find(({ id }) => id === result.toolCallId)?.name ?? '',
            tool_call_id: result.toolCallId,
            content: writeResult(result, note),
          })),
        }),
  };
}

/** The protocol knows no choice: what must not be called is not offered. */
function chooseTools(
  { tools = [], toolChoice, parallelToolCalls }: ConversationRequest,
  note: (text: string) => void,
): readonly Tool[] {
  if (tools.length === 0 || toolChoice?.type === 'none') return [];
  if (parallelToolCalls === false)
    note('The wish for one tool call at most was left out: Poe’s bots have no field for it.');
  if (tools.some(({ strict }) => strict))
    note('The wish for strict arguments was left out: Poe’s bots have no field for it.');
  if (toolChoice?.type === 'required')
    note('That a tool must be called was left out: Poe’s bots have no field for it.');
  if (toolChoice?.type !== 'tool') return tools;
  note(`Only the tool ${toolChoice.name} was offered: Poe’s bots cannot be made to call one.`);
  return tools.filter(({ name }) => name === toolChoice.name);
}

function writeTool({ name, description, parameters }: Tool): JsonObject {
  const own = { name, description: description ?? '', parameters: parameters ?? { type: 'object', properties: {} } };
  return { type: 'function', function: own };
}

/** A result as text: of files only that they are there. */
export function writeResult({ parts, isError }: ToolResultPart, note: (text: string) => void): string {
  if (isError) note('A failed tool result was marked as failed in its text: Poe’s bots have no field for it.');
  const text = parts.map((part) => (part.type === 'text' ? part.text : `[${part.type}, shown above]`)).join('\n');
  return isError ? `Failed: ${text}` : text;
}

/** A call of an earlier round in words. */
export const tellCall = ({ name, arguments: text }: ToolCallPart): string => `[Called the tool ${name} with ${text}]`;

/** A result of an earlier round in words. */
export const tellResult = (result: ToolResultPart, name: string, note: (text: string) => void): string =>
  `[Result of the tool ${name}]\n${writeResult(result, note)}`;
