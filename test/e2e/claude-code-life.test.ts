// Many requests to the real Claude Code program, ended in every way that clients and upstreams know, leave nothing behind.
// PATCHBAY_TEST_ROUNDS makes it longer.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { KEY, openHouse } from '../support/house.ts';
import type { MessageScript } from '../support/messages-script.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { claudeFile, listRunning, whyNoClaude } from '../support/real-claude.ts';

const ROUNDS = Number(process.env.PATCHBAY_TEST_ROUNDS ?? 24);
const AT_ONCE = 4;
const MOST_WAITING = 3;

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

describe.skipIf(claudeFile === undefined)(
  `the real program${whyNoClaude}`,
  { timeout: 60_000 + ROUNDS * 2_000 },
  () => {
    it(`leaves no process and no file behind after ${ROUNDS} requests that end in every way`, async () => {
      const stub = await startMessagesStub();
      const account = { id: 'cc', name: 'Claude', provider: 'claude-code', values: { cliPath: claudeFile ?? '' } };
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
      const work = async () => {
        while (next < ROUNDS) await ask(next++);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      await house.closed(ROUNDS);
      expect(outcomes.get('ended')).toBeGreaterThan(0);
      expect(outcomes.size).toBeGreaterThan(2);
      const temporary = join(house.folder, 'temporary');
      await expect
        .poll(() => listRunning(claudeFile ?? '').length, { timeout: 5_000 })
        .toBeLessThanOrEqual(MOST_WAITING);
      await expect.poll(() => readdirSync(temporary).length, { timeout: 5_000 }).toBeLessThanOrEqual(MOST_WAITING);
      await house.close();
      await stub.close();
      expect(listRunning(claudeFile ?? '')).toEqual([]);
    });
  },
);
