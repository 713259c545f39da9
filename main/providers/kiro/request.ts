// Writes a canonical request as Kiro's conversation state. The upstream refuses what does not keep its rules, mostly without
// saying why, so the rules are kept here, each by a file of its own; what had to be changed or left out is noted.
import type { ConversationRequest, JsonObject } from '../../canonical/conversation.ts';
import { nameConversation } from './conversation-id.ts';
import type { CallStyle } from './endpoints.ts';
import { IMAGE_LIMITS, type ImageLimits } from './images.ts';
import { noteLeftOut } from './left-out.ts';
import { type PairedAssistant, type PairedUser, pairTurns } from './pairing.ts';
import { type EmulatedReasoning, hasReasoningFields, type WrittenReasoning, writeReasoning } from './reasoning.ts';
import { chooseCut, createSizeError, MOST_BYTES, type SizeLimit } from './size.ts';
import { PLACEHOLDERS } from './texts.ts';
import { createToolNames, type ToolNames } from './tool-names.ts';
import { LONGEST_DESCRIPTION, type OfferedTools, offerTools } from './tools.ts';
import { TRUNCATION_SYSTEM, type TruncationMemory } from './truncation.ts';
import { type TurnWriting, writeAssistantMessage, writeUserMessage } from './turn-writing.ts';
import { readTurns } from './turns.ts';
import type { WireAssistantMessage, WireHistoryEntry, WireRequest, WireTool, WireUserMessage } from './wire.ts';

/** What writing needs besides the request. */
export interface KiroRequestOptions {
  readonly flavour: CallStyle['flavour'];
  /** Sent where it is given; never given for API keys. */
  readonly profileArn?: string;
  /** `additionalModelRequestFieldsSchema` of the model in the list of models. */
  readonly fieldsSchema?: JsonObject;
  /** Absent where models without fields of their own are not to be asked for thinking. */
  readonly emulatedReasoning?: EmulatedReasoning;
  /** Leaves earlier thinking out, after the upstream has refused its signature. */
  readonly withoutSignatures?: boolean;
  /** Leaves `additionalModelRequestFields` out, after the upstream has refused them. */
  readonly withoutFields?: boolean;
  /** Marks what the upstream may cache; by default it does. */
  readonly cachePoints?: boolean;
  readonly size?: SizeLimit;
  readonly images?: ImageLimits;
  /** The longest description that stays with its tool, in characters. */
  readonly longestDescription?: number;
  /** By default made of how the conversation begins. */
  readonly conversationId?: string;
  /** Keeps the same words of two accounts apart in the id that is made. */
  readonly account?: string;
  /** What was cut in earlier answers to this account. */
  readonly truncations?: TruncationMemory;
  /** Is told in plain words what could not be carried, each thing once. */
  readonly note: (text: string) => void;
}

/** A request in the upstream's words, and what its reader must know. */
export interface WrittenKiroRequest {
  readonly body: WireRequest;
  /** The body as it is sent. */
  readonly text: string;
  readonly names: ToolNames;
  /** What is offered, stand-ins included. */
  readonly tools: readonly WireTool[];
  /** The model was asked to think aloud between tags. */
  readonly emulatesReasoning: boolean;
  /** To be called once the upstream has begun to answer: what was told of cut answers is not told again. */
  settle(): void;
}

interface Parts {
  readonly turns: readonly (PairedUser | PairedAssistant)[];
  readonly system: string;
  readonly offered: OfferedTools;
  readonly reasoning: WrittenReasoning;
  readonly writing: TurnWriting;
}

/** The body for `request`. Throws `GatewayError` where it cannot be asked, or is larger than the limit. */
export function writeKiroRequest(request: ConversationRequest, options: KiroRequestOptions): WrittenKiroRequest {
  const { truncations, cachePoints = true } = options;
  const note = onlyOnce(options.note);
  const schema = options.withoutFields ? undefined : options.fieldsSchema;
  const images = options.images ?? IMAGE_LIMITS;
  const replaysReasoning = hasReasoningFields(options.fieldsSchema) && !options.withoutSignatures;
  const read = readTurns(request.messages, { images, replaysReasoning, note });
  const turns = pairTurns(read.turns, note);
  const called = new Set(turns.flatMap((turn) => (turn.role === 'user' ? [] : turn.calls.map(({ name }) => name))));
  const names = createToolNames([...(request.tools ?? []).map(({ name }) => name), ...called]);
  const offered = offerTools(request, called, names, options.longestDescription ?? LONGEST_DESCRIPTION, note);
  const reasoning = writeReasoning(request, schema, options.emulatedReasoning, note);
  noteLeftOut(request, cachePoints, note);
  const told = { calls: [] as string[], texts: [] as string[] };
  const writing = { names, origin: options.flavour.origin, images, truncations, told, note };
  const ours = [reasoning.system, tellsOfCuts(turns, truncations) ? TRUNCATION_SYSTEM : undefined];
  const system = [...read.system, ...offered.system, ...ours.filter((text) => text !== undefined)].join('\n\n');
  const { body, text } = fitSize(request, { turns, system, offered, reasoning, writing }, { ...options, note });
  return {
    body,
    text,
    names,
    tools: offered.tools,
    emulatesReasoning: reasoning.prefix !== undefined,
    settle: () => truncations?.forget(told),
  };
}

/** Only then the marks are explained: a system prompt that stays the same can be cached. */
function tellsOfCuts(turns: Parts['turns'], truncations: TruncationMemory | undefined): boolean {
  if (truncations === undefined) return false;
  return turns.some((turn) =>
    turn.role === 'user'
      ? turn.results.some(({ id }) => truncations.hasCall(id))
      : turn.texts.length > 0 && truncations.hasText(turn.texts.join('\n')),
  );
}

