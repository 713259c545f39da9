// What is known of each account's health, in memory: a check or a request proves it anew after every start.
import { createListeners } from '../util/listeners.ts';
import type { AccountHealth } from './account-book.ts';

/** The health of all accounts, by id. */
export interface HealthRecords {
  read(id: string): AccountHealth;
  /** Keeps what a check or a request has just shown. */
  report(id: string, health: Omit<AccountHealth, 'lastUsedAt'>): void;
  /** Notes a use at this time, in milliseconds since 1970. */
  touch(id: string, at: number): void;
  /** What was proved no longer holds. */
  reset(id: string): void;
  forget(id: string): void;
  /** Calls back after news; the same news again at most once a second. */
  onChange(listener: () => void): () => void;
}

const TELL_AGAIN_MS = 1000;

/** Nothing is known yet: each account is as `initial` says. */
export function createHealthRecords(initial: (id: string) => AccountHealth): HealthRecords {
  const records = new Map<string, AccountHealth>();
  /** When each account's signs of life were last told. */
  const told = new Map<string, number>();
  const changed = createListeners();
  const read = (id: string) => records.get(id) ?? initial(id);
  const tell = (id: string, at: number, isNews: boolean) => {
    if (!isNews && at - (told.get(id) ?? Number.NEGATIVE_INFINITY) < TELL_AGAIN_MS) return;
    told.set(id, at);
    changed.tell();
  };
  return {
    read,
    report(id, health) {
      const before = read(id);
      records.set(id, { ...health, lastUsedAt: before.lastUsedAt });
      tell(id, health.at ?? 0, before.state !== health.state || before.text !== health.text);
    },
    touch(id, at) {
      records.set(id, { ...read(id), lastUsedAt: at });
      tell(id, at, false);
    },
    reset(id) {
      records.set(id, { state: 'untested', lastUsedAt: read(id).lastUsedAt });
    },
    forget(id) {
      records.delete(id);
      told.delete(id);
    },
    onChange: changed.add,
  };
}
