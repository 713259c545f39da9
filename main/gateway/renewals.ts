// Renews the logins of all accounts ahead of their end, one scheduler for all providers. How a login is renewed is the
// provider's business. Accounts that the person lets rest are no exception: a login that lapses may be lost for good.
import type { RenewalView } from '../../shared/routing.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Provider } from '../providers/provider.ts';
import type { Clock } from '../util/clock.ts';
import { createListeners } from '../util/listeners.ts';
import type { Pool } from './pool.ts';
import { createRenewalBoard, type Login, type Seat } from './renewal-board.ts';
import { createRenewalSlots } from './renewal-slots.ts';

/** The renewals of all accounts. */
export interface Renewals {
  /** Undefined where the account has nothing to renew. */
  find(accountId: string): RenewalView | undefined;
  /** The same for accounts that share a login; undefined where none is known. */
  nameLogin(accountId: string): string | undefined;
  /** Renews it now, whatever is due; joins one that runs. Throws `GatewayError` with the upstream's words. */
  renew(accountId: string): Promise<void>;
  /** Calls back after every change. */
  onChange(listener: () => void): () => void;
  /** Starts no more; resolves when none runs, or none that is worth waiting for. */
  close(): Promise<void>;
}

/** What the scheduler needs. */
export interface RenewalOptions {
  readonly clock: Clock;
  readonly accounts: Pick<AccountBook, 'list' | 'find' | 'openCredential' | 'health' | 'report' | 'onChange'>;
  readonly providers: ReadonlyMap<string, Pick<Provider, 'renewal'>>;
  /** Is told of accounts whose login is a new one. */
  readonly pool: Pick<Pool, 'prove'>;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Numbers from 0 to 1. */
  readonly random?: () => number;
}

/** The door opens first. */
const FIRST_LOOK_MS = 5_000;
/** Timers sleep with the machine: nothing waits for one longer than this. */
const TICK_MS = 30_000;
const TIME_LIMIT_MS = 2 * 60_000;
const AT_END_MS = 10_000;

/** A scheduler that has looked at no account yet; follows the accounts until it is closed. */
export function createRenewals(options: RenewalOptions): Renewals {
  const { clock, accounts, pool, redact } = options;
  const changed = createListeners();
  const stopping = new AbortController();
  const slots = createRenewalSlots(clock);
  const board = createRenewalBoard({ ...options, random: options.random ?? Math.random });
  let isStarted = false;
  let isClosed = false;
  let cancel = clock.schedule(() => {
    isStarted = true;
    board.follow();
    tick();
  }, FIRST_LOOK_MS);

  const renewNow = async (seat: Seat, login: Login, isWished: boolean): Promise<void> => {
    const { account, renewal } = seat;
    const limit = new AbortController();
    const cancelLimit = clock.schedule(() => limit.abort(createTimeout()), TIME_LIMIT_MS);
    try {
      const credential = await accounts.openCredential(account.id);
      if (!isWished) {
        const found = await renewal.find(credential);
        // A request, or another program, has been faster.
        if (found === undefined || !login.plan.holds(found)) return await board.look(seat);
      }
      const signal = AbortSignal.any([limit.signal, stopping.signal]);
      await renewal.renew({ credential, signal });
      login.plan.succeed(await renewal.find(credential).catch(() => undefined));
      for (const id of board.listUsers(login)) {
        pool.prove(id);
        // That the former login had failed says nothing any more; whether the new one serves is yet to be seen.
        if (accounts.health(id).state !== 'failed') continue;
        accounts.report(id, { state: 'untested', text: 'Its login was renewed.', at: clock.now() });
      }
    } catch (thrown) {
      const error = readError(thrown);
      const text = redact(error.message);
      login.plan.fail(error, text);
      throw new GatewayError(error.kind, text, { status: error.status, code: error.code, cause: error });
    } finally {
      cancelLimit();
    }
  };
  /** In a place that was taken for it. */
  const start = (seat: Seat, login: Login, isWished: boolean): Promise<void> => {
    const work = renewNow(seat, login, isWished).finally(() => {
      login.running = undefined;
      slots.give();
      changed.tell();
      tick();
    });
    login.running = work;
    work.catch(() => {});
    changed.tell();
    return work;
  };
  const startDue = () => {
    for (const [login, seat] of board.listDue()) {
      if (!slots.tryTake()) return;
      void start(seat, login, false);
    }
  };
  const tick = () => {
    if (isClosed || !isStarted) return;
    cancel();
    cancel = () => {};
    startDue();
    if (board.isEmpty()) return;
    const next = board.findNext() ?? TICK_MS;
    // What is due and has no place yet waits for the next one.
    const wait = next > 0 ? next : (slots.wait() ?? TICK_MS);
    cancel = clock.schedule(tick, Math.max(1, Math.min(TICK_MS, wait)));
    void board.lookAround().then((isNews) => {
      if (!isNews || isClosed) return;
      changed.tell();
      tick();
    });
  };
  const unwatch = accounts.onChange(() => {
    if (isStarted && board.follow()) tick();
  });

  return {
    find: board.view,
    nameLogin: board.nameLogin,
    renew: async (accountId) => {
      const { seat, login } = await board.open(accountId);
      if (login.running !== undefined) return await login.running;
      login.running = slots.take().then(() => {
        if (!isClosed) return start(seat, login, true);
        slots.give();
        throw new GatewayError('aborted', 'Patchbay is stopping.');
      });
      login.running.catch(() => {});
      return await login.running;
    },
    onChange: changed.add,
    close: async () => {
      isClosed = true;
      cancel();
      unwatch();
      const abort = clock.schedule(() => stopping.abort(createTimeout()), AT_END_MS);
      await Promise.allSettled(board.listRunning());
      abort();
    },
  };
}

const createTimeout = () => new GatewayError('timeout', 'The renewal took too long and was given up.');
