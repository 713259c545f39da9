// A map that keeps what was set lately: for what strangers can make up names for.

/** The newest entries. */
export interface RecentMap<Value> {
  get(key: string): Value | undefined;
  /** Makes it the newest. */
  set(key: string, value: Value): void;
  delete(key: string): void;
  /** Oldest first. */
  entries(): Iterable<[key: string, value: Value]>;
  readonly size: number;
}

/** An empty map; with more than `most` entries the oldest goes. */
export function createRecentMap<Value>(most: number): RecentMap<Value> {
  const map = new Map<string, Value>();
  return {
    get: (key) => map.get(key),
    set: (key, value) => {
      map.delete(key);
      map.set(key, value);
      if (map.size <= most) return;
      for (const oldest of map.keys()) {
        map.delete(oldest);
        return;
      }
    },
    delete: (key) => void map.delete(key),
    entries: () => map.entries(),
    get size() {
      return map.size;
    },
  };
}
