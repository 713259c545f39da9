// Which tokens a login may go on with: those of its source and those that Patchbay has stored, the newer ones first.
import { GatewayError } from '../../canonical/errors.ts';
import type { LaneRecord } from './login-store.ts';
import type { LoginSource } from './sources.ts';
import { hash, isSameOwner, type LoginTokens } from './tokens.ts';

/** What there is of a login now. */
export interface Candidates {
  /** In the order in which they are to be used; all of one owner. */
  readonly candidates: readonly LoginTokens[];
  /** The refresh token that the source has now, whoever it belongs to. */
  readonly sourceToken: string | undefined;
  /** The source still has the refresh token that the stored tokens have replaced. */
  readonly outdated: boolean;
  /** The source now holds the login of somebody else. */
  readonly foreign: boolean;
  /** Why the source could not be read. */
  readonly problem: GatewayError | undefined;
}

/** Reads the source and orders what there is; `known` is what was used last. Throws nothing that concerns the source. */
export async function listCandidates(parts: {
  readonly source: LoginSource;
  readonly record: LaneRecord | undefined;
  readonly known: LoginTokens | undefined;
}): Promise<Candidates> {
  const { source, record, known } = parts;
  let found: LoginTokens | undefined;
  let problem: GatewayError | undefined;
  try {
    found = await source.read();
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    problem = error;
  }
  const owner = record?.tokens ?? known;
  const foreign =
    found !== undefined && owner !== undefined && !isOurs(found, owner, record) && !isSameOwner(found, owner);
  const outdated = !foreign && found !== undefined && isOutdated(found, record);
  const ordered = orderTokens(foreign ? undefined : found, record);
  const isListed = ordered.some(({ refreshToken }) => refreshToken === known?.refreshToken);
  const candidates = known === undefined || isListed ? ordered : [...ordered, known];
  // Nobody's own tokens may go into somebody else's file.
  return { candidates, sourceToken: foreign ? undefined : found?.refreshToken, outdated, foreign, problem };
}

/** A refresh token tells whose it is, whatever stands beside it: a person may choose another profile. */
function isOurs({ refreshToken }: LoginTokens, owner: LoginTokens, record: LaneRecord | undefined): boolean {
  if (refreshToken === undefined) return false;
  return refreshToken === owner.refreshToken || hash(refreshToken) === record?.origin;
}

function orderTokens(found: LoginTokens | undefined, record: LaneRecord | undefined): LoginTokens[] {
  const stored = record?.tokens;
  if (found === undefined || stored === undefined) return [found ?? stored].filter((one) => one !== undefined);
  if (found.refreshToken === stored.refreshToken) {
    const later = (found.expiresAt ?? 0) > (stored.expiresAt ?? 0) ? found : stored;
    const { accessToken, expiresAt } = later;
    return [{ ...found, profileArn: found.profileArn ?? stored.profileArn, accessToken, expiresAt }];
  }
  return found.refreshToken === undefined || isOutdated(found, record) ? [stored, found] : [found, stored];
}

function isOutdated({ refreshToken }: LoginTokens, record: LaneRecord | undefined): boolean {
  if (refreshToken === undefined || refreshToken === record?.tokens.refreshToken) return false;
  return hash(refreshToken) === record?.origin;
}
