// The keys of the door: where they come from, what opens it and what does not.
import { expect, test } from 'vitest';
import { createClientKeys, type FileClientKey } from '../../../main/credentials/client-keys.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import { openTestKeyUse } from '../../support/key-use.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function createHouse() {
  const dataFolder = makeTempFolder();
  const vault = createMemoryVault();
  const learned: string[] = [];
  const clock = createVirtualClock(7);
  const open = (fileKeys: readonly FileClientKey[] = []) => {
    const store = createSettingsStore({ dataFolder });
    const learnSecret = (secret: string) => void learned.push(secret);
    const use = openTestKeyUse({ folder: dataFolder, clock });
    return createClientKeys({ store, vault, use, fileKeys, learnSecret, clock });
  };
  return { open, vault, learned, dataFolder, clock };
}

test('the first start makes one random key, which is the same after a restart', async () => {
  const { open, dataFolder, learned } = createHouse();
  const keys = await open();
  const key = keys.reveal('default') ?? '';
  expect(key).toMatch(/^pb-[\w-]{32,}$/);
  expect(keys.list()).toMatchObject([
    { id: 'default', name: 'Default', lastFour: key.slice(-4), source: 'settings', createdAt: 7 },
  ]);
  expect((await open()).reveal('default')).toBe(key);
  expect(JSON.stringify(createSettingsStore({ dataFolder }).readClientKeys())).not.toContain(key);
  expect(learned).toContain(key);
  expect((await createHouse().open()).reveal('default')).not.toBe(key);
});

test('only a whole key opens the door, and its use is noted', async () => {
  const keys = await createHouse().open();
  const key = keys.reveal('default') ?? '';
  expect(keys.find(key)).toMatchObject({ id: 'default', name: 'Default' });
  for (const wrong of ['', key.slice(0, -1), `${key}x`, key.toUpperCase(), 'Default']) {
    expect(keys.find(wrong)).toBeUndefined();
  }
  expect(keys.list()[0]?.lastUsedAt).toBe(7);
});

test('keys of the file make a random one needless on a first start, and are added to one that is there', async () => {
  const fileKeys = [
    { name: 'ide', key: 'file-key-0123456' },
    { name: 'ide', key: 'short' },
  ];
  const first = await createHouse().open(fileKeys);
  expect(first.list()).toMatchObject([
    { id: 'file-ide', name: 'ide', lastFour: '3456', source: 'file' },
    { id: 'file-ide-2', name: 'ide-2', lastFour: '', source: 'file' },
  ]);
  expect(first.find('file-key-0123456')).toMatchObject({ name: 'ide' });
  const house = createHouse();
  await house.open();
  const both = await house.open(fileKeys);
  expect(both.list().map(({ id }) => id)).toEqual(['default', 'file-ide', 'file-ide-2']);
});

test('a renewed key replaces the old one at once and for good', async () => {
  const { open } = createHouse();
  const keys = await open();
  const old = keys.reveal('default') ?? '';
  let told = 0;
  keys.onChange(() => {
    told += 1;
  });
  const view = await keys.renew('default');
  const made = keys.reveal('default') ?? '';
  expect([made === old, keys.find(old), keys.find(made)?.id, told]).toEqual([false, undefined, 'default', 1]);
  expect(view.lastFour).toBe(made.slice(-4));
  expect((await open()).list()).toMatchObject([{ id: 'default', lastFour: made.slice(-4) }]);
});

test('keys of the file and unknown ones are not renewed', async () => {
  const keys = await createHouse().open([{ name: 'ide', key: 'k' }]);
  await expect(keys.renew('file-ide')).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(keys.renew('nobody')).rejects.toMatchObject({ kind: 'not-found' });
  expect(keys.reveal('nobody')).toBeUndefined();
});

test('a key that the vault has lost is made anew and that is said', async () => {
  const { open, vault } = createHouse();
  const old = (await open()).reveal('default') ?? '';
  vault.secrets.clear();
  const keys = await open();
  expect([keys.find(old), keys.mishap]).toEqual([undefined, expect.stringContaining('"Default"')]);
  expect((await open()).mishap).toBeUndefined();
});

