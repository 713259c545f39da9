// Writes canonical requests as bodies of Anthropic's Messages API, for upstreams that have it beside their own. Cache markers,
// signatures and unknown fields of clients of that dialect go out as they came in.
import type {
  AssistantMessage,
  ConversationRequest,
  FilePart,
  ImagePart,
  Json,
  JsonObject,
  TextPart,
  Tool,
  ToolResultPart,
} from '../../canonical/conversation.ts';
import { listForeignFields } from './foreign-fields.ts';

/** What the provider decides. */
export interface AnthropicDialect {
  /** Where the client names no limit: the dialect wants one. */
  readonly maxTokens: number;
  /** The field for thinking as this upstream takes it; left out where undefined. */
  readonly thinking: JsonObject | undefined;
}

/** The body for `request`. `note` is told in plain words what could not be carried. */
export function writeAnthropicRequest(
  request: ConversationRequest,
  stream: boolean,
  { maxTokens, thinking }: AnthropicDialect,
  note: (text: string) => void,
): string {
  const foreign = listForeignFields(request, ['anthropic']);
  const nameless = [
    ['seed', request.seed],
    ['frequency_penalty', request.frequencyPenalty],
    ['presence_penalty', request.presencePenalty],
    ['response_format', request.responseFormat?.type === 'text' ? undefined : request.responseFormat],
  ].flatMap(([name, value]) => (value === undefined ? [] : [name]));
  const left = [...nameless, ...foreign];
  if (left.length > 0) note(`Left out, as this upstream has no field for it: ${left.join(', ')}.`);
  const { system, messages } = writeTurns(request);
  return JSON.stringify({
    ...(request.metadata?.anthropic?.fields as JsonObject | undefined),
    model: request.model,
    max_tokens: request.maxOutputTokens ?? maxTokens,
    system: system.length === 0 ? undefined : system,
    messages,
    tools: request.tools?.map(writeTool),
    tool_choice: writeToolChoice(request),
    temperature: request.temperature,
    top_p: request.topP,
    stop_sequences: request.stop,
    thinking,
    stream: stream || undefined,
  });
}

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly content: JsonObject[];
}

/** Instructions before the first word are the system field; later ones stand where they were, as words of the user's side. */
function writeTurns({ messages }: ConversationRequest): { system: JsonObject[]; messages: Turn[] } {
  const system: JsonObject[] = [];
  const turns: Turn[] = [];
  const add = (role: Turn['role'], blocks: readonly JsonObject[]) => {
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else if (blocks.length > 0) turns.push({ role, content: [...blocks] });
  };
  for (const message of messages) {
    switch (message.role) {
      case 'system':
        if (turns.length === 0) system.push(...message.parts.map(writePart));
        else add('user', message.parts.map(writePart));
        break;
      case 'user':
        add('user', message.parts.map(writePart));
        break;
      case 'assistant':
        add('assistant', message.parts.flatMap(writeAssistantPart));
        break;
      case 'tool':
        add('user', message.parts.map(writeToolResult));
        break;
      default:
        message satisfies never;
    }
  }
  return { system, messages: turns };
}

function writeAssistantPart(part: AssistantMessage['parts'][number]): JsonObject[] {
  const extra = part.metadata?.anthropic;
  switch (part.type) {
    case 'reasoning': {
      if (typeof extra?.redacted === 'string') return [{ type: 'redacted_thinking', data: extra.redacted }];
      return part.text === '' ? [] : [{ signature: '', ...extra, type: 'thinking', thinking: part.text }];
    }
    case 'tool-call':
      return [{ ...extra, type: 'tool_use', id: part.id, name: part.name, input: readInput(part.arguments) }];
    default:
      return part.type === 'text' && part.text === '' ? [] : [writePart(part)];
  }
}

function readInput(text: string): Json {
  try {
    const value = JSON.parse(text) as Json;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // What a model wrote wrongly is said back to it as it was.
  }
  return text === '' ? {} : { arguments: text };
}

function writeToolResult({ toolCallId, parts, isError, metadata }: ToolResultPart): JsonObject {
  const content = parts.map(writePart);
  return {
    ...metadata?.anthropic,
    type: 'tool_result',
    tool_use_id: toolCallId,
    content,
    ...(isError ? { is_error: true } : undefined),
  };
}

function writePart(part: TextPart | ImagePart | FilePart): JsonObject {
  const { block, ...extra } = part.metadata?.anthropic ?? {};
  if (block !== undefined) return block as JsonObject;
  switch (part.type) {
    case 'text':
      return { ...extra, type: 'text', text: part.text };
    case 'image':
      return { source: writeSource(part, 'image/png'), ...extra, type: 'image' };
    case 'file': {
      const title = part.name === undefined ? undefined : { title: part.name };
      return { source: writeSource(part, 'application/pdf'), ...title, ...extra, type: 'document' };
    }
    default:
      return part satisfies never;
  }
}

function writeSource({ source, mediaType }: ImagePart | FilePart, usual: string): JsonObject {
  switch (source.type) {
    case 'base64':
      return { type: 'base64', media_type: mediaType ?? usual, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'id':
      return { type: 'file', file_id: source.id };
    default:
      return source satisfies never;
  }
}

function writeTool({ name, description, parameters, metadata }: Tool): JsonObject {
  return {
    ...metadata?.anthropic,
    name,
    ...(description === undefined ? undefined : { description }),
    input_schema: parameters ?? { type: 'object', properties: {} },
  };
}

function writeToolChoice({ toolChoice, parallelToolCalls, tools }: ConversationRequest): JsonObject | undefined {
  if (tools === undefined || tools.length === 0) return undefined;
  const single = parallelToolCalls === false ? { disable_parallel_tool_use: true } : undefined;
  if (toolChoice === undefined) return single && { type: 'auto', ...single };
  switch (toolChoice.type) {
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...single };
    case 'required':
      return { type: 'any', ...single };
    case 'tool':
      return { type: 'tool', name: toolChoice.name, ...single };
    default:
      return toolChoice satisfies never;
  }
}
