// From a name to its stages, rule by rule, and what is said on the way.
import { describe, expect, it } from 'vitest';
import { createNameMatcher } from '../../../shared/wildcard.ts';
import { openRoutingScene } from '../../support/routing-scene.ts';

const THREE = [
  { id: 'work', provider: 'kimi-like', models: ['k3', 'k2'] },
  { id: 'cl', provider: 'claude-like', models: ['sonnet', 'org/large'] },
  { id: 'home', provider: 'kimi-like', models: ['k3'] },
];

describe('a name without rules', () => {
  it('leads to everybody who offers it, and nothing has to be said', async () => {
    const { plan } = openRoutingScene({ accounts: [...THREE, { id: 'mirror', provider: 'other', models: ['k3'] }] });
    expect(await plan('k3')).toEqual(['k3 = work:k3 home:k3 mirror:k3']);
    expect(await plan('kimi-like/k3')).toEqual(['kimi-like/k3 = work:k3 home:k3']);
    expect(await plan('home/k3')).toEqual(['home/k3 = home:k3']);
    expect(await plan('kimi-like/k2')).toEqual(['kimi-like/k2 = work:k2']);
    expect(await plan('org/large')).toEqual(['org/large = cl:org/large']);
  });

  it('leads to all of them also where only one provider was asked for it before', async () => {
    const { plan } = openRoutingScene({ accounts: THREE.concat({ id: 'mirror', provider: 'other', models: ['k3'] }) });
    expect(await plan('kimi-like/k3')).toEqual(['kimi-like/k3 = work:k3 home:k3']);
    expect(await plan('k3')).toEqual(['k3 = work:k3 home:k3 mirror:k3']);
  });

  it('waits once, and not for long, for accounts that do not tell what they have', async () => {
    let asked = 0;
    const listModels = ({ credential }: { readonly credential: { readonly account: { readonly id: string } } }) => {
      asked += 1;
      return credential.account.id === 'slow' ? new Promise<never>(() => {}) : Promise.resolve([{ id: 'm' }]);
    };
    const accounts = [{ id: 'slow' }, { id: 'one' }];
    const { plan } = openRoutingScene({ accounts, providers: { scripted: { listModels } } });
    expect(await plan('m')).toEqual(['m = one:m']);
    const startedAt = performance.now();
    for (let round = 0; round < 100; round += 1) await plan('m');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(asked).toBe(2);
  });

  it('that nobody lists is passed on behind an account or a provider', async () => {
    const { plan } = openRoutingScene({ accounts: THREE });
    expect(await plan('home/k9')).toEqual(['home/k9 = home:k9']);
    expect(await plan('kimi-like/k9')).toEqual(['kimi-like/k9 = work:k9 home:k9']);
  });

  it('is refused with the names that are like it, aliases included, but only such as the key may use', async () => {
    const scene = {
      accounts: [{ id: 'one', models: ['kimi-k3', 'kimi-k2', 'sonnet', 'opus'] }, { id: 'broken' }],
      routing: { aliases: { 'kimi-latest': 'kimi-k3', 'gpt-*': 'opus' } },
    };
    const failed = ' The account broken could not be asked: Key refused';
    const { plan } = openRoutingScene(scene);
    expect(await plan('kimi-k')).toBe(
      `not-found: No account offers the model "kimi-k". Known are, among others: kimi-k3, kimi-k2.${failed}`,
    );
    expect(await plan('kimi-lates')).toContain('Known are, among others: kimi-latest.');
    expect(await plan('zzz')).toContain('Known are, among others: kimi-latest, kimi-k3, kimi-k2.');
    const limited = openRoutingScene({ ...scene, allows: (_, names) => names.includes('kimi-k2') });
    expect(await limited.plan('kimi-k', { key: 'ide' })).toContain('Known are, among others: kimi-k2.');
  });

  it('in a spelling that providers know leads to all of them, as it was written', async () => {
    const recognise = (name: string, models: readonly { id: string }[]) =>
      models.find(({ id }) => name.startsWith(id.replace('.', '-')))?.id;
    const { plan } = openRoutingScene({
      accounts: [
        { id: 'a', provider: 'p', models: ['m-1.5'] },
        { id: 'b', provider: 'q', models: ['m-1.5', 'm-1.5-high'] },
        { id: 'c', provider: 'p', models: ['n'] },
      ],
      providers: { p: { recognise }, q: { recognise: (name, models) => recognise(name, [...models].reverse()) } },
    });
    expect(await plan('m-1-5-high')).toEqual([
      '"m-1-5-high" is another spelling of "m-1.5" and "m-1.5-high".',
      'm-1-5-high = a:m-1-5-high b:m-1-5-high',
    ]);
    expect(await plan('p/m-1-5')).toEqual(['"p/m-1-5" is another spelling of "m-1.5".', 'p/m-1-5 = a:m-1-5']);
  });
});

