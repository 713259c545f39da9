// What clients are shown of the models, and what is known of each name.
import { describe, expect, it } from 'vitest';
import { createServedModels } from '../../../main/gateway/served-models.ts';
import type { RestView } from '../../../shared/routing.ts';
import { openRoutingScene, type RoutingSceneOptions } from '../../support/routing-scene.ts';

function open(options: RoutingSceneOptions, rests: Readonly<Record<string, readonly RestView[]>> = {}) {
  const scene = openRoutingScene(options);
  const served = createServedModels({ ...scene, pool: { listRests: (id) => rests[id] ?? [] } });
  return {
    served,
    list: async (key?: string) => (await served.list(key)).map(({ id }) => id),
    rows: async () =>
      (await served.listRows(false)).models.map(
        ({ id, names, isHidden }) => `${id}${isHidden ? ' hidden' : ''}: ${names.join(' ')}`,
      ),
  };
}

const rest = (cause: RestView['cause'], model?: string): RestView => ({
  since: 0,
  cause,
  text: '',
  ...(model === undefined ? {} : { model }),
});

const ACCOUNTS = [
  { id: 'work', provider: 'kimi-like', models: ['k3', 'k2'] },
  { id: 'home', provider: 'kimi-like', models: ['k3'] },
  { id: 'mirror', provider: 'other', models: ['k3', 'm'] },
];

describe('the list', () => {
  it('has every name once, those of several providers with each of them, and aliases that are no patterns', async () => {
    const routing = {
      aliases: { fast: 'k2', 'gpt-*': 'k3', lost: 'gone' },
      clients: { ide: { aliases: { own: 'm' } } },
    };
    const { list } = open({ accounts: ACCOUNTS, routing: { ...routing, unknownModel: null } });
    expect(await list()).toEqual(['k3', 'kimi-like/k3', 'other/k3', 'k2', 'm', 'fast']);
    expect(await list('ide')).toEqual(['k3', 'kimi-like/k3', 'other/k3', 'k2', 'm', 'own', 'fast']);
  });

  it('leaves out what is hidden, by any of its names', async () => {
    const hide = (...hidden: string[]) =>
      open({ accounts: ACCOUNTS, routing: { hidden, aliases: { fast: 'k2' } } }).list();
    expect(await hide('k2', 'f*')).toEqual(['k3', 'kimi-like/k3', 'other/k3', 'm']);
    expect(await hide('other/*')).toEqual(['k3', 'k2', 'fast']);
    expect(await hide('other/k3')).toEqual(['k3', 'k2', 'm', 'fast']);
    expect(await hide('*')).toEqual([]);
  });

  it('leaves out what the key may not use', async () => {
    const { list } = open({
      accounts: ACCOUNTS,
      routing: { aliases: { fast: 'k2', slow: 'm' } },
      allows: (key, names) => key !== 'ide' || names.some((name) => name === 'k2' || name === 'home/k3'),
    });
    expect(await list('ide')).toEqual(['k3', 'kimi-like/k3', 'k2', 'fast']);
  });

  it('leaves out what nobody can serve now, but nothing for a short rest', async () => {
    const options = { accounts: ACCOUNTS, routing: { aliases: { fast: 'k2' } } };
    const all = ['k3', 'kimi-like/k3', 'other/k3', 'k2', 'm', 'fast'];
    expect(await open(options, { work: [rest('told')], mirror: [rest('guessed')] }).list()).toEqual(all);
    expect(await open(options, { work: [rest('failed')] }).list()).toEqual(['k3', 'kimi-like/k3', 'other/k3', 'm']);
    expect(await open(options, { work: [rest('hand')], home: [rest('hand')] }).list()).toEqual(['k3', 'other/k3', 'm']);
    expect(await open(options, { mirror: [rest('failed', 'm')] }).list()).toEqual(all.filter((name) => name !== 'm'));
    const rescued = { ...options, routing: { fallbacks: { m: ['k2'] } } };
    expect(await open(rescued, { mirror: [rest('failed')] }).list()).toEqual(['k3', 'kimi-like/k3', 'k2', 'm']);
  });

  it('has a name that begins like an account or a provider with another prefix', async () => {
    const { list } = open({
      accounts: [
        { id: 'org', provider: 'p', models: [] },
        { id: 'one', provider: 'q', models: ['org/large', 'p/large'] },
        { id: 'two', provider: 'q', models: ['p/large', 'meta/l'] },
      ],
    });
    expect(await list()).toEqual(['one/org/large', 'q/p/large', 'meta/l']);
  });
});

describe('what is known of a name', () => {
  const accounts = [
    {
      id: 'a',
      provider: 'p',
      models: [
        {
          id: 'm',
          name: 'Em',
          contextTokens: 100,
          maxOutputTokens: 9,
          abilities: { tools: true, images: true },
          price: 'x',
        },
        { id: 'n', contextTokens: 7 },
      ],
    },
    {
      id: 'b',
      provider: 'q',
      models: [{ id: 'm', contextTokens: 50, abilities: { tools: true, images: false }, price: 'y' }],
    },
    { id: 'c', provider: 'q', models: ['m'] },
  ];

  it('holds for all who serve it', async () => {
    const { served } = open({ accounts });
    expect((await served.find('m', undefined)).info).toEqual({
      id: 'm',
      name: 'Em',
      contextTokens: 50,
      maxOutputTokens: 9,
      abilities: { tools: true, images: false },
    });
    expect((await served.find('p/m', undefined)).info.contextTokens).toBe(100);
  });

  it('holds for those who can serve it now', async () => {
    const { served } = open({ accounts }, { b: [rest('failed')] });
    expect((await served.find('m', undefined)).info.contextTokens).toBe(100);
    const none = open({ accounts }, { a: [rest('failed')] });
    expect((await none.served.find('n', undefined)).info.contextTokens).toBe(7);
  });

  it('is told of every name that would be served, and of no other', async () => {
    const routing = { hidden: ['n'], aliases: { fast: 'n', 'gpt-*': 'n' } };
    const { served } = open({ accounts, routing });
    const names = ['n', 'a/n', 'p/n', 'n(high)', 'fast', 'fast:low', 'gpt-5', 'gpt-5(high)'];
    const found = await Promise.all(names.map((name) => served.find(name, undefined)));
    expect(found.map(({ id, info, account }) => [id, info.contextTokens, account])).toEqual(
      names.map((name) => [name, 7, 'a']),
    );
    expect((await served.find('a/new', undefined)).info).toEqual({ id: 'new' });
    await expect(served.find('nobody', undefined)).rejects.toThrow('No account offers the model "nobody".');
  });
});

it('the window has a row for every model of every account, with the names that lead to it', async () => {
  const { rows } = open({
    accounts: ACCOUNTS,
    routing: { aliases: { fast: 'k2', m: 'k3' }, hidden: ['other/*'] },
  });
  expect(await rows()).toEqual([
    'work/k3: k3 kimi-like/k3 m',
    'home/k3: k3 kimi-like/k3 m',
    'mirror/k3 hidden: k3 other/k3 m',
    'k2: k2 fast',
    'mirror/m hidden: ',
  ]);
});
