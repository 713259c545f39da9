// The tester's answer is what the gateway then does: whoever is asked, in that order, and the words where nobody is.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { Routing, Strategy } from '../../../shared/routing.ts';
import { openRoutingScene } from '../../support/routing-scene.ts';

const MODELS = ['a', 'b', 'ab', 'p/a', 'org/b'];
const IDS = ['one', 'two', 'three', 'four', 'p'];
const KEYS = ['ide', 'cli'];

/** Says nothing about the account, so that the order is that of the rules and turns alone. */
const FAILURE = new GatewayError('unsupported', 'Not this one.', { provider: 'p' });

const info = fc.record(
  {
    id: fc.constantFrom(...MODELS),
    contextTokens: fc.constantFrom(1, 1_000),
    abilities: fc.record({ tools: fc.boolean(), images: fc.boolean() }, { requiredKeys: [] }),
  },
  { requiredKeys: ['id'] },
);
const accounts = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...IDS),
    provider: fc.constantFrom('p', 'q'),
    models: fc.option(fc.array(info, { minLength: 2, maxLength: 5 }), { nil: undefined, freq: 12 }),
  }),
  { selector: ({ id }) => id, minLength: 2, maxLength: 5, size: 'max' },
);
const name = fc.oneof(
  fc.constantFrom('a', 'b', 'ab'),
  fc.constantFrom('a', 'b', 'ab'),
  fc.constantFrom(...MODELS),
  fc.tuple(fc.constantFrom(...IDS, 'q'), fc.constantFrom(...MODELS, 'new')).map((parts) => parts.join('/')),
  fc
    .tuple(fc.constantFrom(...MODELS, 'fast'), fc.constantFrom('(high)', ':low', '(64)'))
    .map((parts) => parts.join('')),
  fc.constantFrom('fast', 'x-a', 'x-b', 'nobody'),
);
const pattern = fc.oneof(name, fc.constantFrom('*', 'x-*', '*b', 'p/*', 'a*', '*/*', '*a*'));
const target = fc.oneof(name, fc.constantFrom('*', 'q/*', 'a*'));
const aliases = fc.dictionary(pattern, target, { maxKeys: 3 });
const unknownModel = fc.option(name, { freq: 2 });
const rules = fc
  .record(
    {
      pools: fc.dictionary(fc.constantFrom('p', 'q'), fc.record({ strategy: fc.constantFrom(...Strategy.options) })),
      accounts: fc.dictionary(fc.constantFrom(...IDS), fc.record({ priority: fc.integer({ min: 0, max: 1 }) })),
      aliases,
      clients: fc.dictionary(fc.constantFrom(...KEYS), fc.record({ aliases, unknownModel }, { requiredKeys: [] })),
      thinkingSuffixes: fc.boolean(),
      fallbacks: fc.dictionary(pattern, fc.array(target, { minLength: 1, maxLength: 3 }), { maxKeys: 3 }),
      unknownModel,
      attempts: fc.record({ most: fc.constantFrom(1, 3, 10, 50) }),
    },
    { requiredKeys: [] },
  )
  .map((given) => Routing.parse(given));
const before = fc.array(
  fc.record({ model: name, rests: fc.option(fc.constantFrom(...IDS), { nil: undefined, freq: 1 }) }),
  {
    maxLength: 6,
  },
);

it('names whoever the gateway asks, in that order, for rules that hold and for rules in the making', async () => {
  let asked = 0;
  await fc.assert(
    fc.asyncProperty(
      accounts,
      rules,
      fc.option(rules, { nil: undefined }),
      before,
      fc.record({ model: name, key: fc.constantFrom(undefined, undefined, 'ide', 'ide', 'cli'), tools: fc.boolean() }),
      fc.array(pattern, { minLength: 1, maxLength: 5 }),
      async (list, held, unsaved, story, { model, key, tools }, allowed) => {
        const allows = (asker: string | undefined, names: readonly string[]) =>
          asker !== 'cli' || names.some((each) => allowed.includes(each));
        const scene = openRoutingScene({ accounts: list, routing: held, allows, failure: FAILURE });
        for (const { model: earlier, rests } of story) {
          await scene.ask(earlier, undefined);
          if (rests !== undefined) scene.pool.rest(rests);
        }
        const question = { model, ...(key && { key }), needs: { tools }, ...(unsaved && { routing: unsaved }) };
        const answer = await scene.tester.test(question);
        if (unsaved !== undefined) scene.keep(unsaved);
        const { calls, path, error } = await scene.ask(model, key, tools ? { tools: [{ name: 't' }] } : {});
        asked += calls.length;
        expect(calls).toEqual(answer.candidates.map(({ account, model: own }) => `${account}:${own}`));
        if (calls.length === 0) expect(answer.problem).toBe(error?.message);
        else expect(answer.problem).toBeUndefined();
        const isWhole = calls.length < scene.routing().attempts.most;
        const tell = (steps: typeof path) => steps.filter(({ kind }) => kind === 'rule').map(({ text }) => text);
        if (isWhole && calls.length > 0) expect(tell(path)).toEqual(tell(answer.steps));
      },
    ),
    { numRuns: 200 },
  );
  // Much of what is generated leads somewhere.
  expect(asked).toBeGreaterThan(80);
});

