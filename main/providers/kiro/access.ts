// What a call to Kiro needs of an account now, and who provides it. Types only: where a login comes from, how it is kept
// fresh and which region it belongs to is told here once.
import type { Credential } from '../../credentials/credential.ts';

/** How the person has signed in; decides headers, endpoints and the way to renew. */
export type KiroLoginKind = 'social' | 'builder-id' | 'identity-center' | 'external-idp' | 'api-key';

/** A login that is good for calls at this moment. */
export interface KiroAccess {
  readonly kind: KiroLoginKind;
  /** Access token or API key, for `Authorization: Bearer`. */
  readonly token: string;
  /** The account's own profile, once it is known; never another account's. Always absent for API keys. */
  readonly profileArn?: string;
  /** Region of the inference and control planes, such as `us-east-1`; not the one where the login is renewed. */
  readonly apiRegion: string;
  /** 64 hexadecimal digits, stable for the account. */
  readonly fingerprint: string;
  /** The way to Kiro that worked last, by its id; undefined where the likeliest one does. */
  readonly way?: string;
}

/** The logins of all Kiro accounts. Every call throws `GatewayError` with words for a person. */
export interface KiroLogins {
  /** A login that is fresh for some minutes, or the living one where a renewal was refused. */
  open(credential: Credential, signal: AbortSignal): Promise<KiroAccess>;
  /** After an upstream has refused `refused`: another one, renewed or read anew. One renewal at a time for an account. */
  renew(credential: Credential, refused: KiroAccess, signal: AbortSignal): Promise<KiroAccess>;
  /** Remembers the way that has worked for an account, by its id. */
  learnWay(credential: Credential, way: string): Promise<void>;
}
