// What came back of a request that tries an account, told for a person: bounded, in lines, without what only machines read.
import type { ConversationEvent, Usage } from '../canonical/events.ts';

/** The story of one answer. */
export interface Story {
  hear(event: ConversationEvent): void;
  /** What came so far. */
  tell(): string;
}

const MOST_SHOWN = 4_000;

/** Hears the events of one answer; tells each block, and of a stream when it came and in how many pieces. */
export function createStory(startedAt: number, live: boolean): Story {
  const lines: string[] = [];
  let pieces = 0;
  let text = '';
  let at = '';
  let usage: Usage | undefined;
  const seconds = () => (live ? `${((performance.now() - startedAt) / 1_000).toFixed(2)} s  ` : '');
  const inPieces = () => (live ? ` in ${pieces === 1 ? '1 piece' : `${pieces} pieces`}` : '');
  const begin = () => {
    at = seconds();
    pieces = 0;
    text = '';
  };
  const hear = (event: ConversationEvent) => {
    switch (event.type) {
      case 'text-start':
      case 'reasoning-start':
        begin();
        break;
      case 'tool-call-start':
        lines.push(`${seconds()}call ${event.name} (${event.id})`);
        begin();
        break;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        pieces += 1;
        text += event.text;
        break;
      case 'text-end':
      case 'reasoning-end':
      case 'tool-call-end':
        lines.push(`${at}${NAMES[event.type]}${inPieces()}: ${text}`);
        break;
      case 'usage':
        usage = event.usage;
        break;
      case 'reply-end':
        // Some upstreams count before and behind what they say; the last count holds.
        if (usage !== undefined) lines.push(`${seconds()}usage ${writeUsage(usage)}`);
        lines.push(`${seconds()}end: ${event.finishReason.raw ?? event.finishReason.kind}`);
        break;
      default:
    }
  };
  const tell = () => boundText(lines.join('\n'));
  return { hear, tell };
}

const NAMES = { 'text-end': 'text', 'reasoning-end': 'thinking', 'tool-call-end': 'arguments' } as const;

/** Tokens in a few words. */
export function writeUsage({ inputTokens, outputTokens, estimated }: Usage): string {
  const count = (tokens: number | undefined) => (tokens === undefined ? '?' : String(tokens));
  return `${count(inputTokens)} tokens in, ${count(outputTokens)} out${estimated ? ' (estimated)' : ''}`;
}

/** The text, or its beginning and how much more there is. */
export const boundText = (text: string): string =>
  text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}\n… ${text.length - MOST_SHOWN} characters more`;
