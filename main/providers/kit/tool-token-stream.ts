// Turns the reply of an engine without a tool parser into one with tool calls: text and thinking in, text, thinking and calls
// out, streamed or whole. Names and ids are mended where the tools tell how; each mending is noted.
import type { ConversationRequest } from '../../canonical/conversation.ts';
import { createEventWriter, type EventWriter } from '../../canonical/event-writer.ts';
import type { ConversationEvent, EventStream, FinishReason } from '../../canonical/events.ts';
import { completeJson, createCallIds, findTool, guessTool, readCallName, writeCallId } from './tool-call-ids.ts';
import { createToolTokenReader, type ToolTokenSink } from './tool-tokens.ts';

/** How one engine's replies are read. */
export interface ToolTokenOptions {
  /** The reply begins within the thinking and only its end is marked. */
  readonly unopenedThinking: boolean;
  /** The end of a thinking that nothing had opened was seen: `unopenedThinking` would have been right. */
  readonly noteUnopened?: () => void;
  /** Puts one plain sentence on the request's log record. */
  readonly note: (text: string) => void;
}

/** The events of a reply with the calls taken out of its text. */
export async function* readToolTokens(
  events: EventStream,
  request: Pick<ConversationRequest, 'messages' | 'tools'>,
  options: ToolTokenOptions,
): EventStream {
  const writer = createEventWriter();
  const { sink, end } = createCallWriter(writer, request, options);
  const reader = createToolTokenReader(sink, options);
  for await (const batch of events) {
    for (const event of batch) readEvent(event, writer, reader, end);
    const read = writer.take();
    if (read.length > 0) yield read;
  }
  // A stream that only stops says so elsewhere; what was held back is the reader's own.
}

function readEvent(
  event: ConversationEvent,
  writer: EventWriter,
  reader: ReturnType<typeof createToolTokenReader>,
  end: (finish: FinishReason) => void,
) {
  switch (event.type) {
    case 'reply-start': {
      const { type: _, ...head } = event;
      return writer.start(head);
    }
    case 'text-delta':
      return reader.push('text', event.text);
    case 'reasoning-delta':
      return reader.push('reasoning', event.text);
    // An engine with a parser may be asked so as well: its own calls go on as they are.
    case 'tool-call-start':
      return writer.toolCall(event.block, event);
    case 'tool-call-delta':
      return writer.toolArguments(event.block, event.text);
    case 'tool-call-end':
      return writer.endToolCall(event.block);
    case 'usage':
      return writer.usage(event.usage);
    case 'error':
      return writer.fail(event.error);
    case 'reply-end': {
      reader.end();
      end(event.finishReason);
      const { kind, raw } = event.finishReason;
      const called = writer.calledTools && (kind === 'stop' || kind === 'other');
      return writer.end(called ? { kind: 'tool-calls', raw } : event.finishReason, event.metadata);
    }
    case 'text-start':
    case 'text-end':
    case 'reasoning-start':
    case 'reasoning-end':
      return;
    default:
      return event satisfies never;
  }
}

function createCallWriter(
  writer: EventWriter,
  { messages, tools = [] }: Pick<ConversationRequest, 'messages' | 'tools'>,
  { unopenedThinking, noteUnopened, note }: ToolTokenOptions,
) {
  const chooseId = createCallIds({ messages });
  let calls = 0;
  let running: { key: string; raw: string; name: string | undefined; text: string } | undefined;
  let spoke = false;
  const thought: string[] = [];
  let cut: NonNullable<typeof running> | undefined;

  const open = (call: NonNullable<typeof running>, name: string) => {
    const isOwn = /:\d+$/.test(call.raw) && readCallName(call.raw) === name;
    const id = chooseId(name, isOwn ? writeCallId(name, Number(call.raw.replace(/.*:/s, ''))) : '');
    writer.toolCall(call.key, { id, name });
    call.name = name;
    if (call.text !== '') writer.toolArguments(call.key, call.text);
  };
  const close = (call: NonNullable<typeof running>, whole: boolean) => {
    if (call.name === undefined) {
      const guess = guessTool(call.text, tools)?.name;
      const name = guess ?? (readCallName(call.raw) || 'unknown');
      if (guess === undefined) note(`The model called "${name}", which is none of the tools that it was given.`);
      else note(`The model called a tool as "${call.raw}"; its arguments are those of ${guess}.`);
      open(call, name);
    }
    // A call that was cut off is ended with the reply, which knows why.
    if (whole) finish(call);
    else cut = call;
  };
  const finish = (call: NonNullable<typeof running>) => {
    const rest = completeJson(call.text);
    if (rest !== undefined) {
      note(`The arguments of a call of ${call.name} lacked their end (${rest}); it was added.`);
      writer.toolArguments(call.key, rest);
    }
    writer.endToolCall(call.key);
  };

  const sink: ToolTokenSink = {
    text: (text) => {
      spoke = true;
      writer.text(text);
    },
    reasoning: (text) => {
      if (unopenedThinking) thought.push(text);
      writer.reasoning(text);
    },
    call: (raw) => {
      spoke = true;
      const name = readCallName(raw);
      running = { key: `tokens-${calls++}`, raw, name: undefined, text: '' };
      const known = tools.length === 0 && name !== '' ? name : findTool(name, tools)?.name;
      if (known !== undefined) open(running, known);
    },
    arguments: (text) => {
      if (running === undefined) return;
      running.text += text;
      if (running.name !== undefined) writer.toolArguments(running.key, text);
    },
    endCall: (whole) => {
      if (running !== undefined) close(running, whole);
      running = undefined;
    },
    lateThinkingEnd: () => noteUnopened?.(),
  };
  const end = ({ kind }: FinishReason) => {
    // Told as thinking, and nothing came after it: it was the answer.
    if (unopenedThinking && !spoke && kind === 'stop') for (const text of thought) writer.text(text);
    if (cut !== undefined && kind !== 'length' && kind !== 'content-filter') finish(cut);
  };
  return { sink, end };
}
