// Accounts of K2-Think in the configuration file: the fields pick the way of signing in, and files hold many at once.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfigFile } from '../../../../main/config/config-file.ts';
import type { FileAccount } from '../../../../main/credentials/account-sources.ts';
import { type K2Scene, openK2Scene } from '../../../support/k2-scene.ts';
import { API_KEY, EMAIL, PASSWORD, signToken } from '../../../support/k2-stub.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

let home: string;
let scene: K2Scene;
beforeEach(async () => {
  home = makeTempFolder();
  scene = await openK2Scene();
});
afterEach(() => scene.close());

const ENVIRONMENT = { PASSWORD, TOKEN: signToken({ id: 'x' }), KEY: API_KEY };

function read(entry: Record<string, unknown>): readonly FileAccount[] {
  const path = join(home, 'patchbay.json');
  writeFileSync(path, JSON.stringify({ accounts: [{ id: 'k2', provider: 'k2-think', ...entry }] }));
  return readConfigFile(path, ENVIRONMENT, [scene.start()]).accounts;
}

test('e-mail and password, with hosts of one’s own, answer a request', async () => {
  const [credential] = read({ email: EMAIL, password: 'env:PASSWORD', endpoints: { ...scene.stub.endpoints } });
  expect(credential?.account).toMatchObject({ id: 'k2', method: 'password', values: { email: EMAIL } });
  expect((await scene.ask(scene.start(), {}, { credential })).text).toBe('Hello');
});

test.each([
  [{ token: 'env:TOKEN' }, 'token'],
  [{ key: 'env:KEY' }, 'key'],
  [{ method: 'guest' }, 'guest'],
  [{ delivery: 'whole', key: 'env:KEY' }, 'key'],
])('the fields of %j mean the method %s', (entry, method) => {
  expect(read(entry).map(({ account }) => account.method)).toEqual([method]);
});

test.each([
  [{ email: EMAIL }, /accounts\[0\]: password is needed/],
  [{ email: EMAIL, password: 'plain' }, /a secret does not belong into this file/],
  [{ token: 'env:TOKEN', endpoints: { webb: 'http://x' } }, /did you mean "web"/],
  [{ accountsFile: 'a.txt' }, /a\.txt cannot be read \(ENOENT\)/],
  [{ accountsFile: 'a.txt', password: 'env:PASSWORD' }, /password: does not go together with a file of accounts/],
])('%j is refused by its place', (entry, words) => {
  expect(() => read(entry)).toThrow(words);
});

test('a file of accounts and one of tokens become accounts of their own, with what the entry says of all', async () => {
  const you = { email: 'you@example.org', k2_password: 'older form 1' };
  writeFileSync(
    join(home, 'accounts.txt'),
    `# mine\n${JSON.stringify({ email: EMAIL, password: PASSWORD })}\n\n${JSON.stringify(you)}\n`,
  );
  writeFileSync(join(home, 'tokens.txt'), `${signToken({ id: 'abcdef0123' })}\n`);
  const endpoints = { ...scene.stub.endpoints };
  const files = { accountsFile: 'accounts.txt', tokensFile: join(home, 'tokens.txt') };
  const all = read({ ...files, name: 'Team', endpoints, models: ['m'], reasoningShown: 'remove' });
  expect(all.map(({ account: { id, name, method, values } }) => [id, name, method, values])).toEqual([
    ['k2-me-example-org', `Team: ${EMAIL}`, 'password', { email: EMAIL, reasoningShown: 'remove' }],
    ['k2-you-example-org', 'Team: you@example.org', 'password', { email: you.email, reasoningShown: 'remove' }],
    ['k2-token-of-abcdef01', 'Team: Token of abcdef01', 'token', { reasoningShown: 'remove' }],
  ]);
  expect(all.map(({ account }) => [account.endpoints, account.models])).toEqual(Array(3).fill([endpoints, ['m']]));
  const [credential] = all;
  expect(await scene.ask(scene.start(), {}, { credential })).toMatchObject({ text: 'Hello', reasoning: '' });
});

test('the faults of such a file are named by their lines, all at once, and never by what stands there', () => {
  const lines = ['{"email": "a@example.org", "password": "half a secret', JSON.stringify({ email: EMAIL }), 'hunter2'];
  writeFileSync(join(home, 'accounts.txt'), lines.join('\n'));
  let said = '';
  try {
    read({ accountsFile: 'accounts.txt' });
  } catch (error) {
    said = (error as Error).message;
  }
  expect(said).toContain('line 1: The JSON object is damaged.');
  expect(said).toContain('line 2: It has no "password".');
  expect(said).toContain('line 3: This is neither a JSON object nor a token.');
  expect(said).not.toMatch(/half a secret|hunter2/);
});

test('the accounts of such a file go through the proxy of their entry', () => {
  writeFileSync(join(home, 'accounts.txt'), JSON.stringify({ email: EMAIL, password: PASSWORD }));
  const [credential] = read({ accountsFile: 'accounts.txt', proxy: 'socks5://me:env:KEY@127.0.0.1:1080' });
  expect(credential?.account.values.proxy).toBe('socks5://me@127.0.0.1:1080');
  expect(credential?.secrets).toEqual({ password: PASSWORD, proxy: `socks5://me:${API_KEY}@127.0.0.1:1080` });
});
