// Waiting that ends when nobody wants the answer any more.
import { GatewayError } from '../../canonical/errors.ts';

/** Resolves after `ms`; rejects with `GatewayError` as soon as the signal aborts, and keeps nothing alive. */
export function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      clearTimeout(timer);
      const { reason } = signal;
      reject(reason instanceof GatewayError ? reason : new GatewayError('aborted', 'The client hung up.'));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', leave);
      resolve();
    }, ms);
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
  });
}
