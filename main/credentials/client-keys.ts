// The keys that open the door: one random key from the first start, more by the person's wish and from the configuration
// file, each with the rules of its own. What a request is asked for in the end is the router's to judge, by `allows`.
import { randomBytes } from 'node:crypto';
import type { ClientKeyView, KeyRules } from '../../shared/views.ts';
import { createNameMatcher } from '../../shared/wildcard.ts';
import { GatewayError } from '../canonical/errors.ts';
import { type Clock, SYSTEM_CLOCK } from '../util/clock.ts';
import { createListeners } from '../util/listeners.ts';
import { createSerial } from '../util/serial.ts';
import { makeUnique, slug } from '../util/slug.ts';
import { writeMoment } from '../util/write-moment.ts';
import { createKeyLimits, type KeyPlace } from './key-limits.ts';
import { createKeyRing, type KeyEntry } from './key-ring.ts';
import type { KeyUse } from './key-use.ts';
import type { Vault } from './vault.ts';

/** A key that a client came with. */
export interface FoundKey {
  readonly id: string;
  readonly name: string;
}

/** Every client key in use. */
export interface ClientKeys {
  /** The key that `presented` is; undefined where it is none. Notes its use. */
  find(presented: string): FoundKey | undefined;
  /** Throws `GatewayError` (`unauthorized`) for a key that has expired. */
  checkExpiry(id: string): void;
  /** A place for one request to a model. Throws `GatewayError` (`rate-limited`) where a limit of the key is reached. */
  enter(id: string): KeyPlace;
  /**
   * Whether the key of this name may use a model that any of `names` stands for: every model where it has no such rule, none
   * where there is no such key. Who needed no key may use all.
   */
  allows(name: string | undefined, names: readonly string[]): boolean;
  list(): readonly ClientKeyView[];
  /** The key itself, to be copied for the person; undefined for an unknown id. */
  reveal(id: string): string | undefined;
  /** Replaces a key by a new random one. Throws `GatewayError` for keys of the file. */
  renew(id: string): Promise<ClientKeyView>;
  /** Makes a random key. Throws `GatewayError` (`conflict`) where the name is taken. */
  add(name: string, rules: KeyRules): Promise<ClientKeyView>;
  /** An absent name stays, and so do absent rules. Throws `GatewayError`, as for a key of the file. */
  change(id: string, change: { readonly name?: string; readonly rules?: KeyRules }): Promise<ClientKeyView>;
  /**
   * The key opens nothing from then on; what runs with it goes on to its end. Throws `GatewayError` for the last key and for
   * keys of the file.
   */
  revoke(id: string): Promise<void>;
  /** Calls back at each change, and some time after keys were used. */
  onChange(listener: () => void): () => void;
  /** Which keys the vault had lost, so that new ones took their place; undefined where all was well. */
  readonly mishap: string | undefined;
  /** Resolves when the use of the keys is kept. */
  close(): Promise<void>;
}

/** A client key as the configuration file gives it. */
export interface FileClientKey {
  readonly name: string;
  readonly key: string;
  readonly rules?: KeyRules;
}

/** A client key as it is stored; the vault has the key itself. */
export interface StoredClientKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastFour: string;
  readonly rules?: KeyRules;
}

/** Where the keys' records are stored; what was written is on disk when the call returns. */
export interface ClientKeyShelf {
  readClientKeys(): readonly StoredClientKey[];
  writeClientKeys(keys: readonly StoredClientKey[]): void;
}

/** What the keys are made of. */
export interface ClientKeysOptions {
  readonly store: ClientKeyShelf;
  readonly vault: Vault;
  /** How much each was used; closed with the keys. */
  readonly use: KeyUse;
  /** Keys of the configuration file; where there is one, no random key is made on a first start. */
  readonly fileKeys?: readonly FileClientKey[];
  /** Told every key before it is used, so that it can be kept out of logs. */
  readonly learnSecret: (secret: string) => void;
  readonly clock?: Clock;
}

