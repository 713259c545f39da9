#!/usr/bin/env node
// A program in the place of Claude Code: it answers control requests, obeys the script that FAKE_CLAUDE names, and
// writes down what it was told. It knows nothing of any model.
import { appendFileSync, existsSync, readFileSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';

const { steps, record, models = [], acknowledge = false } = JSON.parse(readFileSync(process.env.FAKE_CLAUDE, 'utf8'));
const note = (entry) => appendFileSync(record, `${JSON.stringify(entry)}\n`);
note({ arguments: process.argv.slice(2), environment: process.env, cwd: process.cwd(), pid: process.pid });

const say = (line) =>
  new Promise((resolve) => {
    process.stdout.write(typeof line === 'string' ? line : `${JSON.stringify(line)}\n`, resolve);
  });

let told = 0;
let asked = false;
const acknowledges = steps.some(({ question }) => question);
let wake = () => {};
const input = createInterface({ input: process.stdin });
input.on('line', (text) => {
  const line = JSON.parse(text);
  note({ told: line, from: process.pid });
  if (line.type === 'control_request') {
    const response = { subtype: 'success', request_id: line.request_id, response: { models } };
    say({ type: 'control_response', response });
    return;
  }
  // Like the real one: old turns are taken in, and only those of the user are answered.
  if (acknowledge && (line.shouldQuery === false || line.type === 'assistant')) {
    if (line.type === 'user') say({ type: 'result', subtype: 'success', is_error: false, num_turns: 0 });
    return;
  }
  told += 1;
  if (line.type === 'user' && line.shouldQuery !== false) asked = true;
  else if (line.type === 'user' && acknowledges) say({ type: 'result', subtype: 'success', is_error: false });
  wake();
});
input.on('close', () => {
  told = Number.POSITIVE_INFINITY;
  wake();
});

const actions = {
  /** Waits until so many lines besides control requests have come. */
  told: async (count) => {
    while (told < count) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  },
  /** Takes every old turn, and waits until the question has come. */
  question: async () => {
    while (!asked && told !== Number.POSITIVE_INFINITY) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  },
  /** Waits until the test has made a file. */
  awaitFile: (file) =>
    new Promise((resolve) => {
      const watcher = watch(dirname(file), () => look());
      const look = () => {
        if (!existsSync(file)) return;
        watcher.close();
        resolve();
      };
      look();
    }),
  /** Prints lines (objects) or bare text. */
  print: async (lines) => {
    for (const line of lines) await say(line);
  },
  /** Prints a line many times, and notes when the reader has taken them all. */
  flood: async ({ line, count }) => {
    for (let at = 0; at < count; at += 1) await say(line);
    note({ flooded: true });
  },
  complain: (text) => {
    process.stderr.write(text);
  },
  /** Listens to no signal but the last one. */
  deaf: () => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => note({ ignored: signal }));
  },
  hang: () => new Promise(() => setInterval(() => {}, 60_000)),
  exit: (code) => process.exit(code),
};

for (const step of steps) for (const [name, value] of Object.entries(step)) await actions[name](value);
if (told !== Number.POSITIVE_INFINITY) await new Promise((resolve) => input.on('close', resolve));
process.exit(0);
