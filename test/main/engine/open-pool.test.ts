// The pool joined with real accounts: what becomes of rests when accounts change, are tested, or go.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import { openPool } from '../../../main/engine/open-pool.ts';
import type { Candidate } from '../../../main/gateway/route-plan.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import { DEFAULT_ROUTING } from '../../../shared/routing.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { NO_QUOTAS } from '../../support/no-quotas.ts';
import { createFailure, serve } from '../../support/pool-members.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const DRAFT = { provider: 'scripted', name: 'One', method: 'none', values: {}, env: {}, endpoints: {}, models: [] };

async function open() {
  const dataFolder = makeTempFolder();
  const clock = createVirtualClock();
  const accounts = createAccountBook({
    store: createSettingsStore({ dataFolder }),
    vault: createMemoryVault(),
    learnSecret: () => {},
  });
  const checked: string[] = [];
  const result: { state: 'ok' | 'failed' } = { state: 'ok' };
  const provider = {
    ...createScriptedProvider({}),
    check: async function* ({ credential }: { credential: { account: { id: string } } }) {
      checked.push(credential.account.id);
      yield { id: 'key', label: 'Key accepted', state: result.state } as const;
    },
  };
  const pool = openPool({
    accounts,
    providers: new Map([['scripted', provider]]),
    quotas: NO_QUOTAS,
    redact: (text) => text,
    routing: () => DEFAULT_ROUTING,
    onRouting: () => () => {},
    dataFolder,
    onMishap: (text) => expect.unreachable(text),
    clock,
  });
  const account = await accounts.add(DRAFT, { key: 'sk-0123456789' });
  const members: Candidate[] = [{ account, model: 'm' }];
  const fail = (kind: 'unauthorized' | 'quota-exhausted', retryAfterMs?: number) =>
    serve(pool, members, { failure: createFailure(kind, 'no', retryAfterMs === undefined ? {} : { retryAfterMs }) });
  return { dataFolder, clock, accounts, pool, account, members, fail, checked, result };
}

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

test('another key ends what the old one had brought upon the account; another name does not', async () => {
  const { accounts, pool, fail } = await open();
  await fail('unauthorized');
  await accounts.change('one', { name: 'Other' }, {});
  expect(pool.listRests('one')).toHaveLength(1);
  await accounts.change('one', {}, { key: 'sk-9876543210' });
  expect(pool.listRests('one')).toEqual([]);
});

test('an account that is removed leaves nothing behind', async () => {
  const { dataFolder, accounts, pool, fail } = await open();
  await fail('quota-exhausted', 3_600_000);
  pool.rest('one');
  await accounts.remove('one');
  expect(pool.listRests('one')).toEqual([]);
  await pool.close();
  expect(JSON.parse(readFileSync(join(dataFolder, 'pool.json'), 'utf8'))).toEqual({
    rests: [],
    accounts: [],
    rings: [],
  });
});

test('when a rest is over the account is tested, and what that shows stands with it', async () => {
  const { clock, accounts, pool, fail, checked } = await open();
  await fail('quota-exhausted', 60_000);
  accounts.report('one', { state: 'failed', text: 'no' });
  await clock.advance(60_000);
  expect(checked).toEqual(['one']);
  expect(accounts.health('one')).toMatchObject({ state: 'ready', text: 'Key accepted' });
  await pool.close();
});

test('an account that has failed is tested soon after a start and every hour', async () => {
  const { clock, pool, fail, checked, accounts, result } = await open();
  await fail('unauthorized');
  result.state = 'failed';
  await clock.advance(5_000);
  expect(checked).toEqual(['one']);
  expect(accounts.health('one').state).toBe('failed');
  expect(pool.listRests('one')).toHaveLength(1);
  result.state = 'ok';
  await clock.advance(3_600_000);
  expect(checked).toEqual(['one', 'one']);
  expect(pool.listRests('one')).toEqual([]);
  await clock.advance(3_600_000);
  expect(checked).toHaveLength(2);
  await pool.close();
});

test('an account that is wanted now is as one that nothing is known of', async () => {
  const { accounts, pool, fail } = await open();
  await fail('quota-exhausted', 60_000);
  accounts.report('one', { state: 'failed', text: 'no' });
  pool.use('one');
  expect(accounts.health('one').state).toBe('untested');
  expect(pool.listRests('one')).toEqual([]);
});

test('nothing is tested after the end', async () => {
  const { clock, pool, fail, checked } = await open();
  await fail('quota-exhausted', 60_000);
  await pool.close();
  await clock.advance(3_600_000);
  await settle();
  expect(checked).toEqual([]);
});
