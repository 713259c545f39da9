// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { ACCOUNTS, STATUS } from '../../support/fake-data.ts';
import { makeRequest } from '../../support/fake-requests.ts';
import { openApp } from '../render-app.tsx';

const BUILT_IN = ACCOUNTS.filter((account) => account.source === 'built-in');

test('the Overview shows the base URL, the last four of the key and the state of each account', async () => {
  openApp('/overview');
  const door = await screen.findByRole('region', { name: 'Your door' });
  expect(within(door).getByText('http://127.0.0.1:7282')).toBeTruthy();
  expect(await within(door).findByText('••••3f9c')).toBeTruthy();
  const accounts = screen.getByRole('region', { name: 'Accounts' });
  expect(await within(accounts).findByText('Not proved yet')).toBeTruthy();
  expect(within(accounts).getAllByText('Ready')).toHaveLength(3);
});

test('copying the key asks the engine to copy and never reads the key', async () => {
  const { fake, user } = openApp('/overview');
  await screen.findByText('••••3f9c');
  await user.click(screen.getByRole('button', { name: 'Copy client key' }));
  expect(await screen.findByRole('button', { name: 'Copied' })).toBeTruthy();
  expect(fake.calls.at(-1)).toEqual({ name: 'keys.copy', input: { id: 'default', text: '{{key}}' } });
  expect(document.body.textContent).not.toContain('pb-secret');
});

test('a taken port is explained and the free one is taken with one press', async () => {
  const door = { ...STATUS.door, state: 'port-taken' as const, freePort: 7283 };
  const { fake, user } = openApp('/overview', { status: { ...STATUS, door } });
  await user.click(await screen.findByRole('button', { name: 'Use port 7283' }));
  expect(fake.calls).toContainEqual({ name: 'settings.change', input: { port: 7283 } });
  expect(await screen.findByText('http://127.0.0.1:7283')).toBeTruthy();
  expect(screen.queryByText('Port 7282 is used by another program')).toBeNull();
});

test('the steps of the first run turn green by proof and go away when all are proved', async () => {
  const { fake } = openApp('/overview', { accounts: BUILT_IN, requests: [] });
  expect(await screen.findByText('Three steps to your first answer')).toBeTruthy();
  expect(screen.getByText('Patchbay answers at http://127.0.0.1:7282')).toBeTruthy();
  fake.tell({ type: 'requests', requests: [{ ...makeRequest(3), client: 'curl' }] });
  expect(await screen.findByText('curl got its answer')).toBeTruthy();
  fake.tell({ type: 'accounts', accounts: ACCOUNTS });
  await waitFor(() => expect(screen.queryByText('Three steps to your first answer')).toBeNull());
});

test('a request that comes in appears at the top of the latest ones', async () => {
  const { fake } = openApp('/overview');
  const latest = await screen.findByRole('region', { name: 'Latest requests' });
  await within(latest).findAllByRole('link');
  fake.tell({
    type: 'requests',
    requests: [{ ...makeRequest(4), id: 'req_new', at: Date.now() + 1000, client: 'Brand new client' }],
  });
  expect(await within(latest).findByText('Brand new client')).toBeTruthy();
  expect(within(latest).getAllByRole('listitem')[0]?.textContent).toContain('Brand new client');
});

test('a notice of the engine is shown with its reason', async () => {
  const notices = [
    { id: 'vault', level: 'warning' as const, title: 'Secrets are kept in a file', text: 'No keychain answers.' },
  ];
  openApp('/overview', { status: { ...STATUS, notices } });
  expect(await screen.findByText('Secrets are kept in a file')).toBeTruthy();
  expect(screen.getByText('No keychain answers.')).toBeTruthy();
});

test('a cut line is told in the head and mended by itself', async () => {
  const { fake, access } = openApp('/overview');
  await screen.findByRole('button', { name: 'Serving' });
  const told: string[] = [];
  access.feed.onConnection(() => told.push(access.feed.connection()));
  fake.cut();
  await waitFor(() => expect(told).toEqual(['lost', 'live']));
  expect(await screen.findByRole('button', { name: 'Serving' })).toBeTruthy();
});

test('the last 24 hours are asked for anew when the page is come back to', async () => {
  const { fake } = openApp('/overview');
  await screen.findByText('1,204');
  window.location.hash = '#/settings';
  await screen.findByRole('heading', { name: 'Settings' });
  fake.state.traffic = { ...fake.state.traffic, requests: 1217 };
  window.location.hash = '#/overview';
  expect(await screen.findByText('1,217')).toBeTruthy();
});
