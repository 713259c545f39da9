// Many accounts at once behind the window: read, added and written, with nothing secret on the way back to the page.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createListHandlers } from '../../../main/admin/account-lists.ts';
import type { AccountServices } from '../../../main/admin/account-views.ts';
import { createBinder } from '../../../main/admin/binder.ts';
import { type AccountBook, createAccountBook } from '../../../main/credentials/account-book.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import { type K2Scene, openK2Scene } from '../../support/k2-scene.ts';
import { EMAIL, PASSWORD, signToken } from '../../support/k2-stub.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { NO_POOL } from '../../support/no-pool.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const provider = 'k2-think';
const TOKEN = signToken({ id: 'abcdef0123', exp: 4_000_000_000 });
const OLD = signToken({ id: 'abcdef0123', exp: 1 });
const TEXT = [
  '# accounts of the team',
  '',
  JSON.stringify({ email: EMAIL, password: PASSWORD }),
  JSON.stringify({ email: 'you@example.org', k2_password: 'older form 1' }),
  '{"email": "x@example.org", "password": "damaged secret',
  JSON.stringify({ email: 'nobody@example.org' }),
  JSON.stringify({ email: EMAIL.toUpperCase(), password: 'again' }),
  TOKEN,
  OLD,
  'what is this',
].join('\r\n');

let scene: K2Scene;
let accounts: AccountBook;
let handlers: ReturnType<typeof createListHandlers>;

beforeEach(async () => {
  scene = await openK2Scene();
  const store = createSettingsStore({ dataFolder: makeTempFolder() });
  accounts = createAccountBook({ store, vault: createMemoryVault(), learnSecret: () => {} });
  const services: AccountServices = {
    accounts,
    providers: [scene.start()],
    models: { list: async () => ({ models: [], failures: [] }), count: () => undefined, onChange: () => () => {} },
    ...NO_POOL,
    quotas: { find: () => undefined, has: () => false } as unknown as AccountServices['quotas'],
    redact: (text) => text,
  };
  handlers = createListHandlers(createBinder(), services);
});
afterEach(() => scene.close());

const add = (lines: number[]) => call(handlers.addList, { provider, text: TEXT, lines });

test('every line is told by its number, with what is wrong with it, and no secret comes back', async () => {
  const listed = await call(handlers.readList, { provider, text: TEXT });
  expect(listed.map(({ line, title, problem, usable }) => [line, title, problem, usable])).toEqual([
    [3, EMAIL, undefined, true],
    [4, 'you@example.org', undefined, true],
    [5, 'Unknown', 'The JSON object is damaged.', false],
    [6, 'nobody@example.org', 'It has no "password".', false],
    [7, EMAIL.toUpperCase(), 'It is the same as line 3.', false],
    [8, 'Token of abcdef01', undefined, true],
    [9, 'Token of abcdef01', 'It ended 1970-01-01 00:00 UTC.', true],
    [10, 'Unknown', 'This is neither a JSON object nor a token.', false],
  ]);
  for (const secret of [PASSWORD, 'older form 1', 'damaged secret', TOKEN, OLD]) {
    expect(JSON.stringify(listed)).not.toContain(secret);
  }
});

test('the chosen lines become accounts, a bad one keeps none of the others out, and what is there is known again', async () => {
  const { added, failures } = await add([3, 4, 5, 8]);
  expect(added.map(({ id, method, values }) => [id, method, values])).toEqual([
    ['me-example-org', 'password', { email: EMAIL }],
    ['you-example-org', 'password', { email: 'you@example.org' }],
    ['token-of-abcdef01', 'token', {}],
  ]);
  expect(failures).toEqual([{ line: 5, text: 'The JSON object is damaged.' }]);
  expect((await accounts.openCredential('you-example-org')).secrets).toEqual({ password: 'older form 1' });
  const again = await call(handlers.readList, { provider, text: TEXT });
  expect(again.map(({ account }) => account)).toEqual([
    EMAIL,
    'you@example.org',
    undefined,
    undefined,
    undefined,
    'Token of abcdef01',
    undefined,
    undefined,
  ]);
});

test('files are written with secrets only where that is asked for, for this person alone, over nothing', async () => {
  await add([3, 8]);
  const [plain, secret] = [join(makeTempFolder(), 'new'), makeTempFolder()];
  const first = await call(handlers.writeList, { provider, folder: plain, secrets: false });
  expect(first.files).toEqual([join(plain, 'accounts.txt'), join(plain, 'tokens.txt')]);
  expect(readFileSync(join(plain, 'accounts.txt'), 'utf8')).toBe(`${JSON.stringify({ email: EMAIL })}\n`);
  expect(readFileSync(join(plain, 'tokens.txt'), 'utf8')).toBe('# Token of abcdef01\n');
  await call(handlers.writeList, { provider, folder: secret, secrets: true });
  const written = readFileSync(join(secret, 'accounts.txt'), 'utf8') + readFileSync(join(secret, 'tokens.txt'), 'utf8');
  expect(written).toBe(`${JSON.stringify({ email: EMAIL, password: PASSWORD })}\n${TOKEN}\n`);
  if (process.platform !== 'win32') expect(statSync(join(secret, 'tokens.txt')).mode & 0o777).toBe(0o600);
  const listed = await call(handlers.readList, { provider, text: written });
  expect(listed.map(({ usable }) => usable)).toEqual([true, true]);

  writeFileSync(join(plain, 'accounts.txt'), 'mine');
  await expect(call(handlers.writeList, { provider, folder: plain, secrets: true })).rejects.toThrow(/already/);
  expect(readFileSync(join(plain, 'accounts.txt'), 'utf8')).toBe('mine');
  await expect(call(handlers.writeList, { provider, folder: 'here', secrets: false })).rejects.toThrow(/whole path/);
});

test('a text without accounts has none, and no accounts make no files', async () => {
  expect(await call(handlers.readList, { provider, text: '\n# nothing\n' })).toEqual([]);
  await expect(call(handlers.writeList, { provider, folder: '/tmp', secrets: false })).rejects.toThrow(/no account/);
});
