// The words of an answer on their way to the client: thinking between tags and calls that were written out are taken from them,
// and nothing that could be the beginning of either is shown.
import type { JsonObject } from '../../canonical/conversation.ts';
import type { EventWriter } from '../../canonical/event-writer.ts';
import { createReasoningSplitter, type ReasoningForm, type SplitPiece } from '../kit/reasoning-splitter.ts';
import type { TextCall } from '../kit/text-markup.ts';
import { createTextCallScanner } from './text-calls.ts';
import type { WireTool } from './wire.ts';

/** The words of one reply. */
export interface ReplyText {
  hear(text: string): void;
  /** Something else comes, or the end: what was held back is text after all, and thinking that was never closed ends. */
  release(): void;
  /** Whether the client has seen any text. */
  readonly said: boolean;
  /** Its first words, by which the next request knows it again. */
  readonly beginning: string;
  readonly calls: readonly TextCall[];
}

/** What the words pass through. */
export interface ReplyTextOptions {
  readonly writer: EventWriter;
  readonly tools: readonly WireTool[];
  /** Absent where the model was not asked to think aloud. */
  readonly form: ReasoningForm | undefined;
  /** Is called before anything is shown. */
  readonly begin: () => void;
}

const REMEMBERED_CHARACTERS = 2_000;

/** The words of one reply. */
export function createReplyText({ writer, tools, form, begin }: ReplyTextOptions): ReplyText {
  let splitter = form && createReasoningSplitter(form);
  const scanner = tools.length === 0 ? undefined : createTextCallScanner(readSchemas(tools));
  let beginning = '';
  const say = (text: string) => {
    if (text === '') return;
    begin();
    if (beginning.length < REMEMBERED_CHARACTERS) beginning += text;
    writer.text(text);
  };
  const scan = (text: string) => say(scanner === undefined ? text : scanner.push(text));
  const sayPieces = (pieces: readonly SplitPiece[]) => {
    for (const { type, text } of pieces) {
      if (type === 'text') scan(text);
      else {
        begin();
        writer.reasoning(text);
      }
    }
  };
  return {
    hear: (text) => {
      if (splitter === undefined) scan(text);
      else sayPieces(splitter.push(text));
    },
    release: () => {
      if (splitter !== undefined) sayPieces(splitter.end());
      splitter = form && createReasoningSplitter(form);
      if (scanner !== undefined) say(scanner.end());
    },
    get said() {
      return beginning !== '';
    },
    get beginning() {
      return beginning;
    },
    get calls() {
      return scanner?.calls ?? [];
    },
  };
}

function readSchemas(tools: readonly WireTool[]): ReadonlyMap<string, JsonObject> {
  return new Map(tools.map(({ toolSpecification: { name, inputSchema } }) => [name, inputSchema.json]));
}
