// Pictures of what K2-Think, Poe and Kimi bring: their forms, many accounts at once, balances, rates of calls, the proxy.
import { join } from 'node:path';
import type { Page } from 'playwright';
import { DEFAULT_SETTINGS } from '../../shared/settings.ts';
import type { FakeState } from '../support/fake-contract.ts';
import { MODELS, PROVIDERS } from '../support/fake-data.ts';
import { LISTED, SERVICE_ACCOUNTS, SERVICE_MODELS, SERVICES } from '../support/fake-services.ts';
import { FAILED_TRY, GOOD_TRY } from '../support/fake-tries.ts';
import type { Scene, Variant } from './scenes.ts';

const ALL: readonly Variant[] = [
  [1280, 800, 'light'],
  [1280, 800, 'dark'],
  [900, 600, 'light'],
  [900, 600, 'dark'],
];

const state =
  (more: Partial<FakeState> = {}) =>
  (): Partial<FakeState> => ({
    providers: [...PROVIDERS, ...SERVICES],
    accounts: SERVICE_ACCOUNTS,
    models: [...SERVICE_MODELS, ...MODELS],
    listed: LISTED,
    tries: { kimi: FAILED_TRY, poe: GOOD_TRY },
    ...more,
  });

const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();

async function openList(page: Page): Promise<void> {
  await press(page, 'Several at once');
  await page.getByLabel('Accounts, one per line').fill('{"email": "grace@example.org", "password": "…"}\neyJ…');
  await press(page, 'Read the lines');
  await page.getByText('Line 7: Unknown').waitFor();
}

const pictures: readonly Omit<Scene, 'variants'>[] = [
  { name: 'service-accounts', hash: '/accounts', state: state() },
  {
    name: 'service-accounts-lower',
    hash: '/accounts',
    state: state(),
    act: (page) => page.getByText('Kimi Code').first().scrollIntoViewIfNeeded(),
  },
  { name: 'service-choose', hash: '/accounts?add=', state: state() },
  { name: 'service-add-k2', hash: '/accounts?add=k2-think', state: state() },
  {
    name: 'service-add-k2-guest',
    hash: '/accounts?add=k2-think',
    state: state(),
    act: (page) => page.getByText('Guest', { exact: true }).last().click(),
  },
  { name: 'service-add-poe', hash: '/accounts?add=poe', state: state() },
  {
    name: 'service-add-poe-more',
    hash: '/accounts?add=poe',
    state: state(),
    act: async (page) => {
      await press(page, 'More settings');
      await page.getByLabel('Proxy').scrollIntoViewIfNeeded();
    },
  },
  { name: 'service-add-kimi', hash: '/accounts?add=kimi', state: state() },
  {
    name: 'service-add-kimi-more',
    hash: '/accounts?add=kimi',
    state: state(),
    act: async (page) => {
      await press(page, 'More settings');
      await page.getByLabel('Proxy').fill('socks4://host');
      await press(page, 'Save and check');
      await page.getByLabel('Proxy').scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'service-list-empty',
    hash: '/accounts?add=k2-think',
    state: state(),
    act: (page) => press(page, 'Several at once'),
  },
  { name: 'service-list', hash: '/accounts?add=k2-think', state: state(), act: openList },
  {
    name: 'service-list-write',
    hash: '/accounts?add=k2-think',
    state: state(),
    act: async (page) => {
      await press(page, 'Several at once');
      await page.getByLabel('Folder for a copy of the accounts').fill(join('/home/ada', 'copies'));
      await page.getByLabel('With passwords and tokens').check();
      await press(page, 'Write the files');
      await page.getByText('Written', { exact: true }).scrollIntoViewIfNeeded();
    },
  },
  {
    name: 'service-try-failed',
    hash: '/accounts?try=kimi',
    state: state(),
    act: (page) => press(page, 'Ask now'),
  },
  { name: 'service-try-good', hash: '/accounts?try=poe', state: state(), act: (page) => press(page, 'Ask now') },
  { name: 'service-models', hash: '/models', state: state() },
  {
    name: 'service-proxy',
    hash: '/settings',
    state: state({ settings: { ...DEFAULT_SETTINGS, proxy: 'socks5://ada@proxy.example.org:1080' } }),
    act: (page) => page.getByText('Proxy', { exact: true }).first().scrollIntoViewIfNeeded(),
  },
  {
    name: 'service-proxy-wrong',
    hash: '/settings',
    state: state(),
    act: async (page) => {
      await page.getByLabel('Proxy', { exact: true }).fill('proxy.example.org');
      await page.getByLabel('Proxy', { exact: true }).press('Enter');
    },
  },
];

/** All of them, at every size. */
export const SERVICE_SCENES: readonly Scene[] = pictures.map((picture) => ({ ...picture, variants: ALL }));
