// Gathers changes for a moment and tells them together, each thing once in its newest state.
import { createListeners } from '../util/listeners.ts';

/** Changes on their way to listeners. */
export interface Bundle<Thing> {
  /** Adds a change; cheap where nobody listens. */
  add(thing: () => Thing, id: string): void;
  /** Calls back with each bundle; returns the way to stop. */
  onBundle(listener: (things: readonly Thing[]) => void): () => void;
  /** Tells nothing more. */
  stop(): void;
}

const BUNDLE_MS = 100;

/** A bundle that is told about 100 ms after its first change; no timer runs while nothing changes. */
export function createBundle<Thing>(): Bundle<Thing> {
  const listeners = createListeners<readonly Thing[]>();
  const changed = new Map<string, () => Thing>();
  let timer: NodeJS.Timeout | undefined;
  const tell = () => {
    timer = undefined;
    const things = [...changed.values()].map((read) => read());
    changed.clear();
    listeners.tell(things);
  };
  return {
    add(thing, id) {
      if (listeners.count === 0) return;
      changed.set(id, thing);
      timer ??= setTimeout(tell, BUNDLE_MS).unref();
    },
    onBundle: listeners.add,
    stop() {
      clearTimeout(timer);
      timer = undefined;
      changed.clear();
    },
  };
}
