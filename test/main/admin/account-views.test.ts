// One truth in an account's row: what the pool knows of it and what was proved of it.
import { expect, test } from 'vitest';
import { type AccountServices, viewAccount } from '../../../main/admin/account-views.ts';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import type { RestView } from '../../../shared/routing.ts';
import type { AccountState } from '../../../shared/views.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { NO_POOL } from '../../support/no-pool.ts';
import { NO_QUOTAS } from '../../support/no-quotas.ts';
import { createAccount } from '../../support/pool-members.ts';

async function read(rests: readonly RestView[], state: AccountState = 'ready') {
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: [{ account: createAccount('a'), secrets: {}, secretEnv: [] }],
    learnSecret: () => {},
  });
  accounts.report('a', { state, text: 'Answered a request.', at: 1 });
  const services: AccountServices = {
    accounts,
    providers: [],
    models: { list: async () => ({ models: [], failures: [] }), count: () => undefined, onChange: () => () => {} },
    quotas: NO_QUOTAS,
    ...NO_POOL,
    pool: { ...NO_POOL.pool, listRests: () => rests },
    redact: (text) => text,
  };
  const view = await viewAccount(services, createAccount('a'));
  return [view.state, view.stateText, view.stateAt];
}

const rest = (cause: RestView['cause'], more: Partial<RestView> = {}): RestView => ({
  cause,
  since: 5,
  text: `It is ${cause}.`,
  ...more,
});

test('an account that rests as a whole says so, with the reason', async () => {
  expect(await read([rest('told', { until: 9 })])).toEqual(['resting', 'It is told.', 5]);
  expect(await read([rest('guessed', { until: 9 })])).toEqual(['resting', 'It is guessed.', 5]);
  expect(await read([rest('hand')])).toEqual(['resting', 'It is hand.', 5]);
});

test('an account that has to be mended has failed', async () => {
  expect(await read([rest('guessed', { until: 9 }), rest('failed')])).toEqual(['failed', 'It is failed.', 5]);
});

test('the person’s wish is told first', async () => {
  expect(await read([rest('told', { until: 9 }), rest('failed'), rest('hand')])).toEqual(['resting', 'It is hand.', 5]);
});

test('a model that rests says nothing of the account', async () => {
  expect(await read([rest('told', { until: 9, model: 'm' })])).toEqual(['ready', 'Answered a request.', 1]);
});

test('an account that does not rest is as it was proved', async () => {
  expect(await read([], 'attention')).toEqual(['attention', 'Answered a request.', 1]);
});