describe('an alias', () => {
  it('leads on once, exact ones before patterns, long patterns before short ones', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: {
        aliases: {
          fast: 'k2',
          k2: 'sonnet',
          'gpt-*': 'k2',
          'gpt-4*': 'k3',
          'gpt-*o': 'sonnet',
          'gpt-4o-mini': 'home/k3',
        },
      },
    });
    expect(await plan('fast')).toEqual(['The alias "fast" leads to "k2".', 'k2 = work:k2']);
    expect(await plan('k2')).toEqual(['The alias "k2" leads to "sonnet".', 'sonnet = cl:sonnet']);
    expect(await plan('gpt-5')).toEqual(['The alias "gpt-*" leads to "k2".', 'k2 = work:k2']);
    // As many characters of their own: the one that comes first in the alphabet of code points.
    expect(await plan('gpt-4o')).toEqual(['The alias "gpt-*o" leads to "sonnet".', 'sonnet = cl:sonnet']);
    expect(await plan('gpt-4.1')).toEqual(['The alias "gpt-4*" leads to "k3".', 'k3 = work:k3 home:k3']);
    expect(await plan('gpt-4o-mini')).toEqual(['The alias "gpt-4o-mini" leads to "home/k3".', 'home/k3 = home:k3']);
  });

  it('puts what its stars took in where the target has stars', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: { aliases: { 'moonshot/*': 'k*', '*@*': '*/*' } },
    });
    expect(await plan('moonshot/2')).toEqual(['The alias "moonshot/*" leads to "k2".', 'k2 = work:k2']);
    expect(await plan('home@k3')).toEqual(['The alias "*@*" leads to "home/k3".', 'home/k3 = home:k3']);
  });

  it('of the client key comes before those of all', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: { aliases: { fast: 'k3' }, clients: { ide: { aliases: { 'f*': 'sonnet' } } } },
    });
    expect(await plan('fast')).toContain('The alias "fast" leads to "k3".');
    expect(await plan('fast', { key: 'other' })).toContain('The alias "fast" leads to "k3".');
    expect(await plan('fast', { key: 'ide' })).toEqual([
      'The alias "f*" of the client key "ide" leads to "sonnet".',
      'sonnet = cl:sonnet',
    ]);
  });

  it('to nobody is refused with both names', async () => {
    const { plan } = openRoutingScene({ accounts: THREE, routing: { aliases: { fast: 'k8' } } });
    expect(await plan('fast')).toBe(
      'not-found: No account offers the model "k8", to which the alias "fast" leads. Known are, among others: k3, k2, sonnet.',
    );
  });

  it('does not count for whoever wants the name as it is', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: { aliases: { '*': 'sonnet' }, fallbacks: { '*': ['sonnet'], 'work/k2': ['sonnet'] } },
    });
    expect(await plan('work/k2', { isPlain: true })).toEqual(['work/k2 = work:k2']);
    expect(await plan('nobody', { isPlain: true })).toContain('not-found');
  });
});

