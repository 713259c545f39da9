// @vitest-environment jsdom
// What a row says of an account's plan, and the settings that few people touch.
import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { PROVIDERS } from '../../support/fake-data.ts';
import { FINE, QUOTA_ACCOUNTS, QUOTA_PROVIDER } from '../../support/fake-quotas.ts';
import { openApp } from '../render-app.tsx';

const open = (place = '/accounts', change = {}) =>
  openApp(place, { accounts: QUOTA_ACCOUNTS, providers: [...PROVIDERS, QUOTA_PROVIDER], ...change });
const rowOf = (name: string) => screen.findByRole('region', { name: `What is left of ${name}` });

test.each([
  ['Ada at work', '1,582.57 of 2,000 credits left', 'KIRO PRO+'],
  ['Ada at home', 'Only 43.5 of 650 credits left', 'KIRO FREE'],
  ['Charles', 'All 1,000 credits used up', 'KIRO PRO'],
  [
    'The whole analytical engine team of the northern branch office',
    '2,214.07 used of 2,000 credits; more is charged',
    'KIRO PRO+',
  ],
  ['Not asked', 'What is left of the plan was not asked yet.', undefined],
  ['Not told', 'The service does not tell what is left of the plan.', 'KIRO POWER'],
])('the plan of %s is told in words', async (name, words, plan) => {
  open();
  const row = within(await rowOf(name));
  expect(row.getByText(words)).toBeTruthy();
  if (plan !== undefined) expect(row.getByText(plan)).toBeTruthy();
});

test('a screen reader hears the parts of a plan and when it was read', async () => {
  open();
  const row = await rowOf('Ada at home');
  expect(row.textContent).toContain(
    'Plan: 50 of 50. Free trial: 496.5 of 500. Promo: 60 of 100. ada@example.com. As of 2 min. ago',
  );
  expect(row.textContent).toMatch(/begins anew in 9 days, \d+ \w{3}/);
});

test('points that are left are told without a limit that nobody knows', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  const balances = [
    { label: 'Balance', left: 1500, unit: 'points' },
    { label: 'Add-on', left: 0, unit: 'points' },
  ];
  open('/accounts', { accounts: [{ ...account, quota: { meters: [], balances, readAt: Date.now() } }] });
  const row = within(await rowOf(account.name));
  expect(row.getByText('Balance: 1,500 points')).toBeTruthy();
  expect(row.getByText('Add-on: 0 points')).toBeTruthy();
});

test('an empty part of a balance is no warning', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  const balances = [
    { label: 'Balance', left: 20, unit: 'yuan' },
    { label: 'Of it vouchers', left: 0, unit: 'yuan' },
  ];
  open('/accounts', { accounts: [{ ...account, quota: { meters: [], balances, readAt: Date.now() } }] });
  const row = await rowOf(account.name);
  await within(row).findByText('Of it vouchers: 0 yuan');
  expect(row.querySelector('[data-state="exhausted"]')).toBeNull();
});

test('of two meters each says what it counts, and the plan is named once', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  const meters = [
    { label: 'Week', used: 12, limit: 100 },
    { label: '5 hours', used: 3, limit: 20 },
  ];
  open('/accounts', { accounts: [{ ...account, quota: { meters, plan: 'Moderato', readAt: Date.now() } }] });
  const row = within(await rowOf(account.name));
  expect(row.getByText(/^Week: 88 of 100\s+left$/)).toBeTruthy();
  expect(row.getByText(/^5 hours: 17 of 20\s+left$/)).toBeTruthy();
  expect(row.getAllByText('Moderato')).toHaveLength(1);
});

test('what is known is shown beside the reason why it is old', async () => {
  open();
  const row = within(await rowOf('Offline'));
  expect(row.getByText('1,582.57 of 2,000 credits left')).toBeTruthy();
  expect(row.getByText(/^Could not be asked anew: No answer from/)).toBeTruthy();
});

test('where nothing is known yet the reason stands alone', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  const quota = { meters: [], readAt: Date.now(), problem: 'Invalid API key' };
  open('/accounts', { accounts: [{ ...account, quota }] });
  const row = within(await rowOf(account.name));
  expect(row.getByText('What is left could not be asked: Invalid API key')).toBeTruthy();
  expect(row.queryByText(/does not tell/)).toBeNull();
});

test('a press asks anew, and the row follows', async () => {
  const { fake, user } = open('/accounts', { quotas: { unread: FINE } });
  await user.click(await screen.findByRole('button', { name: 'Ask again what is left of Not asked' }));
  expect(await within(await rowOf('Not asked')).findByText('1,582.57 of 2,000 credits left')).toBeTruthy();
  expect(fake.calls.filter(({ name }) => name === 'accounts.readQuota')).toEqual([
    { name: 'accounts.readQuota', input: { id: 'unread' } },
  ]);
});

