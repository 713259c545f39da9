// Reads OpenAI chat completion requests. Written by hand rather than as a schema: it runs on every request, and what it
// does not know it keeps (`metadata.openai`) instead of refusing it.
import type {
  AssistantMessage,
  ConversationRequest,
  Json,
  JsonObject,
  Message,
  Metadata,
  ResponseFormat,
  TextPart,
  UserMessage,
} from '../../canonical/conversation.ts';
import { asArray, asFlag, asNumber, asObject, asString, asTextOrList, asTextOrNone, refuse } from '../kit/fields.ts';
import { readIncludeUsage } from '../kit/stream-options.ts';
import type { SessionWish } from '../protocol.ts';
import { readPart } from './parts.ts';
import { type CustomTools, nest, readToolCall, readToolChoice, readTools } from './tools.ts';

/** A request and how it wants to be answered. */
export interface ChatRequest {
  readonly conversation: ConversationRequest;
  readonly stream: boolean;
  /** The lasting conversation that it belongs to. */
  readonly wish?: SessionWish;
  /** The client wants a last chunk with the token counts. */
  readonly includeUsage: boolean;
  /** The tools that take plain text, and how their calls go back. */
  readonly customTools: CustomTools;
  /** What was asked for and cannot be given, in plain words. */
  readonly notes: readonly string[];
}

/** Reads a parsed body. Throws `GatewayError` (`invalid-request`) that names the field. */
export function readChatRequest(body: unknown): ChatRequest {
  const {
    model,
    messages,
    tools,
    tool_choice: toolChoice,
    parallel_tool_calls: parallelToolCalls,
    max_tokens: maxTokens,
    max_completion_tokens: maxCompletionTokens,
    temperature,
    top_p: topP,
    seed,
    frequency_penalty: frequencyPenalty,
    presence_penalty: presencePenalty,
    stop,
    response_format: responseFormat,
    reasoning_effort: reasoningEffort,
    stream,
    stream_options: streamOptions,
    n,
    logprobs,
    top_logprobs: _topLogprobs,
    session_id: sessionId,
    project_id: projectId,
    ...fields
  } = asObject(body, '');
  if (typeof model !== 'string' || model === '') refuse('model', 'must name a model');
  if (n !== undefined && n !== null && n !== 1)
    refuse('n', 'can only be 1: Patchbay gives one choice for each request');
  const list = asArray(messages, 'messages');
  if (list.length === 0) refuse('messages', 'must hold at least one message');
  const { tools: declared, customTools } = readTools(tools);
  const effort = asTextOrNone(reasoningEffort, 'reasoning_effort');
  return {
    conversation: {
      model: model as string,
      messages: list.map((message, at) => readMessage(message, customTools, `messages[${at}]`)),
      ...readToolChoice(toolChoice, declared),
      parallelToolCalls: asFlag(parallelToolCalls, 'parallel_tool_calls'),
      maxOutputTokens: asNumber(maxCompletionTokens, 'max_completion_tokens') ?? asNumber(maxTokens, 'max_tokens'),
      temperature: asNumber(temperature, 'temperature'),
      topP: asNumber(topP, 'top_p'),
      seed: asNumber(seed, 'seed'),
      frequencyPenalty: asNumber(frequencyPenalty, 'frequency_penalty'),
      presencePenalty: asNumber(presencePenalty, 'presence_penalty'),
      stop: asTextOrList(stop, 'stop'),
      responseFormat: readResponseFormat(responseFormat),
      reasoning: effort === undefined ? undefined : { effort },
      metadata: {
        openai: {
          fields,
          ...(maxCompletionTokens == null ? undefined : { maxTokensField: 'max_completion_tokens' }),
          ...readFormatExtras(responseFormat),
        },
      },
    },
    wish: {
      sessionId: asTextOrNone(sessionId, 'session_id') || undefined,
      projectId: asTextOrNone(projectId, 'project_id') || undefined,
    },
    stream: asFlag(stream, 'stream') === true,
    includeUsage: readIncludeUsage(streamOptions),
    customTools,
    notes: asFlag(logprobs, 'logprobs') === true ? ['Log probabilities were asked for and are not passed on.'] : [],
  };
}

function readMessage(value: Json | undefined, customTools: CustomTools, path: string): Message {
  const message = asObject(value, path);
  switch (message.role) {
    case 'user':
      return readUser(message, path);
    case 'assistant':
      return readAssistant(message, customTools, path);
    case 'tool':
    case 'function':
      return readToolMessage(message, path);
    case 'system':
    case 'developer':
      return readSystem(message, path);
    default:
      return refuse(`${path}.role`, 'must be system, developer, user, assistant or tool');
  }
}

