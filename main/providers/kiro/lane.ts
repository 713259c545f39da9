// One login and its renewal, shared by all accounts that use it: one renewal at a time, the source read first, what was
// rotated stored before it is used, and the living token used where a renewal is refused.
import { GatewayError } from '../../canonical/errors.ts';
import type { Account } from '../../credentials/credential.ts';
import type { HttpClient } from '../../http/client.ts';
import type { Logger } from '../../util/logger.ts';
import { isRefusal, renewTokens } from './auth-calls.ts';
import { listCandidates } from './candidates.ts';
import type { Pause } from './cli-database.ts';
import { ID, refuseLogin } from './formats.ts';
import type { LaneRecord, LoginStore } from './login-store.ts';
import type { LoginSource } from './sources.ts';
import { applyRenewal, hash, isFresh, isLiving, type LoginTokens, type RenewedTokens } from './tokens.ts';

/** A login that all accounts with the same source share. */
export interface Lane {
  /**
   * Tokens that are good for some minutes, or living ones where they cannot be renewed now; never the access token `refused`.
   * Throws `GatewayError`.
   */
  open(account: Account, signal: AbortSignal, refused?: string): Promise<LoginTokens>;
  /** Notes that the account uses the login, and keeps that where tokens are kept. */
  join(account: string): Promise<void>;
  /** Notes that it does no more; resolves to how many still do. */
  leave(account: string): Promise<number>;
}

/** What lanes are made with. */
export interface LaneOptions {
  readonly source: LoginSource;
  readonly store: LoginStore;
  readonly http: HttpClient;
  readonly logger: Logger;
  readonly now: () => number;
  readonly pause: Pause;
  /** Keeps tokens that were read somewhere out of logs. */
  readonly hide: (tokens: LoginTokens) => void;
}

/** So long a refused or failed renewal is not tried again while the old token lives. */
const REST_MS = 60_000;
/** So long a request waits for a renewal while the old token lives. */
const PATIENCE_MS = 5_000;
/** A token that is refused so soon after it was renewed is not refused for its age. */
const JUST_RENEWED_MS = 20_000;
/** Another program that has just rotated the token writes it down within this time. */
const SETTLE_MS = 400;
const MOST_TRIES = 3;

