// One reply of a model that calls tools in its text: its words go on as they come, its calls when they are whole. From the
// first call on all waits for the end of the reply, so that a faulty one can still be asked for again.
import { createHash } from 'node:crypto';
import { GatewayError } from '../../../canonical/errors.ts';
import type { EventWriter } from '../../../canonical/event-writer.ts';
import type { FinishReason } from '../../../canonical/events.ts';
import { type CallScanner, createCallScanner, type ScannedPiece } from './call-scanner.ts';
import type { ToolPlan } from './plan.ts';
import { type ReadCall, readCallBody, readCutCall } from './read-call.ts';

/** Takes the text of one answer, tells its events to the writer. */
export interface EmulatedReply {
  /** More of the answer. */
  text(text: string): void;
  /** More of the thinking; calls that stand in it count only where the answer itself is empty. */
  reasoning(text: string): void;
  /** Nothing more comes; `finishReason` is the upstream's. Tells what has become of it, and says nothing yet. */
  close(finishReason: FinishReason): ReplyVerdict;
  /** Says what was kept back, and ends the reply, or fails it where a call cannot be handed on at all. */
  release(): void;
  /** Says what was kept back of a reply that was broken off; the failure is the caller's to tell. */
  abandon(): void;
}

/** What has become of an answer. */
export interface ReplyVerdict {
  /** Whether its calls were sound, had to be mended, or are none; `failed`: something is wrong with them. */
  readonly outcome: 'none' | 'well-formed' | 'repaired' | 'failed';
  /** What is wrong, for the model to read. */
  readonly faults: readonly string[];
  /** Whether words of the answer have gone to the writer. */
  readonly said: boolean;
  /** All that the model wrote as its answer. */
  readonly text: string;
  /** Plain sentences for the record, for the case that this answer is the one that is released. */
  readonly notes: readonly string[];
}

type Kept =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'call'; readonly call: ReadCall }
  | { readonly type: 'cut'; readonly body: string };

