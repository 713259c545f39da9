// A clock that a test moves: both hands together, or one of them, as a sleep or a set clock does.
import type { Clock } from '../../main/util/clock.ts';

/** The clock and its hands. */
export interface VirtualClock extends Clock {
  /** Lets the time pass and runs what falls due, in order; lets promises settle in between. */
  advance(ms: number): Promise<void>;
  /** The machine sleeps: the wall clock goes on, everything else stands still. Timers are late by as much. */
  sleep(ms: number): void;
  /** Somebody sets the wall clock. */
  setWall(ms: number): void;
  /** When the next task falls due, by `uptime`; undefined where none waits. */
  next(): number | undefined;
}

/**
 * A clock that stands at this moment. `turns` is how often it lets others go on after each task; one is enough where all that
 * is waited for is its own time.
 */
export function createVirtualClock(start = Date.UTC(2026, 0, 5, 12), turns = 5): VirtualClock {
  let wall = start;
  let up = 0;
  let count = 0;
  const tasks = new Map<number, { readonly at: number; readonly task: () => void }>();
  const findNext = () => {
    let found: number | undefined;
    for (const [id, { at }] of tasks) {
      const best = found === undefined ? undefined : tasks.get(found);
      if (best === undefined || at < best.at) found = id;
    }
    return found;
  };
  const settle = async () => {
    // Several turns: a task may start what starts what.
    for (let turn = 0; turn < turns; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
  };
  return {
    now: () => wall,
    uptime: () => up,
    schedule: (task, ms) => {
      const id = count;
      count += 1;
      tasks.set(id, { at: up + Math.max(0, ms), task });
      return () => tasks.delete(id);
    },
    advance: async (ms) => {
      // What has just been begun reckons from before.
      await settle();
      const end = up + ms;
      for (;;) {
        const id = findNext();
        const due = id === undefined ? undefined : tasks.get(id);
        if (id === undefined || due === undefined || due.at > end) break;
        wall += due.at - up;
        up = due.at;
        tasks.delete(id);
        due.task();
        await settle();
      }
      wall += end - up;
      up = end;
      await settle();
    },
    sleep: (ms) => {
      wall += ms;
    },
    setWall: (ms) => {
      wall = ms;
    },
    next: () => {
      const id = findNext();
      return id === undefined ? undefined : tasks.get(id)?.at;
    },
  };
}
