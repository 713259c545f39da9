// Secrets in one encrypted file, for machines without a keychain. AES-256-GCM; the key comes from PATCHBAY_VAULT_KEY
// or from a key file beside it, which guards against a stray copy of the secrets, not against who can read the folder.
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { chmod, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { GatewayError } from '../canonical/errors.ts';
import { nameBroken, writeFileAtomic } from '../util/atomic-file.ts';
import { createSerial } from '../util/serial.ts';
import type { Vault } from './vault.ts';

/** The file vault also tells its names and can go away, for moving everything into a keychain. */
export interface FileVault extends Vault {
  list(): Promise<readonly string[]>;
  /** That an unreadable file was put aside, as a sentence; undefined where all was well. */
  readonly mishap: string | undefined;
  /** Removes the file and its key for good. */
  destroy(): Promise<void>;
}

/** What the file vault is opened with. */
export interface FileVaultOptions {
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const SealedFile = z.object({
  version: z.literal(1),
  /** Where the key came from: `PATCHBAY_VAULT_KEY` or the key file. */
  key: z.enum(['environment', 'file']),
  salt: z.base64(),
  nonce: z.base64(),
  tag: z.base64(),
  /** Tells a wrong key from a damaged file. */
  check: z.base64(),
  data: z.base64(),
});
type SealedFile = z.infer<typeof SealedFile>;

const Secrets = z.record(z.string(), z.string());

interface Key {
  readonly source: SealedFile['key'];
  readonly salt: Buffer;
  readonly bytes: Buffer;
  readonly check: Buffer;
}

/**
 * Opens the vault; an unreadable file is put aside and the vault starts empty. With `mustExist` it is undefined where
 * there is no file. Throws a `GatewayError` where the file is whole but its key is another one.
 */
export async function openFileVault(options: FileVaultOptions): Promise<FileVault>;
export async function openFileVault(options: FileVaultOptions & { mustExist: true }): Promise<FileVault | undefined>;
export async function openFileVault({
  dataFolder,
  environment,
  mustExist,
}: FileVaultOptions & { mustExist?: boolean }): Promise<FileVault | undefined> {
  const path = join(dataFolder, 'secrets.enc');
  const keyFile = join(dataFolder, 'secrets.key');
  const text = await readText(path);
  if (text === undefined && mustExist) return undefined;
  const password = environment.PATCHBAY_VAULT_KEY || undefined;

  const opened = text === undefined ? undefined : await unseal(text, password, keyFile);
  let mishap: string | undefined;
  if (typeof opened === 'string') {
    const aside = nameBroken(path, new Date());
    await rename(path, aside);
    mishap = `The file with the earlier secrets could not be read (${opened}) and was put aside as ${aside}; enter the secrets again.`;
  }
  const found = typeof opened === 'object' ? opened : undefined;
  const source = password === undefined ? 'file' : 'environment';
  const key = found?.key.source === source ? found.key : await makeKey(password, keyFile, randomBytes(16));
  const secrets = new Map(Object.entries(found?.secrets ?? {}));
  const serial = createSerial();
  const save = () => writeFileAtomic(path, seal(key, Object.fromEntries(secrets)));
  if (found !== undefined && found.key !== key) await save();
  if (found !== undefined) await chmod(path, 0o600);

  return {
    kind: 'file',
    detail: mishap === undefined ? describe(source, path) : `${describe(source, path)} ${mishap}`,
    mishap,
    read: async (name) => secrets.get(name),
    list: async () => [...secrets.keys()],
    write: (name, secret) => serial(() => replace(secrets, name, secret, save)),
    remove: (name) => serial(async () => void (secrets.has(name) && (await replace(secrets, name, undefined, save)))),
    destroy: () =>
      serial(async () => {
        secrets.clear();
        await rm(path, { force: true });
        await rm(keyFile, { force: true });
      }),
  };
}

function describe(source: SealedFile['key'], path: string): string {
  const by = source === 'environment' ? 'PATCHBAY_VAULT_KEY' : 'a key file beside it that only you can read';
  return `Secrets are kept in the encrypted file ${path}, locked with ${by}.`;
}

/** Changes one entry and saves; where saving fails the entry is as before. */
async function replace(
  secrets: Map<string, string>,
  name: string,
  secret: string | undefined,
  save: () => Promise<void>,
): Promise<void> {
  const before = secrets.get(name);
  const put = (value: string | undefined) => (value === undefined ? secrets.delete(name) : secrets.set(name, value));
  put(secret);
  try {
    await save();
  } catch (cause) {
    put(before);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('internal', `The encrypted file with the secrets could not be written: ${reason}`, {
      cause,
    });
  }
}

function seal(key: Key, secrets: Record<string, string>): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.bytes, nonce);
  const data = Buffer.concat([cipher.update(JSON.stringify(secrets), 'utf8'), cipher.final()]);
  const file: SealedFile = {
    version: 1,
    key: key.source,
    salt: key.salt.toString('base64'),
    nonce: nonce.toString('base64'),
    tag: cipher.getAuthTag().toString('base64'),
    check: key.check.toString('base64'),
    data: data.toString('base64'),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}

/** The secrets with their key, or the reason why the file is worth nothing any more. */
async function unseal(text: string, password: string | undefined, keyFile: string) {
  const file = readSealed(text);
  if (file === undefined) return 'it is damaged';
  if (file.key === 'environment' && password === undefined) {
    throw new GatewayError(
      'internal',
      'The stored secrets were locked with PATCHBAY_VAULT_KEY; set it to the same value again.',
    );
  }
  if (file.key === 'file' && (await readText(keyFile)) === undefined) return 'its key file is gone';
  const salt = Buffer.from(file.salt, 'base64');
  const key = await makeKey(file.key === 'environment' ? password : undefined, keyFile, salt);
  if (!key.check.equals(Buffer.from(file.check, 'base64'))) {
    if (file.key === 'file') return 'its key file belongs to another one';
    throw new GatewayError(
      'internal',
      'The stored secrets were locked with another PATCHBAY_VAULT_KEY; set that one again.',
    );
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', key.bytes, Buffer.from(file.nonce, 'base64'));
    decipher.setAuthTag(Buffer.from(file.tag, 'base64'));
    const plain = Buffer.concat([decipher.update(Buffer.from(file.data, 'base64')), decipher.final()]);
    return { key, secrets: Secrets.parse(JSON.parse(plain.toString('utf8'))) };
  } catch {
    return 'it is damaged';
  }
}

function readSealed(text: string): SealedFile | undefined {
  try {
    return SealedFile.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** The key from the password, else from the key file, which is made where it is missing. */
async function makeKey(password: string | undefined, keyFile: string, salt: Buffer): Promise<Key> {
  const bytes =
    password === undefined
      ? Buffer.from(hkdfSync('sha256', await readKeyFile(keyFile), salt, 'patchbay vault', 48))
      : await derive(password, salt, 48, SCRYPT);
  const source = password === undefined ? 'file' : 'environment';
  return { source, salt, bytes: bytes.subarray(0, 32), check: bytes.subarray(32, 48) };
}

const derive = promisify<string, Buffer, number, typeof SCRYPT, Buffer>(scrypt);

/** About a tenth of a second and 32 MB for each guess at PATCHBAY_VAULT_KEY. */
const SCRYPT = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 ** 2 };

async function readKeyFile(keyFile: string): Promise<string> {
  const found = (await readText(keyFile))?.trim();
  if (found) return found;
  const made = randomBytes(32).toString('base64url');
  await writeFileAtomic(keyFile, `${made}\n`);
  return made;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GatewayError('internal', `The secrets cannot be opened, as ${path} cannot be read: ${reason}`, { cause });
  }
}
