// The keys that open the door: one random key from the first start, more from the configuration file.
import { createHash, randomBytes } from 'node:crypto';
import type { ClientKeyView, KeyRules } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { createListeners } from '../util/listeners.ts';
import { createSerial } from '../util/serial.ts';
import { makeUnique, slug } from '../util/slug.ts';
import type { Vault } from './vault.ts';

/** Every client key in use. */
export interface ClientKeys {
  /** The key that `presented` is, compared in constant time; undefined where it is none. Notes its use. */
  find(presented: string): { readonly id: string; readonly name: string } | undefined;
  list(): readonly ClientKeyView[];
  /** The key itself, to be copied for the person; undefined for an unknown id. */
  reveal(id: string): string | undefined;
  /** Replaces a key by a new random one. Throws `GatewayError` for keys of the file. */
  renew(id: string): Promise<ClientKeyView>;
  /** Makes a random key. Throws `GatewayError` (`conflict`) where the name is taken. */
  add(name: string, rules: KeyRules): Promise<ClientKeyView>;
  /** An absent name stays, and so do absent rules. Throws `GatewayError`, as for a key of the file. */
  change(id: string, change: { readonly name?: string; readonly rules?: KeyRules }): Promise<ClientKeyView>;
  /** The key opens nothing from then on. Throws `GatewayError` for the last key and for keys of the file. */
  revoke(id: string): Promise<void>;
  onChange(listener: () => void): () => void;
  /** Which keys the vault had lost, so that new ones took their place; undefined where all was well. */
  readonly mishap: string | undefined;
}

/** A client key as the configuration file gives it. */
export interface FileClientKey {
  readonly name: string;
  readonly key: string;
}

/** A client key as it is stored; the vault has the key itself. */
export interface StoredClientKey {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly lastFour: string;
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
  /** Keys of the configuration file; where there is one, no random key is made on a first start. */
  readonly fileKeys?: readonly FileClientKey[];
  /** Told every key before it is used, so that it can be kept out of logs. */
  readonly learnSecret: (secret: string) => void;
  readonly now?: () => number;
}

interface Entry {
  readonly id: string;
  readonly name: string;
  readonly key: string;
  readonly source: ClientKeyView['source'];
  readonly createdAt?: number;
  lastUsedAt?: number;
}

/** Reads the keys of vault and file; makes a random one where there is none at all. */
export async function createClientKeys(options: ClientKeysOptions): Promise<ClientKeys> {
  const { store, vault, now = Date.now } = options;
  const serial = createSerial();
  const changed = createListeners();
  const ring = createRing(options.learnSecret);
  const lost: string[] = [];

  /** Vault first: a record without a key would be worse than a key without a record. */
  const make = async (id: string, name: string): Promise<Entry> => {
    const key = `pb-${randomBytes(30).toString('base64url')}`;
    await vault.write(nameSecret(id), key);
    const record: StoredClientKey = { id, name, createdAt: now(), lastFour: key.slice(-4) };
    store.writeClientKeys(putRecord(store.readClientKeys(), record));
    return ring.put({ id, name, key, source: 'settings', createdAt: record.createdAt });
  };

  for (const { id, name, createdAt } of store.readClientKeys()) {
    const key = await vault.read(nameSecret(id));
    if (key !== undefined) ring.put({ id, name, key, source: 'settings', createdAt });
    else lost.push((await make(id, name)).name);
  }
  for (const { name, key } of options.fileKeys ?? []) {
    const id = makeUnique(`file-${slug(name, 'key')}`, (taken) => ring.byId.has(taken));
    ring.put({ id, name, key, source: 'file' });
  }
  if (ring.byId.size === 0) await make('default', 'Default');

  return {
    mishap: describeLost(lost, vault),
    find(presented) {
      const entry = ring.find(presented);
      if (entry !== undefined) entry.lastUsedAt = now();
      return entry;
    },
    list: () => [...ring.byId.values()].map(viewKey),
    reveal: (id) => ring.byId.get(id)?.key,
    renew: (id) =>
      serial(async () => {
        const entry = ring.byId.get(id);
        if (entry === undefined) throw new GatewayError('not-found', `There is no client key "${id}".`);
        if (entry.source === 'file') {
          const advice = 'is set in the configuration file; change it there';
          throw new GatewayError('forbidden', `The key "${entry.name}" ${advice}.`);
        }
        const made = await make(id, entry.name);
        changed.tell();
        return viewKey(made);
      }),
    add: () => Promise.reject(new GatewayError('unsupported', 'not built')),
    change: () => Promise.reject(new GatewayError('unsupported', 'not built')),
    revoke: () => Promise.reject(new GatewayError('unsupported', 'not built')),
    onChange: changed.add,
  };
}

/** The keys by id and by digest; looking up a digest tells nothing about a key by its timing. */
function createRing(learnSecret: (secret: string) => void) {
  const byId = new Map<string, Entry>();
  const byDigest = new Map<string, Entry>();
  return {
    byId,
    find: (presented: string) => byDigest.get(digest(presented)),
    /** Replaces the entry of the same id, whose key opens nothing from then on. */
    put(entry: Entry): Entry {
      const before = byId.get(entry.id);
      if (before !== undefined) byDigest.delete(digest(before.key));
      learnSecret(entry.key);
      byId.set(entry.id, entry);
      byDigest.set(digest(entry.key), entry);
      return entry;
    },
  };
}

function putRecord(records: readonly StoredClientKey[], record: StoredClientKey): readonly StoredClientKey[] {
  if (!records.some(({ id }) => id === record.id)) return [...records, record];
  return records.map((other) => (other.id === record.id ? { ...other, ...record } : other));
}

const nameSecret = (id: string) => `client-key/${id}`;

const digest = (key: string) => createHash('sha256').update(key).digest('base64');

function viewKey({ id, name, key, source, createdAt, lastUsedAt }: Entry): ClientKeyView {
  const lastFour = key.length < LEAST_TO_SHOW ? '' : key.slice(-4);
  const usage = { tokensToday: 0, requests: 0 };
  return { id, name, lastFour, source, createdAt, lastUsedAt, rules: {}, usage };
}

/** Shorter keys of the file show no last characters: four of them would give away too much. */
const LEAST_TO_SHOW = 12;

function describeLost(names: readonly string[], vault: Vault): string | undefined {
  if (names.length === 0) return undefined;
  const keys = names.map((name) => `"${name}"`).join(', ');
  return `The client key ${keys} was not stored any more and has a new value; give it to your clients. ${vault.detail}`;
}
