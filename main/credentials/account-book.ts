// All accounts, whether set up in the GUI or in the configuration file, with the way from an account to its secrets.
// Knows no provider: what fields an account has, and whether they are right, is checked before it gets here.
import type { AccountState } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { createListeners } from '../util/listeners.ts';
import { createSerial } from '../util/serial.ts';
import { makeUnique, slug } from '../util/slug.ts';
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

/** How long a repeated sign of life is not told again, in milliseconds. */
const TELL_AGAIN_MS = 1000;
/** Shorter secrets show no last characters: four of them would give away too much. */
const LEAST_TO_SHOW = 12;

/** The book over the settings file, the vault and the configuration file. */
export function createAccountBook(options: AccountBookOptions): AccountBook {
  const { store, vault, learnSecret, now = Date.now } = options;
  const fixed = new Map<string, Credential>();
  for (const credential of options.fileAccounts ?? []) fixed.set(credential.account.id, credential);
  for (const secret of [...fixed.values()].flatMap(({ secrets }) => Object.values(secrets))) learnSecret(secret);
  const builtIn = (options.builtIn ?? []).map(createBuiltIn);
  const changed = createListeners();
  const serial = createSerial();
  const healths = new Map<string, AccountHealth>();
  const opened = new Map<string, Promise<Credential>>();
  let accounts = join();

  function join(): ReadonlyMap<string, Account> {
    const all = [
      ...[...fixed.values()].map(({ account }) => account),
      ...store.readAccounts().map(readStored),
      ...builtIn,
    ];
    const joined = new Map<string, Account>();
    for (const account of all) if (!joined.has(account.id)) joined.set(account.id, account);
    return joined;
  }
  const write = (stored: readonly StoredAccount[]) => {
    store.writeAccounts(stored);
    accounts = join();
  };
  const tell = (id: string) => {
    opened.delete(id);
    changed.tell();
  };
  const findStored = (id: string): StoredAccount => {
    const account = accounts.get(id);
    const stored = store.readAccounts().find((entry) => entry.id === id);
    if (account === undefined) throw new GatewayError('not-found', `There is no account "${id}".`);
    if (account.source === 'settings' && stored !== undefined) return stored;
    const where =
      account.source === 'file' ? 'is set up in the configuration file; change it there' : 'is always there';
    throw new GatewayError('forbidden', `The account "${account.name}" ${where}.`);
  };
  const openCredential = (id: string): Promise<Credential> => {
    const known = fixed.get(id);
    if (known !== undefined) return Promise.resolve(known);
    const running = opened.get(id);
    if (running !== undefined) return running;
    const account = accounts.get(id);
    if (account === undefined) return Promise.reject(new GatewayError('not-found', `There is no account "${id}".`));
    const stored = store.readAccounts().find((entry) => entry.id === id);
    const opening = readSecrets(vault, account, stored?.secrets ?? [], learnSecret);
    opened.set(id, opening);
    opening.catch(() => opened.get(id) === opening && opened.delete(id));
    return opening;
  };

  return {
    list: () => [...accounts.values()],
    find: (id) => accounts.get(id),
    openCredential,
    async listSecrets(id) {
      const stored = store.readAccounts().find((entry) => entry.id === id);
      const names = fixed.has(id) ? Object.keys(fixed.get(id)?.secrets ?? {}) : (stored?.secrets ?? []);
      const secrets = await openCredential(id).then(
        (credential) => credential.secrets,
        () => ({}) as Credential['secrets'],
      );
      return names.map((name) => ({ name, ...showEnd(secrets[name]) }));
    },
    add: (draft, secrets) =>
      serial(async () => {
        const id = makeUnique(slug(draft.name, draft.provider), (taken) => accounts.has(taken));
        const names = await writeSecrets(vault, id, secrets, learnSecret);
        write([...store.readAccounts(), { ...draft, id, ...copyFields(draft), secrets: names }]);
        tell(id);
        return readStored({ ...draft, id, ...copyFields(draft), secrets: names });
      }),
    change: (id, change, secrets) =>
      serial(async () => {
        const stored = findStored(id);
        const written = await writeSecrets(vault, id, secrets, learnSecret);
        const gone = Object.keys(secrets).filter((name) => secrets[name] === '');
        const names = [...new Set([...stored.secrets, ...written])].filter((name) => !gone.includes(name));
        const next: StoredAccount = { ...stored, ...copyChange(change), secrets: names };
        write(store.readAccounts().map((entry) => (entry.id === id ? next : entry)));
        for (const name of gone) await vault.remove(nameSecret(id, name));
        healths.set(id, { state: 'untested', lastUsedAt: healths.get(id)?.lastUsedAt });
        tell(id);
        return readStored(next);
      }),
    remove: (id) =>
      serial(async () => {
        const stored = findStored(id);
        for (const name of stored.secrets) await vault.remove(nameSecret(id, name));
        write(store.readAccounts().filter((entry) => entry.id !== id));
        healths.delete(id);
        tell(id);
      }),
    health: (id) => healths.get(id) ?? { state: accounts.get(id)?.source === 'built-in' ? 'ready' : 'untested' },
    report(id, health) {
      if (!accounts.has(id)) return;
      const before = healths.get(id);
      healths.set(id, { ...health, lastUsedAt: before?.lastUsedAt });
      const same = before?.state === health.state && before.text === health.text;
      if (!same || (health.at ?? 0) - (before.at ?? 0) >= TELL_AGAIN_MS) changed.tell();
    },
    touch(id) {
      const before = healths.get(id) ?? { state: 'untested' };
      const at = now();
      healths.set(id, { ...before, lastUsedAt: at });
      if (at - (before.lastUsedAt ?? 0) >= TELL_AGAIN_MS) changed.tell();
    },
    onChange: changed.add,
  };
}

const nameSecret = (id: string, field: string) => `account/${id}/${field}`;

async function readSecrets(
  vault: Vault,
  account: Account,
  names: readonly string[],
  learnSecret: (secret: string) => void,
): Promise<Credential> {
  const secrets: Record<string, string> = {};
  for (const name of names) {
    const secret = await vault.read(nameSecret(account.id, name)).catch((cause: unknown) => {
      const reason = cause instanceof Error ? ` ${cause.message}` : '';
      throw new GatewayError('unauthorized', `The ${name} of "${account.name}" could not be read.${reason}`, { cause });
    });
    if (secret === undefined) {
      const advice = `Enter it again in Accounts. ${vault.detail}`;
      throw new GatewayError('unauthorized', `The ${name} of "${account.name}" is not stored any more. ${advice}`);
    }
    learnSecret(secret);
    secrets[name] = secret;
  }
  return { account, secrets };
}

/** Stores what is not empty; returns the names of what was stored. */
async function writeSecrets(
  vault: Vault,
  id: string,
  secrets: Readonly<Record<string, string>>,
  learnSecret: (secret: string) => void,
): Promise<string[]> {
  const names = Object.keys(secrets).filter((name) => secrets[name] !== '');
  for (const name of names) {
    const secret = secrets[name] ?? '';
    learnSecret(secret);
    await vault.write(nameSecret(id, name), secret);
  }
  return names;
}

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
