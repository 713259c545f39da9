// How long one account may say nothing while another could serve at once. Ends an attempt, never a search: whoever stops
// talking once it has begun is its provider's matter.
import { GatewayError } from '../canonical/errors.ts';
import type { Clock } from '../util/clock.ts';
import { writeDuration } from '../util/time-words.ts';

/** The patience with one attempt. */
export interface Patience {
  /** For this attempt alone: aborted when it has lasted too long without a sign, and with the signal that it was made of. */
  readonly signal: AbortSignal;
  /** The upstream has said something: it is left to its work. */
  sign(): void;
  /** The attempt has failed; nobody needs the signal any more. */
  close(): void;
}

/** What it depends on. */
export interface PatienceOptions {
  readonly clock: Clock;
  /** 0 waits without end. */
  readonly ms: number;
  readonly signal: AbortSignal;
  readonly provider: string;
  /** Whether another could serve at once; asked when the time is over, and again after as long where none could. */
  readonly canMove: () => boolean;
}

/** Patience that is counted from now on. */
export function openPatience({ clock, ms, signal: whole, provider, canMove }: PatienceOptions): Patience {
  const controller = new AbortController();
  const leave = () => controller.abort(whole.reason);
  if (whole.aborted) leave();
  else whole.addEventListener('abort', leave, { once: true });
  const look = () => {
    if (!canMove()) {
      cancel = clock.schedule(look, ms);
      return;
    }
    const message = `Nothing came within ${writeDuration(ms)}, and another account could serve.`;
    controller.abort(new GatewayError('timeout', message, { provider }));
  };
  let cancel = ms === 0 ? undefined : clock.schedule(look, ms);
  const sign = () => {
    cancel?.();
    cancel = undefined;
  };
  return {
    signal: controller.signal,
    sign,
    close: () => {
      sign();
      whole.removeEventListener('abort', leave);
    },
  };
}

/** For an attempt that nobody else could take over. */
export function openEndlessPatience(signal: AbortSignal): Patience {
  return { signal, sign: () => {}, close: () => {} };
}
