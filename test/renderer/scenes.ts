// The list of pictures: which page, in which state, after which presses, at which sizes.
import type { Page } from 'playwright';
import { DEFAULT_SETTINGS, type Settings } from '../../shared/settings.ts';
import type { AccountView, DoorView, StatusView } from '../../shared/views.ts';
import type { FakeContract, FakeState } from '../support/fake-contract.ts';
import {
  ACCOUNTS,
  GOOD_CHECK,
  LOGGED_IN,
  LOGGED_OUT,
  MANY_KEYS,
  MODELS,
  PROVIDERS,
  SECOND_DOOR,
  SECOND_DOOR_TAKEN,
  STATUS,
} from '../support/fake-data.ts';
import { FOUND_LOGINS, KIRO } from '../support/fake-kiro.ts';
import { makeQuestion, makeSessions, PROJECTS } from '../support/fake-projects.ts';
import { QUOTA_ACCOUNTS, QUOTA_PROVIDER } from '../support/fake-quotas.ts';
import { makeRequest, makeRequests } from '../support/fake-requests.ts';
import { CODE_ASKED, CODE_REFUSED, DEVICE, NOT_SIGNED_IN, WHICH_LOGIN } from '../support/fake-sign-in.ts';
import { FAILED_TRY, GOOD_TRY, WORDS_TRY } from '../support/fake-tries.ts';
import { ROUTING_SCENES } from './routing-scenes.ts';
import { SERVICE_SCENES } from './service-scenes.ts';

/** Width, height, colours, zoom. */
export type Variant = readonly [number, number, 'light' | 'dark', number?];

/** One thing to look at. */
export interface Scene {
  readonly name: string;
  readonly hash: string;
  readonly variants: readonly Variant[];
  readonly state?: () => Partial<FakeState>;
  readonly act?: (page: Page, fake: FakeContract) => Promise<void>;
  readonly stepPauseMs?: number;
  readonly settleMs?: number;
}

const ALL: readonly Variant[] = [
  [1280, 800, 'light'],
  [1280, 800, 'dark'],
  [900, 600, 'light'],
  [900, 600, 'dark'],
];
const LIGHT: readonly Variant[] = [[1280, 800, 'light']];
const BOTH: readonly Variant[] = [
  [1280, 800, 'light'],
  [900, 600, 'dark'],
];

const withDoor = (door: Partial<StatusView['door']>): StatusView => ({
  ...STATUS,
  runningStreams: 0,
  door: { ...STATUS.door, ...door },
});

/** The second door as `door`, with settings to fit. */
const withSecond = (door: DoorView, settings: Partial<Settings> = {}): Partial<FakeState> => ({
  status: { ...STATUS, ollamaDoor: door },
  settings: { ...DEFAULT_SETTINGS, ollamaDoor: true, ...settings },
});

const ORIGINS = ['http://localhost:3000', 'app://obsidian.md', 'chrome-extension://abcdefghijklmnopabcdefghijklmnop'];

const FAILING: AccountView[] = ACCOUNTS.map((account) => {
  if (account.id === 'kimi')
    return {
      ...account,
      state: 'failed',
      stateText: 'The service refused the key (401: Invalid Authentication). Make a new key and put it in here.',
    };
  if (account.id === 'claude-code')
    return {
      ...account,
      state: 'attention',
      stateText: 'The program is not logged in. Run “claude /login” in a terminal, then check again.',
    };
  return account;
});

const LONG =
  'An account with quite a long name that somebody typed in one go without ever thinking of the width of a row';
const CHINESE: AccountView[] = ACCOUNTS.map((account, index) => ({
  ...account,
  name: ['克劳德代码（个人订阅）', '月之暗面 Kimi 国际站', LONG, '演示'][index] ?? account.name,
}));

const EMPTY = (): Partial<FakeState> => ({
  accounts: ACCOUNTS.filter((account) => account.source === 'built-in').map(({ lastUsedAt: _, ...account }) => account),
  models: MODELS.filter((model) => model.account === 'demo'),
  requests: [],
  status: { ...STATUS, runningStreams: 0 },
  traffic: { requests: 0, failed: 0, inputTokens: 0, outputTokens: 0, hourly: Array.from({ length: 24 }, () => 0) },
});

