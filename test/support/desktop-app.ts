// The real desktop app for a test: started by Playwright on a screen of its own, with its data in a temporary folder. Needs
// a build and an Electron runtime.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { _electron, type ElectronApplication, type Page } from 'playwright';
import { findTool } from './tools.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');

/** The running app. */
export interface DesktopApp {
  readonly electron: ElectronApplication;
  readonly page: Page;
  /** `http://127.0.0.1:PORT`, where its door is told to open. */
  readonly url: string;
  /** Starts it a second time with the same data; resolves with the exit code. */
  startAgain(): Promise<number | null>;
  /** Every process of the app at this moment. */
  listProcesses(): number[];
  /** Ends it, however it is, and removes its data. */
  close(): Promise<void>;
}

/** A screen for windows; `close` takes it away. */
export interface Screen {
  readonly display: string;
  close(): void;
}

/** The screen that is there, else one in memory. */
export async function openScreen(): Promise<Screen> {
  if (process.env.DISPLAY) return { display: process.env.DISPLAY, close: () => {} };
  const args = ['-displayfd', '1', '-screen', '0', '1400x900x24', '-nolisten', 'tcp'];
  const server = spawn(findTool('xvfb') ?? 'Xvfb', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const number = await new Promise<string>((done, fail) => {
    server.stdout.once('data', (chunk) => done(String(chunk).trim()));
    server.once('exit', () => fail(new Error('Xvfb did not start')));
  });
  return { display: `:${number}`, close: () => server.kill() };
}

/** A port that is free just now. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Starts the app and waits for its window. */
export async function startDesktopApp(screen: Screen, port: number): Promise<DesktopApp> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-desktop-'));
  const program = findTool('electron') ?? 'electron';
  const env = createEnvironment(screen, folder, port);
  const electron = await _electron.launch({ executablePath: program, args: ['--no-sandbox', '.'], cwd: ROOT, env });
  const main = electron.process();
  return {
    electron,
    page: await electron.firstWindow(),
    url: `http://127.0.0.1:${port}`,
    startAgain: () => waitForExit(spawn(program, ['--no-sandbox', '.'], { cwd: ROOT, env, stdio: 'ignore' })),
    listProcesses: () => [main.pid ?? 0, ...listDescendants(main.pid ?? 0)],
    close: async () => {
      const processes = [main.pid ?? 0, ...listDescendants(main.pid ?? 0)].filter(isRunning);
      for (const id of processes) endProcess(id);
      // Chromium's helpers write to the folder until the very end.
      while (processes.some(isRunning)) await new Promise(setImmediate);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Resolves with the exit code of a process that ends by itself. */
export function waitForExit(child: ChildProcess): Promise<number | null> {
  return new Promise((done) => child.once('exit', done));
}

/** Only what the app needs: no keychain of the person who runs the tests, and home folders that are thrown away. */
function createEnvironment(screen: Screen, folder: string, port: number): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    LANG: 'C.UTF-8',
    DISPLAY: screen.display,
    // A screen that lets in only who has its cookie names the cookie's file here.
    ...(process.env.XAUTHORITY && { XAUTHORITY: process.env.XAUTHORITY }),
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, 'config'),
    PATCHBAY_DATA_DIR: join(folder, 'data'),
    PATCHBAY_PORT: String(port),
  };
}

/** Whether a process still runs; one that has ended and only waits to be noticed by its parent does not. */
export function isRunning(id: number): boolean {
  try {
    const line = readFileSync(`/proc/${id}/stat`, 'utf8');
    return line.slice(line.lastIndexOf(')') + 2)[0] !== 'Z';
  } catch {
    return false;
  }
}

function endProcess(id: number): void {
  try {
    process.kill(id, 'SIGKILL');
  } catch {
    // it ended with its parent
  }
}

function listDescendants(parent: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    try {
      const line = readFileSync(`/proc/${name}/stat`, 'utf8');
      parents.set(Number(name), Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // it has just ended
    }
  }
  const children = (of: number): number[] =>
    [...parents].filter(([, above]) => above === of).flatMap(([id]) => [id, ...children(id)]);
  return children(parent);
}
