// The operating system's keychain through keytar's calls: macOS Keychain, Windows Credential Manager, Secret Service.
// A keychain may ask the person, or hang; no call here waits for ever.
import { GatewayError } from '../canonical/errors.ts';
import { type SecretStore, splitLongSecrets } from './long-secrets.ts';
import type { Vault } from './vault.ts';

/** The part of keytar that is used. */
export interface Keyring {
  getPassword(service: string, account: string): Promise<string | null | undefined>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** Loads the real keychain; done late because it is native code that a headless start rarely needs. */
export async function loadKeyring(): Promise<Keyring> {
  const keytar = await import('keytar/keytar.js');
  return 'default' in keytar ? (keytar.default as Keyring) : keytar;
}

const SERVICE = 'Patchbay';
const CALL_MS = 10_000;
/** After a silence nothing is asked for so long: a locked keychain must not make every page wait. */
const REST_MS = 30_000;

/** An entry there holds 2,560 bytes, two for each character; tokens of some services are longer. */
const WINDOWS_CHARACTERS = 1_200;

const SILENT = 'it may be locked';

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'the macOS Keychain',
  win32: 'the Windows Credential Manager',
};

/** A vault in the keychain, tried with one entry first. Throws where the keychain refuses or is silent for `probeMs`. */
export async function openKeychainVault(options: {
  readonly keyring: Keyring;
  /** Keeps the entries of two data folders apart. */
  readonly folderId: string;
  readonly probeMs: number;
  readonly platform: NodeJS.Platform;
}): Promise<Vault> {
  const { keyring, folderId, probeMs, platform } = options;
  const place = NAMES[platform] ?? 'the keychain of this session';
  let restsUntil = Number.NEGATIVE_INFINITY;
  /** Waits for `call`, but not for ever; its error becomes one that the person can read. */
  const limit = async <Result>(limitMs: number, what: string, call: () => Promise<Result>): Promise<Result> => {
    if (performance.now() < restsUntil) throw new GatewayError('internal', `The keychain failed: ${SILENT}.`);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        restsUntil = performance.now() + REST_MS;
        reject(new Error(`no answer to ${what} within ${limitMs / 1000} seconds; ${SILENT}`));
      }, limitMs);
    });
    try {
      return await Promise.race([call(), silence]);
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new GatewayError('internal', `The keychain failed: ${reason}`, { cause });
    } finally {
      clearTimeout(timer);
    }
  };
  const entries: SecretStore = {
    async read(name) {
      const secret = await limit(CALL_MS, `reading ${name}`, () => keyring.getPassword(SERVICE, `${folderId}/${name}`));
      return secret ?? undefined;
    },
    write: (name, secret) =>
      limit(CALL_MS, `storing ${name}`, () => keyring.setPassword(SERVICE, `${folderId}/${name}`, secret)),
    async remove(name) {
      const entry = `${folderId}/${name}`;
      await limit(CALL_MS, `removing ${name}`, async () => {
        // Removing what is not there is an error in some keychains and `false` in others.
        const found = await keyring.getPassword(SERVICE, entry);
        if (typeof found === 'string') await keyring.deletePassword(SERVICE, entry);
      });
    },
  };
  const store = platform === 'win32' ? splitLongSecrets(entries, WINDOWS_CHARACTERS) : entries;
  const vault: Vault = { kind: 'keychain', detail: `Secrets are kept in ${place}.`, ...store };
  await limit(probeMs, 'a first try', () => probe(vault));
  return vault;
}

async function probe(vault: Vault): Promise<void> {
  const value = `${process.pid}-${Date.now()}`;
  await vault.write('probe', value);
  const found = await vault.read('probe');
  await vault.remove('probe');
  if (found !== value) throw new Error('it does not give back what was stored');
}
