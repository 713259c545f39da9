// A login as it is kept: tokens, what renews them, and whose they are. Pure: reading and writing places is done elsewhere.
import { createHash } from 'node:crypto';
import type { KiroLoginKind } from './access.ts';
import { BUILDER_ID_START, readProfileArn, readRegion, readText, readTime } from './formats.ts';

/** Everything that is known of a login that can be renewed. */
export interface LoginTokens {
  readonly kind: Exclude<KiroLoginKind, 'api-key'>;
  readonly accessToken?: string;
  readonly refreshToken?: string;
  /** When the access token ends by the wall clock, in milliseconds since 1970; undefined where nobody said. */
  readonly expiresAt?: number;
  /** Where the login is renewed; not the region of the API. */
  readonly ssoRegion: string;
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly startUrl?: string;
  /** `Google`, `Github`, `BuilderId`, `Enterprise`, ... as Kiro names it. */
  readonly provider?: string;
  readonly profileArn?: string;
  /** Where an organisation's own identity provider renews; only for that kind. */
  readonly tokenEndpoint?: string;
}

/** What a renewal brings; what is absent stays as it was. */
export interface RenewedTokens {
  readonly accessToken: string;
  readonly refreshToken?: string;
  readonly expiresAt: number;
  readonly profileArn?: string;
}

/** So long before its end a token is renewed. */
export const AHEAD_MS = 10 * 60_000;

/** Whether the access token is good for some minutes. */
export function isFresh({ accessToken, expiresAt }: LoginTokens, now: number): boolean {
  return accessToken !== undefined && expiresAt !== undefined && expiresAt - now > AHEAD_MS;
}

/** Whether the access token may still work; one whose end nobody knows may. */
export function isLiving({ accessToken, expiresAt }: LoginTokens, now: number): boolean {
  return accessToken !== undefined && (expiresAt === undefined || expiresAt > now);
}

/** The login after a renewal. */
export function applyRenewal(tokens: LoginTokens, renewed: RenewedTokens): LoginTokens {
  const { accessToken, expiresAt, refreshToken = tokens.refreshToken } = renewed;
  const profileArn = readProfileArn(renewed.profileArn) ?? tokens.profileArn;
  return { ...tokens, accessToken, expiresAt, refreshToken, profileArn };
}

/** Whether both may be logins of one person: nothing that both say differs. */
export function isSameOwner(one: LoginTokens, other: LoginTokens): boolean {
  const differs = (first: string | undefined, second: string | undefined) =>
    first !== undefined && second !== undefined && first !== second;
  return (
    one.kind === other.kind &&
    !differs(one.profileArn, other.profileArn) &&
    !differs(one.startUrl?.replace(/\/+$/, ''), other.startUrl?.replace(/\/+$/, ''))
  );
}

/** A name for a secret that does not give it away. */
export function hash(...parts: readonly (string | undefined)[]): string {
  return createHash('sha256')
    .update(JSON.stringify(parts.map((part) => part ?? '')))
    .digest('hex');
}

/** The login in a token object of either program, with its registration where there is one. */
export function readTokens(
  token: Readonly<Record<string, unknown>>,
  registration: Readonly<Record<string, unknown>> = {},
  hints: { readonly region?: string; readonly profileArn?: string; readonly startUrl?: string } = {},
): LoginTokens {
  const clientId = readText(token, 'clientId', 'client_id') ?? readText(registration, 'clientId', 'client_id');
  const clientSecret =
    readText(token, 'clientSecret', 'client_secret') ?? readText(registration, 'clientSecret', 'client_secret');
  const startUrl = readText(token, 'startUrl', 'start_url') ?? hints.startUrl;
  const provider = readText(token, 'provider', 'identityProvider');
  const tokenEndpoint = readText(token, 'tokenEndpoint', 'token_endpoint');
  return {
    kind: readKind({
      clientId,
      clientSecret,
      startUrl,
      provider,
      method: readText(token, 'authMethod', 'auth_method'),
    }),
    accessToken: readText(token, 'accessToken', 'access_token'),
    refreshToken: readText(token, 'refreshToken', 'refresh_token'),
    expiresAt: readTime(token.expiresAt ?? token.expires_at),
    ssoRegion: readRegion(readText(token, 'region') ?? readText(registration, 'region')) ?? hints.region ?? 'us-east-1',
    clientId,
    clientSecret,
    startUrl,
    provider,
    profileArn: readProfileArn(readText(token, 'profileArn', 'profile_arn')) ?? hints.profileArn,
    tokenEndpoint: tokenEndpoint?.startsWith('https://') ? tokenEndpoint : undefined,
  };
}

/** The kind by what a login has: a registration means Amazon's sign-in, none means Kiro's own. */
export function readKind(parts: {
  readonly clientId: string | undefined;
  readonly clientSecret: string | undefined;
  readonly startUrl?: string;
  readonly provider?: string;
  readonly method?: string;
}): LoginTokens['kind'] {
  const { clientId, clientSecret, startUrl, provider, method } = parts;
  if (/^external_?idp$/i.test(provider ?? '') || /^external_?idp$/i.test(method ?? '')) return 'external-idp';
  const registered = clientId !== undefined && clientSecret !== undefined;
  if (!registered && !/^idc$/i.test(method ?? '')) return 'social';
  const isBuilder = startUrl?.replace(/[/#]+$/, '') === BUILDER_ID_START || /^builder_?id$/i.test(provider ?? '');
  // Without a start page the registration alone does not tell; a personal login is the common one.
  if (isBuilder) return 'builder-id';
  if (startUrl !== undefined || /^(enterprise|internal)$/i.test(provider ?? '')) return 'identity-center';
  return 'builder-id';
}

/** The kind in words. */
export function nameKind(kind: KiroLoginKind, provider?: string): string {
  switch (kind) {
    case 'social':
      return provider === undefined ? 'Google or GitHub' : provider.replace(/^github$/i, 'GitHub');
    case 'builder-id':
      return 'AWS Builder ID';
    case 'identity-center':
      return 'IAM Identity Center';
    case 'external-idp':
      return 'the organisation’s own sign-in';
    case 'api-key':
      return 'API key';
    default:
      return kind satisfies never;
  }
}
