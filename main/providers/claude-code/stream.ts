// Reads the program's lines as canonical events, and says when the program has to be stopped: left alone it goes on by
// itself after a full answer, an empty one and a failure. It touches no process.
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch } from '../../canonical/events.ts';
import type { ProgramExit } from '../../subprocess/process.ts';
import type { SingleContext } from '../context.ts';
import { readFailure, writeExit, writeFailure } from './failures.ts';
import { ID, type ToolNames } from './names.ts';
import { readFinishReason, readOtherCounts, readPlan, readReset, readUsage } from './usage.ts';
import type { WireBlock, WireEvent, WireMessage, WireUsage } from './wire.ts';

/** What the program needs next: to be left alone, to have its input closed, or to be interrupted at once. */
export type NextStep = 'wait' | 'finish' | 'interrupt';

/** Takes the lines of one reply, gives its events. */
export interface ReplyReader {
  /** Takes one line. The caller must obey an `interrupt` before it does anything else. */
  read(line: JsonObject): NextStep;
  /** The program has ended. */
  end(exit: ProgramExit): void;
  /** Ends the reply as failed, for a reason outside the lines. */
  fail(error: GatewayError): void;
  /** The events since the last call, possibly none. */
  take(): EventBatch;
  /** The upstream has begun to answer. */
  readonly begun: boolean;
  /** The reply has ended or failed. */
  readonly ended: boolean;
}

/** What a reader must know of the account. */
export interface ReplyReaderOptions {
  /** The program renews its own login after a 401, so its second try is not ours to stop. */
  readonly renewsLogin: boolean;
  /** How often the program may ask its upstream again before it has an answer; its next announcement ends the reply. */
  readonly retries: number;
  /** The client's own names of its tools. */
  readonly names: ToolNames;
  /** Hears what the program says of the plan; it need not say anything. */
  readonly meter: SingleContext['meter'];
}

