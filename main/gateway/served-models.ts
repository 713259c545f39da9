// The models as clients are shown them: every name once that can be served now, with what is known of those who serve it. Where
// a name leads is the router's word alone, so no list promises what the gateway does not do.
import type { Routing } from '../../shared/routing.ts';
import type { ModelInfo, ServedModel } from '../canonical/models.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import { mergeInfos } from './merge-infos.ts';
import type { CatalogEntry, ModelCatalog } from './model-catalog.ts';
import { listNamesOf } from './plan-stages.ts';
import type { Pool } from './pool.ts';
import type { Candidate, RoutePlan, Stage } from './route-plan.ts';
import type { Router } from './router.ts';
import { type RoutingRules, readRules } from './routing-rules.ts';

/** One model of one account, as the window shows it. */
export interface ModelRow extends ServedModel {
  /** No list for clients has it. */
  readonly isHidden: boolean;
  /** The names, besides those with a prefix, under which it is asked first or among others. */
  readonly names: readonly string[];
}

/** What clients can ask for. */
export interface ServedModels {
  /** Every name that a client with this key may ask for and that somebody can serve now, hidden ones left out. */
  list(key: string | undefined): Promise<readonly ServedModel[]>;
  /** What is known of any name that would be served, hidden ones and rules included. Throws like `Router.plan`. */
  find(model: string, key: string | undefined): Promise<ServedModel>;
  /** Every model of every account, and why some accounts have none. `refresh` asks all upstreams again. */
  listRows(refresh: boolean): Promise<{
    readonly models: readonly ModelRow[];
    readonly failures: readonly { readonly account: string; readonly text: string }[];
  }>;
}

/** What it is made of. */
export interface ServedModelsServices {
  readonly accounts: AccountBook;
  readonly catalog: ModelCatalog;
  readonly router: Router;
  readonly pool: Pick<Pool, 'listRests'>;
  /** The rules that hold. */
  readonly routing: () => Routing;
}

/** The models over the gateway's own rooms. */
export function createServedModels(services: ServedModelsServices): ServedModels {
  const { accounts, catalog, router, pool, routing } = services;

  /** A short rest leaves a model in the list: the menus of editors are read once and would miss it for hours. */
  const canServe = ({ account, model, info }: Candidate): boolean =>
    !pool
      .listRests(account.id)
      .some(
        (rest) =>
          (rest.cause === 'failed' || rest.cause === 'hand') &&
          (rest.model === undefined || rest.model === model || rest.model === info?.id),
      );

  const findAble = ({ stages }: RoutePlan): Stage | undefined => {
    for (const { name, members } of stages) {
      const able = members.filter(canServe);
      if (able.length > 0) return { name, members: able };
    }
    return undefined;
  };

  const isPrefix = (text: string) =>
    accounts.find(text) !== undefined || accounts.list().some(({ provider }) => provider === text);

  /** A name that begins like a prefix would be taken for one, so it is asked with another before it. */
  const isMistaken = (name: string) => name.includes('/') && isPrefix(name.slice(0, name.indexOf('/')));

  /** The names without aliases under which this model of theirs can be asked. */
  const nameModel = (name: string, entries: readonly CatalogEntry[]): readonly string[] => {
    const providers = [...new Set(entries.map(({ account }) => account.provider))];
    const prefixed = providers.map((id) => `${id}/${name}`);
    if (!isMistaken(name)) return providers.length > 1 ? [name, ...prefixed] : [name];
    return entries.length === 1 ? entries.map(({ account }) => `${account.id}/${name}`) : prefixed;
  };
  const nameAll = (entries: readonly CatalogEntry[]) => [...groupByName(entries)].flatMap((one) => nameModel(...one));

  const isHidden = ({ account, info }: CatalogEntry, rules: RoutingRules): boolean =>
    rules.isHidden(listNamesOf({ account, model: info.id }));

  const listNames = (entries: readonly CatalogEntry[], rules: RoutingRules, key: string | undefined) => {
    const shown = entries.filter((entry) => !isHidden(entry, rules));
    return [...new Set([...nameAll(shown), ...rules.listAliases(key)])].filter((name) => !rules.isHidden([name]));
  };

  const planAll = async (names: readonly string[], key: string | undefined) => {
    const planned = await Promise.all(
      names.map(async (name) => ({ name, plan: await router.plan({ model: name, key }).catch(() => undefined) })),
    );
    return planned.flatMap(({ name, plan }) => (plan === undefined ? [] : [{ name, plan }]));
  };

  return {
    list: async (key) => {
      const rules = readRules(routing());
      const { entries } = await catalog.list(false);
      const planned = await planAll(listNames(entries, rules, key), key);
      return planned.flatMap(({ name, plan }) => {
        const stage = findAble(plan);
        return stage === undefined ? [] : [describe(name, stage)];
      });
    },
    find: async (model, key) => {
      // A name behind an account is passed on before the account has told what it has.
      await catalog.list(false);
      const plan = await router.plan({ model, key });
      return describe(model, findAble(plan) ?? plan.stages[0]);
    },
    listRows: async (refresh) => {
      const rules = readRules(routing());
      const { entries, failures } = await catalog.list(refresh);
      const planned = await planAll([...new Set([...nameAll(entries), ...rules.listAliases(undefined)])], undefined);
      const names = new Map<string, string[]>();
      const alone = new Set<string>();
      for (const { name, plan } of planned) {
        const { members } = plan.stages[0];
        for (const { account, model, info } of members) {
          const place = nameRow(account.id, info?.id ?? model);
          names.set(place, [...(names.get(place) ?? []), name]);
          if (members.length === 1 && name === info?.id) alone.add(place);
        }
      }
      const models = entries.map((entry): ModelRow => {
        const { account, info } = entry;
        const place = nameRow(account.id, info.id);
        const id = alone.has(place) ? info.id : `${account.id}/${info.id}`;
        const row = { id, info, account: account.id, provider: account.provider };
        return { ...row, isHidden: isHidden(entry, rules), names: names.get(place) ?? [] };
      });
      return { models, failures };
    },
  };
}

function groupByName(entries: readonly CatalogEntry[]): ReadonlyMap<string, readonly CatalogEntry[]> {
  const groups = new Map<string, CatalogEntry[]>();
  for (const entry of entries) groups.set(entry.info.id, [...(groups.get(entry.info.id) ?? []), entry]);
  return groups;
}

function nameRow(account: string, model: string): string {
  return JSON.stringify([account, model]);
}

function describe(id: string, { members }: Stage): ServedModel {
  const [first] = members;
  const infos = members.map(({ model, info }): ModelInfo => info ?? { id: model });
  return { id, info: mergeInfos(infos), account: first?.account.id ?? '', provider: first?.account.provider ?? '' };
}
