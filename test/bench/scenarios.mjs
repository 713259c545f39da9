// @ts-check
// What is measured on one server, and how each figure is made from what the load generator and the process tell.
import { writeDialectRequest } from './dialects.mjs';
import { AGENT, SMALL, writeHttp, writeStreamRequest } from './requests.mjs';
import { CLIENT_KEY } from './servers.mjs';

/** @typedef {import('./servers.mjs').Server} Server */
/** @typedef {ReturnType<typeof import('./servers.mjs').startLoadGenerator>} Generator */
/** Figures of one server in one round, by metric. @typedef {Record<string, number>} Figures */

/**
 * How long and how much is measured.
 * @typedef {object} Effort
 * @property {number} rounds
 * @property {number} pacedRounds
 * @property {readonly number[]} pacedStreams
 * @property {number} latencyRequests
 * @property {number} forMs  Length of each throughput run.
 * @property {number} warmUpMs
 */

const SMALL_CONNECTIONS = 16;
const FULL_SPEED_STREAMS = 16;
const FULL_SPEED_DELTAS = 800;
/** Deltas of the stub's reply to a request that orders none. */
const SHORT_DELTAS = 8;
const PACED_EVERY_MS = 50;
const PACED_DELTAS = 90;
const PACED_RAMP_MS = 1_000;
const SAMPLE_MS = 100;
const PACED_WARM_UP_MS = 500;

/** Wall time of a run of slow streams in which nothing waits, in milliseconds. */
export const PACED_IDEAL_MS = PACED_RAMP_MS + PACED_DELTAS * PACED_EVERY_MS;

/** @param {Server} server @param {object} body */
function toServer(server, body) {
  return { port: server.port, request: writeHttp(body, server.port, CLIENT_KEY).toString('base64') };
}

/** One load with the CPU seconds that the server spent on it. @param {Server} server @param {Generator} generator @param {import('./load.mjs').Load} load */
async function measure(server, generator, load) {
  const before = await server.usage();
  const result = await generator.run(load);
  const after = await server.usage();
  if (result.completed === 0) throw new Error(`${server.name}: no request came through: ${result.problem}`);
  return { ...result, cpuSeconds: after.cpuSeconds - before.cpuSeconds, rssBytes: after.rssBytes };
}

/** Lets the server's compiler see every path before anything is measured. @param {Server} server @param {Generator} generator @param {number} forMs */
export async function warmUp(server, generator, forMs) {
  const rest = { streamed: false, deltas: SHORT_DELTAS, connections: SMALL_CONNECTIONS, forMs };
  await measure(server, generator, { ...toServer(server, SMALL), ...rest });
  await measure(server, generator, { ...toServer(server, AGENT), ...rest });
  await measure(server, generator, writeFullSpeed(server, forMs));
}

/** @param {Server} server @param {number} forMs */
function writeFullSpeed(server, forMs) {
  const body = writeStreamRequest({ deltas: FULL_SPEED_DELTAS, everyMs: 0 });
  const load = { streamed: true, deltas: FULL_SPEED_DELTAS, connections: FULL_SPEED_STREAMS, forMs };
  return { ...toServer(server, body), ...load };
}

