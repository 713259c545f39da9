// Takes the calls out of a reply's text as it streams. Only what may be the beginning of a call is held back; what stands in
// code or in quotation marks is text. Whether a call is any good is decided in `read-call.ts`.
import type { JsonObject, Tool } from '../../../canonical/conversation.ts';
import { readMarkup } from '../text-markup.ts';
import { type CallBody, createCallBody } from './call-body.ts';
import { createCodeContext } from './code-context.ts';
import { CALL_TAG } from './plan.ts';

/** A part of a reply's text. */
export type ScannedPiece =
  | { readonly type: 'text'; readonly text: string }
  /** What stood between the tags of a call. `isCut`: the text ended within it. */
  | { readonly type: 'call'; readonly body: string; readonly isCut: boolean };

/** Takes the text of one reply, gives its parts in order. */
export interface CallScanner {
  push(text: string): readonly ScannedPiece[];
  /** `isCut`: the reply was broken off, so that half a tag is the beginning of a call. */
  end(isCut: boolean): readonly ScannedPiece[];
}

const OPENING = new RegExp(`^<${CALL_TAG}(?:\\s[^<>]{0,200})?>`);
const CLOSING = new RegExp(`</${CALL_TAG}s?\\s*>`);
/** Around or behind calls, and never part of an answer. */
const STRAY = new RegExp(`^</?${CALL_TAG}s>|^</${CALL_TAG}>`);
const STRAYS = [`</${CALL_TAG}>`, `</${CALL_TAG}s>`, `<${CALL_TAG}s>`];
const LONGEST_OPENING = 220;

type Found =
  | 'text'
  | 'maybe'
  | { readonly length: number; readonly body?: string; readonly isCut?: boolean; readonly bodies?: readonly string[] };

/** A scanner for one reply; `tools` are those that may be called. */
export function createCallScanner(tools: ReadonlyMap<string, Tool>): CallScanner {
  const schemas = new Map([...tools].map(([name, { parameters = {} }]): [string, JsonObject] => [name, parameters]));
  const context = createCodeContext();
  let held = '';
  /** The body of the call at the beginning of `held`, once it is known to be one. */
  let body: { readonly from: number; readonly finder: CallBody } | undefined;
  let pieces: ScannedPiece[] = [];

  const say = (text: string) => {
    if (text === '') return;
    context.pass(text);
    pieces.push({ type: 'text', text });
  };
  const scan = (ended: boolean, isCut: boolean) => {
    for (let at = held.indexOf('<'); at >= 0; at = held.indexOf('<', at)) {
      const found = classify(at, ended, isCut);
      if (found === 'text') at++;
      else if (found === 'maybe') {
        say(held.slice(0, at));
        held = held.slice(at);
        return;
      } else {
        say(held.slice(0, at));
        const bodies = found.bodies ?? (found.body === undefined ? [] : [found.body]);
        for (const one of bodies) pieces.push({ type: 'call', body: one, isCut: found.isCut ?? false });
        held = held.slice(at + found.length);
        body = undefined;
        at = 0;
      }
    }
    say(held);
    held = '';
  };
  const classify = (at: number, ended: boolean, isCut: boolean): Found => {
    if (at === 0 && body !== undefined) return readBody(0, body, ended);
    const rest = at === 0 ? held : held.slice(at);
    if (!mayBeMarkup(rest)) return 'text';
    const before = held.slice(0, at);
    const quoted = context.quotes(before, rest, ended);
    if (quoted !== false) return quoted === 'maybe' ? 'maybe' : 'text';
    const stray = STRAY.exec(rest);
    if (stray !== null) return { length: stray[0].length };
    const opening = OPENING.exec(rest);
    if (opening === null) return readOther(rest, ended, isCut);
    return readCall(rest, opening[0].length, context.isLineStart(before), at, ended);
  };
  const readCall = (rest: string, from: number, isOwnLine: boolean, at: number, ended: boolean): Found => {
    const gap = /^\s*(?:```(?:json)?\s*)?/.exec(rest.slice(from, from + 2_000))?.[0].length ?? 0;
    const first = rest[from + gap];
    if (first === undefined || (first === '`' && !ended && rest.length - from - gap < 8)) {
      return ended ? { length: rest.length, body: '', isCut: true } : 'maybe';
    }
    if (first === '{' || first === '[') {
      const started = { from: from + gap, finder: createCallBody() };
      const found = readBody(at, started, ended);
      // Kept only where the call will stand at the beginning of what is held.
      if (found === 'maybe') body = started;
      return found;
    }
    if (!isOwnLine) return 'text';
    const closing = CLOSING.exec(rest.slice(from));
    if (closing !== null) {
      const length = from + closing.index + closing[0].length;
      return { length, body: rest.slice(from, from + closing.index), isCut: false };
    }
    return ended ? 'text' : 'maybe';
  };
  const readBody = (at: number, { from, finder }: NonNullable<typeof body>, ended: boolean): Found => {
    const text = held.slice(at + from);
    const end = finder.find(text, ended);
    if (end === 'more') return 'maybe';
    return { length: from + end.after, body: text.slice(0, end.length), isCut: end.isCut };
  };
  /** The markups of other trainings, and half a tag. */
  const readOther = (rest: string, ended: boolean, isCut: boolean): Found => {
    const found = readMarkup(rest, schemas, ended);
    if (typeof found === 'object') {
      const bodies = found.calls.map(
        ({ name, arguments: text }) => `{"name":${JSON.stringify(name)},"arguments":${text}}`,
      );
      return { length: found.length, bodies, isCut: found.calls.some((call) => call.isCut) };
    }
    const isHalf = mayOpen(rest) || STRAYS.some((stray) => stray.startsWith(rest));
    if (found !== 'maybe' && !isHalf) return 'text';
    if (!ended) return 'maybe';
    return isCut && isHalf && rest.length > 1 ? { length: rest.length, body: '', isCut: true } : 'text';
  };

  const take = () => {
    const taken = pieces;
    pieces = [];
    return taken;
  };
  return {
    push: (text) => {
      if (held === '' && !text.includes('<')) {
        say(text);
        return take();
      }
      held += text;
      scan(false, false);
      return take();
    },
    end: (isCut) => {
      scan(true, isCut);
      return take();
    },
  };
}

const HEADS = ['<tool_', '</tool_', '<function_calls', '<invoke', '<', '<｜DSML｜'];

/** A quick look: most of what begins with `<` is something else. */
const mayBeMarkup = (rest: string) => HEADS.some((head) => rest.startsWith(head) || head.startsWith(rest));

/** Half an opening tag of ours. */
function mayOpen(rest: string): boolean {
  const open = `<${CALL_TAG}`;
  if (open.startsWith(rest)) return true;
  return rest.length < LONGEST_OPENING && new RegExp(`^${open}(\\s[^<>]*)?$`).test(rest);
}
