// The logins of Kiro's other programs on this machine, each with what can be told of it without a call. Reads only.
import { access } from 'node:fs/promises';
import type { FoundLogin } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import { type Pause, readCliDatabase } from './cli-database.ts';
import { findProfileFile, findTokenFile, listCliDatabases, type Machine } from './places.ts';
import { METHODS } from './sign-in.ts';
import { readTokenFile } from './token-file.ts';
import { hash, type LoginTokens, nameKind } from './tokens.ts';

/** What the search works with. */
export interface SearchOptions {
  readonly machine: Machine;
  readonly now: () => number;
  readonly pause: Pause;
}

/** What is there, kiro-cli's first. Never throws: what cannot be read is told as a problem. */
export async function findLogins({ machine, now, pause }: SearchOptions): Promise<readonly FoundLogin[]> {
  const found: FoundLogin[] = [];
  for (const path of listCliDatabases(machine)) {
    if (!(await exists(path))) continue;
    const isOld = path.includes('amazon-q');
    const program = isOld ? 'Amazon Q Developer CLI' : 'kiro-cli';
    const name = isOld ? 'Amazon Q' : 'Kiro CLI';
    const draft = { method: METHODS.database, name, values: { cliDatabase: path } };
    found.push(await look({ program, path, draft, now, read: () => readCliDatabase(path, pause) }));
  }
  const path = findTokenFile(machine);
  if (await exists(path)) {
    const draft = { method: METHODS.file, name: 'Kiro IDE', values: { credsFile: path } };
    const read = () => readTokenFile(path, findProfileFile(machine), pause);
    found.push(await look({ program: 'Kiro IDE', path, draft, now, read }));
  }
  return found;
}

async function look(parts: {
  readonly program: string;
  readonly path: string;
  readonly draft: FoundLogin['draft'];
  readonly now: () => number;
  readonly read: () => Promise<LoginTokens | undefined>;
}): Promise<FoundLogin> {
  const { program, path, draft, now, read } = parts;
  const base = { id: hash(path).slice(0, 16), place: path, draft };
  try {
    const tokens = await read();
    if (tokens?.refreshToken === undefined && tokens?.accessToken === undefined) {
      return { ...base, title: program, facts: [], problem: `${program} is not signed in.` };
    }
    return { ...base, title: `${program}: ${nameLogin(tokens)}`, facts: listFacts(tokens, now()), ...judge(tokens) };
  } catch (error) {
    return { ...base, title: program, facts: [], problem: readError(error).message };
  }
}

function nameLogin({ kind, provider, startUrl }: LoginTokens): string {
  if (kind === 'identity-center' && startUrl !== undefined && URL.canParse(startUrl)) return new URL(startUrl).host;
  return nameKind(kind, provider);
}

function listFacts({ ssoRegion, profileArn, expiresAt }: LoginTokens, now: number): string[] {
  const profile = profileArn?.split('/').at(-1);
  return [
    `region ${ssoRegion}`,
    ...(profile === undefined ? [] : [`profile ${profile}`]),
    describeExpiry(expiresAt, now),
  ];
}

function describeExpiry(expiresAt: number | undefined, now: number): string {
  if (expiresAt === undefined) return 'renewed when first used';
  const minutes = Math.round((expiresAt - now) / 60_000);
  if (minutes <= 0) return 'expired, renewed when first used';
  return minutes < 120
    ? `good for ${minutes} minutes, then renewed`
    : `good for ${Math.round(minutes / 60)} hours, then renewed`;
}

function judge({ kind, refreshToken, clientId, clientSecret }: LoginTokens): { problem?: string } {
  if (refreshToken === undefined) return { problem: 'It cannot be renewed: there is no refresh token.' };
  const needsClient = kind === 'builder-id' || kind === 'identity-center';
  if (needsClient && (clientId === undefined || clientSecret === undefined)) {
    return { problem: 'It cannot be renewed: its client registration is missing.' };
  }
  return {};
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
