// Ids of tool calls as the Kimi family writes them: `functions.NAME:INDEX`, counted over the whole conversation. Ids of another
// form in the history confuse these models, so all are rewritten; what a model writes is read back as leniently as can be.
import type { ConversationRequest, Json, JsonObject, Message, Tool } from '../../canonical/conversation.ts';
import { checkArguments } from './emulated-tools/check-arguments.ts';

/** The id of the call of `name` that comes after `index` others. */
export const writeCallId = (name: string, index: number): string => `functions.${name}:${index}`;

/** The name within an id as a model wrote it; empty where it is only a number. */
export function readCallName(id: string): string {
  const name = id.replace(/^functions[._]/, '').replace(/:\d*$/, '');
  return /^\d*$/.test(name) ? '' : name;
}

/** The messages with every call numbered anew, each result with the number of its call. */
export function numberToolCalls(messages: readonly Message[]): readonly Message[] {
  /** Some models begin their count anew in each turn: a result belongs to the newest call of its id. */
  const renamed = new Map<string, string>();
  let count = 0;
  return messages.map((message) => {
    if (message.role === 'assistant') {
      if (!message.parts.some(({ type }) => type === 'tool-call')) return message;
      const parts = message.parts.map((part) => {
        if (part.type !== 'tool-call') return part;
        const id = writeCallId(part.name, count++);
        renamed.set(part.id, id);
        return { ...part, id };
      });
      return { ...message, parts };
    }
    if (message.role !== 'tool') return message;
    const parts = message.parts.map((part) => ({
      ...part,
      toolCallId: renamed.get(part.toolCallId) ?? part.toolCallId,
    }));
    return { ...message, parts };
  });
}

/** Gives each call of a reply an id that no other call of its conversation has. */
export function createCallIds({
  messages,
}: Pick<ConversationRequest, 'messages'>): (name: string, id: string) => string {
  const used = new Set<string>();
  for (const message of messages) {
    if (message.role !== 'assistant') continue;
    for (const part of message.parts) if (part.type === 'tool-call') used.add(part.id);
  }
  let count = used.size;
  return (name, id) => {
    let chosen = id;
    while (chosen === '' || used.has(chosen)) chosen = writeCallId(name, count++);
    used.add(chosen);
    return chosen;
  };
}

/** The tool that a model means by `name`; undefined where that cannot be told without the arguments. */
export function findTool(name: string, tools: readonly Tool[]): Tool | undefined {
  const exact = tools.find((tool) => tool.name === name);
  if (exact !== undefined || name === '') return exact;
  const bare = (text: string) => text.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const close = tools.filter((tool) => bare(tool.name) === bare(name));
  return close.length === 1 ? close[0] : undefined;
}

/**
 * The tool whose arguments these are: the only one there is, or of those that they fit the one with the fewest fields that
 * are left out; undefined where two are as likely.
 */
export function guessTool(text: string, tools: readonly Tool[]): Tool | undefined {
  if (tools.length <= 1) return tools[0];
  const given = readObject(text);
  if (given === undefined) return undefined;
  const fitting = tools.flatMap((tool) => {
    const known = Object.keys((tool.parameters?.properties as JsonObject | undefined) ?? {});
    if (Object.keys(given).some((field) => !known.includes(field))) return [];
    const checked = checkArguments(given, tool.parameters);
    return 'fault' in checked || checked.isChanged ? [] : [{ tool, left: known.length - Object.keys(given).length }];
  });
  const [best, next] = fitting.sort((one, other) => one.left - other.left);
  return best !== undefined && best.left !== next?.left ? best.tool : undefined;
}

function readObject(text: string): JsonObject | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
  } catch {
    return undefined;
  }
}

/** What must follow `text` to make it JSON where it only lacks its end; undefined where that would not help. */
export function completeJson(text: string): string | undefined {
  const open: string[] = [];
  let inString = false;
  let escaped = false;
  for (const character of text) {
    if (inString) {
      if (escaped) escaped = false;
      else if (character === '\\') escaped = true;
      else if (character === '"') inString = false;
    } else if (character === '"') inString = true;
    else if (character === '{') open.push('}');
    else if (character === '[') open.push(']');
    else if ((character === '}' || character === ']') && open.pop() !== character) return undefined;
  }
  if (inString || open.length === 0) return undefined;
  const rest = open.reverse().join('');
  try {
    JSON.parse(text + rest);
    return rest;
  } catch {
    return undefined;
  }
}
