// What strings of other programs must look like before they become a host, a path or part of a request, and how their
// dates and JSON are read. Pure.
import { z } from 'zod';
import { GatewayError } from '../../canonical/errors.ts';
import type { KiroLoginKind } from './access.ts';

/** The provider's name in errors, in the log and in names of the vault. */
export const ID = 'kiro';

/** Code of the refusal to renew what was just renewed: something else than the token's age is wrong. */
export const JUST_RENEWED = 'just_renewed';

/** Where Builder ID begins; every other start page belongs to an organisation. */
export const BUILDER_ID_START = 'https://view.awsapps.com/start';

/** The regions that have Kiro's own hosts, the common one first. */
export const API_REGIONS = ['us-east-1', 'eu-central-1'] as const;

/** The profiles that all accounts of a kind share; used where an account has none of its own. */
export const SHARED_PROFILES: Readonly<Partial<Record<KiroLoginKind, string>>> = {
  social: 'arn:aws:codewhisperer:us-east-1:699475941385:profile/EHGA3GRVQMUK',
  'builder-id': 'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX',
};

/** Whether `text` can be part of a host name of AWS: `us-east-1`, `us-gov-west-1`. */
export function isRegion(text: string): boolean {
  return text.length <= 32 && /^[a-z]{2}(-[a-z]+)+-\d$/.test(text);
}

/** The region, or undefined for anything that is none. */
export function readRegion(text: string | undefined): string | undefined {
  const region = text?.trim().toLowerCase();
  return region !== undefined && isRegion(region) ? region : undefined;
}

/** Whether `text` is the name of a profile as Kiro writes it. */
export function isProfileArn(text: string): boolean {
  return text.length <= 256 && /^arn:[a-z0-9-]+:codewhisperer:[a-z0-9-]+:\d{12}:profile\/[A-Za-z0-9._-]+$/.test(text);
}

/** The profile, or undefined for anything that is none. */
export function readProfileArn(text: string | undefined): string | undefined {
  const arn = text?.trim();
  return arn !== undefined && isProfileArn(arn) ? arn : undefined;
}

/** The region inside a profile's name; undefined for a shared profile, which says nothing about the account. */
export function readArnRegion(arn: string | undefined): string | undefined {
  if (arn === undefined || Object.values(SHARED_PROFILES).includes(arn)) return undefined;
  return readRegion(arn.split(':')[3]);
}

/** Whether `text` may name the companion file of a token file. */
export function isClientIdHash(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text);
}

/** The API region that serves people who sign in at `ssoRegion`. */
export function mapSsoRegion(ssoRegion: string): string {
  if (/^(us-west-[12]|us-east-2|ap-southeast-[12]|ap-northeast-1|ap-south-1)$/.test(ssoRegion)) return 'us-east-1';
  if (/^(eu-west-[123]|eu-north-1|eu-south-[12]|eu-central-2)$/.test(ssoRegion)) return 'eu-central-1';
  return ssoRegion;
}

/** A time in milliseconds since 1970 from ISO text (with any number of digits after the second) or epoch numbers. */
export function readTime(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isFinite(value) && value > 0) return value > 1e11 ? value : value * 1000;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return readTime(Number(value));
  // Nine digits of a second are more than some date readers take.
  const time = Date.parse(value.trim().replace(/(\.\d{3})\d+/, '$1'));
  return Number.isNaN(time) ? undefined : time;
}

const JsonObject = z.record(z.string(), z.unknown());

/** The object in a JSON text or its bytes; undefined where there is none. */
export function readJsonObject(value: unknown): Record<string, unknown> | undefined {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value;
  if (typeof text !== 'string') return undefined;
  try {
    return JsonObject.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    return undefined;
  }
}

/** The first text that is not empty under one of the names; snake_case and camelCase are both about. */
export function readText(object: Readonly<Record<string, unknown>>, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = object[name];
    if (typeof value === 'string' && value.trim() !== '') return value.trim();
  }
  return undefined;
}

/** The error for a login that nothing but a new sign-in can mend. */
export function refuseLogin(message: string, cause?: unknown): GatewayError {
  return new GatewayError('unauthorized', message, { provider: ID, retryable: false, cause });
}
