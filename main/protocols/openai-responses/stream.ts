// Writes canonical events as the life of a response around its items. A broken stream ends as failed and never as
// complete.
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { GatewayError } from '../../canonical/errors.ts';
import type { ConversationEvent, FinishReason, Usage } from '../../canonical/events.ts';
import { writeErrorObject } from '../kit/openai-errors.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { StreamWriter } from '../protocol.ts';
import type { ItemContext } from './items.ts';
import { type ResponseState, readIncompleteReason, writeResponse } from './response.ts';
import type { OutputItem } from './store.ts';
import { createItemWriter, type FrameWriter, type ItemWriter } from './stream-items.ts';

/** What a stream is written from and where it ends. */
export interface StreamContext extends ItemContext {
  readonly id: string;
  /** The request's own fields, which every response object repeats. */
  readonly echo: JsonObject;
  /** Told of the response once it is complete. */
  readonly onEnd: (response: JsonObject, output: readonly OutputItem[]) => void;
}

/** An item whose end is not written yet. */
interface ItemEnd {
  readonly block: number;
  readonly metadata?: Metadata;
}

/** A writer for one stream. */
export function createResponsesStreamWriter(context: StreamContext): StreamWriter {
  const loss = createReplyLoss(context.head, []);
  const frames = createFrameWriter();
  const items = createItemWriter(context, frames);
  const life = createLifeWriter(context, frames, items);

  /** Only what comes next tells whether an item that has ended is whole or the last one of a reply that was cut short. */
  let ended: ItemEnd[] = [];
  const endItems = (isCut = false): string => {
    if (ended.length === 0) return '';
    let text = '';
    for (const { block, metadata } of ended) {
      text += items.end(block, isCut && items.isLast(block) ? 'incomplete' : 'completed', metadata);
    }
    ended = [];
    return text;
  };

  const writeEvent = (event: ConversationEvent): string => {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        return endItems() + items.delta(event.block, event.text);
      case 'text-start':
        return endItems() + items.startText(event.block);
      case 'reasoning-start':
        return endItems() + items.startReasoning(event.block);
      case 'tool-call-start':
        return endItems() + items.startCall(event);
      case 'text-end':
      case 'reasoning-end':
        ended.push(event);
        return '';
      case 'tool-call-end':
        ended.push({ block: event.block, metadata: undefined });
        return '';
      case 'reply-start':
        loss.metadata(event.metadata);
        return life.start(event.model);
      case 'usage':
        life.count(event.usage);
        return '';
      case 'error':
        return endItems() + life.fail(event.error);
      case 'reply-end':
        loss.metadata(event.metadata);
        return endItems(readIncompleteReason(event.finishReason) !== undefined) + life.end(event.finishReason);
      default:
        return event satisfies never;
    }
  };
  return {
    contentType: 'text/event-stream; charset=utf-8',
    keepAlive: ': keep-alive\n\n',
    write: (batch) => {
      let text = '';
      for (const event of batch) text += writeEvent(event);
      return text;
    },
  };
}

function createFrameWriter(): FrameWriter {
  let sequence = 0;
  return {
    next: () => sequence++,
    write: (type, fields) =>
      `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`,
  };
}

/** The frames that hold the whole response: its beginning and its end. */
function createLifeWriter({ id, head, echo, onEnd }: StreamContext, frames: FrameWriter, items: ItemWriter) {
  // The request's fields may be long, so their text is made only once.
  const echoText = JSON.stringify(echo).slice(1);
  let model = head.model;
  let started = false;
  let usage: Usage | undefined;

  const write = (end: Pick<ResponseState, 'finishReason' | 'error'>): JsonObject =>
    writeResponse({
      id,
      createdAt: head.createdAt,
      model,
      output: items.listDone().map(({ item }) => item),
      ...(usage === undefined ? undefined : { usage }),
      ...end,
    });
  const frame = (type: string, response: JsonObject): string => {
    const text = `${JSON.stringify(response).slice(0, -1)},${echoText}`;
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${frames.next()},"response":${text}}\n\n`;
  };
  const start = (answering: string | undefined): string => {
    started = true;
    model = answering ?? model;
    const response = write({});
    return frame('response.created', response) + frame('response.in_progress', response);
  };
  return {
    start,
    count: (counts: Usage) => {
      usage = counts;
    },
    end: (finishReason: FinishReason): string => {
      const response = write({ finishReason });
      onEnd({ ...response, ...echo }, items.listDone());
      return frame(`response.${String(response.status)}`, response);
    },
    fail: (error: GatewayError): string => {
      const { code, message, param, type } = writeErrorObject(error);
      return (
        // After a long silence the answer has begun, and its status cannot tell of the failure any more.
        (started ? '' : start(undefined)) +
        frame('response.failed', write({ error })) +
        // The fields stand there twice: in the documented place, and where the service itself and most clients have them.
        frames.write('error', { code, message, param, error: { type, code, message, param } })
      );
    },
  };
}
