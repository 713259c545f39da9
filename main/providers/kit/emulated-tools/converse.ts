// A reply with tools from a model that has none: asks the provider without tools, reads calls out of the answer, and asks once
// more where a call is faulty and nothing was said yet.
import type { ConversationRequest, Message } from '../../../canonical/conversation.ts';
import { createEventWriter, type EventWriter } from '../../../canonical/event-writer.ts';
import type { ConversationEvent, EventStream, FinishReason, Usage } from '../../../canonical/events.ts';
import type { ToolOutcome } from '../../../canonical/models.ts';
import { type EmulationOptions, emulateTools } from './emulate.ts';
import { createEmulatedReply, type EmulatedReply, type ReplyVerdict } from './reply.ts';

/** What an emulated reply needs. */
export interface EmulatedConversation extends EmulationOptions {
  readonly request: ConversationRequest;
  /** The provider's own way to a reply, for a request without tools. */
  readonly ask: (request: ConversationRequest) => EventStream;
  /** Puts a sentence on the request's record. */
  readonly note: (text: string) => void;
  /** Told once, when the reply has ended well; not told where there were no tools to call. */
  readonly report?: (outcome: ToolOutcome) => void;
}

/** The events of one reply; fails as `ask` does. A request without tools and tool turns passes as it is. */
export async function* converseWithEmulatedTools(conversation: EmulatedConversation): EventStream {
  const { ask, note, report } = conversation;
  const { request, plan, notes } = emulateTools(conversation.request, conversation);
  for (const sentence of notes) note(sentence);
  if (plan === undefined) {
    yield* ask(request);
    return;
  }
  const writer = createEventWriter();
  const tell = plan.choice === 'none' ? () => {} : (report ?? (() => {}));
  let asked = request;
  let before: Usage | undefined;
  for (let isFirst = true; ; isFirst = false) {
    const reply = createEmulatedReply(plan, writer);
    const pass = createPass(writer, reply, before);
    for await (const batch of ask(asked)) {
      for (const event of batch) pass.read(event);
      const events = writer.take();
      if (events.length > 0) yield events;
    }
    const { finish } = pass;
    // The gateway knows a stream that has no end for a broken one.
    if (finish === undefined) return;
    const verdict = reply.close(finish);
    if (isFirst && mayRetry(verdict, writer)) {
      note(`Asked the model once more, for its tool call was faulty: ${verdict.faults.join(' ')}`);
      asked = { ...request, messages: [...request.messages, ...complain(verdict)] };
      before = pass.usage;
      continue;
    }
    for (const sentence of verdict.notes) note(sentence);
    if (verdict.outcome === 'failed') note(`The model's tool call is faulty: ${verdict.faults.join(' ')}`);
    tell(isFirst || !isGood(verdict) ? verdict.outcome : 'retried');
    reply.release();
    yield writer.take();
    return;
  }
}

/** Words that have gone to the client cannot be taken back; thinking is no answer yet. */
function mayRetry({ outcome, said }: ReplyVerdict, writer: EventWriter): boolean {
  return outcome === 'failed' && !said && !writer.calledTools;
}

const isGood = ({ outcome }: ReplyVerdict) => outcome === 'well-formed' || outcome === 'repaired';

function complain({ text, faults }: ReplyVerdict): Message[] {
  const told = `Your last answer could not be used. ${faults.join(' ')}\nAnswer again, as a whole, in the form that was described.`;
  const said: Message[] = text.trim() === '' ? [] : [{ role: 'assistant', parts: [{ type: 'text', text }] }];
  return [...said, { role: 'user', parts: [{ type: 'text', text: told }] }];
}

/** Passes the events of one answer through a reply. */
function createPass(writer: EventWriter, reply: EmulatedReply, before: Usage | undefined) {
  let finish: FinishReason | undefined;
  let usage = before;
  const read = (event: ConversationEvent) => {
    switch (event.type) {
      case 'reply-start': {
        const { type: _, ...head } = event;
        writer.start(head);
        break;
      }
      case 'text-delta':
        reply.text(event.text);
        break;
      case 'reasoning-delta':
        reply.reasoning(event.text);
        break;
      case 'reasoning-end':
        if (event.metadata !== undefined) writer.endReasoning(event.metadata);
        break;
      case 'usage':
        usage = addUsage(before, event.usage);
        writer.usage(usage);
        break;
      case 'error':
        reply.abandon();
        writer.fail(event.error);
        break;
      case 'reply-end':
        finish = event.finishReason;
        break;
      case 'text-start':
      case 'text-end':
      case 'reasoning-start':
        break;
      default:
        readNativeCall(event, writer);
    }
  };
  return {
    read,
    get finish() {
      return finish;
    },
    get usage() {
      return usage;
    },
  };
}

type ToolCallEvent = Extract<ConversationEvent, { type: `tool-call-${string}` }>;

/** Calls that the upstream made by itself are no business of the emulation. */
function readNativeCall(event: ToolCallEvent, writer: EventWriter): void {
  const key = `native:${event.block}`;
  if (event.type === 'tool-call-start') {
    const { id, name, metadata } = event;
    writer.toolCall(key, { id, name, metadata });
  } else if (event.type === 'tool-call-delta') writer.toolArguments(key, event.text);
  else writer.endToolCall(key);
}

/** Both answers were spent. */
function addUsage(before: Usage | undefined, after: Usage): Usage {
  if (before === undefined) return after;
  const add = (one: number | undefined, other: number | undefined) =>
    one === undefined && other === undefined ? undefined : (one ?? 0) + (other ?? 0);
  return {
    inputTokens: add(before.inputTokens, after.inputTokens),
    cachedInputTokens: add(before.cachedInputTokens, after.cachedInputTokens),
    cacheWriteTokens: add(before.cacheWriteTokens, after.cacheWriteTokens),
    outputTokens: add(before.outputTokens, after.outputTokens),
    reasoningTokens: add(before.reasoningTokens, after.reasoningTokens),
    ...(before.estimated || after.estimated ? { estimated: true } : {}),
  };
}