describe('an ending for thinking', () => {
  const high = 'reasoning {"enabled":true,"effort":"high"}';

  it('is taken off a name that nobody offers with it, behind prefixes and aliases, too', async () => {
    const { plan } = openRoutingScene({
      accounts: [...THREE, { id: 'odd', provider: 'other', models: ['sonnet:low'] }],
      routing: { aliases: { fast: 'k2', 'gpt-*': 'k3', deep: 'k3(8192)' } },
    });
    const told = 'The ending "(high)" asks for thinking with effort high.';
    expect(await plan('k2(high)')).toEqual([told, high, 'k2 = work:k2']);
    expect(await plan('sonnet:high')).toEqual([
      'The ending ":high" asks for thinking with effort high.',
      high,
      'sonnet = cl:sonnet',
    ]);
    expect(await plan('sonnet:low')).toEqual(['sonnet:low = odd:sonnet:low']);
    expect(await plan('odd/sonnet:low')).toEqual(['odd/sonnet:low = odd:sonnet:low']);
    expect(await plan('kimi-like/k3(high)')).toEqual([told, high, 'kimi-like/k3 = work:k3 home:k3']);
    expect(await plan('fast(high)')).toEqual(['The alias "fast" leads to "k2".', told, high, 'k2 = work:k2']);
    expect(await plan('gpt-5(high)')).toEqual(['The alias "gpt-*" leads to "k3".', told, high, 'k3 = work:k3 home:k3']);
    expect(await plan('deep')).toEqual([
      'The alias "deep" leads to "k3(8192)".',
      'The ending "(8192)" asks for 8192 tokens of thinking at most.',
      'reasoning {"enabled":true,"budgetTokens":8192}',
      'k3 = work:k3 home:k3',
    ]);
    expect(await plan('deep(high)')).toEqual([
      'The alias "deep" leads to "k3(8192)".',
      told,
      high,
      'k3 = work:k3 home:k3',
    ]);
  });

  it('is part of the name where endings are off', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: { thinkingSuffixes: false, aliases: { 'gpt-*': 'k3' } },
    });
    expect(await plan('k2(high)')).toContain('No account offers the model "k2(high)".');
    expect(await plan('work/k2(high)')).toEqual(['work/k2(high) = work:k2(high)']);
    expect(await plan('gpt-5(high)')).toEqual(['The alias "gpt-*" leads to "k3".', 'k3 = work:k3 home:k3']);
  });
});

describe('fallbacks', () => {
  it('follow the first stage, by what was found, by what was asked, by pattern', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: {
        aliases: { fast: 'k2', slow: 'sonnet' },
        fallbacks: { k3: ['k2', 'gone', 'sonnet'], fast: ['sonnet'], 's*': ['k2'] },
      },
    });
    expect(await plan('k3')).toEqual([
      'k3 = work:k3 home:k3',
      'The fallback for "k3" leads on to "k2".',
      'k2 = work:k2',
      '(No account offers the model "gone" now.)',
      'The fallback for "k3" leads on to "sonnet".',
      'sonnet = cl:sonnet',
    ]);
    expect(await plan('fast')).toContain('The fallback for "fast" leads on to "sonnet".');
    expect(await plan('slow')).toContain('The fallback for "s*" leads on to "k2".');
    expect(await plan('k2')).toEqual(['k2 = work:k2']);
  });

  it('ask nobody twice, and tell of those that came to nothing behind the last', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: { fallbacks: { 'home/k3': ['k3', 'work/k3', 'gone'] } },
    });
    expect(await plan('home/k3')).toEqual([
      'home/k3 = home:k3',
      'The fallback for "home/k3" leads on to "k3".',
      'k3 = work:k3',
      'The fallback for "home/k3" leads on to "work/k3".',
      '("work/k3" leads to who is asked before it already.)',
      '(No account offers the model "gone" now.)',
    ]);
  });

  it('of patterns lead away from a narrowed name only where they name its prefix', async () => {
    const { plan } = openRoutingScene({
      accounts: THREE,
      routing: { fallbacks: { '*': ['sonnet'], 'home/*': ['k2'] } },
    });
    expect(await plan('work/k3')).toEqual(['work/k3 = work:k3']);
    expect(await plan('home/k3')).toContain('k2 = work:k2');
    expect(await plan('k3')).toContain('sonnet = cl:sonnet');
  });

  it('stand in for a model that nobody offers now', async () => {
    const { plan } = openRoutingScene({ accounts: THREE, routing: { fallbacks: { opus: ['gone', 'sonnet'] } } });
    expect(await plan('opus')).toEqual([
      '(No account offers the model "opus" now.)',
      '(No account offers the model "gone" now.)',
      'The fallback for "opus" leads on to "sonnet".',
      'sonnet = cl:sonnet',
    ]);
  });
});

