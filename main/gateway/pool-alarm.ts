// Tells in time what has become of the pool: that a rest is over, that turns were taken. Makes nobody available: who rests is
// read off the clocks at each request.
import type { Clock } from '../util/clock.ts';

/** The timers of a pool: never more than two, however much goes on. */
export interface PoolAlarm {
  /** Rings when the next rest ends, and now and then until then: timers sleep with the machine. */
  arm(): void;
  /** Something small has happened; told in a while, together with what else happens. */
  tellSoon(): void;
  /** Tells nothing more. */
  close(): void;
}

/** What the timers need. */
export interface PoolAlarmOptions {
  readonly clock: Clock;
  /** Until the next rest ends, in milliseconds; undefined where nobody waits for anything. */
  readonly next: () => number | undefined;
  readonly ring: () => void;
  readonly tell: () => void;
}

/** What ended while the machine slept is told at the latest after this long awake. */
const COARSE_MS = 30_000;

/** Turns are too many to tell each. */
const TELL_MS = 500;

/** Timers that are not set. */
export function createPoolAlarm({ clock, next, ring, tell }: PoolAlarmOptions): PoolAlarm {
  let alarm: { readonly at: number; readonly cancel: () => void } | undefined;
  let telling: (() => void) | undefined;
  let isClosed = false;
  const arm = () => {
    const wanted = isClosed ? undefined : next();
    if (wanted === undefined) return;
    const ms = Math.min(wanted, COARSE_MS);
    const at = clock.uptime() + ms;
    if (alarm !== undefined && alarm.at <= at) return;
    alarm?.cancel();
    const run = () => {
      alarm = undefined;
      ring();
      arm();
    };
    alarm = { at, cancel: clock.schedule(run, ms) };
  };
  return {
    arm,
    tellSoon: () => {
      if (isClosed) return;
      telling ??= clock.schedule(() => {
        telling = undefined;
        tell();
      }, TELL_MS);
    },
    close: () => {
      isClosed = true;
      alarm?.cancel();
      telling?.();
    },
  };
}
