// The models of all accounts, asked from their upstreams and kept for a while. An account that cannot be asked never
// hides the models of the others.
import { GatewayError, readError } from '../canonical/errors.ts';
import type { ModelInfo } from '../canonical/models.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { Account } from '../credentials/credential.ts';
import type { Provider } from '../providers/provider.ts';
import { createListeners } from '../util/listeners.ts';
import { waitAtMost } from '../util/wait-at-most.ts';

/** One model of one account. */
export interface CatalogEntry {
  readonly account: Account;
  readonly info: ModelInfo;
}

/** What all accounts offer. */
export interface ModelCatalog {
  /** Every model of every account, and why some accounts have none. `refresh` asks all upstreams again. */
  list(refresh: boolean): Promise<{
    readonly entries: readonly CatalogEntry[];
    readonly failures: readonly { readonly account: string; readonly text: string }[];
  }>;
  /**
   * The accounts that offer a model of exactly this name; asks upstreams that were not asked yet. With `among`, nobody waits
   * for other accounts.
   */
  find(name: string, among?: readonly Account[]): Promise<readonly CatalogEntry[]>;
  /** The same of those whose models are known now; waits for nobody. */
  peek(name: string): readonly CatalogEntry[];
  /** The accounts that offer a model which this is another spelling of, among those that were asked. */
  recognise(name: string): readonly CatalogEntry[];
  /** The accounts that are set to answer for names which nobody knows. */
  fallbacks(): readonly Account[];
  /** The accounts whose models could not be listed when they were asked last, and why. */
  failures(): readonly { readonly account: string; readonly text: string }[];
  /** The names of all models that are known now. */
  listNames(): readonly string[];
  /** How many models an account offers; undefined where it was not asked yet. */
  count(accountId: string): number | undefined;
  /** Looks at the accounts anew: some have changed. */
  forget(): void;
  /**
   * Asks the accounts again whose models depend on this machine's projects; until then nobody is told of the old ones.
   * The others are not asked.
   */
  renew(): void;
  /** Calls back when the models of some account have become known or have changed. */
  onChange(listener: () => void): () => void;
}

/** What a catalog needs. */
export interface CatalogServices {
  readonly accounts: AccountBook;
  readonly providers: ReadonlyMap<string, Provider>;
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** How long a name that one account offers waits for accounts that have not told their models yet, in milliseconds. */
  readonly patienceMs?: number;
}

const FRESH_MS = 10 * 60_000;
const FAILED_FRESH_MS = 30_000;
const LIST_TIMEOUT_MS = 15_000;

interface Shelf {
  readonly account: Account;
  models: readonly ModelInfo[];
  error: GatewayError | undefined;
  /** When the upstream answered last; 0 when never. */
  at: number;
  pending: Promise<void> | undefined;
  /** It was waited for and has not answered yet. */
  isLate: boolean;
  /** Counts what the models depended on anew; what is held is of the edition `held`, what is asked for is of `asked`. */
  edition: number;
  held: number;
  asked: number;
}

