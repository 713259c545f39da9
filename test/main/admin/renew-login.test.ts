// Renewing a login from the window, over the real scheduler: what comes of it, and what is said where there is none.
import { call } from '@orpc/server';
import { expect, test } from 'vitest';
import type { AccountServices } from '../../../main/admin/account-views.ts';
import { createAccountHandlers } from '../../../main/admin/accounts.ts';
import { createBinder } from '../../../main/admin/binder.ts';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import { createRenewals } from '../../../main/gateway/renewals.ts';
import type { AccountRenewal } from '../../../main/providers/login.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { NO_POOL } from '../../support/no-pool.ts';
import { NO_QUOTAS } from '../../support/no-quotas.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function open() {
  const clock = createVirtualClock();
  let endsAt = clock.now() + 60_000;
  const renewal: AccountRenewal = {
    covers: ({ method }) => method === 'login',
    find: async () => ({ login: 'l', endsAt, dueAt: endsAt }),
    renew: async () => {
      endsAt += 60_000;
    },
  };
  const provider: Provider = {
    ...{ id: 'p', name: 'P', card: { standing: '', spends: '' }, signIn: [], renewal },
    listModels: async () => [],
    async *converse() {},
    async *check() {},
  };
  const base = { provider: 'p', values: {}, env: {}, endpoints: {}, models: [], source: 'file' as const };
  const accounts = createAccountBook({
    store: { readAccounts: () => [], writeAccounts: () => {} },
    vault: createMemoryVault(),
    fileAccounts: ['login', 'key'].map((method) => ({
      account: { ...base, id: method, name: `My ${method}`, method },
      secrets: {},
      secretEnv: [],
    })),
    learnSecret: () => {},
  });
  const redact = (text: string) => text;
  const { pool } = NO_POOL;
  const renewals = createRenewals({ clock, accounts, providers: new Map([['p', provider]]), pool, redact });
  const models = { list: async () => ({ models: [], failures: [] }), count: () => undefined, onChange: () => () => {} };
  const services: AccountServices = {
    accounts,
    providers: [provider],
    models,
    quotas: NO_QUOTAS,
    pool,
    renewals,
    redact,
  };
  const { renewLogin } = createAccountHandlers(createBinder(), services);
  return { renew: (id: string) => call(renewLogin, { id }), end: () => endsAt };
}

test('the row that comes back tells of the new login', async () => {
  const { renew, end } = open();
  expect((await renew('login')).renewal).toMatchObject({ endsAt: end(), count: 1, errors: 0 });
});

test('an account without one says so', async () => {
  const { renew } = open();
  await expect(renew('key')).rejects.toMatchObject({
    code: 'BAD_REQUEST',
    message: '"My key" has no login that Patchbay renews.',
  });
});
