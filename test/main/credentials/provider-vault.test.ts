// A provider’s part of the vault: its own names, and nothing of it in logs.
import { expect, test } from 'vitest';
import { createProviderVault } from '../../../main/credentials/provider-vault.ts';
import { createRedactor } from '../../../main/request-log/redact.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';

test('a provider’s secrets are apart from those of accounts and other providers', async () => {
  const vault = createMemoryVault();
  const cut = (id: string) => createProviderVault({ vault: () => vault, provider: () => id, learnSecret: () => {} });
  await vault.write('account/a/key', 'of an account');
  await cut('one').write('login', 'of one');
  await cut('two').write('login', 'of two');
  expect([...vault.secrets.keys()]).toEqual(['account/a/key', 'provider/one/login', 'provider/two/login']);
  expect(await cut('one').read('login')).toBe('of one');
  await cut('one').remove('login');
  expect(await cut('one').read('login')).toBeUndefined();
  expect(await cut('two').read('login')).toBe('of two');
  expect(await cut('two').read('key')).toBeUndefined();
});

test('what is written, read or only used is kept out of logs', async () => {
  const vault = createMemoryVault();
  const redactor = createRedactor();
  const own = createProviderVault({ vault: () => vault, provider: () => 'one', learnSecret: redactor.add });
  await own.write('a', 'written-secret');
  vault.secrets.set('provider/one/b', 'stored-secret');
  await own.read('b');
  own.hide('foreign-secret');
  expect(redactor.redact('written-secret stored-secret foreign-secret')).toBe('[hidden] [hidden] [hidden]');
});
