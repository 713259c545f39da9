// Configuration as code: one JSON file for headless use, containers and tests. Names every mistake at once, by its path
// in the file, and holds no secret itself: a secret is `env:NAME` or `file:PATH`.
import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import type { Project } from '../../shared/projects.ts';
import { DEFAULT_SETTINGS, Settings, type SettingsChange } from '../../shared/settings.ts';
import type { FileAccount } from '../credentials/account-sources.ts';
import type { FileClientKey } from '../credentials/client-keys.ts';
import { readAccounts } from './config-accounts.ts';
import { readAdminKey } from './config-admin.ts';
import {
  ConfigFileError,
  type ConfigProvider,
  checkWith,
  createFaults,
  createSecretReader,
  type Environment,
  type Faults,
  isObject,
} from './config-checks.ts';
import { readClientKey } from './config-keys.ts';
import { readProject } from './config-projects.ts';
import { readFileProxy } from './config-proxy.ts';
import { readRouting } from './config-routing.ts';

/** What the file says, checked, with its secrets. */
export interface FileConfig {
  readonly host?: string;
  /** 0 means any free port. */
  readonly port?: number;
  /** The proxy of the settings, with its password. */
  readonly proxy?: string;
  readonly clientKeys: readonly FileClientKey[];
  /** Opens the administration of accounts for programs. */
  readonly adminKey?: string;
  readonly accounts: readonly FileAccount[];
  readonly projects: readonly Project[];
  /** Settings that the file fixes. */
  readonly settings: SettingsChange;
}

const Host = Settings.shape.host;
const PORT_FAULT = 'must be a whole number from 0 to 65535';
const Port = z.int(PORT_FAULT).min(0, PORT_FAULT).max(65535, PORT_FAULT);

/** Name of the second door in the file. */
const SECOND_DOOR = Object.keys({ ollama: {} }).join();

/** What the environment says of the doors; it wins over the file. Throws `ConfigFileError`. */
export function readEnvironment(environment: Environment): Pick<FileConfig, 'host' | 'port' | 'settings'> {
  const faults = createFaults();
  const { PATCHBAY_HOST: host, PATCHBAY_PORT: port, PATCHBAY_OLLAMA_PORT: second } = environment;
  const readPort = (text: string, name: string) =>
    checkWith(Port, /^\d+$/.test(text) ? Number(text) : text, name, faults);
  const read = {
    ...(host ? { host: checkWith(Host, host, 'PATCHBAY_HOST', faults) } : {}),
    ...(port ? { port: readPort(port, 'PATCHBAY_PORT') } : {}),
    settings: second ? { ollamaDoor: true, ollamaPort: readPort(second, 'PATCHBAY_OLLAMA_PORT') } : {},
  };
  faults.throwAny('The environment is not usable');
  return read;
}

/** What holds without a file. Throws `ConfigFileError`. */
export function readNoFile(environment: Environment): FileConfig {
  return { ...readEnvironment(environment), clientKeys: [], accounts: [], projects: [] };
}

/** Reads and checks the file, resolves its secrets and lets the environment win. Throws `ConfigFileError`. */
export function readConfigFile(
  path: string,
  environment: Environment,
  providers: readonly ConfigProvider[],
): FileConfig {
  const file = resolve(path);
  const content = readJson(file);
  const faults = createFaults();
  const secrets = createSecretReader(environment, dirname(file), faults);
  faults.checkKeys(
    content,
    ['host', 'port', 'proxy', SECOND_DOOR, 'clientKeys', 'adminKey', 'accounts', 'projects', 'routing', 'settings'],
    '',
  );
  const keys = readList(content.clientKeys, 'clientKeys', faults, (entry, at) =>
    readClientKey(entry, at, { faults, secrets }),
  );
  const accounts = readList(content.accounts, 'accounts', faults, (entry, at) =>
    readAccounts(entry, at, { providers, faults, secrets, folder: dirname(file) }),
  ).flatMap(({ at, value }) => value.map((account) => ({ at, value: account })));
  const projects = readList(content.projects, 'projects', faults, (entry, at) =>
    readProject(entry, at, statSync(file).mtimeMs, faults),
  );
  const proxy = 'proxy' in content ? readFileProxy(content.proxy, 'proxy', { faults, secrets }) : undefined;
  const routing = 'routing' in content ? readRouting(content.routing, 'routing', { faults, providers }) : undefined;
  const adminKey = 'adminKey' in content ? readAdminKey(content.adminKey, keys, faults, secrets) : undefined;
  const config: FileConfig = {
    ...(adminKey === undefined ? {} : { adminKey }),
    ...(proxy === undefined ? {} : { proxy: proxy.whole }),
    ...('host' in content ? { host: checkWith(Host, content.host, 'host', faults) } : {}),
    ...('port' in content ? { port: checkWith(Port, content.port, 'port', faults) } : {}),
    clientKeys: keys.map(({ value }) => value),
    accounts: accounts.map(({ value }) => value),
    projects: projects.map(({ value }) => value),
    settings: {
      ...readSettings(content.settings, faults),
      ...readSecondDoor(content, faults),
      ...(proxy === undefined ? {} : { proxy: proxy.address }),
      ...(routing === undefined ? {} : { routing }),
    },
  };
  findTwins(
    accounts.map(({ at, value }) => [`${at}.id`, value.account.id]),
    faults,
  );
  findTwins(
    projects.map(({ at, value }) => [`${at}.id`, value.id]),
    faults,
  );
  for (const part of ['name', 'key'] as const)
    findTwins(
      keys.map(({ at, value }) => [`${at}.${part}`, value[part]]),
      faults,
    );
  faults.throwAny(`The configuration file ${file} is not usable`);
  const fromEnvironment = readEnvironment(environment);
  return { ...config, ...fromEnvironment, settings: { ...config.settings, ...fromEnvironment.settings } };
}

