// Finds the programs that some tests need, installs those that it may, and says of the others why they are missing. Nothing
// here is needed to run Patchbay.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findElectron } from './find-electron.mjs';
import { findClients } from './test-clients.mjs';

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
    ...(await findClients()),
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
