// What keeps a program from asking its upstream on its own account.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import type { JsonObject, Message } from '../../../../main/canonical/conversation.ts';
import { createLock } from '../../../../main/providers/claude-code/lock.ts';
import { openFakeHouse, sayLines } from '../../../support/fake-claude.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const result = { type: 'result', subtype: 'success', is_error: false, num_turns: 1 };
const POOL = { most: 4, mostWaiting: 2, mostWarm: 0, idleMs: 60_000 };

const readHeaders = (request: JsonObject) => {
  const { settings } = request as { settings?: { env?: Record<string, string> } };
  return settings?.env?.ANTHROPIC_CUSTOM_HEADERS;
};

it('closes with no header at all, and opens with those of the account, everything else as it was set', async () => {
  vi.useFakeTimers();
  onTestFinished(() => void vi.useRealTimers());
  const settings = { effortLevel: 'low', env: { CLAUDE_CODE_MAX_OUTPUT_TOKENS: '5' } };
  const asked: JsonObject[] = [];
  const claude = { control: async (request: JsonObject) => ({ taken: asked.push(request) }) };
  const setup: JsonObject[] = [{ subtype: 'initialize' }, { subtype: 'apply_flag_settings', settings }];
  const lock = createLock(setup, 'X-Team: blue');
  lock.closeSoon(claude);
  vi.runAllTimers();
  await lock.open(claude);
  expect(asked).toMatchObject([{ settings }, { settings }]);
  const [closed = '', open] = asked.map(readHeaders);
  const [name = '', value = ''] = closed.split(': ');
  expect(() => new Headers({ [name]: value })).toThrow();
  expect(open).toBe('X-Team: blue');
});

it('says nothing to a program whose answer is over at once', async () => {
  const claude = { control: () => Promise.reject(new Error('not needed')) };
  const lock = createLock([]);
  lock.closeSoon(claude);
  await lock.open(claude);
  lock.drop();
});

it('is closed while a program answers, and open before the next turn of its conversation', async () => {
  const go = join(makeTempFolder(), 'go');
  const [start, delta, end] = sayLines(['Hello']) as [object, object, object];
  const house = openFakeHouse(
    [{ question: true }, { print: [start, delta] }, { awaitFile: go }, { print: [end, result] }],
    { pool: POOL, account: { env: { ANTHROPIC_CUSTOM_HEADERS: 'X-Team: blue' } } },
  );
  const readLocks = () => house.diary().flatMap(({ told }) => readHeaders((told?.request ?? {}) as JsonObject) ?? []);
  const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }];
  for await (const batch of house.converse({ messages })) {
    if (!batch.some(({ type }) => type === 'text-delta')) continue;
    await expect.poll(readLocks, { interval: 5 }).toHaveLength(1);
    writeFileSync(go, '');
  }
  await expect.poll(readLocks, { interval: 5 }).toEqual([expect.not.stringContaining('X-Team'), 'X-Team: blue']);
});
