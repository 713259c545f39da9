// The logins of all Kiro accounts: which source an account has, what was learned of it, and what a call needs of it now.
import { GatewayError } from '../../canonical/errors.ts';
import type { Account, Credential } from '../../credentials/credential.ts';
import { createSerial } from '../../util/serial.ts';
import type { AccountRenewal } from '../login.ts';
import type { ProviderServices } from '../provider.ts';
import type { KiroAccess, KiroLogins } from './access.ts';
import { createAccountRecords } from './account-records.ts';
import type { Pause } from './cli-database.ts';
import { mapSsoRegion, readArnRegion, readProfileArn, readRegion, refuseLogin } from './formats.ts';
import { createLane, type Lane } from './lane.ts';
import { type AccountRecord, hideTokens, type LoginStore } from './login-store.ts';
import type { Machine } from './places.ts';
import { listProfiles } from './profiles.ts';
import { METHODS } from './sign-in.ts';
import { findSource, readNamedRegion } from './sources.ts';
import { AHEAD_MS, hash, type LoginTokens } from './tokens.ts';
import { waitFor } from './wait-for.ts';

/** What logins are made with. */
export interface KiroLoginOptions {
  readonly services: Pick<ProviderServices, 'http' | 'logger' | 'vault'>;
  readonly store: LoginStore;
  readonly machine: Machine;
  /** The wall clock, in milliseconds since 1970. */
  readonly now: () => number;
  readonly pause: Pause;
}

/** Logins that also know when an account is gone, and how a login stands. */
export interface LoginBook extends KiroLogins {
  /** Renewing ahead of the end, for accounts without a key. */
  readonly renewal: AccountRenewal;
  /** Forgets what was learned of the account, and its login where no other account uses it. */
  release(account: string): Promise<void>;
  /** The account uses this login no more: forgets it where no other does. */
  leave(account: string, lane: string): Promise<void>;
  /** Forgets a login itself, whoever uses it. */
  drop(lane: string): Promise<void>;
  /** Resolves when no renewal runs: what was rotated would be lost with it. */
  close(): Promise<void>;
}

/** An organisation's list of profiles is asked for again after this where it was empty or not to be had. */
const ASK_AGAIN_MS = 10 * 60_000;
/** A request goes without a profile rather than wait longer for one. */
const DISCOVERY_MS = 20_000;

/** No login opened yet. */
export function createKiroLogins(options: KiroLoginOptions): LoginBook {
  const { services, store, machine, now, pause } = options;
  const { http, logger, vault } = services;
  const lanes = new Map<string, Lane>();
  const records = createAccountRecords(store, logger);
  const discovery = createDiscovery(options);

  const openLane = async (credential: Credential) => {
    const source = findSource(credential, machine, pause);
    const lane =
      lanes.get(source.key) ??
      createLane({ source, store, http, logger, now, pause, hide: (tokens) => hideTokens(vault, tokens) });
    lanes.set(source.key, lane);
    lane.use(source);
    const record = await enter(credential.account.id, source.key);
    await lane.join(credential.account.id);
    return { lane, record };
  };
  const entering = createSerial();
  /** What was learned of the account with this login; one that it had before is left. */
  const enter = async (id: string, key: string): Promise<AccountRecord> => {
    const present = records.peek(id);
    if (present?.lane === key) return present;
    return await entering(async () => {
      const before = (await records.read(id))?.lane;
      if (before !== undefined && before !== key) await leaveLane(id, before);
      return await records.join(id, key);
    });
  };
  const leaveLane = async (id: string, key: string) => {
    const lane = lanes.get(key);
    const stored = lane === undefined ? await store.readLane(key) : undefined;
    const users = stored?.users.filter((user) => user !== id) ?? [];
    const left = lane === undefined ? users.length : await lane.leave(id);
    if (left === 0) {
      await removeLane(key);
    } else if (stored !== undefined) await store.writeLane(key, { ...stored, users });
  };
  const removeLane = async (key: string) => {
    const lane = lanes.get(key);
    lanes.delete(key);
    await lane?.end();
    await store.removeLane(key);
  };
  const openKey = async ({ account, secrets }: Credential): Promise<KiroAccess> => {
    const key = secrets.apiKey?.trim();
    if (!key) throw refuseLogin(`"${account.name}" has no API key. Enter one in Accounts.`);
    if (!/^[\x21-\x7e]+$/.test(key)) throw refuseLogin(`The API key of "${account.name}" holds spaces or line breaks.`);
    vault.hide(key);
    const { fingerprint, way } = await enter(account.id, `key-${hash(key).slice(0, 40)}`);
    const region = chooseApiRegion({ account, machine, ssoRegion: account.values.region });
    return { kind: 'api-key', token: key, apiRegion: region, fingerprint, ...(way === undefined ? {} : { way }) };
  };
  const open = async (credential: Credential, signal: AbortSignal, refused?: string): Promise<KiroAccess> => {
    const { account } = credential;
    if (isKeyAccount(account)) return await openKey(credential);
    const { lane, record } = await openLane(credential);
    const tokens = await lane.open(credential, signal, refused);
    const named = readNamedProfile(account);
    const { profileArn: worked, way } = records.peek(account.id) ?? record;
    let profileArn = named ?? worked ?? tokens.profileArn;
    const choose = (arn: string | undefined) =>
      chooseApiRegion({ account, machine, profileArn: arn, ssoRegion: tokens.ssoRegion });
    if (profileArn === undefined) {
      profileArn = await waitFor(discovery.find(credential, record.lane, tokens, choose(undefined)), undefined, signal);
      if (profileArn !== undefined) await records.learn(account.id, { profileArn });
    }
    const { kind, accessToken: token = '' } = tokens;
    const { fingerprint } = record;
    const access = {
      kind,
      token,
      apiRegion: choose(profileArn),
      fingerprint,
      ...(way === undefined ? {} : { way }),
    };
    return profileArn === undefined ? access : { ...access, profileArn };
  };

  return {
    open: (credential, signal) => open(credential, signal),
    renew: async (credential, refused, signal) => {
      if (isKeyAccount(credential.account)) {
        throw refuseLogin(`Kiro does not take the API key of "${credential.account.name}". Enter another in Accounts.`);
      }
      return await open(credential, signal, refused.token);
    },
    learnWay: ({ account }, way) => records.learn(account.id, { way }),
    renewal: {
      covers: (account) => !isKeyAccount(account),
      find: async (credential) => {
        const { lane, record } = await openLane(credential);
        const tokens = await lane.peek();
        if (tokens === undefined) return undefined;
        const { expiresAt } = tokens;
        // A token whose end nobody knows is renewed at once, as before a request.
        if (expiresAt === undefined) return { login: record.lane, dueAt: 0 };
        return { login: record.lane, endsAt: expiresAt, dueAt: expiresAt - AHEAD_MS };
      },
      renew: async ({ credential, signal }) => {
        const { lane } = await openLane(credential);
        await lane.renew(credential, signal);
      },
    },
    release: async (account) => {
      const record = await records.read(account);
      if (record !== undefined) await leaveLane(account, record.lane);
      await records.remove(account);
    },
    leave: leaveLane,
    drop: removeLane,
    close: async () => {
      await Promise.all([...lanes.values()].map((lane) => lane.settle()));
    },
  };
}

