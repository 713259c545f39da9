// What is left of each account's plan, in memory: read a while after the account was used and when somebody looks, never
// oftener than every few minutes. It only watches; who is asked for a reply does not hang on it.
import { isDeepStrictEqual } from 'node:util';
import type { Quota, QuotaView } from '../../shared/quota.ts';
import { GatewayError, readError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import { createListeners } from '../util/listeners.ts';

/** The quotas of all accounts. */
export interface Quotas {
  /** As it was last read; undefined until it was. */
  find(account: Account): QuotaView | undefined;
  /** Whether the account's provider can tell it. */
  has(account: Account): boolean;
  /** Somebody looks: whatever is unknown or old is read anew in the background. */
  look(): void;
  /** Reads one anew and resolves when that is done, well or badly; soon after a reading it is left as it is. */
  refresh(accountId: string): Promise<void>;
  /** Calls back when a quota has changed; returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Stops watching; nothing is read afterwards. */
  close(): void;
}

/** What the quotas are made of. */
export interface QuotaServices {
  readonly accounts: Pick<AccountBook, 'list' | 'find' | 'health' | 'openCredential' | 'onChange'>;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Calls back after a while; returns the way to prevent it. */
  readonly schedule?: (task: () => void, ms: number) => () => void;
}

/** Upstreams count with some delay. */
const AFTER_USE_MS = 20_000;
const FRESH_MS = 5 * 60_000;
/** A person who presses the button twice is not more curious than once. */
const LEAST_MS = 10_000;
const TIME_LIMIT_MS = 60_000;

interface Shelf {
  readonly account: Account;
  quota: Quota | undefined;
  readAt: number;
  problem: string | undefined;
  /** When it was last asked for, whatever came of it. */
  askedAt: number;
  pending: Promise<void> | undefined;
  cancel: (() => void) | undefined;
}

/** Quotas of which nothing is known yet; watches the accounts until it is closed. */
export function createQuotas(services: QuotaServices): Quotas {
  const { accounts, providers, redact, now, schedule = scheduleUnref } = services;
  const shelves = new Map<string, Shelf>();
  const changed = createListeners();
  const stop = new AbortController();
  const has = ({ provider }: Account) => providers.get(provider)?.readQuota !== undefined;

  const openShelf = (account: Account): Shelf => {
    const known = shelves.get(account.id);
    // An account that was changed may be another person's.
    if (known?.account === account) return known;
    known?.cancel?.();
    const fresh = { quota: undefined, readAt: 0, problem: undefined, askedAt: Number.NEGATIVE_INFINITY };
    const shelf: Shelf = { account, ...fresh, pending: undefined, cancel: undefined };
    shelves.set(account.id, shelf);
    return shelf;
  };
  const ask = async (shelf: Shelf): Promise<void> => {
    const { account, quota, problem } = shelf;
    shelf.askedAt = now();
    try {
      const credential = await accounts.openCredential(account.id);
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(TIME_LIMIT_MS)]);
      shelf.quota = await providers.get(account.provider)?.readQuota?.({ credential, signal });
      shelf.readAt = now();
      shelf.problem = undefined;
    } catch (thrown) {
      shelf.problem = redact(readError(thrown).message);
    }
    shelf.pending = undefined;
    const isNews = !isDeepStrictEqual([shelf.quota, shelf.problem], [quota, problem]);
    if (!stop.signal.aborted && (isNews || shelf.problem === undefined)) changed.tell();
  };
  const refresh = (shelf: Shelf): Promise<void> => {
    shelf.cancel?.();
    shelf.cancel = undefined;
    shelf.pending ??= ask(shelf);
    return shelf.pending;
  };
  /** Plans a reading for accounts that were used since the last one. */
  const watch = () => {
    for (const [id, shelf] of shelves) {
      if (accounts.find(id) !== undefined) continue;
      shelf.cancel?.();
      shelves.delete(id);
    }
    for (const account of accounts.list()) {
      if (!has(account)) continue;
      const shelf = openShelf(account);
      const { lastUsedAt = Number.NEGATIVE_INFINITY } = accounts.health(account.id);
      if (lastUsedAt <= shelf.askedAt || shelf.pending !== undefined || shelf.cancel !== undefined) continue;
      const due = Math.max(lastUsedAt + AFTER_USE_MS, shelf.askedAt + FRESH_MS);
      shelf.cancel = schedule(() => void refresh(shelf), Math.max(0, due - now()));
    }
  };
  const unwatch = accounts.onChange(watch);

  return {
    find: (account) => {
      const shelf = shelves.get(account.id);
      if (shelf?.account !== account) return undefined;
      const { quota, readAt, problem } = shelf;
      if (quota === undefined)
        return problem === undefined ? undefined : { meters: [], readAt: shelf.askedAt, problem };
      return { ...quota, readAt, ...(problem === undefined ? {} : { problem }) };
    },
    has,
    look: () => {
      for (const account of accounts.list()) {
        if (!has(account)) continue;
        const shelf = openShelf(account);
        if (now() - shelf.askedAt >= FRESH_MS) void refresh(shelf);
      }
    },
    refresh: async (id) => {
      const account = accounts.find(id);
      if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
      if (!has(account)) return;
      const shelf = openShelf(account);
      if (shelf.pending !== undefined || now() - shelf.askedAt >= LEAST_MS) await refresh(shelf);
    },
    onChange: changed.add,
    close: () => {
      stop.abort();
      unwatch();
      for (const { cancel } of shelves.values()) cancel?.();
    },
  };
}

/** A timer that keeps no program alive. */
function scheduleUnref(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, ms);
  timer.unref();
  return () => clearTimeout(timer);
}
