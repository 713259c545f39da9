// The keys of the door: where they come from, what opens it and what does not.
import { expect, test } from 'vitest';
import { createClientKeys, type FileClientKey } from '../../../main/credentials/client-keys.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

function createHouse() {
  const dataFolder = makeTempFolder();
  const vault = createMemoryVault();
  const learned: string[] = [];
  const open = (fileKeys: readonly FileClientKey[] = []) => {
    const store = createSettingsStore({ dataFolder });
    const learnSecret = (secret: string) => void learned.push(secret);
    return createClientKeys({ store, vault, fileKeys, learnSecret, now: () => 7 });
  };
  return { open, vault, learned, dataFolder };
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
    { id: 'file-ide-2', name: 'ide', lastFour: '', source: 'file' },
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
