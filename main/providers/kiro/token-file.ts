// The login of the Kiro IDE in its JSON file, with the companion file that holds the registration. Renewed tokens are put
// back whole and at once, with the file's own mode, and nothing else in it is touched.
import { createHash } from 'node:crypto';
import { readFile, realpath, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { GatewayError } from '../../canonical/errors.ts';
import { writeFileAtomic } from '../../util/atomic-file.ts';
import { mergeRenewal, type Pause } from './cli-database.ts';
import {
  BUILDER_ID_START,
  ID,
  isClientIdHash,
  readJsonObject,
  readProfileArn,
  readText,
  refuseLogin,
} from './formats.ts';
import { type LoginTokens, type RenewedTokens, readTokens } from './tokens.ts';

/** A file that another program is just writing is whole again after this. */
const HALF_WRITTEN_PAUSE_MS = 100;
const HALF_WRITTEN_TRIES = 10;

/** The login of the file; `profileFile` is where the IDE keeps its profile. Throws `GatewayError` with words about the file. */
export async function readTokenFile(path: string, profileFile: string | undefined, pause: Pause): Promise<LoginTokens> {
  const token = await readObject(path, pause);
  if (token === undefined) throw refuseLogin(`There is no login of Kiro at ${path}. Sign in there first.`);
  const clientIdHash = readText(token, 'clientIdHash');
  const registration = clientIdHash === undefined ? undefined : await readCompanion(path, clientIdHash, pause);
  const profile = profileFile === undefined ? undefined : await readObject(profileFile, pause).catch(() => undefined);
  const profileArn = readProfileArn(readText(profile ?? {}, 'arn'));
  const startUrl =
    readText(registration ?? {}, 'startUrl') ?? (clientIdHash === BUILDER_ID_HASH ? BUILDER_ID_START : undefined);
  return readTokens(token, registration, { profileArn, startUrl });
}

/**
 * Puts renewed tokens into the file where `from` still is its refresh token. False, and nothing written, where the IDE has
 * another one by now. Throws what the disk throws.
 */
export async function writeTokenFile(
  path: string,
  from: string,
  renewed: RenewedTokens,
  pause: Pause,
): Promise<boolean> {
  // Behind a link the file itself is replaced, not the link.
  const file = await realpath(path);
  const { mode } = await stat(file);
  const text = await readFile(file, 'utf8');
  const token = readJsonObject(text) ?? (await readObject(file, pause));
  if (token === undefined || readText(token, 'refreshToken', 'refresh_token') !== from) return false;
  const indent = /^\{\r?\n([ \t]+)/.exec(text)?.[1];
  const end = /\r?\n$/.exec(text)?.[0] ?? '';
  await replaceFile(file, JSON.stringify(mergeRenewal(token, renewed), undefined, indent) + end, mode & 0o777);
  return true;
}

/** A file that is mounted by itself, as into a container, can only be written in its place. */
async function replaceFile(file: string, content: string, mode: number): Promise<void> {
  try {
    await writeFileAtomic(file, content, mode);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) throw error;
    await writeFile(file, content);
  }
}

/** The IDE names the registration after the start page. */
const BUILDER_ID_HASH = createHash('sha1')
  .update(JSON.stringify({ startUrl: BUILDER_ID_START }))
  .digest('hex');

async function readCompanion(path: string, clientIdHash: string, pause: Pause) {
  if (!isClientIdHash(clientIdHash)) {
    throw refuseLogin(`${path} names a registration that cannot be one (clientIdHash). Sign in to Kiro again.`);
  }
  return await readObject(join(dirname(path), `${clientIdHash}.json`), pause);
}

/** The object in the file; undefined where there is no file. Throws where it stays half written. */
async function readObject(path: string, pause: Pause): Promise<Record<string, unknown> | undefined> {
  for (let tried = 1; ; tried += 1) {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
      if (code === 'ENOENT') return undefined;
      throw refuseLogin(`The login at ${path} cannot be read (${code}).`, cause);
    }
    const object = readJsonObject(text);
    if (object !== undefined) return object;
    if (tried === HALF_WRITTEN_TRIES) {
      throw new GatewayError('internal', `The login at ${path} is no JSON, or only half of one.`, { provider: ID });
    }
    await pause(HALF_WRITTEN_PAUSE_MS);
  }
}