test('added keys have a name and rules of their own, which hold after a restart', async () => {
  const { open, learned } = createHouse();
  const keys = await open();
  const rules = { models: ['kimi-*'], expiresAt: 900, requestsPerMinute: 5, tokensPerDay: 100, concurrent: 1 };
  const added = await keys.add('Codex', rules);
  expect(added).toMatchObject({ id: 'codex', name: 'Codex', source: 'settings', createdAt: 7, rules });
  expect(added.usage).toEqual({ requests: 0, tokensToday: 0 });
  const key = keys.reveal('codex') ?? '';
  expect([keys.find(key)?.name, learned.includes(key)]).toEqual(['Codex', true]);
  expect((await keys.add('Codex (2)', {})).id).toBe('codex-2');
  const again = await open();
  expect([again.reveal('codex'), again.list()[1]]).toMatchObject([key, { name: 'Codex', rules }]);
});

test('no two keys have one name, whoever gives it', async () => {
  const { open } = createHouse();
  const keys = await open([{ name: 'ide', key: 'file-key' }]);
  await keys.add('Codex', {});
  for (const name of ['ide', 'IDE', 'codex'])
    await expect(keys.add(name, {})).rejects.toMatchObject({ kind: 'conflict' });
  await expect(keys.change('codex', { name: 'ide' })).rejects.toMatchObject({ kind: 'conflict' });
  expect(await keys.change('codex', { name: 'CODEX' })).toMatchObject({ id: 'codex', name: 'CODEX' });
  // The file may take a name that a key of the person's has.
  const names = (await open([{ name: 'CODEX', key: 'file-key' }])).list().map(({ id, name }) => [id, name]);
  expect(names).toEqual([
    ['codex', 'CODEX-2'],
    ['file-codex', 'CODEX'],
  ]);
});

test('name and rules are changed each by itself, and the key stays', async () => {
  const { open } = createHouse();
  const keys = await open();
  const key = keys.reveal('default');
  await keys.change('default', { rules: { concurrent: 2 } });
  expect(await keys.change('default', { name: 'Laptop' })).toMatchObject({ name: 'Laptop', rules: { concurrent: 2 } });
  expect(await keys.change('default', { rules: {} })).toMatchObject({ name: 'Laptop', rules: {} });
  expect((await open()).list()).toMatchObject([{ id: 'default', name: 'Laptop', rules: {} }]);
  expect(keys.reveal('default')).toBe(key);
});

test('a renewed key keeps its rules and its use', async () => {
  const keys = await createHouse().open();
  await keys.change('default', { rules: { tokensPerDay: 10 } });
  keys.enter('default').spend(10);
  const { rules, usage } = await keys.renew('default');
  expect([rules, usage]).toEqual([{ tokensPerDay: 10 }, { requests: 1, tokensToday: 10 }]);
  expect(() => keys.enter('default')).toThrow('may use 10 tokens a day');
});

test('a revoked key opens nothing, also after a restart, and its name is free again without its past', async () => {
  const { open, vault } = createHouse();
  const keys = await open();
  const { id } = await keys.add('Codex', { concurrent: 1 });
  const key = keys.reveal(id) ?? '';
  const place = keys.enter(id);
  await keys.revoke(id);
  expect([keys.find(key), keys.reveal(id), keys.list().length, vault.secrets.size]).toEqual([
    undefined,
    undefined,
    1,
    1,
  ]);
  expect(() => keys.enter(id)).toThrow('revoked');
  // What was running goes on, and counts for nobody.
  place.spend(5);
  place.leave();
  expect((await open()).list().map((one) => one.id)).toEqual(['default']);
  expect(await keys.add('Codex', { concurrent: 1 })).toMatchObject({ id, usage: { requests: 0, tokensToday: 0 } });
  keys.enter(id).leave();
});

test('the last key cannot be revoked, and keys of the file are changed there', async () => {
  const { open } = createHouse();
  const keys = await open();
  await expect(keys.revoke('default')).rejects.toMatchObject({ kind: 'conflict' });
  await expect(keys.revoke('nobody')).rejects.toMatchObject({ kind: 'not-found' });
  const both = await open([{ name: 'ide', key: 'k', rules: { concurrent: 1 } }]);
  await expect(both.revoke('file-ide')).rejects.toMatchObject({ kind: 'forbidden' });
  await expect(both.change('file-ide', { rules: {} })).rejects.toMatchObject({ kind: 'forbidden' });
  expect(both.list()[1]).toMatchObject({ id: 'file-ide', rules: { concurrent: 1 } });
  await both.revoke('default');
  expect(both.list().map(({ id }) => id)).toEqual(['file-ide']);
});

