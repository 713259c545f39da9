// Finds the tags around thinking in text that may end anywhere, also within one. What becomes of the thinking is decided in
// `reasoning-splitter.ts`.

/** Two texts that stand around thinking. */
export interface ReasoningTag {
  /** `<name>`, or `<name` where attributes may follow up to a `>`. */
  readonly open: string;
  readonly close: string;
  /** Its closing text alone says nothing, as answers hold it, too. By default it counts where the opening may be lacking. */
  readonly alwaysOpens?: boolean;
}

/** A tag with attributes that has not ended by then is none. */
const LONGEST_TAG = 300;

/** A tag that opens, and how long it is with its attributes. */
export interface Opening {
  readonly tag: ReasoningTag;
  readonly length: number;
}

/** The tag that opens at `at`; `maybe` where the text ends before that can be told. */
export function findOpening(text: string, at: number, tags: readonly ReasoningTag[]): Opening | 'maybe' | undefined {
  let isOpen = false;
  for (const tag of tags) {
    const { open } = tag;
    const rest = text.length - at;
    if (rest < open.length) {
      isOpen ||= rest > 0 && open.startsWith(text.slice(at));
      continue;
    }
    if (!text.startsWith(open, at)) continue;
    if (open.endsWith('>')) return { tag, length: open.length };
    const next = text[at + open.length];
    if (next !== undefined && next !== '>' && !/\s/.test(next)) continue;
    const end = findEnd(text, at + open.length);
    // Attributes hold no tags.
    if (text[end] === '<') continue;
    if (end < text.length && end - at < LONGEST_TAG) return { tag, length: end + 1 - at };
    if (end === text.length && rest < LONGEST_TAG) isOpen = true;
  }
  return isOpen ? 'maybe' : undefined;
}

/** Where the next angle bracket stands; the length of the text where there is none. */
function findEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === '>' || text[at] === '<') return at;
  return text.length;
}

/** Where the first tag opens, or may open once more has come; the length of the text where there is none. */
export function findTag(text: string, tags: readonly ReasoningTag[], ended: boolean): number {
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at + 1)) {
    const found = findOpening(text, at, tags);
    if (found !== undefined && (found !== 'maybe' || !ended)) return at;
  }
  return text.length;
}

/** How many characters at the end of `text` may be the beginning of one of `words`. */
export function endOfPrefix(text: string, words: readonly string[]): number {
  const longest = Math.max(...words.map((word) => word.length)) - 1;
  for (let length = Math.min(longest, text.length); length > 0; length--) {
    const end = text.slice(text.length - length);
    if (words.some((word) => word.startsWith(end))) return length;
  }
  return 0;
}

/** Takes one pair of texts from around the answer; the closing one may be cut off. */
export function createUnwrapper(wrapper: ReasoningTag | undefined): { push(text: string): string; end(): string } {
  let held = '';
  let state: 'before' | 'inside' | 'outside' = wrapper === undefined ? 'outside' : 'before';
  const push = (text: string, ended = false): string => {
    if (wrapper === undefined || state === 'outside') return text;
    held += text;
    if (state === 'before') {
      const body = held.trimStart();
      if (!ended && body.length < wrapper.open.length && wrapper.open.startsWith(body)) return '';
      if (!body.startsWith(wrapper.open)) {
        state = 'outside';
        return take();
      }
      state = 'inside';
      held = body.slice(wrapper.open.length);
    }
    const body = held.trimEnd();
    if (ended) return body.endsWith(wrapper.close) ? body.slice(0, -wrapper.close.length) : held;
    // The closing text ends the answer, so it waits with whatever white space follows it.
    const closes = body.endsWith(wrapper.close) ? wrapper.close.length : endOfPrefix(body, [wrapper.close]);
    const kept = held.length - body.length + closes;
    const said = held.slice(0, held.length - kept);
    held = held.slice(held.length - kept);
    return said;
  };
  const take = () => {
    const text = held;
    held = '';
    return text;
  };
  return { push: (text) => push(text), end: () => push('', true) };
}