/** No tokens read yet. */
export function createLane(options: LaneOptions): Lane {
  const { source, store, logger, now, pause } = options;
  const users = new Set<string>();
  const dead = new Set<string>();
  let known: LoginTokens | undefined;
  let record: LaneRecord | undefined;
  let isRecordRead = false;
  let isUnsaved = false;
  let running: Promise<LoginTokens> | undefined;
  let restsUntil = Number.NEGATIVE_INFINITY;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let isDegraded = false;
  let isForeignTold = false;

  const readRecord = async () => {
    if (!isRecordRead) record = await store.readLane(source.key);
    isRecordRead = true;
    if (isUnsaved) await save();
  };
  /** A failure to store is told and tried again; the tokens in memory are all that is left of the login then. */
  const save = async () => {
    if (record === undefined) return;
    try {
      await store.writeLane(source.key, record);
      isUnsaved = false;
    } catch (error) {
      isUnsaved = true;
      const detail = 'The login is lost if Patchbay ends before it can be stored.';
      logger.error('a renewed login of Kiro could not be stored', { source: source.name, detail, error });
    }
  };
  const look = async () => {
    const found = await listCandidates({ source, record, known });
    for (const tokens of found.candidates) options.hide(tokens);
    if (found.foreign && !isForeignTold) {
      logger.warn('a login of Kiro has become that of somebody else and is not taken over', { source: source.name });
    }
    isForeignTold = found.foreign;
    return found;
  };
  const keep = async (from: LoginTokens, renewed: RenewedTokens, sourceToken: string | undefined) => {
    const tokens = applyRenewal(from, renewed);
    const origin = sourceToken === undefined ? record?.origin : hash(sourceToken);
    record = { users: [...new Set([...(record?.users ?? []), ...users])], origin, tokens };
    await save();
    if (source.write !== undefined && sourceToken !== undefined && tokens.refreshToken !== sourceToken) {
      const whole = { ...renewed, refreshToken: tokens.refreshToken };
      await source.write(sourceToken, whole).catch((error: unknown) => {
        const detail = 'The other program will have to sign in again when its token ends.';
        logger.warn('a renewed login of Kiro could not be put back', { source: source.name, detail, error });
      });
    }
    renewedAt = now();
    return adopt(tokens);
  };
  const adopt = (tokens: LoginTokens) => {
    if (isDegraded) logger.info('the login of Kiro is renewed again', { source: source.name });
    isDegraded = false;
    restsUntil = Number.NEGATIVE_INFINITY;
    known = tokens;
    return tokens;
  };
  const degrade = (tokens: LoginTokens, reason: string) => {
    if (!isDegraded) {
      const ends = tokens.expiresAt === undefined ? 'unknown' : new Date(tokens.expiresAt).toISOString();
      logger.warn('the login of Kiro could not be renewed; the old token is used while it lives', {
        source: source.name,
        ends,
        reason,
      });
    }
    isDegraded = true;
    restsUntil = now() + REST_MS;
    known = tokens;
    return tokens;
  };

  const renew = async (account: Account, refused: string | undefined): Promise<LoginTokens> => {
    await readRecord();
    // Runs to its end for all who wait, whoever of them hangs up: a rotated token must not get lost on its way.
    const call = { http: options.http, account, signal: new AbortController().signal, now };
    const tried = new Set<string>();
    let refusal: string | undefined;
    let failure: GatewayError | undefined;
    let found = await look();
    for (let count = 0; count < MOST_TRIES; count += 1) {
      const ready = found.candidates.find((one) => isFresh(one, now()) && one.accessToken !== refused);
      if (ready !== undefined) return adopt(ready);
      const next = found.candidates.find((one) => isWorthATry(one, tried, dead));
      if (next === undefined) break;
      tried.add(nameTry(next));
      try {
        const outcome = await renewTokens(call, next);
        if (!isRefusal(outcome)) return await keep(next, outcome, found.sourceToken);
        if (outcome.final) dead.add(nameTry(next));
        refusal = outcome.refused;
      } catch (error) {
        failure = error instanceof GatewayError ? error : new GatewayError('internal', String(error), { cause: error });
        break;
      }
      if (source.shared) await pause(SETTLE_MS);
      found = await look();
    }
    const living = found.candidates.find((one) => isLiving(one, now()) && one.accessToken !== refused);
    if (living !== undefined)
      return degrade(living, refusal ?? failure?.message ?? 'there is nothing to renew it with');
    throw failure ?? describeEnd(source, found, refusal);
  };

  return {
    open: async (account, signal, refused) => {
      for (let round = 0; ; round += 1) {
        const at = now();
        const isGood = known !== undefined && known.accessToken !== refused;
        if (known !== undefined && isGood && isFresh(known, at)) return known;
        const isUsable = known !== undefined && isGood && isLiving(known, at);
        if (known !== undefined && isUsable && at < restsUntil && restsUntil - at <= REST_MS) return known;
        const sinceRenewal = at - renewedAt;
        if (refused !== undefined && !isGood && sinceRenewal >= 0 && sinceRenewal < JUST_RENEWED_MS) {
          throw new GatewayError('forbidden', REFUSED_ANEW, { provider: ID });
        }
        running ??= renew(account, refused).finally(() => {
          running = undefined;
        });
        // Somebody else may be waiting for a renewal that this one has outrun.
        running.catch(() => {});
        const late = isUsable ? pause(PATIENCE_MS).then(() => known) : undefined;
        const tokens = await waitFor(running, late, signal);
        if (tokens !== undefined && (tokens.accessToken !== refused || round > 0)) return tokens;
      }
    },
    join: async (account) => {
      users.add(account);
      await readRecord();
      if (record === undefined || record.users.includes(account)) return;
      record = { ...record, users: [...record.users, account] };
      await save();
    },
    leave: async (account) => {
      users.delete(account);
      await readRecord();
      if (record !== undefined) record = { ...record, users: record.users.filter((user) => user !== account) };
      const left = new Set([...users, ...(record?.users ?? [])]).size;
      if (left > 0) await save();
      return left;
    },
  };
}

const REFUSED_ANEW =
  'Kiro refuses a token that was renewed a moment ago, so its age is not the reason: the profile, the region or the plan of the account may be.';

function nameTry({ refreshToken, clientId, clientSecret }: LoginTokens): string {
  return hash(refreshToken, clientId, clientSecret);
}

function isWorthATry(tokens: LoginTokens, tried: ReadonlySet<string>, dead: ReadonlySet<string>): boolean {
  if (tokens.refreshToken === undefined) return false;
  return !tried.has(nameTry(tokens)) && !dead.has(nameTry(tokens));
}

/** The result, or what lateness brings, or the caller's end. */
async function waitFor<Result>(
  work: Promise<Result>,
  late: Promise<Result | undefined> | undefined,
  signal: AbortSignal,
): Promise<Result | undefined> {
  if (signal.aborted) throw readGone(signal);
  let leave = () => {};
  const gone = new Promise<never>((_resolve, reject) => {
    leave = () => reject(readGone(signal));
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race(late === undefined ? [work, gone] : [work, gone, late]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function readGone({ reason }: AbortSignal): GatewayError {
  return reason instanceof GatewayError
    ? reason
    : new GatewayError('aborted', 'The client hung up.', { cause: reason });
}

function describeEnd(
  { name, advice }: LoginSource,
  { foreign, problem, candidates }: Awaited<ReturnType<typeof listCandidates>>,
  refusal: string | undefined,
): GatewayError {
  if (foreign) {
    return refuseLogin(
      `${name} now holds the login of somebody else, which this account does not take over. Sign in there as before, or add that login as an account of its own.`,
    );
  }
  if (candidates.length === 0 && problem !== undefined) return problem;
  if (candidates.length === 0) return refuseLogin(`There is no login in ${name}. ${advice}`);
  const reason = refusal === undefined ? '' : ` (${refusal})`;
  return refuseLogin(`Kiro does not take ${name} any more${reason}. ${advice}`);
}
