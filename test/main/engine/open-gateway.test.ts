// The rooms of the gateway joined: what an answer says of limits is known, kept over a restart, and told before it runs out.

import { expect, test } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { openGateway } from '../../../main/engine/open-gateway.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import type { RequestRecord } from '../../../main/request-log/request-log.ts';
import type { Quota, QuotaMeter } from '../../../shared/quota.ts';
import { DEFAULT_ROUTING } from '../../../shared/routing.ts';
import { openTestBooks } from '../../support/books.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { createFailure, serve } from '../../support/pool-members.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const HOUR_MS = 3_600_000;
const account: Account = {
  id: 'one',
  provider: 'scripted',
  name: 'One',
  method: 'none',
  values: {},
  env: {},
  endpoints: {},
  models: [],
  source: 'file',
};
const record: RequestRecord = { id: 'r', update: () => {}, note: () => {}, close: () => {} };

function setUp() {
  const folder = makeTempFolder();
  const clock = createVirtualClock(Date.now());
  const projects = openTestBooks(folder).projects;
  const state = {
    used: 10,
    quota: { meters: [] } as Quota,
    asked: 0,
    renewed: Promise.resolve(),
    notified: [] as string[],
    notices: new Map<string, string>(),
  };
  const meter = (): QuotaMeter => ({
    label: '5 hours',
    used: state.used,
    limit: 100,
    unit: '%',
    resetsAt: clock.now() + 5 * HOUR_MS,
  });
  const scripted: Provider = {
    ...createScriptedProvider({
      listModels: async () => [{ id: 'm' }],
      async *converse(_model, context) {
        context.meter?.([meter()]);
        yield [{ type: 'reply-start' }, { type: 'reply-end', finishReason: { kind: 'stop' } }];
      },
    }),
    embed: async (_request, context) => {
      context.meter?.([meter()]);
      return { vectors: [[1]] };
    },
    readQuota: async () => {
      state.asked += 1;
      return state.quota;
    },
    renewal: {
      covers: () => true,
      find: async () => ({ login: 'one' }),
      renew: () => state.renewed,
    },
  };
  const open = () => {
    const accounts = createAccountBook({
      store: { readAccounts: () => [], writeAccounts: () => {} },
      vault: createMemoryVault(),
      fileAccounts: [{ account, secrets: {}, secretEnv: [] }],
      builtIn: [],
      learnSecret: () => {},
      proxy: () => undefined,
    });
    const rooms = openGateway({
      accounts,
      providers: new Map([['scripted', scripted]]),
      agents: { list: () => [], find: () => undefined },
      projects,
      redact: (text) => text,
      clock,
      dataFolder: folder,
      routing: () => DEFAULT_ROUTING,
      allows: () => true,
      onRouting: () => () => {},
      quotaWarnPercent: () => 90,
      setNotice: (id, title, text) => {
        if (text === undefined) state.notices.delete(id);
        else state.notices.set(id, `${title}. ${text}`);
      },
      notify: (title) => state.notified.push(title),
    });
    const context = { requestId: 'r', signal: new AbortController().signal, record, startedAt: 0, live: true };
    const find = () => rooms.quotas.find(accounts.find('one') as Account);
    return { ...rooms, accounts, context, find };
  };
  return { clock, state, open };
}

test('an answer of any kind teaches what is left, and a restart does not forget it', async () => {
  const { state, open } = setUp();
  const first = open();
  for await (const _ of first.gateway.converse({ model: 'one/m', messages: [] }, first.context));
  expect(first.find()?.meters).toMatchObject([{ label: '5 hours', used: 10 }]);
  state.used = 12;
  await first.gateway.embed({ model: 'one/m', inputs: ['x'] }, first.context);
  expect(first.find()?.meters).toMatchObject([{ used: 12 }]);
  await first.close();
  const second = open();
  expect(second.find()?.meters).toMatchObject([{ used: 12 }]);
  await second.close();
});

test('what runs out is told once, also after a restart', async () => {
  const { state, open } = setUp();
  state.used = 95;
  const first = open();
  await first.gateway.embed({ model: 'one/m', inputs: ['x'] }, first.context);
  expect([state.notices.size, state.notified]).toEqual([1, ['One is running out']]);
  await first.close();
  state.notices.clear();
  const second = open();
  expect([state.notices.size, state.notified.length]).toEqual([1, 1]);
  await second.close();
});

test('a request that fails as nothing is left has the quota read soon', async () => {
  const { clock, state, open } = setUp();
  const { pool, accounts, close } = open();
  const member = { account: accounts.find('one') as Account, model: 'm' };
  const lease = await pool.lease([member], { isTried: () => false, signal: new AbortController().signal });
  lease?.release({ type: 'failed', error: new GatewayError('quota-exhausted', 'Empty.') });
  await clock.advance(2_000);
  expect(state.asked).toBe(1);
  await close();
});

test('a login that is renewed while all is closed is not kept as one that fails', async () => {
  const { state, open } = setUp();
  const first = open();
  const member = { account: first.accounts.find('one') as Account, model: 'm' };
  await serve(first.pool, [member], { failure: createFailure('unauthorized') });
  let finish: () => void = () => {};
  state.renewed = new Promise((resolve) => {
    finish = resolve;
  });
  const renewing = first.renewals.renew('one');
  await new Promise(setImmediate);
  const closing = first.close();
  await new Promise(setImmediate);
  finish();
  await Promise.all([renewing, closing]);
  const second = open();
  expect(second.pool.listRests('one')).toEqual([]);
  await second.close();
});