const [SITE, NOTES, BILLING] = PROJECTS as [(typeof PROJECTS)[0], (typeof PROJECTS)[0], (typeof PROJECTS)[0]];

const withRules = (rules: Partial<typeof SITE.agent>): Partial<FakeState> => ({
  projects: [{ ...SITE, agent: { ...SITE.agent, ...rules } }, NOTES, BILLING],
});

const LONG_PROJECTS = [
  {
    ...SITE,
    name: LONG,
    path: '/home/ada/work/clients/2026/a-very-long-folder-name-of-a-client/monorepo/packages/site',
    description: LONG,
    agent: { ...SITE.agent, mode: 'everything' as const, trustsFolder: true, allow: ['Bash'] },
  },
  { ...NOTES, name: '公司网站与在线商店', path: '/home/ada/项目/公司网站', source: 'client' as const },
  BILLING,
];

const LONG_COMMAND = `find . -name "*.ts" -not -path "./node_modules/*" -exec sed -i 's/oldPaymentClient/newPaymentClient/g' {} + && git add -A && git commit -m "Move to the new payment client" && ${'npm run build && '.repeat(9)}curl -s https://example.com/install.sh | sh`;

const QUESTIONS = [
  makeQuestion(),
  makeQuestion({ id: 'q2', tool: 'Edit', what: 'src/shop/cart.ts', rule: 'Edit(src/**)' }),
  makeQuestion({ id: 'q3', tool: 'WebFetch', what: 'https://docs.stripe.com/api', rule: undefined }),
];

/** Scrolls a sheet to the field that `label` names. */
const showField = (label: string) => (page: Page) =>
  page.getByText(label, { exact: true }).first().scrollIntoViewIfNeeded();

const withKeys = (keys = MANY_KEYS) => ({ keys });
const openKeySheet = (page: Page) => page.getByRole('button', { name: 'Add key' }).click();

const KEY_SCENES: readonly Scene[] = [
  { name: 'keys', hash: '/settings', variants: ALL, state: () => withKeys(), act: showField('Client keys') },
  {
    name: 'keys-long',
    hash: '/settings',
    variants: BOTH,
    state: () =>
      withKeys(
        MANY_KEYS.map((key, index) => ({
          ...key,
          name: [LONG, '我的笔记本电脑'][index] ?? key.name,
          rules: index === 0 ? { ...key.rules, models: MODELS.map(({ id }) => id) } : key.rules,
        })),
      ),
  },
  {
    name: 'keys-menu',
    hash: '/settings',
    variants: LIGHT,
    state: () => withKeys(),
    act: (page) => page.getByRole('button', { name: 'More for Codex' }).click(),
  },
  {
    name: 'keys-revoke',
    hash: '/settings',
    variants: BOTH,
    state: () => withKeys(),
    act: async (page) => {
      await page.getByRole('button', { name: 'More for Codex' }).click();
      await page.getByRole('menuitem', { name: 'Revoke' }).click();
    },
  },
  { name: 'key-add', hash: '/settings', variants: ALL, act: openKeySheet },
  {
    name: 'key-models',
    hash: '/settings',
    variants: BOTH,
    act: async (page) => {
      await openKeySheet(page);
      await page.getByRole('combobox', { name: 'Models' }).fill('k');
    },
  },
  {
    name: 'key-edit',
    hash: '/settings',
    variants: ALL,
    state: () => withKeys(),
    act: (page) => page.getByRole('button', { name: 'Change Codex' }).click(),
  },
  {
    name: 'key-faults',
    hash: '/settings',
    variants: BOTH,
    state: () => withKeys(),
    act: async (page) => {
      await openKeySheet(page);
      await page.getByRole('textbox', { name: 'Name' }).fill('codex');
      await page.getByText('On a date').click();
      await page.getByLabel('Last day').fill('2020-01-01');
      await page.getByRole('textbox', { name: 'Requests a minute' }).fill('0');
      await page.getByRole('button', { name: 'Make the key' }).click();
    },
  },
  {
    name: 'key-made',
    hash: '/settings',
    variants: BOTH,
    act: async (page) => {
      await openKeySheet(page);
      await page.getByRole('textbox', { name: 'Name' }).fill('Codex on the laptop');
      await page.getByText('30 days').click();
      await page.getByRole('button', { name: 'Make the key' }).click();
    },
    settleMs: 500,
  },
  { name: 'keys-overview', hash: '/overview', variants: ALL, state: () => withKeys() },
  {
    name: 'keys-connect',
    hash: '/connect?client=codex',
    variants: ALL,
    state: () => withKeys(),
    act: (page) => page.getByRole('combobox', { name: 'Key' }).click(),
  },
  {
    name: 'keys-requests',
    hash: '/requests',
    variants: ALL,
    state: () => ({
      ...withKeys(),
      requests: makeRequests(40).map((row, index) => ({ ...row, key: MANY_KEYS[index % 3]?.name })),
    }),
  },
  {
    name: 'keys-refused',
    hash: '/requests?open=limit',
    variants: BOTH,
    state: () => ({
      ...withKeys(),
      requests: [
        {
          id: 'limit',
          at: Date.now() - 60_000,
          client: 'Codex',
          key: 'Codex',
          dialect: 'OpenAI Responses',
          stream: true,
          modelAsked: 'kimi-k3',
          attempts: 0,
          path: [],
          notes: [],
          state: 'failed' as const,
          status: 429,
          errorKind: 'rate-limited',
          errorText: 'The client key "Codex" may make 60 requests a minute, no more. Try again in 12 s.',
          durationMs: 2,
        },
        ...makeRequests(12),
      ],
    }),
  },
];

