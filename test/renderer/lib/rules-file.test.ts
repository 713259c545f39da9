// Rules as text: out, in, and what is wrong with a text.
import { expect, test } from 'vitest';
import { translate } from '../../../renderer/lib/i18n.ts';
import { compareRules, readRulesFile, writeRulesFile } from '../../../renderer/lib/rules-file.ts';
import { DEFAULT_ROUTING } from '../../../shared/routing.ts';
import { ROUTING } from '../../support/fake-routing.ts';

const read = (routing: unknown) => readRulesFile(JSON.stringify({ routing }), translate);

test('what is written is read again as it was, and says no more than it must', () => {
  expect(readRulesFile(writeRulesFile(ROUTING), translate)).toEqual({ routing: ROUTING });
  expect(writeRulesFile(DEFAULT_ROUTING)).toBe('{\n  "routing": {}\n}\n');
  expect(Object.keys(JSON.parse(writeRulesFile(ROUTING)).routing)).toEqual([
    'aliases',
    'clients',
    'hidden',
    'fallbacks',
  ]);
});

test('a whole configuration file may be given; only its routing counts', () => {
  const text = JSON.stringify({ port: 7282, accounts: [], routing: { unknownModel: 'echo' } });
  expect(readRulesFile(text, translate)).toEqual({ routing: { ...DEFAULT_ROUTING, unknownModel: 'echo' } });
});

test('each mistake is named with its place, in plain words', () => {
  const faults = read({
    pools: { one: { strategy: 'random' } },
    aliases: { 'gpt-4o': 7 },
    clients: { Cursor: [] },
    hidden: 'all',
    thinkingSuffixes: 'yes',
    fallbacks: { 'kimi-k3': [] },
    attempts: { most: 0, retries: 9 },
    unknwonModel: 'kimi-k3',
  });
  expect(faults).toEqual({
    faults: [
      { path: 'routing.pools.one.strategy', text: 'Must be one of failover, round-robin, fill-first, least-used.' },
      { path: 'routing.aliases.gpt-4o', text: 'Must be a text in quotes.' },
      { path: 'routing.clients.Cursor', text: 'Must be names with values in { }.' },
      { path: 'routing.hidden', text: 'Must be a list in [ ].' },
      { path: 'routing.thinkingSuffixes', text: 'Must be true or false.' },
      { path: 'routing.fallbacks.kimi-k3', text: 'Must not be empty.' },
      { path: 'routing.attempts.most', text: 'Must be 1 or more.' },
      { path: 'routing.attempts.retries', text: 'Must be 5 or less.' },
      { path: 'routing.unknwonModel', text: 'No rule is called so.' },
    ],
  });
});

test('a text that is no JSON, or has no rules in it, is said to be that', () => {
  const texts = ['{ "routing": ', '[]', '{}', 'null', '"routing"'].map((text) => readRulesFile(text, translate));
  const faults = texts.map((reading) => ('faults' in reading ? reading.faults[0]?.text : 'read'));
  const none = 'There is no “routing” in it.';
  expect(faults).toEqual(['This is no JSON. Look for a missing comma, quote or brace.', none, none, none, none]);
});

test('what an import would change is told line by line, shares of the work included', () => {
  const after = {
    ...ROUTING,
    aliases: { ...ROUTING.aliases, 'gpt-4o': 'echo' },
    pools: { one: { strategy: 'round-robin' as const, sticky: false } },
    accounts: { kimi: { priority: 5, concurrency: 2 } },
  };
  expect(compareRules(ROUTING, after, translate)).toEqual({
    added: [
      'gpt-4o is answered by echo',
      'one: In turn (round robin), a conversation may change its account',
      'Account kimi: priority 5, 2 requests at a time',
    ],
    removed: ['gpt-4o is answered by kimi-k3'],
  });
  expect(compareRules(ROUTING, ROUTING, translate)).toEqual({ added: [], removed: [] });
});
