// The text of one answer, which a bot may take back at any time. What could still be replaced by the bot's own habit waits;
// what was sent stays sent: a replacement that goes on where it ends is completed, any other breaks the reply off.
import { GatewayError } from '../../canonical/errors.ts';
import type { EventWriter } from '../../canonical/event-writer.ts';
import type { ReasoningHandling, SplitPiece } from '../kit/reasoning-splitter.ts';
import { ID } from './account.ts';
import { type BotFile, createFileMarks } from './file-marks.ts';
import { isHeading, isSign } from './progress.ts';
import { createThinkingSplitter } from './thinking.ts';

/** How the text is read. */
export interface AnswerTextOptions {
  readonly writer: Pick<EventWriter, 'text' | 'reasoning'>;
  /** Nothing is said before the end: the client waits for all of it, or the bot is known to take back what it says. */
  readonly holds: boolean;
  readonly thinking: ReasoningHandling;
  /** The bot may put its thinking into a block of text at the beginning, without a heading. */
  readonly mayFence: boolean;
  /** The bot has taken back what was already sent. */
  readonly onTakenBack: () => void;
}

/** Takes what a bot says. Each call throws `GatewayError` where what was sent no longer holds. */
export interface AnswerText {
  text(text: string): void;
  replace(text: string): void;
  /** Thinking that comes apart from the text. */
  reasoning(text: string): void;
  file(file: BotFile): void;
  /** Says all that waits, as something else follows. */
  settle(): void;
  end(): void;
  /** How much has been said, in bytes of UTF-8. */
  readonly bytes: number;
}

/** The text of one answer. */
export function createAnswerText(options: AnswerTextOptions): AnswerText {
  const { writer, holds, thinking, onTakenBack } = options;
  const files: BotFile[] = [];
  /** What the bot has said and not taken back, and how much of it has been read. */
  let version = '';
  let read = 0;
  /** Only a sign of life so far: the next words take its place. */
  let isWaiting = true;
  let sent = '';
  let sentThought = '';
  /** What was sent of an earlier version and the present one has not said yet. */
  let owed = '';
  let owedThought = '';
  let bytes = 0;
  let sink = createSink();

  function createSink() {
    const marks = createFileMarks(files);
    const splitter = createThinkingSplitter(options);
    return {
      push: (text: string) => say(splitter.push(text), marks.push),
      end: () => {
        say(splitter.end(), marks.push);
        sayText(marks.end());
      },
    };
  }
  function say(pieces: readonly SplitPiece[], resolve: (text: string) => string) {
    for (const { type, text } of pieces) {
      if (type === 'reasoning') sayThought(text);
      else sayText(resolve(text));
    }
  }
  function sayThought(text: string) {
    // Thoughts that were put otherwise the second time are no other answer.
    const known = matchStart(owedThought, text);
    owedThought = known === undefined ? '' : owedThought.slice(known);
    const fresh = text.slice(known ?? 0);
    sentThought += fresh;
    bytes += Buffer.byteLength(fresh);
    writer.reasoning(fresh);
  }
  function sayText(text: string) {
    if (text === '') return;
    const known = matchStart(owed, text);
    if (known === undefined) return takeBack();
    owed = owed.slice(known);
    const fresh = text.slice(known);
    sent += fresh;
    bytes += Buffer.byteLength(fresh);
    writer.text(fresh);
  }
  function takeBack(): never {
    onTakenBack();
    throw new GatewayError(
      'upstream',
      'The bot took back what it had said, after it was sent. Ask again: its answers are held until they are complete from now on.',
      { provider: ID, code: 'answer_replaced', retryable: true },
    );
  }
  const release = () => {
    const fresh = version.slice(read);
    read = version.length;
    if (fresh !== '') sink.push(fresh);
  };

  return {
    text: (text) => {
      if (isWaiting && isSign(text)) version = text;
      else if (isWaiting && text.trim() !== '') {
        isWaiting = false;
        version = (isSign(version) ? endSign(version, text) : version) + text;
      } else version += text;
      if (!isWaiting && !holds) release();
    },
    replace: (text) => {
      version = text;
      read = 0;
      // The next event tells whether it goes on from here or is replaced again.
      isWaiting = text.trim() === '' || isSign(text);
      owed = sent;
      owedThought = sentThought;
      sink = createSink();
    },
    reasoning: (text) => {
      if (thinking !== 'remove') sayThought(text);
    },
    file: (file) => void files.push(file),
    settle: release,
    end: () => {
      release();
      sink.end();
      if (owed.trim() !== '') takeBack();
    },
    get bytes() {
      return bytes;
    },
  };
}

/** What stays of a sign before `text`: the heading of thoughts, in a line of its own, and nothing of another. */
function endSign(sign: string, text: string): string {
  if (/^[ \t]/.test(text)) return sign;
  if (!isHeading(sign)) return '';
  return /\n$/.test(sign) || text.startsWith('\n') ? sign : `${sign}\n`;
}

/** How much of `text` is the beginning of `owed`; undefined where they differ. */
function matchStart(owed: string, text: string): number | undefined {
  if (owed.startsWith(text)) return text.length;
  return text.startsWith(owed) ? owed.length : undefined;
}