function fitSize(
  request: ConversationRequest,
  parts: Parts,
  options: KiroRequestOptions,
): { body: WireRequest; text: string } {
  const { mostBytes, trim } = options.size ?? { mostBytes: MOST_BYTES, trim: false };
  const body = assemble(request, parts, options);
  const text = JSON.stringify(body);
  const bytes = Buffer.byteLength(text);
  if (bytes <= mostBytes) return { body, text };
  if (!trim) throw createSizeError(bytes, mostBytes, measurePictures(parts.turns));
  // The question that is put before the rest, and the system prompt, which moves to it, are not saved.
  const kept = Buffer.byteLength(JSON.stringify(parts.system)) + 500;
  const mayLeaveAll = readLast(parts.turns).results.length === 0;
  const cut = chooseCut(body.conversationState.history ?? [], bytes - mostBytes + kept, mayLeaveAll);
  if (cut === undefined) throw createSizeError(bytes, mostBytes, measurePictures(parts.turns));
  options.note(`The ${cut} oldest turns were left out: ${bytes} bytes are more than the ${mostBytes} that Kiro takes.`);
  const shorter = assemble(request, { ...parts, turns: beginAnew(parts.turns.slice(cut)) }, options);
  return { body: shorter, text: JSON.stringify(shorter) };
}

/** How much of the body pictures take. */
function measurePictures(turns: Parts['turns']): number {
  const images = turns.flatMap((turn) => (turn.role === 'user' ? turn.images : []));
  return images.reduce((sum, { source }) => sum + source.bytes.length, 0);
}

/** Says before what is left that there was more. */
function beginAnew(turns: Parts['turns']): Parts['turns'] {
  const [first, ...rest] = turns;
  if (first?.role === 'user') return [{ ...first, texts: [PLACEHOLDERS.shortened, ...first.texts] }, ...rest];
  return [{ role: 'user', texts: [PLACEHOLDERS.shortened], images: [], results: [] }, ...turns];
}

/** The turn that is to be answered: pairing has made it the person's. */
const readLast = (turns: Parts['turns']) => turns.at(-1) as PairedUser;

function assemble(request: ConversationRequest, parts: Parts, options: KiroRequestOptions): WireRequest {
  const { flavour, profileArn, cachePoints = true } = options;
  const { turns, offered, reasoning } = parts;
  const history = writeHistory(parts, flavour.modelInHistory ? { modelId: request.model } : {}, cachePoints);
  const current = writeCurrent(parts, request.model);
  const withContext = offered.tools.length > 0 || current.userInputMessageContext !== undefined;
  const context = {
    ...(offered.tools.length === 0 ? undefined : { tools: offered.tools }),
    ...current.userInputMessageContext,
  };
  return {
    conversationState: {
      conversationId: options.conversationId ?? nameConversation(request.messages, options.account),
      chatTriggerType: 'MANUAL',
      ...(flavour.agentFields === 'none' ? undefined : { agentTaskType: 'vibe' }),
      currentMessage: {
        userInputMessage: { ...current, ...(withContext ? { userInputMessageContext: context } : undefined) },
      },
      ...(turns.length > 1 ? { history } : undefined),
    },
    ...(profileArn === undefined ? undefined : { profileArn }),
    ...(reasoning.fields === undefined ? undefined : { additionalModelRequestFields: reasoning.fields }),
  };
}

/** All turns but the last; the first of them carries the system prompt, so that what is stable stands at the beginning. */
function writeHistory(
  { turns, system, writing }: Parts,
  model: { readonly modelId?: string },
  cachePoints: boolean,
): WireHistoryEntry[] {
  const cachePoint = cachePoints ? ({ cachePoint: { type: 'default' } } as const) : undefined;
  const past = turns.slice(0, -1);
  return past.map((turn, at): WireHistoryEntry => {
    if (turn.role === 'assistant') {
      const message: WireAssistantMessage = writeAssistantMessage(turn, writing);
      return { assistantResponseMessage: at === past.length - 1 ? { ...message, ...cachePoint } : message };
    }
    const message: WireUserMessage = { ...writeUserMessage(turn, findAnswer(turns, at), writing), ...model };
    if (at > 0) return { userInputMessage: message };
    return { userInputMessage: { ...message, content: join(system, message.content), ...cachePoint } };
  });
}

function writeCurrent({ turns, system, offered, reasoning, writing }: Parts, modelId: string): WireUserMessage {
  const at = turns.length - 1;
  const turn = readLast(turns);
  const message = writeUserMessage(turn, findAnswer(turns, at), writing);
  // Tags for thinking beside the results of tools have been refused as malformed.
  const prefix = turn.results.length === 0 ? reasoning.prefix : undefined;
  const content = join(at === 0 ? system : undefined, prefix, message.content, offered.wish);
  return { ...message, content, modelId };
}

function findAnswer(turns: Parts['turns'], at: number): PairedAssistant | undefined {
  const before = turns[at - 1];
  return before?.role === 'assistant' ? before : undefined;
}

const join = (...texts: readonly (string | undefined)[]) =>
  texts.filter((text) => text !== undefined && text !== '').join('\n\n');

function onlyOnce(note: (text: string) => void): (text: string) => void {
  const noted = new Set<string>();
  return (text) => {
    if (noted.has(text)) return;
    noted.add(text);
    note(text);
  };
}
