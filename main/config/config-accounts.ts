// One entry of accounts in the configuration file: finds its sign-in method by the fields that are given and reads them. An entry
// may name a file with many accounts instead.
import type { Field, SignInMethod } from '../../shared/views.ts';
import { findFault, isHttpUrl, listFields, NO_HTTP_URL, PROXY_FIELD } from '../credentials/account-fields.ts';
import type { FileAccount } from '../credentials/account-sources.ts';
import { nearest } from '../util/nearest.ts';
import { type ConfigProvider, type Faults, isObject, type SecretReader } from './config-checks.ts';
import { readAccountList } from './config-lists.ts';
import { readFileProxy } from './config-proxy.ts';

interface Context {
  readonly providers: readonly ConfigProvider[];
  readonly faults: Faults;
  readonly secrets: SecretReader;
  /** Where the configuration file is: paths in it are seen from there. */
  readonly folder: string;
}

type Entry = Readonly<Record<string, unknown>>;

const COMMON_KEYS = ['id', 'provider', 'name', 'method', 'env', 'endpoints', 'models'];

/** The accounts with their secrets, one but for lists; none, with the mistakes noted, where they cannot be used. */
export function readAccounts(entry: Entry, at: string, context: Context): readonly FileAccount[] {
  const { faults } = context;
  const id = readId(entry, at, faults);
  const name = 'name' in entry ? readText(entry.name, `${at}.name`, faults) : id;
  const models = readModels(entry.models, `${at}.models`, faults);
  const provider = readProvider(entry, at, context);
  if (provider === undefined) return [];
  const endpoints = readEndpoints(entry.endpoints, `${at}.endpoints`, provider, faults);
  const { env, secretEnv } = readEnv(entry.env, `${at}.env`, provider, context);
  const every = provider.signIn.flatMap((method) => listFields(provider, method)).concat(provider.fields ?? []);
  const lists = provider.lists?.files ?? [];
  faults.checkKeys(entry, [...new Set([...COMMON_KEYS, ...every.map((field) => field.name), ...lists])], at);
  const given = lists.filter((file) => file in entry);
  if (given.length > 0) {
    if (id === undefined || name === undefined) return [];
    const { values, secrets } = readFields(entry, at, [...(provider.fields ?? []), PROXY_FIELD], context);
    refuseOthers(entry, at, provider, faults);
    return given.flatMap((file) => {
      const path = readText(entry[file], `${at}.${file}`, faults);
      if (path === undefined) return [];
      const place = { path, folder: context.folder, at: `${at}.${file}` };
      return readAccountList({ id, name, provider, values, secrets, endpoints, models }, place, faults);
    });
  }
  const method = readMethod(entry, at, provider, faults);
  if (method === undefined || id === undefined || name === undefined) return [];

  const { values, secrets } = readFields(entry, at, method.fields, context);
  for (const { name: other } of every) {
    if (other in entry && !method.fields.some((field) => field.name === other)) {
      faults.add(`${at}.${other}`, `the sign-in method "${method.id}" has no such field`);
    }
  }
  const account = { id, provider: provider.id, name, method: method.id, values, env, endpoints, models };
  return [{ account: { ...account, source: 'file' }, secrets, secretEnv }];
}

/** The lines of a list say how each of its accounts signs in. */
function refuseOthers(entry: Entry, at: string, { signIn }: ConfigProvider, faults: Faults): void {
  const own = new Set(['method', 'env', ...signIn.flatMap(({ fields }) => fields.map(({ name }) => name))]);
  for (const key of Object.keys(entry)) {
    if (own.has(key)) faults.add(`${at}.${key}`, 'does not go together with a file of accounts');
  }
}

function readId(entry: Entry, at: string, faults: Faults): string | undefined {
  if (typeof entry.id === 'string' && /^[A-Za-z0-9][A-Za-z0-9._-]*$/.test(entry.id)) return entry.id;
  faults.add(`${at}.id`, 'must be a short name of letters, digits, dots, dashes and underscores');
  return undefined;
}

function readText(value: unknown, at: string, faults: Faults): string | undefined {
  if (typeof value === 'string' && value.trim() !== '') return value.trim();
  faults.add(at, 'must be a text that is not empty');
  return undefined;
}

function readProvider(entry: Entry, at: string, { providers, faults }: Context): ConfigProvider | undefined {
  const provider = providers.find(({ id }) => id === entry.provider);
  if (provider !== undefined) return provider;
  const ids = providers.map(({ id }) => id);
  const near = typeof entry.provider === 'string' ? nearest(entry.provider, ids) : undefined;
  const hint = near === undefined ? `known are ${ids.join(', ')}` : `did you mean "${near}"?`;
  faults.add(`${at}.provider`, `unknown provider; ${hint}`);
  return undefined;
}

