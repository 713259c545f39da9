// The one file of settings: what the person changed, the accounts without their secrets, the client keys without theirs.
// Keeps what it does not know (a newer Patchbay may have written it) and puts aside what it cannot read.
import { copyFileSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import Conf from 'conf';
import { z } from 'zod';
import { DEFAULT_SETTINGS, type Settings, SettingsChange } from '../shared/settings.ts';
import { KeyRules } from '../shared/views.ts';
import { nameBroken } from './util/atomic-file.ts';
import { createListeners } from './util/listeners.ts';
import { mergeParts, readSoundParts } from './util/sound-parts.ts';

const StoredAccount = z.looseObject({
  id: z.string().regex(/^[^/]+$/),
  provider: z.string().min(1),
  name: z.string().min(1),
  method: z.string(),
  values: z.record(z.string(), z.string()).default({}),
  env: z.record(z.string(), z.string()).default({}),
  endpoints: z.record(z.string(), z.string()).default({}),
  models: z.array(z.string()).default([]),
  secrets: z.array(z.string()).default([]),
});
/** An account as it is stored; `secrets` are names only, the vault has the rest. */
export type StoredAccount = z.infer<typeof StoredAccount>;

const StoredClientKey = z.looseObject({
  id: z.string().min(1),
  name: z.string(),
  createdAt: z.number(),
  lastFour: z.string(),
  /** Rules that are not understood refuse the whole key: without them it could do more than its owner wants. */
  rules: z.looseObject(KeyRules.shape).optional(),
});
/** A client key as it is stored; the vault has the key. */
export type StoredClientKey = z.infer<typeof StoredClientKey>;

/** The settings file. Every change is on disk when the call returns, and throws where it cannot be. */
export interface SettingsStore {
  /** The settings that hold: the person's changes over the defaults. */
  read(): Settings;
  /** Takes over some settings, already checked against their schema; what is absent stays. */
  change(change: SettingsChange): Settings;
  onChange(listener: (settings: Settings) => void): () => void;
  readAccounts(): readonly StoredAccount[];
  writeAccounts(accounts: readonly StoredAccount[]): void;
  readClientKeys(): readonly StoredClientKey[];
  writeClientKeys(keys: readonly StoredClientKey[]): void;
  /** What could not be read at the start and where it was put aside; undefined where all was well. */
  readonly mishap: string | undefined;
}

type Json = Record<string, unknown>;

/** Brings a file of one version to the next. */
export type Migration = (file: Json) => Json;

/** The migrations so far: the first turns version 1 into version 2, and so on. */
const MIGRATIONS: readonly Migration[] = [];

interface State {
  readonly file: Json;
  readonly settings: SettingsChange;
  readonly accounts: readonly StoredAccount[];
  readonly clientKeys: readonly StoredClientKey[];
  /** The entries that were refused, as paths in the file. */
  readonly refused: readonly string[];
}

/** Opens `settings.json` in the data folder; an unreadable one is put aside and the defaults hold. */
export function createSettingsStore(options: {
  readonly dataFolder: string;
  readonly migrations?: readonly Migration[];
}): SettingsStore {
  const { dataFolder, migrations = MIGRATIONS } = options;
  const path = join(dataFolder, 'settings.json');
  const listeners = createListeners<Settings>();
  const { state: loaded, mishap, outdated } = load(path, migrations);
  let state = loaded;
  const conf = new Conf<Json>({
    cwd: dataFolder,
    configName: 'settings',
    configFileMode: 0o600,
    accessPropertiesByDotNotation: false,
  });

  const save = (next: State) => {
    const { settings, accounts, clientKeys } = next;
    const kept = isObject(next.file.settings) ? next.file.settings : {};
    // Rules of a newer Patchbay stand among those that are understood.
    const routing = settings.routing === undefined ? {} : { routing: mergeParts(settings.routing, kept.routing) };
    conf.store = { ...next.file, settings: { ...kept, ...settings, ...routing }, accounts, clientKeys };
    state = next;
  };
  const read = (): Settings => ({ ...DEFAULT_SETTINGS, ...state.settings });
  if (outdated) save(state);

  return {
    mishap,
    read,
    change(change) {
      const given = Object.entries(change).filter(([, value]) => value !== undefined);
      save({ ...state, settings: { ...state.settings, ...Object.fromEntries(given) } });
      listeners.tell(read());
      return read();
    },
    onChange: listeners.add,
    readAccounts: () => state.accounts,
    writeAccounts: (accounts) => save({ ...state, accounts }),
    readClientKeys: () => state.clientKeys,
    writeClientKeys: (clientKeys) => save({ ...state, clientKeys }),
  };
}

interface Loaded {
  readonly state: State;
  readonly mishap?: string;
  /** The file does not hold this state yet. */
  readonly outdated: boolean;
}

function load(path: string, migrations: readonly Migration[]): Loaded {
  const empty = () => sort({ version: migrations.length + 1 });
  const raw = readFile(path);
  if (raw === undefined) return { state: empty(), outdated: false };
  const aside = nameBroken(path, new Date());
  if (typeof raw === 'string') {
    renameSync(path, aside);
    const mishap = `The settings file could not be read (${raw}). It was put aside as ${aside} and the defaults hold.`;
    return { state: empty(), mishap, outdated: true };
  }
  const migrated = migrate(raw, migrations);
  const state = sort(migrated);
  if (state.refused.length === 0) return { state, outdated: migrated.version !== raw.version };
  copyFileSync(path, aside);
  const mishap = `Some entries of the settings file are not valid and were left out: ${state.refused.join(', ')}. The file as it was is kept as ${aside}.`;
  return { state, mishap, outdated: true };
}

/** The content, the reason why it is none, or undefined where there is no file. */
function readFile(path: string): Json | string | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The settings file ${path} cannot be read: ${reason}`, { cause });
  }
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) ? content : 'it is no JSON object';
  } catch {
    return text.trim() === '' ? 'it is empty' : 'it is no JSON; was it cut?';
  }
}

/** A file of a newer version than ours passes as it is, version included. */
function migrate(file: Json, migrations: readonly Migration[]): Json {
  const version = typeof file.version === 'number' && file.version >= 1 ? Math.floor(file.version) : 1;
  const migrated = migrations.slice(version - 1).reduce((content, migration) => migration(content), file);
  return { ...migrated, version: Math.max(version, migrations.length + 1) };
}

/** Takes every valid entry and names the others, so that one wrong value costs nothing but itself. */
function sort(file: Json): State {
  const refused: string[] = [];
  const settings: Json = {};
  const unknown: Json = {};
  if (file.settings !== undefined && !isObject(file.settings)) refused.push('settings');
  for (const [name, value] of Object.entries(isObject(file.settings) ? file.settings : {})) {
    if (!Object.hasOwn(SettingsChange.shape, name)) {
      unknown[name] = value;
      continue;
    }
    const schema: z.ZodType = SettingsChange.shape[name as keyof Settings];
    const judge = (part: unknown) => schema.safeParse(part);
    // Routing alone has parts that a person would miss one by one.
    const read = isObject(value) ? readSoundParts(judge, value) : readWhole(judge(value));
    if (read === undefined) {
      refused.push(`settings.${name}`);
      continue;
    }
    settings[name] = read.value;
    if (Object.keys(read.unknown).length > 0) unknown[name] = read.unknown;
    refused.push(...read.wrong.map((place) => `settings.${name}.${place}`));
  }
  const accounts = sortList(file.accounts, 'accounts', StoredAccount, refused);
  const clientKeys = sortList(file.clientKeys, 'clientKeys', StoredClientKey, refused);
  return { file: { ...file, settings: unknown }, settings, accounts, clientKeys, refused };
}

function readWhole({ success, data }: z.ZodSafeParseResult<unknown>) {
  return success ? { value: data, unknown: {}, wrong: [] } : undefined;
}

function sortList<Entry extends { id: string }>(
  list: unknown,
  name: string,
  schema: z.ZodType<Entry>,
  refused: string[],
): Entry[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    refused.push(name);
    return [];
  }
  const entries = new Map<string, Entry>();
  for (const [index, value] of list.entries()) {
    const entry = schema.safeParse(value);
    if (entry.success && !entries.has(entry.data.id)) entries.set(entry.data.id, entry.data);
    else refused.push(`${name}[${index}]`);
  }
  return [...entries.values()];
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
