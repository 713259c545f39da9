// Signing in and out through the GUI's calls: what is stored, what never comes back, and what is undone.
import { createRouterClient } from '@orpc/server';
import { expect, test } from 'vitest';
import { createAccountHandlers } from '../../../main/admin/accounts.ts';
import { createBinder } from '../../../main/admin/binder.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import type { ProviderLogin, SignedIn } from '../../../main/providers/login.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import { createRedactor } from '../../../main/request-log/redact.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import type { SignInStart, SignInStep } from '../../../shared/sign-in.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { NO_POOL } from '../../support/no-pool.ts';
import { NO_QUOTAS } from '../../support/no-quotas.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const SIGNED: SignedIn = {
  text: 'Signed in as ada.',
  values: { place: '/own/one' },
  secrets: { refresh: 'refresh-0123456789' },
};
const DRAFT = { provider: 'talker', method: 'talk', name: 'Work', values: { region: 'eu' }, secrets: {} };

function createHouse(signed: SignedIn = SIGNED, { failVault = false } = {}) {
  const done: string[] = [];
  const login: ProviderLogin = {
    signIn: async ({ dialogue, credential }) => {
      const { values, id } = credential.account;
      const page = { url: 'https://example.com/device', code: 'ABCD-1234' };
      const { code } = await dialogue.ask({ title: `${id} ${values.region}`, page }, [
        { name: 'code', label: 'Code', kind: 'secret', required: true },
      ]);
      if (code !== 'right-code') throw new GatewayError('unauthorized', `No such code: ${code}`);
      return signed;
    },
    owner: ({ values }) => (values.place === undefined ? 'shared' : 'own'),
    signOut: async ({ credential }) => {
      done.push(`signed out ${credential.account.id}`);
      return 'Bye.';
    },
    forget: async ({ account }, left) => {
      const stays = left.some(({ values }) => values.place === account.values.place);
      if (!stays) done.push(`forgot ${account.values.place} of ${account.id}`);
    },
  };
  const provider: Provider = {
    id: 'talker',
    name: 'Talker',
    card: { standing: 's', spends: 'p' },
    signIn: [
      {
        id: 'talk',
        label: 'Talk',
        dialogue: true,
        fields: [
          { name: 'region', label: 'Region', kind: 'text', required: true },
          { name: 'place', label: 'Place', kind: 'path', required: false },
        ],
      },
      { id: 'key', label: 'Key', fields: [{ name: 'key', label: 'Key', kind: 'secret', required: true }] },
    ],
    listModels: async () => [],
    async *converse() {},
    async *check() {},
    login,
  };
  const store = createSettingsStore({ dataFolder: makeTempFolder() });
  const { add: learnSecret, redact } = createRedactor();
  const vault = createMemoryVault();
  const refuse = () => Promise.reject(new GatewayError('internal', 'The keychain refused.'));
  const accounts = createAccountBook({
    store,
    vault: failVault ? { ...vault, write: refuse } : vault,
    builtIn: [],
    learnSecret,
  });
  const models = { list: async () => ({ models: [], failures: [] }), count: () => undefined, onChange: () => () => {} };
  const handlers = createAccountHandlers(createBinder(), {
    accounts,
    providers: [provider],
    models,
    quotas: NO_QUOTAS,
    ...NO_POOL,
    redact,
  });
  const client = createRouterClient({ accounts: handlers }).accounts;
  /** Signs in with this code; the steps besides the first. */
  const signIn = async (start: SignInStart, code: string) => {
    const steps: SignInStep[] = [];
    for await (const step of await client.signIn(start)) {
      steps.push(step);
      if (step.type === 'shown' && step.question !== undefined)
        await client.answer({ dialogue: step.dialogue, question: step.question.id, values: { code } });
    }
    return steps;
  };
  return { client, accounts, vault, done, signIn };
}

const addPlain = (house: ReturnType<typeof createHouse>, change: Partial<Account> = {}) =>
  house.accounts.add({ ...DRAFT, env: {}, endpoints: {}, models: [], ...change }, {});

