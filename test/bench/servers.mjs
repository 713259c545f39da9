// @ts-check
// Starts and stops the processes of the bench: the stub, the pass-through and the gateway, each a child of its own under
// the same Node, and the load generator.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openConnection } from './connection.mjs';
import { SMALL, writeHttp } from './requests.mjs';

/**
 * A running server. `usage` costs it next to nothing.
 * @typedef {object} Server
 * @property {string} name
 * @property {number} port
 * @property {number} startMs  From the spawn to the first whole answer to a client.
 * @property {() => Promise<{ cpuSeconds: number, rssBytes: number }>} usage
 * @property {() => Promise<void>} stop
 */

/** @typedef {'stub' | 'raw' | 'gateway'} ServerName */

/** The key that the bench's client presents. */
export const CLIENT_KEY = 'bench-client-key-0123456789abcdef';

const HEADLESS = fileURLToPath(new URL('../../out/main/headless.js', import.meta.url));
const PROBE = new URL('./probe.mjs', import.meta.url).href;
const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;

/** @param {string} file */
function locate(file) {
  return fileURLToPath(new URL(file, import.meta.url));
}

/** Why the gateway cannot be started; undefined where it can. */
export function explainMissingGateway() {
  return existsSync(HEADLESS) ? undefined : `${HEADLESS} is missing: run \`npm run build\` first.`;
}

/** Starts the server `name`, whose upstream listens on `upstreamPort`, and waits for its first answer. @param {ServerName} name @param {number} upstreamPort @returns {Promise<Server>} */
export async function startServer(name, upstreamPort) {
  const port = await findFreePort();
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  if (name === 'stub') return launch({ name, port, file: locate('./upstream.mjs'), env: { PORT: String(port) } });
  if (name === 'raw') {
    const env = { PORT: String(port), UPSTREAM: upstream };
    return launch({ name, port, file: locate('./raw-proxy.mjs'), env });
  }
  const baseUrl = `${upstream}/v1`;
  return startGateway(
    [{ id: 'stub', provider: 'openai-compatible', name: 'Stub', baseUrl, key: 'env:BENCH_UPSTREAM_KEY' }],
    port,
  );
}

/** Starts the built gateway with these accounts, as a configuration file has them. @param {readonly object[]} accounts @param {number} [given] @param {typeof ask} [look] */
export async function startGateway(accounts, given, look = ask) {
  const port = given ?? (await findFreePort());
  const folder = await mkdtemp(join(tmpdir(), 'patchbay-bench-'));
  const config = join(folder, 'config.json');
  await writeFile(config, JSON.stringify(writeConfig(accounts, port)));
  return launch({
    name: 'gateway',
    port,
    look,
    file: HEADLESS,
    args: ['--config', config],
    env: { PATCHBAY_DATA_DIR: join(folder, 'data'), BENCH_CLIENT_KEY: CLIENT_KEY, BENCH_UPSTREAM_KEY: 'upstream-key' },
    clean: () => rm(folder, { recursive: true, force: true }),
  });
}

/** The gateway's configuration file, as a person would write it. @param {readonly object[]} accounts @param {number} port */
function writeConfig(accounts, port) {
  return {
    host: '127.0.0.1',
    port,
    clientKeys: [{ name: 'bench', key: 'env:BENCH_CLIENT_KEY' }],
    accounts,
  };
}

/**
 * @param {{ name: string, port: number, file: string, args?: string[], env: Record<string, string>, clean?: () => Promise<void>, look?: typeof ask }} plan
 * @returns {Promise<Server>}
 */
async function launch({ name, port, file, args = [], env, clean, look = ask }) {
  const started = performance.now();
  const extra = (process.env.BENCH_NODE_OPTIONS ?? '').split(' ').filter((option) => option !== '');
  const child = fork(file, args, {
    execArgv: ['--import', PROBE, ...(name === 'gateway' ? extra : [])],
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let told = '';
  child.stderr?.on('data', (chunk) => {
    told = (told + chunk).slice(-2_000);
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const limit = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      child.kill('SIGTERM');
      await exited;
      clearTimeout(limit);
    }
    await clean?.();
  };
  try {
    await waitForAnswer(port, look, () => child.exitCode !== null || performance.now() - started > START_LIMIT_MS);
  } catch (cause) {
    await stop();
    throw new Error(`The server "${name}" did not answer: ${cause}\n${told}`, { cause });
  }
  const startMs = performance.now() - started;
  const usage = async () => {
    if (!child.connected)
      throw new Error(`The server "${name}" has died (${child.exitCode ?? child.signalCode}):\n${told}`);
    const answered = once(child, 'message');
    child.send('usage');
    const [message] = await answered;
    return /** @type {{ cpuSeconds: number, rssBytes: number }} */ (message);
  };
  return { name, port, startMs, usage, stop };
}

/** Asks until one whole answer has come. @param {number} port @param {typeof ask} look @param {() => boolean} isHopeless */
async function waitForAnswer(port, look, isHopeless) {
  for (;;) {
    const problem = (await listens(port)) ? await look(port) : 'nothing listens';
    if (problem === undefined) return;
    if (isHopeless()) throw new Error(problem);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** @param {number} port @returns {Promise<boolean>} */
function listens(port) {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Why the answer was not a good one. @param {number} port @returns {Promise<string | undefined>} */
function ask(port) {
  return new Promise((resolve) => {
    const connection = openConnection({ host: '127.0.0.1', port });
    connection.send(writeHttp(SMALL, port, CLIENT_KEY), undefined, ({ ok, problem }) => {
      connection.close();
      resolve(ok ? undefined : (problem ?? 'no answer'));
    });
  });
}

/** @returns {Promise<number>} */
async function findFreePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}

/** Starts the load generator. */
export function startLoadGenerator() {
  const child = fork(locate('./load.mjs'), [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const exited = once(child, 'exit');
  return {
    /** Runs one load. @param {import('./load.mjs').Load} load @returns {Promise<import('./load.mjs').LoadResult>} */
    run: async (load) => {
      const told = once(child, 'message');
      child.send(load);
      const [result] = await told;
      return result;
    },
    stop: async () => {
      child.kill();
      await exited;
    },
  };
}
