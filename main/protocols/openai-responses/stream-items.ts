// Writes the items of a stream: each opens, grows and closes in frames of its own, several side by side where tool calls
// overlap. What surrounds them, the life of the response, is written elsewhere.
import { createLengthLimit } from '../../canonical/collect.ts';
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { ToolCallStart } from '../../canonical/events.ts';
import { unwrapCustomInput } from '../kit/custom-tools.ts';
import type { ClientTool } from '../kit/responses-tools.ts';
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
import type { OutputItem } from './store.ts';

/** Numbers the frames of one stream. */
export interface FrameWriter {
  /** The number of the next frame; each is given once. */
  next(): number;
  /** A whole frame. */
  write(type: string, fields: JsonObject): string;
}

/**
 * The items of one stream; every call gives the frames to be sent, `''` for a block that is not open. Throws
 * `GatewayError` for a reply that is too long to be held.
 */
export interface ItemWriter {
  startText(block: number): string;
  startReasoning(block: number): string;
  startCall(call: ToolCallStart): string;
  delta(block: number, text: string): string;
  end(block: number, status: ItemStatus, metadata?: Metadata): string;
  /** Whether no item has opened after this one. */
  isLast(block: number): boolean;
  /** The items that have closed, in the order in which they opened. */
  listDone(): readonly OutputItem[];
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
  /** The two halves of each delta's frame: only number and text differ from frame to frame. */
  readonly beforeDelta: string;
  readonly afterDelta: string;
}

/** The items of a stream that has none yet. */
export function createItemWriter(context: ItemContext, frames: FrameWriter): ItemWriter {
  const { names, includeSealed } = context;
  const open = new Map<number, OpenItem>();
  const done: (OutputItem | undefined)[] = [];
  const limit = createLengthLimit();
  let count = 0;

  const openItem = (block: number, type: WrittenPart['type'], delta: string, place: string, call?: ToolCallStart) => {
    const index = count++;
    const id = nameItem(type, index, call?.name ?? '', context);
    const beforeDelta = `event: ${delta}\ndata: {"type":"${delta}","item_id":"${id}","output_index":${index},${place}"sequence_number":`;
    const afterDelta = type === 'text' ? ',"logprobs":[]}\n\n' : '}\n\n';
    const form = call && names.find(call.name).form;
    const item: OpenItem = { id, index, type, pieces: [], beforeDelta, afterDelta, ...(call && { call, form }) };
    open.set(block, item);
    return item;
  };
  const added = ({ index }: OpenItem, item: JsonObject) =>
    frames.write('response.output_item.added', { output_index: index, item });
  const writeDelta = ({ beforeDelta, afterDelta }: OpenItem, text: string) =>
    `${beforeDelta}${frames.next()},"delta":${JSON.stringify(text)}${afterDelta}`;
  const close = (block: number, { index }: OpenItem, written: JsonObject, part: WrittenPart): string => {
    open.delete(block);
    noteLoss(part, context);
    done[index] = { item: written, part };
    return frames.write('response.output_item.done', { output_index: index, item: written });
  };

  const endText = (block: number, item: OpenItem, status: ItemStatus, metadata: Metadata | undefined): string => {
    const text = item.pieces.join('');
    const place = { item_id: item.id, output_index: item.index, content_index: 0 };
    return (
      frames.write('response.output_text.done', { ...place, text, logprobs: [] }) +
      frames.write('response.content_part.done', { ...place, part: writeTextPart(text) }) +
      close(block, item, writeMessageItem(item.id, text, status), withMetadata({ type: 'text', text }, metadata))
    );
  };
  const endReasoning = (block: number, item: OpenItem, metadata: Metadata | undefined): string => {
    const text = item.pieces.join('');
    const written = writeReasoningItem(item.id, text, sealReasoning(metadata, includeSealed));
    return (
      endSummary(item, text, frames) + close(block, item, written, withMetadata({ type: 'reasoning', text }, metadata))
    );
  };
  const endCall = (
    block: number,
    item: OpenItem,
    { id, name, metadata }: ToolCallStart,
    status: ItemStatus,
  ): string => {
    const text = item.pieces.join('');
    const part = withMetadata({ type: 'tool-call', id, name, arguments: text }, metadata);
    const place = { item_id: item.id, output_index: item.index };
    const end = () => close(block, item, writeCallItem(item.id, { id, name, arguments: text }, status, names), part);
    if (item.form === 'search') return end();
    if (item.form === 'function') {
      const fields = { ...place, name: names.find(name).name, arguments: text };
      return frames.write('response.function_call_arguments.done', fields) + end();
    }
    // Its JSON can only be opened when it is whole.
    const input = text === '' ? '' : unwrapCustomInput(text);
    const delta = input === '' ? '' : writeDelta(item, input);
    return delta + frames.write('response.custom_tool_call_input.done', { ...place, input }) + end();
  };

  return {
    startText: (block) => {
      const item = openItem(block, 'text', 'response.output_text.delta', '"content_index":0,');
      const place = { item_id: item.id, output_index: item.index, content_index: 0 };
      return (
        added(item, writeMessageItem(item.id, undefined, 'in_progress')) +
        frames.write('response.content_part.added', { ...place, part: writeTextPart('') })
      );
    },
    startReasoning: (block) => {
      const item = openItem(block, 'reasoning', 'response.reasoning_summary_text.delta', '"summary_index":0,');
      return added(item, writeReasoningItem(item.id, '', undefined));
    },
    startCall: (call) => {
      const field = names.find(call.name).form === 'custom' ? 'custom_tool_call_input' : 'function_call_arguments';
      const item = openItem(call.block, 'tool-call', `response.${field}.delta`, '', call);
      return added(item, writeCallItem(item.id, { ...call, arguments: '' }, 'in_progress', names));
    },
    delta: (block, text) => {
      const item = open.get(block);
      if (item === undefined) return '';
      const start = item.type === 'reasoning' && item.pieces.length === 0 ? startSummary(item, frames) : '';
      item.pieces.push(text);
      limit(text);
      if (item.type === 'tool-call' && item.form !== 'function') return '';
      return start + writeDelta(item, text);
    },
    end: (block, status, metadata) => {
      const item = open.get(block);
      if (item === undefined) return '';
      if (item.type === 'text') return endText(block, item, status, metadata);
      if (item.call !== undefined) return endCall(block, item, item.call, status);
      return endReasoning(block, item, metadata);
    },
    isLast: (block) => open.get(block)?.index === count - 1,
    listDone: () => done.filter((each) => each !== undefined),
  };
}

/** Thinking opens its only part with its first text: some of it has none. */
function startSummary({ id, index }: OpenItem, frames: FrameWriter): string {
  const part = { type: 'summary_text', text: '' };
  return frames.write('response.reasoning_summary_part.added', {
    item_id: id,
    output_index: index,
    summary_index: 0,
    part,
  });
}

function endSummary({ id, index }: OpenItem, text: string, frames: FrameWriter): string {
  if (text === '') return '';
  const place = { item_id: id, output_index: index, summary_index: 0 };
  return (
    frames.write('response.reasoning_summary_text.done', { ...place, text }) +
    frames.write('response.reasoning_summary_part.done', { ...place, part: { type: 'summary_text', text } })
  );
}

function withMetadata<Part extends WrittenPart>(part: Part, metadata: Metadata | undefined): Part {
  return metadata === undefined ? part : { ...part, metadata };
}
