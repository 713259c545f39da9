// Lifts thinking out of the text of a reply that is read already, for the transport whose chunks the kit reads.
import { createEventWriter } from '../../canonical/event-writer.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { ReasoningHandling } from '../kit/reasoning-splitter.ts';
import { createThinkingSplitter } from './thinking.ts';

/** The same reply with its thinking told apart. */
export async function* liftThinking(
  events: EventStream,
  options: { readonly thinking: ReasoningHandling; readonly mayFence: boolean },
): EventStream {
  const writer = createEventWriter();
  const splitter = createThinkingSplitter(options);
  const say = (pieces: ReturnType<typeof splitter.push>) => {
    for (const { type, text } of pieces) writer[type](text);
  };
  /** Nothing of what was held may come behind what follows it. */
  let isOver = false;
  const flush = () => {
    if (!isOver) say(splitter.end());
    isOver = true;
  };
  for await (const batch of events) {
    for (const event of batch) {
      switch (event.type) {
        case 'reply-start':
          writer.start(event);
          break;
        case 'text-delta':
          if (isOver) writer.text(event.text);
          else say(splitter.push(event.text));
          break;
        case 'reasoning-delta':
          if (options.thinking !== 'remove') writer.reasoning(event.text);
          break;
        case 'text-end':
        case 'reasoning-end':
          if (event.metadata !== undefined) writer.endBlock(event.metadata);
          break;
        case 'tool-call-start':
          flush();
          writer.toolCall(event.block, event);
          break;
        case 'tool-call-delta':
          writer.toolArguments(event.block, event.text);
          break;
        case 'tool-call-end':
          writer.endToolCall(event.block);
          break;
        case 'usage':
          writer.usage(event.usage);
          break;
        case 'error':
          flush();
          writer.fail(event.error);
          break;
        case 'reply-end':
          flush();
          writer.end(event.finishReason, event.metadata);
          break;
        default:
          // Blocks open with their first words.
          break;
      }
    }
    const read = writer.take();
    if (read.length > 0) yield read;
  }
}
