// Writes canonical events as chat completion chunks, one frame for each event that clients can see.
import type { JsonObject, Metadata } from '../../canonical/conversation.ts';
import type { ConversationEvent, EventBatch, ReplyStart, Usage } from '../../canonical/events.ts';
import { writeErrorObject } from '../kit/openai-errors.ts';
import { writeFinishReason, writeUsage } from '../kit/openai-words.ts';
import { createReplyLoss } from '../kit/reply-loss.ts';
import type { ReplyHead, StreamWriter } from '../protocol.ts';
import { readExtras, writeSession } from './extras.ts';
import { type CustomTools, writeCall, writeCallInput } from './tools.ts';

/** A writer for one stream; `includeUsage` adds the chunk with the token counts before the end. */
export function createChatStreamWriter(
  head: ReplyHead,
  includeUsage: boolean,
  customTools: CustomTools = new Map(),
): StreamWriter {
  let id = `chatcmpl-${head.requestId}`;
  let model = head.model;
  let usage: Usage | undefined;
  let calls = 0;
  const callIndex = new Map<number, number>();
  const loss = createReplyLoss(head, ['openai']);
  /** Calls of tools that take plain text: what they say can only be taken out of its JSON when that is whole. */
  const customCalls = new Map<number, { readonly name: string; text: string }>();

  // Only the delta differs from frame to frame: the rest is written once.
  let before = '';
  const after = `,"logprobs":null,"finish_reason":null}]${includeUsage ? ',"usage":null' : ''}}\n\n`;
  let fields: JsonObject = {};
  const session = writeSession(head);
  const open = (metadata: Metadata | undefined) => {
    fields = { ...fields, ...readExtras(metadata).fields };
    const fixed = { id, object: 'chat.completion.chunk', created: head.createdAt, model, ...fields, ...session };
    before = `data: ${JSON.stringify(fixed).slice(0, -1)},"choices":[`;
  };
  open(undefined);
  const frame = (delta: string) => `${before}{"index":0,"delta":${delta}${after}`;

  const writeStart = ({ id: given, model: named, metadata }: ReplyStart) => {
    id = given ?? id;
    model = named ?? model;
    loss.metadata(metadata);
    open(metadata);
    return frame('{"role":"assistant","content":"","refusal":null}');
  };
  const writeEnd = ({ finishReason, metadata }: Extract<ConversationEvent, { type: 'reply-end' }>) => {
    loss.metadata(metadata);
    loss.stopText(finishReason);
    const { message, choice, usage: raw } = readExtras(metadata);
    if (metadata !== undefined) open(metadata);
    const said = message.map((fields) => frame(JSON.stringify(fields))).join('');
    const tail = includeUsage ? ',"usage":null' : '';
    const last = { index: 0, delta: {}, logprobs: null, ...choice, finish_reason: writeFinishReason(finishReason) };
    const finish = `${before}${JSON.stringify(last)}]${tail}}\n\n`;
    const counts =
      includeUsage && usage !== undefined ? `${before}],"usage":${JSON.stringify(writeUsage(usage, raw))}}\n\n` : '';
    return `${said}${finish}${counts}data: [DONE]\n\n`;
  };

  const writeEvent = (event: EventBatch[number]): string => {
    switch (event.type) {
      case 'text-delta':
        return frame(`{"content":${JSON.stringify(event.text)}}`);
      case 'reasoning-delta':
        return frame(`{"reasoning_content":${JSON.stringify(event.text)}}`);
      case 'tool-call-delta': {
        const custom = customCalls.get(event.block);
        if (custom !== undefined) {
          custom.text += event.text;
          return '';
        }
        const index = callIndex.get(event.block);
        return frame(`{"tool_calls":[{"index":${index},"function":{"arguments":${JSON.stringify(event.text)}}}]}`);
      }
      case 'tool-call-start': {
        const index = calls++;
        callIndex.set(event.block, index);
        loss.metadata(event.metadata);
        if (customTools.has(event.name)) customCalls.set(event.block, { name: event.name, text: '' });
        const call = { index, ...event.metadata?.openai, id: event.id, ...writeCall(event.name, '', customTools) };
        return frame(JSON.stringify({ tool_calls: [call] }));
      }
      case 'tool-call-end': {
        const custom = customCalls.get(event.block);
        if (custom === undefined || custom.text === '') return '';
        const index = callIndex.get(event.block);
        const call = { index, ...writeCallInput(custom.name, custom.text, customTools) };
        return frame(JSON.stringify({ tool_calls: [call] }));
      }
      case 'reply-start':
        return writeStart(event);
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        return `data: ${JSON.stringify({ error: writeErrorObject(event.error) })}\n\n`;
      case 'reply-end':
        return writeEnd(event);
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
    contentType: 'text/event-stream; charset=utf-8',
    keepAlive: ': keep-alive\n\n',
    write: (batch) => {
      let text = '';
      for (const event of batch) text += writeEvent(event);
      return text;
    },
  };
}
