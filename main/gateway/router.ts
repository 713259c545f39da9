// Turns the model name that a client asked for into the accounts that may serve it, in stages, by the person's rules and by
// what the accounts offer. Knows nothing of who rests or has failed: that is the pool's.
import type { Routing } from '../../shared/routing.ts';
import { isWildcard } from '../../shared/wildcard.ts';
import type { AccountBook } from '../credentials/account-book.ts';
import { guardAgents } from './agent-route.ts';
import type { ModelCatalog } from './model-catalog.ts';
import { createModelLookup, type Found } from './model-lookup.ts';
import { arrangeStages, type Leg, listNamesOf } from './plan-stages.ts';
import { refuseUnknown } from './refuse-unknown.ts';
import type { Asking, Candidate, RoutePlan } from './route-plan.ts';
import {
  tellAlias,
  tellFallback,
  tellFound,
  tellNobody,
  tellOwnFallback,
  tellSuffix,
  tellUnknown,
} from './route-words.ts';
import { type AliasHit, type RoutingRules, readRules } from './routing-rules.ts';
import { readThinkingSuffix, type ThinkingSuffix } from './thinking-suffix.ts';

/** The way from names to candidates. */
export interface Router {
  /**
   * Who may serve what is asked for, and why. Throws `GatewayError` (`not-found`, `forbidden`) where nobody may. `routing` takes
   * the place of the rules that hold.
   */
  plan(asking: Asking, routing?: Routing): Promise<RoutePlan>;
}

/** Says why nobody answers to a name that no account offers, where more is known of it than that. */
export type ExplainName = (name: string) => string | undefined;

/** Whether a client key may use a model that goes by any of these names, the name that was asked for included. */
export type AllowsModel = (key: string | undefined, names: readonly string[]) => boolean;

/** What a router is made of. */
export interface RouterServices {
  readonly accounts: AccountBook;
  readonly catalog: ModelCatalog;
  readonly explain: ExplainName;
  /** The rules that hold, read at each request. The same rules should be the same object: they are made ready once for each. */
  readonly routing: () => Routing;
  /** Absent where every key may use every model. */
  readonly allows?: AllowsModel;
}

/** A name after its aliases. */
interface Renamed {
  readonly target: string;
  readonly hit: AliasHit | undefined;
  /** The ending that was taken off before the alias was found. */
  readonly suffix: ThinkingSuffix | undefined;
}

