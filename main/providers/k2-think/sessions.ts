// The sign-ins of all accounts: kept in the vault, renewed ahead of their end and when the host refuses them, one renewal at a
// time for each account. Knows no models and no answers.
import { createHash } from 'node:crypto';
import { GatewayError, readError } from '../../canonical/errors.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { CallContext } from '../context.ts';
import type { AccountRenewal } from '../login.ts';
import type { ProviderServices } from '../provider.ts';
import { ID, readHost } from './hosts.ts';
import { readToken } from './jwt.ts';
import { createKeptSessions } from './kept-sessions.ts';
import { METHODS } from './sign-in.ts';
import { callSignIn, callSignOut, type Session } from './sign-in-call.ts';

/** The way from an account to a token that holds. */
export interface Sessions {
  /** A token for the web host. `refused` is one that the host has just refused. Throws `GatewayError`. */
  open(context: CallContext, refused?: string): Promise<string>;
  /** Forgets what kept the account from signing in, so that the next call tries at once. */
  retry(credential: Credential): void;
  /** When the account's sign-in ends, in milliseconds since 1970; undefined where that is not known. */
  readEnd(credential: Credential): Promise<number | undefined>;
  /** Signing in ahead of the end, for accounts with a password. */
  readonly renewal: AccountRenewal;
  /** Whether there is a sign-in that could be ended. */
  signOut(context: CallContext): Promise<boolean>;
  /** Removes what is kept of the account. Never throws. */
  forget(credential: Credential): Promise<void>;
}

/** What sessions are made with. */
export interface SessionOptions {
  readonly services: Pick<ProviderServices, 'http' | 'logger' | 'vault'>;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
}

/** A token is renewed this long before its end, or at half its life where that is shorter. */
const AHEAD_MS = 10 * 60_000;
/** For tokens that do not tell their end. */
const UNTOLD_LIFE_MS = 60 * 60_000;
/** After a refusal of e-mail or password the host is left alone, as more tries may lock the account. */
const REFUSED_REST_MS = 10 * 60_000;
const FIRST_REST_MS = 15_000;
const LONGEST_REST_MS = 5 * 60_000;

/** What is known of one account since the start. */
interface Lane {
  readonly fingerprint: string;
  session?: Session;
  isRead: boolean;
  running?: Promise<Session>;
  /** Sign-ins that failed one after the other. */
  failures: number;
  restsUntil: number;
  lastError?: GatewayError;
}

