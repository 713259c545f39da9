// Where everything lives that Patchbay keeps, and the lock that keeps a second Patchbay out of it.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** The folder in use by this process alone. */
export interface DataFolder {
  readonly path: string;
  /** Lets others use it; also done when the process exits. */
  release(): void;
}

/** Another Patchbay already uses the folder. */
export class DataFolderTaken extends Error {
  override readonly name = 'DataFolderTaken';
  /** Process id of the other Patchbay. */
  readonly pid: number;

  constructor(path: string, pid: number, lockFile: string) {
    super(
      `Another Patchbay (process ${pid}) already uses ${path}. Quit it, or choose another folder with PATCHBAY_DATA_DIR. ` +
        `If process ${pid} is no Patchbay, remove ${lockFile}.`,
    );
    this.pid = pid;
  }
}

/** What decides where the folder is. */
export interface DataFolderOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly platform?: NodeJS.Platform;
  readonly home?: string;
}

/** `PATCHBAY_DATA_DIR`, else the usual place of this system; nothing is made. */
export function findDataFolder({ environment, platform = process.platform, home = homedir() }: DataFolderOptions) {
  const own = environment.PATCHBAY_DATA_DIR;
  if (own) return resolve(own);
  if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'Patchbay');
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Patchbay');
  return join(environment.XDG_DATA_HOME || join(home, '.local', 'share'), 'patchbay');
}

/** Makes the folder, for its owner only, and locks it. Throws `DataFolderTaken` while another Patchbay has it. */
export function openDataFolder(options: DataFolderOptions): DataFolder {
  const path = findDataFolder(options);
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw createUnusable(path, cause);
  }
  const lockFile = join(path, 'patchbay.lock');
  const mark = takeLock(path, lockFile);
  removeLeftovers(path);
  const release = () => {
    process.off('exit', release);
    if (readText(lockFile) === mark) rmSync(lockFile, { force: true });
  };
  process.on('exit', release);
  return { path, release };
}

function createUnusable(path: string, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const advice = 'Mend that, or choose another folder with PATCHBAY_DATA_DIR.';
  return new Error(`The data folder ${path} cannot be used: ${reason}. ${advice}`, { cause });
}

/**
 * Removes what was being written when an earlier Patchbay was killed, or what a full disk has left; the files themselves are
 * whole. What is younger than `ageMs` may still be at work. Tells how much there was.
 */
export function removeLeftovers(path: string, ageMs = 0): number {
  const isOld = (file: string) => {
    const written = statSync(file, { throwIfNoEntry: false });
    return written !== undefined && Date.now() - written.mtimeMs >= ageMs;
  };
  const names = readdirSync(path).filter((name) => /\.tmp(-[0-9a-f]+)?$/.test(name));
  const files = names.map((name) => join(path, name)).filter((file) => ageMs === 0 || isOld(file));
  for (const file of files) rmSync(file, { force: true, recursive: true });
  return files.length;
}

function takeLock(path: string, lockFile: string): string {
  const mark = `${process.pid} ${readStartMark(process.pid) ?? ''}`.trim();
  for (;;) {
    try {
      writeFileSync(lockFile, mark, { flag: 'wx', mode: 0o600 });
      return mark;
    } catch (error) {
      if (!isCode(error, 'EEXIST')) throw createUnusable(path, error);
    }
    const found = readLock(lockFile);
    if (found === undefined) continue;
    const holder = readHolder(found);
    if (holder !== undefined) throw new DataFolderTaken(path, holder, lockFile);
    removeStale(lockFile, found);
  }
}

/** The lock, or undefined where it has gone meanwhile. Throws where it is there and cannot be read, now or later. */
function readLock(lockFile: string): string | undefined {
  try {
    return readFileSync(lockFile, 'utf8');
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The lock ${lockFile} cannot be read: ${reason}. Remove it if no Patchbay runs.`, { cause });
  }
}

/** Moves the dead lock away first, so that of two starting at once only one can believe that it was dead. */
function removeStale(lockFile: string, found: string): void {
  const aside = `${lockFile}.${process.pid}`;
  try {
    renameSync(lockFile, aside);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return;
    throw error;
  }
  if (readText(aside) === found) rmSync(aside, { force: true });
  else renameSync(aside, lockFile);
}

/** The process that wrote the lock, if it still lives. */
function readHolder(lock: string): number | undefined {
  const [first = '', ...rest] = lock.trim().split(' ');
  const pid = Number(first);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  const startMark = readStartMark(pid);
  const written = rest.join(' ');
  // Process ids repeat, in containers with every start; the time a process began does not.
  if (startMark !== undefined && written !== '') return startMark === written ? pid : undefined;
  return isAlive(pid) && pid !== process.pid ? pid : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return isCode(error, 'EPERM');
  }
}

/** When a process began, on systems that tell it in a file. */
function readStartMark(pid: number): string | undefined {
  const line = readText(`/proc/${pid}/stat`);
  const boot = readText('/proc/sys/kernel/random/boot_id')?.trim();
  // The second field is the program's name in brackets and may hold anything; the start time is field 22.
  const start = line?.slice(line.lastIndexOf(')') + 2).split(' ')[19];
  return start === undefined || boot === undefined ? undefined : `${boot} ${start}`;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
