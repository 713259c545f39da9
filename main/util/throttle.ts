// Keeps what happens often from being told as often.
import type { Clock } from './clock.ts';

/** Calls at once, and then at most once in `ms`; the last call is never lost. */
export function createThrottle(clock: Clock, call: () => void, ms: number): () => void {
  let isWaiting = false;
  let isCalled = false;
  const ask = () => {
    isCalled = isWaiting;
    if (isWaiting) return;
    isWaiting = true;
    call();
    clock.schedule(() => {
      isWaiting = false;
      if (isCalled) ask();
    }, ms);
  };
  return ask;
}
