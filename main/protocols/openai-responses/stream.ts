// Writes canonical events as the life of a response: items open, grow and close, several at once where tool calls run
// side by side. A broken stream ends as failed and never as complete.
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { GatewayError } from '../../canonical/errors.ts';
import type {
  ConversationEvent,
  EventBatch,
  FinishReason,
  ReplyStart,
  ToolCallStart,
  Usage,
} from '../../canonical/events.ts';
import { unwrapCustomInput } from '../kit/custom-tools.ts';
import { writeErrorObject } from '../kit/openai-errors.ts';
import type { ClientTool } from '../kit/responses-tools.ts';
import type { StreamWriter } from '../protocol.ts';
import {
  type ItemContext,
  type ItemStatus,
  nameItem,
  noteLoss,
  sealReasoning,
  type WrittenPart,
  writeCallItem,
  writeMessageItem,
  writeReasoningItem,
  writeTextPart,
} from './items.ts';
import { type ResponseState, readIncompleteReason, writeResponse } from './response.ts';
import type { OutputItem } from './store.ts';

/** What a stream is written from and where it ends. */
export interface StreamContext extends ItemContext {
  readonly id: string;
  /** The request's own fields, which every response object repeats. */
  readonly echo: JsonObject;
  /** Told of the response once it is complete. */
  readonly onEnd: (response: JsonObject, output: readonly OutputItem[]) => void;
}

/** One item that is being written. */
interface OpenItem {
  readonly id: string;
  readonly index: number;
  readonly type: WrittenPart['type'];
  readonly call?: ToolCallStart;
  /** What a call looks like to the client. */
  readonly form?: ClientTool['form'];
  readonly pieces: string[];
  /** The first half of each delta's frame: only number and text differ from frame to frame. */
  readonly beforeDelta: string;
}

