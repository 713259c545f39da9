// What of this machine's environment reaches the program and the commands of its agents: no secret under another name,
// Patchbay's proxy in place of the machine's own; a proxy that the program cannot use is refused.
import { expect, it } from 'vitest';
import type { Account } from '../../../../main/credentials/credential.ts';
import { writeEnvironment } from '../../../../main/providers/claude-code/environment.ts';

const FOLDERS = { home: '/home', temporary: '/tmp' };
const INHERITED = { HTTPS_PROXY: 'http://machine:1', ALL_PROXY: 'http://machine:2', NO_PROXY: 'api.anthropic.com' };

function write(proxy: string | undefined, account: Partial<Account> = {}) {
  const empty = {
    provider: 'claude-code',
    values: {},
    env: {},
    endpoints: {},
    models: [],
    source: 'settings',
  } as const;
  const whole = { id: 'a', name: 'A', method: 'key', ...empty, ...account };
  const credential = { account: whole, secrets: {}, ...(proxy === undefined ? {} : { proxy }) };
  return writeEnvironment(credential, FOLDERS, INHERITED);
}

it('an HTTP proxy is named in every spelling, and no exception of the machine’s holds but the machine itself', () => {
  const proxy = 'http://me:secret@host:3128';
  expect(write(proxy)).toMatchObject({
    ...{ HTTPS_PROXY: proxy, https_proxy: proxy, HTTP_PROXY: proxy, http_proxy: proxy, ALL_PROXY: '' },
    NO_PROXY: '127.0.0.1,localhost,::1',
    no_proxy: '127.0.0.1,localhost,::1',
  });
});

it('without one, what the machine has set holds', () => {
  expect(write(undefined)).toMatchObject({
    HTTPS_PROXY: 'http://machine:1',
    NO_PROXY: 'api.anthropic.com,127.0.0.1,localhost,::1',
  });
});

it('SOCKS5 is refused in words, without the password', () => {
  expect(() => write('socks5://me:secret@host:1080')).toThrow(/cannot go through a SOCKS5 proxy(?!.*secret)/);
});

it('SOCKS5 does not matter for an upstream on this machine, nor where the account’s own environment names another', () => {
  const endpoints = { anthropic: 'http://127.0.0.1:9' };
  expect(write('socks5://host:1080', { endpoints })).toMatchObject({ HTTPS_PROXY: 'socks5://host:1080' });
  const env = { HTTPS_PROXY: 'http://own:1' };
  expect(write('socks5://host:1080', { env })).toMatchObject(env);
});

it('an account’s own secret is not inherited under another name', () => {
  const account = {
    ...{ id: 'cc', provider: 'claude-code', name: 'Claude', method: 'key', values: {}, env: {}, endpoints: {} },
    ...{ models: [], source: 'file' as const },
  };
  const environment = writeEnvironment(
    { account, secrets: { key: 'sk-of-the-account' } },
    { home: '/home', temporary: '/temporary' },
    { WORK_KEY: 'sk-of-the-account', EDITOR: 'vi' },
    { retries: 0, agent: { hidesSecret: true } },
  );
  expect(Object.values(environment)).not.toContain('sk-of-the-account');
  expect(environment.EDITOR).toBe('vi');
});
