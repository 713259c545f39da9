// @ts-check
// How long Patchbay takes to the first word of the real Claude Code program, beside that program started by hand: with
// nothing ready, with a warm program, within a conversation, and eight at once. Its upstream is a stub on loopback.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { CLIENT_KEY, startGateway } from './servers.mjs';
import { median } from './statistics.mjs';

/** @typedef {{ name: string, byHand: number | undefined, patchbay: number }} ClaudeRow */

const ROUNDS = 9;
const AT_ONCE = 8;
/** Until the program that Patchbay gets ready in the background is ready. */
const SETTLE_MS = 1_500;
const FLAGS = ['--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'];
const PURE = ['--include-partial-messages', '--no-session-persistence', '--setting-sources', '', '--strict-mcp-config'];

/** The figures, in milliseconds and MB. @param {string} file @param {(text: string) => void} tell */
export async function measureClaude(file, tell) {
  const upstream = await startMessages();
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-claude-'));
  const env = { ANTHROPIC_BASE_URL: upstream.url };
  const account = {
    id: 'cc',
    provider: 'claude-code',
    name: 'Claude',
    cliPath: file,
    env,
    key: 'env:BENCH_UPSTREAM_KEY',
  };
  const gateway = await startGateway([account], undefined, async () => undefined);
  const ask = createClient(gateway.port);
  try {
    /** @type {Record<string, number[]>} */
    const times = { byHand: [], cold: [], warm: [], continued: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      tell(`claude, round ${round + 1}/${ROUNDS}`);
      times.byHand?.push(await startByHand(file, folder, upstream.url));
      // A model that was not asked for yet: nothing is ready for it.
      times.cold?.push((await ask(`claude-cold-${round}`, [user('Hi')])).firstMs);
      await wait(SETTLE_MS);
      await ask('claude-warm', [user(`Get ready ${round}`)]);
      await wait(SETTLE_MS);
      const first = await ask('claude-warm', [user(`Round ${round}`)]);
      times.warm?.push(first.firstMs);
      const messages = [user(`Round ${round}`), { role: 'assistant', content: first.text }, user('And then?')];
      times.continued?.push((await ask('claude-warm', messages)).firstMs);
      await wait(SETTLE_MS);
    }
    const startedAt = performance.now();
    await Promise.all(Array.from({ length: AT_ONCE }, (_, at) => ask(`claude-many-${at}`, [user('Hi')])));
    const parallelMs = performance.now() - startedAt;
    const residentMB = readResident(file);
    const byHand = median(times.byHand ?? []);
    /** @type {ClaudeRow[]} */
    const rows = [
      { name: 'first word, nothing ready, ms', byHand, patchbay: median(times.cold ?? []) },
      { name: 'first word, warm program, ms', byHand, patchbay: median(times.warm ?? []) },
      { name: 'first word, next turn of a conversation, ms', byHand, patchbay: median(times.continued ?? []) },
      { name: `${AT_ONCE} at once, nothing ready, all answered, ms`, byHand: undefined, patchbay: parallelMs },
      { name: 'RSS of a waiting program, MB', byHand: undefined, patchbay: residentMB },
    ];
    return rows;
  } finally {
    await gateway.stop();
    await upstream.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @param {readonly ClaudeRow[]} rows */
export function writeClaudeTable(rows) {
  const lines = rows.map(({ name, byHand, patchbay }) => {
    const ratio = byHand === undefined ? '-' : `${(patchbay / byHand).toFixed(2)}x`;
    return `| ${name} | ${byHand?.toFixed(0) ?? '-'} | ${patchbay.toFixed(0)} | ${ratio} |`;
  });
  return ['| Claude Code | by hand | Patchbay | ratio |', '|---|---:|---:|---:|', ...lines].join('\n');
}

/** @param {string} content */
const user = (content) => ({ role: 'user', content });

/** Asks Patchbay; resolves with the time to the first word and all words. @param {number} port */
function createClient(port) {
  /** @param {string} model @param {readonly object[]} messages */
  return async (model, messages) => {
    const startedAt = performance.now();
    const response = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: `cc/${model}`, stream: true, messages }),
    });
    let firstMs = Number.NaN;
    let received = '';
    for await (const chunk of response.body ?? []) {
      received += Buffer.from(chunk).toString('utf8');
      if (Number.isNaN(firstMs) && received.includes('"content":"w')) firstMs = performance.now() - startedAt;
    }
    if (!response.ok || Number.isNaN(firstMs)) throw new Error(`Claude Code did not answer: ${received.slice(0, 500)}`);
    const text = [...received.matchAll(/"content":"(w[^"]*)"/g)].map(([, word]) => word).join('');
    return { firstMs, text };
  };
}

/** From the start of the program to its first word. @param {string} file @param {string} folder @param {string} url */
async function startByHand(file, folder, url) {
  mkdirSync(join(folder, 'cwd'), { recursive: true });
  const startedAt = performance.now();
  const child = spawn(file, ['-p', ...FLAGS, ...PURE, '--tools', '', '--bare', '--model=claude-by-hand'], {
    cwd: join(folder, 'cwd'),
    env: {
      PATH: process.env.PATH ?? '',
      HOME: folder,
      CLAUDE_CONFIG_DIR: join(folder, '.claude'),
      ANTHROPIC_API_KEY: 'bench',
      ANTHROPIC_BASE_URL: url,
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = once(child, 'exit');
  child.stdin.end(
    `${JSON.stringify({ type: 'user', message: user('Hi'), parent_tool_use_id: null, session_id: '' })}\n`,
  );
  let firstMs = Number.NaN;
  let received = '';
  child.stdout.on('data', (chunk) => {
    received += chunk;
    if (Number.isNaN(firstMs) && received.includes('text_delta')) firstMs = performance.now() - startedAt;
  });
  await exited;
  if (Number.isNaN(firstMs)) throw new Error(`Claude Code did not answer by hand: ${received.slice(-500)}`);
  return firstMs;
}

/** The median of what the programs of this file hold. @param {string} file */
function readResident(file) {
  const lines = execFileSync('ps', ['-eo', 'rss=,args='], { encoding: 'utf8' }).split('\n');
  const held = lines.filter((line) => line.includes(`${file} -p`)).map((line) => Number.parseInt(line, 10) / 1024);
  return held.length === 0 ? Number.NaN : median(held);
}

/** An upstream that streams three words at once. */
async function startMessages() {
  let count = 0;
  const server = createServer(async (request, response) => {
    for await (const _ of request);
    count += 1;
    const usage = { input_tokens: 10, output_tokens: 3 };
    const message = { id: `msg_${count}`, type: 'message', role: 'assistant', model: 'claude', content: [], usage };
    const events = [
      { type: 'message_start', message },
      { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
      ...['w1 ', 'w2 ', 'w3'].map((text) => ({
        type: 'content_block_delta',
        index: 0,
        delta: { type: 'text_delta', text },
      })),
      { type: 'content_block_stop', index: 0 },
      { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
      { type: 'message_stop' },
    ];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
