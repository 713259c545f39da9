// The settings file: what is kept, what is refused, and that no broken file costs more than itself.
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createSettingsStore, type StoredAccount } from '../../main/settings-store.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const ACCOUNT: StoredAccount = {
  id: 'kimi',
  provider: 'openai-compatible',
  name: 'Kimi',
  method: 'key',
  values: { baseUrl: 'http://127.0.0.1:1/v1' },
  env: {},
  endpoints: {},
  models: ['extra'],
  secrets: ['key'],
};
const KEY = { id: 'default', name: 'Default', createdAt: 5, lastFour: 'wxyz' };

const readJson = (folder: string) => JSON.parse(readFileSync(join(folder, 'settings.json'), 'utf8'));
const writeJson = (folder: string, content: unknown) =>
  writeFileSync(join(folder, 'settings.json'), typeof content === 'string' ? content : JSON.stringify(content));
const listBroken = (folder: string) => readdirSync(folder).filter((name) => name.includes('broken'));

test('defaults hold without a file, and only what was changed is written', () => {
  const dataFolder = makeTempFolder();
  const store = createSettingsStore({ dataFolder });
  expect(store.read()).toEqual(DEFAULT_SETTINGS);
  expect(store.change({ port: 7300 })).toEqual({ ...DEFAULT_SETTINGS, port: 7300 });
  expect(readJson(dataFolder)).toMatchObject({ version: 1, settings: { port: 7300 } });
  expect(Object.keys(readJson(dataFolder).settings)).toEqual(['port']);
});

test('settings, accounts and keys come back after a restart, and the file is for its owner only', () => {
  const dataFolder = makeTempFolder();
  const store = createSettingsStore({ dataFolder });
  store.change({ theme: 'dark' });
  store.writeAccounts([ACCOUNT]);
  store.writeClientKeys([KEY]);
  const again = createSettingsStore({ dataFolder });
  expect([again.read().theme, again.readAccounts(), again.readClientKeys(), again.mishap]).toEqual([
    'dark',
    [ACCOUNT],
    [KEY],
    undefined,
  ]);
  expect(statSync(join(dataFolder, 'settings.json')).mode & 0o777).toBe(0o600);
  expect(readdirSync(dataFolder)).toEqual(['settings.json']);
});

test('a change is told once, with the settings that hold from now on', () => {
  const store = createSettingsStore({ dataFolder: makeTempFolder() });
  const told: number[] = [];
  const stop = store.onChange((settings) => told.push(settings.port));
  store.change({ port: 7300 });
  stop();
  store.change({ port: 7301 });
  expect(told).toEqual([7300]);
});

describe('a file that cannot be read is put aside and the defaults hold', () => {
  const whole = JSON.stringify({ version: 1, settings: { port: 7300 }, accounts: [ACCOUNT] });
  for (const [what, content] of [
    ['cut in half', whole.slice(0, whole.length / 2)],
    ['garbage', '\u0000\u0001garbage'],
    ['empty', ''],
    ['a list', '[1,2]'],
  ] as const) {
    test(what, () => {
      const dataFolder = makeTempFolder();
      writeJson(dataFolder, content);
      writeFileSync(join(dataFolder, 'secrets.enc'), 'untouched');
      const store = createSettingsStore({ dataFolder });
      expect(store.read()).toEqual(DEFAULT_SETTINGS);
      const [aside = ''] = listBroken(dataFolder);
      expect(aside).toMatch(/^settings\.broken-\d{8}-\d{6}-\d{3}\.json$/);
      expect(readFileSync(join(dataFolder, aside), 'utf8')).toBe(content);
      expect(store.mishap).toContain(aside);
      expect(readFileSync(join(dataFolder, 'secrets.enc'), 'utf8')).toBe('untouched');
      store.change({ port: 7301 });
      expect(createSettingsStore({ dataFolder }).mishap).toBeUndefined();
    });
  }
});

