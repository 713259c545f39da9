// Rules as single lines: read from the whole, put back into it, warned about.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { translate } from '../../../renderer/lib/i18n.ts';
import { createRuleWarner } from '../../../renderer/lib/rule-warnings.ts';
import {
  canRemove,
  fitsPattern,
  listRules,
  putRule,
  type Rule,
  removeRule,
  ruleId,
  tellRule,
  writeRule,
} from '../../../renderer/lib/rules.ts';
import { DEFAULT_ROUTING, type Routing } from '../../../shared/routing.ts';
import { KEYS, MODELS } from '../../support/fake-data.ts';
import { ROUTING } from '../../support/fake-routing.ts';

const Name = fc.stringMatching(/^[a-z*][a-z0-9/*-]{0,8}$/);

const AnyRouting: fc.Arbitrary<Routing> = fc.record({
  pools: fc.constant({}),
  accounts: fc.constant({}),
  aliases: fc.dictionary(Name, Name, { noNullPrototype: true }),
  clients: fc.dictionary(
    Name,
    fc.record({
      aliases: fc.dictionary(Name, Name, { minKeys: 1, noNullPrototype: true }),
      unknownModel: fc.option(Name),
    }),
    { noNullPrototype: true },
  ),
  hidden: fc.uniqueArray(Name),
  thinkingSuffixes: fc.boolean(),
  fallbacks: fc.dictionary(Name, fc.array(Name, { minLength: 1, maxLength: 3 }), { noNullPrototype: true }),
  unknownModel: fc.option(Name),
  attempts: fc.record({ most: fc.nat(), retries: fc.nat(), budgetMs: fc.nat(), patienceMs: fc.nat() }),
});

test('the list holds everything: put together again, its rules are the whole', () => {
  fc.assert(
    fc.property(AnyRouting, (routing) => {
      const again = listRules(routing).reduce(putRule, DEFAULT_ROUTING);
      expect(again).toEqual(routing);
    }),
  );
});

test('a rule that is taken away is gone, alone, and comes back as it was', () => {
  fc.assert(
    fc.property(AnyRouting, (routing) => {
      for (const rule of listRules(routing).filter(canRemove)) {
        const less = removeRule(routing, rule);
        const ids = (rules: Routing) => new Set(listRules(rules).map(ruleId));
        expect(ids(less)).toEqual(new Set([...ids(routing)].filter((id) => id !== ruleId(rule))));
        expect(ids(putRule(less, rule))).toEqual(ids(routing));
      }
    }),
    { numRuns: 30 },
  );
});

test('a whole name comes before patterns, the pattern with more of its own before the others', () => {
  const aliases = { '*': 'a', 'gpt-*': 'b', 'gpt-4*': 'c', 'gpt-4o': 'd' };
  const names = listRules({ ...DEFAULT_ROUTING, aliases }).flatMap((rule) =>
    rule.kind === 'alias' ? [rule.name] : [],
  );
  expect(names).toEqual(['gpt-4o', 'gpt-4*', 'gpt-*', '*']);
});

test('a * stands for any number of characters, and for nothing else', () => {
  const fitting = ['gpt-*', '*', '*-4o', 'g*t-*o', 'gpt-4o', 'gpt-4o*'];
  expect(fitting.filter((pattern) => !fitsPattern(pattern, 'gpt-4o'))).toEqual([]);
  const strangers = ['gpt-', 'gpt-4o*x', 'GPT-*', '*o*o', 'gpt.4o', ''];
  expect(strangers.filter((pattern) => fitsPattern(pattern, 'gpt-4o'))).toEqual([]);
});

test('each rule is one plain line, its names marked', () => {
  expect(listRules(ROUTING).map((rule) => writeRule(rule, translate))).toEqual([
    'gpt-4o is answered by claude-sonnet-5, for Cursor only',
    'gpt-4o is answered by kimi-k3',
    'claude-3-5-sonnet-latest is answered by claude-sonnet-5',
    'gpt-* is answered by kimi-k2.6',
    'NAME(high), NAME(8192) and NAME:high ask NAME to think so much',
    'For Cursor, names that nobody knows are answered by kimi-k3',
    'Names that nobody knows are refused',
    'Where kimi-k3 cannot be served, ask claude-sonnet-5, then kimi-k2.6',
    'moonshot-* is hidden',
    'A request is tried up to 10 times, for 10 min at most. Nobody is asked twice.',
  ]);
  const fallback: Rule = { kind: 'fallback', name: '<b>', models: ['a', '{{b}}'] };
  const names = tellRule(fallback, translate).flatMap(({ text, isName }) => (isName ? [text] : []));
  expect(names).toEqual(['<b>', 'a', '{{b}}']);
});

/** What is said of the rules of such a whole, but the silent ones. */
function warn(change: Partial<Routing>): string[] {
  const routing = { ...DEFAULT_ROUTING, ...change };
  const warner = createRuleWarner({ routing, models: MODELS, keys: KEYS.map(({ name }) => name) }, translate);
  return listRules(routing).flatMap(warner);
}

test('a rule that leads to what somebody offers is not warned about, however the name is written', () => {
  const aliases = {
    a: 'kimi-k3',
    b: 'kimi/kimi-k3',
    c: 'claude-code/claude-opus-4-8',
    d: 'kimi-k3(high)',
    e: 'kimi-k3:high',
    'g-*': 'kimi-*',
  };
  expect(warn({ aliases, fallbacks: { 'kimi-k3': ['echo'], a: ['echo'] }, hidden: ['moonshot-*'] })).toEqual([]);
});

test('a rule that leads nowhere or can never act says so', () => {
  expect(warn({ aliases: { a: 'gpt-5' } })).toEqual(['No account offers gpt-5 now.']);
  expect(warn({ aliases: { a: 'b', b: 'echo' } })).toEqual(['No account offers b now.']);
  expect(warn({ aliases: { a: 'a' } })).toEqual(['It leads to itself and changes nothing.']);
  expect(warn({ aliases: { 'a*': 'echo', 'a**': 'echo' } })).toHaveLength(2);
  expect(warn({ aliases: { '*': 'echo' }, unknownModel: 'echo' })).toEqual([
    'A rule for * takes every name before, so this one never acts.',
  ]);
  expect(warn({ clients: { Nobody: { aliases: { a: 'echo' } } } })).toEqual([
    'There is no client key called Nobody, so it never acts.',
  ]);
  expect(warn({ aliases: { a: 'echo' }, clients: { 'First key': { aliases: { a: 'echo' } } } })).toEqual([
    'The rule for everybody says the same; this one changes nothing.',
  ]);
  expect(warn({ fallbacks: { 'kimi-k3': ['kimi-k3', 'gpt-5'] } })).toEqual([
    'kimi-k3 cannot stand in for itself; it is passed over.',
    'No account offers gpt-5 now.',
  ]);
  expect(warn({ hidden: ['gemini-*'] })).toEqual(['No model fits it now.']);
});

test('while the models are not known nobody is blamed for leading nowhere', () => {
  const routing = { ...DEFAULT_ROUTING, aliases: { a: 'gpt-5' }, hidden: ['gemini-*'] };
  const warner = createRuleWarner({ routing, models: undefined, keys: [] }, translate);
  expect(listRules(routing).flatMap(warner)).toEqual([]);
});
