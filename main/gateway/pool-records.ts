// What each account of the pool does and has done: turns, requests that run, counts, and a load that fades. Decides nothing.
import type { AccountCounts } from '../../shared/routing.ts';
import type { Clock } from '../util/clock.ts';

/** A record as it survives a restart. */
export interface SavedRecord extends AccountCounts {
  readonly account: string;
  readonly lastTurn: number;
}

/** The records of all accounts. */
export interface PoolRecords {
  running(account: string): number;
  counts(account: string): AccountCounts;
  /** By the count of turns; 0 where it had none. */
  lastTurn(account: string): number;
  /** How many requests it had lately, faded; undefined where it had none. */
  load(account: string): number | undefined;
  /** The count of turns. */
  readonly turn: number;
  /** A request begins; returns its turn. `load` is what an account starts with that had none. */
  begin(account: string, load: number): number;
  end(account: string): void;
  countServed(account: string): void;
  countFailed(account: string): void;
  /** Forgets the failures in a row; returns whether there were any. */
  forgive(account: string): boolean;
  /** Forgets everything but what runs. */
  forget(account: string): void;
  save(): readonly SavedRecord[];
  restore(saved: readonly SavedRecord[]): void;
}

interface Entry {
  running: number;
  served: number;
  failed: number;
  failuresInARow: number;
  lastFailureAt: number | undefined;
  lastTurn: number;
  /** As it was at `loadAt`. */
  load: number | undefined;
  loadAt: number;
}

/** After this long a request counts half: about as long as upstreams count theirs. */
const HALF_LIFE_MS = 3_600_000;

/** Nobody has done anything yet. */
export function createPoolRecords(clock: Clock): PoolRecords {
  const entries = new Map<string, Entry>();
  let turn = 0;
  const open = (account: string): Entry => {
    const entry = entries.get(account) ?? createEntry();
    entries.set(account, entry);
    return entry;
  };
  const fade = ({ load, loadAt }: Entry): number | undefined =>
    load === undefined ? undefined : load * 2 ** ((loadAt - clock.uptime()) / HALF_LIFE_MS);
  const read = ({ served, failed, failuresInARow, lastFailureAt }: Entry): AccountCounts => ({
    served,
    failed,
    failuresInARow,
    ...(lastFailureAt === undefined ? {} : { lastFailureAt }),
  });
  return {
    running: (account) => entries.get(account)?.running ?? 0,
    counts: (account) => read(entries.get(account) ?? createEntry()),
    lastTurn: (account) => entries.get(account)?.lastTurn ?? 0,
    load: (account) => {
      const entry = entries.get(account);
      return entry && fade(entry);
    },
    get turn() {
      return turn;
    },
    begin: (account, load) => {
      const entry = open(account);
      turn += 1;
      entry.load = (fade(entry) ?? load) + 1;
      entry.loadAt = clock.uptime();
      entry.running += 1;
      entry.lastTurn = turn;
      return turn;
    },
    end: (account) => {
      const entry = open(account);
      entry.running -= 1;
      // It was forgotten meanwhile.
      if (entry.running === 0 && entry.lastTurn === 0) entries.delete(account);
    },
    countServed: (account) => {
      const entry = open(account);
      entry.served += 1;
      entry.failuresInARow = 0;
    },
    countFailed: (account) => {
      const entry = open(account);
      entry.failed += 1;
      entry.failuresInARow += 1;
      entry.lastFailureAt = clock.now();
    },
    forgive: (account) => {
      const entry = entries.get(account);
      if (entry === undefined || entry.failuresInARow === 0) return false;
      entry.failuresInARow = 0;
      return true;
    },
    forget: (account) => {
      const running = entries.get(account)?.running ?? 0;
      entries.delete(account);
      if (running > 0) open(account).running = running;
    },
    save: () => [...entries].map(([account, entry]) => ({ account, ...read(entry), lastTurn: entry.lastTurn })),
    restore: (saved) => {
      for (const { account, ...counts } of saved) {
        Object.assign(open(account), counts);
        turn = Math.max(turn, counts.lastTurn);
      }
    },
  };
}

const createEntry = (): Entry => ({
  running: 0,
  served: 0,
  failed: 0,
  failuresInARow: 0,
  lastFailureAt: undefined,
  lastTurn: 0,
  load: undefined,
  loadAt: 0,
});
