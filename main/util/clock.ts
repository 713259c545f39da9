// Time as the house sees it. Two clocks, as neither can be trusted alone: the wall clock is set by hand and by networks, the
// other stands still while the machine sleeps.

/** The time, and a way to be called later. */
export interface Clock {
  /** The wall clock, in milliseconds since 1970. */
  now(): number;
  /** Milliseconds since some moment; never goes back, and may stand still while the machine sleeps. */
  uptime(): number;
  /** Calls back once after `ms`, or later where the machine slept; keeps no process alive. Returns the way to prevent it. */
  schedule(task: () => void, ms: number): () => void;
}

/** Timers of Node's fire at once beyond this. */
const LONGEST_MS = 2 ** 31 - 1;

/** The clocks of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  uptime: () => performance.now(),
  schedule: (task, ms) => {
    const timer = setTimeout(task, Math.min(Math.max(0, ms), LONGEST_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A moment that is over as soon as either clock says so. */
export interface Deadline {
  /** By the wall clock. */
  readonly at: number;
  /** By the other one. */
  readonly uptime: number;
}

/** The moment `ms` from now. */
export function createDeadline(clock: Clock, ms: number): Deadline {
  return { at: clock.now() + ms, uptime: clock.uptime() + ms };
}

/** How long it is until then, in milliseconds; 0 when it is over. */
export function readRemaining(clock: Clock, { at, uptime }: Deadline): number {
  return Math.max(0, Math.min(at - clock.now(), uptime - clock.uptime()));
}
