// What makes calls on plain objects look as if they went over a wire: promises, and streams that end.
import type { Change } from '../../shared/contract.ts';

/** One subscriber of the changes. */
export interface Listener {
  push(change: Change): void;
  end(): void;
  read(): AsyncGenerator<Change>;
}

/** Makes a subscriber that keeps what it is told until it is read. */
export function createListener(signal: AbortSignal | undefined): Listener {
  const queue: Change[] = [];
  let ended = false;
  let wake: (() => void) | undefined;
  const end = () => {
    ended = true;
    wake?.();
  };
  signal?.addEventListener('abort', end);
  return {
    push: (change) => {
      queue.push(change);
      wake?.();
    },
    end,
    read: async function* () {
      while (!ended) {
        const change = queue.shift();
        if (change !== undefined) yield change;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}

/** Every call answers with a promise, as over a wire; whatever a function throws becomes a refusal. */
export function answerLater(functions: object): object {
  return Object.fromEntries(
    Object.entries(functions).map(([name, call]: [string, unknown]) => {
      if (typeof call !== 'function') return [name, answerLater(call as object)];
      return [name, (...input: unknown[]) => new Promise((resolve) => resolve(call(...input)))];
    }),
  );
}
