// A tester of routes in memory: it follows the rules as a person reads them, in a few lines, over the fake's accounts and models.
import {
  DEFAULT_ROUTING,
  type PathStep,
  type RouteAnswer,
  type RouteQuestion,
  type Routing,
} from '../../shared/routing.ts';
import type { AccountView, ModelView } from '../../shared/views.ts';

/** What the tester looks at. */
export interface RouteWorld {
  readonly settings: { readonly routing: Routing };
  readonly accounts: readonly AccountView[];
  readonly models: readonly ModelView[];
}

type Way = { readonly name: string; readonly steps: PathStep[] };

/** What a gateway with these accounts, models and rules would do. */
export function testFakeRoute(world: RouteWorld, question: RouteQuestion): RouteAnswer {
  const routing = question.routing ?? world.settings.routing;
  const { name, steps } = followRules(world, routing, question);
  const asked = findMembers(world, name);
  const next = asked.length === 0 ? unknownOf(routing, question.key) : undefined;
  if (asked.length === 0 && next === null)
    return { steps, candidates: [], problem: `No account offers a model called “${name}”.`, isUnknown: true };
  if (typeof next === 'string') steps.push({ kind: 'rule', text: `Nobody knows ${name}, so ${next} answers.` });
  const first = typeof next === 'string' ? next : name;
  const chain = [first, ...(findRule(routing.fallbacks, first)?.[1] ?? [])];
  const stages = chain.map((one) => ({ name: one, members: findMembers(world, one) }));
  const candidates = stages.flatMap((stage, index) => {
    if (index > 0)
      steps.push({ kind: 'rule', text: `Where ${chain[index - 1]} cannot be served, ${stage.name} is asked.` });
    if (stage.members.length === 0) steps.push({ kind: 'skipped', text: `No account offers ${stage.name} now.` });
    const able = stage.members.filter((model) => isAble(model, question.needs, steps));
    const open = able.filter((model) => !isShut(world, model, steps));
    return open.map((model) => stand(world, model)).sort((one, other) => LATE[one.standing] - LATE[other.standing]);
  });
  const problem = candidates.length === 0 ? `No model that can do this is left for “${question.model}”.` : undefined;
  return { steps, candidates, ...(problem === undefined ? {} : { problem }) };
}

function followRules(world: RouteWorld, routing: Routing, { model, key }: RouteQuestion): Way {
  const steps: PathStep[] = [];
  const own = findRule(routing.clients[key ?? '']?.aliases ?? {}, model);
  const alias = own ?? findRule(routing.aliases, model);
  let name = model;
  if (alias !== undefined) {
    name = alias[1];
    const whose = own === undefined ? 'The rule' : `For ${key}, the rule`;
    steps.push({ kind: 'rule', text: `${whose} “${alias[0]}” leads to ${name}.` });
  }
  const suffix = /^(.+)\((\w+)\)$/.exec(name);
  if (routing.thinkingSuffixes && suffix !== null && findMembers(world, name).length === 0) {
    name = suffix[1] ?? name;
    steps.push({ kind: 'rule', text: `“(${suffix[2]})” asks ${name} to think so much.` });
  }
  return { name, steps };
}

function unknownOf(routing: Routing, key: string | undefined): string | null {
  const own = routing.clients[key ?? '']?.unknownModel;
  return own === undefined ? routing.unknownModel : own;
}

function findRule<Value>(rules: Readonly<Record<string, Value>>, name: string): [string, Value] | undefined {
  return Object.entries(rules)
    .filter(([pattern]) => fits(pattern, name))
    .sort(([one], [other]) => Number(one.includes('*')) - Number(other.includes('*')) || other.length - one.length)[0];
}

function fits(pattern: string, name: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(name);
}

function findMembers({ models }: RouteWorld, name: string): ModelView[] {
  return models.filter(({ id, names = [], account, provider }) =>
    [id, ...names, `${account}/${id}`, `${provider}/${names[0] ?? id}`].includes(name),
  );
}

function isAble(model: ModelView, needs: RouteQuestion['needs'], steps: PathStep[]): boolean {
  const lacks = (['tools', 'images'] as const).find((need) => needs?.[need] === true && model[need] !== true);
  if (lacks === undefined) return true;
  const text = `${model.names?.[0] ?? model.id} of ${model.accountName} ${lacks === 'tools' ? 'calls no tools' : 'sees no images'}.`;
  steps.push({ kind: 'skipped', text, account: model.account, model: model.id });
  return false;
}

/** Who rests by hand, or until a time that the upstream named, is not asked at all. */
function isShut({ accounts }: RouteWorld, { account, accountName, names, id }: ModelView, steps: PathStep[]): boolean {
  const rest = accounts
    .find((one) => one.id === account)
    ?.rests.find(
      ({ cause, model = names?.[0] ?? id }) =>
        cause !== 'failed' && cause !== 'guessed' && model === (names?.[0] ?? id),
    );
  if (rest === undefined) return false;
  steps.push({ kind: 'skipped', text: `${accountName} was passed over. It rests: ${rest.text}`, account, model: id });
  return true;
}

function stand({ accounts, settings }: RouteWorld, model: ModelView): RouteAnswer['candidates'][number] {
  const account = accounts.find(({ id }) => id === model.account);
  const rest = account?.rests.find((one) => one.model === undefined || one.model === (model.names?.[0] ?? model.id));
  const { concurrency } = settings.routing.accounts[model.account] ?? { concurrency: 0 };
  const isFull = concurrency > 0 && (account?.running ?? 0) >= concurrency;
  const standing = rest?.cause === 'failed' ? 'failed' : rest !== undefined ? 'resting' : isFull ? 'busy' : 'ready';
  const { strategy } = settings.routing.pools[model.provider] ?? DEFAULT_POOL;
  const text =
    rest?.text ??
    (isFull ? 'All its places are taken.' : strategy === 'failover' ? 'The first that can serve.' : 'Its turn.');
  const { accountName, provider } = model;
  return { account: model.account, accountName, provider, model: model.names?.[0] ?? model.id, standing, text };
}

/** Who is asked later than others. */
const LATE = { ready: 0, busy: 1, failed: 2, resting: 3 };

const DEFAULT_POOL = { strategy: 'failover', sticky: true } as const;

/** Rules as somebody has who has lived with them for a while. */
export const ROUTING: Routing = {
  ...DEFAULT_ROUTING,
  aliases: { 'gpt-4o': 'kimi-k3', 'gpt-*': 'kimi-k2.6', 'claude-3-5-sonnet-latest': 'claude-sonnet-5' },
  clients: { Cursor: { aliases: { 'gpt-4o': 'claude-sonnet-5' }, unknownModel: 'kimi-k3' } },
  hidden: ['moonshot-*'],
  fallbacks: { 'kimi-k3': ['claude-sonnet-5', 'kimi-k2.6'] },
};
