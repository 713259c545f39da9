// Writes canonical events as lines of JSON. A tool call is one line, as its arguments are an object here: it waits until
// they are complete, and until those before it are, because calls have no other name here than their order.
import type { EventBatch, Usage } from '../../canonical/events.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, StreamWriter } from '../protocol.ts';
import { type Content, NDJSON, type WriteContent, writeEnd, writeErrorBody, writeToolCall } from './response.ts';

/** Stands for the words of a delta where the rest of its line is written. */
const MARK = '\0';

/** When the request began, and the clock that says so, in milliseconds. */
export interface Clock {
  readonly startedAt: number;
  now(): number;
}

/** A writer for one stream. Its `write` throws `GatewayError` for a tool call that this dialect cannot say. */
export function createLineWriter(head: ReplyHead, writeContent: WriteContent, clock: Clock): StreamWriter {
  const { model } = head;
  const loss = createReplyLoss(head, []);
  const calls = new Map<number, { readonly name: string; text: string; ended: boolean }>();
  let usage: Usage | undefined;
  let contentAt: number | undefined;
  let batches = 0;
  let firstBatch = 0;

  const line = (content: Content, end: object = { done: false }) =>
    `${JSON.stringify({ model, created_at: new Date().toISOString(), ...writeContent(content), ...end })}\n`;
  const deltas = createDeltaLines(model, writeContent);
  let time = '';
  const seeContent = () => {
    if (contentAt !== undefined) return;
    contentAt = clock.now();
    firstBatch = batches;
  };

  const writeEndedCalls = (): string => {
    let lines = '';
    for (const [block, { name, text, ended }] of calls) {
      if (!ended) break;
      calls.delete(block);
      lines += line({ text: '', toolCalls: [writeToolCall(name, text)] });
    }
    return lines;
  };

  const writeEvent = (event: EventBatch[number]): string => {
    switch (event.type) {
      case 'text-delta':
        seeContent();
        return deltas.text(time, event.text);
      case 'reasoning-delta':
        seeContent();
        return deltas.thinking(time, event.text);
      case 'tool-call-start':
        seeContent();
        loss.metadata(event.metadata);
        calls.set(event.block, { name: event.name, text: '', ended: false });
        return '';
      case 'tool-call-delta': {
        const call = calls.get(event.block);
        if (call !== undefined) call.text += event.text;
        return '';
      }
      case 'tool-call-end': {
        const call = calls.get(event.block);
        if (call !== undefined) call.ended = true;
        return writeEndedCalls();
      }
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        return `${JSON.stringify(writeErrorBody(event.error))}\n`;
      case 'reply-end': {
        loss.metadata(event.metadata);
        loss.stopText(event.finishReason);
        // An answer that came in one piece tells nothing of how long it was in the making.
        const seen = firstBatch === batches ? undefined : contentAt;
        const times = { startedAt: clock.startedAt, contentAt: seen, endedAt: clock.now() };
        return line({ text: '' }, writeEnd(event.finishReason, usage, times));
      }
      case 'reply-start':
      case 'text-end':
      case 'reasoning-end':
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
    contentType: NDJSON,
    // There are no comments in this dialect; a line that adds nothing is what its own server sends, too.
    get keepAlive() {
      return line({ text: '' });
    },
    write: (batch) => {
      batches += 1;
      time = new Date().toISOString();
      let text = '';
      for (const event of batch) text += writeEvent(event);
      return text;
    },
  };
}

/** The lines of deltas. Only the time and the words differ from one to the next: the rest is written once. */
function createDeltaLines(model: string, writeContent: WriteContent) {
  const opening = `{"model":${JSON.stringify(model)},"created_at":"`;
  const cut = (content: Content) => JSON.stringify(writeContent(content)).slice(1, -1).split(JSON.stringify(MARK));
  const create = ([before = '', after = '']: readonly string[]) => {
    return (time: string, words: string) =>
      `${opening}${time}",${before}${JSON.stringify(words)}${after},"done":false}\n`;
  };
  return { text: create(cut({ text: MARK })), thinking: create(cut({ text: '', thinking: MARK })) };
}