test('an account is added when its person is signed in, with what the provider gives to keep', async () => {
  const { signIn, accounts, client } = createHouse();
  const steps = await signIn({ draft: DRAFT }, ' right-code ');
  expect(steps).toMatchObject([
    { type: 'shown', title: 'new eu', page: { url: 'https://example.com/device', code: 'ABCD-1234' } },
    { type: 'done', text: 'Signed in as ada.', account: { id: 'work', login: 'own', values: { place: '/own/one' } } },
  ]);
  expect((await accounts.openCredential('work')).secrets).toEqual({ refresh: 'refresh-0123456789' });
  expect(JSON.stringify([steps, await client.list()])).not.toMatch(/right-code|refresh-0123/);
});

test('a secret of the dialogue outlives a change of the account, but not another way of signing in', async () => {
  const { signIn, accounts, client } = createHouse();
  await signIn({ draft: DRAFT }, 'right-code');
  await client.change({ id: 'work', name: 'Home', values: { region: 'us' } });
  expect((await accounts.openCredential('work')).secrets).toEqual({ refresh: 'refresh-0123456789' });
  await client.change({ id: 'work', method: 'key', secrets: { key: 'k' } });
  expect((await accounts.openCredential('work')).secrets).toEqual({ key: 'k' });
});

test('nothing is added when it fails, and the typed code does not come back', async () => {
  const { signIn, accounts } = createHouse();
  const steps = await signIn({ draft: DRAFT }, 'wrong-code');
  expect(steps.at(-1)).toEqual({ type: 'failed', text: 'No such code: ••••' });
  expect(accounts.list()).toEqual([]);
});

test('a draft that lacks something is refused before anybody is asked', async () => {
  const { client } = createHouse();
  await expect(client.signIn({ draft: { ...DRAFT, values: {} } })).rejects.toThrow('Region is needed.');
  await expect(client.signIn({ draft: { ...DRAFT, method: 'key', secrets: { key: 'k' } } })).rejects.toThrow(
    'nothing to sign in',
  );
  await expect(client.signIn({ account: 'nobody' })).rejects.toThrow('There is no account "nobody".');
  await expect(client.answer({ dialogue: 'd', question: '1', values: {} })).rejects.toThrow('no longer open');
});

test('an account that is there keeps its values, gets the new ones, and is no longer failed', async () => {
  const house = createHouse();
  const { id } = await addPlain(house);
  house.accounts.report(id, { state: 'failed', text: 'Not logged in', at: 1 });
  await house.signIn({ account: id }, 'right-code');
  expect(house.accounts.find(id)?.values).toEqual({ region: 'eu', place: '/own/one' });
  expect(house.accounts.health(id)).toMatchObject({ state: 'untested', text: 'Signed in as ada.' });
});

test('a sign-in that cannot be stored is undone', async () => {
  const undone: string[] = [];
  const signed = { ...SIGNED, discard: async () => void undone.push('discarded') };
  const { signIn, accounts } = createHouse(signed, { failVault: true });
  expect((await signIn({ draft: DRAFT }, 'right-code')).at(-1)).toMatchObject({ type: 'failed' });
  expect(undone).toEqual(['discarded']);
  expect(accounts.list()).toEqual([]);
});

test('a shared login is signed out only after the person has agreed, an own one at once', async () => {
  const house = createHouse();
  const { id } = await addPlain(house);
  await expect(house.client.signOut({ id, shared: false })).rejects.toThrow('Other programs use the login');
  expect(house.done).toEqual([]);
  expect(await house.client.signOut({ id, shared: true })).toEqual({ text: 'Bye.' });
  await house.signIn({ account: id }, 'right-code');
  await house.client.signOut({ id, shared: false });
  expect(house.done).toEqual([`signed out ${id}`, `signed out ${id}`]);
  expect(house.accounts.health(id)).toMatchObject({ state: 'failed', text: 'Signed out.' });
});

test('the provider is told what an account had when it goes or becomes another, and which accounts are left', async () => {
  const house = createHouse();
  const values = { region: 'eu', place: '/own/one' };
  await addPlain(house, { values });
  await addPlain(house, { name: 'Twin', values });
  await house.client.change({ id: 'work', name: 'Home' });
  await house.client.remove({ id: 'work' });
  expect(house.done).toEqual([]);
  await house.client.change({ id: 'twin', values: { place: '/own/two' } });
  expect(house.done).toEqual(['forgot /own/one of twin']);
  await house.client.remove({ id: 'twin' });
  expect(house.done).toEqual(['forgot /own/one of twin', 'forgot /own/two of twin']);
});
