// Canonical messages as the two sides of a conversation in turn, each turn everything that one side said before the other
// spoke again. System messages go ahead of it all. What calls and results belong together is settled in `pairing.ts`.
import type {
  AssistantMessage,
  FilePart,
  ImagePart,
  JsonObject,
  Message,
  ReasoningPart,
  TextPart,
  ToolResultPart,
} from '../../canonical/conversation.ts';
import { type ImageLimits, writeFile, writeImage } from './images.ts';
import { mendText, PLACEHOLDERS, readInput } from './texts.ts';
import type { WireImage, WireReasoning } from './wire.ts';

/** A call as the client knows it. */
export interface Call {
  /** The client's id, the name likewise. */
  readonly id: string;
  readonly name: string;
  readonly input: JsonObject;
}

/** A result as the client gave it, its pictures apart. */
export interface Result {
  readonly id: string;
  readonly name: string | undefined;
  readonly text: string;
  readonly images: readonly WireImage[];
  readonly isError: boolean;
}

/** What the person and their tools said. */
export interface UserTurn {
  readonly role: 'user';
  readonly texts: string[];
  readonly images: WireImage[];
  readonly results: Result[];
}

/** What the model said. */
export interface AssistantTurn {
  readonly role: 'assistant';
  readonly texts: string[];
  readonly calls: Call[];
  readonly reasoning: WireReasoning[];
}

/** One side's turn. */
export type Turn = UserTurn | AssistantTurn;

/** What reading the messages needs. */
export interface TurnOptions {
  readonly images: ImageLimits;
  /** Whether the upstream takes its own thinking back. */
  readonly replaysReasoning: boolean;
  readonly note: (text: string) => void;
}

/** The system texts in their order, and the turns without any that say nothing. */
export function readTurns(
  messages: readonly Message[],
  options: TurnOptions,
): { readonly system: readonly string[]; readonly turns: Turn[] } {
  const system: string[] = [];
  const turns: Turn[] = [];
  let begun = false;
  for (const message of messages) {
    switch (message.role) {
      case 'system': {
        const texts = message.parts.map(({ text }) => mendText(text)).filter((text) => text !== '');
        if (begun && texts.length > 0)
          options.note('A system message inside the conversation was moved to its beginning: Kiro takes none there.');
        system.push(...texts);
        break;
      }
      case 'user':
      case 'tool':
        begun = true;
        turns.push(readUser(message.parts, options));
        break;
      case 'assistant':
        begun = true;
        turns.push(readAssistant(message, options));
        break;
      default:
        message satisfies never;
    }
  }
  return { system, turns: mergeTurns(turns) };
}

/** The turns without empty ones, those of one side that follow each other joined; nothing that they hold is lost. */
export function mergeTurns(turns: readonly Turn[]): Turn[] {
  const merged: Turn[] = [];
  for (const turn of turns) {
    if (isEmpty(turn)) continue;
    const last = merged.at(-1);
    if (last?.role === 'user' && turn.role === 'user') {
      last.texts.push(...turn.texts);
      last.images.push(...turn.images);
      last.results.push(...turn.results);
    } else if (last?.role === 'assistant' && turn.role === 'assistant') {
      last.texts.push(...turn.texts);
      last.calls.push(...turn.calls);
      last.reasoning.push(...turn.reasoning);
    } else merged.push(turn);
  }
  return merged;
}

/** A turn of the person's that holds nothing yet. */
export function createUserTurn(...texts: string[]): UserTurn {
  return { role: 'user', texts, images: [], results: [] };
}

function isEmpty(turn: Turn): boolean {
  if (turn.texts.length > 0) return false;
  if (turn.role === 'user') return turn.images.length === 0 && turn.results.length === 0;
  return turn.calls.length === 0 && turn.reasoning.length === 0;
}

type Said = TextPart | ImagePart | FilePart;

function readUser(parts: readonly (Said | ToolResultPart)[], options: TurnOptions): UserTurn {
  const turn = createUserTurn();
  for (const part of parts) {
    if (part.type === 'tool-result') turn.results.push(readResult(part, options));
    else readSaid(part, turn, options);
  }
  return turn;
}

function readSaid(
  part: Said,
  to: { readonly texts: string[]; readonly images: WireImage[] },
  { images: limits, note }: TurnOptions,
): void {
  switch (part.type) {
    case 'text':
      if (part.text !== '') to.texts.push(mendText(part.text));
      return;
    case 'file':
      to.texts.push(mendText(writeFile(part, note)));
      return;
    case 'image': {
      const image = writeImage(part, limits, note);
      if (typeof image === 'string') to.texts.push(image);
      else to.images.push(image);
      return;
    }
    default:
      part satisfies never;
  }
}

function readResult({ toolCallId: id, name, parts, isError = false }: ToolResultPart, options: TurnOptions): Result {
  const said: { texts: string[]; images: WireImage[] } = { texts: [], images: [] };
  for (const part of parts) readSaid(part, said, options);
  const { texts, images } = said;
  if (images.length > 0)
    options.note('A picture in a tool result was moved beside it: Kiro takes only text in the result itself.');
  const text = texts.join('\n');
  const words = text.trim() === '' ? text + (images.length > 0 ? PLACEHOLDERS.shown : PLACEHOLDERS.result) : text;
  return { id, name, text: words, images, isError };
}

function readAssistant({ parts }: AssistantMessage, options: TurnOptions): AssistantTurn {
  const turn: AssistantTurn = { role: 'assistant', texts: [], calls: [], reasoning: [] };
  const { note } = options;
  for (const part of parts) {
    switch (part.type) {
      case 'text':
        if (part.text !== '') turn.texts.push(mendText(part.text));
        break;
      case 'tool-call':
        turn.calls.push({ id: part.id, name: part.name, input: readInput(part.arguments, note) });
        break;
      case 'reasoning':
        turn.reasoning.push(...readReasoning(part, options));
        break;
      case 'image':
      case 'file':
        turn.texts.push(`[The assistant made ${part.type === 'image' ? 'a picture' : 'a file'} here.]`);
        note('A picture or file that the model had made was only named in its place: Kiro takes none from the model.');
        break;
      default:
        part satisfies never;
    }
  }
  return turn;
}

/** Only signed or sealed thinking goes back, and only to an upstream that thinks by itself: it checks the signature. */
function readReasoning({ text, metadata }: ReasoningPart, { replaysReasoning, note }: TurnOptions): WireReasoning[] {
  const { signature, redacted } = metadata?.anthropic ?? {};
  if (replaysReasoning && typeof signature === 'string')
    return [{ reasoningText: { text: mendText(text), signature: mendText(signature) } }];
  if (replaysReasoning && typeof redacted === 'string') return [{ redactedContent: mendText(redacted) }];
  if (text !== '' || signature !== undefined || redacted !== undefined)
    note('Earlier thinking was left out: this model takes only such thinking back as it has signed itself.');
  return [];
}
