// Those who wait for a place at an account, first come, first served, and how long they are patient. Knows no order of
// accounts: who is asked says whether there is something to take.
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';

/** The queue. */
export interface Waiters<Taken> {
  /**
   * Waits until `take` gives something; the answer `undefined` ends the wait as well, with nothing. Rejects with the reason of
   * the signal.
   */
  wait(take: Take<Taken>, accounts: ReadonlySet<string>, signal: AbortSignal): Promise<Taken | undefined>;
  /** Lets all try, in order. */
  wakeAll(): void;
  /** A place at this account is free: lets those try who may want it, until one has taken it. */
  wake(account: string): void;
  /** Until the next one loses patience, in milliseconds; undefined where nobody will. It is for `wakeAll` to let that one know. */
  next(): number | undefined;
}

/** `wait` where there is nothing yet; who `isLate` has lost patience. */
export type Take<Taken> = (isLate: boolean) => Taken | undefined | 'wait';

interface Waiter {
  readonly accounts: ReadonlySet<string>;
  /** Undefined once it is lost. */
  patience: Deadline | undefined;
  /** Whether it has taken something. */
  tryAgain(): boolean;
}

/** Who has waited that long for an account that is busy is better served by one that may fail. */
const PATIENCE_MS = 20_000;

/** Nobody waits. */
export function createWaiters<Taken extends object>(clock: Clock): Waiters<Taken> {
  const waiters = new Set<Waiter>();
  return {
    wait: (take, accounts, signal) =>
      new Promise((resolve, reject) => {
        const leave = () => {
          waiters.delete(waiter);
          signal.removeEventListener('abort', abort);
        };
        const abort = () => {
          leave();
          reject(signal.reason);
        };
        const waiter: Waiter = {
          accounts,
          patience: createDeadline(clock, PATIENCE_MS),
          tryAgain: () => {
            const { patience } = waiter;
            if (patience !== undefined && readRemaining(clock, patience) === 0) waiter.patience = undefined;
            const taken = take(waiter.patience === undefined);
            if (taken === 'wait') return false;
            leave();
            resolve(taken);
            return taken !== undefined;
          },
        };
        waiters.add(waiter);
        signal.addEventListener('abort', abort);
      }),
    wakeAll: () => {
      for (const waiter of [...waiters]) waiter.tryAgain();
    },
    wake: (account) => {
      for (const waiter of waiters) if (waiter.accounts.has(account) && waiter.tryAgain()) return;
    },
    next: () => {
      // All are equally patient: of those who still are, the first is the first to lose it.
      for (const { patience } of waiters) if (patience !== undefined) return readRemaining(clock, patience);
      return undefined;
    },
  };
}
