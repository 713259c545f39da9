// How much is to be thought, written behind a model's name, for clients that have no field for it.
import type { ReasoningRequest } from '../canonical/conversation.ts';

/** A name with such an ending, taken apart. */
export interface ThinkingSuffix {
  /** The name before it. */
  readonly name: string;
  /** The ending as it was written: `(high)`, `:high`. */
  readonly text: string;
  readonly reasoning: ReasoningRequest;
  /** What it asks for, behind "asks for": "effort high", "8192 tokens of thinking at most". */
  readonly wish: string;
}

const WORDS: ReadonlySet<string> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'max']);

/** More is no number of tokens. */
const MOST_DIGITS = 7;

/** Reads `NAME(high)`, `NAME(8192)` and `NAME:high`; undefined for a name without such an ending. */
export function readThinkingSuffix(whole: string): ThinkingSuffix | undefined {
  const isBracketed = whole.endsWith(')');
  const start = whole.lastIndexOf(isBracketed ? '(' : ':');
  if (start <= 0) return undefined;
  const text = whole.slice(start);
  const word = text.slice(1, isBracketed ? -1 : undefined);
  const wanted = readWish(word, isBracketed);
  return wanted === undefined ? undefined : { name: whole.slice(0, start), text, ...wanted };
}

function readWish(word: string, takesNumbers: boolean): Pick<ThinkingSuffix, 'reasoning' | 'wish'> | undefined {
  const lower = word.toLowerCase();
  const isNumber = takesNumbers && word.length <= MOST_DIGITS && /^\d+$/.test(word);
  if (lower === 'none' || (isNumber && Number(word) === 0))
    return { reasoning: { enabled: false, effort: 'none' }, wish: 'no thinking' };
  if (WORDS.has(lower)) return { reasoning: { enabled: true, effort: lower }, wish: `thinking with effort ${lower}` };
  if (!isNumber) return undefined;
  const budgetTokens = Number(word);
  return { reasoning: { enabled: true, budgetTokens }, wish: `${budgetTokens} tokens of thinking at most` };
}
