// Which accounts have which logins: looked at when an account is new, and again from time to time. Renews nothing.
import type { RenewalView } from '../../shared/routing.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';
import { createRenewalPlan, type RenewalPlan } from './renewal-plan.ts';

/** One login, for all accounts that share it. */
export interface Login {
  /** With the provider's id before the provider's own name for it. */
  readonly name: string;
  readonly plan: RenewalPlan;
  running: Promise<void> | undefined;
}

/** An account and its login. */
export interface Seat {
  readonly account: Account;
  readonly renewal: NonNullable<Provider['renewal']>;
  login: Login | undefined;
  /** Why nothing could be learned of its login. */
  problem: GatewayError | undefined;
  /** When it is looked at again; undefined before the first look. */
  lookAt: Deadline | undefined;
}

/** The logins of all accounts. */
export interface RenewalBoard {
  /** Takes in accounts that came, changed or went; whether any did. */
  follow(): boolean;
  /** Looks at every account that is new or was not looked at for long; whether there were any. */
  lookAround(): Promise<boolean>;
  look(seat: Seat): Promise<void>;
  /** The account with its login. Throws `GatewayError` where there is nothing to renew. */
  open(accountId: string): Promise<{ readonly seat: Seat; readonly login: Login }>;
  /** Logins that should be renewed now, the most urgent first, each with an account that has it. */
  listDue(): readonly (readonly [Login, Seat])[];
  /** How long until one is due that does not run, in milliseconds; undefined where none is planned. */
  findNext(): number | undefined;
  /** Ids of the accounts that have the login. */
  listUsers(login: Login): readonly string[];
  listRunning(): readonly Promise<void>[];
  isEmpty(): boolean;
  view(accountId: string): RenewalView | undefined;
  nameLogin(accountId: string): string | undefined;
}

/** What a board is made of. */
export interface RenewalBoardOptions {
  readonly clock: Clock;
  readonly accounts: Pick<AccountBook, 'list' | 'find' | 'openCredential'>;
  readonly providers: ReadonlyMap<string, Pick<Provider, 'renewal'>>;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Numbers from 0 to 1. */
  readonly random: () => number;
}

/** Requests renew by themselves and other programs do, too: what is known of a login is looked at again after this. */
const LOOK_AGAIN_MS = 5 * 60_000;
const UNKNOWN: RenewalView = { isRunning: false, count: 0, errors: 0 };

/** A board without accounts. */
export function createRenewalBoard(options: RenewalBoardOptions): RenewalBoard {
  const { clock, accounts, providers, redact, random } = options;
  const seats = new Map<string, Seat>();
  const logins = new Map<string, Login>();
  let looking: Promise<boolean> | undefined;

  const findRenewal = (account: Account) => {
    const renewal = providers.get(account.provider)?.renewal;
    return renewal?.covers(account) ? renewal : undefined;
  };
  /** The seat of the account as it is now; one that was changed may have another login. */
  const sit = (account: Account): Seat | undefined => {
    const known = seats.get(account.id);
    if (known?.account === account) return known;
    const renewal = findRenewal(account);
    seats.delete(account.id);
    if (renewal === undefined) return undefined;
    const seat: Seat = { account, renewal, login: undefined, problem: undefined, lookAt: undefined };
    seats.set(account.id, seat);
    return seat;
  };
  const isPresent = (seat: Seat) => seats.get(seat.account.id) === seat;
  const look = async (seat: Seat): Promise<void> => {
    const { account, renewal } = seat;
    seat.lookAt = createDeadline(clock, LOOK_AGAIN_MS);
    try {
      const found = await renewal.find(await accounts.openCredential(account.id));
      seat.problem = undefined;
      seat.login = undefined;
      if (found === undefined || !isPresent(seat)) return;
      const name = `${account.provider}/${found.login}`;
      const login = logins.get(name) ?? { name, plan: createRenewalPlan(clock, random), running: undefined };
      logins.set(name, login);
      seat.login = login;
      login.plan.follow(found);
    } catch (thrown) {
      seat.problem = readError(thrown);
    }
  };
  const lookAround = async (): Promise<boolean> => {
    const old = [...seats.values()].filter(({ lookAt }) => lookAt === undefined || readRemaining(clock, lookAt) === 0);
    // One after the other: many accounts must not ask the keychain all at once.
    for (const seat of old) if (isPresent(seat)) await look(seat);
    return old.length > 0;
  };
  const forgetUnused = () => {
    const used = new Set([...seats.values()].map(({ login }) => login));
    for (const [name, login] of logins) if (!used.has(login) && login.running === undefined) logins.delete(name);
  };

  return {
    follow: () => {
      let isNews = false;
      for (const account of accounts.list()) {
        const before = seats.get(account.id);
        const seat = sit(account);
        isNews ||= seat !== before;
        // It has just been used, perhaps signed in for the first time: that is seen with the next look.
        const isOpen = seat?.lookAt !== undefined && seat.login?.plan.remaining() === undefined;
        if (isOpen) seat.lookAt = createDeadline(clock, 0);
      }
      for (const id of seats.keys()) {
        if (accounts.find(id) !== undefined) continue;
        seats.delete(id);
        isNews = true;
      }
      if (isNews) forgetUnused();
      return isNews;
    },
    lookAround: () => {
      looking ??= lookAround().finally(() => {
        looking = undefined;
      });
      return looking;
    },
    look,
    open: async (accountId) => {
      const account = accounts.find(accountId);
      if (account === undefined) throw new GatewayError('not-found', `There is no account "${accountId}".`);
      const seat = sit(account);
      if (seat !== undefined && seat.login === undefined) await look(seat);
      if (seat?.problem !== undefined && seat.login === undefined) throw seat.problem;
      if (seat?.login !== undefined) return { seat, login: seat.login };
      throw new GatewayError('invalid-request', `"${account.name}" has no login that Patchbay renews.`);
    },
    listDue: () => {
      const due = new Map<Login, Seat>();
      for (const seat of seats.values()) {
        const { login } = seat;
        if (login !== undefined && login.running === undefined && login.plan.remaining() === 0) due.set(login, seat);
      }
      return [...due].sort(([one], [other]) => (one.plan.dueAt ?? 0) - (other.plan.dueAt ?? 0));
    },
    findNext: () => {
      const idle = [...seats.values()].filter(({ login }) => login?.running === undefined);
      const waits = idle.map(({ login }) => login?.plan.remaining()).filter((wait) => wait !== undefined);
      return waits.length === 0 ? undefined : Math.min(...waits);
    },
    listUsers: (login) => [...seats.values()].flatMap((seat) => (seat.login === login ? [seat.account.id] : [])),
    listRunning: () => [...logins.values()].flatMap(({ running }) => running ?? []),
    isEmpty: () => seats.size === 0,
    view: (accountId) => {
      const account = accounts.find(accountId);
      if (account === undefined || findRenewal(account) === undefined) return undefined;
      const seat = seats.get(accountId);
      if (seat?.account !== account || seat.lookAt === undefined) return UNKNOWN;
      const problem = seat.problem === undefined ? {} : { problem: redact(seat.problem.message) };
      if (seat.login === undefined) return seat.problem === undefined ? undefined : { ...UNKNOWN, ...problem };
      return { ...seat.login.plan.view(seat.login.running !== undefined), ...problem };
    },
    nameLogin: (accountId) => seats.get(accountId)?.login?.name,
  };
}
