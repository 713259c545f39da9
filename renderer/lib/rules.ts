// The rules of routing as a list of single rules, which a person reads, adds, changes and takes away. Pure functions; what a
// rule then does is the gateway's business.

import type { AttemptRules, Routing } from '../../shared/routing.ts';
import { createNameMatcher } from '../../shared/wildcard.ts';
import { formatDuration } from './format.ts';
import type { useTexts } from './i18n.ts';

type Texts = ReturnType<typeof useTexts>;

/** One rule. `client` is the name of the client key that it is for; undefined for everybody. */
export type Rule =
  | { readonly kind: 'alias'; readonly client: string | undefined; readonly name: string; readonly model: string }
  | { readonly kind: 'unknown'; readonly client: string | undefined; readonly model: string | null }
  | { readonly kind: 'fallback'; readonly name: string; readonly models: readonly string[] }
  | { readonly kind: 'hidden'; readonly pattern: string }
  | { readonly kind: 'thinking'; readonly on: boolean }
  | ({ readonly kind: 'attempts' } & AttemptRules);

/** What kinds of rules there are. */
export type RuleKind = Rule['kind'];

/** Those of which there may be any number. */
export type AddableKind = Exclude<RuleKind, 'thinking' | 'attempts'>;

/** Every rule, kind by kind in the order in which they act. The ones that can be set but not taken away are always there. */
export function listRules(routing: Routing): Rule[] {
  const clients = Object.entries(routing.clients);
  const aliases = (table: Readonly<Record<string, string>>, client?: string): Rule[] =>
    Object.keys(table)
      .sort(comparePatterns)
      .map((name) => ({ kind: 'alias', client, name, model: table[name] ?? '' }));
  return [
    ...clients.flatMap(([client, rules]) => aliases(rules.aliases, client)),
    ...aliases(routing.aliases),
    { kind: 'thinking', on: routing.thinkingSuffixes },
    ...clients.flatMap(([client, { unknownModel }]): Rule[] =>
      unknownModel === undefined ? [] : [{ kind: 'unknown', client, model: unknownModel }],
    ),
    { kind: 'unknown', client: undefined, model: routing.unknownModel },
    ...Object.keys(routing.fallbacks)
      .sort(comparePatterns)
      .map((name): Rule => ({ kind: 'fallback', name, models: routing.fallbacks[name] ?? [] })),
    ...routing.hidden.map((pattern): Rule => ({ kind: 'hidden', pattern })),
    { kind: 'attempts', ...routing.attempts },
  ];
}

/** A name of the rule among all rules, that stays while its model changes. */
export function ruleId(rule: Rule): string {
  switch (rule.kind) {
    case 'alias':
      return JSON.stringify(['alias', rule.client ?? null, rule.name]);
    case 'unknown':
      return JSON.stringify(['unknown', rule.client ?? null]);
    case 'fallback':
      return JSON.stringify(['fallback', rule.name]);
    case 'hidden':
      return JSON.stringify(['hidden', rule.pattern]);
    default:
      return JSON.stringify([rule.kind]);
  }
}

/** Whether it can be taken away. The others are always there and only change. */
export function canRemove(rule: Rule): boolean {
  if (rule.kind === 'unknown') return rule.client !== undefined;
  return rule.kind !== 'thinking' && rule.kind !== 'attempts';
}

/** The rules with this one, in the place of the one of the same id. */
export function putRule(routing: Routing, rule: Rule): Routing {
  switch (rule.kind) {
    case 'alias': {
      if (rule.client === undefined) return { ...routing, aliases: { ...routing.aliases, [rule.name]: rule.model } };
      const { aliases = {}, ...rest } = routing.clients[rule.client] ?? {};
      return putClient(routing, rule.client, { ...rest, aliases: { ...aliases, [rule.name]: rule.model } });
    }
    case 'unknown':
      if (rule.client === undefined) return { ...routing, unknownModel: rule.model };
      return putClient(routing, rule.client, {
        aliases: routing.clients[rule.client]?.aliases ?? {},
        unknownModel: rule.model,
      });
    case 'fallback':
      return { ...routing, fallbacks: { ...routing.fallbacks, [rule.name]: [...rule.models] } };
    case 'hidden':
      return { ...routing, hidden: [...routing.hidden.filter((one) => one !== rule.pattern), rule.pattern] };
    case 'thinking':
      return { ...routing, thinkingSuffixes: rule.on };
    case 'attempts': {
      const { most, retries, budgetMs, patienceMs } = rule;
      return { ...routing, attempts: { most, retries, budgetMs, patienceMs } };
    }
  }
}

