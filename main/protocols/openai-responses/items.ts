// Writes the parts of a reply as output items.
import type {
  Json,
  JsonObject,
  Metadata,
  ReasoningPart,
  TextPart,
  ToolCallPart,
} from '../../canonical/conversation.ts';
import { unwrapCustomInput } from '../kit/custom-tools.ts';
import { writeOpaque } from '../kit/opaque.ts';
import type { AssistantPart } from '../kit/responses-items.ts';
import type { ToolNames } from '../kit/responses-tools.ts';
import type { ReplyHead } from '../protocol.ts';

/** How far an item has come. */
export type ItemStatus = 'in_progress' | 'completed' | 'incomplete';

/** What writing items needs to know of the request. */
export interface ItemContext {
  readonly head: ReplyHead;
  readonly names: ToolNames;
  /** The client wants sealed thinking, to send it back. */
  readonly includeSealed: boolean;
  /** The parts themselves are kept for the client to refer to. */
  readonly keepsParts: boolean;
}

/** The only content part of a text item. */
export function writeTextPart(text: string): JsonObject {
  return { type: 'output_text', annotations: [], logprobs: [], text };
}

/** A text item; none of its content before there is any. */
export function writeMessageItem(id: string, text: string | undefined, status: ItemStatus): JsonObject {
  const content = text === undefined ? [] : [writeTextPart(text)];
  return { id, type: 'message', status, role: 'assistant', content };
}

/** A reasoning item; what its upstream needs back is sealed in it. */
export function writeReasoningItem(id: string, text: string, sealed: string | undefined): JsonObject {
  const summary = text === '' ? [] : [{ type: 'summary_text', text }];
  return { id, type: 'reasoning', summary, ...(sealed === undefined ? undefined : { encrypted_content: sealed }) };
}

/** What belongs to a reasoning part; some clients send back only what has a seal, so all have one where asked for. */
export function sealReasoning(metadata: Metadata | undefined, includeSealed: boolean): string | undefined {
  return writeOpaque(metadata ?? (includeSealed ? { responses: { sealed: 'empty' } } : undefined));
}

/** A call as the client declared its tool; the arguments of a tool of plain text are taken out of their wrapping. */
export function writeCallItem(
  id: string,
  { id: callId, name, arguments: text }: Pick<ToolCallPart, 'id' | 'name' | 'arguments'>,
  status: ItemStatus,
  names: ToolNames,
): JsonObject {
  const tool = names.find(name);
  const group = tool.namespace === undefined ? undefined : { namespace: tool.namespace };
  const base = { id, status, call_id: callId };
  const named = { ...base, name: tool.name, ...group };
  switch (tool.form) {
    case 'function':
      return { ...named, type: 'function_call', arguments: text };
    case 'custom':
      return { ...named, type: 'custom_tool_call', input: text === '' ? '' : unwrapCustomInput(text) };
    case 'search':
      return { ...base, type: 'tool_search_call', execution: 'client', arguments: readArguments(text) };
    default:
      return tool.form satisfies never;
  }
}

/** Here the arguments are the value itself; what is no JSON is handed on as text. */
function readArguments(text: string): Json {
  if (text === '') return {};
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

const CALL_PREFIXES = { function: 'fc', custom: 'ctc', search: 'tsc' } as const;

/** The id of the item that a part becomes; `at` is its place in the reply. */
export function nameItem(type: AssistantPart['type'], at: number, name: string, { head, names }: ItemContext): string {
  return `${choosePrefix(type, name, names)}_${head.requestId}_${at}`;
}

function choosePrefix(type: AssistantPart['type'], name: string, names: ToolNames): string {
  if (type === 'reasoning') return 'rs';
  if (type !== 'tool-call') return 'msg';
  return CALL_PREFIXES[names.find(name).form];
}

/** A finished part as an item; undefined for what the dialect has no item for, which is told. */
export function writeItem(part: AssistantPart, at: number, status: ItemStatus, context: ItemContext) {
  const id = nameItem(part.type, at, part.type === 'tool-call' ? part.name : '', context);
  noteLoss(part, context);
  switch (part.type) {
    case 'text':
      return writeMessageItem(id, part.text, status);
    case 'reasoning':
      return writeReasoningItem(id, part.text, sealReasoning(part.metadata, context.includeSealed));
    case 'tool-call':
      return writeCallItem(id, part, status, context.names);
    case 'image':
    case 'file':
      return undefined;
    default:
      return part satisfies never;
  }
}

/** Tells what of a part reaches the client in no field. */
export function noteLoss(part: AssistantPart, { head, keepsParts }: ItemContext): void {
  if (part.type === 'image' || part.type === 'file') {
    head.note('An image or a file in the reply was left out: this dialect has no item for it.');
  } else if (part.type !== 'reasoning' && part.metadata !== undefined && !keepsParts) {
    const what = part.type === 'text' ? 'text' : 'tool call';
    head.note(`What the upstream added to a ${what} was left out: this dialect has no field for it.`);
  }
}

/** A part as it stands in a finished reply. */
export type WrittenPart = TextPart | ReasoningPart | ToolCallPart;
