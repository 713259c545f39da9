// @ts-check
// `npm run bench [-- --quick] [--json FILE]`: the built gateway beside a raw pass-through and the upstream stub alone, in
// one run on loopback, in interleaved rounds. Prints a table of medians; compare only ratios of one run.
import { readdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, homedir, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureClaude, writeClaudeTable } from './claude.mjs';
import { findDialects } from './dialects.mjs';
import { METRICS, writeRows, writeTable } from './report.mjs';
import { measureDialects, measurePaced, measureSpeed, warmUp } from './scenarios.mjs';
import { explainMissingGateway, startLoadGenerator, startServer } from './servers.mjs';
import { median } from './statistics.mjs';

/** @typedef {import('./servers.mjs').ServerName} ServerName */
/** @typedef {import('./servers.mjs').Server} Server */

const FULL = {
  rounds: 3,
  pacedRounds: 3,
  latencyRequests: 2_000,
  forMs: 3_000,
  warmUpMs: 1_500,
  pacedStreams: [500, 1_000],
};
const QUICK = { rounds: 3, pacedRounds: 1, latencyRequests: 300, forMs: 600, warmUpMs: 500, pacedStreams: [1_000] };
const SETTLE_MS = 300;
/** The stub itself is measured through no proxy. @type {readonly ServerName[]} */
const NAMES = ['stub', 'raw', 'gateway'];

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    only: { type: 'string' },
  },
});
const effort = options.quick ? QUICK : FULL;
const names = options.only === undefined ? NAMES : NAMES.filter((name) => options.only?.split(',').includes(name));

/** Figures of every round, by server and metric. @type {Record<string, Record<string, number[]>>} */
const rounds = {};
/** @type {(() => Promise<void>)[]} */
const cleanups = [];

/** @param {string} name @param {Record<string, number>} figures */
function keep(name, figures) {
  rounds[name] ??= {};
  const ofServer = rounds[name];
  for (const [key, value] of Object.entries(figures)) {
    ofServer[key] = [...(ofServer[key] ?? []), value];
  }
}

/** @param {string} text */
function tell(text) {
  process.stderr.write(`${text}\n`);
}

/** @param {ServerName} name @param {number} upstreamPort */
async function start(name, upstreamPort) {
  const server = await startServer(name, upstreamPort);
  cleanups.push(server.stop);
  return server;
}

async function run() {
  const problem = explainMissingGateway();
  if (problem !== undefined && names.includes('gateway')) throw new Error(problem);
  const startedAt = performance.now();
  const generator = startLoadGenerator();
  cleanups.push(generator.stop);
  const stub = await start('stub', 0);

  /** @type {Server[]} */
  const servers = [];
  for (const name of names) servers.push(name === 'stub' ? stub : await start(name, stub.port));
  for (const server of servers) await warmUp(server, generator, effort.warmUpMs);
  const gateway = servers.find(({ name }) => name === 'gateway');
  const dialects = gateway === undefined ? [] : await findDialects(gateway);
  if (gateway !== undefined) await measureDialects(gateway, generator, dialects, effort.warmUpMs);
  for (let round = 1; round <= effort.rounds; round += 1) {
    for (const server of servers) {
      tell(`round ${round}/${effort.rounds}: ${server.name}`);
      keep(server.name, await measureSpeed(server, generator, effort));
    }
    if (gateway === undefined) continue;
    tell(`round ${round}/${effort.rounds}: ${dialects.length} dialects`);
    keep(gateway.name, await measureDialects(gateway, generator, dialects, effort.forMs));
  }
  for (const server of servers) if (server !== stub) await server.stop();

  for (let round = 1; round <= effort.pacedRounds; round += 1) {
    for (const name of names) {
      for (const streams of effort.pacedStreams) {
        tell(`round ${round}/${effort.pacedRounds}: ${streams} slow streams, ${name}`);
        const server = await start(name, stub.port);
        await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
        keep(name, { startMs: server.startMs, idleMB: (await server.usage()).rssBytes / 1024 ** 2 });
        keep(name, await measurePaced(server, generator, streams));
        await server.stop();
      }
    }
  }
  return (performance.now() - startedAt) / 1000;
}

/** @param {number} seconds */
async function report(seconds) {
  /** @type {Record<string, Record<string, number>>} */
  const medians = {};
  for (const [name, figures] of Object.entries(rounds)) {
    medians[name] = Object.fromEntries(Object.entries(figures).map(([key, values]) => [key, median(values)]));
  }
  const rows = writeRows(medians);
  const machine = `Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown'}`;
  const load = `load average ${loadavg()[0]?.toFixed(1)} at the end`;
  console.log(`${machine}; ${options.quick ? 'quick' : 'full'} run of ${seconds.toFixed(0)} s, ${load}.\n`);
  console.log(writeTable(rows));
  if (options.json === undefined) return;
  const results = rows.map(({ metric, ...row }) => ({ key: metric.key, name: metric.name, ...row }));
  await writeFile(
    options.json,
    `${JSON.stringify({ machine, seconds, metrics: METRICS, results, rounds }, null, 2)}\n`,
  );
}

/** The program that the tests have fetched, or the one that is named. */
async function findClaude() {
  if (options.only !== undefined && !options.only.split(',').includes('claude')) return undefined;
  const cache = process.env.PATCHBAY_TEST_CACHE || join(homedir(), '.cache', 'patchbay-test');
  const found = (await readdir(cache).catch(() => [])).find((name) => name.startsWith('claude-'));
  const file = process.env.PATCHBAY_TEST_CLAUDE || (found && join(cache, found, 'claude'));
  if (file === undefined) tell('Claude Code was not measured: `npm test` fetches the program.');
  return file;
}

try {
  if (names.length > 0) await report(await run());
  const claude = await findClaude();
  if (claude !== undefined) console.log(`\n${writeClaudeTable(await measureClaude(claude, tell))}`);
} catch (error) {
  tell(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
} finally {
  for (const clean of cleanups.reverse()) await clean();
}