/** The rules without this one. */
export function removeRule(routing: Routing, rule: Rule): Routing {
  switch (rule.kind) {
    case 'alias': {
      if (rule.client === undefined) return { ...routing, aliases: without(routing.aliases, rule.name) };
      const { aliases = {}, ...rest } = routing.clients[rule.client] ?? {};
      return putClient(routing, rule.client, { ...rest, aliases: without(aliases, rule.name) });
    }
    case 'unknown':
      if (rule.client === undefined) return routing;
      return putClient(routing, rule.client, { aliases: routing.clients[rule.client]?.aliases ?? {} });
    case 'fallback':
      return { ...routing, fallbacks: without(routing.fallbacks, rule.name) };
    case 'hidden':
      return { ...routing, hidden: routing.hidden.filter((one) => one !== rule.pattern) };
    default:
      return routing;
  }
}

/** A client for which no rule is left leaves the list. */
function putClient(routing: Routing, client: string, rules: Routing['clients'][string]): Routing {
  const isEmpty = Object.keys(rules.aliases).length === 0 && rules.unknownModel === undefined;
  const clients = without(routing.clients, client);
  return { ...routing, clients: isEmpty ? clients : { ...routing.clients, [client]: rules } };
}

function without<Value>(table: Readonly<Record<string, Value>>, name: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(table).filter(([one]) => one !== name));
}

/** A piece of a rule's line: words, or a name that stands in it. */
export interface RulePart {
  readonly text: string;
  readonly isName: boolean;
}

const [OPEN, CLOSE] = ['\uE000', '\uE001'];

/** The rule in one line, with its names marked. */
export function tellRule(rule: Rule, t: Texts): RulePart[] {
  const line = writeLine(rule, t, (name) => `${OPEN}${name}${CLOSE}`);
  return line.split(OPEN).flatMap((piece, index) => {
    if (index === 0) return piece === '' ? [] : [{ text: piece, isName: false }];
    const [name = '', words = ''] = piece.split(CLOSE);
    return [{ text: name, isName: true }, ...(words === '' ? [] : [{ text: words, isName: false }])];
  });
}

/** The rule in one plain line. */
export function writeRule(rule: Rule, t: Texts): string {
  return writeLine(rule, t, (name) => name);
}

function writeLine(rule: Rule, t: Texts, mark: (name: string) => string): string {
  switch (rule.kind) {
    case 'alias': {
      const names = { name: mark(rule.name), model: mark(rule.model) };
      return rule.client === undefined
        ? t('rules.line.alias', names)
        : t('rules.line.aliasOf', { ...names, client: mark(rule.client) });
    }
    case 'unknown': {
      const names = { model: mark(rule.model ?? ''), client: mark(rule.client ?? '') };
      if (rule.client === undefined) return t(rule.model === null ? 'rules.line.refused' : 'rules.line.unknown', names);
      return t(rule.model === null ? 'rules.line.refusedOf' : 'rules.line.unknownOf', names);
    }
    case 'fallback':
      return t('rules.line.fallback', {
        name: mark(rule.name),
        models: rule.models.map(mark).join(t('rules.line.then')),
      });
    case 'hidden':
      return t('rules.line.hidden', { name: mark(rule.pattern) });
    case 'thinking':
      return t(rule.on ? 'rules.line.thinking' : 'rules.line.thinkingOff');
    case 'attempts':
      return [
        t('rules.line.attempts', { count: rule.most, time: formatDuration(rule.budgetMs).replace(/ 00 s$/, '') }),
        t('rules.line.retries', { count: rule.retries }),
      ].join(' ');
  }
}

/** Whether the name is one that the pattern takes in. */
export function fitsPattern(pattern: string, name: string): boolean {
  return createNameMatcher([pattern])(name);
}

/** The more exact one first: a whole name before a pattern, a pattern with more characters of its own before one with fewer. */
function comparePatterns(one: string, other: string): number {
  const weigh = (pattern: string) => (pattern.includes('*') ? pattern.replaceAll('*', '').length : 1_000);
  return weigh(other) - weigh(one);
}
