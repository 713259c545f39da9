// All accounts, whether set up in the GUI or in the configuration file, with the way from an account to its secrets.
// Knows no provider: what fields an account has, and whether they are right, is checked before it gets here.
import { isDeepStrictEqual } from 'node:util';
import { listProxySecrets } from '../../shared/proxy.ts';
import type { AccountState } from '../../shared/views.ts';
import { createListeners } from '../util/listeners.ts';
import { createSerial } from '../util/serial.ts';
import { makeUnique, slug } from '../util/slug.ts';
import { createHealthRecords } from './account-health.ts';
import { createAccountSecrets } from './account-secrets.ts';
import {
  type AccountSources,
  type FileAccount,
  type FileChanges,
  joinAccounts,
  type StoredAccount,
} from './account-sources.ts';
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

/** An account that is not what it was. */
export interface ReplacedAccount {
  readonly id: string;
  readonly isGone: boolean;
}

/** The accounts of this person; the only place that joins an account with its secrets. */
export interface AccountBook {
  /** Those of the file first, then those of the settings, oldest first, then the built-in ones. */
  list(): readonly Account[];
  find(id: string): Account | undefined;
  /** The account with its secrets. Throws `GatewayError` (`unauthorized`) where the vault has lost or refuses one. */
  openCredential(id: string): Promise<Credential>;
  /** The credential of an account in the making as the book would open it: with its proxy, and that one's password apart. */
  route(credential: Credential): Credential;
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
  /** Takes other accounts of the configuration file in place of those that it had; what is the same stays as it is. */
  replaceFile(next: readonly FileAccount[]): FileChanges;
  /** Removes the account and its secrets. Throws `GatewayError` for accounts that are not of the settings. */
  remove(id: string): Promise<void>;
  health(id: string): AccountHealth;
  /** Keeps what a check or a request has just shown. */
  report(id: string, health: Omit<AccountHealth, 'lastUsedAt'>): void;
  /** Notes that a request has just used the account. */
  touch(id: string): void;
  /** Calls back after every change of list or health; returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Calls back after what was known of an account no longer holds: it has other values or secrets, or it is gone. */
  onReplaced(listener: (account: ReplacedAccount) => void): () => void;
}

/** What the book is made of. */
export interface AccountBookOptions extends AccountSources {
  readonly vault: Vault;
  /** Told every secret before it is used, so that it can be kept out of logs. */
  readonly learnSecret: (secret: string) => void;
  /** The proxy, password and all, for accounts that have none of their own. Read at each opening. */
  readonly proxy?: () => string | undefined;
  readonly now?: () => number;
}

/** The book over the settings file, the vault and the configuration file. */
export function createAccountBook(options: AccountBookOptions): AccountBook {
  const { vault, proxy: readProxy = () => undefined, now = Date.now } = options;
  const learnSecret = (secret: string) => {
    for (const part of [secret, ...listProxySecrets(secret)]) options.learnSecret(part);
  };
  const accounts = joinAccounts(options);
  const secrets = createAccountSecrets(vault, learnSecret);
  const health = createHealthRecords((id) => ({
    state: accounts.find(id)?.source === 'built-in' ? 'ready' : 'untested',
  }));
  const changed = createListeners();
  const replaced = createListeners<ReplacedAccount>();
  health.onChange(changed.tell);
  const serial = createSerial();
  for (const secret of accounts.listFileSecrets()) learnSecret(secret);

  const route = ({ account, secrets: all }: Credential): Credential => {
    const { proxy: own, ...others } = all;
    if (own !== undefined) learnSecret(own);
    const proxy = own ?? account.values.proxy ?? readProxy();
    return { account, secrets: others, ...(proxy === undefined ? {} : { proxy }) };
  };
  const openWhole = async (id: string): Promise<Credential> =>
    accounts.findFile(id) ?? (await secrets.open(accounts.get(id), accounts.findStored(id)?.secrets ?? []));
  const openCredential = async (id: string) => route(await openWhole(id));
  /** Stores the account, or its absence, and forgets what was read of it. */
  const write = (id: string, stored: StoredAccount | undefined) => {
    accounts.write(id, stored);
    secrets.forget(id);
    changed.tell();
  };
  const add: AccountBook['add'] = async (draft, given) => {
    const id = makeUnique(slug(draft.name, draft.provider), (taken) => accounts.find(taken) !== undefined);
    const stored = { ...copyFields(draft), id, secrets: await secrets.write(id, given) };
    try {
      write(id, stored);
    } catch (error) {
      await secrets.remove(id, stored.secrets);
      throw error;
    }
    return accounts.get(id);
  };
  const change: AccountBook['change'] = async (id, news, given) => {
    const stored = accounts.getChangeable(id);
    const written = await secrets.write(id, given);
    const gone = Object.keys(given).filter((name) => given[name] === '');
    const names = [...new Set([...stored.secrets, ...written])].filter((name) => !gone.includes(name));
    const isReplaced = isOther(news, stored) || Object.keys(given).length > 0;
    if (isReplaced) health.reset(id);
    write(id, { ...stored, ...copyChange(news), secrets: names });
    if (isReplaced) replaced.tell({ id, isGone: false });
    await secrets.remove(id, gone);
    return accounts.get(id);
  };
  const remove: AccountBook['remove'] = async (id) => {
    await secrets.remove(id, accounts.getChangeable(id).secrets);
    health.forget(id);
    write(id, undefined);
    replaced.tell({ id, isGone: true });
  };

  return {
    list: accounts.list,
    find: accounts.find,
    openCredential,
    route,
    async listSecrets(id) {
      const file = accounts.findFile(id);
      const names = file === undefined ? accounts.findStored(id)?.secrets : Object.keys(file.secrets);
      const opened = await openWhole(id).catch(() => undefined);
      return (names ?? []).map((name) => ({
        name,
        ...showEnd(WHOLLY_HIDDEN.has(name) ? undefined : opened?.secrets[name]),
      }));
    },
    add: (draft, given) => serial(() => add(draft, given)),
    change: (id, news, given) => serial(() => change(id, news, given)),
    replaceFile: (next) => {
      const changes = accounts.replaceFile(next);
      for (const secret of accounts.listFileSecrets()) learnSecret(secret);
      for (const id of [...changes.added, ...changes.changed]) health.reset(id);
      for (const id of changes.gone) health.forget(id);
      changed.tell();
      return changes;
    },
    remove: (id) => serial(() => remove(id)),
    health: health.read,
    report: (id, news) => accounts.find(id) && health.report(id, news),
    touch: (id) => accounts.find(id) && health.touch(id, now()),
    onChange: changed.add,
    onReplaced: replaced.add,
  };
}

/** Whether what was proved of the account may no longer hold after the change. */
function isOther({ method, values }: { method?: string; values?: object }, stored: StoredAccount): boolean {
  return (
    (method ?? stored.method) !== stored.method || (values !== undefined && !isDeepStrictEqual(values, stored.values))
  );
}

/** A password is made by a person: its end tells more than that of a key, and tells nobody which one it is. */
const WHOLLY_HIDDEN: ReadonlySet<string> = new Set(['proxy', 'password']);

/** Shorter secrets show no last characters: four of them would give away too much. */
const LEAST_TO_SHOW = 12;

function showEnd(secret: string | undefined): { lastFour?: string } {
  return secret === undefined || secret.length < LEAST_TO_SHOW ? {} : { lastFour: secret.slice(-4) };
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