it('compares models by what they can do before their accounts were ever asked for a list', async () => {
  const scene = openRoutingScene({
    accounts: [
      { id: 'one', provider: 'p', models: [{ id: 'a', abilities: { tools: false } }] },
      { id: 'three', provider: 'q', models: [{ id: 'a', abilities: { tools: true } }] },
    ],
    routing: { fallbacks: { 'p/*': ['q/*'] } },
  });
  const answer = await scene.tester.test({ model: 'p/a', needs: { tools: true } });
  expect(answer.candidates.map(({ account }) => account)).toEqual(['three']);
  const { calls } = await scene.ask('p/a', undefined, { tools: [{ name: 't' }] });
  expect(calls).toEqual(['three:a']);
});

describe('the tester', () => {
  const accounts = [
    { id: 'work', models: ['k3'] },
    { id: 'home', models: ['k3'] },
    { id: 'cl', provider: 'other', models: ['sonnet'] },
  ];
  const routing = { aliases: { fast: 'k3' }, fallbacks: { k3: ['sonnet', 'gone'] } };

  it('tells the rules, who is passed over and why, and who is asked', async () => {
    const { tester, pool } = openRoutingScene({ accounts, routing });
    pool.rest('work');
    expect(await tester.test({ model: 'fast' })).toMatchObject({
      steps: [
        { kind: 'rule', text: 'The alias "fast" leads to "k3".' },
        {
          kind: 'skipped',
          text: 'WORK was passed over. It rests until you say otherwise.',
          account: 'work',
          model: 'k3',
        },
        { kind: 'rule', text: 'The fallback for "k3" leads on to "sonnet".' },
        { kind: 'skipped', text: 'No account offers the model "gone" now.' },
      ],
      candidates: [
        { account: 'home', accountName: 'HOME', provider: 'scripted', model: 'k3', standing: 'ready' },
        { account: 'cl', accountName: 'CL', provider: 'other', model: 'sonnet', standing: 'ready' },
      ],
    });
  });

  it('tries rules in the making without keeping them', async () => {
    const { tester, ask } = openRoutingScene({ accounts, routing });
    const unsaved = Routing.parse({ aliases: { fast: 'sonnet' } });
    expect((await tester.test({ model: 'fast', routing: unsaved })).candidates.map(({ account }) => account)).toEqual([
      'cl',
    ]);
    expect((await ask('fast', undefined)).calls).toEqual(['work:k3']);
  });

  it('takes no turn and asks nobody', async () => {
    const round = { pools: { scripted: { strategy: 'round-robin' } } };
    const { tester, ask } = openRoutingScene({ accounts, routing: round });
    const first = async () => (await tester.test({ model: 'k3' })).candidates[0]?.account;
    expect([await first(), await first()]).toEqual(['work', 'work']);
    expect((await ask('k3', undefined)).calls).toEqual(['work:k3']);
    expect(await first()).toBe('home');
  });

  it('has the words that the client would read where nobody is asked', async () => {
    const { tester, pool, ask } = openRoutingScene({ accounts });
    expect(await tester.test({ model: 'k9' })).toEqual({
      steps: [],
      candidates: [],
      problem: 'No account offers the model "k9". Known are, among others: k3, sonnet.',
      isUnknown: true,
    });
    pool.rest('cl');
    const { problem, candidates, isUnknown } = await tester.test({ model: 'sonnet' });
    expect(isUnknown).toBeUndefined();
    expect(candidates).toEqual([]);
    expect(problem).toBe((await ask('sonnet', undefined)).error?.message);
  });
});