/** A router over the accounts and what they offer. */
export function createRouter(services: RouterServices): Router {
  const { accounts, catalog, explain, allows } = services;
  const lookup = createModelLookup(accounts, catalog);

  /** An ending for thinking counts before a pattern that would swallow it. */
  const rename = async ({ model, key }: Asking, rules: RoutingRules): Promise<Renamed> => {
    const hit = rules.findAlias(model, key);
    const whole = { target: hit?.target ?? model, hit, suffix: undefined };
    if (!rules.thinkingSuffixes || hit?.alias === model) return whole;
    const suffix = readThinkingSuffix(model);
    if (suffix === undefined) return whole;
    const bare = rules.findAlias(suffix.name, key);
    if (bare === undefined || (await lookup.isOffered(model))) return whole;
    return { target: bare.target, hit: bare, suffix };
  };

  const listFallbacks = async (names: readonly string[], rules: RoutingRules, prefix?: string): Promise<Leg[]> => {
    const rule = rules.findFallbacks(names, prefix);
    if (rule === undefined) return [];
    return Promise.all(
      rule.targets.map(async (target) => {
        const found = await lookup.find(target, false, true);
        return { found, steps: [found === undefined ? tellNobody(target) : tellFallback(rule.rule, target)] };
      }),
    );
  };

  /** What the rules have for names that nobody knows. */
  const findUnknown = async (name: string, key: string | undefined, rules: RoutingRules): Promise<Leg | undefined> => {
    const target = rules.readUnknownModel(key);
    if (target === null) return undefined;
    if (target === undefined) {
      const members = catalog.fallbacks().map((account) => ({ account, model: name }));
      return members.length === 0 ? undefined : { found: { name, members }, steps: [tellOwnFallback(name, members)] };
    }
    const found = await lookup.find(target, rules.thinkingSuffixes, true);
    if (found === undefined) return { found, steps: [tellNobody(target)] };
    const suffix = (rules.thinkingSuffixes ? readThinkingSuffix(name) : undefined) ?? found.suffix;
    return { found: { ...found, suffix }, steps: [tellUnknown(name, target)] };
  };

  const planPlain = async ({ model, key }: Asking): Promise<RoutePlan> => {
    const found = await lookup.find(model, false);
    if (found === undefined) throw refuseUnknown(model, { catalog, explain, aliases: [], allows, key });
    return { stages: [{ name: found.name, members: found.members }], steps: [] };
  };

  /** Who may use some models only waits for the list of an account that is asked by name: it tells which model that is. */
  const findTarget = async (
    target: string,
    { model, key }: Asking,
    rules: RoutingRules,
  ): Promise<Found | undefined> => {
    const found = await lookup.find(target, rules.thinkingSuffixes);
    const isOpen = (member: Candidate) => allows?.(key, [model, ...listNamesOf(member)]) ?? true;
    if (found?.prefix === undefined || found.members.every((member) => member.info !== undefined || isOpen(member)))
      return found;
    return lookup.find(target, rules.thinkingSuffixes, true);
  };

  const plan = async (asking: Asking, rules: RoutingRules): Promise<RoutePlan> => {
    const { model, key } = asking;
    const { target, hit, suffix } = await rename(asking, rules);
    const steps = hit === undefined ? [] : [tellAlias(hit, key)];
    const found = await findTarget(target, asking, rules);
    const start = { found, steps };
    // An alias that is written out stands for its whole way; what else a client may think of does not.
    const isElsewhere = hit === undefined || isWildcard(hit.alias);
    const lead = (leg: Leg): Leg => ({ ...leg, isElsewhere });
    const names = listNames(found, target, suffix?.name ?? model);
    const fallbacks = (await listFallbacks(names, rules, found?.prefix)).map(lead);
    if (found !== undefined) {
      // Models are compared by what they can do, so what is known of each has to be there.
      const isCompared = fallbacks.length > 0 && found.prefix !== undefined;
      const known = isCompared ? await lookup.find(target, rules.thinkingSuffixes, true) : found;
      return finish(asking, [{ ...start, found: known }, ...fallbacks], suffix);
    }
    const passed = { found, steps: [...steps, tellNobody(target)] };
    if (fallbacks.some((leg) => leg.found !== undefined))
      return { ...finish(asking, [passed, ...fallbacks], suffix), isUnknown: true };
    const unknown = await findUnknown(target, key, rules);
    if (unknown?.found === undefined)
      throw refuseUnknown(target, {
        catalog,
        explain,
        aliases: rules.listAliases(key),
        alias: hit?.alias,
        allows,
        key,
      });
    const { name, prefix } = unknown.found;
    const further = (await listFallbacks([name], rules, prefix)).map(lead);
    const legs = [{ found, steps }, ...fallbacks, lead(unknown), ...further];
    return { ...finish(asking, legs, suffix), isUnknown: true };
  };

  const finish = (asking: Asking, legs: readonly Leg[], asked: ThinkingSuffix | undefined): RoutePlan => {
    const start = legs.find((leg) => leg.found !== undefined)?.found;
    const suffix = asked ?? start?.suffix;
    const told = legs.map((leg) =>
      leg.found === start && start !== undefined
        ? { ...leg, steps: [...leg.steps, ...tellFound(start), ...(suffix === undefined ? [] : [tellSuffix(suffix)])] }
        : leg,
    );
    const arranged = arrangeStages(told, asking, allows);
    return suffix === undefined ? arranged : { ...arranged, reasoning: suffix.reasoning };
  };

  return {
    plan: async (asking, routing = services.routing()) =>
      guardAgents(await (asking.isPlain ? planPlain(asking) : plan(asking, readRules(routing))), asking.model),
  };
}

/** The names whose fallbacks count, the one that was found first. */
function listNames(found: Found | undefined, target: string, asked: string): readonly string[] {
  return [...new Set([found?.name ?? target, target, asked])];
}
