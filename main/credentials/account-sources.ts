// Where accounts come from, joined into one list: the configuration file, the settings, and providers that need none.
import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../canonical/errors.ts';
import type { Account, Credential } from './credential.ts';

/** An account of the settings as it is stored; `secrets` are the names that the vault has secrets for. */
export interface StoredAccount extends Omit<Account, 'source'> {
  readonly secrets: readonly string[];
}

/** Where accounts are stored; what was written is on disk when the call returns. */
export interface AccountShelf {
  readAccounts(): readonly StoredAccount[];
  writeAccounts(accounts: readonly StoredAccount[]): void;
}

/** An account of the configuration file with its secrets. */
export interface FileAccount extends Credential {
  /** Names in the account's `env` whose values are secrets; only `openCredential` gives them out. */
  readonly secretEnv: readonly string[];
}

/** Everything that holds accounts. */
export interface AccountSources {
  readonly store: AccountShelf;
  /** Accounts of the configuration file; they win over stored ones with the same id. */
  readonly fileAccounts?: readonly FileAccount[];
  /** Providers that need no account: each is one, under the provider's own id and name. */
  readonly builtIn?: readonly { readonly id: string; readonly name: string }[];
}

/** What a new reading of the configuration file has brought, by account id. */
export interface FileChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly gone: readonly string[];
}

/** All accounts, without their secrets. An account is a new object when it was written, and the same one otherwise. */
export interface JoinedAccounts {
  list(): readonly Account[];
  find(id: string): Account | undefined;
  /** Throws `GatewayError` where there is none. */
  get(id: string): Account;
  findFile(id: string): FileAccount | undefined;
  findStored(id: string): StoredAccount | undefined;
  /** Throws `GatewayError` for accounts that are not of the settings. */
  getChangeable(id: string): StoredAccount;
  /** Adds, replaces or (undefined) removes a stored account. */
  write(id: string, stored: StoredAccount | undefined): void;
  /** Every secret that the configuration file gave. */
  listFileSecrets(): readonly string[];
  /** Other accounts of the configuration file; tells the ids of those that came, changed or went. */
  replaceFile(next: readonly FileAccount[]): FileChanges;
}

/** The accounts of all sources; the first of each id counts: the file's, then the stored, then the built-in. */
export function joinAccounts({ store, fileAccounts = [], builtIn = [] }: AccountSources): JoinedAccounts {
  let files = new Map(fileAccounts.map((file) => [file.account.id, file]));
  let fixed = fileAccounts.map(hideEnv);
  const always = builtIn.map(createBuiltIn);
  let accounts: ReadonlyMap<string, Account> = new Map();
  accounts = join();

  function join(written?: string): ReadonlyMap<string, Account> {
    const stored = store.readAccounts().map((entry) => {
      const known = entry.id === written ? undefined : accounts.get(entry.id);
      return known?.source === 'settings' ? known : readStored(entry);
    });
    const all = [...fixed, ...stored, ...always];
    const joined = new Map<string, Account>();
    for (const account of all) if (!joined.has(account.id)) joined.set(account.id, account);
    return joined;
  }
  const findStored = (id: string) => store.readAccounts().find((entry) => entry.id === id);
  const get = (id: string): Account => {
    const account = accounts.get(id);
    if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
    return account;
  };
  return {
    list: () => [...accounts.values()],
    find: (id) => accounts.get(id),
    get,
    findFile: (id) => files.get(id),
    findStored,
    getChangeable(id) {
      const { name, source } = get(id);
      const stored = findStored(id);
      if (source === 'settings' && stored !== undefined) return stored;
      const where = source === 'file' ? 'is set up in the configuration file; change it there' : 'is always there';
      throw new GatewayError('forbidden', `The account "${name}" ${where}.`);
    },
    write(id, stored) {
      const before = store.readAccounts();
      const next = stored === undefined ? [] : [stored];
      const known = before.some((entry) => entry.id === id);
      store.writeAccounts(known ? before.flatMap((entry) => (entry.id === id ? next : [entry])) : [...before, ...next]);
      accounts = join(id);
    },
    listFileSecrets: () => [...files.values()].flatMap(listFileSecrets),
    replaceFile(next) {
      const before = files;
      const shown = new Map(fixed.map((account) => [account.id, account]));
      const isSame = (file: FileAccount) => isDeepStrictEqual(before.get(file.account.id), file);
      files = new Map(next.map((file) => [file.account.id, file]));
      fixed = next.map((file) => (isSame(file) ? shown.get(file.account.id) : undefined) ?? hideEnv(file));
      accounts = join();
      const ids = next.map(({ account }) => account.id);
      return {
        added: ids.filter((id) => !before.has(id)),
        changed: next.flatMap((file) => (before.has(file.account.id) && !isSame(file) ? [file.account.id] : [])),
        gone: [...before.keys()].filter((id) => !files.has(id)),
      };
    },
  };
}

function listFileSecrets({ account, secrets, secretEnv }: FileAccount): string[] {
  return [...Object.values(secrets), ...secretEnv.map((name) => account.env[name] ?? '')];
}

/** The account as it may be shown. */
function hideEnv({ account, secretEnv }: FileAccount): Account {
  const env = Object.entries(account.env).map(([name, value]) => [name, secretEnv.includes(name) ? '[hidden]' : value]);
  return { ...account, env: Object.fromEntries(env) };
}

function createBuiltIn({ id, name }: { readonly id: string; readonly name: string }): Account {
  return { id, provider: id, name, method: '', values: {}, env: {}, endpoints: {}, models: [], source: 'built-in' };
}

function readStored({ id, provider, name, method, values, env, endpoints, models }: StoredAccount): Account {
  return { id, provider, name, method, values, env, endpoints, models, source: 'settings' };
}
