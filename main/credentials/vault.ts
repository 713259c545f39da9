// Where secrets live: the keychain of the operating system, or an encrypted file where no keychain answers.
// Decides which of the two, remembers the decision for the data folder and moves secrets when a keychain comes (back).
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { GatewayError } from '../canonical/errors.ts';
import { writeFileAtomic } from '../util/atomic-file.ts';
import type { Logger } from '../util/logger.ts';
import { type FileVault, openFileVault } from './file-vault.ts';
import { type Keyring, loadKeyring, openKeychainVault } from './keychain-vault.ts';

/** Keeps secrets by name. Every call may throw a `GatewayError` whose message is for the person. */
export interface Vault {
  readonly kind: 'keychain' | 'file';
  /** One or two sentences for the GUI: where secrets live, why there, and what to know about it. */
  readonly detail: string;
  /** The secret; undefined where none has that name. */
  read(name: string): Promise<string | undefined>;
  /** Stores or replaces a secret; it is kept when this resolves. */
  write(name: string, secret: string): Promise<void>;
  /** Forgets a secret; one that is not there is forgotten already. */
  remove(name: string): Promise<void>;
}

/** What a vault is opened with. */
export interface VaultOptions {
  readonly dataFolder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  /** Loads the keychain's programming interface. */
  readonly loadKeyring?: () => Promise<Keyring>;
  readonly platform?: NodeJS.Platform;
  /** How long the keychain may take to show that it works, in milliseconds. */
  readonly probeMs?: number;
}

const Marker = z.object({ id: z.string().min(1), kind: z.enum(['keychain', 'file']) });
type Marker = z.infer<typeof Marker>;

/** The keychain where one answers in time, else the encrypted file. Throws where the file exists and its key is wrong. */
export async function openVault(options: VaultOptions): Promise<Vault> {
  const { dataFolder, environment, logger } = options;
  const markerFile = join(dataFolder, 'vault.json');
  const known = await readMarker(markerFile);
  const id = known?.id ?? randomBytes(8).toString('hex');
  const keychain = await findKeychain(options, id);

  if (typeof keychain !== 'string') {
    const moved = await moveSecrets(dataFolder, environment, keychain);
    await writeMarker(markerFile, known, { id, kind: 'keychain' });
    return moved === '' ? keychain : { ...keychain, detail: `${keychain.detail} ${moved}` };
  }
  logger.info('secrets are kept in an encrypted file', { reason: keychain });
  const file = await openFileVault({ dataFolder, environment });
  if (known?.kind !== 'keychain') await writeMarker(markerFile, known, { id, kind: 'file' });
  const lost = known?.kind === 'keychain' ? ` ${KEYCHAIN_AWAY}` : '';
  return { ...file, detail: `${keychain} ${file.detail}${lost}` };
}

const KEYCHAIN_AWAY =
  'Secrets that this data folder had put into the keychain cannot be read until it answers again; ' +
  'what is entered meanwhile moves there then.';

/** The vault, or the sentence that says why there is none. */
async function findKeychain(options: VaultOptions, id: string): Promise<Vault | string> {
  const { environment, platform = process.platform, probeMs = 2000 } = options;
  if (environment.PATCHBAY_VAULT_KEY) return 'PATCHBAY_VAULT_KEY is set, so the keychain is not used.';
  if (platform === 'linux' && !environment.DBUS_SESSION_BUS_ADDRESS) {
    return 'This session has no keychain (no D-Bus session).';
  }
  try {
    const keyring = await (options.loadKeyring ?? loadKeyring)();
    return await openKeychainVault({ keyring, folderId: id, probeMs, platform });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `The keychain of this system cannot be used (${reason.replace(/\.$/, '')}).`;
  }
}

/** What an encrypted file kept while no keychain answered goes into the keychain; newer entries replace older ones. */
async function moveSecrets(dataFolder: string, environment: VaultOptions['environment'], keychain: Vault) {
  let file: FileVault | undefined;
  try {
    file = await openFileVault({ dataFolder, environment, mustExist: true });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return `An encrypted file with earlier secrets was left as it is: ${error.message}`;
  }
  if (file === undefined) return '';
  const names = await file.list();
  for (const name of names) {
    const secret = await file.read(name);
    if (secret !== undefined) await keychain.write(name, secret);
  }
  await file.destroy();
  if (names.length === 0) return file.mishap ?? '';
  return `${names.length} secrets were moved there from the encrypted file.`;
}

async function readMarker(path: string): Promise<Marker | undefined> {
  try {
    return Marker.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function writeMarker(path: string, known: Marker | undefined, marker: Marker): Promise<void> {
  if (known?.id === marker.id && known.kind === marker.kind) return;
  await writeFileAtomic(path, `${JSON.stringify(marker, undefined, 2)}\n`);
}
