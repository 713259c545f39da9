// Pictures of routing: the tester, the rules and their sheets, pools and rests, and the way of a request.
import type { Page } from 'playwright';
import { DEFAULT_ROUTING, type Routing } from '../../shared/routing.ts';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import type { FakeState } from '../support/fake-contract.ts';
import { KEYS, STATUS } from '../support/fake-data.ts';
import { ALL_RESTING, BROKEN, POOL_ACCOUNTS, POOL_MODELS, RESTING, UNRENEWED } from '../support/fake-pools.ts';
import { MOVED_REQUESTS } from '../support/fake-requests.ts';
import { ROUTING } from '../support/fake-routing.ts';
import type { Scene, Variant } from './scenes.ts';

const ALL: readonly Variant[] = [
  [1280, 800, 'light'],
  [1280, 800, 'dark'],
  [900, 600, 'light'],
  [900, 600, 'dark'],
];
const BOTH: readonly Variant[] = [
  [1280, 800, 'light'],
  [900, 600, 'dark'],
];

const CURSOR = { ...(KEYS[0] as (typeof KEYS)[0]), id: 'cursor', name: 'Cursor', lastFour: '71aa' };

const withPool = (routing: Routing = ROUTING, change: Partial<FakeState> = {}) => ({
  accounts: POOL_ACCOUNTS,
  models: POOL_MODELS,
  keys: [...KEYS, CURSOR],
  settings: { ...DEFAULT_SETTINGS, routing },
  ...change,
});

const LONG =
  'a-model-with-quite-a-long-name-that-somebody-made-up-in-one-go-without-thinking-of-any-width-128k-instruct';

const CHAIN: Routing = {
  ...DEFAULT_ROUTING,
  fallbacks: { 'kimi-k3': ['claude-opus-4-8', 'claude-sonnet-5', 'kimi-k2.6', 'claude-haiku-4-5', 'echo'] },
};

const FAULTY: Routing = {
  ...DEFAULT_ROUTING,
  aliases: { [LONG]: `openrouter/${LONG}`, 'gpt-4*': 'gpt-5', 通义千问: 'kimi-k3', '*': 'kimi-k3', echo: 'echo' },
  clients: { 'Old laptop': { aliases: { 'gpt-4o': 'kimi-k3' } } },
  unknownModel: 'kimi-k3',
  fallbacks: { 'kimi-k3': ['kimi-k3', 'claude-sonnet-5'], 'gpt-5': ['kimi-k3'] },
  hidden: ['gemini-*', 'moonshot-*'],
};

const MISTAKES = JSON.stringify(
  {
    routing: {
      pools: { 'openai-compatible': { strategy: 'random' } },
      aliases: { 'gpt-4o': 7 },
      fallbacks: { 'kimi-k3': [] },
      unknwonModel: 'kimi-k3',
      attempts: { most: 0 },
    },
  },
  undefined,
  2,
);

const GOOD = JSON.stringify({
  routing: { aliases: { 'gpt-4o': 'claude-sonnet-5' }, unknownModel: 'kimi-k3', fallbacks: ROUTING.fallbacks },
});

const tryName = (name: string) => async (page: Page) => {
  await page
    .getByRole('combobox', { name: 'Name of a model' })
    .or(page.getByLabel('Name of a model'))
    .first()
    .fill(name);
  await page.keyboard.press('Escape');
};

const paste = (text: string) => async (page: Page) => {
  await page.getByLabel('Rules as JSON').fill(text);
};

