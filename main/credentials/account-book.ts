// All accounts, whether set up in the GUI or in the configuration file, with the way from an account to its secrets.
// Knows no provider: what fields an account has, and whether they are right, is checked before it gets here.
import { isDeepStrictEqual } from 'node:util';
import type { AccountState } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { createListeners } from '../util/listeners.ts';
import { createSerial } from '../util/serial.ts';
import { makeUnique, slug } from '../util/slug.ts';
import { createHealthRecords } from './account-health.ts';
import { createAccountSecrets } from './account-secrets.ts';
import type { Account, Credential } from './credential.ts';
import type { Vault } from './vault.ts';

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
  /** Those of the file first, then those of the settings, oldest first, then the built-in ones. */
  list(): readonly Account[];
  find(id: string): Account | undefined;
  /** The account with its secrets. Throws `GatewayError` (`unauthorized`) where the vault has lost or refuses one. */
  openCredential(id: string): Promise<Credential>;
  /** Last four characters of each stored secret, by field name. */
  listSecrets(id: string): Promise<readonly { readonly name: string; readonly lastFour?: string }[]>;
  /** Stores the secrets, then the account. The id is made from `name` and is unique. */
  add(account: Omit<Account, 'id' | 'source'>, secrets: Readonly<Record<string, string>>): Promise<Account>;
  /** Absent fields stay; a secret given as `''` is removed. Throws `GatewayError` for accounts that are not of the settings. */
  change(
    id: string,
    change: Partial<Pick<Account, 'name' | 'method' | 'values' | 'models'>>,
    secrets: Readonly<Record<string, string>>,
  ): Promise<Account>;
  /** Removes the account and its secrets. Throws `GatewayError` for accounts that are not of the settings. */
  remove(id: string): Promise<void>;
  health(id: string): AccountHealth;
  /** Keeps what a check or a request has just shown. */
  report(id: string, health: Omit<AccountHealth, 'lastUsedAt'>): void;
  /** Notes that a request has just used the account. */
  touch(id: string): void;
  /** Calls back after every change of list or health; returns the way to stop. */
  onChange(listener: () => void): () => void;
}

/** An account of the settings as it is stored; `secrets` are the names that the vault has secrets for. */
export interface StoredAccount extends Omit<Account, 'source'> {
  readonly secrets: readonly string[];
}

/** Where accounts are stored; what was written is on disk when the call returns. */
export interface AccountShelf {
  readAccounts(): readonly StoredAccount[];
  writeAccounts(accounts: readonly StoredAccount[]): void;
}

/** What the book is made of. */
export interface AccountBookOptions {
  readonly store: AccountShelf;
  readonly vault: Vault;
  /** Accounts of the configuration file with their secrets; they win over stored ones with the same id. */
  readonly fileAccounts?: readonly Credential[];
  /** Providers that need no account: each is one, under the provider's own id and name. */
  readonly builtIn?: readonly { readonly id: string; readonly name: string }[];
  /** Told every secret before it is used, so that it can be kept out of logs. */
  readonly learnSecret: (secret: string) => void;
  readonly now?: () => number;
}

