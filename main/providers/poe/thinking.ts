// The forms in which Poe's bots write their thinking into their text.
import { createQuotedThinkingSplitter } from '../kit/quoted-thinking.ts';
import {
  createReasoningSplitter,
  type ReasoningHandling,
  type ReasoningSplitter,
  type SplitPiece,
  THINKING_TAGS,
} from '../kit/reasoning-splitter.ts';

/** Whether a bot is known to put its thinking into a block of text without a heading. */
export const mayFence = (bot: string): boolean => /^deepseek/i.test(bot);

/** A splitter of all known forms at once: a heading with quotes or a block, then tags. */
export function createThinkingSplitter(options: {
  readonly thinking: ReasoningHandling;
  readonly mayFence: boolean;
}): ReasoningSplitter {
  const quoted = createQuotedThinkingSplitter(options.thinking, { mayFence: options.mayFence });
  const tagged = createReasoningSplitter({ tags: THINKING_TAGS, handling: options.thinking });
  const readTags = (pieces: readonly SplitPiece[]) =>
    pieces.flatMap((piece) => (piece.type === 'text' ? tagged.push(piece.text) : [piece]));
  return {
    push: (text) => readTags(quoted.push(text)),
    end: () => [...readTags(quoted.end()), ...tagged.end()],
  };
}
