// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ACCOUNTS, LOGGED_IN, LOGGED_OUT } from '../../support/fake-data.ts';
import {
  AT_WORK,
  CODE_ASKED,
  CODE_REFUSED,
  DEVICE,
  NOT_SIGNED_IN,
  SIGNED_IN,
  WHICH_LOGIN,
} from '../../support/fake-sign-in.ts';
import { openApp } from '../render-app.tsx';

const inputsOf = (fake: ReturnType<typeof openApp>['fake'], call: string) =>
  fake.calls.filter(({ name }) => name === call).map(({ input }) => input);

test('an account is added by signing in, and checked at once', async () => {
  const { fake, user } = openApp('/accounts?add=claude-code', {
    signIn: [WHICH_LOGIN, CODE_ASKED, AT_WORK, SIGNED_IN],
    checks: { work: LOGGED_IN },
  });
  const sheet = await screen.findByRole('dialog', { name: 'Add an account' });
  const name = await within(sheet).findByLabelText('Name');
  await user.clear(name);
  await user.paste('Work');
  await user.click(within(sheet).getByRole('button', { name: 'Sign in' }));

  const dialogue = await within(sheet).findByRole('region', { name: 'Sign-in' });
  expect(await within(dialogue).findByText('What do you want to sign in to?')).toBeTruthy();
  await user.click(within(dialogue).getByRole('combobox', { name: 'Sign in with' }));
  await user.click(await screen.findByRole('option', { name: /Console/, hidden: true }));
  await user.click(within(dialogue).getByRole('button', { name: 'Continue' }));

  const link = await within(dialogue).findByRole('link', { name: 'Open the page' });
  expect(link.getAttribute('href')).toMatch(/^https:\/\/claude\.com\/cai\/oauth\/authorize\?/);
  expect(link.getAttribute('target')).toBe('_blank');
  expect(link.getAttribute('rel')).toContain('noopener');
  expect(document.activeElement).toBe(link);
  await user.type(within(dialogue).getByLabelText('Code from the page'), 'abc#def{Enter}');

  expect(await within(sheet).findByText('Signed in as ada@example.com, plan: max.')).toBeTruthy();
  expect(await within(sheet).findByText('It is set up. Its first request will show whether it works.')).toBeTruthy();
  expect(inputsOf(fake, 'accounts.signIn')).toEqual([
    {
      draft: { provider: 'claude-code', method: 'login', name: 'Work', values: {}, secrets: {}, models: [] },
    },
  ]);
  expect(inputsOf(fake, 'accounts.answer')).toEqual([
    { dialogue: 'd1', question: '1', values: { kind: 'console' } },
    { dialogue: 'd1', question: '2', values: { code: 'abc#def' } },
  ]);
  expect(inputsOf(fake, 'accounts.check')).toEqual([{ id: 'work' }]);
});

