// The login of the kiro-cli program in its SQLite file. Opened for reading only, except for the moment in which renewed
// tokens are put back; everything that is not a token stays as it is.
import { stat } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import type Database from 'libsql';
import { GatewayError } from '../../canonical/errors.ts';
import { ID, readJsonObject, readProfileArn, readRegion, readText, refuseLogin } from './formats.ts';
import { type LoginTokens, type RenewedTokens, readTokens } from './tokens.ts';

/** The misspelling is the program's own. */
const TOKEN_KEYS = [
  'kirocli:social:token',
  'kirocli:odic:token',
  'kirocli:oidc:token',
  'codewhisperer:odic:token',
  'codewhisperer:oidc:token',
];
/** Calls to SQLite block this process, so it waits shortly and is asked again. */
const BUSY_MS = 100;
const BUSY_TRIES = 40;
const BUSY_PAUSE_MS = 150;

/** Waits, and rejects when the signal aborts; a test's clock may make it no time at all. */
export type Pause = (ms: number, signal?: AbortSignal) => Promise<void>;

interface Row {
  readonly key: string;
  readonly value: unknown;
}

/** The login that the program uses; undefined where it is signed out. Throws `GatewayError` with words about the file. */
export async function readCliDatabase(path: string, pause: Pause): Promise<LoginTokens | undefined> {
  return await withDatabase(path, 'ro', pause, (database) => {
    const tables = list(database, "SELECT name AS key, name AS value FROM sqlite_master WHERE type = 'table'");
    if (!tables.some(({ key }) => key === 'auth_kv')) {
      throw refuseLogin(`${path} is no database of kiro-cli: it has no table "auth_kv".`);
    }
    const rows = list(database, 'SELECT key, value FROM auth_kv');
    const token = chooseToken(rows, path);
    const object = readJsonObject(token?.value);
    if (token === undefined || object === undefined) return undefined;
    const state = tables.some(({ key }) => key === 'state') ? list(database, 'SELECT key, value FROM state') : [];
    return readTokens(object, findRegistration(rows, token.key), readHints(state));
  });
}

/**
 * Puts renewed tokens where `from` still is the refresh token. False, and nothing written, where the program has another one by
 * now. Throws `GatewayError`.
 */
export async function writeCliDatabase(
  path: string,
  from: string,
  renewed: RenewedTokens,
  pause: Pause,
): Promise<boolean> {
  return await withDatabase(path, 'rw', pause, (database) => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const row = list(database, 'SELECT key, value FROM auth_kv').find(({ key, value }) => {
        if (!key.endsWith(':token')) return false;
        return readText(readJsonObject(value) ?? {}, 'refreshToken', 'refresh_token') === from;
      });
      const object = readJsonObject(row?.value);
      const isOurs = row !== undefined && object !== undefined;
      if (isOurs) {
        const text = JSON.stringify(mergeRenewal(object, renewed));
        const value = typeof row.value === 'string' ? text : Buffer.from(text);
        database.prepare('UPDATE auth_kv SET value = ? WHERE key = ?').run(value, row.key);
      }
      database.exec('COMMIT');
      return isOurs;
    } catch (error) {
      if (database.inTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}

/** The object with the renewed tokens under the names that it uses itself; all else stays. */
export function mergeRenewal(
  object: Readonly<Record<string, unknown>>,
  { accessToken, refreshToken, expiresAt }: RenewedTokens,
): Record<string, unknown> {
  const isCamel = 'accessToken' in object || 'refreshToken' in object;
  const end = new Date(expiresAt).toISOString();
  const names = isCamel
    ? { access: 'accessToken', refresh: 'refreshToken', end: 'expiresAt' }
    : { access: 'access_token', refresh: 'refresh_token', end: 'expires_at' };
  const merged: Record<string, unknown> = { ...object, [names.access]: accessToken, [names.end]: end };
  if (refreshToken !== undefined) merged[names.refresh] = refreshToken;
  return merged;
}

function chooseToken(rows: readonly Row[], path: string): Row | undefined {
  const isWhole = ({ value }: Row) =>
    readText(readJsonObject(value) ?? {}, 'refreshToken', 'refresh_token') !== undefined;
  const known = TOKEN_KEYS.flatMap((key) => rows.filter((row) => row.key === key));
  const found = known.find(isWhole) ?? known[0];
  if (found !== undefined) return found;
  const others = rows.filter((row) => row.key.endsWith(':token') && isWhole(row));
  if (others.length > 1) {
    throw refuseLogin(`${path} holds several logins that Patchbay does not know apart: ${names(others)}.`);
  }
  return others[0];
}

const names = (rows: readonly Row[]) => rows.map(({ key }) => key).join(', ');

/** The registration of the same family as the token: a refresh token works with no other. */
function findRegistration(rows: readonly Row[], tokenKey: string): Record<string, unknown> | undefined {
  const key = tokenKey.replace(/:token$/, ':device-registration');
  return readJsonObject(rows.find((row) => row.key === key)?.value);
}

function readHints(state: readonly Row[]) {
  const find = (key: string) => state.find((row) => row.key === key)?.value;
  return {
    profileArn: readProfileArn(readText(readJsonObject(find('api.codewhisperer.profile')) ?? {}, 'arn')),
    startUrl: readWord(find('auth.idc.start-url')),
    region: readRegion(readWord(find('auth.idc.region'))),
  };
}

/** A text that may stand as JSON or as it is. */
function readWord(value: unknown): string | undefined {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  return typeof text === 'string' ? text.trim().replace(/^"(.*)"$/, '$1') || undefined : undefined;
}

function list(database: Database.Database, query: string): Row[] {
  return database
    .prepare(query)
    .all()
    .map((row) => {
      const { key, value } = row as { key: unknown; value: unknown };
      return { key: String(key), value: value instanceof ArrayBuffer ? Buffer.from(value) : value };
    });
}

async function withDatabase<Result>(
  path: string,
  mode: 'ro' | 'rw',
  pause: Pause,
  work: (database: Database.Database) => Result,
): Promise<Result> {
  await checkThere(path);
  // Native code, which who has no such account never needs.
  const { default: Sqlite } = await import('libsql');
  for (let tried = 1; ; tried += 1) {
    try {
      // The library's own "readonly" neither refuses writes nor leaves a missing file missing; the address does.
      const database = new Sqlite(`${pathToFileURL(path).href}?mode=${mode}`);
      try {
        database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
        return work(database);
      } finally {
        database.close();
      }
    } catch (error) {
      if (error instanceof GatewayError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const isBusy = /locked|busy/i.test(reason);
      if (isBusy && tried < BUSY_TRIES) {
        await pause(BUSY_PAUSE_MS);
        continue;
      }
      const what = isBusy ? 'is in use by another program' : `cannot be ${mode === 'ro' ? 'read' : 'written'}`;
      throw new GatewayError('internal', `The database of kiro-cli ${what} (${path}: ${reason}).`, {
        provider: ID,
        cause: error,
      });
    }
  }
}

async function checkThere(path: string): Promise<void> {
  const found = await stat(path).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT')
      throw refuseLogin(`There is no database of kiro-cli at ${path}. Sign in there first.`, cause);
    throw refuseLogin(`The database of kiro-cli at ${path} cannot be opened (${code}).`, cause);
  });
  if (!found.isFile()) throw refuseLogin(`${path} is no file. Name the file data.sqlite3 itself.`);
}