describe('a name that nobody knows', () => {
  const providers = { poe: { fallbackModel: () => 'x' } };

  it('goes to the model for such names, the one of the client key first', async () => {
    const { plan } = openRoutingScene({
      accounts: [...THREE, { id: 'p', provider: 'poe', models: ['x'] }],
      providers,
      routing: {
        unknownModel: 'k2',
        clients: { ide: { unknownModel: 'sonnet' }, strict: { unknownModel: null }, plain: {} },
        fallbacks: { k2: ['sonnet'] },
      },
    });
    const words = 'No account offers the model "gpt-9"; "k2" answers for unknown names.';
    const further = ['k2 = work:k2', 'The fallback for "k2" leads on to "sonnet".', 'sonnet = cl:sonnet'];
    expect(await plan('gpt-9')).toEqual([words, ...further]);
    expect(await plan('gpt-9', { key: 'plain' })).toEqual([words, ...further]);
    expect(await plan('gpt-9', { key: 'ide' })).toContain('sonnet = cl:sonnet');
    expect(await plan('gpt-9', { key: 'strict' })).toContain('not-found: No account offers the model "gpt-9".');
    expect(await plan('gpt-9(high)')).toContain('reasoning {"enabled":true,"effort":"high"}');
  });

  it('goes to the accounts that answer for such names where there is no rule', async () => {
    const accounts = ['p', 'q'].map((id) => ({ id, provider: 'poe', models: ['x'] }));
    expect(await openRoutingScene({ accounts: accounts.slice(1), providers }).plan('gpt-9')).toEqual([
      'No account offers the model "gpt-9"; the account Q answers for unknown names.',
      'gpt-9 = q:gpt-9',
    ]);
    expect(await openRoutingScene({ accounts, providers }).plan('gpt-9')).toEqual([
      'No account offers the model "gpt-9"; these accounts answer for unknown names: P, Q.',
      'gpt-9 = p:gpt-9 q:gpt-9',
    ]);
  });

  it('is refused where the model for such names is itself nobody’s', async () => {
    const { plan } = openRoutingScene({ accounts: THREE, routing: { unknownModel: 'gone' } });
    expect(await plan('gpt-9')).toContain('not-found: No account offers the model "gpt-9".');
  });
});

describe('what a request needs', () => {
  const accounts = [
    {
      id: 'a',
      models: [
        { id: 'blind', abilities: { images: false } },
        { id: 'small', contextTokens: 1_000, abilities: { tools: false } },
        { id: 'silent' },
        { id: 'mixed', abilities: { tools: false } },
      ],
    },
    { id: 'b', models: [{ id: 'mixed', abilities: { tools: true } }] },
  ];
  const fallbacks = { blind: ['small', 'silent'], small: ['blind'] };

  it('leaves out models that cannot, where another can', async () => {
    const { plan } = openRoutingScene({ accounts, routing: { fallbacks } });
    expect(await plan('blind', { needs: { images: true, tools: true, contextTokens: 10 } })).toEqual([
      '(The model "blind" takes no images.)',
      'The fallback for "blind" leads on to "small".',
      '(The model "small" cannot call tools.)',
      'The fallback for "blind" leads on to "silent".',
      'silent = a:silent',
    ]);
    expect(await plan('mixed', { needs: { tools: true } })).toEqual([
      '(The model "mixed" of A cannot call tools.)',
      'mixed = b:mixed',
    ]);
    expect(await plan('mixed')).toEqual(['mixed = a:mixed b:mixed']);
  });

  it('leaves the first where nobody can', async () => {
    const { plan } = openRoutingScene({ accounts, routing: { fallbacks: { small: ['blind'] } } });
    expect(await plan('small', { needs: { contextTokens: 2_000, images: true } })).toEqual([
      'small = a:small',
      'The fallback for "small" leads on to "blind".',
      '(The model "blind" takes no images.)',
    ]);
  });
});

it('no rule leads from one agent to another, or from a plain model to one', async () => {
  const accounts = [{ id: 'cl', models: ['agent:shop', 'opus'] }];
  const refusal = (name: string) =>
    `invalid-request: "${name}" leads to an agent. An agent works in a folder, so it is asked by its own name only.`;
  const ask = (model: string, routing: unknown) => openRoutingScene({ accounts, routing }).plan(model);
  expect(await ask('agent:shop', {})).toEqual(['agent:shop = cl:agent:shop']);
  expect(await ask('cl/agent:shop(high)', {})).toContain('cl/agent:shop = cl:agent:shop');
  expect(await ask('agent:gone', { unknownModel: 'agent:shop' })).toBe(refusal('agent:gone'));
  expect(await ask('agent:gone', { aliases: { 'agent:*': 'agent:shop' } })).toBe(refusal('agent:gone'));
  expect(await ask('x/agent:gone', { fallbacks: { '*': ['cl/agent:shop'] } })).toBe(refusal('x/agent:gone'));
  expect(await ask('agent:gone', { unknownModel: 'opus' })).toContain('opus = cl:opus');
});

