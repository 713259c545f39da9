// Where an account's login comes from: another program's file or database, what was pasted, or a sign-in of its own. Each
// is read anew whenever it matters; none is written unless that keeps the other program signed in.
import type { Credential } from '../../credentials/credential.ts';
import { type Pause, readCliDatabase, writeCliDatabase } from './cli-database.ts';
import { readRegion, refuseLogin } from './formats.ts';
import { expandPath, findProfileFile, findTokenFile, type Machine } from './places.ts';
import { METHODS } from './sign-in.ts';
import { readTokenFile, writeTokenFile } from './token-file.ts';
import { hash, type LoginTokens, type RenewedTokens, readTokens } from './tokens.ts';

/** A place that a login comes from. */
export interface LoginSource {
  /** The same for all accounts that share the login; gives nothing away. */
  readonly key: string;
  /** What it is, for a person: a path, or "the pasted refresh token". */
  readonly name: string;
  /** What to do when the login has ended. */
  readonly advice: string;
  /** Another program uses and renews the login, too. */
  readonly shared: boolean;
  /** Undefined where nothing but the vault has the login. Throws `GatewayError`. */
  read(): Promise<LoginTokens | undefined>;
  /** Puts a rotated login back where the refresh token still is `from`; absent where that is not needed or not allowed. */
  write?(from: string, renewed: RenewedTokens): Promise<boolean>;
}

/** The source of an account with a renewable login. Throws `GatewayError` with words about what is missing or malformed. */
export function findSource(credential: Credential, machine: Machine, pause: Pause): LoginSource {
  const { account } = credential;
  const { values } = account;
  if (values.cliDatabase !== undefined) return createDatabaseSource(credential, values.cliDatabase, machine, pause);
  if (values.credsFile !== undefined) return createFileSource(credential, values.credsFile, machine, pause);
  if (account.method === METHODS.pasted) return createPastedSource(credential);
  const { login } = credential.secrets;
  if (login === undefined) throw refuseLogin(`"${account.name}" is not signed in yet. Sign in to it in Accounts.`);
  return {
    key: nameOwnLane(login),
    name: `the login of "${account.name}"`,
    advice: 'Sign in again in Accounts.',
    shared: false,
    read: async () => undefined,
  };
}

/** The name under which a sign-in of Patchbay's own is kept. */
export function nameOwnLane(login: string): string {
  return `own-${hash(login).slice(0, 40)}`;
}

/** The region that the person has named. Throws `GatewayError` where it cannot be one. */
export function readNamedRegion({ values }: Credential['account'], name: 'region' | 'apiRegion'): string | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const region = readRegion(text);
  if (region !== undefined) return region;
  throw refuseLogin(`"${text.slice(0, 40)}" is not a region of AWS, such as us-east-1. Correct it in Accounts.`);
}

function createDatabaseSource(credential: Credential, given: string, machine: Machine, pause: Pause): LoginSource {
  const path = expandPath(given, machine);
  const region = readNamedRegion(credential.account, 'region');
  return {
    key: `database-${hash(path).slice(0, 40)}`,
    name: path,
    advice: 'Run "kiro-cli login" and try again.',
    shared: true,
    read: async () => withRegion(await readCliDatabase(path, pause), region),
    ...(mayWrite(credential)
      ? { write: (from: string, renewed: RenewedTokens) => writeCliDatabase(path, from, renewed, pause) }
      : {}),
  };
}

function createFileSource(credential: Credential, given: string, machine: Machine, pause: Pause): LoginSource {
  const path = expandPath(given, machine);
  const region = readNamedRegion(credential.account, 'region');
  // The IDE's profile belongs to the IDE's own login and to no copy of some other one.
  const profileFile = path === findTokenFile(machine) ? findProfileFile(machine) : undefined;
  return {
    key: `file-${hash(path).slice(0, 40)}`,
    name: path,
    advice: 'Open Kiro, sign in there again and try again.',
    shared: true,
    read: async () => withRegion(await readTokenFile(path, profileFile, pause), region),
    ...(mayWrite(credential)
      ? { write: (from: string, renewed: RenewedTokens) => writeTokenFile(path, from, renewed, pause) }
      : {}),
  };
}

function createPastedSource(credential: Credential): LoginSource {
  const { account, secrets } = credential;
  const refreshToken = secrets.refreshToken?.trim();
  if (!refreshToken) throw refuseLogin(`"${account.name}" has no refresh token. Paste one in Accounts.`);
  if (/\s|\.\.\.|…/.test(refreshToken)) {
    throw refuseLogin(
      `The refresh token of "${account.name}" is cut off or holds spaces. Paste all of it in Accounts.`,
    );
  }
  const clientId = secrets.clientId?.trim();
  const clientSecret = secrets.clientSecret?.trim();
  if ((clientId === undefined) !== (clientSecret === undefined)) {
    throw refuseLogin(`"${account.name}" needs both the client id and the client secret, or neither of them.`);
  }
  const region = readNamedRegion(account, 'region');
  const seed = readTokens({ refreshToken, clientId, clientSecret, startUrl: account.values.startUrl, region });
  const isShort = refreshToken.length < SHORTEST;
  return {
    key: `pasted-${hash(refreshToken, clientId).slice(0, 40)}`,
    name: 'the pasted refresh token',
    advice: isShort
      ? `It has only ${refreshToken.length} characters and may be cut off. Paste the whole token in Accounts.`
      : 'Paste a new refresh token in Accounts.',
    shared: false,
    read: async () => seed,
  };
}

/** Real refresh tokens are longer. */
const SHORTEST = 100;

function mayWrite({ account }: Credential): boolean {
  return account.values.writeBack !== 'no';
}

function withRegion(tokens: LoginTokens | undefined, region: string | undefined): LoginTokens | undefined {
  return tokens === undefined || region === undefined ? tokens : { ...tokens, ssoRegion: region };
}