function readSystem({ role, content, ...extra }: JsonObject, path: string): Message {
  const own = role === 'developer' ? { ...extra, role } : extra;
  return { role: 'system', parts: readTexts(content, `${path}.content`), metadata: keep(own) };
}

function readUser({ role: _, content, ...extra }: JsonObject, path: string): UserMessage {
  if (typeof content === 'string')
    return { role: 'user', parts: [{ type: 'text', text: content }], metadata: keep(extra) };
  const parts = asArray(content, `${path}.content`).map((part, at) => readPart(part, `${path}.content[${at}]`));
  return { role: 'user', parts, metadata: keep(extra) };
}

function readAssistant(message: JsonObject, customTools: CustomTools, path: string): AssistantMessage {
  const { role: _, content, tool_calls: toolCalls, reasoning_content: reasoning, refusal, ...extra } = message;
  const parts: AssistantMessage['parts'][number][] = [];
  const thought = typeof reasoning === 'string' ? reasoning : undefined;
  if (thought !== undefined) parts.push({ type: 'reasoning', text: thought });
  if (typeof content === 'string') parts.push({ type: 'text', text: content });
  else if (content != null) parts.push(...readTexts(content, `${path}.content`));
  if (typeof refusal === 'string' && refusal !== '')
    parts.push({ type: 'text', text: refusal, metadata: { openai: { refusal: 'field' } } });
  if (toolCalls != null) {
    const calls = asArray(toolCalls, `${path}.tool_calls`);
    parts.push(...calls.map((call, at) => readToolCall(call, customTools, `${path}.tool_calls[${at}]`)));
  }
  return { role: 'assistant', parts, metadata: keep(extra) };
}

function readToolMessage(message: JsonObject, path: string): Message {
  const { role: _, content, tool_call_id: toolCallId, name, ...extra } = message;
  const id = toolCallId ?? name;
  const list = typeof content === 'string' || content == null ? [] : asArray(content, `${path}.content`);
  const parts =
    typeof content === 'string'
      ? [{ type: 'text' as const, text: content }]
      : list.map((part, at) => readPart(part, `${path}.content[${at}]`));
  return {
    role: 'tool',
    parts: [
      {
        type: 'tool-result',
        toolCallId: asString(id, `${path}.tool_call_id`),
        name: typeof name === 'string' ? name : undefined,
        parts,
      },
    ],
    metadata: keep(extra),
  };
}

function readTexts(content: Json | undefined, path: string): TextPart[] {
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return asArray(content, path).map((value, at) => {
    const part = readPart(value, `${path}[${at}]`);
    return part.type === 'text' ? part : refuse(`${path}[${at}].type`, 'must be text here');
  });
}

function readResponseFormat(value: Json | undefined): ResponseFormat | undefined {
  if (value == null) return undefined;
  const format = asObject(value, 'response_format');
  switch (format.type) {
    case 'text':
      return { type: 'text' };
    case 'json_object':
      return { type: 'json' };
    case 'json_schema': {
      const { name, description, schema, strict } = asObject(format.json_schema, 'response_format.json_schema');
      return {
        type: 'json-schema',
        name: typeof name === 'string' ? name : 'answer',
        description: typeof description === 'string' ? description : undefined,
        schema: asObject(schema, 'response_format.json_schema.schema'),
        strict: typeof strict === 'boolean' ? strict : undefined,
      };
    }
    default:
      return refuse('response_format.type', 'must be text, json_object or json_schema');
  }
}

/** What the hub does not know of the form of an answer. */
function readFormatExtras(value: Json | undefined): JsonObject | undefined {
  if (value == null) return undefined;
  const { type, json_schema: given, ...outer } = asObject(value, 'response_format');
  if (type !== 'json_schema') return Object.keys(outer).length > 0 ? { format: outer } : undefined;
  const {
    name: _,
    description: __,
    schema: ___,
    strict: ____,
    ...inner
  } = asObject(given, 'response_format.json_schema');
  const format = nest(outer, 'json_schema', inner);
  return Object.keys(format).length > 0 ? { format } : undefined;
}

function keep(extra: JsonObject): Metadata | undefined {
  for (const _ in extra) return { openai: extra };
  return undefined;
}
