// Finds where the JSON of a call ends while it streams: damaged JSON and text in it that looks like the end included.
import { CALL_TAG } from './plan.ts';

/** What has become of a body. */
export type BodyEnd =
  | 'more'
  /** The body is `text.slice(0, length)`, and `after` is where what follows begins. `isCut`: the text ended within it. */
  | { readonly length: number; readonly after: number; readonly isCut: boolean };

/** Follows one body, which begins with `{` or `[`; hand it the whole text each time. */
export interface CallBody {
  /** `ended`: nothing more comes. */
  find(text: string, ended: boolean): BodyEnd;
}

const CLOSE = `</${CALL_TAG}`;
const OPEN = `<${CALL_TAG}`;
const REOPENED = new RegExp(`\\n\\s*<${CALL_TAG}`);
const CLOSING = new RegExp(`^</${CALL_TAG}s?\\s*>?`);

/** A finder for one body. */
export function createCallBody(): CallBody {
  let at = 0;
  let depth = 0;
  let inString = false;
  let balancedAt = 0;
  /** A closing tag within what looks like a string: it is one, or a quotation mark is missing before it. */
  let doubtful = -1;

  /** Scans on; the end where one has shown itself for certain. */
  const scan = (text: string): BodyEnd => {
    for (; at < text.length && balancedAt === 0; at++) {
      const character = text[at] as string;
      if (character === '\\' && inString && at + 1 >= text.length) return 'more';
      const tag = character === '<' ? readTag(text, at) : undefined;
      if (tag === 'maybe') return 'more';
      if (tag !== undefined && !inString) return endAt(text, at);
      if (tag === 'close' && doubtful < 0) doubtful = at;
      step(character);
    }
    return 'more';
  };
  const step = (character: string) => {
    if (character === '"') inString = !inString;
    else if (inString) {
      if (character === '\\') at++;
    } else if (character === '{' || character === '[') depth++;
    else if ((character === '}' || character === ']') && --depth === 0) balancedAt = at + 1;
  };
  /** A tag that has not been closed itself is completed by what comes, unless nothing comes. */
  const endAt = (text: string, length: number): BodyEnd => {
    const closing = CLOSING.exec(text.slice(length, length + CLOSE.length + 20))?.[0] ?? '';
    return { length, after: length + closing.length, isCut: false };
  };
  const readAfter = (text: string, ended: boolean): BodyEnd => {
    // Too many closing brackets are a frequent slip, and so is a code block within the tags.
    const gap = /^[\s}\]]*(?:`{1,3}\s*)?/.exec(text.slice(balancedAt))?.[0].length ?? 0;
    const next = balancedAt + gap;
    const rest = text.slice(next, next + CLOSE.length + 2);
    const isClosing = rest.startsWith(CLOSE);
    if (!ended && (rest === '' || (isClosing && !CLOSING.exec(rest)?.[0].endsWith('>')))) {
      if (rest.length < CLOSE.length + 2) return 'more';
    }
    if (!ended && CLOSE.startsWith(rest)) return 'more';
    if (isClosing) return { ...(endAt(text, next) as Exclude<BodyEnd, 'more'>), length: balancedAt };
    return { length: balancedAt, after: balancedAt, isCut: false };
  };

  return {
    find: (text, ended) => {
      const certain = scan(text);
      if (certain !== 'more') return isWholeTag(text, certain, ended) ? certain : 'more';
      if (balancedAt === 0) {
        if (!ended) return 'more';
        return doubtful < 0 ? { length: text.length, after: text.length, isCut: true } : endAt(text, doubtful);
      }
      const end = readAfter(text, ended);
      if (end === 'more' || doubtful < 0 || isJson(text.slice(0, balancedAt))) return end;
      // A closing tag that was passed over as part of a string was one only if the string is: then the call ends with another.
      const isPart = end.after > end.length && !REOPENED.test(text.slice(doubtful, balancedAt));
      return isPart ? end : endAt(text, doubtful);
    },
  };
}

/** The tag of a call that stands at a place, if any; `maybe` where the text ends before that can be told. */
function readTag(text: string, at: number): 'open' | 'close' | 'maybe' | undefined {
  const rest = text.slice(at, at + CLOSE.length);
  if (rest === CLOSE) return 'close';
  if (rest.startsWith(OPEN)) return 'open';
  return at + rest.length === text.length && (CLOSE.startsWith(rest) || OPEN.startsWith(rest)) ? 'maybe' : undefined;
}

/** Whether the tag that ends the body has come as a whole. */
function isWholeTag(text: string, { length, after }: { length: number; after: number }, ended: boolean): boolean {
  return ended || after === length || text[after - 1] === '>' || after < text.length;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
