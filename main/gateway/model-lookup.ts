// Who serves a name, without any rule of the person's: names as accounts offer them, with or without an account or a provider
// before them, in a spelling that a provider knows, with a wish for thinking behind them.
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { CatalogEntry, ModelCatalog } from './model-catalog.ts';
import type { Candidate } from './route-plan.ts';
import { readThinkingSuffix, type ThinkingSuffix } from './thinking-suffix.ts';

/** Who serves a name. */
export interface Found {
  /** The name, without its ending for thinking. */
  readonly name: string;
  /** The account or provider that the name is narrowed to; undefined where it is not. */
  readonly prefix?: string;
  /** At least one; in the order of the accounts. */
  readonly members: readonly Candidate[];
  /** The ending that was taken off. */
  readonly suffix?: ThinkingSuffix;
  /** What the name is another spelling of, in the provider's words; undefined where it is the name itself. */
  readonly spellingOf?: string;
}

/** Finds names. */
export interface ModelLookup {
  /**
   * Undefined where nobody serves it. `suffixes` tells whether an ending may ask for thinking, `isCompared` that what is known
   * of the model decides: an account that is named is then waited for, too.
   */
  find(name: string, suffixes: boolean, isCompared?: boolean): Promise<Found | undefined>;
  /** Whether an account lists a model of exactly this name, prefix apart. */
  isOffered(name: string): Promise<boolean>;
}

/** What is before the first slash, where that is an account or a provider. */
interface Prefixed {
  readonly prefix: string;
  readonly model: string;
  readonly group: readonly Account[];
}

/** A look-up over the accounts and what they offer. */
export function createModelLookup(accounts: AccountBook, catalog: ModelCatalog): ModelLookup {
  const readPrefix = (name: string): Prefixed | undefined => {
    const slash = name.indexOf('/');
    if (slash <= 0 || slash === name.length - 1) return undefined;
    const prefix = name.slice(0, slash);
    const model = name.slice(slash + 1);
    const account = accounts.find(prefix);
    const group = account === undefined ? accounts.list().filter(({ provider }) => provider === prefix) : [account];
    return group.length === 0 ? undefined : { prefix, model, group };
  };

  const offer = async ({ model, group }: Prefixed) =>
    (await catalog.find(model, group)).filter(({ account }) => group.includes(account));

  /** Passes any name on: the upstream knows best what it has. */
  const findNarrowed = async ({ prefix, model, group }: Prefixed, isCompared: boolean): Promise<Found> => {
    const name = `${prefix}/${model}`;
    // A single account is asked whatever it lists, so nobody waits for its list.
    const entries = group.length === 1 && !isCompared ? catalog.peek(model) : await catalog.find(model, group);
    const offering = entries.filter(({ account }) => group.includes(account));
    if (offering.length > 0) return { name, prefix, members: offering.map(readMember) };
    const meant = catalog.recognise(model).filter(({ account }) => group.includes(account));
    if (meant.length > 0) return { name, prefix, members: keepSpelling(meant, model), spellingOf: nameAll(meant) };
    return { name, prefix, members: group.map((account) => ({ account, model })) };
  };

  const findPrefixed = async (prefixed: Prefixed, suffixes: boolean, isCompared: boolean): Promise<Found> => {
    const suffix = suffixes ? readThinkingSuffix(prefixed.model) : undefined;
    if (suffix === undefined || (await offer(prefixed)).length > 0) return findNarrowed(prefixed, isCompared);
    return { ...(await findNarrowed({ ...prefixed, model: suffix.name }, isCompared)), suffix };
  };

  const findSpelling = (name: string): Found | undefined => {
    const meant = catalog.recognise(name);
    return meant.length === 0 ? undefined : { name, members: keepSpelling(meant, name), spellingOf: nameAll(meant) };
  };

  return {
    find: async (name, suffixes, isCompared = false) => {
      const prefixed = readPrefix(name);
      if (prefixed !== undefined) return findPrefixed(prefixed, suffixes, isCompared);
      const entries = await catalog.find(name);
      if (entries.length > 0) return { name, members: entries.map(readMember) };
      const suffix = suffixes ? readThinkingSuffix(name) : undefined;
      const bare = suffix === undefined ? [] : await catalog.find(suffix.name);
      if (suffix !== undefined && bare.length > 0) return { name: suffix.name, members: bare.map(readMember), suffix };
      const spelled = findSpelling(name);
      if (spelled !== undefined || suffix === undefined) return spelled;
      const bareSpelled = findSpelling(suffix.name);
      return bareSpelled === undefined ? undefined : { ...bareSpelled, suffix };
    },
    isOffered: async (name) => {
      const prefixed = readPrefix(name);
      return (prefixed === undefined ? await catalog.find(name) : await offer(prefixed)).length > 0;
    },
  };
}

function readMember({ account, info }: CatalogEntry): Candidate {
  return { account, model: info.id, info };
}

/** The provider reads the spelling itself: there may be more in it than the name. */
function keepSpelling(entries: readonly CatalogEntry[], model: string): Candidate[] {
  return entries.map(({ account, info }) => ({ account, model, info }));
}

function nameAll(entries: readonly CatalogEntry[]): string {
  return [...new Set(entries.map(({ info }) => `"${info.id}"`))].join(' and ');
}
