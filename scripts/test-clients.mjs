// Other people's command line clients that some tests run: large programs that nobody downloads for Patchbay's sake, so each
// is fetched from the package registry once, into a cache, in the version that the tests were written against.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const FETCH_MS = 600_000;
const START_MS = 60_000;
const LINUX = 'linux x64';

/** What is fetched, where its program lies in the package, and on which machines it runs (anywhere unless said). */
const CLIENTS = {
  claude: {
    package: '@anthropic-ai/claude-code-linux-x64',
    version: '2.1.329',
    program: ['claude'],
    platform: LINUX,
  },
  // The oldest that is promised to work.
  claude_old: {
    package: '@anthropic-ai/claude-code-linux-x64',
    version: '2.1.197',
    program: ['claude'],
    platform: LINUX,
  },
  codex: {
    package: '@openai/codex',
    version: '0.169.0',
    tag: '0.169.0-linux-x64',
    program: ['vendor', 'x86_64-unknown-linux-musl', 'bin', 'codex'],
    platform: LINUX,
  },
  opencode: {
    package: 'opencode-linux-x64',
    version: '1.18.33',
    program: ['bin', 'opencode'],
    platform: LINUX,
  },
  gemini: {
    package: '@google/gemini-cli',
    version: '0.61.0',
    program: ['bundle', 'gemini.js'],
  },
};

/** Where each client is: `{ path }`, or `{ problem }` with the reason why there is none; those that lack are fetched now. */
export async function findClients() {
  const found = await Promise.all(Object.keys(CLIENTS).map(async (name) => [name, await findClient(name)]));
  return Object.fromEntries(found);
}

async function findClient(name) {
  const own = process.env[`PATCHBAY_TEST_${name.toUpperCase()}`];
  if (own) return { path: own };
  const client = CLIENTS[name];
  const { version, program, platform } = client;
  if (platform !== undefined && platform !== `${process.platform} ${process.arch}`)
    return { problem: `the pinned ${name} is for ${platform}` };
  const cache = process.env.PATCHBAY_TEST_CACHE || join(homedir(), '.cache', 'patchbay-test');
  const folder = join(cache, `${name}-${version}`);
  const path = join(folder, ...program);
  if (existsSync(path)) return { path };
  try {
    await fetchClient(name, client, cache, folder);
    return { path };
  } catch (error) {
    return { problem: `${name} ${version} could not be fetched: ${error.message}` };
  }
}

/** Unpacked beside its place, tried, and moved there whole, so that an interrupted fetch leaves nothing that looks complete. */
async function fetchClient(name, { package: packageName, version, tag = version, program }, cache, folder) {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'fetch-'));
  try {
    console.error(`Fetching ${name} ${version} for the tests (once).`);
    await run('npm', ['pack', '--silent', '--ignore-scripts', `${packageName}@${tag}`], work, FETCH_MS);
    const archive = readdirSync(work).find((file) => file.endsWith('.tgz'));
    await run('tar', ['-xzf', archive], work, FETCH_MS);
    const unpacked = join(work, 'package');
    await tryOut(join(unpacked, ...program), version);
    rmSync(folder, { recursive: true, force: true });
    renameSync(unpacked, folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Throws where the program does not start or does not say that it is the version. */
async function tryOut(path, version) {
  const home = mkdtempSync(join(tmpdir(), 'patchbay-client-'));
  try {
    const [command, ...first] = path.endsWith('.js') ? [process.execPath, path] : [path];
    const words = await run(command, [...first, '--version'], home, START_MS, { ...process.env, HOME: home });
    if (!words.includes(version)) throw new Error(`it does not say that it is version ${version}`);
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Resolves with what the command prints; the last line of its complaints is the telling one. */
function run(command, args, cwd, timeout, env = process.env) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    let words = '';
    let complaints = '';
    child.stdout.on('data', (piece) => {
      words += piece;
    });
    child.stderr.on('data', (piece) => {
      complaints += piece;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(words);
      else reject(new Error(complaints.trim().split('\n').at(-1) || `${command} ended with ${code ?? 'no code'}`));
    });
  });
}
