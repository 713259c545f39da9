// All accounts, whether set up in the GUI or in the configuration file, with the way from an account to its secrets.
import type { AccountState } from '../../shared/views.ts';
import type { Account, Credential } from './credential.ts';

/** What is known of an account's health. */
export interface AccountHealth {
  readonly state: AccountState;
  /** One sentence: what was proved or what went wrong. */
  readonly text?: string;
  /** When it was proved, in milliseconds since 1970. */
  readonly at?: number;
  readonly lastUsedAt?: number;
}

/** The accounts of this person; the only place that joins an account with its secrets. */
export interface AccountBook {
  /** In the person's order: those of the file first, then those of the settings, oldest first. */
  list(): readonly Account[];
  find(id: string): Account | undefined;
  /** The account with its secrets. Throws `GatewayError` (`unauthorized`) where the vault has lost or refuses one. */
  openCredential(id: string): Promise<Credential>;
  /** Last four characters of each stored secret, by field name. */
  listSecrets(id: string): Promise<readonly { readonly name: string; readonly lastFour?: string }[]>;
  /** Stores the secrets, then the account. The id is made from `name` and is unique. */
  add(account: Omit<Account, 'id' | 'source'>, secrets: Readonly<Record<string, string>>): Promise<Account>;
  /** Absent fields stay; a secret given as `''` is removed. Throws `GatewayError` for accounts of the file. */
  change(
    id: string,
    change: Partial<Pick<Account, 'name' | 'method' | 'values' | 'models'>>,
    secrets: Readonly<Record<string, string>>,
  ): Promise<Account>;
  /** Removes the account and its secrets. Throws `GatewayError` for accounts of the file. */
  remove(id: string): Promise<void>;
  health(id: string): AccountHealth;
  /** Keeps what a check or a request has just shown. */
  report(id: string, health: Omit<AccountHealth, 'lastUsedAt'>): void;
  /** Notes that a request has just used the account. */
  touch(id: string): void;
  /** Calls back after every change of list or health; returns the way to stop. */
  onChange(listener: () => void): () => void;
}