/** No sign-in yet. */
export function createSessions({ services, now }: SessionOptions): Sessions {
  const { http, logger, vault } = services;
  const lanes = new Map<string, Lane>();
  const kept = createKeptSessions(vault, logger);

  const find = (credential: Credential): Lane => {
    const fingerprint = readFingerprint(credential);
    const known = lanes.get(credential.account.id);
    if (known?.fingerprint === fingerprint) return known;
    const lane: Lane = { fingerprint, isRead: false, failures: 0, restsUntil: 0 };
    lanes.set(credential.account.id, lane);
    return lane;
  };
  const read = async (lane: Lane, credential: Credential) => {
    if (lane.isRead) return;
    const stored = await kept.read(credential.account.id);
    if (stored === 'unreadable' || lane.isRead) return;
    lane.isRead = true;
    if (stored === undefined || stored.fingerprint !== lane.fingerprint) return;
    vault.hide(stored.token);
    lane.session ??= stored;
  };
  /** Stores what is used next. */
  const keep = async (lane: Lane, { account }: Credential, session: Session) => {
    // The account may have gone or become another in the meantime, or go while it is stored.
    if (lanes.get(account.id) !== lane) return;
    await kept.write(account.id, { fingerprint: lane.fingerprint, ...session });
    if (!lanes.has(account.id)) await kept.remove(account.id).catch(() => {});
  };
  const signIn = async (lane: Lane, credential: Credential): Promise<Session> => {
    const { account, secrets } = credential;
    const { email = '' } = account.values;
    const { password = '' } = secrets;
    try {
      // Others may wait for the same sign-in, so no single client's leaving ends it.
      const signal = new AbortController().signal;
      const session = await callSignIn({ http, now, credential, email, password, signal });
      vault.hide(session.token);
      await keep(lane, credential, session);
      Object.assign(lane, { session, failures: 0, restsUntil: 0, lastError: undefined });
      return session;
    } catch (thrown) {
      const error = readError(thrown);
      lane.failures += 1;
      const rest = Math.min(FIRST_REST_MS * 2 ** (lane.failures - 1), LONGEST_REST_MS);
      const isRefused = error.kind === 'unauthorized';
      lane.restsUntil = now() + (error.retryAfterMs ?? (isRefused ? REFUSED_REST_MS : rest));
      lane.lastError = error;
      logger.warn('K2-Think did not sign an account in', { account: account.id, failures: lane.failures });
      throw error;
    }
  };
  const renew = (lane: Lane, credential: Credential): Promise<Session> => {
    if (lane.running !== undefined) return lane.running;
    const { lastError, restsUntil } = lane;
    if (lastError !== undefined && now() < restsUntil) return Promise.reject(createRest(lastError, restsUntil - now()));
    lane.running = signIn(lane, credential).finally(() => {
      lane.running = undefined;
    });
    return lane.running;
  };
  const openSession = async (credential: Credential, refused: string | undefined): Promise<string> => {
    const lane = find(credential);
    await read(lane, credential);
    const { session } = lane;
    if (session !== undefined && session.token !== refused) {
      if (now() < readRenewal(session)) return session.token;
      const lives = now() < (session.expiresAt ?? Number.POSITIVE_INFINITY);
      // A token that still lives is better than none when the host cannot renew it now.
      if (lives) return (await renew(lane, credential).catch(() => session)).token;
    }
    return (await renew(lane, credential)).token;
  };

  return {
    open: async (context, refused) => {
      const { credential, signal } = context;
      if (credential.account.method === METHODS.password) {
        return await untilAborted(openSession(credential, refused), signal);
      }
      return openPasted(credential, now());
    },
    retry: (credential) => {
      find(credential).restsUntil = 0;
    },
    readEnd: async (credential) => {
      if (credential.account.method !== METHODS.password) return readToken(credential.secrets.token ?? '')?.expiresAt;
      const lane = find(credential);
      await read(lane, credential);
      return lane.session?.expiresAt;
    },
    renewal: {
      covers: ({ method }) => method === METHODS.password,
      find: async (credential) => {
        const lane = find(credential);
        await read(lane, credential);
        const { session } = lane;
        // Who has not signed in yet, or has signed out, does so with the next request.
        if (session === undefined) return { login: credential.account.id };
        const { expiresAt } = session;
        const ends = expiresAt === undefined ? {} : { endsAt: expiresAt };
        return { login: credential.account.id, ...ends, dueAt: readRenewal(session) };
      },
      renew: async ({ credential, signal }) => {
        const lane = find(credential);
        await read(lane, credential);
        await untilAborted(renew(lane, credential), signal);
      },
    },
    signOut: async ({ credential, signal }) => {
      const lane = find(credential);
      await read(lane, credential);
      const token = lane.session?.token;
      if (token === undefined) return false;
      await callSignOut({ http, credential, signal }, token);
      lane.session = undefined;
      await kept.remove(credential.account.id);
      return true;
    },
    forget: async (credential) => {
      lanes.delete(credential.account.id);
      await kept.remove(credential.account.id).catch(() => {});
    },
  };
}

/** When a token is to be renewed, in milliseconds since 1970. */
function readRenewal({ expiresAt, signedInAt }: Session): number {
  if (expiresAt === undefined) return signedInAt + UNTOLD_LIFE_MS;
  return expiresAt - Math.min(AHEAD_MS, (expiresAt - signedInAt) / 2);
}

function openPasted({ account, secrets }: Credential, now: number): string {
  const refuse = (text: string) =>
    new GatewayError('unauthorized', `${text} Paste another in Accounts.`, { provider: ID });
  const token = secrets.token?.trim();
  if (!token || !/^[\x21-\x7e]+$/.test(token)) throw refuse(`The token of "${account.name}" is none.`);
  const { expiresAt } = readToken(token) ?? {};
  if (expiresAt !== undefined && expiresAt <= now) {
    throw refuse(`The token of "${account.name}" ended ${new Date(expiresAt).toISOString()}.`);
  }
  return token;
}

function createRest(error: GatewayError, restMs: number): GatewayError {
  const seconds = Math.ceil(restMs / 1000);
  const message = `${error.message} (Signing in rests for ${seconds} s; a test of the account tries at once.)`;
  const { kind, status, code, provider } = error;
  return new GatewayError(kind, message, { status, code, provider, retryAfterMs: restMs });
}

function readFingerprint({ account, secrets }: Credential): string {
  const parts = [account.values.email ?? '', secrets.password ?? '', readHost(account, 'web')];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

function untilAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const readReason = () =>
    signal.reason instanceof GatewayError ? signal.reason : new GatewayError('aborted', 'The client hung up.');
  return new Promise((resolve, reject) => {
    const leave = () => reject(readReason());
    if (signal.aborted) leave();
    signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
