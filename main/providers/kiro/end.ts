// How a reply ends: whether it is whole, was cut on its way, or is none at all, and which of the calls in its text are calls.
import { createHash } from 'node:crypto';
import { GatewayError } from '../../canonical/errors.ts';
import type { FinishReason } from '../../canonical/events.ts';
import type { TextCall } from '../kit/text-markup.ts';
import { ID } from './formats.ts';

/** What is known when the stream has ended. */
export interface ReplyFacts {
  readonly stopReason: string | undefined;
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly text: string;
    readonly state: 'whole' | 'cut' | 'broken';
  }[];
  /** Calls that were taken out of the text. */
  readonly textCalls: readonly TextCall[];
  readonly hasText: boolean;
  readonly hasReasoning: boolean;
  /** Anything that the upstream tells only after its answer: what it cost, how full the window is. */
  readonly hasTail: boolean;
  readonly contextPercentage: number | undefined;
}

/** What to do at the end. */
export interface ReplyVerdict {
  readonly finishReason: FinishReason;
  /** Calls of the text that are none of the others told again, under ids that the same answer always gets. */
  readonly textCalls: readonly { readonly id: string; readonly call: TextCall }[];
  /** Ids of the calls that arrived incomplete. */
  readonly cutCalls: readonly string[];
  readonly isCutText: boolean;
}

/** The verdict. Throws `GatewayError` where nothing was said at all: that request may be sent again. */
export function chooseEnd(facts: ReplyFacts): ReplyVerdict {
  const { calls, stopReason } = facts;
  const written = facts.textCalls.filter((call) => !calls.some((other) => isSame(call, other)));
  const textCalls = [...new Map(written.map((call) => [`${call.name} ${call.arguments}`, call])).values()].map(
    (call, at) => ({ id: `tooluse_text_${at + 1}_${hash(call)}`, call }),
  );
  const cutCalls = [
    ...calls.filter(({ state }) => state === 'cut').map(({ id }) => id),
    ...textCalls.filter(({ call }) => call.isCut).map(({ id }) => id),
  ];
  const called = calls.length + textCalls.length;
  if (called === 0 && !facts.hasText) refuseSilence(facts);
  const isCutAnswer = called === 0 && isCut(facts);
  const usable = textCalls.length + calls.filter(({ state }) => state === 'whole').length;
  const finishReason: FinishReason =
    cutCalls.length > 0 || isCutAnswer
      ? { kind: 'length', raw: stopReason }
      : readStopReason(stopReason, called, usable);
  return { finishReason, textCalls, cutCalls, isCutText: isCutAnswer && facts.hasText };
}

/** An answer that ends without a word about its end was cut, or the window was full. */
function isCut({ stopReason, hasTail, contextPercentage }: ReplyFacts): boolean {
  if (stopReason !== undefined) return false;
  return !hasTail || (contextPercentage !== undefined && contextPercentage >= 100);
}

function refuseSilence({ stopReason, hasReasoning, contextPercentage }: ReplyFacts): void {
  const isFull = /CONTEXT_WINDOW/.test(stopReason ?? '') || (contextPercentage ?? 0) >= 100;
  if (isFull && !hasReasoning) {
    const message = 'Prompt is too long: the conversation fills the whole window of the model.';
    throw new GatewayError('invalid-request', message, { provider: ID, code: 'context_length_exceeded' });
  }
  // Thinking has reached the client, and some reasons explain why nothing else has.
  if (hasReasoning || (stopReason !== undefined && !/END_TURN|STOP_SEQUENCE|TOOL_USE/.test(stopReason))) return;
  throw new GatewayError('upstream', 'Kiro gave an empty answer.', { provider: ID, code: 'empty_answer' });
}

function readStopReason(raw: string | undefined, called: number, usable: number): FinishReason {
  // A client would wait for ever for calls that nobody can read.
  if (called > 0 && usable === 0) return { kind: 'other', raw: raw ?? 'MALFORMED_TOOL_USE' };
  switch (raw) {
    case undefined:
    case 'END_TURN':
    case 'STOP_SEQUENCE':
    case 'TOOL_USE':
      return { kind: called > 0 ? 'tool-calls' : 'stop', raw };
    case 'MAX_TOKENS':
    case 'MODEL_CONTEXT_WINDOW_EXCEEDED':
    case 'ContentLengthExceededException':
      return { kind: 'length', raw };
    case 'CONTENT_FILTERED':
    case 'GUARDRAIL_INTERVENED':
      return { kind: 'content-filter', raw };
    default:
      return { kind: called > 0 ? 'tool-calls' : 'other', raw };
  }
}

function isSame(call: TextCall, other: { readonly name: string; readonly text: string }): boolean {
  return call.name === other.name && normalize(call.arguments) === normalize(other.text);
}

function normalize(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text === '' ? '{}' : text));
  } catch {
    return text;
  }
}

function hash({ name, arguments: text }: TextCall): string {
  return createHash('sha256').update(`${name} ${text}`).digest('hex').slice(0, 16);
}
