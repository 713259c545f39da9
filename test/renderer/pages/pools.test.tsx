// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test, vi } from 'vitest';
import { DEFAULT_ROUTING } from '../../../shared/routing.ts';
import type { AccountView } from '../../../shared/views.ts';
import type { FakeState } from '../../support/fake-contract.ts';
import { POOL_ACCOUNTS, RENEWED, UNRENEWED } from '../../support/fake-pools.ts';
import { openApp } from '../render-app.tsx';

const open = (accounts: AccountView[] = POOL_ACCOUNTS, change: Partial<FakeState> = {}) =>
  openApp('/accounts', { accounts, ...change });

/** The row of an account. */
async function findRow(name: string): Promise<HTMLElement> {
  const row = (await screen.findByTitle(name)).closest('li');
  if (row === null) throw new Error('no row');
  return row;
}

test('a provider with several accounts says how they share the work, one with a single account does not', async () => {
  const { fake, user } = open();
  const button = await screen.findByRole('button', { name: /^Change how the accounts of/ });
  expect(screen.getAllByText('How they share the work')).toHaveLength(1);
  await user.click(button);
  await user.click(await screen.findByRole('radio', { name: 'In turn (round robin)' }));
  await waitFor(() =>
    expect(fake.state.settings.routing.pools).toEqual({
      'openai-compatible': { strategy: 'round-robin', sticky: true },
    }),
  );
  await user.click(screen.getByRole('switch', { name: 'A conversation stays with its account' }));
  expect(await screen.findByText(/^Each answers in its turn\. A conversation may change its account\.$/)).toBeTruthy();
});

test('an account that rests says until when, who says so and why, and can be used at once', async () => {
  const { fake, user } = open();
  const row = await findRow('Kimi (work)');
  expect(within(row).getByText(/^Resting until \d\d:\d\d$/)).toBeTruthy();
  expect(within(row).getByText(/^As the service said: Your account reached/)).toBeTruthy();
  await user.click(within(row).getByRole('button', { name: 'Use Kimi (work) now' }));
  await waitFor(() => expect(within(row).queryByText(/^Resting/)).toBeNull());
  expect(fake.calls).toContainEqual({ name: 'accounts.use', input: { id: 'kimi-work' } });
});

test('rests of single models name the model, and the account stays ready', async () => {
  open();
  const row = await findRow('Kimi (home)');
  const rests = within(row).getByRole('list', { name: 'Why Kimi (home) rests' });
  expect(rests.textContent).toContain('kimi-k2-thinking');
  expect(rests.textContent).toContain('The service named no end, so this is a guess');
  expect(within(row).getByText('Ready')).toBeTruthy();
  expect(within(row).getByText('2 running')).toBeTruthy();
  expect(within(row).getByText('388 served')).toBeTruthy();
});

test('a failing account says its words once, how often it failed, and can be asked all the same', async () => {
  open();
  const row = await findRow('Kimi (old key)');
  expect(within(row).getAllByText(/Invalid Authentication/)).toHaveLength(1);
  expect(within(row).getByText('9 failures in a row')).toBeTruthy();
  expect(within(row).getByRole('button', { name: 'Use Kimi (old key) now' })).toBeTruthy();
});

test('a rest that has run out is gone, though nobody told', async () => {
  const rest = { since: 0, until: Date.now() - 1, cause: 'told' as const, text: 'Too many requests.' };
  open(POOL_ACCOUNTS.map((account) => (account.id === 'kimi-work' ? { ...account, rests: [rest] } : account)));
  const row = await findRow('Kimi (work)');
  expect(within(row).queryByText(/Too many requests\.$/)).toBeNull();
  expect(within(row).getByText('Resting')).toBeTruthy();
});

test('a rest that comes later runs down from now, and not from when the page was opened', async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { fake } = open();
  const row = await findRow('Kimi (work)');
  const tell = (rests: AccountView['rests']) =>
    fake.tell({
      type: 'accounts',
      accounts: POOL_ACCOUNTS.map((account) => (account.id === 'kimi-work' ? { ...account, rests } : account)),
    });
  await act(async () => tell([]));
  await waitFor(() => expect(within(row).queryByText(/ left$/)).toBeNull());
  vi.setSystemTime(Date.now() + 45_000);
  const since = Date.now();
  await act(async () =>
    tell([{ since, until: since + 20_000, cause: 'guessed', text: 'Too many.', model: 'kimi-k3' }]),
  );
  expect(await within(row).findByText(/^(?:20|19|18) s left$/, {}, { timeout: 900 })).toBeTruthy();
});