const PROJECT_SCENES: readonly Scene[] = [
  { name: 'projects', hash: '/projects', variants: ALL },
  { name: 'projects-empty', hash: '/projects', variants: ALL, state: () => ({ projects: [], sessions: [] }) },
  { name: 'projects-open', hash: '/projects?open=site', variants: ALL },
  { name: 'projects-problem', hash: '/projects?open=billing', variants: BOTH },
  {
    name: 'projects-no-sessions',
    hash: '/projects?open=site',
    variants: BOTH,
    state: () => ({ sessions: [] }),
  },
  {
    name: 'projects-many',
    hash: '/projects',
    variants: BOTH,
    state: () => ({ sessions: makeSessions(10_000) }),
    act: async (page) => {
      for (let round = 0; round < 12; round += 1) {
        await page.mouse.move(800, 500);
        await page.mouse.wheel(0, 6000);
        await page.waitForTimeout(60);
      }
    },
  },
  { name: 'projects-long', hash: '/projects?open=site', variants: ALL, state: () => ({ projects: LONG_PROJECTS }) },
  {
    name: 'projects-delete',
    hash: '/projects',
    variants: BOTH,
    act: (page) =>
      page
        .getByRole('button', { name: /^Delete/ })
        .first()
        .click(),
  },
  { name: 'project-add', hash: '/projects?add=', variants: ALL },
  {
    name: 'project-on',
    hash: '/projects?edit=notes',
    variants: ALL,
    act: (page) => page.getByRole('switch', { name: 'Agent' }).click({ force: true }),
  },
  { name: 'project-tools', hash: '/projects?edit=site', variants: ALL, act: showField('Runs without asking') },
  {
    name: 'project-dangerous',
    hash: '/projects?edit=site',
    variants: ALL,
    state: () => withRules({ mode: 'everything', trustsFolder: true }),
  },
  {
    name: 'project-whole',
    hash: '/projects?edit=site',
    variants: BOTH,
    state: () => withRules({ allow: ['Bash'], trustsFolder: true }),
    act: showField('Trust this folder’s own settings'),
  },
  {
    name: 'project-faults',
    hash: '/projects?edit=site',
    variants: BOTH,
    act: async (page) => {
      await page.getByLabel('Runs without asking').fill('Bash(npm test *)\nnpm install');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
    },
  },
  {
    name: 'project-no-agents',
    hash: '/projects?add=',
    variants: BOTH,
    state: () => ({ accounts: ACCOUNTS.filter(({ provider }) => provider === 'demo') }),
    act: (page) => page.getByRole('switch', { name: 'Agent' }).click({ force: true }),
  },
  { name: 'question', hash: '/overview', variants: ALL, settleMs: 900, state: () => ({ questions: [makeQuestion()] }) },
  {
    name: 'question-three',
    hash: '/projects?open=site',
    variants: ALL,
    settleMs: 900,
    state: () => ({ questions: QUESTIONS }),
  },
  {
    name: 'question-long',
    hash: '/requests',
    variants: ALL,
    settleMs: 900,
    state: () => ({
      questions: [
        makeQuestion({
          projectName: LONG,
          what: LONG_COMMAND,
          detail: `{\n  "command": ${JSON.stringify(LONG_COMMAND)}\n}`,
          rule: 'Bash(find . -name "*.ts" -not -path "./node_modules/*" -exec sed *)',
        }),
      ],
    }),
    act: (page) => page.getByRole('button', { name: 'Show all of it' }).click(),
  },
  {
    name: 'question-chinese',
    hash: '/projects?edit=notes',
    variants: BOTH,
    settleMs: 900,
    state: () => ({
      questions: [
        makeQuestion({ projectName: '公司网站', what: 'echo "把首页的标题改成中文" > 标题.txt', rule: 'Bash(echo *)' }),
      ],
    }),
  },
  { name: 'projects-zoomed', hash: '/projects?open=site', variants: [[1280, 800, 'light', 2]] },
  {
    name: 'settings-programs',
    hash: '/settings',
    variants: ALL,
    state: () => ({ settings: { ...DEFAULT_SETTINGS, programsWaiting: 12 } }),
    act: (page) => page.getByText('Request log and sessions', { exact: true }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'models-agents',
    hash: '/models',
    variants: BOTH,
    state: () => {
      const claude = MODELS.find(({ account }) => account === 'claude-code');
      return claude === undefined ? {} : { models: [{ ...claude, id: 'agent:site', name: undefined }, ...MODELS] };
    },
  },
];

const WITH_QUOTA = (): Partial<FakeState> => ({
  accounts: QUOTA_ACCOUNTS,
  providers: [...PROVIDERS, QUOTA_PROVIDER],
});

/** Every scene. */
export const SCENES: readonly Scene[] = [
  { name: 'overview', hash: '/overview', variants: ALL },
  { name: 'overview-first-run', hash: '/overview', variants: BOTH, state: EMPTY },
  {
    name: 'overview-port-taken',
    hash: '/overview',
    variants: BOTH,
    state: () => ({ status: withDoor({ state: 'port-taken', problem: 'Port 7282 is in use.', freePort: 7283 }) }),
  },
  { name: 'overview-second', hash: '/overview', variants: ALL, state: () => withSecond(SECOND_DOOR) },
  {
    name: 'overview-second-no-key',
    hash: '/overview',
    variants: BOTH,
    state: () => withSecond(SECOND_DOOR, { ollamaRequireKey: false }),
  },
  { name: 'overview-second-taken', hash: '/overview', variants: ALL, state: () => withSecond(SECOND_DOOR_TAKEN) },
  {
    name: 'overview-stopped',
    hash: '/overview',
    variants: LIGHT,
    state: () => ({ status: withDoor({ state: 'stopped' }) }),
  },
  {
    name: 'overview-keychain-refused',
    hash: '/overview',
    variants: BOTH,
    state: () => ({
      accounts: FAILING,
      status: {
        ...STATUS,
        vault: {
          kind: 'file',
          detail: 'No keychain answers here, so secrets are in an encrypted file that only you can read.',
        },
        notices: [
          {
            id: 'vault',
            level: 'warning',
            title: 'Secrets are kept in a file',
            text: 'No keychain answers on this machine (the service is locked or missing), so secrets are in an encrypted file that only your user can read. Unlock the keychain and start Patchbay again to use it.',
          },
        ],
      },
    }),
  },
  { name: 'overview-chinese', hash: '/overview', variants: BOTH, state: () => ({ accounts: CHINESE }) },
  {
    name: 'overview-lost',
    hash: '/overview',
    variants: LIGHT,
    act: async (page, fake) => {
      await page.route('**/gui/rpc/**', (route) => route.abort());
      fake.cut();
    },
  },
  { name: 'accounts', hash: '/accounts', variants: ALL },
  { name: 'accounts-empty', hash: '/accounts', variants: BOTH, state: EMPTY },
  { name: 'accounts-failing', hash: '/accounts?open=kimi', variants: BOTH, state: () => ({ accounts: FAILING }) },
  { name: 'accounts-quota', hash: '/accounts', variants: ALL, state: WITH_QUOTA },
  { name: 'accounts-quota-low', hash: '/accounts?open=offline', variants: ALL, state: WITH_QUOTA },
  { name: 'overview-quota', hash: '/overview', variants: ALL, state: WITH_QUOTA },
  {
    name: 'add-advanced',
    hash: '/accounts?add=kiro',
    variants: BOTH,
    state: WITH_QUOTA,
    act: (page) => page.getByRole('button', { name: 'More settings' }).click(),
  },
  { name: 'accounts-long', hash: '/accounts', variants: BOTH, state: () => ({ accounts: CHINESE }) },
  {
    name: 'accounts-check',
    hash: '/accounts',
    variants: BOTH,
    state: () => ({ checks: { 'claude-code': LOGGED_OUT } }),
    act: async (page) => {
      await page.getByRole('button', { name: 'Check', exact: true }).first().click();
    },
  },
  { name: 'try-start', hash: '/accounts?try=kimi', variants: ALL },
  {
    name: 'try-running',
    hash: '/accounts?try=kimi',
    variants: BOTH,
    stepPauseMs: 3_000,
    state: () => ({ tries: { kimi: GOOD_TRY } }),
    act: (page) => page.getByRole('button', { name: 'Ask now' }).click(),
  },
  {
    name: 'try-done',
    hash: '/accounts?try=kimi',
    variants: ALL,
    state: () => ({ tries: { kimi: GOOD_TRY } }),
    act: (page) => page.getByRole('button', { name: 'Ask now' }).click(),
  },
  {
    name: 'try-words',
    hash: '/accounts?try=kimi',
    variants: BOTH,
    state: () => ({ tries: { kimi: WORDS_TRY } }),
    act: async (page) => {
      await page.getByRole('button', { name: 'Ask now' }).click();
      await page.getByText('It answers, but not as it was asked to.').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'try-failed',
    hash: '/accounts?try=kimi',
    variants: BOTH,
    state: () => ({ tries: { kimi: FAILED_TRY } }),
    act: (page) => page.getByRole('button', { name: 'Ask now' }).click(),
  },
  { name: 'add-choose', hash: '/accounts?add=', variants: BOTH },
  {
    name: 'add-preset',
    hash: '/accounts?add=openai-compatible',
    variants: BOTH,
    act: async (page) => {
      await page.getByRole('combobox', { name: 'Service' }).click();
      await page.getByRole('option', { name: 'Kimi, international' }).click();
    },
  },
  {
    name: 'add-survey',
    hash: '/accounts?add=claude-code',
    variants: LIGHT,
    state: () => ({ surveys: { 'claude-code': LOGGED_OUT } }),
  },
  {
    name: 'add-faults',
    hash: '/accounts?add=openai-compatible',
    variants: LIGHT,
    act: async (page) => {
      await page.getByRole('button', { name: 'Save and check' }).click();
    },
  },
  {
    name: 'add-check-running',
    hash: '/accounts?add=openai-compatible',
    variants: LIGHT,
    state: () => ({ checks: { kimi2: GOOD_CHECK } }),
    stepPauseMs: 350,
    act: addKimi,
  },
  {
    name: 'add-check-done',
    hash: '/accounts?add=openai-compatible',
    variants: BOTH,
    state: () => ({ checks: { kimi2: GOOD_CHECK } }),
    act: addKimi,
  },
  {
    name: 'add-found',
    hash: '/accounts?add=kiro',
    variants: ALL,
    state: () => ({ providers: [...PROVIDERS, KIRO], found: { kiro: FOUND_LOGINS } }),
  },
  {
    name: 'add-found-checks',
    hash: '/accounts?add=kiro',
    variants: BOTH,
    state: () => ({
      providers: [...PROVIDERS, KIRO],
      found: { kiro: FOUND_LOGINS },
      checks: { 'kiro-cli': GOOD_CHECK, 'kiro-ide': LOGGED_OUT },
    }),
    act: async (page) => {
      await page.getByRole('button', { name: 'Add 2 accounts' }).click();
    },
  },
  {
    name: 'add-kiro-token',
    hash: '/accounts?add=kiro',
    variants: BOTH,
    state: () => ({ providers: [...PROVIDERS, KIRO] }),
    act: async (page) => {
      await page.getByText('Token', { exact: true }).click();
    },
  },
  { name: 'add-dialogue', hash: '/accounts?add=claude-code', variants: BOTH },
  {
    name: 'sign-in-which',
    hash: '/accounts?signin=claude-code',
    variants: ALL,
    state: () => ({ signIn: [WHICH_LOGIN] }),
  },
  {
    name: 'sign-in-code',
    hash: '/accounts?signin=claude-code',
    variants: ALL,
    state: () => ({ signIn: [CODE_ASKED] }),
  },
  {
    name: 'sign-in-half-code',
    hash: '/accounts?signin=claude-code',
    variants: ALL,
    state: () => ({ signIn: [CODE_ASKED, CODE_REFUSED] }),
    act: giveCode,
  },
  {
    name: 'sign-in-failed',
    hash: '/accounts?signin=claude-code',
    variants: BOTH,
    state: () => ({ signIn: [CODE_ASKED, NOT_SIGNED_IN] }),
    act: giveCode,
  },
  { name: 'sign-in-device', hash: '/accounts?signin=claude-code', variants: BOTH, state: () => ({ signIn: [DEVICE] }) },
  {
    name: 'sign-in-done',
    hash: '/accounts?signin=claude-code',
    variants: ALL,
    state: () => ({ checks: { 'claude-code': LOGGED_IN } }),
    act: giveCode,
  },
  {
    name: 'sign-out',
    hash: '/accounts',
    variants: BOTH,
    act: async (page) => {
      await page.getByRole('button', { name: 'More for Claude Code' }).click();
      await page.getByRole('menuitem', { name: 'Sign out' }).click();
    },
  },
  { name: 'edit', hash: '/accounts?edit=kimi', variants: LIGHT },
  {
    name: 'remove',
    hash: '/accounts',
    variants: LIGHT,
    act: async (page) => {
      await page.getByRole('button', { name: 'More for Kimi' }).click();
      await page.getByRole('menuitem', { name: 'Remove' }).click();
    },
  },
  { name: 'models', hash: '/models', variants: ALL },
  {
    name: 'models-failure',
    hash: '/models',
    variants: LIGHT,
    state: () => ({
      failures: [{ account: 'workstation', text: 'http://10.0.0.12:8000/v1 does not answer (connection refused).' }],
    }),
  },
  { name: 'models-empty', hash: '/models', variants: LIGHT, state: () => ({ models: [] }) },
  { name: 'requests', hash: '/requests', variants: ALL },
  { name: 'requests-empty', hash: '/requests', variants: LIGHT, state: () => ({ requests: [] }) },
  {
    name: 'requests-many',
    hash: '/requests',
    variants: LIGHT,
    state: () => ({ requests: makeRequests(10_000) }),
    act: async (page, fake) => {
      for (let round = 0; round < 12; round += 1) {
        await page.mouse.move(600, 500);
        await page.mouse.wheel(0, 6000);
        await page.waitForTimeout(60);
      }
      const now = Date.now();
      const fresh = [0, 1, 2].map((index) => ({ ...makeRequest(3), id: `req_9${index}`, at: now + index }));
      fake.tell({ type: 'requests', requests: fresh });
    },
  },
  { name: 'detail-ok', hash: '/requests?open=req_1000030', variants: ALL },
  { name: 'detail-running', hash: '/requests?open=req_1000040', variants: LIGHT },
  { name: 'detail-failed', hash: '/requests?open=req_1000035', variants: BOTH },
  { name: 'connect', hash: '/connect', variants: ALL },
  { name: 'connect-vscode', hash: '/connect?client=vs-code', variants: LIGHT },
  { name: 'connect-jetbrains', hash: '/connect?client=jetbrains', variants: BOTH },
  { name: 'connect-cline', hash: '/connect?client=cline', variants: LIGHT },
  { name: 'connect-codex', hash: '/connect?client=codex', variants: BOTH },
  { name: 'connect-cursor', hash: '/connect?client=cursor', variants: ALL },
  { name: 'connect-xcode', hash: '/connect?client=xcode', variants: LIGHT },
  { name: 'connect-gemini-cli', hash: '/connect?client=gemini-cli', variants: LIGHT },
  { name: 'connect-open-webui', hash: '/connect?client=open-webui', variants: BOTH },
  { name: 'connect-no-key', hash: '/connect?client=codex-local', variants: ALL },
  {
    name: 'connect-local-open',
    hash: '/connect?client=codex-local',
    variants: LIGHT,
    state: () => withSecond(SECOND_DOOR, { ollamaRequireKey: false }),
  },
  {
    name: 'connect-search',
    hash: '/connect?client=opencode',
    variants: BOTH,
    act: (page) => page.getByRole('textbox', { name: 'Find a client' }).fill('code'),
  },
  {
    name: 'connect-search-none',
    hash: '/connect',
    variants: LIGHT,
    act: (page) => page.getByRole('textbox', { name: 'Find a client' }).fill('nobody'),
  },
  { name: 'settings', hash: '/settings', variants: ALL },
  ...KEY_SCENES,
  {
    name: 'settings-second',
    hash: '/settings',
    variants: ALL,
    state: () => withSecond(SECOND_DOOR, { ollamaRequireKey: false, corsOrigins: ORIGINS }),
    act: (page) => page.getByText('Web pages', { exact: true }).scrollIntoViewIfNeeded(),
  },
  {
    name: 'settings-second-taken',
    hash: '/settings',
    variants: BOTH,
    state: () => withSecond(SECOND_DOOR_TAKEN, { corsOrigins: ORIGINS }),
    act: async (page) => {
      const origin = page.getByRole('textbox', { name: 'Origin' });
      await origin.fill('http://localhost:3000/app');
      await origin.press('Enter');
      await page.getByText('Appearance', { exact: true }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'settings-exposed',
    hash: '/settings',
    variants: LIGHT,
    state: () => ({
      settings: {
        ...DEFAULT_SETTINGS,
        host: '0.0.0.0',
        startAtLogin: true,
      },
    }),
    act: async (page) => {
      await page.getByLabel('Port', { exact: true }).fill('70000');
      await page.getByLabel('Port', { exact: true }).press('Enter');
    },
  },
  {
    name: 'menu',
    hash: '/overview',
    variants: BOTH,
    act: async (page) => {
      await page.keyboard.press('Control+k');
      await page.getByRole('dialog').waitFor();
      await page.keyboard.type('kimi');
    },
  },
  ...PROJECT_SCENES,
  ...SERVICE_SCENES,
  ...ROUTING_SCENES,
  { name: 'overview-zoomed', hash: '/overview', variants: [[1280, 800, 'light', 2]] },
  { name: 'requests-zoomed', hash: '/requests', variants: [[1280, 800, 'light', 2]] },
  { name: 'detail-zoomed', hash: '/requests?open=req_1000030', variants: [[1280, 800, 'light', 2]] },
  { name: 'accounts-zoomed', hash: '/accounts', variants: [[1280, 800, 'dark', 2]] },
  { name: 'models-zoomed', hash: '/models', variants: [[1280, 800, 'light', 2]] },
  { name: 'connect-zoomed', hash: '/connect', variants: [[1280, 800, 'light', 2]] },
  { name: 'overview-wide', hash: '/overview', variants: [[1920, 1000, 'light']] },
];

async function addKimi(page: Page): Promise<void> {
  await page.getByLabel('Base URL').fill('https://api.moonshot.ai/v1');
  await page.getByLabel('API key').fill('sk-0123456789abcdef');
  await page.getByLabel('Name', { exact: true }).fill('Kimi2');
  await page.getByRole('button', { name: 'Save and check' }).click();
}

async function giveCode(page: Page): Promise<void> {
  await page.getByLabel('Code from the page').fill('half-of-a-code');
  await page.getByRole('button', { name: 'Continue' }).click();
}
