// Names a point of a conversation, so that a program that waits there is found again: everything that the program was told
// until then, without what clients leave out or write in another way when they send it back.
import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '../../canonical/conversation.ts';
import type { WireTurn } from './turns.ts';

/**
 * The name of the point after `turns`, set up by `setup`, in a conversation of the client key `owner`; undefined where the client has placed cache markers of its own,
 * which a program that goes on could not move.
 */
export function namePoint(
  owner: string | undefined,
  setup: readonly JsonObject[],
  turns: readonly WireTurn[],
): string | undefined {
  const last = turns.at(-1)?.content.at(-1);
  const isMarked = turns.some(({ content }) => content.some((block) => block !== last && hasMarker(block)));
  if (isMarked) return undefined;
  const hash = createHash('sha256').update(JSON.stringify([owner ?? '', ...setup]));
  for (const { role, content } of turns) hash.update(JSON.stringify([role, ...reduceBlocks(content)]));
  return hash.digest('base64');
}

const hasMarker = (block: JsonObject) =>
  block.cache_control !== undefined || (Array.isArray(block.content) && block.content.some(isMarkedPart));
const isMarkedPart = (part: Json) => (part as JsonObject).cache_control !== undefined;

/** Blocks as their essence: texts joined, thinking left out, as many clients do both. */
function reduceBlocks(content: readonly JsonObject[]): Json[] {
  const reduced: Json[] = [];
  let text = '';
  const flush = () => {
    if (text !== '') reduced.push(text);
    text = '';
  };
  for (const block of content) {
    if (block.type === 'text') text += block.text;
    else if (block.type !== 'thinking' && block.type !== 'redacted_thinking') {
      flush();
      reduced.push(reduceBlock(block));
    }
  }
  flush();
  return reduced;
}

function reduceBlock({ cache_control: _, ...block }: JsonObject): Json {
  switch (block.type) {
    case 'tool_use':
      return ['tool_use', block.id ?? '', block.name ?? '', sortKeys(block.input ?? {})];
    case 'tool_result': {
      const { content = '' } = block;
      const said = typeof content === 'string' ? [content] : reduceBlocks(content as JsonObject[]);
      return ['tool_result', block.tool_use_id ?? '', block.is_error ?? false, ...said];
    }
    default:
      return block;
  }
}

function sortKeys(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(sortKeys);
  const entries = Object.entries(value as JsonObject).map(([name, field]): [string, Json] => [name, sortKeys(field)]);
  return Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
}