test('a code that is not whole is asked for again, in the program’s words and in an empty field', async () => {
  const { user } = openApp('/accounts?signin=claude-code', { signIn: [CODE_ASKED, CODE_REFUSED, AT_WORK, SIGNED_IN] });
  const code = await screen.findByLabelText('Code from the page');
  await user.type(code, 'abc{Enter}');
  expect(await screen.findByText(/Copy all of it, including the # in the middle/)).toBeTruthy();
  const again = screen.getByLabelText<HTMLInputElement>('Code from the page');
  expect(again.value).toBe('');
  expect(again.getAttribute('aria-invalid')).toBe('true');
  expect(again.getAttribute('aria-describedby')).toMatch(/error/);
  expect(document.activeElement).toBe(again);
});

test('nothing is sent while the code is missing', async () => {
  const { fake, user } = openApp('/accounts?signin=claude-code');
  await user.click(await screen.findByRole('button', { name: 'Continue' }));
  expect(await screen.findByText('Code from the page is needed.')).toBeTruthy();
  expect(inputsOf(fake, 'accounts.answer')).toEqual([]);
});

test('a failure is told in the service’s words, and trying again begins anew', async () => {
  const { fake, user } = openApp('/accounts?signin=claude-code', { signIn: [CODE_ASKED, NOT_SIGNED_IN] });
  await user.type(await screen.findByLabelText('Code from the page'), 'abc#wrong{Enter}');
  const alert = await screen.findByRole('alert');
  expect(within(alert).getByText(/That code wasn't accepted/)).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Try again' }));
  expect(await screen.findByLabelText('Code from the page')).toBeTruthy();
  expect(inputsOf(fake, 'accounts.signIn')).toHaveLength(2);
});

test('whoever cancels ends the dialogue and finds the form as it was', async () => {
  const { fake, user } = openApp('/accounts?add=claude-code');
  const name = await screen.findByLabelText('Name');
  await user.clear(name);
  await user.paste('Half typed');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  await screen.findByLabelText('Code from the page');
  await user.click(screen.getByRole('button', { name: 'Cancel' }));
  await waitFor(() => expect(inputsOf(fake, 'signIn.left')).toEqual(['d1']));
  expect(screen.getByLabelText<HTMLInputElement>('Name').value).toBe('Half typed');
});

test('closing the sheet ends the dialogue', async () => {
  const { fake, user } = openApp('/accounts?signin=claude-code');
  await screen.findByLabelText('Code from the page');
  await user.click(screen.getByRole('button', { name: 'Close' }));
  await waitFor(() => expect(inputsOf(fake, 'signIn.left')).toEqual(['d1']));
});

test('a device’s code is shown to be compared, with nothing to type', async () => {
  openApp('/accounts?signin=claude-code', { signIn: [DEVICE] });
  expect(await screen.findByText('QWRT-7L2K')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Copy code' })).toBeTruthy();
  expect(screen.getByText('Waiting until you have finished there')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Continue' })).toBeNull();
});

test('a failing account with a dialogue offers it in its row, others do not', async () => {
  const accounts = ACCOUNTS.map((account) => ({ ...account, state: 'failed' as const }));
  const { user } = openApp('/accounts', { accounts });
  const buttons = await screen.findAllByRole('button', { name: 'Sign in' });
  expect(buttons).toHaveLength(1);
  await user.click(buttons[0] ?? document.body);
  expect(await screen.findByRole('dialog', { name: 'Sign in to Claude Code' })).toBeTruthy();
});

test('a saved account that is not logged in can be signed in from its check', async () => {
  const { fake, user } = openApp('/accounts?add=claude-code', { checks: { work: LOGGED_OUT } });
  await user.clear(await screen.findByLabelText('Name'));
  await user.paste('Work');
  await user.click(await screen.findByRole('button', { name: 'Save and check' }));
  await screen.findByText('Not logged in');
  const sheet = screen.getByRole('dialog', { name: 'Add an account' });
  await user.click(await within(sheet).findByRole('button', { name: 'Sign in' }));
  await screen.findByLabelText('Code from the page');
  expect(inputsOf(fake, 'accounts.signIn')).toEqual([{ account: 'work' }]);
});

test.each([
  ['shared', 'Sign out for all', /Your terminal, editors/],
  ['own', 'Sign out', /No other program uses this login/],
] as const)('signing out of a login that is %s says who else loses it', async (login, button, words) => {
  const accounts = ACCOUNTS.map((account) => (account.id === 'claude-code' ? { ...account, login } : account));
  const { fake, user } = openApp('/accounts', { accounts });
  await user.click(await screen.findByRole('button', { name: 'More for Claude Code' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Sign out' }));
  const question = await screen.findByRole('dialog', { name: 'Sign out of Claude Code?' });
  expect(within(question).getByText(words)).toBeTruthy();
  await user.click(within(question).getByRole('button', { name: button }));
  await waitFor(() =>
    expect(inputsOf(fake, 'accounts.signOut')).toEqual([{ id: 'claude-code', shared: login === 'shared' }]),
  );
  // Notices of an earlier test may still be on the screen.
  expect(await screen.findAllByText('Successfully logged out from your Anthropic account.')).not.toEqual([]);
});
