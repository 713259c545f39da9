// A whole reply out of its events, for clients that want one object.
import type { AssistantMessage, JsonObject, Metadata } from './conversation.ts';
import { GatewayError } from './errors.ts';
import type { ConversationEvent, EventStream, FinishReason, Usage } from './events.ts';

/** A complete reply. */
export interface Reply {
  readonly id?: string;
  /** The model that the upstream says has answered. */
  readonly model?: string;
  readonly parts: AssistantMessage['parts'];
  readonly usage?: Usage;
  readonly finishReason: FinishReason;
  /** Of the reply as a whole, from its beginning and its end. */
  readonly metadata?: Metadata;
}

interface OpenBlock {
  readonly type: 'text' | 'reasoning' | 'tool-call';
  readonly id: string;
  readonly name: string;
  readonly pieces: string[];
  metadata: Metadata | undefined;
}

/** No model says as much; an upstream that never ends does. */
const MOST_CHARACTERS = 64 * 1024 ** 2;

/** A count of what is held of one reply: takes each further text. Throws `GatewayError` past `mostCharacters`. */
export function createLengthLimit(mostCharacters = MOST_CHARACTERS): (text: string) => void {
  let characters = 0;
  return (text) => {
    characters += text.length;
    if (characters > mostCharacters)
      throw new GatewayError('upstream', `The upstream's answer is longer than ${mostCharacters} characters.`);
  };
}

/** Puts one reply together, event by event. */
export interface Collector {
  /** Takes the next event. Throws the `GatewayError` of an `error`, and one for a reply that is too long. */
  read(event: ConversationEvent): void;
  /** The reply as far as it has come; undefined before its `reply-end`. */
  readonly reply: Reply | undefined;
  /** The counts so far. */
  readonly usage: Usage | undefined;
}

/** A collector for one reply of at most `mostCharacters`. */
export function createCollector(mostCharacters = MOST_CHARACTERS): Collector {
  const limit = createLengthLimit(mostCharacters);
  const blocks = new Map<number, OpenBlock>();
  let head: { id?: string; model?: string; metadata?: Metadata } = {};
  let usage: Usage | undefined;
  let finishReason: FinishReason | undefined;

  const read = (event: ConversationEvent) => {
    switch (event.type) {
      case 'reply-start': {
        const { type: _, ...rest } = event;
        head = rest;
        break;
      }
      case 'text-start':
      case 'reasoning-start': {
        const type = event.type === 'text-start' ? 'text' : 'reasoning';
        blocks.set(event.block, { type, id: '', name: '', pieces: [], metadata: undefined });
        break;
      }
      case 'tool-call-start': {
        const { id, name, metadata } = event;
        blocks.set(event.block, { type: 'tool-call', id, name, pieces: [], metadata });
        break;
      }
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        blocks.get(event.block)?.pieces.push(event.text);
        limit(event.text);
        break;
      case 'text-end':
      case 'reasoning-end': {
        const block = blocks.get(event.block);
        if (block !== undefined && event.metadata !== undefined) block.metadata = event.metadata;
        break;
      }
      case 'tool-call-end':
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'error':
        throw event.error;
      case 'reply-end':
        finishReason = event.finishReason;
        if (event.metadata !== undefined) head = { ...head, metadata: merge(head.metadata, event.metadata) };
        break;
      default:
        event satisfies never;
    }
  };
  return {
    read,
    get usage() {
      return usage;
    },
    get reply() {
      if (finishReason === undefined) return undefined;
      const parts = [...blocks.values()].map(closeBlock);
      return { ...head, parts, finishReason, ...(usage === undefined ? {} : { usage }) };
    },
  };
}

/**
 * Reads `events` to the end. Throws the stream's `GatewayError`, also when it stops without a `reply-end` or says more
 * than `mostCharacters`.
 */
export async function collect(events: EventStream, mostCharacters = MOST_CHARACTERS): Promise<Reply> {
  const collector = createCollector(mostCharacters);
  for await (const batch of events) for (const event of batch) collector.read(event);
  const { reply } = collector;
  if (reply === undefined) throw new GatewayError('upstream', 'The answer broke off before its end.');
  return reply;
}

/** What was said of the reply at its beginning and at its end. */
function merge(first: Metadata = {}, last: Metadata): Metadata {
  const merged: Record<string, JsonObject> = { ...first };
  for (const [namespace, fields] of Object.entries(last)) merged[namespace] = { ...merged[namespace], ...fields };
  return merged;
}

function closeBlock({ type, id, name, pieces, metadata }: OpenBlock): Reply['parts'][number] {
  const text = pieces.join('');
  const extra = metadata === undefined ? {} : { metadata };
  if (type === 'tool-call') return { type, id, name, arguments: text, ...extra };
  return { type, text, ...extra };
}
