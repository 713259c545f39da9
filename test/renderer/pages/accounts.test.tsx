// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { FoundLoginView } from '../../../shared/views.ts';
import { ACCOUNTS, GOOD_CHECK, LOGGED_OUT, PROVIDERS } from '../../support/fake-data.ts';
import { FOUND_LOGINS, KIRO } from '../../support/fake-kiro.ts';
import { FAILED_TRY, GOOD_TRY } from '../../support/fake-tries.ts';
import { openApp } from '../render-app.tsx';

test('an account is added from a preset, saved, and checked at once', async () => {
  const { fake, user } = openApp('/accounts', { checks: { 'kimi,-international': GOOD_CHECK } });
  await user.click(await screen.findByRole('button', { name: 'Add account' }));
  const sheet = await screen.findByRole('dialog');
  await user.click(await within(sheet).findByRole('button', { name: /OpenAI-compatible/ }));
  await user.click(await within(sheet).findByRole('combobox', { name: 'Service' }));
  await user.click(await screen.findByRole('option', { name: 'Kimi, international', hidden: true }));
  await user.type(within(sheet).getByLabelText(/^API key/), 'sk-typed-by-hand');
  await user.click(within(sheet).getByRole('button', { name: 'Save and check' }));
  expect(await within(sheet).findByText('It works. Its models can be asked for now.')).toBeTruthy();
  expect(within(sheet).getByText('9 models listed')).toBeTruthy();
  expect(fake.calls.find(({ name }) => name === 'accounts.add')?.input).toEqual({
    provider: 'openai-compatible',
    method: 'key',
    name: 'Kimi, international',
    values: { baseUrl: 'https://api.moonshot.ai/v1' },
    secrets: { key: 'sk-typed-by-hand' },
    models: [],
  });
});

test('nothing is sent while a needed field is empty or no address', async () => {
  const { fake, user } = openApp('/accounts?add=openai-compatible');
  const sheet = await screen.findByRole('dialog');
  await user.click(await within(sheet).findByRole('button', { name: 'Save and check' }));
  expect(await within(sheet).findByText('Base URL is needed.')).toBeTruthy();
  await user.type(within(sheet).getByLabelText('Base URL'), 'localhost:8000');
  expect(await within(sheet).findByText('Begin with http:// or https://.')).toBeTruthy();
  expect(fake.calls.filter(({ name }) => name === 'accounts.add')).toEqual([]);
});

test('a refusal of the engine is shown in its own words', async () => {
  const { user } = openApp('/accounts?add=openai-compatible');
  const sheet = await screen.findByRole('dialog');
  await user.type(await within(sheet).findByLabelText('Base URL'), 'http://localhost:1/v1');
  await user.clear(within(sheet).getByLabelText('Name'));
  await user.type(within(sheet).getByLabelText('Name'), 'Refused');
  await user.click(within(sheet).getByRole('button', { name: 'Save and check' }));
  expect(await within(sheet).findByText('An account of that name exists already.')).toBeTruthy();
});

test('what is found on this machine is shown before anything is typed', async () => {
  openApp('/accounts?add=claude-code', { surveys: { 'claude-code': LOGGED_OUT } });
  const found = await screen.findByRole('region', { name: 'On this machine' });
  expect(within(found).getByText('/home/ada/.local/bin/claude')).toBeTruthy();
  expect(await within(found).findByText('claude /login')).toBeTruthy();
});

test('a check shows its steps with what mends the failure', async () => {
  const { user } = openApp('/accounts', { checks: { 'claude-code': LOGGED_OUT } });
  const [first] = await screen.findAllByRole('button', { name: 'Check' });
  if (first === undefined) throw new Error('no check button');
  await user.click(first);
  const check = await screen.findByRole('region', { name: 'Check of Claude Code' });
  expect(await within(check).findByText('Not logged in')).toBeTruthy();
  expect(within(check).getByRole('button', { name: 'Copy command' })).toBeTruthy();
});