describe('what a client key may use', () => {
  const may = (...allowed: string[]) => ({
    allows: (key: string | undefined, names: readonly string[]) =>
      key === undefined || names.some((name) => allowed.includes(name)),
  });

  it('decides by the name that was asked for and by where it leads', async () => {
    const routing = { aliases: { fast: 'k3' }, fallbacks: { k3: ['sonnet'] } };
    const ask = (allowed: string, model: string) =>
      openRoutingScene({ accounts: THREE, routing, ...may(allowed) }).plan(model, { key: 'ide' });
    const refusal = (model: string) => `forbidden: The client key "ide" may not use the model "${model}".`;
    expect(await ask('fast', 'fast')).toContain('sonnet = cl:sonnet');
    expect(await ask('fast', 'k3')).toBe(refusal('k3'));
    expect(await ask('k3', 'fast')).toEqual([
      'The alias "fast" leads to "k3".',
      'k3 = work:k3 home:k3',
      'The fallback for "k3" leads on to "sonnet".',
      '(The client key "ide" may not use the model "sonnet".)',
    ]);
    expect(await ask('home/k3', 'k3')).toEqual([
      '(The client key "ide" may not use the model "work/k3".)',
      'k3 = home:k3',
      'The fallback for "k3" leads on to "sonnet".',
      '(The client key "ide" may not use the model "sonnet".)',
    ]);
    expect(await ask('kimi-like/k3', 'home/k3')).toEqual(['home/k3 = home:k3']);
    expect(await ask('k3', 'home/k3')).toEqual(['home/k3 = home:k3']);
    expect(await ask('k3', 'k3')).toEqual([
      'k3 = work:k3 home:k3',
      'The fallback for "k3" leads on to "sonnet".',
      '(The client key "ide" may not use the model "sonnet".)',
    ]);
  });

  it('is not widened by names that a client makes up to fit a pattern', async () => {
    const fits = createNameMatcher(['k3-*']);
    const allows = (_key: string | undefined, names: readonly string[]) => names.some(fits);
    const ask = (model: string, routing: unknown = {}, fallback?: string) =>
      openRoutingScene({
        accounts: [...THREE, { id: 'listed', models: ['k3-mini'] }],
        routing,
        allows,
        providers: { 'kimi-like': { fallbackModel: () => fallback } },
      }).plan(model, { key: 'ide' });
    const refusal = (model: string) => `forbidden: The client key "ide" may not use the model "${model}".`;
    expect(await ask('k3-mini')).toEqual(['k3-mini = listed:k3-mini']);
    expect(await ask('listed/k3-mini')).toEqual(['listed/k3-mini = listed:k3-mini']);
    expect(await ask('k3-zzz', { unknownModel: 'sonnet' })).toBe(refusal('k3-zzz'));
    expect(await ask('k3-zzz', { clients: { ide: { unknownModel: 'sonnet' } } })).toBe(refusal('k3-zzz'));
    expect(await ask('k3-zzz', { fallbacks: { '*': ['sonnet'] } })).toBe(refusal('k3-zzz'));
    expect(await ask('k3-zzz', { aliases: { 'k3-z*': 'gone' }, unknownModel: 'sonnet' })).toBe(refusal('k3-zzz'));
    expect(await ask('k3-zzz', {}, 'k3')).toBe(refusal('k3-zzz'));
    expect(await ask('home/k3-zzz')).toBe(refusal('home/k3-zzz'));
    expect(await ask('kimi-like/k3-zzz')).toBe(refusal('kimi-like/k3-zzz'));
    expect(await ask('k3-one', { aliases: { 'k3-one': 'sonnet' } })).toContain('sonnet = cl:sonnet');
    expect(await ask('k3-one', { aliases: { 'k3-one': 'gone' }, unknownModel: 'sonnet' })).toContain(
      'sonnet = cl:sonnet',
    );
  });
});

it('a known name takes microseconds, however many models and rules there are', async () => {
  const models = Array.from({ length: 5_000 }, (_, index) => `m-${index}`);
  const aliases = Object.fromEntries(models.slice(0, 200).map((model, index) => [`a${index}-*`, model]));
  const { router } = openRoutingScene({
    accounts: ['a', 'b', 'c'].map((id) => ({ id, models })),
    routing: { aliases, fallbacks: { 'm-1': ['m-2'] } },
  });
  await router.plan({ model: 'm-1' });
  const before = process.cpuUsage();
  for (let round = 0; round < 2_000; round += 1) await router.plan({ model: 'm-1' });
  expect(process.cpuUsage(before).user / 2_000).toBeLessThan(100);
});
