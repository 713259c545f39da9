// Parts thinking that a model writes between tags from its answer, however the text is cut into pieces. Some models put a tag
// first because they were asked to, others by themselves; which tags and rules apply the provider says.
import {
  createUnwrapper,
  endOfPrefix,
  findOpening,
  findTag,
  type Opening,
  type ReasoningTag,
} from './reasoning-tags.ts';

/** What becomes of the thinking: reasoning of its own, nothing, the text as it came, or text without its tags. */
export type ReasoningHandling = 'reasoning' | 'remove' | 'pass' | 'strip-tags';

/** Where and how a model marks its thinking. */
export interface ReasoningForm {
  readonly tags: readonly ReasoningTag[];
  readonly handling: ReasoningHandling;
  /** Only at the beginning, or anywhere in the answer. By default only at the beginning. */
  readonly place?: 'beginning' | 'anywhere';
  /** How many characters of white space may stand before a tag at the beginning; by default 20. */
  readonly leadingCharacters?: number;
  /** The text may begin with thinking that no tag opens: all is held back until a closing tag or the end tells. */
  readonly mayLackOpening?: boolean;
  /** What may stand first within the thinking and is no part of it, such as `<summary>` and `</summary>`. */
  readonly heading?: ReasoningTag;
  /** Texts that are taken out where the answer begins and ends with them, such as `<answer>` and `</answer>`. */
  readonly wrapper?: ReasoningTag;
}

/** A piece of the thinking or of the answer. */
export interface SplitPiece {
  readonly type: 'text' | 'reasoning';
  readonly text: string;
}

/** Takes the text of one reply, gives its parts in order. */
export interface ReasoningSplitter {
  push(text: string): readonly SplitPiece[];
  end(): readonly SplitPiece[];
}

/** The tags that models use when they are asked for one of them. */
export const THINKING_TAGS: readonly ReasoningTag[] = ['thinking', 'think', 'reasoning', 'thought'].map((name) => ({
  open: `<${name}>`,
  close: `</${name}>`,
}));

const LEADING_CHARACTERS = 20;

/** A splitter for one reply. */
export function createReasoningSplitter(form: ReasoningForm): ReasoningSplitter {
  const { tags, handling, place = 'beginning', leadingCharacters = LEADING_CHARACTERS, wrapper, heading } = form;
  let state: 'beginning' | 'heading' | 'reasoning' | 'gap' | 'text' = 'beginning';
  let held = '';
  let close = '';
  let unwrap = createUnwrapper(wrapper);
  let pieces: SplitPiece[] = [];
  const say = (type: SplitPiece['type'], text: string) => {
    if (text === '') return;
    const last = pieces.at(-1);
    if (last?.type === type) pieces[pieces.length - 1] = { type, text: last.text + text };
    else pieces.push({ type, text });
  };
  const sayText = (text: string) => say('text', handling === 'pass' ? text : unwrap.push(text));
  const sayThought = (text: string) => {
    if (handling === 'reasoning') say('reasoning', text);
    else if (handling !== 'remove') say('text', text);
  };
  const sayTag = (text: string) => {
    if (handling === 'pass') say('text', text);
  };

  /** Each step takes what it can tell of `held`; false where more must come first. */
  const readBeginning = (ended: boolean): boolean => {
    const lead = held.length - held.trimStart().length;
    const isNear = lead <= leadingCharacters;
    const found = isNear ? findOpening(held, lead, tags) : undefined;
    if (found !== undefined && found !== 'maybe') return open(found, 0, lead);
    if (!ended && isNear && (lead === held.length || found === 'maybe')) return false;
    if (form.mayLackOpening) return readUnopened(ended);
    state = 'text';
    return held !== '';
  };
  const readUnopened = (ended: boolean): boolean => {
    const first = tags
      .filter(({ alwaysOpens }) => !alwaysOpens)
      .map((tag) => ({ tag, at: held.indexOf(tag.close) }))
      .filter(({ at }) => at >= 0)
      .sort((one, other) => one.at - other.at)[0];
    if (first === undefined && !ended) return false;
    if (first !== undefined) {
      close = first.tag.close;
      state = 'reasoning';
    } else state = 'text';
    return held !== '';
  };
  const open = ({ tag, length }: Opening, from: number, at: number): boolean => {
    const white = held.slice(from, at);
    // White space before a tag only sets it apart.
    if (handling === 'pass' || handling === 'strip-tags') say('text', white);
    sayTag(held.slice(at, at + length));
    held = held.slice(at + length);
    close = tag.close;
    state = heading === undefined ? 'reasoning' : 'heading';
    return true;
  };
  const readHeading = (ended: boolean): boolean => {
    const said = held.trimStart();
    const { open: first = '', close: last = '' } = heading ?? {};
    const at = said.startsWith(first) ? said.indexOf(last) : -1;
    if (!ended && at < 0 && (said.startsWith(first) || first.startsWith(said))) return false;
    if (at >= 0) {
      sayTag(held.slice(0, held.length - said.length + at + last.length));
      held = said.slice(at + last.length);
    }
    state = 'reasoning';
    return true;
  };
  const readReasoning = (ended: boolean): boolean => {
    const at = held.indexOf(close);
    if (at < 0) {
      const kept = ended ? 0 : endOfPrefix(held, [close]);
      sayThought(held.slice(0, held.length - kept));
      held = held.slice(held.length - kept);
      return false;
    }
    sayThought(held.slice(0, at));
    sayTag(close);
    held = held.slice(at + close.length);
    state = 'gap';
    return true;
  };
  /** White space after a closing tag only sets it apart. */
  const readGap = (): boolean => {
    const text = held.trimStart();
    const white = held.slice(0, held.length - text.length);
    // Without its tags the thinking would run into the answer.
    if (handling === 'pass' || handling === 'strip-tags') say('text', white);
    held = text;
    if (held === '') return false;
    state = 'text';
    return true;
  };
  const readText = (ended: boolean): boolean => {
    if (place === 'beginning') {
      sayText(held);
      held = '';
      return false;
    }
    const at = findTag(held, tags, ended);
    sayText(held.slice(0, at));
    const found = ended && at === held.length ? undefined : findOpening(held, at, tags);
    if (found !== undefined && found !== 'maybe') return open(found, at, at);
    held = held.slice(at);
    if (ended) {
      sayText(held);
      held = '';
    }
    return false;
  };
  const read = (ended: boolean): readonly SplitPiece[] => {
    const steps = {
      beginning: readBeginning,
      heading: readHeading,
      reasoning: readReasoning,
      gap: readGap,
      text: readText,
    };
    while (steps[state](ended));
    const taken = pieces;
    pieces = [];
    return taken;
  };

  return {
    push: (text) => {
      if (state === 'text' && place === 'beginning' && wrapper === undefined)
        return text === '' ? [] : [{ type: 'text', text }];
      held += text;
      return read(false);
    },
    end: () => {
      const last = [...read(true)];
      const rest = unwrap.end();
      unwrap = createUnwrapper(undefined);
      return rest === '' ? last : [...last, { type: 'text', text: rest }];
    },
  };
}
