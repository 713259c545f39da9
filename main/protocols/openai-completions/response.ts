// Writes answers of OpenAI's legacy completions, whole and as chunks. The dialect has a place for text and for nothing else.
import type { Reply } from '../../canonical/collect.ts';
import type { EventBatch, Usage } from '../../canonical/events.ts';
import { writeErrorObject } from '../kit/openai-errors.ts';
import { writeFinishReason, writeUsage } from '../kit/openai-words.ts';
import type { ReplyHead, StreamWriter } from '../protocol.ts';

const REASONING_NOTE = "The model's thinking was left out: this dialect has no place for it.";

/** A text completion; `echo` stands before its text. */
export function writeReply(reply: Reply, { requestId, model, createdAt, note }: ReplyHead, echo: string): unknown {
  let text = echo;
  for (const part of reply.parts) {
    if (part.type === 'text') text += part.text;
    else if (part.type === 'reasoning' && part.text !== '') note(REASONING_NOTE);
  }
  return {
    id: reply.id ?? `cmpl-${requestId}`,
    object: 'text_completion',
    created: createdAt,
    model: reply.model ?? model,
    choices: [{ index: 0, text, logprobs: null, finish_reason: writeFinishReason(reply.finishReason) }],
    ...(reply.usage === undefined ? undefined : { usage: writeUsage(reply.usage) }),
  };
}

/** What the client wants besides the text. */
export interface StreamWishes {
  /** A chunk with the token counts before the end. */
  readonly includeUsage: boolean;
  /** What stands before the first text. */
  readonly echo: string;
}

/** A writer for one stream. */
export function createCompletionStreamWriter(head: ReplyHead, { includeUsage, echo }: StreamWishes): StreamWriter {
  let id = `cmpl-${head.requestId}`;
  let model = head.model;
  let usage: Usage | undefined;
  let noted = false;

  // Only the text differs from frame to frame: the rest is written once.
  let before = '';
  const tail = includeUsage ? ',"usage":null' : '';
  const after = `,"logprobs":null,"finish_reason":null}]${tail}}\n\n`;
  const open = () => {
    const fixed = { id, object: 'text_completion', created: head.createdAt, model };
    before = `data: ${JSON.stringify(fixed).slice(0, -1)},"choices":[`;
  };
  open();
  const frame = (text: string) => `${before}{"index":0,"text":${JSON.stringify(text)}${after}`;

  const writeEnd = (finishReason: string) => {
    const finish = `${before}{"index":0,"text":"","logprobs":null,"finish_reason":${JSON.stringify(finishReason)}}]${tail}}\n\n`;
    const counts =
      includeUsage && usage !== undefined ? `${before}],"usage":${JSON.stringify(writeUsage(usage))}}\n\n` : '';
    return `${finish}${counts}data: [DONE]\n\n`;
  };

  const writeEvent = (event: EventBatch[number]): string => {
    switch (event.type) {
      case 'text-delta':
        return frame(event.text);
      case 'reply-start':
        id = event.id ?? id;
        model = event.model ?? model;
        open();
        return echo === '' ? '' : frame(echo);
      case 'reasoning-delta':
        if (!noted) head.note(REASONING_NOTE);
        noted = true;
        return '';
      case 'usage':
        usage = event.usage;
        return '';
      case 'error':
        return `data: ${JSON.stringify({ error: writeErrorObject(event.error) })}\n\n`;
      case 'reply-end':
        return writeEnd(writeFinishReason(event.finishReason));
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
      case 'reasoning-end':
      case 'tool-call-start':
      case 'tool-call-delta':
      case 'tool-call-end':
        // A completion declares no tools, so none are called.
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
