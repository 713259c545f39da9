// Writes canonical requests as OpenAI chat bodies. What another dialect knew and this one cannot say is reported by
// `note`, never dropped in silence; what the same dialect brought along (`metadata.openai`) goes back out as it came in.
import type {
  AssistantMessage,
  ConversationRequest,
  FilePart,
  ImagePart,
  Json,
  JsonObject,
  Message,
  Metadata,
  ResponseFormat,
  Source,
  TextPart,
  Tool,
  ToolCallPart,
  ToolChoice,
  ToolResultPart,
} from '../../canonical/conversation.ts';
import { readAnthropicExtras } from './anthropic-extras.ts';
import { listForeignFields } from './foreign-fields.ts';

/** How one upstream differs from the rest. */
export interface RequestDialect {
  /** The field for the output limit, unless the client itself chose one. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Ask for the usage of a stream; a few servers refuse the option. */
  readonly streamUsage: boolean;
  /** Leave the effort out; a few models refuse it. */
  readonly withoutEffort?: boolean;
}

type WirePart = JsonObject;

/** The body for `request`. `note` is told in plain words what could not be carried. */
export function writeOpenAiChatRequest(
  request: ConversationRequest,
  stream: boolean,
  dialect: RequestDialect,
  note: (text: string) => void,
): string {
  const own = request.metadata?.openai;
  noteExtras(request, note);
  const maxTokensField = typeof own?.maxTokensField === 'string' ? own.maxTokensField : dialect.maxTokensField;
  if (request.reasoning?.enabled && request.reasoning.effort === undefined)
    note('The wish for thinking was left out: this upstream only has a field for how much.');
  return JSON.stringify({
    ...(own?.fields as JsonObject | undefined),
    model: request.model,
    messages: writeMessages(request.messages, note),
    tools: request.tools?.map(writeTool),
    tool_choice: request.toolChoice && writeToolChoice(request.toolChoice),
    parallel_tool_calls: request.parallelToolCalls,
    [maxTokensField]: request.maxOutputTokens,
    temperature: request.temperature,
    top_p: request.topP,
    seed: request.seed,
    frequency_penalty: request.frequencyPenalty,
    presence_penalty: request.presencePenalty,
    stop: request.stop,
    response_format: request.responseFormat && writeResponseFormat(request.responseFormat, own?.format),
    reasoning_effort: dialect.withoutEffort ? undefined : writeEffort(request, note),
    stream: stream || undefined,
    stream_options: stream && dialect.streamUsage ? { include_usage: true } : undefined,
  });
}

/** Where a client of another dialect wants no thinking, its effort is about the answer alone and has no field here. */
function writeEffort({ reasoning, metadata }: ConversationRequest, note: (text: string) => void): string | undefined {
  const { effort, enabled, budgetTokens } = reasoning ?? {};
  if (budgetTokens !== undefined) note('The limit for thinking was left out: this upstream has no field for it.');
  if (enabled !== false || metadata?.openai !== undefined) return effort;
  note('The wish for no thinking was left out: this upstream has no field for it.');
  return undefined;
}

/** Notes what clients of other dialects may say and OpenAI's has no field for. */
export function noteExtras(request: ConversationRequest, note: (text: string) => void): void {
  const foreign = listForeignFields(request, ['openai', 'anthropic']);
  if (foreign.length > 0) note(`Left out, as this upstream has no field for it: ${foreign.join(', ')}.`);
  const extras = readAnthropicExtras(request);
  if (extras === undefined) return;
  const { fields, upstreamTools, blocks, marks, cached, cachedSetup } = extras;
  const left = [...fields, ...marks];
  if (left.length > 0) note(`Left out, as this upstream has no field for it: ${left.join(', ')}.`);
  if (upstreamTools.length > 0) note(`Tools that only Anthropic runs were left out: ${upstreamTools.join(', ')}.`);
  if (blocks.length > 0) note(`Passed on as text: ${blocks.join(', ')} blocks.`);
  if (cached || cachedSetup) note('Cache markers were left out: this upstream has no field for them.');
}

function writeMessages(messages: readonly Message[], note: (text: string) => void): JsonObject[] {
  const written: JsonObject[] = [];
  let images: WirePart[] = [];
  const flushImages = () => {
    if (images.length === 0) return;
    written.push({ role: 'user', content: images });
    images = [];
  };
  for (const message of messages) {
    if (message.role !== 'tool') flushImages();
    switch (message.role) {
      case 'system':
        written.push({ role: 'system', ...message.metadata?.openai, content: writeContent(message.parts) });
        break;
      case 'user':
        written.push({ role: 'user', ...message.metadata?.openai, content: writeContent(message.parts) });
        break;
      case 'assistant':
        written.push(writeAssistant(message, note));
        break;
      case 'tool':
        for (const part of message.parts) {
          written.push(writeToolResult(part, message.metadata));
          const shown = part.parts.filter((inner) => inner.type !== 'text');
          if (shown.length > 0) {
            note('An image in a tool result was moved to a message of its own: this upstream takes only text there.');
            images.push({ type: 'text', text: `Shown by the tool call ${part.toolCallId}:` }, ...shown.map(writePart));
          }
          if (part.isError) note('The mark of a failed tool result was left out: this upstream has no field for it.');
        }
        break;
      default:
        message satisfies never;
    }
  }
  flushImages();
  return written;
}

