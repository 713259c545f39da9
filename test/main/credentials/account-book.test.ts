// Accounts and their secrets: what is stored where, which account wins, and what a lost secret says.
import { expect, test } from 'vitest';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import type { FileAccount } from '../../../main/credentials/account-sources.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const DRAFT = {
  provider: 'openai-compatible',
  name: 'Kimi (work)',
  method: 'key',
  values: { baseUrl: 'http://127.0.0.1:1/v1' },
  env: {},
  endpoints: {},
  models: [],
};
const FILE: FileAccount = {
  account: { ...DRAFT, id: 'stub', name: 'Stub', source: 'file' },
  secrets: { key: 'file-secret-abcd' },
  secretEnv: [],
};

function createBook(fileAccounts: readonly FileAccount[] = [], now = () => 1000) {
  const dataFolder = makeTempFolder();
  const vault = createMemoryVault();
  const learned: string[] = [];
  const open = () => {
    const store = createSettingsStore({ dataFolder });
    const builtIn = [{ id: 'demo', name: 'Demo' }];
    const learnSecret = (secret: string) => void learned.push(secret);
    return { store, book: createAccountBook({ store, vault, fileAccounts, builtIn, learnSecret, now }) };
  };
  return { open, vault, learned, ...open() };
}

test('an account comes back after a restart with its secrets, which are nowhere but in the vault', async () => {
  const { book, open, vault, learned } = createBook();
  const account = await book.add(DRAFT, { key: 'sk-0123456789', empty: '' });
  expect(account).toEqual({ ...DRAFT, id: 'kimi-work', source: 'settings' });
  const again = open();
  expect(again.book.find('kimi-work')).toEqual(account);
  expect(await again.book.openCredential('kimi-work')).toEqual({ account, secrets: { key: 'sk-0123456789' } });
  expect(JSON.stringify(again.store.readAccounts())).not.toContain('sk-0123');
  expect([...vault.secrets.keys()]).toEqual(['account/kimi-work/key']);
  expect(learned).toContain('sk-0123456789');
});

test('ids are made from names, never twice and never with a slash', async () => {
  const { book } = createBook([FILE]);
  const names = ['Kimi/K2', 'kimi k2', 'Stub', 'demo', '家'];
  const accounts = await Promise.all(names.map((name) => book.add({ ...DRAFT, name }, {})));
  expect(accounts.map(({ id }) => id)).toEqual(['kimi-k2', 'kimi-k2-2', 'stub-2', 'demo-2', 'openai-compatible']);
});

test('accounts of the file come first and win, built-in ones come last', async () => {
  const { book, store } = createBook([FILE]);
  await book.add(DRAFT, {});
  store.writeAccounts([...store.readAccounts(), { ...DRAFT, id: 'stub', name: 'Stored', secrets: [] }]);
  await book.add({ ...DRAFT, name: 'Last' }, {});
  const shown = book.list().map(({ id, name, source }: Account) => `${id} ${name} ${source}`);
  expect(shown).toEqual([
    'stub Stub file',
    'kimi-work Kimi (work) settings',
    'last Last settings',
    'demo Demo built-in',
  ]);
  expect(await book.openCredential('stub')).toEqual({ account: FILE.account, secrets: FILE.secrets });
  expect(await book.openCredential('demo')).toMatchObject({ account: { provider: 'demo' }, secrets: {} });
});

test('secrets in the environment of a file account are shown to its provider only', async () => {
  const env = { HOST: 'http://x', TOKEN: 'env-secret-value' };
  const file = { ...FILE, account: { ...FILE.account, env }, secretEnv: ['TOKEN'] };
  const { book, learned } = createBook([file]);
  expect(book.find('stub')?.env).toEqual({ HOST: 'http://x', TOKEN: '[hidden]' });
  expect((await book.openCredential('stub')).account.env).toEqual(env);
  expect(learned).toEqual(['file-secret-abcd', 'env-secret-value']);
});

test('a change keeps what is absent, replaces what is given and removes an emptied secret', async () => {
  const { book, vault } = createBook();
  await book.add(DRAFT, { key: 'first-secret-1', other: 'second-secret' });
  await book.openCredential('kimi-work');
  const changed = await book.change('kimi-work', { name: 'New' }, { key: 'third-secret-3', other: '' });
  expect(changed).toEqual({ ...DRAFT, id: 'kimi-work', name: 'New', source: 'settings' });
  expect(await book.openCredential('kimi-work')).toEqual({ account: changed, secrets: { key: 'third-secret-3' } });
  expect(await book.listSecrets('kimi-work')).toEqual([{ name: 'key', lastFour: 'et-3' }]);
  expect([...vault.secrets.keys()]).toEqual(['account/kimi-work/key']);
});

test('an account is a new object after its own change only, so that what was learned of the others still holds', async () => {
  const { book } = createBook([FILE]);
  await book.add(DRAFT, { key: 'k' });
  const before = book.list();
  await book.add({ ...DRAFT, name: 'Other' }, {});
  expect(before.map(({ id }) => book.find(id) === before.find((one) => one.id === id))).toEqual([true, true, true]);
  await book.change('kimi-work', {}, { key: 'new' });
  expect(before.map(({ id }) => book.find(id) === before.find((one) => one.id === id))).toEqual([true, false, true]);
});

test('removing an account removes its secrets, and its id is free again', async () => {
  const { book, vault } = createBook();
  await book.add(DRAFT, { key: 'k' });
  await book.openCredential('kimi-work');
  await book.remove('kimi-work');
  expect([book.find('kimi-work'), vault.secrets.size]).toEqual([undefined, 0]);
  await expect(book.openCredential('kimi-work')).rejects.toMatchObject({ kind: 'not-found' });
  expect((await book.add(DRAFT, {})).id).toBe('kimi-work');
});