function readJson(file: string): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const reason =
      cause instanceof Error && 'code' in cause && cause.code === 'ENOENT'
        ? 'does not exist'
        : `cannot be read: ${cause}`;
    throw new ConfigFileError(`The configuration file ${file} ${reason}.`, { cause });
  }
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? describePlace(cause.message, text) : String(cause);
    throw new ConfigFileError(`The configuration file ${file} is no JSON: ${reason}`, { cause });
  }
  if (isObject(content)) return content;
  throw new ConfigFileError(`The configuration file ${file} must be a JSON object.`);
}

/** JSON's own words, with line and column where they name a position. */
function describePlace(reason: string, text: string): string {
  const position = /position (\d+)/.exec(reason)?.[1];
  if (position === undefined || / line /.test(reason)) return reason;
  const before = text.slice(0, Number(position)).split('\n');
  return `${reason}, line ${before.length}, column ${(before.at(-1) ?? '').length + 1}`;
}

/** The entries that could be read, with their places in the file. */
function readList<Value>(
  list: unknown,
  name: string,
  faults: Faults,
  read: (entry: Record<string, unknown>, at: string) => Value | undefined,
): { readonly at: string; readonly value: Value }[] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    faults.add(name, 'must be a list');
    return [];
  }
  return list.flatMap((entry: unknown, index) => {
    const at = `${name}[${index}]`;
    if (!isObject(entry)) {
      faults.add(at, 'must be an object');
      return [];
    }
    const value = read(entry, at);
    return value === undefined ? [] : [{ at, value }];
  });
}

/** Settings that the file has at its top instead. */
const OWN_PLACES: Readonly<Record<string, string>> = {
  host: 'host',
  port: 'port',
  proxy: 'proxy',
  routing: 'routing',
  ollamaDoor: SECOND_DOOR,
  ollamaPort: `${SECOND_DOOR}.port`,
  ollamaRequireKey: `${SECOND_DOOR}.requireKey`,
};

/** The second door: that the file has it opens it, and what it does not say is the default, not what was set before. */
function readSecondDoor(content: Record<string, unknown>, faults: Faults): SettingsChange {
  const at = SECOND_DOOR;
  if (!(at in content)) return {};
  const { [at]: entry } = content;
  if (!isObject(entry)) {
    faults.add(at, 'must be an object, as in { "port": 11434, "requireKey": true }');
    return {};
  }
  faults.checkKeys(entry, ['port', 'requireKey'], at);
  const { port = DEFAULT_SETTINGS.ollamaPort, requireKey = true } = entry;
  const ollamaPort = checkWith(Port, port, `${at}.port`, faults);
  if (port !== 0 && port === (content.port ?? DEFAULT_SETTINGS.port)) faults.add(`${at}.port`, 'is the same as port');
  const ollamaRequireKey = checkWith(z.boolean('must be true or false'), requireKey, `${at}.requireKey`, faults);
  return { ollamaDoor: true, ollamaPort, ollamaRequireKey };
}

function readSettings(value: unknown, faults: Faults): SettingsChange {
  if (value === undefined) return {};
  if (!isObject(value)) {
    faults.add('settings', 'must be an object');
    return {};
  }
  for (const [name, place] of Object.entries(OWN_PLACES))
    if (name in value) faults.add(`settings.${name}`, `write "${place}" beside "settings"`);
  faults.checkKeys(value, Object.keys(Settings.shape), 'settings');
  const settings: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Settings.shape)) {
    if (name in value && !(name in OWN_PLACES))
      settings[name] = checkWith<unknown>(schema, value[name], `settings.${name}`, faults);
  }
  return settings;
}

function findTwins(entries: readonly (readonly [at: string, value: string])[], faults: Faults): void {
  const seen = new Map<string, string>();
  for (const [at, value] of entries) {
    const first = seen.get(value);
    if (first === undefined) seen.set(value, at);
    else faults.add(at, `is the same as ${first}`);
  }
}
