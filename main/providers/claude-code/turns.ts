// Writes canonical messages as Anthropic's alternating turns of content blocks. Knows nothing of the program's lines.
import type {
  AssistantMessage,
  FilePart,
  ImagePart,
  Json,
  JsonObject,
  Message,
  Metadata,
  ReasoningPart,
  Source,
  TextPart,
  ToolCallPart,
  ToolResultPart,
} from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { digest, ID, type ToolNames } from './names.ts';

/** One turn: everything that one side said before the other spoke again. */
export interface WireTurn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly JsonObject[];
}

/** The system texts that stand first, and the turns after them. */
export function writeTurns(
  messages: readonly Message[],
  names: ToolNames,
  note: (text: string) => void,
): { systemPrompt: string[]; turns: WireTurn[] } {
  const systemPrompt: string[] = [];
  const turns: { role: 'user' | 'assistant'; content: JsonObject[] }[] = [];
  const add = (role: 'user' | 'assistant', blocks: readonly JsonObject[]) => {
    if (blocks.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else turns.push({ role, content: [...blocks] });
  };
  for (const message of messages) {
    switch (message.role) {
      case 'system':
        if (turns.length === 0) systemPrompt.push(...message.parts.map(({ text }) => text));
        else
          add(
            'user',
            message.parts.map((part) => writeLateSystem(part, note)),
          );
        break;
      case 'user':
        add('user', message.parts.flatMap(writeContent));
        break;
      case 'tool':
        add('user', message.parts.map(writeToolResult));
        break;
      case 'assistant':
        add('assistant', writeAssistantBlocks(message, names, note));
        break;
      default:
        message satisfies never;
    }
  }
  return { systemPrompt, turns: turns.map((turn, index) => putAnswersFirst(turn, turns[index - 1], note)) };
}

/** The upstream refuses a turn that says something before it answers the calls of the turn before it. */
function putAnswersFirst(turn: WireTurn, before: WireTurn | undefined, note: (text: string) => void): WireTurn {
  const calls = before?.content.flatMap(({ type, id }) => (type === 'tool_use' ? [id] : [])) ?? [];
  const isAnswer = ({ type }: JsonObject) => type === 'tool_result';
  const answers = turn.content.filter(isAnswer);
  if (!answers.some(({ tool_use_id: id }) => id !== undefined && calls.includes(id))) return turn;
  if (turn.content.slice(0, answers.length).every(isAnswer)) return turn;
  note("The answers to the tools' calls were put before the other words of their turn: the upstream takes them first.");
  return { ...turn, content: [...answers, ...turn.content.filter((block) => !isAnswer(block))] };
}

function writeLateSystem({ text }: TextPart, note: (text: string) => void): JsonObject {
  note('A system message inside the conversation stayed in its place, marked as such in a user turn.');
  return { type: 'text', text: `<system-reminder>\n${text}\n</system-reminder>` };
}

function writeContent(part: TextPart | ImagePart | FilePart): JsonObject[] {
  switch (part.type) {
    case 'text':
      // The upstream refuses empty texts.
      return part.text === '' ? [] : [{ type: 'text', text: part.text, ...readOwn(part.metadata) }];
    case 'image':
      return [
        { type: 'image', source: writeSource(part.source, part.mediaType ?? 'image/png'), ...readOwn(part.metadata) },
      ];
    case 'file':
      return [writeFile(part)];
    default:
      return part satisfies never;
  }
}

function writeFile({ source, mediaType = 'application/pdf', name, metadata }: FilePart): JsonObject {
  const isText = mediaType.startsWith('text/') || mediaType === 'application/json';
  if (mediaType !== 'application/pdf' && !isText) {
    const message = `Claude Code takes images, PDF and text documents, but no ${mediaType}.`;
    throw new GatewayError('unsupported', message, { provider: ID, param: 'messages' });
  }
  const title: JsonObject = name === undefined ? {} : { title: name };
  if (source.type === 'base64' && isText) {
    const data = Buffer.from(source.data, 'base64').toString('utf8');
    return {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data },
      ...title,
      ...readOwn(metadata),
    };
  }
  return { type: 'document', source: writeSource(source, mediaType), ...title, ...readOwn(metadata) };
}

function writeSource(source: Source, mediaType: string): JsonObject {
  switch (source.type) {
    case 'base64':
      return { type: 'base64', media_type: mediaType, data: source.data };
    case 'url':
      return { type: 'url', url: source.url };
    case 'id':
      return { type: 'file', file_id: source.id };
    default:
      return source satisfies never;
  }
}

function writeToolResult({ toolCallId, parts, isError, metadata }: ToolResultPart): JsonObject {
  const content = parts.flatMap(writeContent);
  const [only] = content;
  const plain = content.length === 1 && only?.type === 'text' && Object.keys(only).length === 2;
  return {
    type: 'tool_result',
    tool_use_id: writeToolId(toolCallId),
    content: plain ? (only.text as string) : content,
    ...(isError ? { is_error: true } : {}),
    ...readOwn(metadata),
  };
}

/** What a model has answered, as content blocks. */
export function writeAssistantBlocks(
  { parts }: AssistantMessage,
  names: ToolNames,
  note: (text: string) => void,
): JsonObject[] {
  return parts.flatMap((part): JsonObject[] => {
    switch (part.type) {
      case 'text':
        return writeContent(part);
      case 'reasoning':
        return writeReasoning(part, note);
      case 'tool-call':
        return [writeToolCall(part, names, note)];
      case 'image':
      case 'file':
        note('An image or file that the model had made was left out: the upstream takes none from the model.');
        return [];
      default:
        return part satisfies never;
    }
  });
}

/** Only signed thinking may go back: the upstream checks the signature. */
function writeReasoning({ text, metadata }: ReasoningPart, note: (text: string) => void): JsonObject[] {
  const { signature, redacted, ...extra } = metadata?.anthropic ?? {};
  if (typeof signature === 'string') return [{ type: 'thinking', thinking: text, signature, ...extra }];
  if (typeof redacted === 'string') return [{ type: 'redacted_thinking', data: redacted, ...extra }];
  note('Earlier thinking was left out: the client sent it back without its signature.');
  return [];
}

function writeToolCall(
  { id, name, arguments: text, metadata }: ToolCallPart,
  names: ToolNames,
  note: (text: string) => void,
): JsonObject {
  const input = readArguments(text, note);
  return { type: 'tool_use', id: writeToolId(id), name: names.write(name), input, ...readOwn(metadata) };
}

function readArguments(text: string, note: (text: string) => void): JsonObject {
  if (text.trim() === '') return {};
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    value = text;
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  note('The arguments of an earlier tool call are no JSON object; they were passed on as text.');
  return { arguments: text };
}

/** The upstream knows only these characters in ids; ids of other upstreams may hold more, and must not become equal. */
function writeToolId(id: string): string {
  const known = id.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  return known === id && id !== '' ? id : `${known}_${digest(id)}`;
}

/** Block fields that only Anthropic's dialect knows, such as `cache_control`; a block that was read as text stays text. */
function readOwn(metadata: Metadata | undefined): JsonObject {
  const { block: _, ...own } = metadata?.anthropic ?? {};
  return own;
}
