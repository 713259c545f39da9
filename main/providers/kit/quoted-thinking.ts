// Parts thinking that is shown as a heading and quoted lines from the answer after it. Such models have no tags: a first line
// says that they are thinking, lines that begin with `>` are their thoughts, and the first other line is the answer. A few
// put their thoughts into a fenced block of text instead.
import type { ReasoningHandling, ReasoningSplitter, SplitPiece } from './reasoning-splitter.ts';

/** `Thinking...`, `*Thinking...*` or `Thinking... (12s elapsed)`, and nothing else in its line. */
const HEADING = /^\*?Thinking\.\.\.\*?(?: \(\d+s elapsed\))?[ \t]*\n?$/;
const HEADINGS = ['Thinking...', '*Thinking...'];
const LONGEST_HEADING = 60;
const LONGEST_LEAD = 20;
/** A block of code in another language, or in none, is an answer. */
const FENCE = '```text';

/**
 * A splitter for one reply whose text is a true continuation; where the upstream replaces its text, make a new one. With
 * `mayFence` a block of text right at the beginning is thinking without a heading, too.
 */
export function createQuotedThinkingSplitter(
  handling: ReasoningHandling,
  { mayFence = false }: { readonly mayFence?: boolean } = {},
): ReasoningSplitter {
  let state: 'heading' | 'quotes' | 'fence' | 'text' = 'heading';
  let held = '';
  let hasQuotes = false;
  let pieces: SplitPiece[] = [];
  const say = (type: SplitPiece['type'], text: string) => {
    if (text !== '') pieces.push({ type, text });
  };
  const sayThought = (line: string) => {
    const words = line.replace(/^> ?/, '');
    if (handling === 'pass') say('text', line);
    else if (handling !== 'remove') say(handling === 'reasoning' ? 'reasoning' : 'text', words);
  };
  const readHeading = (ended: boolean): boolean => {
    const said = held.trimStart();
    const lead = held.length - said.length;
    const end = said.indexOf('\n') + 1;
    const line = end > 0 ? said.slice(0, end) : said;
    const isShort = lead <= LONGEST_LEAD && line.length <= LONGEST_HEADING;
    const openings = mayFence ? [...HEADINGS, FENCE] : HEADINGS;
    if (!ended && end === 0 && isShort && openings.some((one) => one.startsWith(said) || said.startsWith(one))) {
      return false;
    }
    if (mayFence && isShort && line.trimEnd() === FENCE) {
      state = 'quotes';
      return true;
    }
    if (!isShort || !HEADING.test(line)) {
      state = 'text';
      return held !== '';
    }
    if (handling === 'pass') say('text', held.slice(0, lead + line.length));
    held = held.slice(lead + line.length);
    state = 'quotes';
    return true;
  };
  const sayFence = (line: string) => {
    if (handling === 'pass') say('text', line);
  };
  /** A line that is no quote begins the answer, unless it opens a block of thoughts. */
  const leaveQuotes = (line: string, isWhole: boolean): boolean => {
    if (!hasQuotes && !isWhole && FENCE.startsWith(line.trimEnd())) return false;
    if (hasQuotes || line.trimEnd() !== FENCE) {
      state = 'text';
      return true;
    }
    sayFence(line);
    state = 'fence';
    held = held.slice(line.length);
    return held !== '';
  };
  const readQuotes = (ended: boolean): boolean => {
    const end = held.indexOf('\n') + 1;
    const line = end > 0 ? held.slice(0, end) : held;
    if (line.trim() !== '' && !line.startsWith('>')) return leaveQuotes(line, end > 0 || ended);
    // Only a whole line of white space or quotation is known to be no answer.
    if (end === 0 && !ended) return false;
    if (line.startsWith('>')) {
      hasQuotes = true;
      sayThought(line);
    } else if (handling === 'pass' || handling === 'strip-tags') say('text', line);
    held = held.slice(line.length);
    return held !== '';
  };
  const readFence = (ended: boolean): boolean => {
    const end = held.indexOf('\n') + 1;
    if (end === 0 && !ended) return false;
    const line = end > 0 ? held.slice(0, end) : held;
    if (line.trimEnd() === '```') {
      sayFence(line);
      hasQuotes = true;
      state = 'quotes';
    } else if (handling === 'pass') say('text', line);
    else if (handling !== 'remove') say(handling === 'reasoning' ? 'reasoning' : 'text', line);
    held = held.slice(line.length);
    return held !== '';
  };
  const steps = { heading: readHeading, quotes: readQuotes, fence: readFence, text: () => false };
  const read = (ended: boolean): readonly SplitPiece[] => {
    while (steps[state](ended));
    if (state === 'text') {
      say('text', held);
      held = '';
    }
    const taken = pieces;
    pieces = [];
    return taken;
  };
  return {
    push: (text) => {
      held += text;
      return read(false);
    },
    end: () => read(true),
  };
}