/** The list of routing's scenes. */
export const ROUTING_SCENES: readonly Scene[] = [
  { name: 'tester-rule', hash: '/models?try=gpt-4o', variants: ALL, state: () => withPool() },
  { name: 'tester-plain', hash: '/models?try=claude-opus-4-8', variants: BOTH, state: () => withPool() },
  { name: 'tester-chain', hash: '/models?try=kimi-k3(high)', variants: ALL, state: () => withPool(CHAIN) },
  { name: 'tester-nobody', hash: '/models?try=gemini-4-pro', variants: BOTH, state: () => withPool() },
  {
    name: 'tester-all-resting',
    hash: '/models?try=kimi-k3',
    variants: BOTH,
    state: () =>
      withPool(DEFAULT_ROUTING, {
        accounts: ALL_RESTING,
        models: POOL_MODELS.filter(({ account }) => account === 'kimi-work' || account === 'kimi-spare'),
      }),
  },
  {
    name: 'tester-needs',
    hash: '/models?try=kimi-k2-thinking',
    variants: BOTH,
    state: () => withPool({ ...ROUTING, fallbacks: { 'kimi-k2-thinking': ['claude-sonnet-5'] } }),
    act: (page) => page.getByRole('button', { name: 'Images' }).click(),
  },
  {
    name: 'tester-typing',
    hash: '/models',
    variants: BOTH,
    state: () => withPool(),
    act: (page) => page.getByLabel('Name of a model').first().pressSequentially('kimi'),
  },
  { name: 'rules', hash: '/models?view=rules', variants: ALL, state: () => withPool() },
  { name: 'rules-none', hash: '/models?view=rules', variants: BOTH },
  { name: 'rules-tested', hash: '/models?view=rules&try=gpt-4o', variants: BOTH, state: () => withPool() },
  {
    name: 'rules-warned',
    hash: '/models?view=rules',
    variants: ALL,
    state: () =>
      withPool(FAULTY, { status: { ...STATUS, configFile: '/etc/patchbay.json', fixedSettings: ['routing'] } }),
  },
  {
    name: 'rule-alias',
    hash: '/models?view=rules&add=alias&name=gpt-4o-mini',
    variants: ALL,
    state: () => withPool(),
    act: async (page) => {
      const model = page.getByRole('dialog').getByLabel('Model that answers');
      await model.fill('kimi-k3');
      await page.keyboard.press('Tab');
    },
  },
  {
    name: 'rule-alias-warned',
    hash: `/models?view=rules&rule=${encodeURIComponent(JSON.stringify(['alias', null, 'gpt-4*']))}`,
    variants: BOTH,
    state: () => withPool(FAULTY),
  },
  {
    name: 'rule-chain',
    hash: `/models?view=rules&rule=${encodeURIComponent(JSON.stringify(['fallback', 'kimi-k3']))}`,
    variants: ALL,
    state: () => withPool(CHAIN),
  },
  {
    name: 'rule-attempts',
    hash: `/models?view=rules&rule=${encodeURIComponent(JSON.stringify(['attempts']))}`,
    variants: BOTH,
    state: () => withPool(),
  },
  { name: 'rule-hidden', hash: '/models?view=rules&add=hidden&name=kimi-*', variants: BOTH, state: () => withPool() },
  { name: 'rule-unknown', hash: '/models?view=rules&add=unknown', variants: BOTH, state: () => withPool() },
  { name: 'import', hash: '/models?view=rules&import=', variants: BOTH, state: () => withPool() },
  {
    name: 'import-mistakes',
    hash: '/models?view=rules&import=',
    variants: ALL,
    state: () => withPool(),
    act: paste(MISTAKES),
  },
  {
    name: 'import-changes',
    hash: '/models?view=rules&import=',
    variants: ALL,
    state: () => withPool(),
    act: paste(GOOD),
  },
  { name: 'models-hidden', hash: '/models?search=moonshot', variants: BOTH, state: () => withPool() },
  {
    name: 'models-many',
    hash: '/models',
    variants: BOTH,
    state: () =>
      withPool(ROUTING, {
        models: Array.from({ length: 10_000 }, (_, index) => ({
          ...(POOL_MODELS[index % POOL_MODELS.length] as (typeof POOL_MODELS)[0]),
          id: `vendor-${index % 97}/model-${index}`,
        })),
      }),
    act: tryName('vendor-3/model-3'),
  },
  {
    name: 'accounts-pool',
    hash: '/accounts',
    variants: ALL,
    state: () => withPool({ ...ROUTING, accounts: { 'kimi-home': { priority: 10, concurrency: 4 } } }),
  },
  {
    name: 'accounts-pool-choice',
    hash: '/accounts',
    variants: ALL,
    state: () => withPool(),
    act: (page) =>
      page
        .getByRole('button', { name: /^Change how/ })
        .first()
        .click(),
  },
  {
    name: 'accounts-rest-menu',
    hash: '/accounts',
    variants: BOTH,
    state: () => withPool(),
    act: (page) => page.getByRole('button', { name: 'More for Kimi (work)' }).click(),
  },
  {
    name: 'accounts-limits',
    hash: '/accounts',
    variants: BOTH,
    state: () => withPool(),
    act: async (page) => {
      await page.getByRole('button', { name: 'More for Kimi (work)' }).click();
      await page.getByRole('menuitem', { name: 'Priority and limit' }).click();
    },
  },
  {
    name: 'accounts-all-resting',
    hash: '/accounts',
    variants: BOTH,
    state: () => withPool(DEFAULT_ROUTING, { accounts: ALL_RESTING }),
  },
  {
    name: 'accounts-unrenewed',
    hash: '/accounts',
    variants: BOTH,
    state: () =>
      withPool(ROUTING, {
        accounts: [
          UNRENEWED,
          { ...RESTING, name: '月之暗面 Kimi 国际站（工作）' },
          { ...BROKEN, name: LONG.replaceAll('-', ' ') },
        ],
      }),
  },
  { name: 'overview-pool', hash: '/overview', variants: ALL, state: () => withPool() },
  {
    name: 'requests-moved',
    hash: '/requests',
    variants: ALL,
    state: () => withPool(ROUTING, { requests: MOVED_REQUESTS }),
  },
  {
    name: 'detail-moved',
    hash: '/requests?open=req_moved',
    variants: ALL,
    state: () => withPool(ROUTING, { requests: MOVED_REQUESTS }),
  },
  {
    name: 'detail-all-failed',
    hash: '/requests?open=req_lost',
    variants: BOTH,
    state: () => withPool(ROUTING, { requests: MOVED_REQUESTS }),
  },
  {
    name: 'detail-moving',
    hash: '/requests?open=req_moving',
    variants: BOTH,
    state: () => withPool(ROUTING, { requests: MOVED_REQUESTS }),
  },
  {
    name: 'menu-rest',
    hash: '/overview',
    variants: BOTH,
    state: () => withPool(),
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type('kimi (');
    },
  },
];
