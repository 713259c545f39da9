// Reads Kiro's answer as canonical events: frames into events, text through what takes thinking and written-out calls from it,
// and at the end a verdict whether the answer is whole. An answer that was cut never ends as if it were complete.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch } from '../../canonical/events.ts';
import type { ReasoningForm } from '../kit/reasoning-splitter.ts';
import { chooseEnd, type ReplyFacts } from './end.ts';
import { type KiroFailure, readKiroException } from './errors.ts';
import { createEventFrameReader, type EventFrame } from './event-stream.ts';
import { ID } from './formats.ts';
import { createReplyText } from './reply-text.ts';
import type { ToolNames } from './tool-names.ts';
import type { TruncationMemory } from './truncation.ts';
import { readUsage } from './usage.ts';
import type { WireTool } from './wire.ts';
import { createWireCallReader, judgeArguments, type WireCallPiece } from './wire-calls.ts';

/** Takes the chunks of one answer, gives their events. */
export interface KiroStreamReader {
  push(chunk: Buffer): EventBatch;
  /** The last events; the end of the reply is only known when the upstream has closed the stream. */
  end(): EventBatch;
  /** The reply has ended or failed. */
  readonly ended: boolean;
  /** Anything that the client may have seen: after that the request must not be sent again. */
  readonly visible: boolean;
  /** What an exception inside the stream means for the caller; undefined where there was none. */
  readonly failure: KiroFailure | undefined;
}

/** What a reader must know of the request and the account. */
export interface KiroStreamOptions {
  readonly names: ToolNames;
  /** What was offered. */
  readonly tools: readonly WireTool[];
  /** How thinking stands in the text, where the model was asked to think aloud. */
  readonly reasoning?: ReasoningForm;
  /** The window of a model in tokens, by the upstream's name; without one, of the model that was asked. */
  readonly contextTokens?: (model: string | undefined) => number | undefined;
  /** A guess at the tokens of the request, for where the upstream tells nothing. */
  readonly estimateInputTokens?: () => number;
  /** Remembers what is cut. */
  readonly truncations?: TruncationMemory;
  /** Is told once of each event that nothing is known of. */
  readonly onUnknown?: (event: string) => void;
}

/** Known and of no use to a client. */
const IGNORED: ReadonlySet<string> = new Set([
  'initial-response',
  'followupPromptEvent',
  'codeReferenceEvent',
  'codeEvent',
  'citationEvent',
  'supplementaryWebLinksEvent',
  'intentsEvent',
  'interactionComponentsEvent',
  'toolResultEvent',
  'dryRunSucceedEvent',
  'messageStopEvent',
  'metricsEvent',
]);

type Payload = Readonly<Record<string, unknown>>;
type Credits = { readonly amount: number; readonly unit: string };

