// Poe's accounts in the configuration file, and what their fields come to.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfigFile } from '../../../../main/config/config-file.ts';
import { fields, HOSTS, ID, readPoeAccount, signIn } from '../../../../main/providers/poe/account.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

/** The account as the file describes it. */
function read(entry: Record<string, unknown>, environment: Record<string, string> = { POE_KEY: 'secret-key' }) {
  const path = join(makeTempFolder(), 'patchbay.json');
  writeFileSync(path, JSON.stringify({ accounts: [{ id: 'poe', provider: ID, ...entry }] }));
  const [account] = readConfigFile(path, environment, [{ id: ID, signIn, fields, endpoints: HOSTS }]).accounts;
  if (account === undefined) throw new Error('no account');
  return account;
}

test('a key alone is an account over the bot protocol, at Poe’s own hosts', () => {
  expect(readPoeAccount(read({ key: 'env:POE_KEY' }))).toEqual({
    key: 'secret-key',
    transport: 'bot',
    bot: 'https://api.poe.com/bot',
    rest: 'https://api.poe.com',
    upload: 'https://www.quora.com/poe_api/file_upload_3RD_PARTY_POST',
    mapping: new Map(),
    fallback: undefined,
    tools: 'auto',
    thinking: 'reasoning',
    skipsPrompt: false,
  });
});

test('transport, hosts, names, fallback and habits are taken', () => {
  const account = read({
    key: 'env:POE_KEY',
    transport: 'rest',
    endpoints: { bot: 'http://127.0.0.1:1/bot/', rest: 'http://127.0.0.1:1/v1/', upload: 'http://127.0.0.1:1/up' },
    modelMapping: '{"gpt-4o": "GPT-5.4"}',
    fallbackModel: 'GPT-5.4',
    tools: 'emulated',
    thinking: 'pass',
    botPrompt: 'skip',
  });
  expect(readPoeAccount(account)).toEqual({
    key: 'secret-key',
    transport: 'rest',
    bot: 'http://127.0.0.1:1/bot',
    rest: 'http://127.0.0.1:1',
    upload: 'http://127.0.0.1:1/up',
    mapping: new Map([['gpt-4o', 'GPT-5.4']]),
    fallback: 'GPT-5.4',
    tools: 'emulated',
    thinking: 'pass',
    skipsPrompt: true,
  });
});

test('mistakes are named with their place', () => {
  expect(() => read({ key: 'poe-abc' })).toThrow('accounts[0].key');
  expect(() => read({ key: 'env:POE_KEY', transport: 'pigeon' })).toThrow('accounts[0].transport');
  expect(() => read({ key: 'env:POE_KEY', endpoints: { images: 'http://127.0.0.1' } })).toThrow('endpoints.images');
  expect(() => read({})).toThrow('key is needed');
});