/** The book over the settings file, the vault and the configuration file. */
export function createAccountBook(options: AccountBookOptions): AccountBook {
  const { store, vault, learnSecret, now = Date.now } = options;
  const fixed = new Map((options.fileAccounts ?? []).map((credential) => [credential.account.id, credential]));
  for (const secret of [...fixed.values()].flatMap(({ secrets }) => Object.values(secrets))) learnSecret(secret);
  const vaulted = createAccountSecrets(vault, learnSecret);
  const health = createHealthRecords((id) => ({ state: fixed.has(id) || findStored(id) ? 'untested' : 'ready' }));
  const changed = createListeners();
  health.onChange(changed.tell);
  const serial = createSerial();
  const findStored = (id: string) => store.readAccounts().find((entry) => entry.id === id);
  const join = () => joinAccounts([...fixed.values()], store.readAccounts(), options.builtIn ?? []);
  let accounts = join();

  const find = (id: string): Account => {
    const account = accounts.get(id);
    if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
    return account;
  };
  const findChangeable = (id: string): StoredAccount => {
    const { name, source } = find(id);
    const stored = findStored(id);
    if (source === 'settings' && stored !== undefined) return stored;
    const where = source === 'file' ? 'is set up in the configuration file; change it there' : 'is always there';
    throw new GatewayError('forbidden', `The account "${name}" ${where}.`);
  };
  const openCredential = async (id: string) => fixed.get(id) ?? vaulted.open(find(id), findStored(id)?.secrets ?? []);
  const write = (id: string, stored: readonly StoredAccount[]) => {
    store.writeAccounts(stored);
    accounts = join();
    vaulted.forget(id);
    changed.tell();
  };

  return {
    list: () => [...accounts.values()],
    find: (id) => accounts.get(id),
    openCredential,
    async listSecrets(id) {
      const names = fixed.has(id) ? Object.keys(fixed.get(id)?.secrets ?? {}) : (findStored(id)?.secrets ?? []);
      const secrets = await openCredential(id).then(
        (credential) => credential.secrets,
        () => ({}) as Credential['secrets'],
      );
      return names.map((name) => ({ name, ...showEnd(secrets[name]) }));
    },
    add: (draft, given) =>
      serial(async () => {
        const id = makeUnique(slug(draft.name, draft.provider), (taken) => accounts.has(taken));
        const stored = { ...copyFields(draft), id, secrets: await vaulted.write(id, given) };
        try {
          write(id, [...store.readAccounts(), stored]);
        } catch (error) {
          await vaulted.remove(id, stored.secrets);
          throw error;
        }
        return readStored(stored);
      }),
    change: (id, change, given) =>
      serial(async () => {
        const stored = findChangeable(id);
        const written = await vaulted.write(id, given);
        const gone = Object.keys(given).filter((name) => given[name] === '');
        const names = [...new Set([...stored.secrets, ...written])].filter((name) => !gone.includes(name));
        const next: StoredAccount = { ...stored, ...copyChange(change), secrets: names };
        if (provesNothing(change, stored) || Object.keys(given).length > 0) health.reset(id);
        write(
          id,
          store.readAccounts().map((entry) => (entry.id === id ? next : entry)),
        );
        await vaulted.remove(id, gone);
        return readStored(next);
      }),
    remove: (id) =>
      serial(async () => {
        await vaulted.remove(id, findChangeable(id).secrets);
        health.forget(id);
        write(
          id,
          store.readAccounts().filter((entry) => entry.id !== id),
        );
      }),
    health: health.read,
    report: (id, news) => accounts.has(id) && health.report(id, news),
    touch: (id) => accounts.has(id) && health.touch(id, now()),
    onChange: changed.add,
  };
}

/** The first of each id counts: the file's, then the stored, then the built-in. */
function joinAccounts(
  fixed: readonly Credential[],
  stored: readonly StoredAccount[],
  builtIn: readonly { readonly id: string; readonly name: string }[],
): ReadonlyMap<string, Account> {
  const accounts = new Map<string, Account>();
  const all = [...fixed.map(({ account }) => account), ...stored.map(readStored), ...builtIn.map(createBuiltIn)];
  for (const account of all) if (!accounts.has(account.id)) accounts.set(account.id, account);
  return accounts;
}

/** Whether what was proved of the account may no longer hold after the change. */
function provesNothing({ method, values }: { method?: string; values?: object }, stored: StoredAccount): boolean {
  return (
    (method ?? stored.method) !== stored.method || (values !== undefined && !isDeepStrictEqual(values, stored.values))
  );
}

/** Shorter secrets show no last characters: four of them would give away too much. */
const LEAST_TO_SHOW = 12;

function showEnd(secret: string | undefined): { lastFour?: string } {
  return secret === undefined || secret.length < LEAST_TO_SHOW ? {} : { lastFour: secret.slice(-4) };
}

function createBuiltIn({ id, name }: { readonly id: string; readonly name: string }): Account {
  return { id, provider: id, name, method: '', values: {}, env: {}, endpoints: {}, models: [], source: 'built-in' };
}

function readStored({ id, provider, name, method, values, env, endpoints, models }: StoredAccount): Account {
  return { id, provider, name, method, values, env, endpoints, models, source: 'settings' };
}

function copyFields({ provider, name, method, values, env, endpoints, models }: Omit<Account, 'id' | 'source'>) {
  const copies = { values: { ...values }, env: { ...env }, endpoints: { ...endpoints }, models: [...models] };
  return { provider, name, method, ...copies };
}

function copyChange({ name, method, values, models }: Partial<Pick<Account, 'name' | 'method' | 'values' | 'models'>>) {
  return {
    ...(name === undefined ? {} : { name }),
    ...(method === undefined ? {} : { method }),
    ...(values === undefined ? {} : { values: { ...values } }),
    ...(models === undefined ? {} : { models: [...models] }),
  };
}
