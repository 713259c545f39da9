// The rules of routing in the configuration file, in the form that the window exports. What they name beyond this file, such as
// accounts and client keys of the window, is judged by whoever knows those.
import { AccountRules, AttemptRules, ClientRules, PoolRules, Routing } from '../../shared/routing.ts';
import { nearest } from '../util/nearest.ts';
import { type ConfigProvider, checkWith, type Faults, isObject } from './config-checks.ts';

/** The rules, or undefined with the mistakes noted. */
export function readRouting(
  value: unknown,
  at: string,
  { faults, providers }: { readonly faults: Faults; readonly providers: readonly Pick<ConfigProvider, 'id'>[] },
): Routing | undefined {
  if (!isObject(value)) {
    faults.add(at, 'must be an object');
    return undefined;
  }
  const known = keepKnown(value, Object.keys(Routing.shape), at, faults);
  for (const [name, table] of Object.entries(known)) {
    // The schema passes it over without a word.
    if (isObject(table) && Object.hasOwn(table, '__proto__'))
      faults.add(`${at}.${name}.__proto__`, 'is no usable name');
  }
  for (const [name, keys] of Object.entries(ENTRIES)) {
    if (isObject(known[name])) known[name] = keepKnownEntries(known[name], keys, `${at}.${name}`, faults);
  }
  if (isObject(known.attempts))
    known.attempts = keepKnown(known.attempts, Object.keys(AttemptRules.shape), `${at}.attempts`, faults);
  if (isObject(known.pools)) checkPools(known.pools, `${at}.pools`, providers, faults);
  if (isObject(known.fallbacks)) checkFallbacks(known.fallbacks, `${at}.fallbacks`, faults);
  for (const name of ['aliases', 'clients', 'fallbacks']) refuseEmptyName(known, name, at, faults);
  for (const [name, rules] of Object.entries(isObject(known.clients) ? known.clients : {}))
    if (isObject(rules)) refuseEmptyName(rules, 'aliases', `${at}.clients.${name}`, faults);
  return checkWith(Routing, known, at, faults);
}

/** Names in the rules that no account and no client key has, as sentences for the person. */
export function listStrangers(
  { accounts, clients }: Pick<Routing, 'accounts' | 'clients'>,
  known: { readonly accounts: readonly string[]; readonly keys: readonly string[] },
): readonly string[] {
  const account = Object.keys(accounts).filter((id) => !known.accounts.includes(id));
  const key = Object.keys(clients).filter((name) => !known.keys.includes(name));
  return [
    ...account.map((id) => `routing.accounts has rules for "${id}", and there is no such account.`),
    ...key.map((name) => `routing.clients has rules for "${name}", and there is no such client key.`),
  ];
}

/** The tables whose entries are objects, with the keys of those. */
const ENTRIES: Readonly<Record<string, readonly string[]>> = {
  pools: Object.keys(PoolRules.shape),
  accounts: Object.keys(AccountRules.shape),
  clients: Object.keys(ClientRules.shape),
};

type Entry = Record<string, unknown>;

function keepKnown(object: Entry, known: readonly string[], at: string, faults: Faults): Entry {
  faults.checkKeys(object, known, at);
  return Object.fromEntries(Object.entries(object).filter(([name]) => known.includes(name)));
}

function keepKnownEntries(table: Entry, known: readonly string[], at: string, faults: Faults): Entry {
  const kept = Object.entries(table).map(([name, entry]) => [
    name,
    isObject(entry) ? keepKnown(entry, known, `${at}.${name}`, faults) : entry,
  ]);
  return Object.fromEntries(kept);
}

function checkPools(pools: Entry, at: string, providers: readonly Pick<ConfigProvider, 'id'>[], faults: Faults): void {
  const ids = providers.map(({ id }) => id);
  for (const id of Object.keys(pools).filter((each) => !ids.includes(each))) {
    const near = nearest(id, ids);
    faults.add(
      `${at}.${id}`,
      `unknown provider; ${near === undefined ? `known are ${ids.join(', ')}` : `did you mean "${near}"?`}`,
    );
  }
}

function checkFallbacks(fallbacks: Entry, at: string, faults: Faults): void {
  for (const [name, targets] of Object.entries(fallbacks)) {
    for (const [index, target] of (Array.isArray(targets) ? targets : []).entries())
      if (typeof target === 'string' && target.trim() === name.trim())
        faults.add(`${at}.${name}[${index}]`, 'is the model that it is to stand in for');
  }
}

/** Takes the entry out: a path cannot show it. */
function refuseEmptyName(object: Entry, name: string, at: string, faults: Faults): void {
  const table = object[name];
  if (!isObject(table)) return;
  const kept = Object.entries(table).filter(([key]) => key.trim() !== '');
  if (kept.length < Object.keys(table).length) faults.add(`${at}.${name}`, 'has an entry whose name is empty');
  object[name] = Object.fromEntries(kept);
}
