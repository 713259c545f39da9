// Ends programs that a Patchbay which was killed hard has left behind. Each program has a folder of its own for temporary
// files; its process id is written there as long as it runs.
import { execFile } from 'node:child_process';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { signalTree } from '../../subprocess/terminate.ts';

const PID_FILE = 'pid';

/** Notes that the program `pid` works in `folder`; what cannot be written is no reason to stop it. */
export async function notePid(folder: string, pid: number | undefined): Promise<void> {
  if (pid !== undefined) await writeFile(join(folder, PID_FILE), String(pid)).catch(() => {});
}

/** Ends every program whose folder lies in `temporary`, and removes them all. Never rejects. */
export async function endLeftovers(temporary: string): Promise<void> {
  const folders = await readdir(temporary).catch(() => []);
  await Promise.all(folders.map((name) => endLeftover(join(temporary, name))));
  await rm(temporary, { recursive: true, force: true }).catch(() => {});
}

async function endLeftover(folder: string): Promise<void> {
  const pid = Number(await readFile(join(folder, PID_FILE), 'utf8').catch(() => ''));
  if (Number.isSafeInteger(pid) && pid > 1 && (await isOurs(pid, folder))) signalTree(pid, 'SIGKILL');
}

/** Ids are given anew: only a program that knows the folder is the one that was started with it. */
async function isOurs(pid: number, folder: string): Promise<boolean> {
  try {
    if (process.platform === 'linux') {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
      return environment.split('\0').includes(`TMPDIR=${folder}`);
    }
    if (process.platform === 'win32') return false; // there the program ends with its input
    const { stdout } = await promisify(execFile)('ps', ['-E', '-ww', '-o', 'command=', '-p', String(pid)]);
    return stdout.includes(`TMPDIR=${folder}`);
  } catch {
    return false;
  }
}
