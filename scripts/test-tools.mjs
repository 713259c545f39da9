// Finds the programs that some tests need, installs those that it may, and says of the others why they are missing. Nothing
// here is needed to run Patchbay.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findElectron } from './find-electron.mjs';

/** The version that the tests were written against. */
const CLAUDE = { package: '@anthropic-ai/claude-code-linux-x64', version: '2.1.329' };
const ELECTRON_FETCH_MS = 120_000;

/** Debian's packages for the programs, beside those that each of them needs to be of use. */
const PROGRAMS = {
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], packages: ['chromium', 'fonts-dejavu-core'] },
  keyring: { names: ['gnome-keyring-daemon'], packages: ['gnome-keyring', 'dbus', 'libsecret-1-0'] },
  xvfb: { names: ['Xvfb'], packages: ['xvfb', 'xauth'] },
};

/** Environment variables for the tests: `PATCHBAY_TEST_<TOOL>` with a path, or `PATCHBAY_TEST_<TOOL>_MISSING` with a reason. */
export async function prepareTestTools(root) {
  installMissing();
  const found = {
    chromium: findProgram('chromium'),
    keyring: findProgram('keyring'),
    xvfb: findProgram('xvfb'),
    electron: await findElectron(root, { fetchMs: ELECTRON_FETCH_MS }),
    claude: findClaude(),
  };
  const environment = {};
  for (const [tool, { path, problem }] of Object.entries(found)) {
    const name = `PATCHBAY_TEST_${tool.toUpperCase()}`;
    if (path !== undefined) environment[name] = path;
    else environment[`${name}_MISSING`] = problem;
  }
  return environment;
}

/** Root on Debian may install packages; anybody else is told what is missing. */
function installMissing() {
  const packages = Object.keys(PROGRAMS).flatMap((tool) => (findProgram(tool).path ? [] : PROGRAMS[tool].packages));
  if (packages.length === 0 || process.platform !== 'linux' || process.getuid() !== 0 || !findOnPath('apt-get')) return;
  console.error(`Installing for the tests: ${packages.join(' ')}`);
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300'];
  runApt([...options, 'update']);
  runApt([...options, 'install', '-y', '--no-install-recommends', ...packages]);
}

function runApt(args) {
  const { status, stderr } = spawnSync('apt-get', args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  if (status !== 0) console.error(`apt-get ${args.at(-1)} failed: ${stderr.trim().split('\n').at(-1)}`);
}

function findProgram(tool) {
  const own = process.env[`PATCHBAY_TEST_${tool.toUpperCase()}`];
  const path = own || PROGRAMS[tool].names.map(findOnPath).find((found) => found !== undefined);
  return path === undefined ? { problem: `${PROGRAMS[tool].names[0]} is not installed` } : { path };
}

function findOnPath(name) {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/** A large program that no user downloads for Patchbay's sake: fetched once, into a cache, in the pinned version. */
function findClaude() {
  const own = process.env.PATCHBAY_TEST_CLAUDE;
  if (own) return { path: own };
  if (process.platform !== 'linux' || process.arch !== 'x64') return { problem: 'the pinned claude is for linux x64' };
  const cache = process.env.PATCHBAY_TEST_CACHE || join(homedir(), '.cache', 'patchbay-test');
  const folder = join(cache, `claude-${CLAUDE.version}`);
  const path = join(folder, 'claude');
  if (!existsSync(path)) {
    const problem = fetchClaude(cache, folder);
    if (problem !== undefined) return { problem: `claude could not be fetched: ${problem}` };
  }
  const { stdout } = spawnSync(path, ['--version'], {
    encoding: 'utf8',
    timeout: 30_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (stdout?.startsWith(CLAUDE.version)) return { path };
  return { problem: `${path} does not say that it is version ${CLAUDE.version}` };
}

/** Unpacked beside its place and moved there whole, so that an interrupted fetch leaves nothing that looks complete. */
function fetchClaude(cache, folder) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    console.error(`Fetching claude ${CLAUDE.version} for the tests (once).`);
    const name = `${CLAUDE.package}@${CLAUDE.version}`;
    const packed = spawnSync('npm', ['pack', '--silent', '--ignore-scripts', name], { cwd: work, encoding: 'utf8' });
    if (packed.status !== 0) return packed.stderr.trim().split('\n').at(-1) || 'npm pack failed';
    const archive = readdirSync(work).find((file) => file.endsWith('.tgz'));
    const unpacked = spawnSync('tar', ['-xzf', archive], { cwd: work, encoding: 'utf8' });
    if (unpacked.status !== 0) return unpacked.stderr.trim();
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(work, 'package'), folder);
    return undefined;
  } catch (error) {
    return error.message;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
