// Tool calls that a model writes into its text instead of calling: in brackets, or in one of the markups that models were
// trained on. They are taken out of the text as it streams; only what may be the beginning of one is held back.
import type { JsonObject } from '../../canonical/conversation.ts';
import { type Found, findEndOfJson, readMarkup, type TextCall } from '../kit/text-markup.ts';

/** Takes the text of one reply, gives the part of it that is to be seen. */
export interface TextCallScanner {
  push(text: string): string;
  /** What was held back and turned out to be text. */
  end(): string;
  /** The calls that were taken out so far. */
  readonly calls: readonly TextCall[];
}

/** A markup that has not ended by then is passed on as it is. */
const MOST_HELD = 512 * 1024;

/** A scanner for one reply; `schemas` are the offered tools by the upstream's form of their names. */
export function createTextCallScanner(schemas: ReadonlyMap<string, JsonObject>): TextCallScanner {
  const calls: TextCall[] = [];
  let held = '';
  /** Nothing can be told anew before one of these has come. */
  let awaited: RegExp | undefined;

  const scan = (ended: boolean): string => {
    let seen = '';
    let from = 0;
    for (let at = findStart(held, 0); at >= 0; at = findStart(held, at)) {
      const found = classify(held.slice(at), schemas, ended);
      if (found === 'text') at++;
      else if (found === 'maybe') {
        seen += held.slice(from, at);
        held = held.slice(at);
        awaited = held.length > 200 ? /[\]>]/ : undefined;
        return seen;
      } else {
        seen += held.slice(from, at);
        calls.push(...found.calls);
        at += found.length;
        from = at;
      }
    }
    seen += held.slice(from);
    held = '';
    awaited = undefined;
    return seen;
  };
  return {
    push: (text) => {
      if (held === '' && !text.includes('[') && !text.includes('<')) return text;
      held += text;
      if (awaited !== undefined && !awaited.test(text) && held.length < MOST_HELD) return '';
      if (held.length < MOST_HELD) return scan(false);
      const rest = held;
      held = '';
      return rest;
    },
    end: () => scan(true),
    calls,
  };
}

function findStart(text: string, from: number): number {
  const bracket = text.indexOf('[', from);
  const angle = text.indexOf('<', from);
  return bracket < 0 ? angle : angle < 0 ? bracket : Math.min(bracket, angle);
}

function classify(text: string, schemas: ReadonlyMap<string, JsonObject>, ended: boolean): Found {
  const found = text.startsWith('[') ? readBracket(text, schemas, ended) : readMarkup(text, schemas, ended);
  return found === 'maybe' && ended ? 'text' : found;
}

const BRACKET = /^\[Called\s+([\w-]+)\s+with\s+args:\s*/i;
/** Every beginning of what `BRACKET` matches. */
const BRACKET_BEGINNING =
  /^\[(?:C|Ca|Cal|Call|Calle|Called(?:\s+(?:[\w-]+(?:\s+(?:w|wi|wit|with(?:\s+(?:a|ar|arg|args|args:\s*)?)?)?)?)?)?)?$/i;

function readBracket(text: string, schemas: ReadonlyMap<string, JsonObject>, ended: boolean): Found {
  const head = BRACKET.exec(text);
  if (head === null) return BRACKET_BEGINNING.test(text) ? 'maybe' : 'text';
  const [begin, name = ''] = head;
  if (!schemas.has(name)) return text.length === begin.length && !/\s/.test(text.at(-1) ?? '') ? 'maybe' : 'text';
  if (text.length === begin.length) return 'maybe';
  if (text[begin.length] !== '{') return 'text';
  const end = findEndOfJson(text, begin.length);
  const input = text.slice(begin.length, end);
  if (end === undefined) {
    return ended ? { length: text.length, calls: [{ name, arguments: input, isCut: true }] } : 'maybe';
  }
  const closing = /^\s*(\]?)/.exec(text.slice(end));
  const length = end + (closing?.[0].length ?? 0);
  if (closing?.[1] === '' && length === text.length && !ended) return 'maybe';
  if (closing?.[1] === '' && length < text.length) return 'text';
  return { length, calls: [{ name, arguments: input, isCut: false }] };
}
