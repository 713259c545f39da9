// Who runs an agent, and what is said where nobody can.
import { expect, it } from 'vitest';
import {
  explainAgent,
  findAgentProblem,
  followAgents,
  listAgentAccounts,
  nameAgentAccounts,
} from '../../../main/gateway/agent-accounts.ts';
import type { Agent } from '../../../main/providers/provider.ts';
import { DEFAULT_AGENT_RULES } from '../../../shared/projects.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';

const able = createScriptedProvider({ id: 'able', agent: { tools: [], modes: ['ask'] } });
const unable = createScriptedProvider({ id: 'unable' });
const providers = new Map([able, unable].map((provider) => [provider.id, provider]));
const account = (id: string, provider: string) =>
  ({ id, provider, name: id, method: '', values: {}, env: {}, endpoints: {}, models: [], source: 'file' }) as const;
const all = [account('plain', 'unable'), account('one', 'able'), account('two', 'able')];
const agent = (id: string, by?: string): Agent => ({
  id,
  name: id,
  path: '/',
  rules: { ...DEFAULT_AGENT_RULES, ...(by === undefined ? {} : { account: by }) },
});

it('an agent without an account gets the first one that can, one with an account keeps it', () => {
  const list = [agent('any'), agent('second', 'two')];
  const book = { list: () => list, find: (id: string) => list.find((each) => each.id === id) };
  const named = nameAgentAccounts(
    () => book,
    () => listAgentAccounts(all, providers),
  );
  expect(named.list().map(({ rules }) => rules.account)).toEqual(['one', 'two']);
  expect(named.find('any')?.rules.account).toBe('one');
  expect(named.find('nobody')).toBeUndefined();
});

it('there are no agents before there is a book, and no account is made up', () => {
  const none = nameAgentAccounts(
    () => undefined,
    () => [],
  );
  expect(none.list()).toEqual([]);
  const alone = nameAgentAccounts(
    () => ({ list: () => [agent('any')], find: () => agent('any') }),
    () => [],
  );
  expect(alone.list()).toEqual([agent('any')]);
});

it('says of a name that nobody answers to why, where it is an agent', () => {
  const project = (id: string, more: object = {}) =>
    ({ id, name: 'Shop', source: 'window', agent: DEFAULT_AGENT_RULES, ...more }) as const;
  const enabled = { ...DEFAULT_AGENT_RULES, enabled: true };
  const list = [
    project('off'),
    project('off-by-file', { source: 'file' }),
    project('gone', { agent: enabled, problem: 'The account cc is gone, or cannot run agents.' }),
  ];
  expect(['off', 'off-by-file', 'gone', 'nobody'].map((id) => explainAgent(`agent:${id}`, () => list))).toEqual([
    'The agent of the project "Shop" is switched off. Its rules switch it on, in Patchbay\'s window.',
    'The agent of the project "Shop" is switched off. Its rules switch it on, in the configuration file.',
    'The agent of the project "Shop" cannot be asked now. The account cc is gone, or cannot run agents.',
    'There is no agent "nobody": no project has this id.',
  ]);
  expect(explainAgent('gpt', () => list)).toBeUndefined();
});

it('says why an agent cannot run', () => {
  const accounts = listAgentAccounts(all, providers);
  expect(findAgentProblem(DEFAULT_AGENT_RULES, accounts)).toBeUndefined();
  expect(findAgentProblem(DEFAULT_AGENT_RULES, [])).toContain('No account can run an agent');
  expect(findAgentProblem({ ...DEFAULT_AGENT_RULES, account: 'two' }, accounts)).toBeUndefined();
  expect(findAgentProblem({ ...DEFAULT_AGENT_RULES, account: 'plain' }, accounts)).toContain('plain is gone');
});

it('models are asked for anew only where a list of them would show a change of the agents', () => {
  let list = [agent('one', 'cc')];
  let changes = 0;
  const look = followAgents({ list: () => list }, () => {
    changes += 1;
  });
  look();
  list = [{ ...agent('one', 'cc'), path: '/other' }];
  look();
  expect(changes).toBe(0);
  for (const next of [[agent('one', 'other')], [agent('one', 'other'), agent('two')], []]) {
    list = next;
    look();
    look();
  }
  expect(changes).toBe(3);
});
