// Secrets longer than an entry of the keychain may be, and what is left when a write breaks off anywhere.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openKeychainVault } from '../../../main/credentials/keychain-vault.ts';
import { splitLongSecrets } from '../../../main/credentials/long-secrets.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';

test('any secret comes back as it was, in pieces that fit, and goes without a trace', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.string({ maxLength: 100, unit: 'binary' }), { minLength: 1 }), async (secrets) => {
      const vault = createMemoryVault();
      const store = splitLongSecrets(vault, 30);
      for (const secret of secrets) {
        await store.write('a', secret);
        expect(await store.read('a')).toBe(secret);
        expect(Math.max(...[...vault.secrets.values()].map(({ length }) => length))).toBeLessThanOrEqual(30);
      }
      await store.remove('a');
      expect(vault.secrets.size).toBe(0);
    }),
  );
});

test('a write that breaks off leaves the old secret whole', async () => {
  for (let steps = 0; steps < 5; steps += 1) {
    const vault = createMemoryVault();
    await splitLongSecrets(vault, 30).write('a', 'old'.repeat(30));
    let left = steps;
    const breaking = {
      ...vault,
      write: async (name: string, secret: string) => {
        if (left === 0) throw new Error('the power is gone');
        left -= 1;
        await vault.write(name, secret);
      },
    };
    const written = await splitLongSecrets(breaking, 30)
      .write('a', 'new'.repeat(30))
      .catch(() => 'broken');
    expect(await splitLongSecrets(vault, 30).read('a')).toBe((written === 'broken' ? 'old' : 'new').repeat(30));
  }
});

test('the keychain of Windows keeps a secret that is longer than one of its entries', async () => {
  const { secrets, read, remove } = createMemoryVault();
  const keyring = {
    getPassword: (_service: string, account: string) => read(account),
    setPassword: async (_service: string, account: string, password: string) => {
      if (Buffer.byteLength(password, 'utf16le') > 2560) throw new Error('Value is too long for the platform');
      secrets.set(account, password);
    },
    deletePassword: async (_service: string, account: string) => {
      await remove(account);
      return true;
    },
  };
  const vault = await openKeychainVault({ keyring, folderId: 'f', probeMs: 1000, platform: 'win32' });
  const secret = 'é'.repeat(6000);
  await vault.write('login', secret);
  expect(await vault.read('login')).toBe(secret);
  await vault.remove('login');
  expect(secrets.size).toBe(0);
});
