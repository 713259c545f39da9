// Those who wait for a place at an account, first come, first served. Knows no order of accounts: who is asked says whether
// there is something to take.

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
  readonly count: number;
}

/** `wait` where there is nothing yet. */
export type Take<Taken> = () => Taken | undefined | 'wait';

interface Waiter {
  readonly accounts: ReadonlySet<string>;
  /** Whether it has taken something. */
  tryAgain(): boolean;
}

/** Nobody waits. */
export function createWaiters<Taken extends object>(): Waiters<Taken> {
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
          tryAgain: () => {
            const taken = take();
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
    get count() {
      return waiters.size;
    },
  };
}