test('an account is removed after a question, and only those of the settings can be', async () => {
  const { fake, user } = openApp('/accounts');
  await screen.findByText('Workstation (vLLM)');
  await user.click(screen.getByRole('button', { name: 'More for Workstation (vLLM)' }));
  expect(await screen.findByRole('menuitem', { name: 'For 1 hour' })).toBeTruthy();
  expect(screen.queryByRole('menuitem', { name: 'Remove' })).toBeNull();
  await user.keyboard('{Escape}');
  await user.click(screen.getByRole('button', { name: 'More for Kimi' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Remove' }));
  const question = await screen.findByRole('dialog', { name: 'Remove Kimi?' });
  await user.click(within(question).getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(fake.calls).toContainEqual({ name: 'accounts.remove', input: { id: 'kimi' } }));
  await waitFor(() => expect(screen.queryByText('https://api.moonshot.ai/v1')).toBeNull());
});

test('a stored secret is named by its last four and kept when nothing is typed', async () => {
  const { fake, user } = openApp('/accounts?edit=kimi');
  const sheet = await screen.findByRole('dialog', { name: 'Edit Kimi' });
  expect(await within(sheet).findByText(/Stored, ends in 81ce/)).toBeTruthy();
  await user.click(within(sheet).getByRole('button', { name: 'Save and check' }));
  await waitFor(() =>
    expect(fake.calls.find(({ name }) => name === 'accounts.change')?.input).toMatchObject({ id: 'kimi', secrets: {} }),
  );
});

test('a stored secret that is forgotten is sent as empty', async () => {
  const { fake, user } = openApp('/accounts?edit=kimi');
  const sheet = await screen.findByRole('dialog');
  await user.click(await within(sheet).findByRole('button', { name: 'Forget it' }));
  await user.click(within(sheet).getByRole('button', { name: 'Save and check' }));
  await waitFor(() =>
    expect(fake.calls.find(({ name }) => name === 'accounts.change')?.input).toMatchObject({ secrets: { key: '' } }),
  );
});

test('without an account of one’s own the page says what to do first', async () => {
  openApp('/accounts', { accounts: ACCOUNTS.filter((account) => account.source === 'built-in') });
  expect(await screen.findByText('Plug in the first account of your own')).toBeTruthy();
});

test('found logins are offered with tick boxes, and all that are ticked become accounts at once', async () => {
  const { fake, user } = openApp('/accounts?add=kiro', {
    providers: [...PROVIDERS, KIRO],
    found: { kiro: FOUND_LOGINS },
  });
  const found = await screen.findByRole('region', { name: 'Logins on this machine' });
  const boxes = within(found).getAllByRole<HTMLInputElement>('checkbox');
  // What needs mending is offered, but not by itself; what is an account already is not offered again.
  expect(boxes.map(({ checked, disabled }) => ({ checked, disabled }))).toEqual([
    { checked: true, disabled: false },
    { checked: true, disabled: false },
    { checked: false, disabled: false },
    { checked: false, disabled: true },
  ]);
  expect(within(found).getByText('Added already as Kiro at home.')).toBeTruthy();
  await user.click(within(found).getByRole('checkbox', { name: /Kiro IDE/ }));
  await user.click(within(found).getByRole('checkbox', { name: /Amazon Q/ }));
  await user.click(within(found).getByRole('button', { name: 'Add 2 accounts' }));
  const sheet = await screen.findByRole('dialog');
  expect(await within(sheet).findByText('Kiro CLI is saved')).toBeTruthy();
  expect(await within(sheet).findByText('Amazon Q is saved')).toBeTruthy();
  const added = fake.calls.filter(({ name }) => name === 'accounts.add').map(({ input }) => input);
  expect(added).toEqual([
    {
      provider: 'kiro',
      method: 'kiro-cli',
      name: 'Kiro CLI',
      values: { cliDatabase: '/a/data.sqlite3' },
      secrets: {},
    },
    {
      provider: 'kiro',
      method: 'kiro-cli',
      name: 'Amazon Q',
      values: { cliDatabase: '/b/data.sqlite3' },
      secrets: {},
    },
  ]);
});

test('a found login that is refused is told, and what was added before it is not offered again', async () => {
  const [good, bad] = FOUND_LOGINS as [FoundLoginView, FoundLoginView];
  const refused = { ...bad, draft: { ...bad.draft, name: 'Refused' } };
  const { fake, user } = openApp('/accounts?add=kiro', {
    providers: [...PROVIDERS, KIRO],
    found: { kiro: [good, refused] },
  });
  const found = await screen.findByRole('region', { name: 'Logins on this machine' });
  fake.state.found = { kiro: [{ ...good, account: 'Kiro CLI' }, refused] };
  await user.click(within(found).getByRole('button', { name: 'Add 2 accounts' }));
  expect(await within(found).findByText('An account of that name exists already.')).toBeTruthy();
  expect(await within(found).findByText('Added already as Kiro CLI.')).toBeTruthy();
  expect(within(found).getByRole('button', { name: 'Add 1 account' })).toBeTruthy();
});

test('an account is tried with the chosen model, and both sides are shown', async () => {
  const { fake, user } = openApp('/accounts?try=kimi', { tries: { kimi: GOOD_TRY } });
  const sheet = await screen.findByRole('dialog');
  expect(within(sheet).getByText(/asks the model twice/)).toBeTruthy();
  expect(fake.calls.some(({ name }) => name === 'accounts.try')).toBe(false);
  await user.click(await within(sheet).findByRole('combobox', { name: 'Model' }));
  await user.click(await screen.findByRole('option', { name: 'kimi-k2.6', hidden: true }));
  await user.click(within(sheet).getByRole('button', { name: 'Ask now' }));
  expect(await within(sheet).findByText('It works, tool calls too.')).toBeTruthy();
  expect(within(sheet).getByText(/arguments in 6 pieces/)).toBeTruthy();
  expect(fake.calls.find(({ name }) => name === 'accounts.try')?.input).toEqual({ id: 'kimi', model: 'kimi-k2.6' });
});

test('the row of an account opens its try, also that of the built-in one, which costs nothing', async () => {
  const { user } = openApp('/accounts', {});
  const row = await screen.findByRole('region', { name: 'Demo' });
  await user.click(within(row).getByRole('button', { name: 'Try' }));
  expect(await screen.findByText(/costs nothing/)).toBeTruthy();
});

test('a try that fails says so', async () => {
  const { user } = openApp('/accounts?try=kimi', { tries: { kimi: FAILED_TRY } });
  await user.click(await screen.findByRole('button', { name: 'Ask now' }));
  expect(await screen.findByText('It does not work.')).toBeTruthy();
  expect(screen.getByText('Kimi, international: Invalid Authentication')).toBeTruthy();
});
