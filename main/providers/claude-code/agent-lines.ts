// Writes a canonical request as the lines for an agent: its instructions, the person's new turn, and what was said before
// for a session that knows nothing of it. The agent uses its own tools and settings, so much of a request is left out.
import { createHash } from 'node:crypto';
import type { AgentRules } from '../../../shared/projects.ts';
import type { AssistantMessage, ConversationRequest, JsonObject, Message } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { listForeignFields } from '../kit/foreign-fields.ts';
import { createToolNames, ID } from './names.ts';
import { writeAssistant, writeUser } from './request.ts';
import { writeTurns } from './turns.ts';

/** What one turn of an agent says to its program. */
export interface AgentLines {
  readonly setup: readonly JsonObject[];
  /** Earlier turns, for a new session; the result of each user line must be awaited. */
  readonly history: readonly JsonObject[];
  readonly question: JsonObject;
  /** Differs for instructions that differ. */
  readonly instructionsKey: string;
}

/** What writing needs besides the request. */
export interface AgentLinesOptions {
  readonly rules: AgentRules;
  /** Keeps a leading `/` from being taken for a command; only programs that do not know `client_composed` need it. */
  readonly guardSlash: boolean;
  readonly note: (text: string) => void;
}

/** For a model's name where the program needs one and none was asked for; it never goes upstream. */
const ANY_MODEL = 'claude';

/** The lines for `request`. Throws `GatewayError` where the last word is not the person's. */
export function writeAgentLines(request: ConversationRequest, options: AgentLinesOptions): AgentLines {
  const { rules, note } = options;
  noteLeftOut(request, note);
  const messages = request.messages.map(dropThinking);
  const { systemPrompt, turns } = writeTurns(messages, createToolNames([]), note);
  const question = turns.at(-1);
  if (question?.role !== 'user') {
    const message = 'An agent answers a user message: the conversation must end with one that says something.';
    throw new GatewayError('invalid-request', message, { provider: ID, param: 'messages' });
  }
  const append = [rules.instructions ?? '', ...systemPrompt].filter((text) => text.trim() !== '').join('\n\n');
  return {
    setup: [{ subtype: 'initialize', ...(append === '' ? {} : { appendSystemPrompt: append }) }],
    history: turns
      .slice(0, -1)
      .map((turn) =>
        turn.role === 'user'
          ? { ...writeUser(turn, options), shouldQuery: false }
          : writeAssistant(turn.content, rules.model ?? ANY_MODEL),
      ),
    question: writeUser(question, options),
    instructionsKey: createHash('sha256').update(append).digest('base64'),
  };
}

/** Much of it is the steps as they were shown, and none of it is signed for this agent. */
function dropThinking(message: Message): Message {
  if (message.role !== 'assistant') return message;
  const parts: AssistantMessage['parts'] = message.parts.filter(({ type }) => type !== 'reasoning');
  return { ...message, parts };
}

function noteLeftOut(request: ConversationRequest, note: (text: string) => void): void {
  const { tools = [], toolChoice, parallelToolCalls, stop = [], responseFormat, reasoning } = request;
  if (tools.length > 0) note("The client's tools were left out: the agent uses its own, by the project's rules.");
  const left = [
    ...(toolChoice === undefined || toolChoice.type === 'auto' ? [] : ['tool_choice']),
    ...(parallelToolCalls === undefined ? [] : ['parallel_tool_calls']),
    ...(request.maxOutputTokens === undefined ? [] : ['max_tokens']),
    ...(request.temperature === undefined ? [] : ['temperature']),
    ...(request.topP === undefined ? [] : ['top_p']),
    ...(request.seed === undefined ? [] : ['seed']),
    ...(request.frequencyPenalty === undefined ? [] : ['frequency_penalty']),
    ...(request.presencePenalty === undefined ? [] : ['presence_penalty']),
    ...(stop.length === 0 ? [] : ['stop']),
    ...(responseFormat === undefined || responseFormat.type === 'text' ? [] : ['response_format']),
    ...(reasoning === undefined ? [] : ['the reasoning effort']),
    ...listForeignFields(request, ['anthropic']),
    ...Object.keys((request.metadata?.anthropic?.fields ?? {}) as JsonObject),
  ];
  if (left.length > 0) note(`Left out, as an agent works by its project's rules: ${left.join(', ')}.`);
}
