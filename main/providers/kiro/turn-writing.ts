// Writes paired turns in the upstream's words: no content without words, pictures within their limit, and what an earlier
// answer lost on its way told where it belongs.
import type { ImageLimits } from './images.ts';
import type { PairedAssistant, PairedUser } from './pairing.ts';
import { isBlank, PLACEHOLDERS } from './texts.ts';
import type { ToolNames } from './tool-names.ts';
import { CUT_CALL, CUT_TEXT, type TruncationMemory } from './truncation.ts';
import type { WireAssistantMessage, WireToolResult, WireUserMessage } from './wire.ts';

/** What all turns of one request have in common. */
export interface TurnWriting {
  readonly names: ToolNames;
  readonly origin: string;
  readonly images: ImageLimits;
  /** What was cut in earlier answers; nothing is forgotten here. */
  readonly truncations: TruncationMemory | undefined;
  /** Collects what the turns have told. */
  readonly told: { readonly calls: string[]; readonly texts: string[] };
  readonly note: (text: string) => void;
}

/** The person's turn; `before` is the answer that it follows. */
export function writeUserMessage(
  turn: PairedUser,
  before: PairedAssistant | undefined,
  writing: TurnWriting,
): WireUserMessage {
  const { origin, truncations, told } = writing;
  const texts = [...turn.texts];
  const said = before?.texts.join('\n') ?? '';
  if (said !== '' && truncations?.hasText(said)) {
    told.texts.push(said);
    texts.unshift(CUT_TEXT);
  }
  const { shown, missing } = limitImages(turn, writing);
  const words = [...texts, ...missing].join('\n');
  const context = turn.results.length === 0 ? undefined : { toolResults: turn.results.map(writeResult(writing)) };
  return {
    content: isBlank(words) ? words + choosePlaceholder(turn) : words,
    origin,
    ...(shown.length === 0 ? undefined : { images: shown }),
    ...(context === undefined ? undefined : { userInputMessageContext: context }),
  };
}

function choosePlaceholder({ results, images }: PairedUser): string {
  if (results.length > 0) return PLACEHOLDERS.results;
  return images.length > 0 ? PLACEHOLDERS.images : PLACEHOLDERS.end;
}

function limitImages({ images }: PairedUser, { images: { most }, note }: TurnWriting) {
  if (images.length <= most) return { shown: images, missing: [] };
  const count = images.length - most;
  note(`Of ${images.length} pictures in one message the last ${most} were passed on: Kiro takes no more.`);
  return { shown: images.slice(count), missing: [`[The first ${count} pictures of this message were left out.]`] };
}

function writeResult({ truncations, told, note }: TurnWriting) {
  return ({ id, wireId, text, isError }: PairedUser['results'][number]): WireToolResult => {
    const wasCut = truncations?.hasCall(id) === true;
    if (wasCut) {
      told.calls.push(id);
      note('The model was told that its earlier tool call was cut off on its way.');
    }
    const words = wasCut ? `${CUT_CALL}\n\n${text}` : text;
    return { toolUseId: wireId, status: isError ? 'error' : 'success', content: [{ text: words }] };
  };
}

/** The model's turn. */
export function writeAssistantMessage(turn: PairedAssistant, { names, note }: TurnWriting): WireAssistantMessage {
  const { texts, calls, reasoning } = turn;
  const words = texts.join('\n');
  const [thought, ...more] = reasoning;
  if (more.length > 0) note('Of several pieces of thinking in one turn only the first was sent back: Kiro takes one.');
  const uses = calls.map(({ wireId, name, input }) => ({ toolUseId: wireId, name: names.write(name), input }));
  const filler = calls.length > 0 ? PLACEHOLDERS.calls : PLACEHOLDERS.silence;
  return {
    content: isBlank(words) ? words + filler : words,
    ...(uses.length === 0 ? undefined : { toolUses: uses }),
    ...(thought === undefined ? undefined : { reasoningContent: thought }),
  };
}