test('a model’s rest and the account’s last word are not told twice', async () => {
  const until = Date.now() + 60_000;
  const rests = [{ since: 0, until, cause: 'told' as const, text: 'slow down', model: 'kimi-k3' }];
  open(
    POOL_ACCOUNTS.map((account) =>
      account.id === 'kimi-work' ? { ...account, state: 'untested', stateText: 'Kimi: slow down', rests } : account,
    ),
  );
  const row = await findRow('Kimi (work)');
  expect(within(row).getAllByText(/slow down/)).toHaveLength(1);
});

test('a person lets an account rest for an hour, until tomorrow, or until they say so', async () => {
  const { fake, user } = open();
  const before = Date.now();
  for (const span of ['For 1 hour', 'Until tomorrow', 'Until I say so']) {
    await user.click(await screen.findByRole('button', { name: 'More for Kimi (home)' }));
    await user.click(await screen.findByRole('menuitem', { name: span }));
  }
  await waitFor(() => expect(fake.calls.filter(({ name }) => name === 'accounts.rest')).toHaveLength(3));
  const ends = fake.calls
    .filter(({ name }) => name === 'accounts.rest')
    .map(({ input }) => (input as { until?: number }).until);
  expect(ends[0]).toBeGreaterThanOrEqual(before + 3_600_000);
  expect(new Date(ends[1] ?? 0).getHours()).toBe(0);
  expect((ends[1] ?? 0) - before).toBeLessThanOrEqual(25 * 3_600_000);
  expect(ends[2]).toBeUndefined();
  expect(within(await findRow('Kimi (home)')).getByText('You let it rest.')).toBeTruthy();
});

test('priority and limit of an account are saved with the rules, and usual ones leave them', async () => {
  const { fake, user } = open();
  const set = async (priority: string, most: string) => {
    await user.click(await screen.findByRole('button', { name: 'More for Kimi (home)' }));
    await user.click(await screen.findByRole('menuitem', { name: 'Priority and limit' }));
    const question = await screen.findByRole('dialog', { name: 'Priority and limit of Kimi (home)' });
    for (const [label, value] of [
      ['Priority', priority],
      ['Most requests at a time', most],
    ] as const) {
      fireEvent.change(within(question).getByLabelText(label), { target: { value } });
    }
    await user.click(within(question).getByRole('button', { name: 'Save' }));
  };
  await set('10', '4');
  expect(await screen.findByText('2 of 4 places taken')).toBeTruthy();
  expect(fake.state.settings.routing.accounts).toEqual({ 'kimi-home': { priority: 10, concurrency: 4 } });
  await set('0', '0');
  await waitFor(() => expect(fake.state.settings.routing).toEqual(DEFAULT_ROUTING));
});

test('a login tells when it was renewed and is due again', async () => {
  open([RENEWED]);
  expect(await screen.findByText('Login renewed 20 min. ago, due again in 3 hr.')).toBeTruthy();
});

test('a renewal that failed is told in the words of the service, and can be tried at once', async () => {
  const { fake, user } = open([UNRENEWED]);
  const words = 'Its login could not be renewed: invalid_grant: Refresh token expired or revoked.';
  expect(await screen.findByText(words, { exact: false })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Renew now' }));
  expect(await screen.findByText('invalid_grant: Refresh token expired or revoked.')).toBeTruthy();
  expect(fake.calls).toContainEqual({ name: 'accounts.renewLogin', input: { id: 'claude-code' } });
});

test('the command menu uses an account that rests, and finds a rule', async () => {
  const { fake, user } = openApp('/overview', { accounts: POOL_ACCOUNTS });
  await screen.findByRole('button', { name: 'Serving' });
  await user.keyboard('{Control>}k{/Control}');
  const search = await screen.findByRole('textbox', { name: 'Find a page, account, model or request' });
  fireEvent.change(search, { target: { value: 'tried up to' } });
  expect(await screen.findByText(/^A request is tried up to 10 times/)).toBeTruthy();
  fireEvent.change(search, { target: { value: 'use kimi (work)' } });
  await user.click(await screen.findByText('Use Kimi (work) now'));
  await waitFor(() => expect(fake.calls).toContainEqual({ name: 'accounts.use', input: { id: 'kimi-work' } }));
});
