// Writes canonical events as Gemini's stream: each frame a response that holds what is new. A tool call is one part with
// its arguments as an object, so it waits until they are complete, and until the calls before it are.
import { createLengthLimit } from '../../canonical/collect.ts';
import type { JsonObject } from '../../canonical/conversation.ts';
import type { EventBatch, Usage } from '../../canonical/events.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, StreamWriter } from '../protocol.ts';
import { sign, writeCall, writeErrorBody, writeFinishReason, writeUsage } from './response.ts';
import type { Thought } from './signature.ts';

/** How a stream wants to be written. */
export interface StreamForm {
  /** Server-sent events (`alt=sse`); otherwise one JSON list that is sent piece by piece. */
  readonly events: boolean;
  readonly showThoughts: boolean;
}

/** A writer for one stream. Its `write` throws `GatewayError` for what is too long to be held. */
export function createFrameWriter(head: ReplyHead, { events, showThoughts }: StreamForm): StreamWriter {
  const frames = createFrames(head, events);
  const calls = createCallQueue();
  const loss = createReplyLoss(head, []);
  const running = new Map<number, string>();
  /** Thoughts that no part has taken along yet. */
  let thoughts: Thought[] = [];
  let usage: Usage | undefined;
  const limit = createLengthLimit();

  const take = (part: JsonObject): string => {
    const signed = sign(part, thoughts);
    thoughts = [];
    return stringify(signed);
  };
  const writeThought = (block: number, text: string): string => {
    limit(text);
    running.set(block, (running.get(block) ?? '') + text);
    return showThoughts ? frames.part(`{"text":${stringify(text)},"thought":true}`) : '';
  };

  const writeEvent = (event: EventBatch[number], alone: boolean): string => {
    switch (event.type) {
      case 'text-delta':
        // Written by hand: nothing but the text differs from frame to frame.
        return frames.part(thoughts.length > 0 ? take({ text: event.text }) : `{"text":${stringify(event.text)}}`);
      case 'reasoning-delta':
        return writeThought(event.block, event.text);
      case 'reasoning-end':
        thoughts.push({ text: running.get(event.block) ?? '', metadata: event.metadata });
        running.delete(event.block);
        return '';
      case 'tool-call-start':
        loss.metadata(event.metadata);
        calls.start(event.block, event.id, event.name);
        return '';
      case 'tool-call-delta':
        limit(event.text);
        calls.add(event.block, event.text);
        return '';
      case 'tool-call-end': {
        const ready = calls.end(event.block);
        return ready.map(({ id, name, text }) => frames.part(take(writeCall(id, name, text, head)))).join('');
      }
      case 'reply-start':
        loss.metadata(event.metadata);
        frames.name(event.id, event.model);
        return '';
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        return frames.error(stringify(writeErrorBody(event.error)), alone);
      case 'reply-end':
        loss.metadata(event.metadata);
        loss.stopText(event.finishReason);
        return frames.end(take({ text: '' }), writeFinishReason(event.finishReason), stringify(writeUsage(usage)));
      case 'text-end':
        loss.metadata(event.metadata);
        return '';
      case 'text-start':
      case 'reasoning-start':
        return '';
      default:
        return event satisfies never;
    }
  };

  return {
    contentType: events ? 'text/event-stream; charset=utf-8' : 'application/json; charset=utf-8',
    // No comment: what the Gemini CLI is built with stumbles over everything but white space and `data:`.
    keepAlive: '\n',
    write: (batch) => {
      let text = '';
      for (const event of batch) text += writeEvent(event, text === '');
      return text;
    },
  };
}

/** Frames of one stream in its form, out of JSON texts. */
function createFrames(head: ReplyHead, events: boolean) {
  let framed = false;
  let names = '';
  const name = (id = head.requestId, model = head.model) => {
    names = `"modelVersion":${stringify(model)},"responseId":${stringify(id)}`;
  };
  const frame = (json: string): string => {
    if (events) return `data: ${json}\n\n`;
    const before = framed ? ',\n' : '[';
    framed = true;
    return before + json;
  };
  const candidate = (part: string, rest = '') =>
    `{"candidates":[{"content":{"role":"model","parts":[${part}]}${rest},"index":0}]`;
  name();
  return {
    /** What the upstream calls itself and its reply. */
    name,
    part: (part: string) => frame(`${candidate(part)},${names}}`),
    /** The last frame; `extra` is an object whose fields stand beside the candidates. */
    end: (part: string, finishReason: string, extra: string) => {
      const rest = extra === '{}' ? '' : `,${extra.slice(1, -1)}`;
      return frame(`${candidate(part, `,"finishReason":"${finishReason}"`)}${rest},${names}}`) + (events ? '' : '\n]');
    },
    // Google breaks off its events with bare JSON, and only that throws in its older clients; newer ones, who may get it
    // together with other frames, take it as an event, too.
    error: (body: string, alone: boolean) => (events && alone ? `${body}\n\n` : frame(body)),
  };
}

interface HeldCall {
  readonly id: string;
  readonly name: string;
  text: string;
  ended: boolean;
}

/** Holds calls until they are complete, and those before them, too. */
function createCallQueue() {
  const calls = new Map<number, HeldCall>();
  return {
    start: (block: number, id: string, name: string) => {
      calls.set(block, { id, name, text: '', ended: false });
    },
    add: (block: number, text: string) => {
      const call = calls.get(block);
      if (call !== undefined) call.text += text;
    },
    /** The calls that need wait no longer. */
    end: (block: number): HeldCall[] => {
      const ending = calls.get(block);
      if (ending !== undefined) ending.ended = true;
      const ready: HeldCall[] = [];
      for (const [key, call] of calls) {
        if (!call.ended) break;
        calls.delete(key);
        ready.push(call);
      }
      return ready;
    },
  };
}

/** Like JSON.stringify, without two characters at which some readers of event streams end a line. */
function stringify(value: unknown): string {
  const text = JSON.stringify(value);
  return /[\u2028\u2029]/.test(text) ? text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') : text;
}