/** A reader for one reply. */
export function createReplyReader({ renewsLogin, retries, names, meter }: ReplyReaderOptions): ReplyReader {
  const writer = createEventWriter();
  let usage: WireUsage = {};
  let begun = false;
  let announced = 0;
  let visible = false;
  let signature = '';
  let citations: JsonObject[] = [];
  let resetsAtMs: number | undefined;
  let failed: JsonObject | undefined;

  const finish = (raw: string, stopText?: string | null): NextStep => {
    writer.usage(readUsage(usage));
    writer.end({ ...readFinishReason(raw), ...(stopText ? { stopText } : undefined) }, readOtherCounts(usage));
    // Anything but a proper end with something to show makes the program ask the upstream again, on its own account.
    return visible && (raw === 'end_turn' || raw === 'stop_sequence') ? 'finish' : 'interrupt';
  };
  const fail = (error: GatewayError): NextStep => {
    writer.fail(error);
    return 'interrupt';
  };
  /** The error is written at the program's end, when its standard error is complete. */
  const report = (line: JsonObject): NextStep => {
    failed = line;
    return 'interrupt';
  };
  const startBlock = (index: number, block: WireBlock) => {
    signature = '';
    citations = [...(block.citations ?? [])];
    if (block.type === 'tool_use') {
      visible = true;
      const { type: _, id = '', name = '', input: __, ...extra } = block;
      const metadata = Object.keys(extra).length > 0 ? { anthropic: extra as JsonObject } : undefined;
      writer.toolCall(index, { id, name: names.read(name), metadata });
    }
    if (block.type === 'redacted_thinking' && block.data) writer.endReasoning({ anthropic: { redacted: block.data } });
  };
  const readDelta = (index: number, delta: NonNullable<WireEvent['delta']>) => {
    switch (delta.type) {
      case 'text_delta':
        visible ||= delta.text !== '';
        return writer.text(delta.text ?? '');
      case 'thinking_delta':
        return writer.reasoning(delta.thinking ?? '');
      case 'signature_delta':
        signature += delta.signature ?? '';
        return;
      case 'citations_delta':
        if (delta.citation) citations.push(delta.citation);
        return;
      case 'input_json_delta':
        return writer.toolArguments(index, delta.partial_json ?? '');
      default:
    }
  };
  const endBlock = (index: number) => {
    if (writer.hasToolCall(index)) writer.endToolCall(index);
    else if (signature === '') writer.endBlock(citations.length > 0 ? { anthropic: { citations } } : undefined);
    else writer.endReasoning({ anthropic: { signature } }); // there need not be a text: the client may want none
  };
  const readStart = ({ id, model, usage: counts }: WireMessage): NextStep => {
    if (begun && visible) {
      const text = 'Claude Code began its answer anew; what came before it is not complete.';
      return fail(new GatewayError('upstream', text, { provider: ID }));
    }
    begun = true;
    usage = { ...counts };
    writer.start({ id, model });
    // Clients show how full the context is while the answer still runs.
    if (counts !== undefined) writer.usage(readUsage(usage));
    return 'wait';
  };
  const readEvent = (event: WireEvent): NextStep => {
    const { index = 0, delta } = event;
    switch (event.type) {
      case 'message_start':
        return readStart(event.message ?? {});
      case 'content_block_start':
        startBlock(index, event.content_block ?? {});
        return 'wait';
      case 'content_block_delta':
        if (delta) readDelta(index, delta);
        return 'wait';
      case 'content_block_stop':
        endBlock(index);
        return 'wait';
      case 'message_delta':
        usage = { ...usage, ...event.usage };
        // Without a reason it is the tidy end that the program invents after a failure.
        return delta?.stop_reason ? finish(delta.stop_reason, delta.stop_sequence) : 'wait';
      default:
        return 'wait';
    }
  };
  /** A whole block in one line: an error of the program's, or an answer that did not come as a stream. */
  const readAssistant = (line: JsonObject): NextStep => {
    const message = (line.message ?? {}) as WireMessage;
    if (message.model === '<synthetic>') {
      // A refusal is the model's answer: its proper end follows.
      if (message.stop_reason === 'refusal') return 'wait';
      return report(line);
    }
    if (begun) return 'wait';
    writer.start({ id: message.id, model: message.model });
    usage = { ...message.usage };
    for (const [index, block] of (message.content ?? []).entries()) readWholeBlock(index, block);
    return message.stop_reason ? finish(message.stop_reason, message.stop_sequence) : 'wait';
  };
  const readWholeBlock = (index: number, block: WireBlock) => {
    startBlock(index, block);
    signature = block.signature ?? '';
    if (block.type === 'tool_use') writer.toolArguments(index, JSON.stringify(block.input ?? {}));
    visible ||= (block.text ?? '') !== '';
    writer.reasoning(block.thinking ?? '');
    writer.text(block.text ?? '');
    endBlock(index);
  };
  const readResult = (line: JsonObject): NextStep => {
    if (line.stop_reason === 'refusal') return finish('refusal');
    if (line.is_error === true) return report(line);
    if (visible) return finish(typeof line.stop_reason === 'string' ? line.stop_reason : 'end_turn');
    const text = 'Claude Code ended the turn without having asked its upstream.';
    return fail(new GatewayError('internal', text, { provider: ID, cause: line }));
  };
  const readSystem = (line: JsonObject): NextStep => {
    if (line.subtype !== 'api_retry' || (renewsLogin && line.error_status === 401)) return 'wait';
    announced += 1;
    return announced > retries || begun ? report(line) : 'wait';
  };

  return {
    read: (line) => {
      if (line.type === 'rate_limit_event') meter?.(readPlan(line));
      if (writer.ended || failed !== undefined) return 'wait';
      // Lines of a sub-agent carry the id of the call that started it; they are no part of the reply.
      if (typeof line.parent_tool_use_id === 'string') return 'wait';
      switch (line.type) {
        case 'stream_event':
          return readEvent((line.event ?? {}) as WireEvent);
        case 'assistant':
          return readAssistant(line);
        case 'system':
          return readSystem(line);
        case 'rate_limit_event':
          resetsAtMs = readReset(line) ?? resetsAtMs;
          return 'wait';
        case 'result':
          return readResult(line);
        default:
          return 'wait';
      }
    },
    end: (exit) => {
      if (failed === undefined) writer.fail(writeExit(exit));
      else writer.fail(writeFailure(readFailure({ line: failed, resetsAtMs, begun, stderr: exit.stderr })));
    },
    fail: (error) => writer.fail(error),
    take: () => writer.take(),
    get begun() {
      return begun;
    },
    get ended() {
      return writer.ended;
    },
  };
}
