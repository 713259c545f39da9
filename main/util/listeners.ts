// A list of callbacks: the house's only way to say that something has changed.

/** Callbacks that are told one value each time. */
export interface Listeners<Value> {
  /** Adds a callback; returns the way to remove it. */
  add(listener: (value: Value) => void): () => void;
  /** Calls every callback in the order in which they came. */
  tell(value: Value): void;
  /** How many listen. */
  readonly count: number;
}

/** An empty list. */
export function createListeners<Value = void>(): Listeners<Value> {
  const listeners = new Set<{ readonly call: (value: Value) => void }>();
  return {
    add(call) {
      const entry = { call };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    tell(value) {
      for (const { call } of listeners) call(value);
    },
    get count() {
      return listeners.size;
    },
  };
}
