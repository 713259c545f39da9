// Kimi's accounts in the configuration file: the fields, alone and together, and what becomes of wrong ones.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readConfigFile } from '../../../../main/config/config-file.ts';
import { fields, HOSTS, readKimiAccount, signIn } from '../../../../main/providers/kimi/options.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

function read(entry: Record<string, unknown>) {
  const path = join(makeTempFolder(), 'patchbay.json');
  writeFileSync(path, JSON.stringify({ accounts: [{ id: 'kimi', provider: 'kimi', ...entry }] }));
  const known = [{ id: 'kimi', signIn, fields, endpoints: HOSTS }];
  const [account] = readConfigFile(path, { KIMI_KEY: 'sk-secret-1' }, known).accounts;
  if (account === undefined) throw new Error('no account');
  return readKimiAccount(account);
}

test('a key and a region are enough', () => {
  expect(read({ key: 'env:KIMI_KEY', region: 'china' })).toEqual({
    region: 'china',
    baseUrl: 'https://api.moonshot.cn/v1',
    key: 'sk-secret-1',
    rawTools: false,
    writesPrompt: false,
    wire: 'openai',
    searchesWeb: false,
  });
});

test('key, region, toolParser and baseUrl may all be said; an engine’s address counts', () => {
  const baseUrl = 'http://localhost:8000/v1';
  const account = read({ key: 'env:KIMI_KEY', region: 'international', toolParser: 'raw', baseUrl });
  expect(account).toMatchObject({ region: undefined, baseUrl, key: 'sk-secret-1', rawTools: true });
});

test('a form that is left as it opens lets the key decide on the region', () => {
  const field = signIn[0]?.fields.find(({ name }) => name === 'region');
  expect(field?.options?.[0]?.value).toBe('');
});

test('an engine needs no key', () => {
  const account = read({ baseUrl: 'http://localhost:8000/v1', toolParser: 'raw', rawPrompt: 'patchbay' });
  expect(account).toMatchObject({ key: undefined, writesPrompt: true });
});

test('another host may stand for a region’s, with its rules', () => {
  const endpoints = { api: 'http://127.0.0.1:9/v1/' };
  const account = read({ key: 'env:KIMI_KEY', region: 'code', endpoints });
  expect(account).toMatchObject({ region: 'code', baseUrl: 'http://127.0.0.1:9/v1' });
});

test.each([{ region: 'mars' }, { toolParser: 'maybe' }, { wire: 'smtp' }, { baseUrl: 'localhost' }])(
  '%o is a mistake',
  (entry) => {
    expect(() => read({ key: 'env:KIMI_KEY', ...entry })).toThrow();
  },
);

test('neither a key nor an address is told when it is used', () => {
  expect(() => read({})).toThrow('neither a key nor the base URL');
});
