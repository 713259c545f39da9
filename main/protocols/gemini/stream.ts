// Writes canonical events as Gemini's stream: each frame a response that holds what is new. A tool call is one part with
// its arguments as an object, so it waits until they are complete, and until the calls before it are.
import type { JsonObject, ReasoningPart } from '../../canonical/conversation.ts';
import type { EventBatch, FinishReason, Usage } from '../../canonical/events.ts';
import type { ReplyHead, StreamWriter } from '../protocol.ts';
import { sign, writeCall, writeErrorBody, writeFinishReason, writeUsage } from './response.ts';
import { writeSignature } from './signature.ts';

/** How a stream wants to be written. */
export interface StreamForm {
  /** Server-sent events (`alt=sse`); otherwise one JSON list that is sent piece by piece. */
  readonly events: boolean;
  readonly showThoughts: boolean;
}

interface HeldCall {
  readonly id: string;
  readonly name: string;
  text: string;
  ended: boolean;
}

/** A writer for one stream. */
export function createFrameWriter(head: ReplyHead, { events, showThoughts }: StreamForm): StreamWriter {
  const calls = new Map<number, HeldCall>();
  const running = new Map<number, string>();
  /** Thoughts that no part has taken along yet. */
  let thoughts: Pick<ReasoningPart, 'text' | 'metadata'>[] = [];
  let usage: Usage | undefined;
  let tail = '';
  let framed = false;

  const nameReply = (id = head.requestId, model = head.model) => {
    tail = `,"modelVersion":${JSON.stringify(model)},"responseId":${JSON.stringify(id)}}`;
  };
  nameReply();
  const frame = (json: string): string => {
    if (events) return `data: ${json}\n\n`;
    const before = framed ? ',\n' : '[';
    framed = true;
    return before + json;
  };
  const partFrame = (part: string) =>
    frame(`{"candidates":[{"content":{"role":"model","parts":[${part}]},"index":0}]${tail}`);
  const take = (part: JsonObject): JsonObject => {
    const signed = sign(part, thoughts);
    thoughts = [];
    return signed;
  };

  const writeText = (text: string): string => {
    if (thoughts.length > 0) return partFrame(stringify(take({ text })));
    // Written by hand: nothing but the text differs from frame to frame.
    return partFrame(`{"text":${stringify(text)}}`);
  };
  const writeThought = (block: number, text: string): string => {
    running.set(block, (running.get(block) ?? '') + text);
    return showThoughts ? partFrame(`{"text":${stringify(text)},"thought":true}`) : '';
  };
  const writeCalls = (): string => {
    let text = '';
    for (const [block, call] of calls) {
      if (!call.ended) break;
      calls.delete(block);
      text += partFrame(stringify(take(writeCall(call.id, call.name, call.text, head))));
    }
    return text;
  };
  const writeEnd = (reason: FinishReason): string => {
    const part = writeSignature(thoughts) === undefined ? { text: '' } : take({ text: '' });
    const content = { role: 'model', parts: [part] };
    const candidates = [{ content, finishReason: writeFinishReason(reason), index: 0 }];
    const body = stringify({ candidates, ...writeUsage(usage) });
    return frame(body.slice(0, -1) + tail) + (events ? '' : '\n]');
  };

  const writeEvent = (event: EventBatch[number], alone: boolean): string => {
    switch (event.type) {
      case 'text-delta':
        return writeText(event.text);
      case 'reasoning-delta':
        return writeThought(event.block, event.text);
      case 'reasoning-end':
        thoughts.push({ text: running.get(event.block) ?? '', metadata: event.metadata });
        running.delete(event.block);
        return '';
      case 'tool-call-start':
        calls.set(event.block, { id: event.id, name: event.name, text: '', ended: false });
        return '';
      case 'tool-call-delta': {
        const call = calls.get(event.block);
        if (call !== undefined) call.text += event.text;
        return '';
      }
      case 'tool-call-end': {
        const call = calls.get(event.block);
        if (call !== undefined) call.ended = true;
        return writeCalls();
      }
      case 'reply-start':
        nameReply(event.id, event.model);
        return '';
      case 'usage':
        usage = event.usage;
        return '';
      case 'error': {
        const body = stringify(writeErrorBody(event.error));
        // Google breaks off its events with bare JSON, and only that throws in its older clients; newer ones, who may
        // get it together with other frames, take it as an event, too.
        return events && alone ? `${body}\n\n` : frame(body);
      }
      case 'reply-end':
        return writeEnd(event.finishReason);
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
        return '';
      default:
        return event satisfies never;
    }
  };

  return {
    contentType: events ? 'text/event-stream; charset=utf-8' : 'application/json; charset=utf-8',
    // No comment: the clients that Google's CLI is built with stumble over everything but white space and `data:`.
    keepAlive: '\n',
    write: (batch) => {
      let text = '';
      for (const event of batch) text += writeEvent(event, text === '');
      return text;
    },
  };
}

/** Like JSON.stringify, without two characters at which some readers of event streams end a line. */
function stringify(value: unknown): string {
  const text = JSON.stringify(value);
  return /[\u2028\u2029]/.test(text) ? text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') : text;
}
