// What is left of each account's plan: read a while after the account was used, when somebody looks and when it failed for
// want of it, never oftener than every few minutes; and learned from answers, which costs nothing. It only watches; who is
// asked for a reply does not hang on it, but for an account that has something left again.
import { isDeepStrictEqual } from 'node:util';
import type { Quota, QuotaMeter, QuotaView } from '../../shared/quota.ts';
import { type ErrorKind, GatewayError, readError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';
import { createListeners } from '../util/listeners.ts';
import { createThrottle } from '../util/throttle.ts';
import type { QuotaFile } from './quota-file.ts';
import { hasReturned, type QuotaRecord, takeMeters, takeQuota, viewRecord } from './quota-record.ts';
import { createShelves, type Shelf } from './quota-shelves.ts';
import { FRESH_MS, findWait, LEAST_MS } from './quota-timing.ts';

/** The quotas of all accounts. */
export interface Quotas {
  /** As it is known; undefined until something is. */
  find(account: Account): QuotaView | undefined;
  /** Whether the account's provider can be asked for it. */
  has(account: Account): boolean;
  /** Somebody looks: whatever is unknown or old is read anew in the background. */
  look(): void;
  /** Reads one anew and resolves when that is done, well or badly; soon after a reading it is left as it is. */
  refresh(accountId: string): Promise<void>;
  /** Takes what an answer told of the account's limits; what it did not name stays as it is known. */
  learn(account: Account, meters: readonly QuotaMeter[]): void;
  /** What became of a request: the kind of its failure, undefined where it went well. */
  hear(accountId: string, failure: ErrorKind | undefined): void;
  /** Whether the person is to be told now that this runs out: once in each of its periods, whatever is started anew. */
  tellOnce(account: Account, name: string): boolean;
  /** Calls back when a quota has changed; returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Stops watching; nothing is read afterwards. Resolves when all is kept. */
  close(): Promise<void>;
}

/** What the quotas are made of. */
export interface QuotaServices {
  readonly accounts: Pick<AccountBook, 'list' | 'find' | 'health' | 'openCredential' | 'onChange'>;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  readonly clock: Clock;
  /** Where they are kept between two starts; absent keeps them in memory. */
  readonly file?: QuotaFile;
  /** An account that had nothing left has something again. */
  readonly onReturned?: (accountId: string) => void;
}

const TIME_LIMIT_MS = 60_000;
/** Answers tell something new many times a second. */
const TELL_MS = 1_000;

/** Quotas as the file knows them; watches the accounts until it is closed. */
export function createQuotas(services: QuotaServices): Quotas {
  const { accounts, providers, redact, clock, file, onReturned } = services;
  const shelves = createShelves(accounts, file);
  const changed = createListeners();
  const tellSoon = createThrottle(clock, changed.tell, TELL_MS);
  const stop = new AbortController();
  const has = ({ provider }: Account) => providers.get(provider)?.readQuota !== undefined;
  const isOver = (until: Deadline | undefined) => until === undefined || readRemaining(clock, until) === 0;

  const take = (shelf: Shelf, told: Quota, asked: number) => {
    const { account, record: before } = shelf;
    const record = takeQuota(before, told, clock.now());
    const { exhaustedAt } = before;
    const isBack = exhaustedAt !== undefined && asked >= exhaustedAt && hasReturned(before.quota, told, clock.now());
    shelves.keep(shelf, isBack ? withoutEnd(record) : record);
    if (isBack) onReturned?.(account.id);
  };
  const ask = async (shelf: Shelf): Promise<void> => {
    const { account, problem } = shelf;
    const before = shelf.record.quota;
    const asked = clock.now();
    shelf.askedAt = asked;
    shelf.seenUseAt = accounts.health(account.id).lastUsedAt;
    shelf.suspectAt = undefined;
    shelf.fresh = createDeadline(clock, FRESH_MS);
    shelf.pressed = createDeadline(clock, LEAST_MS);
    try {
      const credential = await accounts.openCredential(account.id);
      const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(TIME_LIMIT_MS)]);
      const told = await providers.get(account.provider)?.readQuota?.({ credential, signal });
      if (told !== undefined && shelves.holds(shelf)) take(shelf, told, asked);
      shelf.problem = undefined;
    } catch (thrown) {
      shelf.problem = redact(readError(thrown).message);
    }
    shelf.pending = undefined;
    const isNews = !isDeepStrictEqual([shelf.record.quota, shelf.problem], [before, problem]);
    if (!stop.signal.aborted && (isNews || shelf.problem === undefined)) changed.tell();
    plan(shelf);
  };
  const refresh = (shelf: Shelf): Promise<void> => {
    shelf.cancel?.();
    shelf.cancel = undefined;
    shelf.pending ??= ask(shelf);
    return shelf.pending;
  };
  /** Plans the next reading, if anything calls for one. */
  const plan = (shelf: Shelf) => {
    if (stop.signal.aborted || shelf.pending !== undefined || !shelves.holds(shelf)) return;
    shelf.cancel?.();
    const waitMs = findWait(shelf, accounts.health(shelf.account.id).lastUsedAt, clock);
    shelf.cancel = waitMs === undefined ? undefined : clock.schedule(() => void refresh(shelf), waitMs);
  };
  const watch = () => {
    shelves.prune();
    for (const account of accounts.list()) if (has(account)) plan(shelves.open(account));
  };
  const unwatch = accounts.onChange(watch);
  // What was used up before the start may be back.
  watch();

  return {
    find: (account) => {
      const shelf = accounts.find(account.id) === account ? shelves.find(account) : undefined;
      if (shelf === undefined) return undefined;
      const { record, problem, askedAt = 0 } = shelf;
      const known = viewRecord(record, clock.now());
      if (problem === undefined) return known;
      return { ...(known ?? { meters: [], readAt: askedAt }), problem };
    },
    has,
    look: () => {
      for (const account of accounts.list()) {
        if (!has(account)) continue;
        const shelf = shelves.open(account);
        if (isOver(shelf.fresh)) void refresh(shelf);
      }
    },
    refresh: async (id) => {
      const account = accounts.find(id);
      if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
      if (!has(account)) return;
      const shelf = shelves.open(account);
      if (shelf.pending !== undefined || isOver(shelf.pressed)) await refresh(shelf);
    },
    learn: (account, meters) => {
      // An answer may come for an account that was changed or removed meanwhile.
      if (meters.length === 0 || stop.signal.aborted || accounts.find(account.id) !== account) return;
      const shelf = shelves.open(account);
      shelves.keep(shelf, takeMeters(shelf.record, meters, clock.now()));
      tellSoon();
    },
    hear: (id, failure) => {
      const account = accounts.find(id);
      if (account === undefined || stop.signal.aborted) return;
      const shelf = shelves.open(account);
      const { record } = shelf;
      const isExhausted = failure === 'quota-exhausted';
      if (isExhausted) shelves.keep(shelf, { ...record, exhaustedAt: record.exhaustedAt ?? clock.now() });
      else if (record.exhaustedAt !== undefined) shelves.keep(shelf, withoutEnd(record));
      if (!has(account) || !(isExhausted || failure === 'rate-limited') || !isOver(shelf.failed)) return;
      shelf.failed = createDeadline(clock, FRESH_MS);
      shelf.suspectAt = clock.now();
      plan(shelf);
    },
    tellOnce: (account, name) => {
      const shelf = shelves.find(account);
      const period = shelf?.record.periods[name];
      if (shelf === undefined || period === undefined || period.toldUsed !== undefined) return false;
      const told = { ...period, toldUsed: period.readings.at(-1)?.used ?? 0 };
      shelves.keep(shelf, { ...shelf.record, periods: { ...shelf.record.periods, [name]: told } });
      return true;
    },
    onChange: changed.add,
    close: async () => {
      stop.abort();
      unwatch();
      await shelves.close();
    },
  };
}

/** The record of an account that has something again. */
function withoutEnd({ exhaustedAt: _, ...record }: QuotaRecord): QuotaRecord {
  return record;
}
