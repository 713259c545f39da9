// Finds an Electron to run: the one that ELECTRON_OVERRIDE_DIST_PATH names, the installed package's, or, where the package
// has not fetched it yet, the one that it can fetch within a bounded time.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PROGRAMS = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' };
/** About 120 MB; on a slower line the next start goes on trying. */
const FETCH_MS = 180_000;

/** Where Electron's program is: `{ path }`, or `{ problem }` with the reason why there is none. */
export async function findElectron(root, { fetchMs = FETCH_MS } = {}) {
  const own = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (own) {
    const path = join(own, PROGRAMS[process.platform] ?? 'electron');
    return existsSync(path) ? { path } : { problem: `ELECTRON_OVERRIDE_DIST_PATH names no Electron (${path}).` };
  }
  const folder = join(root, 'node_modules', 'electron');
  if (!existsSync(folder)) return { problem: 'the electron package is not installed.' };
  const path = findInstalled(folder);
  if (path !== undefined) return { path };
  if (fetchMs === 0) return { problem: 'the electron package has not fetched Electron itself.' };
  console.error('Fetching Electron (about 120 MB, once).');
  const problem = await fetchElectron(folder, fetchMs);
  const fetched = findInstalled(folder);
  return fetched === undefined ? { problem: `Electron could not be fetched (${problem}).` } : { path: fetched };
}

function findInstalled(folder) {
  const note = join(folder, 'path.txt');
  if (!existsSync(note)) return undefined;
  const path = join(folder, 'dist', readFileSync(note, 'utf8'));
  return existsSync(path) ? path : undefined;
}

/** Resolves with the reason where it fails; the last line of the installer's words is the telling one. */
function fetchElectron(folder, fetchMs) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(folder, 'install.js')], { stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.on('data', (chunk) => {
      words += chunk;
    });
    const timer = setTimeout(() => child.kill('SIGKILL'), fetchMs);
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve(signal ? `not within ${fetchMs / 1000} seconds` : describeFailure(words, code));
    });
  });
}

function describeFailure(words, code) {
  const line = words.split('\n').find((text) => /error/i.test(text));
  return line === undefined ? `its installer ended with ${code}` : line.replace(/^\s*(Uncaught\s*)?/, '').trim();
}