/** Reads the keys of vault and file; makes a random one where there is none at all. */
export async function createClientKeys(options: ClientKeysOptions): Promise<ClientKeys> {
  const { store, vault, use, clock = SYSTEM_CLOCK } = options;
  const serial = createSerial();
  const changed = createListeners();
  const ring = createKeyRing(options.learnSecret);
  const limits = createKeyLimits({ clock, use });
  const matchers = new WeakMap<readonly string[], (name: string) => boolean>();
  const lost: string[] = [];
  const freeId = (wanted: string) => makeUnique(wanted, (taken) => ring.get(taken) !== undefined);

  const record = (entry: KeyEntry) => {
    const { id, name, key, rules, createdAt = clock.now() } = entry;
    const one: StoredClientKey = { id, name, createdAt, lastFour: key.slice(-4), rules };
    store.writeClientKeys(putRecord(store.readClientKeys(), one));
    return ring.put({ ...entry, createdAt });
  };
  /** Vault first: a record without a key would be worse than a key without a record. */
  const make = async (id: string, name: string, rules: KeyRules): Promise<KeyEntry> => {
    const key = `pb-${randomBytes(30).toString('base64url')}`;
    const before = ring.get(id)?.key;
    await vault.write(nameSecret(id), key);
    try {
      return record({ id, name, key, source: 'settings', createdAt: clock.now(), rules });
    } catch (error) {
      // The old key goes on to open the door, after a restart as well.
      const undo = before === undefined ? vault.remove(nameSecret(id)) : vault.write(nameSecret(id), before);
      await undo.catch(() => {});
      throw error;
    }
  };
  const fileKeys = options.fileKeys ?? [];
  // A name that the file gives is the file's: other parts of it may refer to it.
  const fileNames = new Set(fileKeys.map(({ name }) => name));
  for (const { id, name: stored, createdAt, rules = {} } of store.readClientKeys()) {
    const name = makeUnique(stored, (taken) => fileNames.has(taken) || ring.hasName(taken));
    const key = await vault.read(nameSecret(id));
    if (key !== undefined) ring.put({ id, name, key, source: 'settings', createdAt, rules });
    else lost.push((await make(id, name, rules)).name);
  }
  for (const { name, key, rules = {} } of fileKeys) {
    const id = freeId(`file-${slug(name, 'key')}`);
    ring.put({ id, name: makeUnique(name, (taken) => ring.hasName(taken)), key, source: 'file', rules });
  }
  if (ring.size === 0) await make('default', 'Default', {});

  const findOwn = (id: string): KeyEntry => {
    const entry = ring.get(id);
    if (entry === undefined) throw new GatewayError('not-found', `There is no client key "${id}".`);
    if (entry.source === 'settings') return entry;
    const advice = 'is set in the configuration file; change it there';
    throw new GatewayError('forbidden', `The key "${entry.name}" ${advice}.`);
  };
  const checkName = (name: string, except?: string): void => {
    if (ring.hasName(name, except)) throw new GatewayError('conflict', `There is a client key "${name}" already.`);
  };
  const view = (entry: KeyEntry): ClientKeyView => viewKey(entry, use);
  const changeOne = (task: () => Promise<KeyEntry>): Promise<ClientKeyView> =>
    serial(async () => {
      const entry = await task();
      changed.tell();
      return view(entry);
    });
  use.onChange(changed.tell);

  return {
    mishap: describeLost(lost, vault),
    find(presented) {
      const entry = ring.find(presented);
      if (entry !== undefined) use.touch(entry.id);
      return entry;
    },
    checkExpiry(id) {
      const entry = ring.get(id);
      const expiresAt = entry?.rules.expiresAt;
      if (entry === undefined || expiresAt === undefined || clock.now() < expiresAt) return;
      const advice = 'Its owner can give it more time, or another one, in the Settings of Patchbay.';
      const when = writeMoment(expiresAt);
      throw new GatewayError('unauthorized', `The client key "${entry.name}" expired on ${when}. ${advice}`);
    },
    enter(id) {
      const entry = ring.get(id);
      // It was revoked between the door and here.
      if (entry === undefined) throw new GatewayError('unauthorized', 'This client key was revoked.');
      return limits.enter(id, entry.name, entry.rules);
    },
    allows(name, names) {
      if (name === undefined) return true;
      const entry = ring.findName(name);
      // It was revoked or has another name since its request came in: its rules are not known any more.
      if (entry === undefined) return false;
      const { models } = entry.rules;
      if (models === undefined) return true;
      const fits = matchers.get(models) ?? createNameMatcher(models);
      matchers.set(models, fits);
      return names.some(fits);
    },
    list: () => ring.list().map(view),
    reveal: (id) => ring.get(id)?.key,
    renew: (id) =>
      changeOne(() => {
        const { name, rules } = findOwn(id);
        return make(id, name, rules);
      }),
    add: (name, rules) =>
      changeOne(() => {
        checkName(name);
        return make(freeId(slug(name, 'key')), name, rules);
      }),
    change: (id, { name, rules }) =>
      changeOne(async () => {
        const entry = findOwn(id);
        if (name !== undefined) checkName(name, id);
        return record({ ...entry, name: name ?? entry.name, rules: rules ?? entry.rules });
      }),
    revoke: (id) =>
      serial(async () => {
        const { name } = findOwn(id);
        if (ring.size === 1)
          throw new GatewayError('conflict', `"${name}" is the only client key: without one nobody could come in.`);
        store.writeClientKeys(store.readClientKeys().filter((one) => one.id !== id));
        ring.remove(id);
        limits.forget(id);
        use.forget(id);
        changed.tell();
        await vault.remove(nameSecret(id));
      }),
    onChange: changed.add,
    close: use.close,
  };
}

function putRecord(records: readonly StoredClientKey[], record: StoredClientKey): readonly StoredClientKey[] {
  if (!records.some(({ id }) => id === record.id)) return [...records, record];
  return records.map((other) => (other.id === record.id ? { ...other, ...record } : other));
}

const nameSecret = (id: string) => `client-key/${id}`;

function viewKey({ id, name, key, source, createdAt, rules }: KeyEntry, use: KeyUse): ClientKeyView {
  const lastFour = key.length < LEAST_TO_SHOW ? '' : key.slice(-4);
  const { lastUsedAt, requests, tokensToday } = use.read(id);
  return { id, name, lastFour, source, createdAt, lastUsedAt, rules, usage: { requests, tokensToday } };
}

/** Shorter keys of the file show no last characters: four of them would give away too much. */
const LEAST_TO_SHOW = 12;

function describeLost(names: readonly string[], vault: Vault): string | undefined {
  if (names.length === 0) return undefined;
  const keys = names.map((name) => `"${name}"`).join(', ');
  return `The client key ${keys} was not stored any more and has a new value; give it to your clients. ${vault.detail}`;
}
