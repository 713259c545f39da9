// Where the quotas of accounts stand: one shelf for each account as it is now, filled from the file the first time. An account
// that was changed gets an empty one, for it may be another person's.
import { createHash } from 'node:crypto';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Deadline } from '../util/clock.ts';
import type { QuotaFile } from './quota-file.ts';
import { NO_RECORD, type QuotaRecord } from './quota-record.ts';

/** What is known of one account, and what is going on to know more. */
export interface Shelf {
  readonly account: Account;
  readonly record: QuotaRecord;
  /** Why the last reading failed. */
  problem: string | undefined;
  /** When it was last asked for, whatever came of it; undefined for never since the start. */
  askedAt: number | undefined;
  /** Until then it is fresh, or at least not to be asked for again. */
  fresh: Deadline | undefined;
  /** The same for a person who asks. */
  pressed: Deadline | undefined;
  /** The same after a failure. */
  failed: Deadline | undefined;
  /** When a failure said that what is known may be wrong; undefined once it was asked for. */
  suspectAt: number | undefined;
  /** The use after which it was last asked for. */
  seenUseAt: number | undefined;
  pending: Promise<void> | undefined;
  /** Takes back the reading that is planned. */
  cancel: (() => void) | undefined;
}

/** The shelves of all accounts. */
export interface Shelves {
  /** The account's, new where there is none. */
  open(account: Account): Shelf;
  /** Undefined where nothing was ever put there. */
  find(account: Account): Shelf | undefined;
  /** Whether it is still the account's. */
  holds(shelf: Shelf): boolean;
  /** Puts a record there, and into the file in a while. */
  keep(shelf: Shelf, record: QuotaRecord): void;
  /** Clears those of accounts that are gone. */
  prune(): void;
  /** Takes back every reading that is planned; resolves when all is kept. */
  close(): Promise<void>;
}

/** Shelves over what the file holds. */
export function createShelves(accounts: Pick<AccountBook, 'find'>, file: QuotaFile | undefined): Shelves {
  const shelves = new Map<string, Shelf>();
  const kept = new Map((file?.kept ?? []).map((one) => [one.account, one]));

  const open = (account: Account): Shelf => {
    const known = shelves.get(account.id);
    if (known?.account === account) return known;
    known?.cancel?.();
    const old = known === undefined ? kept.get(account.id) : undefined;
    kept.delete(account.id);
    const shelf: Shelf = {
      account,
      record: old?.mark === markAccount(account) ? old.record : NO_RECORD,
      problem: undefined,
      askedAt: undefined,
      fresh: undefined,
      pressed: undefined,
      failed: undefined,
      suspectAt: undefined,
      seenUseAt: undefined,
      pending: undefined,
      cancel: undefined,
    };
    shelves.set(account.id, shelf);
    return shelf;
  };
  const list = () => [
    ...[...shelves.values()]
      .filter(({ record }) => record !== NO_RECORD)
      .map(({ account, record }) => ({ account: account.id, mark: markAccount(account), record })),
    // Nobody has asked for these since the start.
    ...[...kept.values()].filter(({ account }) => accounts.find(account) !== undefined),
  ];
  return {
    open,
    find: (account) => (shelves.has(account.id) || kept.has(account.id) ? open(account) : undefined),
    holds: (shelf) => shelves.get(shelf.account.id) === shelf,
    keep: (shelf, record) => {
      Object.assign(shelf, { record });
      file?.saveSoon(list);
    },
    prune: () => {
      for (const [id, shelf] of shelves) {
        if (accounts.find(id) !== undefined) continue;
        shelf.cancel?.();
        shelves.delete(id);
      }
    },
    close: async () => {
      for (const { cancel } of shelves.values()) cancel?.();
      await file?.close();
    },
  };
}

/** What makes an account another one, as far as it is no secret. */
function markAccount({ id, provider, method, values, env, endpoints }: Account): string {
  return createHash('sha256')
    .update(JSON.stringify([id, provider, method, values, env, endpoints]))
    .digest('base64');
}
