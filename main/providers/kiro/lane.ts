// One login and its renewal, shared by all accounts that use it: one renewal at a time, the source read first, what was
// rotated stored before it is used, and the living token used where a renewal is refused.
import { GatewayError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { HttpClient } from '../../http/client.ts';
import type { Logger } from '../../util/logger.ts';
import { isRefusal, renewTokens } from './auth-calls.ts';
import { listCandidates } from './candidates.ts';
import type { Pause } from './cli-database.ts';
import { ID, JUST_RENEWED } from './formats.ts';
import { describeEnd } from './lane-end.ts';
import { createKeptLogin } from './lane-record.ts';
import type { LoginStore } from './login-store.ts';
import type { LoginSource } from './sources.ts';
import { applyRenewal, hash, isFresh, isLiving, type LoginTokens, type RenewedTokens } from './tokens.ts';
import { createTokensInUse } from './tokens-in-use.ts';
import { waitFor } from './wait-for.ts';

/** A login that all accounts with the same source share. */
export interface Lane {
  /**
   * Tokens that are good for some minutes, or living ones where they cannot be renewed now; never the access token `refused`.
   * Throws `GatewayError`.
   */
  open(credential: Credential, signal: AbortSignal, refused?: string): Promise<LoginTokens>;
  /** When the login ends, as far as that is known; undefined where nothing renews it. Calls no host. Throws `GatewayError`. */
  peek(): Promise<Pick<LoginTokens, 'expiresAt'> | undefined>;
  /** Renews it, however long it may live; joins a renewal that runs. Throws `GatewayError` where no other token came of it. */
  renew(credential: Credential, signal: AbortSignal): Promise<void>;
  /** The same source as an account is set to use it from now on. */
  use(source: LoginSource): void;
  /** Notes that the account uses the login, and keeps that where tokens are kept. */
  join(account: string): Promise<void>;
  /** Notes that it does no more; resolves to how many still do. */
  leave(account: string): Promise<number>;
  /** Nobody uses the login any more: a renewal that still runs keeps nothing. */
  end(): Promise<void>;
  /** Resolves when no renewal runs, or none that is worth waiting for. */
  settle(): Promise<void>;
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

/** So long a request waits for a renewal while the old token lives. */
const PATIENCE_MS = 5_000;
/** A token that is refused so soon after it was renewed is not refused for its age. */
const JUST_RENEWED_MS = 20_000;
/** Another program that has just rotated the token writes it down within this time. */
const SETTLE_MS = 400;
const MOST_TRIES = 3;
/** What was rotated but has not come after this is lost with the program that asked for it. */
const SETTLE_AT_END_MS = 10_000;

/** No tokens read yet. */
export function createLane(options: LaneOptions): Lane {
  const { store, logger, now, pause } = options;
  let { source } = options;
  const kept = createKeptLogin(source, store, logger);
  const dead = new Map<string, string>();
  const used = createTokensInUse(source.name, logger, now);
  let running: Promise<LoginTokens> | undefined;
  let looking: ReturnType<typeof look> | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let isSlow = false;
  let isForeignTold = false;

  const look = async () => {
    const record = await kept.read();
    const found = await listCandidates({ source, record, known: used.known() });
    for (const tokens of found.candidates) options.hide(tokens);
    if (found.foreign && !isForeignTold) {
      logger.warn('a login of Kiro has become that of somebody else and is not taken over', { source: source.name });
    }
    isForeignTold = found.foreign;
    // Patchbay may have ended between keeping a rotated login and putting it back.
    if (record !== undefined && found.outdated) await putBack(record.tokens, found.sourceToken);
    return found;
  };
  /** Puts a rotated login where the other program finds it; where that fails, the next look at the source tries again. */
  const putBack = async (tokens: LoginTokens, sourceToken: string | undefined) => {
    const { accessToken, refreshToken, expiresAt = 0 } = tokens;
    if (source.write === undefined || sourceToken === undefined || refreshToken === sourceToken) return;
    if (accessToken === undefined) return;
    await source.write(sourceToken, { accessToken, refreshToken, expiresAt }).catch((error: unknown) => {
      const detail = 'The other program will have to sign in again when its token ends.';
      logger.warn('a renewed login of Kiro could not be put back', { source: source.name, detail, error });
    });
  };
  const keep = async (from: LoginTokens, renewed: RenewedTokens, sourceToken: string | undefined) => {
    const tokens = applyRenewal(from, renewed);
    await kept.keep(tokens, sourceToken);
    await putBack(tokens, sourceToken);
    renewedAt = now();
    return used.adopt(tokens);
  };
  /** One call with these tokens: the new ones, or why there are none. */
  const attempt = async (
    { account, proxy }: Credential,
    next: LoginTokens,
    sourceToken: string | undefined,
  ): Promise<Attempt> => {
    // Runs to its end for all who wait, whoever of them hangs up: a rotated token must not get lost on its way.
    const call = { http: options.http, account, proxy, signal: new AbortController().signal, now };
    try {
      const outcome = await renewTokens(call, next);
      if (!isRefusal(outcome)) return { tokens: await keep(next, outcome, sourceToken) };
      if (outcome.final) dead.set(nameTry(next), outcome.refused);
      if (source.shared) await pause(SETTLE_MS);
      return { refusal: outcome.refused };
    } catch (error) {
      const failure = error instanceof GatewayError ? error : undefined;
      return { failure: failure ?? new GatewayError('internal', String(error), { cause: error }) };
    }
  };
  /** What there is already, before anything is renewed; once for all who wait. */
  const first = async () => {
    looking ??= look().finally(() => {
      looking = undefined;
    });
    used.begin((await looking).candidates);
  };
  const renew = async (credential: Credential, refused: string | undefined): Promise<LoginTokens> => {
    const tried = new Set<string>();
    let last: Attempt = {};
    let found = await look();
    for (let count = 0; count < MOST_TRIES && last.failure === undefined; count += 1) {
      const ready = found.candidates.find((one) => isFresh(one, now()) && one.accessToken !== refused);
      if (ready !== undefined) return used.adopt(ready);
      const next = found.candidates.find((one) => isWorthATry(one, tried, dead));
      if (next === undefined) break;
      tried.add(nameTry(next));
      last = await attempt(credential, next, found.sourceToken);
      if (last.tokens !== undefined) return last.tokens;
      found = await look();
    }
    const { failure } = last;
    const refusal = last.refusal ?? found.candidates.map((one) => dead.get(nameTry(one))).find(Boolean);
    const living = found.candidates.find((one) => isLiving(one, now()) && one.accessToken !== refused);
    if (living !== undefined)
      return used.degrade(living, refusal ?? failure?.message ?? 'there is nothing to renew it with');
    throw failure ?? describeEnd(source, found, refusal);
  };

  /** The renewal that runs, or a new one. It goes on where nobody waits any more. */
  const join = (credential: Credential, refused: string | undefined): Promise<LoginTokens> => {
    if (running !== undefined) return running;
    const mine = renew(credential, refused).finally(() => {
      running = undefined;
      isSlow = false;
    });
    mine.catch(() => {});
    running = mine;
    return mine;
  };
  /** The living tokens, after as much patience as one request of a slow renewal has had for all. */
  const losePatience = async (late: LoginTokens, work: Promise<LoginTokens>): Promise<LoginTokens> => {
    if (!isSlow) await pause(PATIENCE_MS);
    if (running === work) isSlow = true;
    return late;
  };

  return {
    open: async (credential, signal, refused) => {
      for (let round = 0; ; round += 1) {
        if (used.known() === undefined) await waitFor(first(), undefined, signal);
        const { atOnce, late } = used.find(refused);
        if (atOnce !== undefined) return atOnce;
        const age = now() - renewedAt;
        const isRefused = refused !== undefined && used.known()?.accessToken === refused;
        if (isRefused && age >= 0 && age < JUST_RENEWED_MS) {
          throw new GatewayError('forbidden', REFUSED_ANEW, { provider: ID, code: JUST_RENEWED });
        }
        const work = join(credential, refused);
        const tokens = await waitFor(work, late && losePatience(late, work), signal);
        // Somebody else's renewal may have brought the very token that is refused.
        if (tokens.accessToken !== refused || round > 0) return tokens;
      }
    },
    peek: async () => {
      const found = await look();
      const { candidates } = found;
      if (candidates.length === 0) throw describeEnd(source, found, undefined);
      if (!candidates.some(({ refreshToken }) => refreshToken !== undefined)) return undefined;
      const ends = candidates.map(({ expiresAt }) => expiresAt).filter((end) => end !== undefined);
      return ends.length === 0 ? {} : { expiresAt: Math.max(...ends) };
    },
    renew: async (credential, signal) => {
      if (used.known() === undefined) await waitFor(first(), undefined, signal);
      const before = used.known()?.accessToken;
      for (let round = 0; round < 2; round += 1) {
        // A request's renewal that was joined may have ended with the living token: that is no renewal.
        const { accessToken } = await waitFor(join(credential, before), undefined, signal);
        if (accessToken !== before) return;
      }
      throw new GatewayError('upstream', `Kiro gave ${source.name} no new token.`, { provider: ID });
    },
    use: (next) => {
      source = next;
    },
    join: kept.join,
    leave: kept.leave,
    end: kept.end,
    settle: async () => {
      if (running !== undefined) await Promise.race([running.catch(() => {}), pause(SETTLE_AT_END_MS)]);
      await kept.settle();
    },
  };
}

interface Attempt {
  readonly tokens?: LoginTokens;
  readonly refusal?: string;
  readonly failure?: GatewayError;
}

const REFUSED_ANEW =
  'Kiro refuses a token that was renewed a moment ago, so its age is not the reason: the profile, the region or the plan of the account may be.';

function nameTry({ refreshToken, clientId, clientSecret }: LoginTokens): string {
  return hash(refreshToken, clientId, clientSecret);
}

function isWorthATry(tokens: LoginTokens, tried: ReadonlySet<string>, dead: ReadonlyMap<string, string>): boolean {
  if (tokens.refreshToken === undefined) return false;
  return !tried.has(nameTry(tokens)) && !dead.has(nameTry(tokens));
}
