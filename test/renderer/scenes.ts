// The list of pictures: which page, in which state, after which presses, at which sizes.
import type { Page } from 'playwright';
import type { AccountView, StatusView } from '../../shared/views.ts';
import type { FakeContract, FakeState } from '../support/fake-contract.ts';
import { ACCOUNTS, GOOD_CHECK, LOGGED_OUT, MODELS, STATUS } from '../support/fake-data.ts';
import { makeRequest, makeRequests } from '../support/fake-requests.ts';

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
  { name: 'settings', hash: '/settings', variants: ALL },
  {
    name: 'settings-exposed',
    hash: '/settings',
    variants: LIGHT,
    state: () => ({
      settings: {
        host: '0.0.0.0',
        port: 7282,
        bodyLimitBytes: 67_108_864,
        keepAliveMs: 10_000,
        firstByteMs: 600_000,
        idleMs: 300_000,
        drainMs: 10_000,
        logKeepDays: 30,
        logKeepRows: 100_000,
        startAtLogin: true,
        openWindow: true,
        theme: 'system',
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