/** A reply that follows `plan`. */
export function createEmulatedReply(plan: ToolPlan, writer: EventWriter): EmulatedReply {
  const answer = createCallScanner(plan.tools);
  const thinking = createThinking(plan, writer);
  const kept: Kept[] = [];
  const faults: string[] = [];
  const notes: string[] = [];
  /** A call is demanded: words before it wait, for without a call the model is asked again. */
  let waits = plan.choice === 'required';
  let white = '';
  let said = false;
  let isLost = false;
  let heard = '';
  let finish: FinishReason = { kind: 'stop' };

  const say = (text: string) => {
    if (waits) {
      kept.push({ type: 'text', text });
      return;
    }
    // White space before a call only sets it apart.
    const whole = white + text;
    const end = whole.trimEnd().length;
    white = whole.slice(end);
    if (end > 0) said = true;
    writer.text(whole.slice(0, end));
  };
  const readBody = (body: string) => {
    const read = readCallBody(body, plan);
    if ('fault' in read) {
      faults.push(read.fault);
      isLost = true;
      return;
    }
    for (const call of read.calls) keep(call);
  };
  const keep = (call: ReadCall) => {
    if (plan.choice === 'none') {
      faults.push(`No tool can be called now, and "${call.name}" was.`);
      notes.push(`The model called "${call.name}" although no tool may be called; the call was left out.`);
      return;
    }
    if (!plan.parallel && kept.some(({ type }) => type === 'call')) {
      notes.push(
        `The model called several tools although it may call one at a time; its call of "${call.name}" was left out.`,
      );
      return;
    }
    if (call.fault !== undefined) faults.push(call.fault);
    kept.push({ type: 'call', call });
  };
  const take = (pieces: readonly ScannedPiece[]) => {
    for (const piece of pieces) {
      if (piece.type === 'text') say(piece.text);
      else {
        waits = true;
        if (piece.isCut) kept.push({ type: 'cut', body: piece.body });
        else readBody(piece.body);
      }
    }
  };
  const listCalls = () => kept.flatMap((one) => (one.type === 'call' ? [one.call] : []));
  const close = (finishReason: FinishReason): ReplyVerdict => {
    finish = finishReason;
    const isCut = finishReason.kind === 'length' || finishReason.kind === 'content-filter';
    take(answer.end(isCut));
    const drafts = thinking.close(isCut);
    if (heard.trim() === '') for (const body of drafts) readBody(body);
    settleCut(isCut);
    const calls = listCalls();
    // Thinking that never came to its end may have been all that the model was going to say.
    if (calls.length === 0 && faults.length === 0 && plan.choice === 'required' && !isCut) {
      faults.push('A tool must be called now, and none was.');
    }
    return { outcome: judge(calls), faults, said, text: heard, notes };
  };
  /** What the text ended within is a call that was broken off where the upstream says so, else a damaged one. */
  const settleCut = (isCut: boolean) => {
    const at = kept.findIndex(({ type }) => type === 'cut');
    const [cut] = at < 0 || isCut ? [] : kept.splice(at, 1);
    if (cut?.type === 'cut') readBody(cut.body);
  };
  const judge = (calls: readonly ReadCall[]): ReplyVerdict['outcome'] => {
    if (faults.length > 0) return 'failed';
    if (kept.some(({ type }) => type === 'cut') || calls.length === 0) return 'none';
    return calls.some(({ isRepaired }) => isRepaired) ? 'repaired' : 'well-formed';
  };
  const sayKept = () => {
    const calls = kept.some(({ type }) => type !== 'text');
    waits = false;
    for (const [at, one] of kept.entries()) {
      if (one.type === 'text') {
        // Between calls there is nothing but line breaks, mostly.
        if (!calls || one.text.trim() !== '') say(one.text);
        continue;
      }
      white = '';
      if (one.type === 'call') writeCall(one.call, at);
      else writeCut(one.body, at);
    }
  };
  const writeCall = (call: ReadCall, at: number) => {
    writer.toolCall(at, { id: createCallId(plan, at, call), name: call.name });
    writer.toolArguments(at, call.arguments);
    writer.endToolCall(at);
  };
  const writeCut = (body: string, at: number) => {
    const call = readCutCall(body);
    if (call === undefined || plan.choice === 'none') return;
    writer.toolCall(at, { id: createCallId(plan, at, call), name: call.name });
    writer.toolArguments(at, call.arguments);
  };

  return {
    text: (text) => {
      heard += text;
      take(answer.push(text));
    },
    reasoning: thinking.push,
    close,
    release: () => {
      sayKept();
      if (isLost && listCalls().length === 0) {
        const message = `The model wrote a tool call that cannot be read: ${faults.join(' ')}`;
        writer.fail(new GatewayError('upstream', message, { code: 'unreadable_tool_call' }));
        return;
      }
      if (white !== '' && listCalls().length === 0) writer.text(white);
      writer.end(readFinish(finish, writer.calledTools));
    },
    abandon: () => {
      take(answer.end(true));
      thinking.close(true);
      sayKept();
    },
  };
}

/** Thinking without its drafts of calls; those after its last words are told at the end. */
function createThinking(plan: ToolPlan, writer: EventWriter) {
  const scanner: CallScanner = createCallScanner(plan.tools);
  let drafts: string[] = [];
  const take = (pieces: readonly ScannedPiece[]) => {
    for (const piece of pieces) {
      if (piece.type === 'text') {
        if (piece.text.trim() !== '') drafts = [];
        writer.reasoning(piece.text);
      } else if (!piece.isCut) drafts.push(piece.body);
    }
  };
  return {
    push: (text: string) => take(scanner.push(text)),
    close: (isCut: boolean) => {
      take(scanner.end(isCut));
      return drafts;
    },
  };
}

/** The same for the same conversation, and another for every call in it. */
function createCallId({ usedIds }: ToolPlan, at: number, call: { name: string; arguments: string }): string {
  for (let turn = usedIds.size; ; turn++) {
    const facts = JSON.stringify([turn, at, call.name, call.arguments]);
    const id = `call_${createHash('sha256').update(facts).digest('hex').slice(0, 24)}`;
    if (!usedIds.has(id)) return id;
  }
}

function readFinish(finish: FinishReason, calledTools: boolean): FinishReason {
  if (finish.kind === 'length' || finish.kind === 'content-filter') return finish;
  if (calledTools) return { ...finish, kind: 'tool-calls' };
  return finish.kind === 'tool-calls' ? { ...finish, kind: 'stop' } : finish;
}