/** Whether the account has an API key, which nobody renews. */
export function isKeyAccount({ method }: Account): boolean {
  return method === METHODS.key;
}

/** The region of Kiro's hosts for an account: the person's word, then what follows from profile and login. */
export function chooseApiRegion(parts: {
  readonly account: Account;
  readonly machine: Machine;
  readonly profileArn?: string | undefined;
  readonly ssoRegion?: string | undefined;
}): string {
  const { account, machine, profileArn } = parts;
  const ssoRegion = readRegion(parts.ssoRegion);
  return (
    readNamedRegion(account, 'apiRegion') ??
    readRegion(machine.environment.KIRO_API_REGION) ??
    readArnRegion(profileArn) ??
    (ssoRegion === undefined ? 'us-east-1' : mapSsoRegion(ssoRegion))
  );
}

function readNamedProfile({ values }: Account): string | undefined {
  if (values.profileArn === undefined) return undefined;
  const arn = readProfileArn(values.profileArn);
  if (arn !== undefined) return arn;
  throw refuseLogin('The profile is not written as "arn:aws:codewhisperer:REGION:ACCOUNT:profile/NAME".');
}

/** Asks for the profiles of a login once, for all who wait; an answer without any counts for a while. */
function createDiscovery({ services, now }: KiroLoginOptions) {
  const { http, logger } = services;
  const asked = new Map<string, { at: number; answer: Promise<string | undefined> }>();
  const ask = async ({ account, proxy }: Credential, tokens: LoginTokens, region: string) => {
    const { kind, accessToken: token = '' } = tokens;
    const signal = AbortSignal.timeout(DISCOVERY_MS);
    const fixed = account.values.apiRegion !== undefined;
    try {
      const [first, ...others] = await listProfiles({ http, account, proxy, kind, token, region, fixed, signal });
      if (others.length > 0) {
        logger.info('the account has several profiles of Kiro; the first is used', { account: account.id });
      }
      return first?.arn;
    } catch (error) {
      const reason = error instanceof GatewayError ? error.message : String(error);
      logger.warn('the profile of an account of Kiro could not be found', { account: account.id, reason });
      return undefined;
    }
  };
  return {
    find: async (
      credential: Credential,
      lane: string,
      tokens: LoginTokens,
      region: string,
    ): Promise<string | undefined> => {
      const name = hash(lane, region);
      const before = asked.get(name);
      const age = before === undefined ? Number.POSITIVE_INFINITY : now() - before.at;
      const isRecent = age >= 0 && age < ASK_AGAIN_MS;
      const answer = before !== undefined && isRecent ? before.answer : ask(credential, tokens, region);
      if (answer !== before?.answer) asked.set(name, { at: now(), answer });
      return await answer;
    },
  };
}
