// Runs programs without a shell: a bounded number at a time, in the order of asking, and none outlives its owner.
// What the programs say is bytes here; their meaning is the caller's.
import { execa } from 'execa';
import { createLadder, type LadderTimes, OWN_GROUP, signalTree } from './terminate.ts';

/** What to run. */
export interface ProgramCall {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** An open file that the program gets as its descriptor 3; it stays the caller's to close. */
  readonly descriptor?: number | undefined;
  /** Gets the standard output as it comes. Called synchronously, so that a reaction is not a moment late. */
  readonly onOutput: (chunk: Buffer) => void;
  /** Gets the standard error as it comes, for programs whose complaints do not end them. */
  readonly onComplaint?: (text: string) => void;
}

/** How a program ended. */
export interface ProgramExit {
  readonly code: number | undefined;
  readonly signal: string | undefined;
  /** Why it could not be started at all (`ENOENT`, `EACCES`, ...). */
  readonly failure: string | undefined;
  /** The end of its standard error. */
  readonly stderr: string;
}

/** A program that runs. */
export interface Program {
  readonly pid: number | undefined;
  /** Resolves when the program has taken the text, or will never take it. */
  write(text: string): Promise<void>;
  /** Closes the input and gives the program `graceMs` to end by itself. */
  finish(graceMs: number): void;
  /** Sends SIGINT at once, then climbs to SIGTERM and SIGKILL. */
  interrupt(): void;
  /** Sends SIGTERM to the whole tree, then SIGKILL. */
  terminate(): void;
  /** Stops reading the output, so that the pipe fills. */
  pause(): void;
  resume(): void;
  /** Resolves when the program has ended and all its output was handed over; never rejects. */
  readonly exited: Promise<ProgramExit>;
}

/** Runs programs within one limit. */
export interface ProgramRunner {
  /** Waits for a free place, then starts the program. Rejects with the signal's reason when it aborts in the queue. */
  run(call: ProgramCall, signal: AbortSignal): Promise<Program>;
  /** Ends every program; resolves when none is left. Later calls of `run` reject. */
  close(): Promise<void>;
}

const STDERR_TAIL_CHARS = 16_384;
/** How long a program's pipes may stay open, held by what it started, after it has ended. */
const LINGER_MS = 500;
const TIMES: LadderTimes = { termAfterMs: 1_000, killAfterMs: 2_000 };

/** A runner for at most `most()` programs at a time, asked whenever one wants to start or has ended. */
export function createProgramRunner(most: () => number, times: LadderTimes = TIMES): ProgramRunner {
  const running = new Set<Program>();
  const places = createPlaces(most);
  let closed = false;
  const killAll = () => {
    for (const { pid } of running) if (pid !== undefined) signalTree(pid, 'SIGKILL');
  };
  /** What can never be started, such as an argument with a zero byte, must not keep its place. */
  const startOrGive = (call: ProgramCall): Program => {
    try {
      return startProgram(call, times);
    } catch (error) {
      places.give();
      throw error;
    }
  };

  return {
    run: async (call, signal) => {
      await places.take(signal);
      if (closed || signal.aborted) {
        places.give();
        throw closed ? new Error('The runner is closed.') : signal.reason;
      }
      const program = startOrGive(call);
      if (running.size === 0) process.on('exit', killAll);
      running.add(program);
      void program.exited.then(() => {
        running.delete(program);
        if (running.size === 0) process.off('exit', killAll);
        places.give();
      });
      return program;
    },
    close: async () => {
      closed = true;
      for (const program of running) program.terminate();
      await Promise.all([...running].map(({ exited }) => exited));
    },
  };
}

function startProgram(
  { file, args, env, cwd, descriptor, onOutput, onComplaint }: ProgramCall,
  times: LadderTimes,
): Program {
  const child = execa(file, [...args], {
    cwd,
    env,
    extendEnv: false,
    // Its types know the lowest numbers only.
    stdio: ['pipe', 'pipe', 'pipe', ...(descriptor === undefined ? [] : [descriptor as 3])],
    buffer: false,
    reject: false,
    cleanup: false,
    detached: OWN_GROUP,
    windowsHide: true,
  });
  const { pid, stdin, stdout, stderr } = child;
  const ladder = pid === undefined ? undefined : createLadder(pid, times);
  let grace: NodeJS.Timeout | undefined;
  let tail = '';
  stdin.on('error', () => {}); // the program may end while we write; how it ended says more
  stdout.on('data', onOutput);
  stderr.setEncoding('utf8').on('data', (text: string) => {
    tail = (tail + text).slice(-STDERR_TAIL_CHARS);
    onComplaint?.(text);
  });
  let linger: NodeJS.Timeout | undefined;
  child.once('exit', () => {
    ladder?.clear();
    linger = setTimeout(() => {
      stdout.destroy();
      stderr.destroy();
    }, LINGER_MS);
  });
  const exited = child.then(({ exitCode, signal, code }): ProgramExit => {
    clearTimeout(grace);
    clearTimeout(linger);
    ladder?.clear();
    return { code: exitCode, signal, failure: pid === undefined ? (code ?? 'unknown') : undefined, stderr: tail };
  });

  return {
    pid,
    exited,
    write: (text) =>
      new Promise((resolve) => {
        if (stdin.destroyed || stdin.writableEnded) return resolve();
        stdin.once('close', resolve);
        stdin.write(text, () => {
          stdin.off('close', resolve);
          resolve();
        });
      }),
    finish: (graceMs) => {
      if (stdin.writableEnded) return;
      stdin.end();
      grace = setTimeout(() => ladder?.climb('SIGTERM'), graceMs);
    },
    interrupt: () => {
      stdout.resume(); // the end comes only when all output has been read
      ladder?.climb('SIGINT');
    },
    terminate: () => {
      stdout.resume();
      ladder?.climb('SIGTERM');
    },
    pause: () => void stdout.pause(),
    resume: () => void stdout.resume(),
  };
}

/** Places in the order of asking; where the limit has become smaller, none is given until enough are free. */
function createPlaces(most: () => number) {
  let taken = 0;
  const waiting = new Set<() => void>();
  const admit = () => {
    for (const enter of waiting) if (taken < most()) enter();
  };
  return {
    take: (signal: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        const leave = () => {
          waiting.delete(enter);
          reject(signal.reason);
        };
        const enter = () => {
          waiting.delete(enter);
          signal.removeEventListener('abort', leave);
          taken += 1;
          resolve();
        };
        waiting.add(enter);
        signal.addEventListener('abort', leave, { once: true });
        admit();
      }),
    give: () => {
      taken -= 1;
      admit();
    },
  };
}
