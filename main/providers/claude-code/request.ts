// Writes a canonical request as the lines that the program reads: the control requests that set it up, then the whole
// conversation, structured. Text and secrets travel here or in the environment, never in the argument list.
import { randomUUID } from 'node:crypto';
import type { AssistantMessage, ConversationRequest, Json, JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { readAnthropicExtras } from '../kit/anthropic-extras.ts';
import { listForeignFields } from '../kit/foreign-fields.ts';
import { limitCacheMarkers } from './cache-markers.ts';
import { createToolNames, ID, type ToolNames } from './names.ts';
import { type OfferedTools, offerTools } from './tools.ts';
import { type WireTurn, writeAssistantBlocks, writeTurns } from './turns.ts';

/** Everything that one request says to a program, and how more of its conversation would be said. */
export interface ClaudeLines {
  /** Control requests, to be sent first; their answers need not be awaited. */
  readonly setup: readonly JsonObject[];
  /** The turns, the last of which is to be answered. */
  readonly turns: readonly WireTurn[];
  /** Earlier turns. The result of each user line must be awaited, or the program puts them in another order. */
  writeHistory(turns: readonly WireTurn[]): JsonObject[];
  /** The turn that is to be answered. */
  writeQuestion(turn: WireTurn): JsonObject;
  /** What the model has answered, as a turn. */
  writeReply(parts: AssistantMessage['parts']): WireTurn;
  /** The client's tools, which the program asks for. */
  readonly tools: OfferedTools;
  readonly names: ToolNames;
}

/** What writing needs besides the request. */
export interface RequestOptions {
  /** Keeps a leading `/` from being taken for a command; only programs that do not know `client_composed` need it. */
  readonly guardSlash: boolean;
  /** Is told in plain words what could not be carried. */
  readonly note: (text: string) => void;
}

/** The lines for `request`. Throws `GatewayError` where the program cannot do what was asked. */
export function writeClaudeLines(request: ConversationRequest, options: RequestOptions): ClaudeLines {
  const { note } = options;
  const names = createToolNames(request.tools ?? []);
  const tools = offerTools(request, names, note);
  const { systemPrompt, turns: all } = writeTurns(request.messages, names, note);
  const turns = limitCacheMarkers(all, note);
  if (turns.at(-1)?.role !== 'user') {
    const message = 'Claude Code answers a user or tool message: the conversation must not end with another one.';
    throw new GatewayError('invalid-request', message, { provider: ID, param: 'messages' });
  }
  const settings = writeSettings(request, names, note);
  const wanted = Object.keys(settings).length > 0;
  return {
    setup: [
      { subtype: 'initialize', systemPrompt, ...tools.setup },
      ...(wanted ? [{ subtype: 'apply_flag_settings', settings }] : []),
    ],
    turns,
    writeHistory: (past) =>
      past.map((turn) =>
        turn.role === 'user'
          ? { ...writeUser(turn, options), shouldQuery: false }
          : writeAssistant(turn.content, request.model),
      ),
    writeQuestion: (turn) => writeUser(dropLastMarker(turn), options),
    writeReply: (parts) => ({
      role: 'assistant',
      content: writeAssistantBlocks({ role: 'assistant', parts }, names, () => {}),
    }),
    tools,
    names,
  };
}

/** Whether a user turn ends with a text that older programs would run as a command. */
export function beginsWithSlash({ messages }: ConversationRequest): boolean {
  return messages.some(({ parts }) => parts.some((part) => part.type === 'text' && part.text.startsWith('/')));
}

/** The settings of this one process; the model is named in its arguments. */
function writeSettings(request: ConversationRequest, names: ToolNames, note: (text: string) => void): JsonObject {
  const { effort, enabled, budgetTokens } = request.reasoning ?? {};
  const toolChoice = writeToolChoice(request, names);
  const isForced = toolChoice?.type === 'any' || toolChoice?.type === 'tool';
  const off = enabled === false || effort === 'none' || isForced;
  if (isForced && request.reasoning !== undefined && enabled !== false)
    note('Thinking was switched off: the upstream does not think when it is made to call a tool.');
  const body = writeExtraBody(request, toolChoice);
  const env = dropAbsent({
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: request.maxOutputTokens?.toString(),
    CLAUDE_CODE_DISABLE_THINKING: off ? '1' : undefined,
    MAX_THINKING_TOKENS: off ? undefined : budgetTokens?.toString(),
    CLAUDE_CODE_EXTRA_BODY: Object.keys(body).length > 0 ? JSON.stringify(body) : undefined,
  });
  if (effort === 'minimal') note('The reasoning effort "minimal" was sent as "low", the least that Claude Code knows.');
  if (budgetTokens !== undefined && !off) {
    note('The limit for thinking was passed on; newer Claude models decide for themselves how long they think.');
  }
  noteLeftOut(request, note);
  noteExtras(request, note);
  return dropAbsent({
    effortLevel: off ? undefined : effort === 'minimal' ? 'low' : effort,
    env: Object.keys(env).length > 0 ? env : undefined,
  });
}

function writeExtraBody(request: ConversationRequest, toolChoice: JsonObject | undefined): JsonObject {
  const { temperature, topP, stop, responseFormat, reasoning, metadata } = request;
  const { top_k: topK } = (metadata?.anthropic?.fields ?? {}) as JsonObject;
  const format = responseFormat?.type === 'json-schema' ? responseFormat.schema : undefined;
  const { effort, enabled } = reasoning ?? {};
  // What stands here replaces the program's own field of that name as a whole, so the effort has to be said again.
  const known = effort === undefined || effort === 'none' || enabled === false ? undefined : effort;
  const outputConfig =
    format &&
    dropAbsent({ format: { type: 'json_schema', schema: format }, effort: known === 'minimal' ? 'low' : known });
  return dropAbsent({
    temperature,
    top_p: topP,
    top_k: topK,
    stop_sequences: stop && stop.length > 0 ? stop : undefined,
    output_config: outputConfig,
    tool_choice: toolChoice,
  });
}

/** What faces call a form that has no name in their dialect. */
const DEFAULT_FORMAT_NAME = 'answer';

/** The upstream's own words; undefined where it decides by itself, or has no tools to decide about. */
function writeToolChoice(request: ConversationRequest, names: ToolNames): JsonObject | undefined {
  const { tools = [], toolChoice, parallelToolCalls } = request;
  const type = toolChoice?.type ?? 'auto';
  if (tools.length === 0) {
    if (type === 'auto' || type === 'none') return undefined;
    throw new GatewayError('invalid-request', 'A tool must be called, but none is offered.', { param: 'tool_choice' });
  }
  if (type === 'none') return { type };
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : undefined;
  if (toolChoice?.type === 'tool') return { type, name: names.write(toolChoice.name), ...single };
  if (type === 'required') return { type: 'any', ...single };
  return single && { type, ...single };
}

function noteLeftOut(request: ConversationRequest, note: (text: string) => void): void {
  const { seed, frequencyPenalty, presencePenalty, responseFormat } = request;
  const { name = DEFAULT_FORMAT_NAME, description } = responseFormat?.type === 'json-schema' ? responseFormat : {};
  const left = [
    ...(seed === undefined ? [] : ['seed']),
    ...(frequencyPenalty === undefined ? [] : ['frequency_penalty']),
    ...(presencePenalty === undefined ? [] : ['presence_penalty']),
    ...(responseFormat?.type === 'json' ? ['response_format'] : []),
    ...(name === DEFAULT_FORMAT_NAME ? [] : ["the name of the answer's form"]),
    ...(description === undefined ? [] : ["the description of the answer's form"]),
    ...listForeignFields(request, ['anthropic']),
  ];
  if (left.length > 0) note(`Left out, as Claude Code has no field for it: ${left.join(', ')}.`);
}

function noteExtras(request: ConversationRequest, note: (text: string) => void): void {
  const extras = readAnthropicExtras(request);
  if (extras === undefined) return;
  const { fields, messageMarks, upstreamTools, blocks, cachedSetup } = extras;
  const left = [...fields.filter((name) => name !== 'top_k'), ...messageMarks];
  if (left.length > 0) note(`Left out, as Claude Code sets these fields itself or has none: ${left.join(', ')}.`);
  const { betas } = request.metadata?.anthropic ?? {};
  if (betas !== undefined) note(`Betas were left to Claude Code, which asks for its own: ${betas}.`);
  if (upstreamTools.length > 0) note(`Tools of Anthropic's own were left out: ${upstreamTools.join(', ')}.`);
  if (blocks.length > 0) note(`Passed on as text: ${blocks.join(', ')} blocks.`);
  if (cachedSetup) note('Cache markers of system texts and tools were left out: Claude Code sets its own.');
}

/** A user line. */
export function writeUser({ content }: WireTurn, { guardSlash }: Pick<RequestOptions, 'guardSlash'>): JsonObject {
  return {
    type: 'user',
    message: { role: 'user', content: guardSlash ? guard(content) : content },
    parent_tool_use_id: null,
    session_id: '',
    uuid: randomUUID(),
    // Without it the program would read `@/path` as a file to insert and `/word` as a command.
    client_composed: true,
  };
}

/** The program marks the end of what it asks; a marker of the client's there would stay when the end moves on. */
function dropLastMarker({ role, content }: WireTurn): WireTurn {
  const { cache_control: _, ...last } = content.at(-1) ?? {};
  return { role, content: content.with(-1, last) };
}

/** Leading white space keeps the program from taking the last text for a command. */
function guard(content: readonly JsonObject[]): readonly JsonObject[] {
  const at = content.findLastIndex(({ type }) => type === 'text');
  const { text } = content[at] ?? {};
  if (typeof text !== 'string' || !text.startsWith('/')) return content;
  return content.with(at, { ...content[at], text: `\n${text}` });
}

/** A line of what a model said earlier. */
export function writeAssistant(content: readonly JsonObject[], model: string): JsonObject {
  const called = content.some(({ type }) => type === 'tool_use');
  return {
    type: 'assistant',
    uuid: randomUUID(),
    parent_tool_use_id: null,
    session_id: '',
    message: {
      id: `msg_${randomUUID().replaceAll('-', '')}`,
      type: 'message',
      role: 'assistant',
      model,
      content,
      stop_reason: called ? 'tool_use' : 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 1 }, // required by the program, never sent upstream
    },
  };
}

function dropAbsent(fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((entry): entry is [string, Json] => entry[1] !== undefined));
}
