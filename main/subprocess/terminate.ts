// Ends a program and everything that it started: first politely, then for good. Knows nothing of what the program does.
import { spawn } from 'node:child_process';

/** Signals that a ladder sends, mildest first. */
export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

/** When the ladder goes on to its next rungs, in milliseconds after the first. */
export interface LadderTimes {
  readonly termAfterMs: number;
  readonly killAfterMs: number;
}

const isWindows = process.platform === 'win32';

/** Whether children get a process group of their own, so that the whole tree can be reached by one signal. */
export const OWN_GROUP = !isWindows;

/** Sends `signal` to a process; from SIGTERM on to all that it started, too. A process that is gone is no error. */
export function signalTree(pid: number, signal: Signal): void {
  if (isWindows) {
    // Windows has no signals: anything but a forced end of the tree would be ignored by a program without a window.
    spawn('taskkill', ['/pid', String(pid), '/t', '/f'], { stdio: 'ignore', windowsHide: true }).on('error', () => {});
    return;
  }
  try {
    process.kill(signal === 'SIGINT' ? pid : -pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
}

/** The ladder of one process. */
export interface Ladder {
  /** Steps on the ladder at `first` and climbs it until the process is gone; a later call may only start higher. */
  climb(first: Signal): void;
  /** The process is gone: no further signal. */
  clear(): void;
}

/** A ladder for the process `pid`. */
export function createLadder(pid: number, { termAfterMs, killAfterMs }: LadderTimes): Ladder {
  let timers: NodeJS.Timeout[] = [];
  let height = 0;
  const rungs: readonly Signal[] = ['SIGINT', 'SIGTERM', 'SIGKILL'];
  const step = (signal: Signal) => {
    height = Math.max(height, rungs.indexOf(signal) + 1);
    signalTree(pid, signal);
  };
  return {
    climb: (first) => {
      if (height > rungs.indexOf(first)) return;
      const climbing = timers.length > 0;
      step(first);
      if (climbing || first === 'SIGKILL') return;
      if (first === 'SIGINT') timers.push(setTimeout(step, termAfterMs, 'SIGTERM'));
      timers.push(setTimeout(step, killAfterMs, 'SIGKILL'));
    },
    clear: () => {
      for (const timer of timers) clearTimeout(timer);
      timers = [];
      height = rungs.length;
    },
  };
}
