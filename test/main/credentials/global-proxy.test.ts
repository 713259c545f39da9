// The proxy of the settings: its password is in the vault and belongs to one address.
import { expect, it } from 'vitest';
import { openGlobalProxy } from '../../../main/credentials/global-proxy.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';

async function open(vault = createMemoryVault(), fromFile?: string) {
  const state = { address: '' };
  const learned: string[] = [];
  const options = {
    vault,
    fromFile,
    address: () => state.address,
    learnSecret: (secret: string) => learned.push(secret),
  };
  const proxy = await openGlobalProxy(options);
  const set = async (text: string) => {
    state.address = await proxy.take(text);
    return state.address;
  };
  return { proxy, set, state, vault, learned };
}

it('a password is learned, stored, and there after the next start', async () => {
  const { proxy, set, vault, learned } = await open();
  expect(await set('socks5://me:secret-word@host')).toBe('socks5://me@host:1080');
  expect(proxy.read()).toBe('socks5://me:secret-word@host:1080');
  expect(learned).toContain('secret-word');
  const next = await open(vault);
  next.state.address = 'socks5://me@host:1080';
  expect(next.proxy.read()).toBe('socks5://me:secret-word@host:1080');
});

it('the same address written again keeps it; another one, or none, forgets it', async () => {
  const { proxy, set, vault } = await open();
  await set('socks5://me:secret-word@host');
  await set('socks5://me@host:1080');
  expect(proxy.read()).toContain('secret-word');
  await set('socks5://me@other:1080');
  expect([proxy.read(), vault.secrets.size]).toEqual(['socks5://me@other:1080', 0]);
  await set('socks5://me@host:1080');
  await set('socks5://me:secret-word@host');
  await set('');
  expect([proxy.read(), vault.secrets.size]).toEqual([undefined, 0]);
});

it('the configuration file’s own is used for its address and is not stored', async () => {
  const { proxy, state, vault } = await open(undefined, 'http://me:from-file@host:1');
  state.address = 'http://me@host:1';
  expect([proxy.read(), vault.secrets.size]).toEqual(['http://me:from-file@host:1', 0]);
});

it('a vault that refuses is told, and the proxy is asked without a password', async () => {
  const vault = { ...createMemoryVault(), read: () => Promise.reject(new Error('The keychain is locked.')) };
  const { proxy, state } = await open(vault);
  state.address = 'http://me@host:1';
  expect(proxy.mishap).toContain('The keychain is locked.');
  expect(proxy.read()).toBe('http://me@host:1');
});
