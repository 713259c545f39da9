// Hands events from the program's output to whoever reads the reply, and the reader's pace back to the program's pipe.
import type { ConversationEvent, EventBatch } from '../../canonical/events.ts';

/** The two ends of one reply. */
export interface ReplyQueue {
  /** Adds what a chunk of `bytes` held. */
  push(batch: EventBatch, bytes: number): void;
  /** Nothing more will come. */
  end(): void;
  /** What waits, in one batch; waits itself where there is nothing; undefined after the end. */
  next(): Promise<EventBatch | undefined>;
}

/**
 * Output that may wait for the reader before the program's pipe is left to fill. Ample, because a full pipe does not stop
 * the upstream: the program goes on reading it, and an end that must be obeyed at once would be read too late.
 */
const HIGH_WATER_BYTES = 4 * 1024 * 1024;

/** A queue that calls `pause` and `resume` as the reader falls behind and catches up. */
export function createReplyQueue(pause: () => void, resume: () => void): ReplyQueue {
  let waiting: ConversationEvent[] = [];
  let bytes = 0;
  let ended = false;
  let paused = false;
  let wake: (() => void) | undefined;

  return {
    push: (batch, size) => {
      for (const event of batch) waiting.push(event);
      bytes += size;
      if (bytes > HIGH_WATER_BYTES && !paused) {
        paused = true;
        pause();
      }
      wake?.();
    },
    end: () => {
      ended = true;
      wake?.();
    },
    next: async () => {
      while (waiting.length === 0 && !ended) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      if (waiting.length === 0) return undefined;
      const batch = waiting;
      waiting = [];
      bytes = 0;
      if (paused) {
        paused = false;
        resume();
      }
      return batch;
    },
  };
}