test('an expired key is refused with the time of its end', async () => {
  const { open, clock } = createHouse();
  const keys = await open();
  const expiresAt = new Date(2026, 2, 1, 18, 30).getTime();
  await keys.change('default', { rules: { expiresAt } });
  clock.setWall(expiresAt - 1);
  keys.checkExpiry('default');
  clock.setWall(expiresAt);
  expect(() => keys.checkExpiry('default')).toThrow('The client key "Default" expired on 2026-03-01 at 18:30.');
  await keys.change('default', { rules: {} });
  keys.checkExpiry('default');
});

test('a key may use the models that its patterns name, by any of their names', async () => {
  const keys = await createHouse().open([{ name: 'ide', key: 'k', rules: { models: ['kimi-*', 'gpt-5'] } }]);
  const names = [['kimi-k3'], ['gpt-5'], ['gpt-4o', 'kimi-k3'], ['gpt-4o'], ['my-kimi-k3'], ['gpt-5-mini'], []];
  expect(names.map((some) => keys.allows('ide', some))).toEqual([true, true, true, false, false, false, false]);
  expect(keys.allows(undefined, ['anything'])).toBe(true);
});

test('a key that has gone or has another name while its request came in may use no model by the old name', async () => {
  const keys = await createHouse().open();
  await keys.add('Guest', { models: ['kimi-*'] });
  await keys.change('guest', { name: 'Visitor' });
  expect([keys.allows('Guest', ['gpt-5']), keys.allows('Visitor', ['kimi-k3'])]).toEqual([false, true]);
  await keys.revoke('guest');
  expect(keys.allows('Visitor', ['kimi-k3'])).toBe(false);
});

test('the file’s rules hold for a key that is also one of the window, and it outlives that', async () => {
  const house = createHouse();
  const own = (await house.open()).reveal('default') ?? '';
  const keys = await house.open([{ name: 'ide', key: own, rules: { models: ['kimi-*'] } }]);
  expect(keys.find(own)?.name).toBe('ide');
  await keys.change('default', { name: 'Other' });
  expect(keys.find(own)?.name).toBe('ide');
  await keys.revoke('default');
  expect(keys.find(own)?.name).toBe('ide');
});

test('the use of keys is told and kept over a restart', async () => {
  const { open, clock } = createHouse();
  const keys = await open();
  const told: number[] = [];
  keys.onChange(() => told.push(keys.list()[0]?.usage.requests ?? 0));
  keys.find(keys.reveal('default') ?? '');
  keys.enter('default').spend(30);
  keys.enter('default').spend(4);
  await clock.advance(2_000);
  expect(told).toEqual([2]);
  await keys.close();
  expect((await open()).list()).toMatchObject([{ lastUsedAt: 7, usage: { requests: 2, tokensToday: 34 } }]);
});

test('a key that cannot be recorded is none, and the one that it was to replace stays, over a restart as well', async () => {
  const { dataFolder, vault, open, clock } = createHouse();
  const old = (await open()).reveal('default') ?? '';
  const shelf = createSettingsStore({ dataFolder });
  const store = {
    readClientKeys: shelf.readClientKeys,
    writeClientKeys: () => {
      throw new Error('ENOSPC: no space left on device');
    },
  };
  const use = openTestKeyUse({ folder: dataFolder, clock });
  const keys = await createClientKeys({ store, vault, use, learnSecret: () => {}, clock });
  await expect(keys.renew('default')).rejects.toThrow('ENOSPC');
  await expect(keys.add('Guest', {})).rejects.toThrow('ENOSPC');
  expect([keys.find(old)?.id, keys.list().length]).toEqual(['default', 1]);
  expect(await vault.read('client-key/guest')).toBeUndefined();
  const again = await open();
  expect([again.find(old)?.id, again.mishap]).toEqual(['default', undefined]);
});
