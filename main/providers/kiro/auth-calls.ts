// The calls that renew a login. Written by hand: answers of these hosts are judged by their `error` field whatever the
// status, which Amazon's own client does not do.
import { GatewayError } from '../../canonical/errors.ts';
import type { HttpClient } from '../../http/client.ts';
import { ID, readJsonObject, readText } from './formats.ts';
import { findHost } from './hosts.ts';
import type { LoginTokens, RenewedTokens } from './tokens.ts';

/** Which account's hosts are asked, and until when. */
export interface AuthCall {
  readonly http: HttpClient;
  readonly account: { readonly endpoints: Readonly<Record<string, string>> };
  readonly signal: AbortSignal;
  /** As the account's credential has it. */
  readonly proxy: string | undefined;
  readonly now: () => number;
}

/** An answer with what it says of itself. */
export interface AuthAnswer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The code of a refusal, such as `authorization_pending`; may come with any status. */
  readonly error: string | undefined;
  readonly words: string | undefined;
}

/** A renewal that the host has refused; `final` where the same token can never work again. */
export interface Refusal {
  readonly refused: string;
  readonly final: boolean;
}

const LIMIT_MS = 30_000;
const ANSWER_BYTES = 256 * 1024;
const DEFAULT_LIFE_S = 3600;

const FINAL_CODES =
  /^(invalid_grant|refresh_token_reused|revoked|revoked_token|refresh_token_revoked|access_denied|expired_token|InvalidGrantException|ExpiredTokenException|ExpiredClientException|AccessDeniedException|invalid_client|InvalidClientException|UnauthorizedClientException)$/;

/** Posts JSON and reads whatever comes. Throws `GatewayError` where nothing comes, or nothing that can be read. */
export async function post(call: AuthCall, url: string, body: object | string): Promise<AuthAnswer> {
  const isForm = typeof body === 'string';
  const response = await call.http.open({
    method: 'POST',
    url,
    headers: {
      'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
      accept: 'application/json',
      'user-agent': 'Patchbay',
    },
    body: isForm ? body : JSON.stringify(body),
    signal: call.signal,
    proxy: call.proxy,
    firstByteMs: LIMIT_MS,
    idleMs: LIMIT_MS,
  });
  const text = await response.text(ANSWER_BYTES);
  const read = readJsonObject(text) ?? {};
  const type = readText(read, '__type', 'code')?.split('#').at(-1);
  const error = readText(read, 'error') ?? type;
  const words = readText(read, 'error_description', 'errorDescription', 'message', 'Message', 'reason');
  return { status: response.status, body: read, error, words };
}

/** Renews a login at the host of its kind. Throws `GatewayError` for everything that may pass by itself. */
export async function renewTokens(call: AuthCall, tokens: LoginTokens): Promise<RenewedTokens | Refusal> {
  const answer = await askToRenew(call, tokens);
  if (isRefusal(answer)) return answer;
  return readRenewal(answer, call.now()) ?? readRefusal(answer);
}

/** Whether a renewal was refused. */
export function isRefusal(outcome: object): outcome is Refusal {
  return 'refused' in outcome;
}

async function askToRenew(call: AuthCall, tokens: LoginTokens): Promise<AuthAnswer | Refusal> {
  const { kind, refreshToken, clientId, clientSecret, ssoRegion } = tokens;
  if (refreshToken === undefined) return { refused: 'there is no refresh token', final: true };
  switch (kind) {
    case 'social':
      return await post(call, `${findHost(call.account, 'auth', ssoRegion)}/refreshToken`, { refreshToken });
    case 'builder-id':
    case 'identity-center': {
      if (clientId === undefined || clientSecret === undefined) {
        return { refused: 'the client registration that belongs to the token is missing', final: false };
      }
      const body = { grantType: 'refresh_token', clientId, clientSecret, refreshToken };
      return await post(call, `${findHost(call.account, 'oidc', ssoRegion)}/token`, body);
    }
    case 'external-idp': {
      // The file of the IDE says where; an account with hosts of its own is asked for there.
      const host = call.account.endpoints.oidc === undefined ? undefined : findHost(call.account, 'oidc', ssoRegion);
      const url = host === undefined ? tokens.tokenEndpoint : `${host}/token`;
      if (url === undefined || clientId === undefined) {
        return { refused: 'only Kiro itself can renew the sign-in of this organisation; open Kiro once', final: false };
      }
      const form = { grant_type: 'refresh_token', client_id: clientId, refresh_token: refreshToken };
      return await post(call, url, new URLSearchParams(form).toString());
    }
    default:
      return kind satisfies never;
  }
}

/** The tokens of an answer that has some, whatever its status. */
export function readRenewal({ body, error }: AuthAnswer, now: number): RenewedTokens | undefined {
  const accessToken = readText(body, 'accessToken', 'access_token');
  if (accessToken === undefined || error !== undefined) return undefined;
  const lifeS = Number(body.expiresIn ?? body.expires_in ?? DEFAULT_LIFE_S);
  return {
    accessToken,
    refreshToken: readText(body, 'refreshToken', 'refresh_token'),
    expiresAt: now + (Number.isFinite(lifeS) && lifeS > 0 ? lifeS : DEFAULT_LIFE_S) * 1000,
    profileArn: readText(body, 'profileArn'),
  };
}

/** What a refusal means. Throws `GatewayError` for what may pass by itself: too many calls, a fault of the host. */
function readRefusal(answer: AuthAnswer): Refusal {
  const { status, error, words } = answer;
  const said = describeAnswer(answer);
  if (isPassing(answer)) {
    const kind = status === 429 || /slow_down|throttl|TooManyRequests/i.test(error ?? '') ? 'rate-limited' : 'upstream';
    throw new GatewayError(kind, `Kiro's sign-in could not renew the login now: ${said}`, { provider: ID, status });
  }
  const final =
    status === 401 || FINAL_CODES.test(error ?? '') || /invalid_grant|invalid refresh token/i.test(words ?? '');
  return { refused: said, final };
}

/** Whether the same call may go well a little later. */
export function isPassing({ status, error }: AuthAnswer): boolean {
  if (/slow_down|throttl|TooManyRequests|InternalServer|internal_error|temporarily/i.test(error ?? '')) return true;
  return error === undefined || status >= 500 ? status === 429 || status === 408 || status >= 500 : status === 429;
}

/** An answer in a few words for a person. */
export function describeAnswer({ status, error, words, body }: AuthAnswer): string {
  const said = [error, words].filter((part) => part !== undefined).join(': ');
  if (said !== '') return said.slice(0, 300);
  return Object.keys(body).length === 0 ? `HTTP ${status} without a word` : `HTTP ${status} without a token`;
}
