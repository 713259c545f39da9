// Lets a test decide when the next thing happens, instead of waiting for a clock.

/** A stream of values that a test feeds by hand. */
export interface Feed<T> extends AsyncIterable<T> {
  push(value: T): void;
  end(): void;
}

/** A feed with nothing in it. */
export function createFeed<T>(): Feed<T> {
  const waiting: T[] = [];
  let ended = false;
  let wake = () => {};
  return {
    push: (value) => {
      waiting.push(value);
      wake();
    },
    end: () => {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        while (waiting.length > 0) yield waiting.shift() as T;
        if (ended) return;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
  };
}

/** Something that others wait for. */
export interface Gate {
  /** Resolves when it is open. */
  readonly opened: Promise<void>;
  open(): void;
}

/** A closed gate. */
export function createGate(): Gate {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}