function readModels(value: unknown, at: string, faults: Faults): string[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every((model) => typeof model === 'string' && model !== '')) return value;
  faults.add(at, 'must be a list of model names');
  return [];
}

function readEndpoints(value: unknown, at: string, provider: ConfigProvider, faults: Faults): Record<string, string> {
  if (value === undefined) return {};
  const names = provider.endpoints ?? [];
  if (!isObject(value)) faults.add(at, 'must be an object');
  else if (names.length === 0) faults.add(at, `the provider "${provider.id}" has no endpoints of its own to replace`);
  else {
    faults.checkKeys(value, names, at);
    const known = Object.entries(value).filter(([name]) => names.includes(name));
    const good = known.filter((pair): pair is [string, string] => typeof pair[1] === 'string' && isHttpUrl(pair[1]));
    for (const pair of known) {
      if (!good.some(([name]) => name === pair[0])) {
        faults.add(`${at}.${pair[0]}`, NO_HTTP_URL);
      }
    }
    return Object.fromEntries(good);
  }
  return {};
}

function readEnv(value: unknown, at: string, provider: ConfigProvider, { faults, secrets }: Context) {
  const env: Record<string, string> = {};
  const secretEnv: string[] = [];
  if (value === undefined) return { env, secretEnv };
  if (!isObject(value)) faults.add(at, 'must be an object');
  else if (!provider.takesEnv)
    faults.add(at, `the provider "${provider.id}" runs no program that it could be given to`);
  else {
    for (const [name, text] of Object.entries(value)) {
      if (typeof text !== 'string') faults.add(`${at}.${name}`, 'must be a text');
      else env[name] = /^(env|file):/.test(text) ? (secrets(text, `${at}.${name}`) ?? '') : text;
      if (env[name] !== text) secretEnv.push(name);
    }
  }
  return { env, secretEnv };
}

interface ReadMethod {
  readonly id: string;
  readonly fields: readonly Field[];
}

/** The named method, else the first that has all it requires and knows every field that is given. */
function readMethod(entry: Entry, at: string, provider: ConfigProvider, faults: Faults): ReadMethod | undefined {
  const toRead = (method: SignInMethod) => ({ id: method.id, fields: listFields(provider, method) });
  const methods = provider.signIn.map(toRead);
  if (methods.length === 0) return { id: '', fields: provider.fields ?? [] };
  const missing = ({ fields }: ReadMethod) =>
    fields.filter((field) => field.required && !(field.name in entry)).map(({ name }) => name);
  if ('method' in entry) {
    const method = methods.find(({ id }) => id === entry.method);
    if (method === undefined) {
      faults.add(`${at}.method`, `unknown sign-in method; known are ${methods.map(({ id }) => id).join(', ')}`);
      return undefined;
    }
    for (const name of missing(method)) faults.add(`${at}.${name}`, 'is needed');
    return missing(method).length === 0 ? method : undefined;
  }
  const complete = methods.filter((method) => missing(method).length === 0);
  const given = methods.flatMap(({ fields }) => fields).filter(({ name }) => name in entry);
  const knowsAll = ({ fields }: ReadMethod) => given.every(({ name }) => fields.some((field) => field.name === name));
  const meant = methods.filter(knowsAll);
  const method = complete.find(knowsAll) ?? (meant.length === 0 ? complete[0] : undefined);
  if (method !== undefined) return method;
  const needs = (meant.length === 0 ? methods : meant).map((one) => missing(one).join(' and '));
  faults.add(at, `${needs.join(', or ')} is needed`);
  return undefined;
}

function readFields(entry: Entry, at: string, fields: readonly Field[], { faults, secrets: readSecret }: Context) {
  const values: Record<string, string> = {};
  const secrets: Record<string, string> = {};
  for (const field of fields.filter(({ name }) => name in entry)) {
    const place = `${at}.${field.name}`;
    if (field.kind === 'secret') {
      const secret = readSecret(entry[field.name], place);
      if (secret !== undefined) secrets[field.name] = secret;
      continue;
    }
    if (field.kind === 'proxy') {
      const proxy = readFileProxy(entry[field.name], place, { faults, secrets: readSecret });
      if (proxy !== undefined) values[field.name] = proxy.address;
      if (proxy !== undefined && proxy.whole !== proxy.address) secrets[field.name] = proxy.whole;
      continue;
    }
    const value = readText(entry[field.name], place, faults);
    const fault = value === undefined ? undefined : findFault(field, value);
    if (fault !== undefined) faults.add(place, fault);
    if (value !== undefined) values[field.name] = value;
  }
  return { values, secrets };
}
