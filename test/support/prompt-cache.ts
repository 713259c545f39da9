/** Anthropic's prompt cache as its documentation tells it: whole prefixes, written and found at `cache_control` markers. */

import { createHash } from 'node:crypto';
import type { RecordedBody } from './messages-stub.ts';

/** What one request costs. */
export interface CacheCounts {
  input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation_input_tokens: number;
}

/** Remembers what it was asked. */
export interface PromptCache {
  /** Counts a request, and keeps its marked prefixes. */
  count(body: RecordedBody): CacheCounts;
}

/** So many blocks before a marker are looked at for a prefix that is known. */
const LOOK_BACK_BLOCKS = 20;
/** Shorter prefixes are never kept. */
const LEAST_TOKENS = 1024;
/** About as many as in English. */
const CHARACTERS_PER_TOKEN = 4;

interface Prefix {
  /** Names everything up to and with this block. */
  name: string;
  tokens: number;
  isMarked: boolean;
}

/** A cache that knows nothing yet. */
export function createPromptCache(): PromptCache {
  const known = new Set<string>();
  return {
    count: (body) => {
      const prefixes = listPrefixes(body);
      const total = prefixes.at(-1)?.tokens ?? 0;
      const marked = prefixes.flatMap(({ isMarked, tokens }, at) => (isMarked && tokens >= LEAST_TOKENS ? [at] : []));
      const isInReach = (at: number) => marked.some((marker) => marker >= at && marker - at <= LOOK_BACK_BLOCKS);
      const found = prefixes.findLast(({ name }, at) => known.has(name) && isInReach(at));
      for (const at of marked) known.add(prefixes[at]?.name ?? '');
      const read = found?.tokens ?? 0;
      const kept = prefixes[marked.at(-1) ?? -1]?.tokens ?? 0;
      const written = Math.max(0, kept - read);
      return {
        input_tokens: total - read - written,
        cache_read_input_tokens: read,
        cache_creation_input_tokens: written,
      };
    },
  };
}

/** Tools come first, then the system, then the messages; the way to think and to call makes the messages other ones. */
function listPrefixes({
  model,
  tools = [],
  system = [],
  messages = [],
  tool_choice,
  thinking,
}: RecordedBody): Prefix[] {
  const hash = createHash('sha256').update(JSON.stringify(model ?? ''));
  let tokens = 0;
  const prefixes: Prefix[] = [];
  const add = (block: object, place: string) => {
    const { cache_control: marker, ...content } = block as { cache_control?: unknown };
    const text = JSON.stringify(content);
    hash.update(`${place} ${text}`);
    tokens += Math.ceil(text.length / CHARACTERS_PER_TOKEN);
    prefixes.push({ name: hash.copy().digest('base64'), tokens, isMarked: marker !== undefined });
  };
  for (const tool of tools) add(tool as object, 'tool');
  for (const block of readBlocks(system)) add(block, 'system');
  hash.update(JSON.stringify([tool_choice, thinking]));
  for (const { role, content, ...own } of messages) {
    hash.update(JSON.stringify([role, own]));
    for (const block of readBlocks(content)) add(block, role);
  }
  return prefixes;
}

function readBlocks(content: unknown): object[] {
  return typeof content === 'string' ? [{ type: 'text', text: content }] : ((content ?? []) as object[]);
}
