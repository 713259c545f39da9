// Reads the messages of a chat. Tool calls and their results carry no ids in this dialect: they are matched here by name
// and order, and numbered from the start of the conversation, so that a call keeps its id from turn to turn.
import type {
  AssistantMessage,
  ImagePart,
  Json,
  JsonObject,
  Message,
  Metadata,
  TextPart,
  ToolCallPart,
} from '../../canonical/conversation.ts';
import { type CallBook, createCallBook } from '../kit/call-book.ts';
import { asListOrNone, asObject, asString, refuse } from '../kit/fields.ts';
import { asText } from './fields.ts';

/** Reads a list of messages; `note` is told in plain words what could not be kept. */
export function readMessages(list: readonly Json[], note: (text: string) => void): Message[] {
  const calls = createCallBook();
  return list.map((value, at) => {
    const path = `messages[${at}]`;
    const message = asObject(value, path);
    switch (message.role) {
      case 'user': {
        const { role: _, content, images, ...extra } = message;
        return { role: 'user', parts: readParts(content, images, `${path}.`), metadata: keep(extra) };
      }
      case 'assistant':
        return readAssistant(message, path, calls);
      case 'tool':
        return readToolMessage(message, path, calls);
      case 'system':
      case 'developer': {
        const { role: _, content, images, ...extra } = message;
        if (asListOrNone(images, `${path}.images`).length > 0) note('The images of a system message were left out.');
        const parts = [{ type: 'text' as const, text: asText(content, `${path}.content`) }];
        return { role: 'system', parts, metadata: keep(extra) };
      }
      default:
        return refuse(`${path}.role`, 'must be system, user, assistant or tool');
    }
  });
}

/** A text with its images before it, as this dialect's models see them; `prefix` goes before a field's name. */
export function readParts(
  content: Json | undefined,
  images: Json | undefined,
  prefix: string,
): readonly (TextPart | ImagePart)[] {
  const shown = asListOrNone(images, `${prefix}images`).map((image, at) => readImage(image, `${prefix}images[${at}]`));
  const text = asText(content, `${prefix}content`);
  return shown.length > 0 && text === '' ? shown : [...shown, { type: 'text', text }];
}

/** How the base64 of a picture begins. */
const SIGNATURES = [
  ['iVBORw0KGgo', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const;

function readImage(value: Json, path: string): ImagePart {
  const text = asString(value, path);
  // Only bare base64 is documented; some clients hand on the data URL that they have.
  const comma = text.startsWith('data:') ? text.indexOf(',') : -1;
  const data = text.slice(comma + 1);
  const named = text.slice('data:'.length, Math.max(0, comma)).split(';', 1)[0];
  const mediaType = named || SIGNATURES.find(([start]) => data.startsWith(start))?.[1] || 'image/png';
  return { type: 'image', source: { type: 'base64', data }, mediaType };
}

function readAssistant(message: JsonObject, path: string, calls: CallBook): AssistantMessage {
  const { role: _, content, thinking, images, tool_calls: toolCalls, ...extra } = message;
  const parts: AssistantMessage['parts'][number][] = [];
  const thought = asText(thinking, `${path}.thinking`);
  if (thought !== '') parts.push({ type: 'reasoning', text: thought });
  const called = asListOrNone(toolCalls, `${path}.tool_calls`).map((call, at) =>
    readToolCall(call, `${path}.tool_calls[${at}]`, calls),
  );
  const said = readParts(content, images, `${path}.`);
  parts.push(...said.filter((part) => called.length === 0 || part.type !== 'text' || part.text !== ''), ...called);
  return { role: 'assistant', parts, metadata: keep(extra) };
}

function readToolCall(value: Json, path: string, calls: CallBook): ToolCallPart {
  const { id, type: _, function: body, ...extra } = asObject(value, path);
  const { name: given, arguments: input, index: __, ...inner } = asObject(body, `${path}.function`);
  const name = asString(given, `${path}.function.name`);
  return {
    type: 'tool-call',
    id: calls.open(name, readId(id)),
    name,
    arguments: typeof input === 'string' ? input : JSON.stringify(input ?? {}),
    metadata: keep({ ...extra, ...inner }),
  };
}

function readToolMessage(message: JsonObject, path: string, calls: CallBook): Message {
  const { role: _, content, images, tool_name: toolName, name, tool_call_id: id, ...extra } = message;
  const called = typeof toolName === 'string' ? toolName : typeof name === 'string' ? name : undefined;
  const toolCallId = calls.answer(called, readId(id));
  const parts = readParts(content, images, `${path}.`);
  return { role: 'tool', parts: [{ type: 'tool-result', toolCallId, name: called, parts }], metadata: keep(extra) };
}

const readId = (value: Json | undefined) => (typeof value === 'string' && value !== '' ? value : undefined);

function keep(extra: JsonObject): Metadata | undefined {
  for (const _ in extra) return { ollama: extra };
  return undefined;
}