/** A writer for one stream. */
export function createResponsesStreamWriter(context: StreamContext): StreamWriter {
  const { head, names, includeSealed } = context;
  const echo = JSON.stringify(context.echo).slice(1);
  const open = new Map<number, OpenItem>();
  const done: OutputItem[] = [];
  let sequence = 0;
  let items = 0;
  let model = head.model;
  let usage: Usage | undefined;

  const frame = (type: string, fields: JsonObject) =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`;
  const state = (end: Pick<ResponseState, 'finishReason' | 'error'>): ResponseState => ({
    id: context.id,
    createdAt: head.createdAt,
    model,
    output: done.filter((each) => each !== undefined).map(({ item }) => item),
    ...(usage === undefined ? undefined : { usage }),
    ...end,
  });
  // The request's fields may be long, so their text is made only once.
  const lifeFrame = (type: string, response: JsonObject) => {
    const text = `${JSON.stringify(response).slice(0, -1)},${echo}`;
    return `event: ${type}\ndata: {"type":"${type}","sequence_number":${sequence++},"response":${text}}\n\n`;
  };

  const openItem = (block: number, type: WrittenPart['type'], delta: string, place: string, call?: ToolCallStart) => {
    const index = items++;
    const id = nameItem(type, index, call?.name ?? '', context);
    const beforeDelta = `event: ${delta}\ndata: {"type":"${delta}","item_id":"${id}","output_index":${index},${place}"sequence_number":`;
    const form = call && names.find(call.name).form;
    const item: OpenItem = { id, index, type, pieces: [], beforeDelta, ...(call && { call, form }) };
    open.set(block, item);
    return item;
  };
  const added = ({ index }: OpenItem, item: JsonObject) =>
    frame('response.output_item.added', { output_index: index, item });
  const closeItem = (block: number, item: OpenItem, written: JsonObject, part: WrittenPart): string => {
    open.delete(block);
    noteLoss(part, context);
    done[item.index] = { item: written, part };
    return frame('response.output_item.done', { output_index: item.index, item: written });
  };

  const writeTextStart = (block: number): string => {
    const item = openItem(block, 'text', 'response.output_text.delta', '"content_index":0,');
    const place = { item_id: item.id, output_index: item.index, content_index: 0 };
    return (
      added(item, writeMessageItem(item.id, undefined, 'in_progress')) +
      frame('response.content_part.added', { ...place, part: writeTextPart('') })
    );
  };
  const writeTextEnd = (block: number, status: ItemStatus, metadata: Metadata | undefined): string => {
    const item = open.get(block);
    if (item === undefined) return '';
    const text = item.pieces.join('');
    const place = { item_id: item.id, output_index: item.index, content_index: 0 };
    return (
      frame('response.output_text.done', { ...place, text, logprobs: [] }) +
      frame('response.content_part.done', { ...place, part: writeTextPart(text) }) +
      closeItem(block, item, writeMessageItem(item.id, text, status), withMetadata({ type: 'text', text }, metadata))
    );
  };
  const writeReasoningStart = (block: number): string => {
    const item = openItem(block, 'reasoning', 'response.reasoning_summary_text.delta', '"summary_index":0,');
    return added(item, writeReasoningItem(item.id, '', undefined));
  };
  const summaryPlace = ({ id, index }: OpenItem) => ({ item_id: id, output_index: index, summary_index: 0 });
  const writeReasoningDelta = (item: OpenItem, text: string): string => {
    const part = { type: 'summary_text', text: '' };
    const start =
      item.pieces.length > 0 ? '' : frame('response.reasoning_summary_part.added', { ...summaryPlace(item), part });
    item.pieces.push(text);
    return `${start}${item.beforeDelta}${sequence++},"delta":${JSON.stringify(text)}}\n\n`;
  };
  const writeReasoningEnd = (block: number, metadata: Metadata | undefined): string => {
    const item = open.get(block);
    if (item === undefined) return '';
    const text = item.pieces.join('');
    const place = summaryPlace(item);
    const shown =
      text === ''
        ? ''
        : frame('response.reasoning_summary_text.done', { ...place, text }) +
          frame('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } });
    const written = writeReasoningItem(item.id, text, sealReasoning(metadata, includeSealed));
    return shown + closeItem(block, item, written, withMetadata({ type: 'reasoning', text }, metadata));
  };
  const writeCallStart = (call: ToolCallStart): string => {
    const delta =
      names.find(call.name).form === 'custom'
        ? 'response.custom_tool_call_input.delta'
        : 'response.function_call_arguments.delta';
    const item = openItem(call.block, 'tool-call', delta, '', call);
    return added(item, writeCallItem(item.id, { ...call, arguments: '' }, 'in_progress', names));
  };
  const writeCallEnd = (block: number, status: ItemStatus): string => {
    const item = open.get(block);
    if (item?.call === undefined) return '';
    const { id, name, metadata } = item.call;
    const text = item.pieces.join('');
    const place = { item_id: item.id, output_index: item.index };
    const part = withMetadata({ type: 'tool-call', id, name, arguments: text }, metadata);
    const end = () =>
      closeItem(block, item, writeCallItem(item.id, { id, name, arguments: text }, status, names), part);
    if (item.form === 'search') return end();
    if (item.form === 'function')
      return (
        frame('response.function_call_arguments.done', { ...place, name: names.find(name).name, arguments: text }) +
        end()
      );
    // Its JSON can only be opened when it is whole.
    const input = text === '' ? '' : unwrapCustomInput(text);
    const delta = input === '' ? '' : `${item.beforeDelta}${sequence++},"delta":${JSON.stringify(input)}}\n\n`;
    return delta + frame('response.custom_tool_call_input.done', { ...place, input }) + end();
  };

  const writeStart = ({ model: answering }: ReplyStart): string => {
    model = answering ?? model;
    const response = writeResponse(state({}));
    return lifeFrame('response.created', response) + lifeFrame('response.in_progress', response);
  };
  const writeEnd = (finishReason: FinishReason): string => {
    const response = writeResponse(state({ finishReason }));
    context.onEnd({ ...response, ...context.echo }, done);
    return lifeFrame(`response.${String(response.status)}`, response);
  };
  const writeFailure = (error: GatewayError): string => {
    const { code, message, param, type } = writeErrorObject(error);
    return (
      lifeFrame('response.failed', writeResponse(state({ error }))) +
      // The fields stand there twice: in the documented place, and where the service itself and most clients have them.
      frame('error', { code, message, param, error: { type, code, message, param } })
    );
  };

  const writeEvent = (event: ConversationEvent, batch: EventBatch): string => {
    switch (event.type) {
      case 'text-delta': {
        const item = open.get(event.block);
        if (item === undefined) return '';
        item.pieces.push(event.text);
        return `${item.beforeDelta}${sequence++},"delta":${JSON.stringify(event.text)},"logprobs":[]}\n\n`;
      }
      case 'reasoning-delta': {
        const item = open.get(event.block);
        return item === undefined ? '' : writeReasoningDelta(item, event.text);
      }
      case 'tool-call-delta': {
        const item = open.get(event.block);
        item?.pieces.push(event.text);
        if (item?.form !== 'function') return '';
        return `${item.beforeDelta}${sequence++},"delta":${JSON.stringify(event.text)}}\n\n`;
      }
      case 'text-start':
        return writeTextStart(event.block);
      case 'text-end':
        return writeTextEnd(event.block, readStatus(event, batch), event.metadata);
      case 'reasoning-start':
        return writeReasoningStart(event.block);
      case 'reasoning-end':
        return writeReasoningEnd(event.block, event.metadata);
      case 'tool-call-start':
        return writeCallStart(event);
      case 'tool-call-end':
        return writeCallEnd(event.block, readStatus(event, batch));
      case 'reply-start':
        return writeStart(event);
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        return writeFailure(event.error);
      case 'reply-end':
        return writeEnd(event.finishReason);
      default:
        return event satisfies never;
    }
  };
  /** The last item of a reply that was cut short is cut itself, as far as that is known when it ends. */
  const readStatus = (event: ConversationEvent, batch: EventBatch): ItemStatus => {
    const end = batch.at(-1);
    if (end?.type !== 'reply-end' || readIncompleteReason(end.finishReason) === undefined) return 'completed';
    const after = batch.slice(batch.indexOf(event) + 1);
    const isLast = 'block' in event && open.get(event.block)?.index === items - 1;
    return isLast && !after.some(({ type }) => type.endsWith('-start')) ? 'incomplete' : 'completed';
  };

  return {
    contentType: 'text/event-stream; charset=utf-8',
    keepAlive: ': keep-alive\n\n',
    write: (batch) => {
      let text = '';
      for (const event of batch) text += writeEvent(event, batch);
      return text;
    },
  };
}

function withMetadata<Part extends WrittenPart>(part: Part, metadata: Metadata | undefined): Part {
  return metadata === undefined ? part : { ...part, metadata };
}
