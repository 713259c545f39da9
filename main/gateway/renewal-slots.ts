// How many logins are renewed at a time, and how soon after one another: no upstream sees all of them at once after a wake.
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';

/** Places for renewals. */
export interface RenewalSlots {
  /** Waits for a place and takes it; whoever waits longest comes first. */
  take(): Promise<void>;
  /** Takes a place where one is free, nobody waits and the last beginning is some time ago. */
  tryTake(): boolean;
  give(): void;
  /** How long until `tryTake` can succeed, in milliseconds; undefined where a place must be given back first. */
  wait(): number | undefined;
}

const MOST_AT_A_TIME = 2;
const GAP_MS = 2_000;

/** All places free. */
export function createRenewalSlots(clock: Clock): RenewalSlots {
  const waiting: (() => void)[] = [];
  let busy = 0;
  let next: Deadline | undefined;
  const wait = () => (next === undefined ? 0 : readRemaining(clock, next));
  return {
    take: async () => {
      if (busy < MOST_AT_A_TIME) busy += 1;
      else await new Promise<void>((resolve) => waiting.push(resolve));
    },
    tryTake: () => {
      if (busy >= MOST_AT_A_TIME || wait() > 0) return false;
      busy += 1;
      next = createDeadline(clock, GAP_MS);
      return true;
    },
    give: () => {
      const first = waiting.shift();
      if (first === undefined) busy -= 1;
      else first();
    },
    wait: () => (busy >= MOST_AT_A_TIME ? undefined : wait()),
  };
}
