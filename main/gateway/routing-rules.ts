// The rules of routing, made ready once for each set of them: finding the rule for a name takes no longer the more there are
// that name another one exactly.
import type { Routing } from '../../shared/routing.ts';
import { compareWildcards, createWildcard, fillWildcard, isWildcard, type Wildcard } from '../../shared/wildcard.ts';

/** An alias that fits a name. */
export interface AliasHit {
  /** The alias as it is written in the rules. */
  readonly alias: string;
  /** The name that it leads to, stars filled in. */
  readonly target: string;
  /** Whether it belongs to the client key alone. */
  readonly isOfKey: boolean;
}

/** The fallbacks of a name. */
export interface FallbackHit {
  /** The name or pattern as it is written in the rules. */
  readonly rule: string;
  readonly targets: readonly string[];
}

/** Rules, ready to be asked. */
export interface RoutingRules {
  /** The key's own come before the general ones, exact ones before patterns. */
  findAlias(name: string, key: string | undefined): AliasHit | undefined;
  /**
   * The rule for the first of these names that has an exact one, else the pattern for the first that one fits. Names that begin
   * with `prefix` and a slash were narrowed on purpose: of patterns only such as begin so, too, lead away from there.
   */
  findFallbacks(names: readonly string[], prefix?: string): FallbackHit | undefined;
  /** Whether no list shows a model that goes by these names. */
  isHidden(names: readonly string[]): boolean;
  /** The aliases that lists show: those that are no patterns, the key's own included. */
  listAliases(key: string | undefined): readonly string[];
  /** The model for names that nobody knows; `null` where the rules say that there is none, undefined where they say nothing. */
  readUnknownModel(key: string | undefined): string | null | undefined;
  readonly thinkingSuffixes: boolean;
}

interface Table<Value> {
  readonly exact: ReadonlyMap<string, Value>;
  /** In the order in which they are tried. */
  readonly patterns: readonly { readonly wildcard: Wildcard; readonly value: Value }[];
}

const made = new WeakMap<Routing, RoutingRules>();

/** The rules of these settings; made when they are first asked for. */
export function readRules(routing: Routing): RoutingRules {
  const known = made.get(routing);
  if (known !== undefined) return known;
  const rules = createRules(routing);
  made.set(routing, rules);
  return rules;
}

function createRules(routing: Routing): RoutingRules {
  const general = createTable(routing.aliases);
  const ofKeys = new Map(Object.entries(routing.clients).map(([key, { aliases }]) => [key, createTable(aliases)]));
  const unknownOfKeys = new Map(Object.entries(routing.clients).map(([key, { unknownModel }]) => [key, unknownModel]));
  const fallbacks = createTable(routing.fallbacks);
  const hidden = routing.hidden.map(createWildcard);
  const findOwn = (key: string | undefined) => (key === undefined ? undefined : ofKeys.get(key));
  return {
    findAlias: (name, key) => {
      const own = findOwn(key);
      const mine = own === undefined ? undefined : findTarget(own, name);
      if (mine !== undefined) return { ...mine, isOfKey: true };
      const all = findTarget(general, name);
      return all === undefined ? undefined : { ...all, isOfKey: false };
    },
    findFallbacks: (names, prefix) => {
      const start = prefix === undefined ? undefined : `${prefix}/`;
      for (const name of names) {
        const targets = fallbacks.exact.get(name);
        if (targets !== undefined) return { rule: name, targets };
      }
      for (const name of names) {
        for (const { wildcard, value } of fallbacks.patterns) {
          const isNarrowed = start !== undefined && name.startsWith(start) && !wildcard.text.startsWith(start);
          const taken = isNarrowed ? undefined : wildcard.match(name);
          if (taken !== undefined)
            return { rule: wildcard.text, targets: value.map((target) => fillWildcard(target, taken)) };
        }
      }
      return undefined;
    },
    isHidden: (names) => hidden.some((wildcard) => names.some((name) => wildcard.match(name) !== undefined)),
    listAliases: (key) => [...new Set([...(findOwn(key)?.exact.keys() ?? []), ...general.exact.keys()])],
    readUnknownModel: (key) => {
      const own = key === undefined ? undefined : unknownOfKeys.get(key);
      return own === undefined ? (routing.unknownModel ?? undefined) : own;
    },
    thinkingSuffixes: routing.thinkingSuffixes,
  };
}

function createTable<Value>(rules: Readonly<Record<string, Value>>): Table<Value> {
  const all = Object.entries(rules);
  return {
    exact: new Map(all.filter(([name]) => !isWildcard(name))),
    patterns: all
      .filter(([name]) => isWildcard(name))
      .map(([name, value]) => ({ wildcard: createWildcard(name), value }))
      .toSorted((one, other) => compareWildcards(one.wildcard, other.wildcard)),
  };
}

function findTarget({ exact, patterns }: Table<string>, name: string): Omit<AliasHit, 'isOfKey'> | undefined {
  const target = exact.get(name);
  if (target !== undefined) return { alias: name, target };
  for (const { wildcard, value } of patterns) {
    const taken = wildcard.match(name);
    if (taken !== undefined) return { alias: wildcard.text, target: fillWildcard(value, taken) };
  }
  return undefined;
}
