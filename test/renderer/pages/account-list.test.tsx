// @vitest-environment jsdom

import { screen, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import type { ListedAccountView } from '../../../shared/account-lists.ts';
import { PROVIDERS } from '../../support/fake-data.ts';
import { openApp } from '../render-app.tsx';

const LISTED: ListedAccountView[] = [
  { line: 1, title: 'me@example.org', usable: true },
  { line: 2, title: 'Unknown', problem: 'The JSON object is damaged.', usable: false },
  { line: 3, title: 'Token of abc', fact: 'good until tomorrow', usable: true },
  { line: 4, title: 'you@example.org', usable: true, account: 'You' },
  { line: 5, title: 'Refused', problem: 'It ended.', usable: true },
];
const [first] = PROVIDERS;
const LISTING = { ...first, id: 'listing', name: 'Listing', list: { help: 'One a line.', placeholder: '…' } };

async function open() {
  const app = openApp('/accounts?add=listing', {
    providers: [...PROVIDERS, LISTING as (typeof PROVIDERS)[number]],
    listed: LISTED,
  });
  await app.user.click(await screen.findByRole('button', { name: 'Several at once' }));
  return { ...app, section: screen.getByRole('region', { name: 'Several at once' }) };
}

test('the lines of a text are offered with tick boxes, and what is ticked becomes accounts at once', async () => {
  const { fake, user, section } = await open();
  await user.click(within(section).getByLabelText('Accounts, one per line'));
  await user.paste('a text');
  await user.click(within(section).getByRole('button', { name: 'Read the lines' }));
  await within(section).findByText('The JSON object is damaged.');
  const boxes = within(section)
    .getAllByRole<HTMLInputElement>('checkbox', { name: /^Line/ })
    .map(({ checked, disabled }) => [checked, disabled]);
  // A line with a problem is offered where an account can be made of it, but not by itself.
  expect(boxes).toEqual([
    [true, false],
    [false, true],
    [true, false],
    [false, true],
    [false, false],
  ]);
  await user.click(within(section).getByRole('checkbox', { name: /Token of abc/ }));
  await user.click(within(section).getByRole('button', { name: 'Add 1 account' }));
  const sheet = await screen.findByRole('dialog');
  expect(await within(sheet).findByText('me@example.org is saved')).toBeTruthy();
  expect(fake.calls.find(({ name }) => name === 'accounts.addList')?.input).toEqual({
    provider: 'listing',
    text: 'a text',
    lines: [1],
  });
});

test('a line that was refused is told by its number', async () => {
  const { user, section } = await open();
  await user.click(within(section).getByLabelText('Accounts, one per line'));
  await user.paste('a text');
  await user.click(within(section).getByRole('button', { name: 'Read the lines' }));
  await user.click(await within(section).findByRole('checkbox', { name: /Refused/ }));
  await user.click(within(section).getByRole('button', { name: 'Add 3 accounts' }));
  expect(await within(section).findByText('Line 5 was not added')).toBeTruthy();
  expect(within(section).getByText('It was refused.')).toBeTruthy();
});

test('a file is read when it is chosen', async () => {
  const { fake, user, section } = await open();
  await user.upload(
    within(section).getByLabelText<HTMLInputElement>('Choose a file', { selector: 'input' }),
    new File(['from a file'], 'accounts.txt'),
  );
  await within(section).findByText('The JSON object is damaged.');
  expect(fake.calls.find(({ name }) => name === 'accounts.readList')?.input).toMatchObject({ text: 'from a file' });
});

test('the accounts are written without secrets unless the person asks for them', async () => {
  const { fake, user, section } = await open();
  await user.click(within(section).getByLabelText('Folder for a copy of the accounts'));
  await user.paste('/home/me/copy');
  await user.click(within(section).getByRole('button', { name: 'Write the files' }));
  expect(await within(section).findByText('/home/me/copy/accounts.txt')).toBeTruthy();
  await user.click(within(section).getByRole('checkbox', { name: 'With passwords and tokens' }));
  await user.click(within(section).getByRole('button', { name: 'Write the files' }));
  const asked = fake.calls.filter(({ name }) => name === 'accounts.writeList').map(({ input }) => input);
  const draft = { provider: 'listing', folder: '/home/me/copy' };
  expect(asked).toEqual([
    { ...draft, secrets: false },
    { ...draft, secrets: true },
  ]);
});
