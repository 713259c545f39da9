// Which vault is taken, what happens when a keychain comes and goes, and that no broken file is thrown away.
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Keyring } from '../../../main/credentials/keychain-vault.ts';
import { openVault } from '../../../main/credentials/vault.ts';
import { findMissingKeyring, runInKeyringSession } from '../../support/real-keyring.ts';
import { createSilentLogger } from '../../support/silent-logger.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const logger = createSilentLogger();
const SESSION = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };

const open = (dataFolder: string, environment: Record<string, string> = {}, keyring?: Keyring, probeMs = 50) => {
  const loadKeyring = () =>
    keyring === undefined ? Promise.reject(new Error('no keychain')) : Promise.resolve(keyring);
  return openVault({ dataFolder, environment, logger, loadKeyring, platform: 'linux', probeMs });
};

function createMemoryKeyring(): Keyring & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getPassword: async (service, account) => entries.get(`${service}:${account}`) ?? null,
    setPassword: async (service, account, password) => void entries.set(`${service}:${account}`, password),
    deletePassword: async (service, account) => entries.delete(`${service}:${account}`),
  };
}

describe('without a keychain', () => {
  test('secrets come back after a restart from a file that shows nothing of them and is for its owner only', async () => {
    const folder = makeTempFolder();
    const vault = await open(folder);
    expect([vault.kind, vault.detail]).toEqual(['file', expect.stringContaining('no D-Bus session')]);
    await Promise.all([vault.write('a', 'geheim-1'), vault.write('b', 'geheim-2'), vault.write('c', 'geheim-3')]);
    await vault.remove('b');
    await vault.remove('never there');
    const again = await open(folder);
    expect([await again.read('a'), await again.read('b'), await again.read('c')]).toEqual([
      'geheim-1',
      undefined,
      'geheim-3',
    ]);
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      expect(readFileSync(path, 'utf8')).not.toContain('geheim');
      expect([name, statSync(path).mode & 0o777]).toEqual([name, 0o600]);
    }
  });

  for (const [what, spoil] of [
    ['cut in half', (text: string) => text.slice(0, text.length / 2)],
    ['garbage', () => '\u0000garbage'],
    ['empty', () => ''],
    ['changed by a byte', (text: string) => text.replace(/"tag": "./, (found) => `${found.slice(0, -1)}+`)],
  ] as const) {
    test(`a file that is ${what} is put aside, and the vault starts empty and says so`, async () => {
      const folder = makeTempFolder();
      await (await open(folder)).write('a', 'geheim');
      const path = join(folder, 'secrets.enc');
      const spoilt = spoil(readFileSync(path, 'utf8').replace(/"tag": "\+/, '"tag": "/'));
      writeFileSync(path, spoilt);
      const vault = await open(folder);
      expect(await vault.read('a')).toBeUndefined();
      const aside = readdirSync(folder).find((name) => name.includes('.broken-')) ?? 'none';
      expect(readFileSync(join(folder, aside), 'utf8')).toBe(spoilt);
      expect(vault.detail).toContain(aside);
      await vault.write('a', 'again');
      expect(await (await open(folder)).read('a')).toBe('again');
    });
  }

  test('a file that cannot even be opened is named', async () => {
    for (const name of ['secrets.enc', 'secrets.key']) {
      const folder = makeTempFolder();
      mkdirSync(join(folder, name));
      await expect(open(folder)).rejects.toThrow(`${join(folder, name)} cannot be read`);
    }
  });

  test('without its key file the secrets are gone, which is said, and the file is kept', async () => {
    const folder = makeTempFolder();
    await (await open(folder)).write('a', 'geheim');
    rmSync(join(folder, 'secrets.key'));
    const vault = await open(folder);
    expect([await vault.read('a'), vault.detail]).toEqual([undefined, expect.stringContaining('key file is gone')]);
  });

  test('PATCHBAY_VAULT_KEY locks the file; a wrong or missing one is refused and harms nothing', async () => {
    const folder = makeTempFolder();
    const vault = await open(folder, { PATCHBAY_VAULT_KEY: 'right' });
    await vault.write('a', 'geheim');
    expect(readdirSync(folder)).not.toContain('secrets.key');
    await expect(open(folder, { PATCHBAY_VAULT_KEY: 'wrong' })).rejects.toThrow('another PATCHBAY_VAULT_KEY');
    await expect(open(folder)).rejects.toThrow('set it to the same value');
    expect(await (await open(folder, { PATCHBAY_VAULT_KEY: 'right' })).read('a')).toBe('geheim');
  });

  test('a file made with a key file is locked anew when PATCHBAY_VAULT_KEY comes', async () => {
    const folder = makeTempFolder();
    await (await open(folder)).write('a', 'geheim');
    expect(await (await open(folder, { PATCHBAY_VAULT_KEY: 'new' })).read('a')).toBe('geheim');
    await expect(open(folder)).rejects.toThrow('PATCHBAY_VAULT_KEY');
  });

  test('a write that fails says so and leaves the entry as it was', async () => {
    const folder = makeTempFolder();
    const vault = await open(folder);
    await vault.write('a', 'old');
    rmSync(join(folder, 'secrets.enc'));
    mkdirSync(join(folder, 'secrets.enc', 'in the way'), { recursive: true });
    await expect(vault.write('a', 'new')).rejects.toThrow('could not be written');
    expect(await vault.read('a')).toBe('old');
    expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });
});

describe('with a keychain', () => {
  test('it is used, nothing is left of the first try, and two data folders do not see each other', async () => {
    const keyring = createMemoryKeyring();
    const [one, two] = [makeTempFolder(), makeTempFolder()];
    const first = await open(one, SESSION, keyring);
    const second = await open(two, SESSION, keyring);
    expect([first.kind, keyring.entries.size]).toEqual(['keychain', 0]);
    await first.write('a', 'geheim-1');
    await second.write('a', 'geheim-2');
    expect([await first.read('a'), await second.read('a')]).toEqual(['geheim-1', 'geheim-2']);
    expect(readdirSync(one)).toEqual(['vault.json']);
    expect(await (await open(one, SESSION, keyring)).read('a')).toBe('geheim-1');
  });

  test('one that hangs, refuses or forgets is not used, and the sentence says why', async () => {
    const keyring = createMemoryKeyring();
    const refuse = () => Promise.reject(new Error('locked by policy'));
    const reasons: [string, string][] = [];
    for (const broken of [
      { ...keyring, setPassword: () => new Promise<void>(() => {}) },
      { ...keyring, setPassword: refuse },
      { ...keyring, getPassword: async () => null },
    ]) {
      const vault = await open(makeTempFolder(), SESSION, broken);
      reasons.push([vault.kind, vault.detail]);
    }
    expect(reasons).toEqual([
      ['file', expect.stringContaining('within 0.05 seconds')],
      ['file', expect.stringContaining('locked by policy')],
      ['file', expect.stringContaining('does not give back')],
    ]);
  });

  test('when it stays away later that is said, and what came meanwhile moves into it on its return', async () => {
    const keyring = createMemoryKeyring();
    const folder = makeTempFolder();
    await (await open(folder, SESSION, keyring)).write('a', 'in keychain');
    const away = await open(folder);
    expect([away.kind, away.detail, await away.read('a')]).toEqual([
      'file',
      expect.stringContaining('cannot be read until it answers again'),
      undefined,
    ]);
    await away.write('b', 'in file');
    const back = await open(folder, SESSION, keyring);
    expect([back.kind, await back.read('a'), await back.read('b')]).toEqual(['keychain', 'in keychain', 'in file']);
    expect(back.detail).toContain('moved there');
    expect(readdirSync(folder)).toEqual(['vault.json']);
  });

  test('a file that is locked with PATCHBAY_VAULT_KEY is left as it is, and that is said', async () => {
    const folder = makeTempFolder();
    await (await open(folder, { PATCHBAY_VAULT_KEY: 'k' })).write('a', 'in file');
    const vault = await open(folder, SESSION, createMemoryKeyring());
    expect([vault.kind, vault.detail]).toEqual(['keychain', expect.stringContaining('was left as it is')]);
    expect(await (await open(folder, { PATCHBAY_VAULT_KEY: 'k' })).read('a')).toBe('in file');
  });

  test('PATCHBAY_VAULT_KEY chooses the file although a keychain is there', async () => {
    const environment = { ...SESSION, PATCHBAY_VAULT_KEY: 'k' };
    const vault = await open(makeTempFolder(), environment, createMemoryKeyring());
    expect([vault.kind, vault.detail]).toEqual(['file', expect.stringContaining('PATCHBAY_VAULT_KEY is set')]);
  });
});

const missing = findMissingKeyring();
describe.skipIf(missing !== undefined)(`with a real gnome-keyring${missing ? ` (skipped: ${missing})` : ''}`, () => {
  test('secrets survive the end of the session, and removed ones and those of another folder are not there', async () => {
    const [home, folder, other] = [makeTempFolder(), makeTempFolder(), makeTempFolder()];
    const secret = 'gehéim "quoted"\nline';
    const kept = await runInKeyringSession(home, folder, [
      ['write', 'account/kimi/key', secret],
      ['write', 'gone', 'x'],
      ['remove', 'gone'],
      ['remove', 'gone'],
    ]);
    expect([kept.kind, kept.detail]).toEqual(['keychain', 'Secrets are kept in the keychain of this session.']);
    const names = [
      ['read', 'account/kimi/key'],
      ['read', 'gone'],
    ];
    expect((await runInKeyringSession(home, folder, names)).read).toEqual([secret, 'undefined']);
    expect((await runInKeyringSession(home, other, names)).read).toEqual(['undefined', 'undefined']);
    expect(readdirSync(folder)).toEqual(['vault.json']);
  });
});
