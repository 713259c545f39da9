// Ends what programs leave behind: those that a Patchbay which was killed hard has left running, and what an agent's commands
// have started. Each program has a folder of its own for temporary files, by which it and all that it starts are known.
import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { signalTree } from '../../subprocess/terminate.ts';

const PID_FILE = 'pid';
const MOST_LOOKS = 20;
const MOST_LISTED_BYTES = 64 * 1024 ** 2;
/** How long a command may tidy up, such as a lock that others would wait for. */
const POLITE_MS = 500;
const LOOK_MS = 20;

/** Notes that the program `pid` works in `folder`; what cannot be written is no reason to stop it. */
export async function notePid(folder: string, pid: number | undefined): Promise<void> {
  if (pid !== undefined) await writeFile(join(folder, PID_FILE), String(pid)).catch(() => {});
}

/** Ends every program whose folder lies in `temporary` and all that it started, and removes the folders. Never rejects. */
export async function endLeftovers(temporary: string): Promise<void> {
  const names = await readdir(temporary).catch(() => []);
  const folders = names.map((name) => join(temporary, name));
  await Promise.all(folders.map(endLeftover));
  if (folders.length > 0) await endStrays(folders);
  await rm(temporary, { recursive: true, force: true }).catch(() => {});
}

/** Ends what still runs of that which the programs of these folders have started, in whatever session: politely, then for good. Never rejects. */
export async function endStrays(folders: readonly string[]): Promise<void> {
  const marks = new Set(folders.map((folder) => `TMPDIR=${folder}`));
  let left = await findMarked(marks);
  signalAll(left, 'SIGTERM');
  for (const until = performance.now() + POLITE_MS; left.length > 0 && performance.now() < until; ) {
    await wait(LOOK_MS);
    left = await findMarked(marks);
  }
  // What is told to end is there for a moment more, and may just have started something.
  for (let look = 0; left.length > 0 && look < MOST_LOOKS; look += 1) {
    signalAll(left, 'SIGKILL');
    await wait(LOOK_MS);
    left = await findMarked(marks);
  }
}

function signalAll(pids: readonly number[], signal: 'SIGTERM' | 'SIGKILL'): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch {
      // It ended by itself in the meantime.
    }
  }
}

async function endLeftover(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, PID_FILE), 'utf8').catch(() => ''));
  if (Number.isSafeInteger(pid) && pid > 1 && (await isOurs(pid, folder))) signalTree(pid, 'SIGKILL');
}

/** Ids are given anew: only a program that knows the folder is the one that was started with it. */
async function isOurs(pid: number, folder: string): Promise<boolean> {
  const mark = `TMPDIR=${folder}`;
  if (process.platform === 'linux') return (await readEnvironment(pid)).includes(mark);
  return (await listProcesses(['-p', String(pid)])).some(({ words }) => words.includes(mark));
}

async function findMarked(marks: ReadonlySet<string>): Promise<number[]> {
  if (process.platform !== 'linux') {
    const all = await listProcesses(['-x']);
    return all.filter(({ words }) => words.some((word) => marks.has(word))).map(({ pid }) => pid);
  }
  const pids = (await readdir('/proc').catch(() => [])).map(Number).filter((pid) => pid > 1);
  const found = await Promise.all(
    pids.map(async (pid) => ((await readEnvironment(pid)).some((entry) => marks.has(entry)) ? [pid] : [])),
  );
  return found.flat().filter((pid) => pid !== process.pid);
}

/** Empty where it is not ours to see, or the process is gone. */
async function readEnvironment(pid: number): Promise<string[]> {
  const text = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  return text.split('\0');
}

/** On systems without `/proc`; none on Windows, where all of it ends with the program. */
async function listProcesses(which: readonly string[]): Promise<{ pid: number; words: string[] }[]> {
  if (process.platform === 'win32') return [];
  try {
    const args = ['-E', '-ww', '-o', 'pid=,command=', ...which];
    const { stdout } = await promisify(execFile)('ps', args, { maxBuffer: MOST_LISTED_BYTES });
    return stdout.split('\n').map((line) => ({ pid: Number.parseInt(line, 10), words: line.split(' ') }));
  } catch {
    return [];
  }
}
