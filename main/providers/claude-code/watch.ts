// Notices that a program has been silent for too long. Knows nothing of what it says.
import type { UpstreamLimits } from '../provider.ts';

/** Tells time while a reply is awaited. */
export interface Watch {
  /** Something was heard, or may be heard again. Lines before the answer do not prolong the wait for it. */
  touch(begun?: boolean): void;
  /** Silence is not the program's fault, or does not matter any more. */
  hold(): void;
}

/** Calls `onSilence` when nothing was heard for too long: before the answer begins, or within it. */
export function createWatch(onSilence: () => void, { firstByteMs, idleMs }: UpstreamLimits): Watch {
  let timer: NodeJS.Timeout | undefined;
  let within = false;
  const start = () => {
    clearTimeout(timer);
    timer = setTimeout(onSilence, within ? idleMs : firstByteMs);
  };
  return {
    touch: (begun = within) => {
      if (timer === undefined || begun !== within) {
        within = begun;
        start();
      } else if (within) timer.refresh();
    },
    hold: () => {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
