// `npm start` and `npm run headless`: builds what is out of date, then starts Patchbay in the way this machine allows. A
// desktop with Electron gets the app; anything else gets the headless Patchbay, with the reason in one line.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildIfStale } from './build-if-stale.mjs';
import { findElectron } from './find-electron.mjs';

const ROOT = join(import.meta.dirname, '..');
const HEADLESS_ENTRY = join(ROOT, 'out', 'main', 'headless.js');
/** What a shell and the dynamic linker report when a program or one of its libraries is missing. */
const EXIT_NOT_RUNNABLE = 127;

const HELP = `Starts Patchbay.

  npm start                       the desktop app; without a desktop the headless Patchbay
  npm run headless -- [options]   the headless Patchbay in any case; see npm run headless -- --help
`;

const PARENT_CHECK_MS = 500;

stopWithNpm();
const [first, ...rest] = process.argv.slice(2);
if (first === 'headless') await startHeadless(rest);
else if (first === '--help' || first === '-h') process.stdout.write(HELP);
else if (first !== undefined)
  fail(`npm start takes no options, and was given ${first}. Options need: npm run headless --`);
else await startDesktop();

async function startDesktop() {
  const missing = describeMissingDesktop();
  if (missing !== undefined) return startHeadless([], missing);
  const electron = await findElectron(ROOT);
  if (electron.path === undefined) return startHeadless([], electron.problem);
  build();
  const args = [ROOT];
  if (process.platform === 'linux' && process.getuid?.() === 0) {
    args.unshift('--no-sandbox');
    console.error('Running as root, where Chromium has no sandbox: Electron is started with --no-sandbox.');
  }
  const environment = { ...process.env };
  // Set by some editors for their terminals; with it Electron would be a plain Node.
  delete environment.ELECTRON_RUN_AS_NODE;
  const child = spawn(electron.path, args, { stdio: 'inherit', env: environment });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const outcome = await new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: EXIT_NOT_RUNNABLE, problem: error.message }));
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  if (outcome.code === EXIT_NOT_RUNNABLE) {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
    const why = outcome.problem ?? 'a library that Electron needs is missing, see above';
    return startHeadless([], `Electron cannot run here: ${why}.`);
  }
  if (outcome.signal) {
    process.removeAllListeners(outcome.signal);
    process.kill(process.pid, outcome.signal);
  }
  process.exitCode = outcome.code ?? 1;
}

/** Runs in this very process, so that signals, exit code and process id are Patchbay's own. */
async function startHeadless(args, reason) {
  if (reason !== undefined) console.error(`Starting headless: ${reason}`);
  build();
  process.argv = [process.execPath, HEADLESS_ENTRY, ...args];
  await import(pathToFileURL(HEADLESS_ENTRY).href);
}

/**
 * npm passes SIGTERM on to the shell it started us with, and many shells die of it without a word to us. A new parent is
 * therefore read as the signal that did not arrive.
 */
function stopWithNpm() {
  if (process.env.npm_lifecycle_event === undefined || process.platform === 'win32') return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, PARENT_CHECK_MS);
  timer.unref();
}

function describeMissingDesktop() {
  if (process.platform === 'darwin' || process.platform === 'win32') return undefined;
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return undefined;
  return 'there is no desktop here (neither DISPLAY nor WAYLAND_DISPLAY is set).';
}

function build() {
  if (!existsSync(join(ROOT, 'node_modules', 'electron-vite'))) {
    if (existsSync(HEADLESS_ENTRY)) return; // installed without the tools to build, but built
    fail('The packages are not installed yet. Run: npm ci');
  }
  const problem = buildIfStale(ROOT);
  if (problem !== undefined) fail(problem);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
