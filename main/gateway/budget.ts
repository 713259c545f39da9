// The time that a request may look for somebody who answers, and the client's patience, in one signal. Knows no account.
import { GatewayError } from '../canonical/errors.ts';
import type { Clock } from '../util/clock.ts';
import { writeDuration } from '../util/time-words.ts';

/** What is left for one request. */
export interface Budget {
  /** Aborted when the client has gone or the time is over. */
  readonly signal: AbortSignal;
  readonly isOver: boolean;
  readonly ms: number;
  /** Milliseconds until it is over. */
  left(): number;
  /** Resolves after so many milliseconds; rejects with the reason when the signal aborts. */
  pause(ms: number): Promise<void>;
  /** The search begins or goes on: the signal aborts when the time is over. */
  start(): void;
  /** An answer has begun: from now on only the client ends it. */
  stop(): void;
  /** Nobody needs the signal any more. */
  close(): void;
}

/** A budget that is counted from now on. The time is that of this machine awake: while it sleeps nobody looks. */
export function openBudget(clock: Clock, ms: number, client: AbortSignal): Budget {
  const controller = new AbortController();
  const { signal } = controller;
  let isOver = false;
  let cancel: (() => void) | undefined;
  const left = () => Math.max(0, end - clock.uptime());
  const end = clock.uptime() + ms;
  const expire = () => {
    isOver = true;
    controller.abort(new GatewayError('timeout', `Nothing answered within ${writeDuration(ms)}.`));
  };
  const stop = () => {
    cancel?.();
    cancel = undefined;
  };
  const leave = () => controller.abort(client.reason);
  if (client.aborted) leave();
  else client.addEventListener('abort', leave, { once: true });
  return {
    signal,
    get isOver() {
      return isOver;
    },
    ms,
    left,
    pause: (waitMs) => pause(clock, waitMs, signal),
    start: () => {
      if (left() === 0) expire();
      else cancel ??= clock.schedule(expire, left());
    },
    stop,
    close: () => {
      stop();
      client.removeEventListener('abort', leave);
    },
  };
}

/** Resolves after `ms`; rejects with the signal's reason where that aborts before. */
function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.schedule(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
