// The client keys in memory: by id, by name and by digest, so that looking one up tells nothing about a key by its timing.
// Where they come from and what is stored of them is not its business.
import { createHash } from 'node:crypto';
import type { ClientKeyView, KeyRules } from '../../shared/views.ts';

/** One key with all that holds for it. */
export interface KeyEntry {
  readonly id: string;
  /** No two have the same. */
  readonly name: string;
  readonly key: string;
  readonly source: ClientKeyView['source'];
  readonly createdAt?: number;
  readonly rules: KeyRules;
}

/** The keys that open the door. */
export interface KeyRing {
  readonly size: number;
  list(): readonly KeyEntry[];
  get(id: string): KeyEntry | undefined;
  /** The entry whose key this is; of several with the same key the one of the file. */
  find(presented: string): KeyEntry | undefined;
  findName(name: string): KeyEntry | undefined;
  /** Whether another key than `except` has the name, upper and lower case alike. */
  hasName(name: string, except?: string): boolean;
  /** Replaces the entry of the same id, whose key opens nothing from then on if it was another. */
  put(entry: KeyEntry): KeyEntry;
  remove(id: string): void;
}

/** A ring without keys. `learnSecret` is told every key before it opens anything. */
export function createKeyRing(learnSecret: (secret: string) => void): KeyRing {
  const byId = new Map<string, KeyEntry>();
  const byName = new Map<string, KeyEntry>();
  const byDigest = new Map<string, KeyEntry>();
  const forget = (entry: KeyEntry | undefined) => {
    if (entry === undefined) return;
    byName.delete(entry.name);
    const place = digest(entry.key);
    if (byDigest.get(place)?.id !== entry.id) return;
    byDigest.delete(place);
    const twin = [...byId.values()].find(({ id, key }) => id !== entry.id && key === entry.key);
    if (twin !== undefined) byDigest.set(place, twin);
  };
  return {
    get size() {
      return byId.size;
    },
    list: () => [...byId.values()],
    get: (id) => byId.get(id),
    find: (presented) => byDigest.get(digest(presented)),
    findName: (name) => byName.get(name),
    hasName: (name, except) =>
      [...byId.values()].some((entry) => entry.id !== except && fold(entry.name) === fold(name)),
    put(entry) {
      forget(byId.get(entry.id));
      learnSecret(entry.key);
      byId.set(entry.id, entry);
      byName.set(entry.name, entry);
      const place = digest(entry.key);
      const holder = byDigest.get(place);
      if (holder?.source !== 'file' || holder.id === entry.id) byDigest.set(place, entry);
      return entry;
    },
    remove(id) {
      forget(byId.get(id));
      byId.delete(id);
    },
  };
}

const digest = (key: string) => createHash('sha256').update(key).digest('base64');

const fold = (name: string) => name.normalize('NFKC').toLowerCase();
