// The calls by which the web host signs a person in and out.
import { GatewayError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { HttpClient, UpstreamResponse } from '../../http/client.ts';
import { readRefusal } from './errors.ts';
import { ID, readHost, writeWebHeaders } from './hosts.ts';
import { readToken } from './jwt.ts';

/** What a sign-in has brought. */
export interface Session {
  readonly token: string;
  /** When it ends, in milliseconds since 1970; absent where the host does not tell. */
  readonly expiresAt?: number;
  readonly signedInAt: number;
}

/** What a sign-in needs. */
export interface SignInCall {
  readonly http: HttpClient;
  readonly now: () => number;
  readonly credential: Credential;
  readonly email: string;
  readonly password: string;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 30_000;

/** Signs in. Throws `GatewayError`: `unauthorized` where the host refuses e-mail or password for good. */
export async function callSignIn({ http, now, credential, email, password, signal }: SignInCall): Promise<Session> {
  const { account, proxy } = credential;
  const response = await http.open({
    method: 'POST',
    url: `${readHost(account, 'web')}/api/v1/auths/signin`,
    headers: {
      ...writeWebHeaders(account, '/auth?mode=signin'),
      'content-type': 'application/json',
      accept: 'application/json',
    },
    body: JSON.stringify({ email, password }),
    signal,
    proxy,
    firstByteMs: TIMEOUT_MS,
    idleMs: TIMEOUT_MS,
  });
  const text = await response.text();
  if (response.status < 200 || response.status > 299) throw readSignInRefusal(response, text);
  const { token: told, expires_at: ends } = readBody(text);
  const token = typeof told === 'string' && told !== '' ? told : readCookie(response.headers['set-cookie']);
  if (token === undefined || !/^[\x21-\x7e]+$/.test(token)) {
    throw new GatewayError('upstream', 'K2-Think took the sign-in but gave no token.', { provider: ID });
  }
  const inBody = typeof ends === 'number' && ends > 0 ? ends * 1000 : undefined;
  const known = [readToken(token)?.expiresAt, inBody].filter((one) => one !== undefined);
  return { token, signedInAt: now(), ...(known.length === 0 ? {} : { expiresAt: Math.min(...known) }) };
}

/** Tells the host that the token is not wanted any more. Throws `GatewayError` where it cannot be told. */
export async function callSignOut(
  { http, credential, signal }: Pick<SignInCall, 'http' | 'credential' | 'signal'>,
  token: string,
): Promise<void> {
  const { account, proxy } = credential;
  const response = await http.open({
    method: 'GET',
    url: `${readHost(account, 'web')}/api/v1/auths/signout`,
    headers: { ...writeWebHeaders(account, '/', token), accept: 'application/json' },
    signal,
    proxy,
    firstByteMs: TIMEOUT_MS,
    idleMs: TIMEOUT_MS,
  });
  const text = await response.text();
  if (response.status >= 400 && response.status !== 401) throw readRefusal(response, text);
}

/** 400, 401 and 403 in words are about the person; the doorkeeper's pages are not. */
function readSignInRefusal(response: UpstreamResponse, text: string): GatewayError {
  const error = readRefusal(response, text);
  const { status } = response;
  const isFinal = (status === 400 || status === 401 || status === 403) && !text.trimStart().startsWith('<');
  if (!isFinal) return error;
  return new GatewayError('unauthorized', error.message, { status, code: error.code, provider: ID });
}

function readBody(text: string): { token?: unknown; expires_at?: unknown } {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' && body !== null ? body : {};
  } catch {
    return {};
  }
}

function readCookie(header: string | string[] | undefined): string | undefined {
  for (const cookie of [header ?? []].flat()) {
    const [, token] = /^\s*token=([^;]+)/.exec(cookie) ?? [];
    if (token !== undefined) return token.trim();
  }
  return undefined;
}
