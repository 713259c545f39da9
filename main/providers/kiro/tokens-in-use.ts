// The tokens that a login is used with at the moment, and whether they are there because no newer ones can be had.
import type { Logger } from '../../util/logger.ts';
import { isFresh, isLiving, type LoginTokens } from './tokens.ts';

/** What is used of one login now. */
export interface TokensInUse {
  known(): LoginTokens | undefined;
  /** Uses the best of what there is, where nothing is used yet. */
  begin(candidates: readonly LoginTokens[]): void;
  /** Uses good tokens. */
  adopt(tokens: LoginTokens): LoginTokens;
  /** Goes on with living tokens for want of newer ones, and tells why once. */
  degrade(tokens: LoginTokens, reason: string): LoginTokens;
  /** What may be used at once, or at least where a renewal takes long; never the access token `refused`. */
  find(refused: string | undefined): { readonly atOnce?: LoginTokens; readonly late?: LoginTokens };
}

/** So long a refused or failed renewal is not tried again while the old token lives. */
const REST_MS = 60_000;

/** Nothing in use yet; `name` is the login for the log. */
export function createTokensInUse(name: string, logger: Logger, now: () => number): TokensInUse {
  let known: LoginTokens | undefined;
  let restsUntil = Number.NEGATIVE_INFINITY;
  let isDegraded = false;
  return {
    known: () => known,
    begin: (candidates) => {
      known ??= candidates.find((one) => isFresh(one, now())) ?? candidates.find((one) => isLiving(one, now()));
    },
    adopt: (tokens) => {
      if (isDegraded) logger.info('the login of Kiro is renewed again', { source: name });
      isDegraded = false;
      restsUntil = Number.NEGATIVE_INFINITY;
      known = tokens;
      return tokens;
    },
    degrade: (tokens, reason) => {
      const ends = tokens.expiresAt === undefined ? 'unknown' : new Date(tokens.expiresAt).toISOString();
      const text = 'the login of Kiro could not be renewed; the old token is used while it lives';
      if (!isDegraded) logger.warn(text, { source: name, ends, reason });
      isDegraded = true;
      restsUntil = now() + REST_MS;
      known = tokens;
      return tokens;
    },
    find: (refused) => {
      const at = now();
      if (known === undefined || known.accessToken === refused) return {};
      if (isFresh(known, at)) return { atOnce: known };
      if (!isLiving(known, at)) return {};
      // A clock that was put back must not make the rest longer.
      return at < restsUntil && restsUntil - at <= REST_MS ? { atOnce: known } : { late: known };
    },
  };
}
