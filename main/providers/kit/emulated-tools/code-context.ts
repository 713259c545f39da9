// Tells code from prose in text that streams by, as far as calls are concerned: within a code block, between backticks, in
// a quotation, whatever looks like a call is talk about calls.

/** Follows the text of one reply. */
export interface CodeContext {
  /** Takes the next piece of what is no call. */
  pass(text: string): void;
  /**
   * Whether `rest` at this place, with `between` not yet passed before it, stands in code or in quotation marks; `maybe` where
   * more must come before that can be told.
   */
  quotes(between: string, rest: string, ended: boolean): boolean | 'maybe';
  /** Whether nothing but white space stands before this place in its line. */
  isLineStart(between: string): boolean;
}

interface Fence {
  readonly mark: string;
  readonly length: number;
}

const FENCE = /^\s*(?:(?:[-*+]|\d+[.)])\s+)*(`{3,}|~{3,})(.*)$/;
const QUOTE_BEFORE = /["'“‘«`]$/;
const QUOTED_LINE = /^\s*>/;

/** A context at the beginning of a reply. */
export function createCodeContext(): CodeContext {
  let fence: Fence | undefined;
  let line = '';

  const advance = (state: { fence: Fence | undefined; line: string }, text: string) => {
    const lines = text.split('\n');
    for (const [at, part] of lines.entries()) {
      state.line += part;
      if (at === lines.length - 1) break;
      state.fence = readFence(state.fence, state.line);
      state.line = '';
    }
    return state;
  };
  const look = (between: string) => (between === '' ? { fence, line } : advance({ fence, line }, between));

  return {
    pass: (text) => {
      ({ fence, line } = advance({ fence, line }, text));
    },
    quotes: (between, rest, ended) => {
      const at = look(between);
      if (at.fence !== undefined || QUOTE_BEFORE.test(at.line) || QUOTED_LINE.test(at.line)) return true;
      const ticks = countOpenTicks(at.line);
      if (ticks === 0) return false;
      // Between backticks is code only where they close in the same line; models also write lone ones.
      const begun = rest.slice(0, LONGEST_SHOWN);
      const end = begun.indexOf('\n');
      const isWhole = end >= 0 || (ended && begun.length === rest.length);
      if (findTicks(dropArguments(end < 0 ? begun : begun.slice(0, end), isWhole), ticks)) return true;
      return isWhole || begun.length < rest.length ? false : 'maybe';
    },
    isLineStart: (between) => look(between).line.trim() === '',
  };
}

function readFence(open: Fence | undefined, line: string): Fence | undefined {
  const [, marks = '', rest = ''] = FENCE.exec(line) ?? [];
  const mark = marks[0];
  if (mark === undefined) return open;
  if (open === undefined) return mark === '`' && rest.includes('`') ? undefined : { mark, length: marks.length };
  return mark === open.mark && marks.length >= open.length && rest.trim() === '' ? undefined : open;
}

/** How many backticks have opened code in the line and wait for as many; 0 for none. */
function countOpenTicks(line: string): number {
  let open = 0;
  for (const [run] of line.matchAll(/`+/g)) {
    if (open === 0) open = run.length;
    else if (open === run.length) open = 0;
  }
  return open;
}

const findTicks = (text: string, length: number) => [...text.matchAll(/`+/g)].some(([run]) => run.length === length);

/** Nobody shows a call of this length within a line, and a longer one is not to be looked through at every piece of it. */
const LONGEST_SHOWN = 4_000;

/** Never fails once it has begun, so that no text makes it slow. */
const VALUE = /"(?:[^"\\]|\\.)*("|\\?$)|parameter[^<>]{0,200}>[^<]*/g;

/** A line from the tag of a call on, without the values in it: their backticks are what the tool gets and close no code. */
function dropArguments(text: string, isWhole: boolean): string {
  // A quotation mark that nothing closes begins no value.
  return text.replace(VALUE, (value: string, close?: string) => (isWhole && close === '' ? value : ''));
}
