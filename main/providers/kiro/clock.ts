// Time as the calls see it: what it is now, and waiting that ends when nobody wants the answer any more.
import { GatewayError } from '../../canonical/errors.ts';

/** The time, and a way to let it pass. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Resolves after `ms`; rejects with `GatewayError` (`aborted`) as soon as the signal aborts, and keeps nothing alive. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The clock of this machine. */
export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  wait: async (ms, signal) => {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    try {
      await untilAborted(over, signal);
    } finally {
      clearTimeout(timer);
    }
  },
};

/** What `work` comes to, or a `GatewayError` when the signal aborts before; `work` goes on. */
export function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  if (signal.aborted) return Promise.reject(readAbort(signal));
  return new Promise((resolve, reject) => {
    const leave = () => reject(readAbort(signal));
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}

/** Why the signal has aborted: the `GatewayError` that it was given, or that the client has left. */
export function readAbort({ reason }: AbortSignal): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError('aborted', 'The client hung up.', { cause: reason });
}
