// Many requests to the real Claude Code program, ended in every way that clients and upstreams know, leave nothing behind.
// PATCHBAY_TEST_ROUNDS makes it longer.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import OpenAI from 'openai';
import { expect, it } from 'vitest';
import { KEY, openHouse } from '../support/house.ts';
import type { MessageScript } from '../support/messages-script.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude, listRunning } from '../support/real-claude.ts';

const ROUNDS = Number(process.env.PATCHBAY_TEST_ROUNDS ?? 24);
const AT_ONCE = 4;
const MOST_WAITING = 4;
/** The first requests load code and fill what is kept for good. */
const WARM_UP_ROUNDS = 12;
const GROWTH_BYTES = 2 * 1024 ** 2;
/** The stub and the log of the house remember every request. */
const KEPT_BY_THE_TEST_BYTES = 12 * 1024;

const SCRIPTS: readonly MessageScript[] = [
  { text: 'A short answer.' },
  { text: 'Look.', toolUses: [{ id: 'toolu_1', name: 'mcp__gw__f', input: {} }] },
  { text: 'An answer that breaks off.', cutAfterDeltas: 2 },
  { text: 'An answer that fails.', errorAfterDeltas: 1 },
  { hang: 'before-headers' },
  { hang: 'after-start' },
  { status: 429, headers: { 'retry-after': '1' } },
  { text: 'Too long an answ', stopReason: 'max_tokens' },
];

/** Always the same row of numbers from 0 to 1. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** What this process holds open of each kind that a request could leave behind. */
function countHandles(): Record<string, number> {
  const counts: Record<string, number> = { ProcessWrap: 0, PipeWrap: 0, TCPSocketWrap: 0, TCPServerWrap: 0 };
  for (const kind of process.getActiveResourcesInfo()) if (kind in counts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** What is in use once everything that nobody holds is gone, in bytes. */
function measureHeap(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

describeClaude('many requests', (file) => {
  it(
    `leave no process, file or handle behind and no memory taken after ${ROUNDS} that end in every way`,
    async () => {
      const handles = countHandles();
      const stub = await startMessagesStub();
      const account = { id: 'cc', name: 'Claude', provider: 'claude-code', values: { cliPath: file } };
      const house = await openHouse({
        accounts: [{ ...account, env: { ANTHROPIC_BASE_URL: stub.url }, secrets: { key: 'sk-test' } }],
        settings: { firstByteMs: 4_000, idleMs: 2_000 },
      });
      const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
      const random = createRandom(7);
      const tools = [{ type: 'function' as const, function: { name: 'f' } }];
      const outcomes = new Map<string, number>();
      const ask = async (round: number): Promise<void> => {
        stub.reply(SCRIPTS[Math.floor(random() * SCRIPTS.length)] ?? {});
        const leave = random() < 0.3 ? AbortSignal.timeout(Math.floor(random() * 900)) : undefined;
        const messages = [{ role: 'user' as const, content: `Question ${round % 5}` }];
        const body = { model: 'cc/claude-sonnet-5-5', messages, tools, stream: true as const };
        let outcome = 'ended';
        try {
          for await (const _ of await client.chat.completions.create(body, { signal: leave }));
        } catch (error) {
          outcome = leave?.aborted ? 'left' : (error as Error).constructor.name;
        }
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      };
      let next = 0;
      const run = async (until: number) => {
        const work = async () => {
          while (next < until) await ask(next++);
        };
        await Promise.all(Array.from({ length: AT_ONCE }, work));
        await house.closed(until);
        // Neither what the test keeps for itself is a growth of the house, nor what still waits.
        stub.requests.length = 0;
        await expect.poll(() => listRunning(file).length, { timeout: 5_000 }).toBeLessThanOrEqual(MOST_WAITING);
      };
      await run(WARM_UP_ROUNDS);
      const before = measureHeap();
      await run(WARM_UP_ROUNDS + ROUNDS);
      const grown = measureHeap() - before;
      expect(outcomes.get('ended')).toBeGreaterThan(0);
      expect(outcomes.size).toBeGreaterThan(2);
      expect(grown).toBeLessThan(GROWTH_BYTES + ROUNDS * KEPT_BY_THE_TEST_BYTES);
      const temporary = join(house.folder, 'temporary');
      await expect.poll(() => readdirSync(temporary).length, { timeout: 5_000 }).toBeLessThanOrEqual(MOST_WAITING);
      await house.close();
      await stub.close();
      expect(listRunning(file)).toEqual([]);
      await expect.poll(countHandles, { timeout: 10_000 }).toEqual(handles);
    },
    60_000 + ROUNDS * 2_000,
  );
});