test('file and built-in accounts are refused to change, unknown ones are not found', async () => {
  const { book } = createBook([FILE]);
  await expect(book.change('stub', { name: 'x' }, {})).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(book.remove('demo')).rejects.toThrow('always there');
  await expect(book.remove('nobody')).rejects.toMatchObject({ kind: 'not-found' });
});

test('a secret that the vault has lost or refuses is a clear error, and the account works once it is back', async () => {
  const { book, vault } = createBook();
  await book.add(DRAFT, { key: 'sk-0123456789' });
  vault.secrets.clear();
  const lost = book.openCredential('kimi-work');
  await expect(lost).rejects.toMatchObject({
    kind: 'unauthorized',
    message: expect.stringContaining('Enter it again'),
  });
  expect(await book.listSecrets('kimi-work')).toEqual([{ name: 'key' }]);
  await book.change('kimi-work', {}, { key: 'sk-back-again' });
  expect((await book.openCredential('kimi-work')).secrets).toEqual({ key: 'sk-back-again' });
});

test('a password shows no last characters, however long it is', async () => {
  const { book } = createBook();
  await book.add(DRAFT, { password: 'correct horse battery' });
  expect(await book.listSecrets('kimi-work')).toEqual([{ name: 'password' }]);
});

test('short secrets show no last characters', async () => {
  const { book } = createBook();
  await book.add(DRAFT, { key: 'short' });
  expect(await book.listSecrets('kimi-work')).toEqual([{ name: 'key' }]);
});

test('health is kept and told, a burst of the same news only once a second', async () => {
  let time = 5000;
  const { book } = createBook([], () => time);
  await book.add(DRAFT, {});
  let told = 0;
  book.onChange(() => {
    told += 1;
  });
  expect([book.health('kimi-work'), book.health('demo')]).toEqual([{ state: 'untested' }, { state: 'ready' }]);
  book.touch('kimi-work');
  book.report('kimi-work', { state: 'ready', text: 'Key accepted', at: time });
  expect(told).toBe(2);
  time += 500;
  book.touch('kimi-work');
  book.report('kimi-work', { state: 'ready', text: 'Key accepted', at: time });
  expect(told).toBe(2);
  expect(book.health('kimi-work')).toEqual({ state: 'ready', text: 'Key accepted', at: 5500, lastUsedAt: 5500 });
  for (const ms of [400, 400, 400]) {
    time += ms;
    book.touch('kimi-work');
  }
  expect(told).toBe(3);
  book.report('kimi-work', { state: 'failed', text: 'Key refused', at: time });
  expect(told).toBe(4);
});

test('tells which account became another or went, and not what has only another name', async () => {
  const { book } = createBook();
  await book.add(DRAFT, { key: 'sk-0123456789' });
  const told: string[] = [];
  const stop = book.onReplaced(({ id, isGone }) => told.push(`${id} ${isGone ? 'gone' : 'other'}`));
  await book.change('kimi-work', { name: 'Home', models: ['m'] }, {});
  expect(told).toEqual([]);
  await book.change('kimi-work', { values: { baseUrl: 'http://127.0.0.1:2/v1' } }, {});
  await book.change('kimi-work', {}, { key: 'sk-9876543210' });
  await book.remove('kimi-work');
  expect(told).toEqual(['kimi-work other', 'kimi-work other', 'kimi-work gone']);
  stop();
});

test('accounts of a file that was read again come, change and go, and what is the same stays as it was', async () => {
  const other: FileAccount = { ...FILE, account: { ...FILE.account, id: 'other' } };
  const { book, learned } = createBook([FILE, other]);
  const stored = await book.add(DRAFT, { key: 'sk-0123456789' });
  const before = book.find('stub');
  book.report('stub', { state: 'ready', at: 1 });
  book.report('other', { state: 'ready', at: 1 });
  let told = 0;
  book.onChange(() => {
    told += 1;
  });
  const changed = { ...other, secrets: { key: 'another-secret-efgh' } };
  const added = { ...FILE, account: { ...FILE.account, id: 'third' } };
  const same = structuredClone(FILE);
  expect(book.replaceFile([added, same, changed])).toEqual({ added: ['third'], changed: ['other'], gone: [] });
  expect(told).toBe(1);
  expect(book.list().map(({ id }) => id)).toEqual(['third', 'stub', 'other', stored.id, 'demo']);
  expect(book.find('stub')).toBe(before);
  expect([book.health('stub').state, book.health('other').state]).toEqual(['ready', 'untested']);
  expect((await book.openCredential('other')).secrets).toEqual({ key: 'another-secret-efgh' });
  expect(learned).toContain('another-secret-efgh');
  expect(book.replaceFile([])).toEqual({ added: [], changed: [], gone: ['third', 'stub', 'other'] });
  expect(book.list().map(({ id }) => id)).toEqual([stored.id, 'demo']);
  await expect(book.openCredential('stub')).rejects.toMatchObject({ kind: 'not-found' });
});

test('an account of the settings comes back when the file no longer has one of its name', async () => {
  const { book } = createBook();
  await book.add({ ...DRAFT, name: 'stub' }, { key: 'sk-0123456789' });
  const stored = book.find('stub');
  book.replaceFile([FILE]);
  expect((await book.openCredential('stub')).secrets).toEqual({ key: 'file-secret-abcd' });
  book.replaceFile([]);
  expect(book.find('stub')).toEqual(stored);
  expect((await book.openCredential('stub')).secrets).toEqual({ key: 'sk-0123456789' });
});
