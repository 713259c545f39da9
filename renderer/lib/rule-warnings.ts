// What is wrong with a rule that the schema lets pass: it leads to a name that nobody offers, or it can never act.
import type { Routing } from '../../shared/routing.ts';
import type { ModelView } from '../../shared/views.ts';
import type { useTexts } from './i18n.ts';
import { fitsPattern, type Rule } from './rules.ts';

type Texts = ReturnType<typeof useTexts>;

/** What rules are compared with. */
export interface RuleWorld {
  readonly routing: Routing;
  /** Undefined until they are known: then nobody is blamed for leading nowhere. */
  readonly models: readonly ModelView[] | undefined;
  /** Names of the client keys. */
  readonly keys: readonly string[];
}

/** Tells what is wrong with a rule of that world, in sentences. */
export function createRuleWarner(world: RuleWorld, t: Texts): (rule: Rule) => string[] {
  const isOffered = createOffer(world);
  const leadsNowhere = (model: string) => (isOffered(model) ? [] : [t('rules.warning.nowhere', { model })]);
  const strangers = (client: string | undefined) =>
    client === undefined || world.keys.includes(client) ? [] : [t('rules.warning.noKey', { client })];
  return (rule) => {
    switch (rule.kind) {
      case 'alias':
        return [
          ...strangers(rule.client),
          ...(rule.name === rule.model ? [t('rules.warning.itself')] : leadsNowhere(rule.model)),
          ...findTwin(rule, world, t),
        ];
      case 'unknown':
        return [
          ...strangers(rule.client),
          ...(rule.model === null ? [] : leadsNowhere(rule.model)),
          ...(rule.model !== null && takesAll(world, rule.client) ? [t('rules.warning.allTaken')] : []),
        ];
      case 'fallback':
        return [
          ...(isOffered(rule.name) || isAlias(rule.name, world)
            ? []
            : [t('rules.warning.neverAsked', { model: rule.name })]),
          ...(rule.models.includes(rule.name) ? [t('rules.warning.fallsOnItself', { model: rule.name })] : []),
          ...rule.models.filter((model) => model !== rule.name).flatMap(leadsNowhere),
        ];
      case 'hidden':
        return world.models === undefined || world.models.some((model) => isHiddenBy(rule.pattern, model))
          ? []
          : [t('rules.warning.hidesNothing')];
      default:
        return [];
    }
  };
}

/** Another rule of the same reach that is asked first, or a rule for all that says the same already. */
function findTwin(rule: Extract<Rule, { kind: 'alias' }>, { routing }: RuleWorld, t: Texts): string[] {
  const own = rule.client === undefined ? routing.aliases : (routing.clients[rule.client]?.aliases ?? {});
  const slim = (name: string) => name.replace(/\*+/g, '*');
  const twin = Object.keys(own).find((name) => name !== rule.name && slim(name) === slim(rule.name));
  if (twin !== undefined) return [t('rules.warning.twin', { name: twin })];
  return rule.client !== undefined && routing.aliases[rule.name] === rule.model ? [t('rules.warning.same')] : [];
}

/** Whether the pattern takes in one of the names that lists show the model by. */
export function isHiddenBy(pattern: string, { id, names = [] }: ModelView): boolean {
  return [id, ...names].some((name) => fitsPattern(pattern, name));
}

function isAlias(name: string, { routing }: RuleWorld): boolean {
  const tables = [routing, ...Object.values(routing.clients)];
  return tables.some(({ aliases }) => Object.keys(aliases).some((alias) => fitsPattern(alias, name)));
}

function takesAll({ routing }: RuleWorld, client: string | undefined): boolean {
  const own = client === undefined ? {} : (routing.clients[client]?.aliases ?? {});
  return [...Object.keys(own), ...Object.keys(routing.aliases)].some((name) => /^\*+$/.test(name));
}

/** A thinking suffix, as it may stand behind a name that is offered. */
const SUFFIX = /(\([^()]+\)|:[^:/]+)$/;

/** Says whether an account offers a model of that name. What a rule leads to is not looked up among the rules again. */
function createOffer({ models, routing }: RuleWorld): (name: string) => boolean {
  if (models === undefined) return () => true;
  const names = new Set(models.flatMap(listOwnNames));
  return (name) => {
    if (name.includes('*')) return [...names].some((one) => fitsPattern(name, one));
    return names.has(name) || (routing.thinkingSuffixes && names.has(name.replace(SUFFIX, '')));
  };
}

function listOwnNames({ id, names = [], account, provider }: ModelView): string[] {
  const plain = id.startsWith(`${account}/`) ? id.slice(account.length + 1) : id;
  return [id, plain, `${account}/${plain}`, `${provider}/${plain}`, ...names.filter((name) => name.endsWith(plain))];
}
