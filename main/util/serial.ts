// Runs asynchronous tasks one after the other, for things that two callers must not change at once.

/** Runs `task` when every earlier one has ended; a failed task does not stop later ones. */
export type Serial = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** A queue of its own. */
export function createSerial(): Serial {
  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const result = last.then(task);
    last = result.catch(() => {});
    return result;
  };
}
