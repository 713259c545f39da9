// Puts an agent's many messages together as one reply: a blank line between their texts, a line of its own for each step.

import type { GatewayError } from '../../canonical/errors.ts';
import { createEventWriter } from '../../canonical/event-writer.ts';
import type { EventBatch, FinishReason, Usage } from '../../canonical/events.ts';

/** Writes one reply. */
export interface AgentText {
  /** A further message of the model's begins. */
  startMessage(head: { readonly id?: string | undefined; readonly model?: string | undefined }): void;
  say(text: string): void;
  think(text: string): void;
  /** Adds a line to the reasoning. */
  step(line: string): void;
  end(reason: FinishReason, usage: Usage): void;
  fail(error: GatewayError): void;
  take(): EventBatch;
  /** The message that began last has said something. */
  readonly saidInMessage: boolean;
  readonly ended: boolean;
}

/** A writer for one reply. */
export function createAgentText(): AgentText {
  const writer = createEventWriter();
  let saidBefore = false;
  let saidInMessage = false;
  let isNewThought = true;
  /** The reasoning that runs has its last line still open. */
  let isLineOpen = false;

  const reason = (text: string) => {
    writer.reasoning(text);
    isLineOpen = !text.endsWith('\n');
  };
  return {
    startMessage: ({ id, model }) => {
      writer.start({ ...(id === undefined ? {} : { id }), ...(model === undefined ? {} : { model }) });
      saidBefore ||= saidInMessage;
      saidInMessage = false;
      isNewThought = true;
    },
    say: (text) => {
      if (text === '') return;
      if (saidBefore && !saidInMessage) writer.text('\n\n');
      saidInMessage = true;
      isLineOpen = false; // what is thought next is in a block of its own
      writer.text(text);
    },
    think: (text) => {
      if (text === '') return;
      reason(isNewThought && isLineOpen ? `\n${text}` : text);
      isNewThought = false;
    },
    step: (line) => reason(`${isLineOpen ? '\n' : ''}${line}\n`),
    end: (finishReason, usage) => {
      writer.usage(usage);
      writer.end(finishReason);
    },
    fail: (error) => writer.fail(error),
    take: () => writer.take(),
    get saidInMessage() {
      return saidInMessage;
    },
    get ended() {
      return writer.ended;
    },
  };
}
