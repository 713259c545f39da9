// Turns the model name that a client asked for into the account that serves it and the upstream's own name.
import { GatewayError } from '../canonical/errors.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import type { ModelCatalog } from './model-catalog.ts';
import type { Asking, Candidate, RoutePlan } from './route-plan.ts';

/** The way from names to candidates. */
export interface Router {
  /** Who may serve what is asked for, and why. Throws `GatewayError` (`not-found`, `forbidden`) where nobody may. */
  plan(asking: Asking): Promise<RoutePlan>;
}

/** Says why nobody answers to a name that no account offers, where more is known of it than that. */
export type ExplainName = (name: string) => string | undefined;

/** Whether the client key of this name may use a model that any of `names` stands for. */
export type AllowsModel = (key: string | undefined, names: readonly string[]) => boolean;

/** A router over the accounts and what they offer. */
export function createRouter(
  accounts: AccountBook,
  catalog: ModelCatalog,
  explain: ExplainName,
  allows: AllowsModel = () => true,
): Router {
  /** `ACCOUNT/name` and `PROVIDER/name` pass any name on: the upstream knows best what it has. */
  const routePrefixed = async (name: string): Promise<Candidate[]> => {
    const slash = name.indexOf('/');
    if (slash <= 0) return [];
    const prefix = name.slice(0, slash);
    const model = name.slice(slash + 1);
    if (model === '') return [];
    const account = accounts.find(prefix);
    if (account !== undefined) return [{ account, model }];
    const ofProvider = accounts.list().filter(({ provider }) => provider === prefix);
    if (ofProvider.length < 2) return ofProvider.map((only) => ({ account: only, model }));
    const offering = new Set((await catalog.find(model)).map((entry) => entry.account));
    return ofProvider
      .toSorted((one, other) => Number(offering.has(other)) - Number(offering.has(one)))
      .map((each) => ({ account: each, model }));
  };

  const route = async (name: string): Promise<readonly Candidate[]> => {
    const prefixed = await routePrefixed(name);
    if (prefixed.length > 0) return prefixed;
    const entries = await catalog.find(name);
    if (entries.length === 1) return entries.map(({ account, info }) => ({ account, model: info.id }));
    if (entries.length > 1)
      throw refuseAmbiguous(
        name,
        entries.map(({ account }) => account.id),
      );
    // The provider reads the spelling itself: there may be more in it than the name.
    const meant = catalog.recognise(name).map(({ account }) => ({ account, model: name }));
    if (meant.length === 1) return meant;
    if (meant.length > 1)
      throw refuseAmbiguous(
        name,
        meant.map(({ account }) => account.id),
      );
    const instead = catalog.fallbacks().map((account) => ({ account, model: name }));
    if (instead.length === 1) return instead;
    throw refuseUnknown(name, catalog, explain(name));
  };
  return {
    plan: async ({ model, key }) => {
      const members = await route(model);
      if (key !== undefined && !allows(key, [model, ...members.map((member) => member.model)]))
        throw new GatewayError('forbidden', `The client key "${key}" may not use the model "${model}".`, {
          param: 'model',
        });
      return { stages: [{ name: model, members }], steps: [] };
    },
  };
}

function refuseAmbiguous(name: string, accountIds: readonly string[]): GatewayError {
  const names = accountIds.map((id) => `${id}/${name}`).join(' or ');
  return new GatewayError('not-found', `Several accounts offer the model "${name}". Ask for ${names}.`, {
    param: 'model',
  });
}

function refuseUnknown(name: string, catalog: ModelCatalog, why: string | undefined): GatewayError {
  const known = catalog.suggest(name);
  // One of them may well have it.
  const failed = catalog.failures().map(({ account, text }) => ` The account ${account} could not be asked: ${text}`);
  const hint =
    known.length === 0 ? 'No account offers any model yet.' : `Known are, among others: ${known.join(', ')}.`;
  const words = why ?? `No account offers the model "${name}". ${hint}`;
  return new GatewayError('not-found', `${words}${failed.join('')}`, {
    param: 'model',
  });
}
