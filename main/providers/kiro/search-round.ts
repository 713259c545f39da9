// One round of a reply in which the model may search the web: what the client is to see passes on, searches are kept back.
import type { Metadata } from '../../canonical/conversation.ts';
import type { EventWriter } from '../../canonical/event-writer.ts';
import type { ConversationEvent, FinishReason, Usage } from '../../canonical/events.ts';
import { ID } from './formats.ts';

/** A search that the model wants. */
export interface SearchCall {
  readonly id: string;
  readonly pieces: string[];
}

/** Passes the events of the `round`th round on to `writer`, but for calls of `searchName` and its end, which it keeps. */
export function createSearchRound(writer: EventWriter, searchName: string, round: number) {
  const held = new Map<number, SearchCall>();
  const text: string[] = [];
  const state = {
    searches: [] as SearchCall[],
    callsClient: false,
    text,
    usage: undefined as Usage | undefined,
    metadata: undefined as Metadata | undefined,
    finish: undefined as FinishReason | undefined,
  };
  const key = (block: number) => `${round}.${block}`;
  const read = (event: ConversationEvent) => {
    switch (event.type) {
      case 'reply-start': {
        const { type: _, ...head } = event;
        return writer.start(head);
      }
      case 'text-delta':
        text.push(event.text);
        return writer.text(event.text);
      case 'reasoning-delta':
        return writer.reasoning(event.text);
      case 'text-end':
        return writer.endBlock(event.metadata);
      case 'reasoning-end':
        return event.metadata === undefined ? writer.endBlock() : writer.endReasoning(event.metadata);
      case 'tool-call-start': {
        const { block, id, name, metadata } = event;
        if (name.toLowerCase() === searchName) {
          const search = { id, pieces: [] };
          held.set(block, search);
          state.searches.push(search);
          return;
        }
        state.callsClient = true;
        return writer.toolCall(key(block), metadata === undefined ? { id, name } : { id, name, metadata });
      }
      case 'tool-call-delta':
        if (held.has(event.block)) held.get(event.block)?.pieces.push(event.text);
        else writer.toolArguments(key(event.block), event.text);
        return;
      case 'tool-call-end':
        return held.has(event.block) ? undefined : writer.endToolCall(key(event.block));
      case 'usage':
        state.usage = event.usage;
        return;
      case 'error':
        return writer.fail(event.error);
      case 'reply-end':
        state.finish = event.finishReason;
        state.metadata = event.metadata;
        return;
      case 'text-start':
      case 'reasoning-start':
        return;
      default:
        return event satisfies never;
    }
  };
  return Object.assign(state, { read });
}

/** One round, as far as it was read. */
export type SearchRound = ReturnType<typeof createSearchRound>;

/** What several rounds have cost together. */
export interface Spending {
  usage?: Usage;
  credits: number;
}

/** Adds what a round has cost. */
export function addSpending(total: Spending, { usage, metadata }: SearchRound): void {
  const credits = metadata?.[ID]?.credits;
  if (typeof credits === 'number') total.credits += credits;
  if (usage === undefined) return;
  const sum = (name: Exclude<keyof Usage, 'estimated'>) => {
    const [one, other] = [total.usage?.[name], usage[name]];
    return one === undefined && other === undefined ? {} : { [name]: (one ?? 0) + (other ?? 0) };
  };
  total.usage = {
    ...sum('inputTokens'),
    ...sum('cachedInputTokens'),
    ...sum('cacheWriteTokens'),
    ...sum('outputTokens'),
    ...sum('reasoningTokens'),
    ...(total.usage?.estimated || usage.estimated ? { estimated: true } : {}),
  };
}
