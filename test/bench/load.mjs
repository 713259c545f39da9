// @ts-check
// The load generator, a process of its own: keeps a number of connections busy, either each with one request after the
// other for a time, or each with exactly one request, and tells what came back.
import { DONE, openConnection } from './connection.mjs';
import { percentile } from './statistics.mjs';

/**
 * One run. `requests` per connection, or as many as fit into `forMs`; connections open evenly over `rampMs`.
 * @typedef {object} Load
 * @property {number} port
 * @property {string} request  The whole HTTP request, as base64.
 * @property {boolean} streamed
 * @property {string} [endMark]  How a complete stream ends; that of chat completions where none is said.
 * @property {number} deltas  Deltas that a complete answer holds.
 * @property {number} connections
 * @property {number} [requests]
 * @property {number} [forMs]
 * @property {number} [rampMs]
 * @property {number} [patienceMs]  After this time unfinished requests count as dropped.
 */

/**
 * What a run came to; times in milliseconds.
 * @typedef {object} LoadResult
 * @property {number} completed
 * @property {number} dropped  Requests that failed, ended early or lost deltas.
 * @property {string | undefined} problem  Why the first of them was dropped.
 * @property {number} deltas
 * @property {number} wallMs
 * @property {number} wholeP50Ms
 * @property {number} wholeP99Ms
 * @property {number} firstP50Ms
 * @property {number} firstP99Ms
 * @property {number} lagP50Ms
 * @property {number} lagP99Ms
 */

const DEFAULT_PATIENCE_MS = 20_000;

/** Runs one load. @param {Load} load @returns {Promise<LoadResult>} */
export function runLoad(load) {
  const request = Buffer.from(load.request, 'base64');
  const endMark = load.streamed ? (load.endMark ?? DONE) : undefined;
  const { connections: count, rampMs = 0, forMs = Number.POSITIVE_INFINITY } = load;
  /** @type {number[]} */ const whole = [];
  /** @type {number[]} */ const first = [];
  /** @type {number[]} */ const lags = [];
  /** @type {ReturnType<typeof openConnection>[]} */ const connections = [];
  let [completed, dropped, deltas, running] = [0, 0, 0, count];
  /** @type {string | undefined} */ let problem;
  const started = performance.now();

  return new Promise((resolve) => {
    const patience = setTimeout(() => {
      dropped += running;
      problem ??= 'not finished in time';
      finish();
    }, load.patienceMs ?? DEFAULT_PATIENCE_MS);
    const finish = () => {
      clearTimeout(patience);
      const wallMs = performance.now() - started;
      for (const connection of connections) connection.close();
      const [wholeP50Ms, wholeP99Ms] = [percentile(whole, 0.5), percentile(whole, 0.99)];
      const [firstP50Ms, firstP99Ms] = [percentile(first, 0.5), percentile(first, 0.99)];
      const [lagP50Ms, lagP99Ms] = [percentile(lags, 0.5), percentile(lags, 0.99)];
      const times = { wallMs, wholeP50Ms, wholeP99Ms, firstP50Ms, firstP99Ms, lagP50Ms, lagP99Ms };
      resolve({ completed, dropped, problem, deltas, ...times });
    };
    /** @param {import('./connection.mjs').Outcome} outcome */
    const take = (outcome) => {
      deltas += outcome.deltas;
      whole.push(outcome.wholeMs);
      first.push(outcome.firstMs);
      for (const lag of outcome.lagsMs) lags.push(lag);
      if (outcome.ok && outcome.deltas === load.deltas) completed += 1;
      else {
        dropped += 1;
        problem ??= outcome.problem ?? `${outcome.deltas} deltas instead of ${load.deltas}`;
      }
    };
    const start = () => {
      const connection = openConnection({ host: '127.0.0.1', port: load.port });
      connections.push(connection);
      let left = load.requests ?? Number.POSITIVE_INFINITY;
      const next = () => {
        left -= 1;
        connection.send(request, endMark, (outcome) => {
          take(outcome);
          if (outcome.ok && left > 0 && performance.now() - started < forMs) return next();
          running -= 1;
          if (running === 0) finish();
        });
      };
      next();
    };
    for (let index = 0; index < count; index += 1) {
      if (rampMs === 0) start();
      else setTimeout(start, (index * rampMs) / count);
    }
  });
}

process.on('message', async (load) => {
  process.send?.(await runLoad(/** @type {Load} */ (load)));
});