test('a file that cannot even be opened is named', () => {
  const dataFolder = makeTempFolder();
  mkdirSync(join(dataFolder, 'settings.json'));
  expect(() => createSettingsStore({ dataFolder })).toThrow(`${join(dataFolder, 'settings.json')} cannot be read`);
});

test('a wrong entry costs only itself, is named, and the file as it was is kept', () => {
  const dataFolder = makeTempFolder();
  writeJson(dataFolder, {
    version: 1,
    settings: { port: 'many', idleMs: 0, theme: 'dark' },
    accounts: [ACCOUNT, { id: 'a/b', provider: 'x', name: 'n' }, { ...ACCOUNT }],
    clientKeys: 'none',
  });
  const store = createSettingsStore({ dataFolder });
  expect([store.read().port, store.read().theme, store.readAccounts()]).toEqual([7282, 'dark', [ACCOUNT]]);
  expect(store.mishap).toContain('settings.port, settings.idleMs, accounts[1], accounts[2], clientKeys');
  expect(listBroken(dataFolder)).toHaveLength(1);
  expect(createSettingsStore({ dataFolder }).mishap).toBeUndefined();
});

test('a client key with rules that make no sense is refused, and only it; rules that are not known yet are kept', () => {
  const dataFolder = makeTempFolder();
  const key = { id: 'default', name: 'Default', createdAt: 1, lastFour: '3f9c' };
  const good = { ...key, id: 'codex', rules: { models: ['kimi-*'], expiresAt: 5, concurrent: 1, mood: 'good' } };
  const wrong = [{ models: [] }, { requestsPerMinute: 0 }, { tokensPerDay: 1.5 }, { expiresAt: 'soon' }, 'none'];
  const clientKeys = [key, good, ...wrong.map((rules, index) => ({ ...key, id: `wrong-${index}`, rules }))];
  writeJson(dataFolder, { version: 1, clientKeys });
  const store = createSettingsStore({ dataFolder });
  expect(store.readClientKeys()).toEqual([key, good]);
  expect(store.mishap).toContain('clientKeys[2], clientKeys[3], clientKeys[4], clientKeys[5], clientKeys[6]');
  expect(listBroken(dataFolder)).toHaveLength(1);
});

test('origins written by hand are read as browsers send them, and a list with a wrong one is named', () => {
  const dataFolder = makeTempFolder();
  writeJson(dataFolder, { version: 1, settings: { corsOrigins: ['HTTP://localhost:3000/'] } });
  expect(createSettingsStore({ dataFolder }).read().corsOrigins).toEqual(['http://localhost:3000']);
  writeJson(dataFolder, { version: 1, settings: { corsOrigins: ['*'] } });
  const store = createSettingsStore({ dataFolder });
  expect(store.read().corsOrigins).toEqual([]);
  expect(store.mishap).toContain('settings.corsOrigins');
});

test('what a newer Patchbay wrote survives a change by this one', () => {
  const dataFolder = makeTempFolder();
  writeJson(dataFolder, {
    version: 9,
    settings: { port: 7300, colour: 'green' },
    accounts: [{ ...ACCOUNT, pool: { weight: 3 } }],
    quotas: [1, 2],
  });
  const store = createSettingsStore({ dataFolder });
  store.change({ theme: 'light' });
  store.writeAccounts(store.readAccounts().map((account) => ({ ...account, name: 'New' })));
  expect(readJson(dataFolder)).toEqual({
    version: 9,
    settings: { port: 7300, colour: 'green', theme: 'light' },
    accounts: [{ ...ACCOUNT, name: 'New', pool: { weight: 3 } }],
    clientKeys: [],
    quotas: [1, 2],
  });
});

test('an older file is brought up step by step and written back', () => {
  const dataFolder = makeTempFolder();
  writeJson(dataFolder, { settings: { door: 7300 } });
  const migrations = [
    (file: Record<string, unknown>) => ({ ...file, settings: { gate: (file.settings as { door: number }).door } }),
    (file: Record<string, unknown>) => ({ ...file, settings: { port: (file.settings as { gate: number }).gate } }),
  ];
  expect(createSettingsStore({ dataFolder, migrations }).read().port).toBe(7300);
  expect(readJson(dataFolder)).toMatchObject({ version: 3, settings: { port: 7300 } });
});