function writeAssistant(message: AssistantMessage, note: (text: string) => void): JsonObject {
  const content: (TextPart | ImagePart | FilePart)[] = [];
  const toolCalls: JsonObject[] = [];
  let reasoning: string | undefined;
  let refusal: string | undefined;
  for (const part of message.parts) {
    switch (part.type) {
      case 'reasoning':
        // A block that only holds a signature shows nothing.
        if (part.text !== '' || part.metadata?.anthropic === undefined) reasoning = (reasoning ?? '') + part.text;
        if (part.metadata?.anthropic)
          note('The signature of a reasoning part was left out: this upstream has no field for it.');
        break;
      case 'tool-call':
        toolCalls.push(writeToolCall(part));
        break;
      default:
        if (part.type === 'text' && part.metadata?.openai?.refusal === 'field') refusal = part.text;
        else content.push(part);
    }
  }
  return {
    role: 'assistant',
    ...message.metadata?.openai,
    content: content.length === 0 && (toolCalls.length > 0 || refusal !== undefined) ? null : writeContent(content),
    ...(refusal === undefined ? undefined : { refusal }),
    ...(reasoning === undefined ? undefined : { reasoning_content: reasoning }),
    ...(toolCalls.length === 0 ? undefined : { tool_calls: toolCalls }),
  };
}

function writeToolCall({ id, name, arguments: text, metadata }: ToolCallPart): JsonObject {
  const { function: inner, ...extra }: JsonObject = metadata?.openai ?? {};
  const body = { ...(inner as JsonObject), name, arguments: text };
  return { ...extra, id, type: extra.type ?? 'function', function: body };
}

function writeToolResult(part: ToolResultPart, metadata: Metadata | undefined): JsonObject {
  const texts = part.parts.filter((inner): inner is TextPart => inner.type === 'text');
  return {
    role: 'tool',
    ...metadata?.openai,
    tool_call_id: part.toolCallId,
    ...(part.name === undefined ? undefined : { name: part.name }),
    content: writeContent(texts),
  };
}

/** A string where one plain text says it all: some servers know nothing else. */
function writeContent(parts: readonly (TextPart | ImagePart | FilePart)[]): Json {
  const [only] = parts;
  if (only === undefined) return '';
  if (parts.length === 1 && only.type === 'text' && only.metadata?.openai === undefined) return only.text;
  return parts.map(writePart);
}

function writePart(part: TextPart | ImagePart | FilePart): WirePart {
  const extra = part.metadata?.openai;
  switch (part.type) {
    case 'text':
      if (extra?.refusal === 'part') return { type: 'refusal', refusal: part.text };
      return { ...extra, type: 'text', text: part.text };
    case 'image': {
      const { detail, image_url: inner, ...rest } = extra ?? {};
      const url = writeUrl(part.source, part.mediaType ?? 'image/png');
      const image = { ...(inner as JsonObject), url, ...(detail === undefined ? undefined : { detail }) };
      return { ...rest, type: 'image_url', image_url: image };
    }
    case 'file':
      return writeFile(part, extra);
    default:
      return part satisfies never;
  }
}

function writeFile({ source, mediaType, name, metadata }: FilePart, extra: JsonObject | undefined): WirePart {
  if (mediaType?.startsWith('video/')) {
    return { ...extra, type: 'video_url', video_url: { url: writeUrl(source, mediaType) } };
  }
  if (mediaType?.startsWith('audio/') && source.type === 'base64') {
    const format = mediaType === 'audio/mpeg' ? 'mp3' : mediaType.slice('audio/'.length);
    return { ...extra, type: 'input_audio', input_audio: { data: source.data, format } };
  }
  // Anthropic's text documents: hardly a server takes files that are no PDF.
  if (metadata?.anthropic?.source !== undefined && mediaType !== 'application/pdf' && source.type === 'base64') {
    const text = Buffer.from(source.data, 'base64').toString('utf8');
    return { ...extra, type: 'text', text: name === undefined ? text : `${name}:\n${text}` };
  }
  const file: JsonObject =
    source.type === 'id'
      ? { file_id: source.id }
      : { filename: name ?? 'file', file_data: writeUrl(source, mediaType ?? 'application/octet-stream') };
  return { ...extra, type: 'file', file };
}

function writeUrl(source: Source, mediaType: string): string {
  switch (source.type) {
    case 'base64':
      return `data:${mediaType};base64,${source.data}`;
    case 'url':
      return source.url;
    case 'id':
      return source.id;
    default:
      return source satisfies never;
  }
}

function writeTool({ name, description, parameters, strict, metadata }: Tool): JsonObject {
  const { function: inner, ...extra }: JsonObject = metadata?.openai ?? {};
  const body = { ...(inner as JsonObject), name, description, parameters, strict };
  // A tool that the upstream runs itself has a type of its own.
  return { ...extra, type: extra.type ?? 'function', function: body as unknown as JsonObject };
}

function writeToolChoice(choice: ToolChoice): Json {
  return choice.type === 'tool' ? { type: 'function', function: { name: choice.name } } : choice.type;
}

function writeResponseFormat(format: ResponseFormat, own: Json | undefined): JsonObject {
  const { json_schema: inner, ...outer } = (own ?? {}) as JsonObject;
  if (format.type !== 'json-schema') return { ...outer, type: format.type === 'json' ? 'json_object' : 'text' };
  const { name, description, schema, strict } = format;
  const body = { ...(inner as JsonObject), name, description, schema, strict };
  return { ...outer, type: 'json_schema', json_schema: body as unknown as JsonObject };
}
