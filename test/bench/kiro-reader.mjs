// @ts-check
// What Kiro's reader costs for each delta, beside a bare loop over Amazon's own codec: `node test/bench/kiro-reader.mjs`. One
// frame to a chunk, as a slow network brings them, and all of them in one; CPU time, medians of several rounds taken in turn.
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import { runnerImport } from 'vite';
import { median } from './statistics.mjs';

const DELTAS = 20_000;
const ROUNDS = 7;

/** @param {string} path */
const load = async (path) => (await runnerImport(path, { logLevel: 'error' })).module;
const { createKiroStreamReader } = await load('./main/providers/kiro/stream.ts');
const { createToolNames } = await load('./main/providers/kiro/tool-names.ts');
const { THINKING_TAGS } = await load('./main/providers/kit/reasoning-splitter.ts');
const { frames } = await load('./test/support/kiro-frames.ts');

const frame = frames.text('a delta of some words, ', 'claude-sonnet-4.6');
const single = Array.from({ length: DELTAS }, () => Buffer.from(frame));
const joined = [Buffer.concat(single)];
const tools = [{ toolSpecification: { name: 'list', description: 'd', inputSchema: { json: { type: 'object' } } } }];
const plain = { names: createToolNames([]), tools: [] };
const full = { names: createToolNames(['list']), tools, reasoning: { tags: THINKING_TAGS, handling: 'reasoning' } };

/** @param {Buffer[]} chunks @param {object} options */
const read = (chunks, options) => () => {
  const reader = createKiroStreamReader(options);
  let events = 0;
  for (const chunk of chunks) events += reader.push(chunk).length;
  if (events + reader.end().length < DELTAS) throw new Error('Deltas were lost.');
};

const subjects = {
  'codec and JSON.parse': () => {
    const codec = new EventStreamCodec(toUtf8, fromUtf8);
    for (const chunk of single) JSON.parse(toUtf8(codec.decode(chunk).body));
  },
  'reader, a frame a chunk': read(single, plain),
  'reader, all in one chunk': read(joined, plain),
  'reader with tools and thinking': read(single, full),
};

/** @type {Record<string, number[]>} */
const times = Object.fromEntries(Object.keys(subjects).map((name) => [name, []]));
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, run] of Object.entries(subjects)) {
    const before = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(before);
    // The first round warms up.
    if (round > 0) times[name]?.push((user + system) / DELTAS);
  }
}
const bare = median(times['codec and JSON.parse'] ?? []);
for (const [name, values] of Object.entries(times)) {
  const time = median(values);
  console.log(`${name.padEnd(32)} ${time.toFixed(2)} us a delta, ${(time / bare).toFixed(2)} x the codec`);
}
