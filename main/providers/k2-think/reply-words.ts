// The words of one reply on their way to the client: pieces that repeat what came before are reduced to what is new, thinking is
// parted from the answer, and marks of either are taken out. Knows no wire.
import { GatewayError } from '../../canonical/errors.ts';
import {
  createReasoningSplitter,
  type ReasoningForm,
  type ReasoningHandling,
  type SplitPiece,
} from '../kit/reasoning-splitter.ts';
import { endOfPrefix, type ReasoningTag } from '../kit/reasoning-tags.ts';
import { ID } from './hosts.ts';

/** Takes the content of one reply piece by piece and tells its parts. */
export interface ReplyWords {
  hear(content: string): void;
  /** The reply is complete: what was held back is told. */
  end(): void;
  /** Whether anything has come. */
  readonly heard: boolean;
}

/** How the words come and where they go. */
export interface ReplyWordsOptions {
  readonly handling: ReasoningHandling;
  /** Each piece holds the whole text so far. */
  readonly isCumulative: boolean;
  /** Nothing is told before the end, when the whole text says best what is thinking. */
  readonly isCollected: boolean;
  readonly sayText: (text: string) => void;
  readonly sayReasoning: (text: string) => void;
}

const CLOSING = '</think>';
const TAGS: readonly ReasoningTag[] = [
  // Answers may hold such blocks of their own.
  { open: '<details type="reasoning"', close: '</details>', alwaysOpens: true },
  { open: '<think', close: CLOSING },
];

/** Every form in which the site and the API have marked thinking. */
function writeForm(handling: ReasoningHandling): ReasoningForm {
  return {
    tags: TAGS,
    handling,
    leadingCharacters: 200,
    // The newer model often lacks the opening tag.
    mayLackOpening: true,
    heading: { open: '<summary>', close: '</summary>' },
    wrapper: { open: '<answer>', close: '</answer>' },
  };
}

/** The words of one reply. */
export function createReplyWords(options: ReplyWordsOptions): ReplyWords {
  const { handling, isCumulative, isCollected } = options;
  const form = writeForm(handling);
  const told = createTeller(options);
  let splitter = createReasoningSplitter(form);
  /** All content so far; for pieces that repeat it, and for the end of a collected reply. */
  let whole = '';
  let heard = false;
  const feed = (text: string) => {
    if (!isCollected) told.add(splitter.push(text));
  };
  const hearWhole = (content: string) => {
    if (content.startsWith(whole)) {
      feed(content.slice(whole.length));
      whole = content;
    } else if (isBlock(content) && isBlock(whole)) {
      // The block of thinking is written anew as it grows: its attributes and its end change.
      whole = content;
      if (isCollected) return;
      splitter = createReasoningSplitter(form);
      told.replace(splitter.push(content));
    } else {
      whole += content;
      feed(content);
    }
  };
  return {
    hear: (content) => {
      if (content === '') return;
      heard = true;
      if (isCumulative) return hearWhole(content);
      if (isCollected) whole += content;
      feed(content);
    },
    end: () => {
      if (isCollected) told.add(splitter.push(handling === 'pass' ? whole : closeLast(whole)));
      told.add(splitter.end());
      told.end();
    },
    get heard() {
      return heard;
    },
  };
}

const isBlock = (text: string) => text.trimStart().startsWith('<details');

/** The text with its last closing tag alone: a model that thinks of such tags writes them within its thinking. */
function closeLast(text: string): string {
  const last = text.lastIndexOf(CLOSING);
  if (last < 0 || isBlock(text)) return text;
  return text.slice(0, last).replaceAll(CLOSING, '') + text.slice(last);
}

/** Tells pieces on, without white space around the thinking, and without closing tags in a streamed answer. */
function createTeller({ handling, sayText, sayReasoning }: ReplyWordsOptions) {
  const told = { text: '', reasoning: '' };
  let white = '';
  let held = '';
  const tell = (type: SplitPiece['type'], text: string) => {
    if (text === '') return;
    told[type] += text;
    if (type === 'text') sayText(text);
    else sayReasoning(text);
  };
  const tellReasoning = (text: string) => {
    const said = white + text;
    const kept = told.reasoning === '' ? said.trimStart() : said;
    const body = kept.trimEnd();
    white = kept.slice(body.length);
    tell('reasoning', body);
  };
  const tellText = (text: string, ended: boolean) => {
    if (handling === 'pass') return tell('text', text);
    const said = (held + text).replaceAll(CLOSING, '');
    const kept = ended ? 0 : endOfPrefix(said, [CLOSING]);
    held = said.slice(said.length - kept);
    tell('text', said.slice(0, said.length - kept));
  };
  const add = (pieces: readonly SplitPiece[]) => {
    for (const { type, text } of pieces) {
      if (type === 'text') tellText(text, false);
      else tellReasoning(text);
    }
  };
  return {
    add,
    /** The pieces are those of the whole text so far: only what is new in them is told. */
    replace: (pieces: readonly SplitPiece[]) => {
      const join = (type: SplitPiece['type']) =>
        pieces.flatMap((piece) => (piece.type === type ? [piece.text] : [])).join('');
      const reasoning = join('reasoning').trim();
      const text = join('text');
      white = '';
      held = '';
      if (reasoning.startsWith(told.reasoning)) tell('reasoning', reasoning.slice(told.reasoning.length));
      if (!text.startsWith(told.text)) {
        const message = 'K2-Think changed the part of its answer that had been sent on.';
        throw new GatewayError('upstream', message, { provider: ID });
      }
      tellText(text.slice(told.text.length), false);
    },
    end: () => tellText('', true),
  };
}