test('the last test’s words on the plan do not stand below the bar a second time', async () => {
  const words = '582.57 credits left: KIRO PRO+ of ada@example.com';
  const accounts = QUOTA_ACCOUNTS.slice(0, 1).map(
    (account) => ({ ...account, state: 'ready', stateText: words }) as const,
  );
  const { fake } = open('/accounts', { accounts });
  await rowOf('Ada at work');
  expect(screen.queryByText(words)).toBeNull();
  fake.tell({ type: 'accounts', accounts: accounts.map((account) => ({ ...account, state: 'attention' as const })) });
  expect(await screen.findByText(words)).toBeTruthy();
});

test('an account whose provider cannot tell has no such line', async () => {
  openApp('/accounts');
  await screen.findByRole('heading', { name: 'Claude Code' });
  expect(screen.queryByRole('region', { name: /^What is left/ })).toBeNull();
});

test('settings that few people touch wait behind a button', async () => {
  const { user } = open('/accounts?add=kiro');
  const sheet = within(await screen.findByRole('dialog'));
  const more = await sheet.findByRole('button', { name: 'More settings' });
  expect(more.getAttribute('aria-expanded')).toBe('false');
  await user.click(more);
  expect(more.getAttribute('aria-expanded')).toBe('true');
  expect(sheet.getByLabelText(/^Region of Kiro/)).toBeTruthy();
});

test('settings that are in use are shown from the start', async () => {
  const accounts = QUOTA_ACCOUNTS.map((account) => ({ ...account, values: { apiRegion: 'eu-central-1' } }));
  open('/accounts?edit=fine', { accounts });
  const sheet = within(await screen.findByRole('dialog'));
  expect((await sheet.findByRole('button', { name: 'Fewer settings' })).getAttribute('aria-expanded')).toBe('true');
});

test('a plan that answers tell of is shown without a button that asks', async () => {
  open();
  const row = within(await rowOf('By answers'));
  expect(row.getByText('5 hours: 38 % left')).toBeTruthy();
  expect(row.getByText('7 days: 69 % left')).toBeTruthy();
  expect(row.getByText('7 days, Opus: Has begun anew 9 min. ago; not read since')).toBeTruthy();
  expect(row.queryByRole('button')).toBeNull();
});

test('how fast an account may be asked stands apart, without a bar, and is not what the plan has left', async () => {
  open();
  const row = await rowOf('By answers');
  expect(row.querySelectorAll('[data-state][aria-hidden]')).toHaveLength(3);
  expect(within(row).getByText('Short limits: 499 of 500 requests left, up to 150,000 input tokens')).toBeTruthy();
  expect(within(row).queryByText(/not asked yet/)).toBeNull();
});

test('the end at the present rate is told with how long before the new beginning it is', async () => {
  open();
  const row = within(await rowOf('By answers'));
  expect(row.getByText(/^At this rate used up (at|on) .*\d\d:\d\d, 1 hour before it begins anew$/)).toBeTruthy();
  const soon = within(await rowOf('Nearly gone')).getByText(/^At this rate used up/);
  expect(soon.dataset.soon).toBe('true');
  const money = within(await rowOf('Money')).getByText(/^At this rate used up/);
  expect([money.dataset.soon, money.textContent?.includes('begins')]).toEqual(['false', false]);
});

test('an end that has passed is not told', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  const forecast = { perHour: 1, emptyAt: Date.now() - 1 };
  const meters = [{ label: 'Credits', used: 1, limit: 10, forecast }];
  open('/accounts', { accounts: [{ ...account, quota: { meters, readAt: Date.now() } }] });
  const row = within(await rowOf(account.name));
  expect(row.queryByText(/At this rate/)).toBeNull();
  expect(row.getByText(/Of late 1 +an hour/)).toBeTruthy();
});

test('limits of speed alone say nothing of a plan that was not asked', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  const toldAt = Date.now();
  const meters = [{ label: 'Requests', kind: 'rate' as const, used: 1, limit: 5, toldAt, resetsAt: toldAt + 60_000 }];
  open('/accounts', { accounts: [{ ...account, quota: { meters, readAt: toldAt } }] });
  const row = within(await rowOf(account.name));
  expect(row.getByText('What is left of the plan was not asked yet.')).toBeTruthy();
  expect(row.getByText('Short limits: 4 of 5 requests left')).toBeTruthy();
});

test('the overview says which plans are short', async () => {
  const accounts = QUOTA_ACCOUNTS.filter(({ id }) => ['fine', 'low', 'exhausted', 'soon'].includes(id));
  openApp('/', { accounts, providers: [...PROVIDERS, QUOTA_PROVIDER] });
  expect(await screen.findByText('Only 43.5 credits left')).toBeTruthy();
  expect(screen.getByText(/^Credits used up until \d+ \w{3}/)).toBeTruthy();
  expect(screen.getByText(/^At this rate used up/)).toBeTruthy();
  expect(screen.getByText(/^Used/)).toBeTruthy();
});

test('the share of which the person is told is a setting', async () => {
  const { fake, user } = openApp('/settings');
  const input = await screen.findByLabelText('Tell me when a plan is used to');
  await user.clear(input);
  await user.type(input, '0{Enter}');
  expect(fake.calls.filter(({ name }) => name === 'settings.change')).toEqual([
    { name: 'settings.change', input: { quotaWarnPercent: 0 } },
  ]);
});