/** Latency, requests and full-speed streams on a warm server. @param {Server} server @param {Generator} generator @param {Effort} effort @returns {Promise<Figures>} */
export async function measureSpeed(server, generator, { latencyRequests, forMs }) {
  const alone = { deltas: SHORT_DELTAS, connections: 1, requests: latencyRequests };
  const busy = { streamed: false, deltas: SHORT_DELTAS, connections: SMALL_CONNECTIONS, forMs };
  const short = writeStreamRequest({ deltas: SHORT_DELTAS, everyMs: 0 });

  const whole = await measure(server, generator, { ...toServer(server, SMALL), ...alone, streamed: false });
  const first = await measure(server, generator, { ...toServer(server, short), ...alone, streamed: true });
  const small = await measure(server, generator, { ...toServer(server, SMALL), ...busy });
  const agent = await measure(server, generator, { ...toServer(server, AGENT), ...busy });
  const stream = await measure(server, generator, writeFullSpeed(server, forMs));

  return {
    wholeP50Ms: whole.wholeP50Ms,
    wholeP99Ms: whole.wholeP99Ms,
    firstP50Ms: first.firstP50Ms,
    firstP99Ms: first.firstP99Ms,
    smallPerSecond: (small.completed / small.wallMs) * 1000,
    smallCpuPer1k: (small.cpuSeconds / small.completed) * 1000,
    agentPerSecond: (agent.completed / agent.wallMs) * 1000,
    agentCpuPer1k: (agent.cpuSeconds / agent.completed) * 1000,
    deltasPerSecond: (stream.deltas / stream.wallMs) * 1000,
    streamCpuPer1M: (stream.cpuSeconds / stream.deltas) * 1e6,
    streamFirstP50Ms: stream.firstP50Ms,
    dropped: whole.dropped + first.dropped + small.dropped + agent.dropped + stream.dropped,
  };
}

/** What a dialect's figure is called. @param {import('./dialects.mjs').Dialect} dialect */
export const nameDialectMetric = ({ key }) => `${key}CpuPer1M`;

/**
 * Full-speed streams in each of these dialects on a warm server.
 * @param {Server} server
 * @param {Generator} generator
 * @param {readonly import('./dialects.mjs').SpokenDialect[]} dialects
 * @param {number} forMs
 * @returns {Promise<Figures>}
 */
export async function measureDialects(server, generator, dialects, forMs) {
  /** @type {Figures} */
  const figures = {};
  let dropped = 0;
  for (const dialect of dialects) {
    const request = writeDialectRequest(dialect, { deltas: FULL_SPEED_DELTAS, everyMs: 0 }, server.port);
    const { copies, endMark } = dialect;
    const result = await measure(server, generator, {
      ...{ port: server.port, request: request.toString('base64'), streamed: true, endMark },
      ...{ deltas: FULL_SPEED_DELTAS * copies, connections: FULL_SPEED_STREAMS, forMs },
    });
    figures[nameDialectMetric(dialect)] = (result.cpuSeconds / (result.deltas / copies)) * 1e6;
    dropped += result.dropped;
  }
  return { ...figures, dialectsDropped: dropped };
}

/** Many slow streams on a fresh server: 20 deltas a second each. @param {Server} server @param {Generator} generator @param {number} streams @returns {Promise<Figures>} */
export async function measurePaced(server, generator, streams) {
  const idle = await server.usage();
  let peakBytes = idle.rssBytes;
  // A delta's price is that of a server at work; compiling is part of the start. Memory counts from before.
  await measure(server, generator, writeFullSpeed(server, PACED_WARM_UP_MS));
  const before = await server.usage();
  const sampler = setInterval(async () => {
    const { rssBytes } = await server.usage();
    peakBytes = Math.max(peakBytes, rssBytes);
  }, SAMPLE_MS);
  const result = await generator.run({
    ...toServer(server, writeStreamRequest({ deltas: PACED_DELTAS, everyMs: PACED_EVERY_MS })),
    streamed: true,
    deltas: PACED_DELTAS,
    connections: streams,
    requests: 1,
    rampMs: PACED_RAMP_MS,
  });
  clearInterval(sampler);
  const after = await server.usage();
  const key = `paced${streams}`;
  return {
    [`${key}Dropped`]: result.dropped,
    [`${key}WallMs`]: result.wallMs,
    [`${key}LagP50Ms`]: result.lagP50Ms,
    [`${key}LagP99Ms`]: result.lagP99Ms,
    [`${key}CpuPer1M`]: ((after.cpuSeconds - before.cpuSeconds) / result.deltas) * 1e6,
    [`${key}PeakMB`]: Math.max(peakBytes, after.rssBytes) / 1024 ** 2,
    [`${key}KBPerStream`]: (Math.max(peakBytes, after.rssBytes) - idle.rssBytes) / 1024 / streams,
  };
}
