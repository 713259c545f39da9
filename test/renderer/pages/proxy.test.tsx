// @vitest-environment jsdom
// The proxy in the Settings and in an account's form.
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { QUOTA_ACCOUNTS, QUOTA_PROVIDER } from '../../support/fake-quotas.ts';
import { openApp } from '../render-app.tsx';

test('the proxy of the settings is saved, and its password does not stay in the window', async () => {
  const { fake, user } = openApp('/settings');
  const field = await screen.findByRole('textbox', { name: 'Proxy' });
  await user.click(field);
  await user.paste('socks5://me:secret-word@host');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(field).toHaveProperty('value', 'socks5://me@host:1080'));
  expect(fake.calls).toContainEqual({ name: 'settings.change', input: { proxy: 'socks5://me:secret-word@host' } });
  await user.clear(field);
  await user.click(field);
  await user.paste('socks5://me:other-word@host:1080');
  await user.keyboard('{Enter}');
  await waitFor(() => expect(field).toHaveProperty('value', 'socks5://me@host:1080'));
  await user.clear(field);
  await user.click(field);
  await user.paste('socks4://host');
  await user.keyboard('{Enter}');
  expect((await screen.findByRole('alert')).textContent).toContain('It must look like http://host:3128');
});

test('an account has its own behind "More settings", and emptying it removes it', async () => {
  const proxied = QUOTA_ACCOUNTS.map((account) => ({
    ...account,
    secrets: [{ name: 'apiKey' }],
    values: { proxy: 'http://me@host:3128' },
  }));
  const { fake, user } = openApp('/accounts?edit=fine', { accounts: proxied, providers: [QUOTA_PROVIDER] });
  const sheet = within(await screen.findByRole('dialog'));
  const field = await sheet.findByRole('textbox', { name: /^Proxy/ }, { timeout: 5_000 });
  expect(field).toHaveProperty('value', 'http://me@host:3128');
  await user.clear(field);
  await user.click(sheet.getByRole('button', { name: 'Save and check' }));
  await waitFor(
    () =>
      expect(fake.calls).toContainEqual({
        name: 'accounts.change',
        input: expect.objectContaining({ id: 'fine', values: expect.objectContaining({ proxy: '' }) }),
      }),
    { timeout: 5_000 },
  );
});

test('the row of an account names its proxy once', async () => {
  const [account] = QUOTA_ACCOUNTS;
  if (account === undefined) throw new Error('no account');
  openApp('/accounts', { accounts: [{ ...account, values: { proxy: 'http://me@host:3128' } }] });
  expect(await screen.findAllByText(/http:\/\/me@host:3128/)).toHaveLength(1);
});
