// What keeps a program from asking its upstream on its own account.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Message } from '../../../../main/canonical/conversation.ts';
import { writeLock } from '../../../../main/providers/claude-code/lock.ts';
import { openFakeHouse, sayLines } from '../../../support/fake-claude.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const result = { type: 'result', subtype: 'success', is_error: false, num_turns: 1 };
const POOL = { most: 4, mostWaiting: 2, mostWarm: 0, idleMs: 60_000 };

it('closes with everything else as it was set, and opens with the headers of the account', () => {
  const settings = { effortLevel: 'low', env: { CLAUDE_CODE_MAX_OUTPUT_TOKENS: '5' } };
  const setup = [{ subtype: 'initialize' }, { subtype: 'apply_flag_settings', settings }];
  const { close, open } = writeLock(setup, 'X-Team: blue');
  expect(open).toMatchObject({
    settings: { effortLevel: 'low', env: { ...settings.env, ANTHROPIC_CUSTOM_HEADERS: 'X-Team: blue' } },
  });
  const { env } = (close as { settings: { env: Record<string, string> } }).settings;
  expect(env).toMatchObject(settings.env);
  const [name = '', value = ''] = (env.ANTHROPIC_CUSTOM_HEADERS ?? '').split(': ');
  expect(() => new Headers({ [name]: value })).toThrow();
});

it('is closed while a program answers, and open before the next turn of its conversation', async () => {
  const go = join(makeTempFolder(), 'go');
  const [start, delta, end] = sayLines(['Hello']) as [object, object, object];
  const house = openFakeHouse(
    [{ question: true }, { print: [start, delta] }, { awaitFile: go }, { print: [end, result] }],
    { pool: POOL, account: { env: { ANTHROPIC_CUSTOM_HEADERS: 'X-Team: blue' } } },
  );
  const readLocks = () =>
    house.diary().flatMap(({ told }) => {
      const { settings } = (told?.request ?? {}) as { settings?: { env?: Record<string, string> } };
      return settings?.env?.ANTHROPIC_CUSTOM_HEADERS ?? [];
    });
  const messages: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }];
  for await (const batch of house.converse({ messages })) {
    if (!batch.some(({ type }) => type === 'text-delta')) continue;
    await expect.poll(readLocks, { interval: 5 }).toHaveLength(1);
    writeFileSync(go, '');
  }
  await expect.poll(readLocks, { interval: 5 }).toEqual([expect.not.stringContaining('X-Team'), 'X-Team: blue']);
});
