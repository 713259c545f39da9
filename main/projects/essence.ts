// What a conversation comes to, so that it is known again when a client sends it back: who said what, without what
// clients leave out or write in another way. Compares and names; keeps nothing.
import { createHash } from 'node:crypto';
import type {
  FilePart,
  ImagePart,
  Json,
  JsonObject,
  Message,
  SystemMessage,
  ToolCallPart,
} from '../canonical/conversation.ts';

/** What one side said in one go, in however many messages. */
export interface Group {
  readonly role: Message['role'];
  /** Equal for equal words, calls, results and pictures. */
  readonly essence: string;
  /** The place behind its last message. */
  readonly end: number;
}

/** The instructions before the first word, and the rest. */
export function splitSystem(messages: readonly Message[]): {
  readonly system: readonly SystemMessage[];
  readonly rest: readonly Message[];
} {
  const first = messages.findIndex(({ role }) => role !== 'system');
  const at = first < 0 ? messages.length : first;
  return { system: messages.slice(0, at) as SystemMessage[], rest: messages.slice(at) };
}

interface OpenGroup {
  readonly role: Message['role'];
  text: string;
  readonly others: Json[];
  end: number;
}

/** The groups of a conversation; messages in which nothing is said belong to none. */
export function listGroups(messages: readonly Message[]): Group[] {
  const groups: OpenGroup[] = [];
  for (const [at, message] of messages.entries()) {
    const { text, others } = reduceMessage(message);
    if (text.trim() === '' && others.length === 0) continue;
    const last = groups.at(-1);
    if (last?.role === message.role) {
      last.text += text;
      last.others.push(...others);
      last.end = at + 1;
    } else groups.push({ role: message.role, text, others, end: at + 1 });
  }
  return groups.map(({ role, text, others, end }) => ({
    role,
    end,
    // Clients trim what they show and send back.
    essence: JSON.stringify([role, text.trim(), ...others]),
  }));
}

/** The name of an empty conversation's point under these instructions. */
export function nameStart(system: readonly SystemMessage[]): string {
  const text = system.flatMap(({ parts }) => parts.map((part) => part.text)).join('');
  return hash(text.trim());
}

/** The name of the point that lies these groups behind `point`. */
export function nameAfter(point: string, groups: readonly Group[]): string {
  return groups.reduce((before, { essence }) => hash(`${before} ${essence}`), point);
}

/** Texts in one, as some dialects know a single one; the rest in its order. Thoughts are nothing that was said. */
function reduceMessage(message: Message): { text: string; others: Json[] } {
  let text = '';
  const others: Json[] = [];
  for (const part of message.parts) {
    switch (part.type) {
      case 'text':
        text += part.text;
        break;
      case 'image':
      case 'file':
        others.push(reduceMedia(part));
        break;
      case 'tool-call':
        others.push(['call', part.name, reduceArguments(part)]);
        break;
      case 'tool-result':
        others.push([
          'result',
          ...part.parts.map((each) => (each.type === 'text' ? each.text.trim() : reduceMedia(each))),
        ]);
        break;
      case 'reasoning':
        break;
      default:
        part satisfies never;
    }
  }
  return { text, others };
}

function reduceMedia({ type, source }: ImagePart | FilePart): Json {
  if (source.type === 'base64') return [type, hash(source.data)];
  return [type, source.type === 'url' ? source.url : source.id];
}

/** Some clients parse a call's arguments and write them anew. */
function reduceArguments({ arguments: text }: ToolCallPart): Json {
  try {
    return sortKeys(JSON.parse(text === '' ? '{}' : text));
  } catch {
    // No JSON, or nested deeper than anybody can go.
    return text;
  }
}

function sortKeys(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const entries = Object.entries(value as JsonObject).map(([name, field]): [string, Json] => [name, sortKeys(field)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