/** A reader for one answer. */
export function createKiroStreamReader(options: KiroStreamOptions): KiroStreamReader {
  const { names, tools, truncations, onUnknown } = options;
  const frames = createEventFrameReader();
  const writer = createEventWriter();
  const calls = createWireCallReader(writer, (name) => names.read(name));
  const unknown = new Set<string>();
  let failure: KiroFailure | undefined;
  let outputBytes = 0;
  let visible = false;
  let started = false;
  let model: string | undefined;
  let replyId: string | undefined;
  let stopReason: string | undefined;
  let counted: unknown;
  let contextPercentage: number | undefined;
  let credits: Credits | undefined;

  /** Opens the reply with what is known by then, and ends the calls that other content follows. */
  const begin = () => {
    calls.close();
    visible = true;
    if (started) return;
    started = true;
    writer.start({ id: replyId, model });
  };
  const words = createReplyText({ writer, tools, form: options.reasoning, begin });
  const readText = (content: unknown) => {
    if (typeof content !== 'string') return;
    outputBytes += Buffer.byteLength(content);
    words.hear(content);
  };
  const readReasoning = ({ text, signature, redactedContent }: Payload) => {
    if (typeof text === 'string' && text !== '') {
      words.release();
      begin();
      outputBytes += Buffer.byteLength(text);
      writer.reasoning(text);
    }
    if (typeof signature === 'string' && signature !== '') {
      begin();
      writer.endReasoning({ anthropic: { signature } });
    }
    if (typeof redactedContent === 'string' && redactedContent !== '') {
      words.release();
      begin();
      writer.endBlock();
      writer.endReasoning({ anthropic: { redacted: redactedContent } });
    }
  };
  const readCall = (piece: WireCallPiece & Payload) => {
    words.release();
    if (!started) {
      started = true;
      writer.start({ id: replyId, model });
    }
    visible = true;
    if (typeof piece.input === 'string') outputBytes += Buffer.byteLength(piece.input);
    calls.read(piece);
  };
  const readMetadata = (payload: Payload) => {
    if (typeof payload.stopReason === 'string' && payload.stopReason !== '') stopReason = payload.stopReason;
    counted = payload.tokenUsage ?? counted;
  };
  const readEvent = (type: string, payload: Payload) => {
    if (typeof payload.modelId === 'string' && payload.modelId !== '') model = payload.modelId;
    switch (type) {
      case 'assistantResponseEvent':
        return readText(payload.content);
      case 'toolUseEvent':
        return readCall(payload);
      case 'reasoningContentEvent':
        return readReasoning(payload);
      case 'metadataEvent':
        return readMetadata(payload);
      case 'contextUsageEvent':
        if (typeof payload.contextUsagePercentage === 'number') contextPercentage = payload.contextUsagePercentage;
        return;
      case 'meteringEvent':
        if (typeof payload.usage === 'number')
          credits = { amount: payload.usage, unit: typeof payload.unit === 'string' ? payload.unit : 'credit' };
        return;
      case 'messageMetadataEvent':
        if (typeof payload.utteranceId === 'string') replyId ??= payload.utteranceId;
        return;
      case 'invalidStateEvent':
        return readException(type, JSON.stringify(payload), undefined);
      default:
        if (IGNORED.has(type) || unknown.has(type)) return;
        unknown.add(type);
        onUnknown?.(type);
    }
  };
  const readFrame = (frame: EventFrame) => {
    if (writer.ended) return;
    const { kind, type, payload, message } = frame;
    if (kind === 'event') readEvent(type, parse(type, payload));
    else readException(type, payload.toString('utf8'), message);
  };
  const readException = (type: string, text: string, message: string | undefined) => {
    failure = readKiroException(type, text, message);
    const { error } = failure;
    if (error.code !== 'context_length_exceeded' || !visible) throw error;
    // The answer grew until the window was full.
    stopReason = type;
    finish();
  };
  const facts = (): ReplyFacts => ({
    stopReason,
    calls: calls.calls.map(({ id, name, text }) => ({ id, name, text, state: judgeArguments(text) })),
    textCalls: words.calls,
    hasText: words.said,
    hasReasoning: visible && !words.said,
    hasTail: contextPercentage !== undefined || credits !== undefined || counted !== undefined,
    contextPercentage,
  });
  const finish = () => {
    words.release();
    calls.close();
    const { textCalls, cutCalls, finishReason, isCutText } = chooseEnd(facts());
    for (const { id, call } of textCalls) {
      begin();
      writer.toolCall(id, { id, name: names.read(call.name) });
      writer.toolArguments(id, call.arguments);
      if (!call.isCut) writer.endToolCall(id);
    }
    for (const id of cutCalls) truncations?.addCall(id);
    if (isCutText) truncations?.addText(words.beginning);
    if (!started) writer.start({ id: replyId, model });
    writer.endBlock();
    const window = options.contextTokens?.(model);
    const { estimateInputTokens } = options;
    writer.usage(readUsage({ counted, contextPercentage, contextTokens: window, outputBytes, estimateInputTokens }));
    writer.end(finishReason, { [ID]: writeMetadata(model, credits, contextPercentage) });
  };
  const guard = (read: () => void): EventBatch => {
    try {
      read();
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      // What was read before a failure comes before it.
      writer.fail(error);
    }
    return writer.take();
  };

  return {
    push: (chunk) => guard(() => frames.push(chunk, readFrame)),
    end: () =>
      guard(() => {
        if (writer.ended) return;
        frames.end();
        finish();
      }),
    get ended() {
      return writer.ended;
    },
    get visible() {
      return visible;
    },
    get failure() {
      return failure;
    },
  };
}

function parse(type: string, bytes: Buffer): Payload {
  if (bytes.length === 0 || IGNORED.has(type)) return {};
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Payload) : {};
  } catch (cause) {
    const message = `The upstream sent a ${type} that is not JSON.`;
    throw new GatewayError('upstream', message, { provider: ID, code: 'damaged_frame', cause });
  }
}

function writeMetadata(
  model: string | undefined,
  credits: Credits | undefined,
  contextPercentage?: number,
): JsonObject {
  return {
    ...(model === undefined ? undefined : { model }),
    ...(credits === undefined ? undefined : { credits: credits.amount, creditUnit: credits.unit }),
    ...(contextPercentage === undefined ? undefined : { contextPercentage }),
  };
}
