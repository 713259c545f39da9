// Quiet tests of accounts whose rest is over.
import { expect, test } from 'vitest';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import { createRechecks } from '../../../main/gateway/account-check.ts';
import type { CallContext } from '../../../main/providers/context.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import type { CheckStep } from '../../../shared/views.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const OK: CheckStep = { id: 'key', label: 'Key accepted', state: 'ok', detail: 'by hunter2' };

function openRechecks(check: Provider['check']) {
  const clock = createVirtualClock();
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: ['a', 'b', 'c'].map((id) => ({
      account: {
        ...{ id, name: id, provider: 'scripted', method: 'none', source: 'file' },
        ...{ values: {}, env: {}, endpoints: {}, models: [] },
      },
      secrets: {},
      secretEnv: [],
    })),
    learnSecret: () => {},
  });
  const proved: string[] = [];
  const read: string[] = [];
  const rechecks = createRechecks({
    accounts,
    providers: new Map([['scripted', { ...createScriptedProvider({}), check }]]),
    quotas: { refresh: async (id) => void read.push(id) },
    pool: { prove: (id) => void proved.push(id) },
    redact: (text) => text.replaceAll('hunter2', '[hidden]'),
    clock,
  });
  return { clock, accounts, rechecks, proved, read };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('a test that goes well is reported, proves the account, and has its plan read', async () => {
  const { accounts, rechecks, proved, read } = openRechecks(async function* () {
    yield OK;
  });
  rechecks.ask('a');
  await settle();
  expect(accounts.health('a')).toMatchObject({ state: 'ready', text: 'Key accepted: by [hidden]' });
  expect([proved, read]).toEqual([['a'], ['a']]);
});

test('a test that fails, or throws, is reported and proves nothing', async () => {
  const { accounts, rechecks, proved } = openRechecks(async function* ({ credential }: CallContext) {
    if (credential.account.id === 'b') throw new Error('broken');
    yield { ...OK, state: 'failed' };
  });
  rechecks.ask('a');
  rechecks.ask('b');
  rechecks.ask('nobody');
  await settle();
  expect(accounts.health('a').state).toBe('failed');
  expect(accounts.health('b').state).toBe('failed');
  expect(proved).toEqual([]);
});

test('never more than two at once, and each account once', async () => {
  const running = new Map<string, () => void>();
  const seen: string[] = [];
  const { rechecks } = openRechecks(async function* ({ credential: { account } }: CallContext) {
    seen.push(account.id);
    await new Promise<void>((resolve) => running.set(account.id, resolve));
    yield OK;
  });
  for (const id of ['a', 'b', 'c', 'c']) rechecks.ask(id);
  await settle();
  expect(seen).toEqual(['a', 'b']);
  running.get('b')?.();
  await settle();
  expect(seen).toEqual(['a', 'b', 'c']);
  for (const finish of running.values()) finish();
  await settle();
  expect(seen).toHaveLength(3);
});

test('a test that hangs is given up and proves nothing', async () => {
  const { clock, accounts, rechecks, proved } = openRechecks(async function* () {
    yield OK;
    await new Promise(() => {});
  });
  rechecks.ask('a');
  await clock.advance(60_000);
  expect(accounts.health('a').state).toBe('untested');
  expect(proved).toEqual([]);
});

test('a test says nothing of what the account has become meanwhile', async () => {
  for (const state of ['ok', 'failed'] as const) {
    let finish: () => void = () => {};
    const { accounts, rechecks, proved } = openRechecks(async function* () {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      yield { ...OK, state };
    });
    rechecks.ask('a');
    await settle();
    const changed = accounts.list().map((account) => ({ ...account, values: { base: 'other' } }));
    accounts.replaceFile(changed.map((account) => ({ account, secrets: {}, secretEnv: [] })));
    finish();
    await settle();
    expect([accounts.health('a').state, proved]).toEqual(['untested', []]);
  }
});

test('closing breaks off what runs and starts no more', async () => {
  const signals: AbortSignal[] = [];
  const { rechecks } = openRechecks(async function* ({ signal }: CallContext) {
    signals.push(signal);
    await new Promise(() => {});
    yield OK;
  });
  for (const id of ['a', 'b', 'c']) rechecks.ask(id);
  await settle();
  await rechecks.close();
  rechecks.ask('c');
  await settle();
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, true]);
});