/** A catalog that has asked nobody yet. */
export function createModelCatalog({
  accounts,
  providers,
  redact,
  now,
  patienceMs = 1_500,
}: CatalogServices): ModelCatalog {
  let shelves = new Map<string, Shelf>();
  let byName: Map<string, CatalogEntry[]> | undefined;
  const changed = createListeners();

  const ask = async (shelf: Shelf): Promise<void> => {
    const { account } = shelf;
    try {
      const provider = providers.get(account.provider);
      if (provider === undefined) throw new GatewayError('internal', `Unknown provider: ${account.provider}`);
      const credential = await accounts.openCredential(account.id);
      const models = await provider.listModels({ credential, signal: AbortSignal.timeout(LIST_TIMEOUT_MS) });
      shelf.models = models;
      shelf.error = undefined;
    } catch (error) {
      shelf.error = readError(error);
    }
    shelf.at = now();
    byName = undefined;
  };
  const refresh = (shelf: Shelf): Promise<void> => {
    if (shelf.pending !== undefined && shelf.asked === shelf.edition) return shelf.pending;
    const { edition } = shelf;
    shelf.asked = edition;
    const pending = (shelf.pending ?? Promise.resolve()).then(async () => {
      await ask(shelf);
      shelf.held = edition;
      if (shelf.pending === pending) shelf.pending = undefined;
      changed.tell();
    });
    shelf.pending = pending;
    return pending;
  };
  /** Whether these accounts, and no others, have their shelves, in the same order. */
  const isStocked = (list: readonly Account[]): boolean => {
    if (list.length !== shelves.size) return false;
    let at = 0;
    for (const { account } of shelves.values()) if (list[at++] !== account) return false;
    return true;
  };
  /** The shelf of every account; accounts that changed start anew. */
  const stock = (): Iterable<Shelf> => {
    const list = accounts.list();
    if (isStocked(list)) return shelves.values();
    const next = new Map<string, Shelf>();
    for (const account of list) {
      const known = shelves.get(account.id);
      const same = known?.account === account;
      next.set(account.id, same ? known : createShelf(account));
    }
    shelves = next;
    return next.values();
  };
  /** Waits for shelves that never answered; refreshes stale ones behind the reader's back. */
  const load = async (always: boolean, among?: readonly Account[]): Promise<void> => {
    const waits: Promise<void>[] = [];
    for (const shelf of stock()) {
      if (among !== undefined && !among.includes(shelf.account)) continue;
      const age = now() - shelf.at;
      const stale = age > (shelf.error === undefined ? FRESH_MS : FAILED_FRESH_MS);
      if (always || shelf.at === 0 || shelf.held !== shelf.edition) waits.push(refresh(shelf));
      else if (stale) void refresh(shelf);
    }
    if (waits.length > 0) await Promise.all(waits);
  };
  /** Of the shelves as they stand: those that somebody has waited for may be gone by now. */
  const index = (): Map<string, CatalogEntry[]> => {
    if (byName !== undefined) return byName;
    byName = new Map();
    for (const shelf of shelves.values()) {
      for (const info of mergeModels(shelf)) {
        const entries = byName.get(info.id);
        if (entries === undefined) byName.set(info.id, [{ account: shelf.account, info }]);
        else entries.push({ account: shelf.account, info });
      }
    }
    return byName;
  };

  const listFailures = () =>
    [...shelves.values()].flatMap(({ account, error }) =>
      error === undefined ? [] : [{ account: account.id, text: redact(error.message) }],
    );

  return {
    list: async (always) => {
      await load(always);
      stock();
      return { entries: [...index().values()].flat(), failures: listFailures() };
    },
    find: async (name, among) => {
      const isMeant = ({ account }: { readonly account: Account }) => among?.includes(account) ?? true;
      const find = () => index().get(name) ?? [];
      const loading = load(false, among);
      const known = byName?.get(name) ?? [];
      const isSettled = [...shelves.values()].every((shelf) => shelf.at !== 0 || shelf.isLate || !isMeant(shelf));
      if (isSettled && known.some(isMeant)) return known;
      await waitAtMost(patienceMs, loading);
      // Who has it is known: an upstream that does not answer must not hold up the requests of others.
      for (const shelf of shelves.values()) shelf.isLate ||= shelf.at === 0 && isMeant(shelf);
      if (find().some(isMeant)) return find();
      await loading;
      return find();
    },
    peek: (name) => {
      stock();
      return index().get(name) ?? [];
    },
    recognise: (name) =>
      [...shelves.values()].flatMap((shelf) => {
        const { account } = shelf;
        const models = mergeModels(shelf);
        const id = providers.get(account.provider)?.recognise?.(name, models);
        const info = models.find((model) => model.id === id);
        return info === undefined ? [] : [{ account, info }];
      }),
    fallbacks: () =>
      accounts.list().filter((account) => providers.get(account.provider)?.fallbackModel?.(account) !== undefined),
    failures: listFailures,
    listNames: () => [...(byName?.keys() ?? [])],
    count: (id) => {
      const shelf = shelves.get(id);
      return shelf === undefined || shelf.at === 0 ? undefined : mergeModels(shelf).length;
    },
    forget: () => {
      // Every request says something of its account's health, which is none of the lists' business.
      if (!isStocked(accounts.list())) byName = undefined;
    },
    renew: () => {
      const affected = [...shelves.values()].filter(
        ({ account }) => providers.get(account.provider)?.agent !== undefined,
      );
      for (const shelf of affected.filter(({ at, pending }) => at !== 0 || pending !== undefined)) {
        shelf.edition += 1;
        byName = undefined;
        void refresh(shelf);
      }
    },
    onChange: changed.add,
  };
}

function createShelf(account: Account): Shelf {
  return {
    account,
    models: [],
    error: undefined,
    at: 0,
    pending: undefined,
    isLate: false,
    edition: 0,
    held: 0,
    asked: 0,
  };
}

/** What the upstream lists and what the account adds, each name once: some upstreams list a model twice. */
function mergeModels({ account, models }: Shelf): readonly ModelInfo[] {
  const merged = new Map<string, ModelInfo>();
  for (const model of [...models, ...account.models.map((id) => ({ id }))]) {
    if (!merged.has(model.id)) merged.set(model.id, model);
  }
  return [...merged.values()];
}