describe('rules of routing', () => {
  const rules = { aliases: { fast: 'kimi-k3' }, pools: { kimi: { strategy: 'round-robin' } }, hidden: ['*-old'] };

  test('that a newer Patchbay knows stay in the file, and cost none of the others', () => {
    const dataFolder = makeTempFolder();
    const newer = { ...rules, moods: [1], pools: { kimi: { strategy: 'round-robin', weight: 3 } } };
    writeJson(dataFolder, { version: 1, settings: { routing: newer } });
    const store = createSettingsStore({ dataFolder });
    expect([store.mishap, listBroken(dataFolder)]).toEqual([undefined, []]);
    const { routing } = store.read();
    expect(routing).toMatchObject({ ...rules, pools: { kimi: { strategy: 'round-robin', sticky: true } } });
    expect(routing).not.toHaveProperty('moods');
    store.change({ routing: { ...routing, aliases: { slow: 'kimi-k2' } } });
    expect(readJson(dataFolder).settings.routing).toMatchObject({
      aliases: { slow: 'kimi-k2' },
      moods: [1],
      pools: { kimi: { strategy: 'round-robin', weight: 3 } },
    });
    expect(readJson(dataFolder).settings.routing.aliases).toEqual({ slow: 'kimi-k2' });
    expect(createSettingsStore({ dataFolder }).read().routing.aliases).toEqual({ slow: 'kimi-k2' });
  });

  test('that are wrong cost themselves, are named, and the file as it was is kept', () => {
    const dataFolder = makeTempFolder();
    const wrong = {
      aliases: { ...rules.aliases, none: 7, [' ']: 'x' },
      pools: { kimi: { strategy: 'by-mood', sticky: false } },
      hidden: ['', ...rules.hidden, 7],
      fallbacks: { 'kimi-k3': [1, 'claude', 2], gone: [] },
      attempts: { most: 0 },
      unknownModel: 7,
    };
    writeJson(dataFolder, { version: 1, settings: { routing: wrong, theme: 'dark' } });
    const store = createSettingsStore({ dataFolder });
    expect(store.read()).toMatchObject({
      theme: 'dark',
      routing: {
        aliases: rules.aliases,
        pools: { kimi: { strategy: 'failover', sticky: false } },
        hidden: rules.hidden,
        fallbacks: { 'kimi-k3': ['claude'] },
        attempts: { most: 10 },
        unknownModel: null,
      },
    });
    expect(store.mishap).toContain('settings.routing.pools.kimi.strategy');
    expect(listBroken(dataFolder)).toHaveLength(1);
    expect(createSettingsStore({ dataFolder }).mishap).toBeUndefined();
  });

  test('that are none at all are left out whole', () => {
    const dataFolder = makeTempFolder();
    writeJson(dataFolder, { version: 1, settings: { routing: 'none', port: { deep: 1 } } });
    const store = createSettingsStore({ dataFolder });
    expect(store.read()).toEqual(DEFAULT_SETTINGS);
    expect(store.mishap).toContain('settings.routing, settings.port');
  });

  test('with names that every object has are names like others', () => {
    const dataFolder = makeTempFolder();
    const odd = '{"constructor":"a","toString":"b","__proto__":"c"}';
    const own = `{"__proto__":{"strategy":"x","polluted":1},"kimi":{"__proto__":{"polluted":1},"sticky":false}}`;
    writeJson(
      dataFolder,
      `{"version":1,"settings":{"routing":{"__proto__":{"polluted":1},"aliases":${odd},"pools":${own}}}}`,
    );
    const store = createSettingsStore({ dataFolder });
    expect(store.read().routing).toMatchObject({ aliases: { constructor: 'a' }, pools: { kimi: { sticky: false } } });
    store.change({ routing: store.read().routing });
    expect(readJson(dataFolder).settings.routing.aliases).toMatchObject({ constructor: 'a', toString: 'b' });
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });
});
