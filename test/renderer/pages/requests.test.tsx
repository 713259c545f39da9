// @vitest-environment jsdom
import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { replacePlace } from '../../../renderer/lib/navigation.ts';
import { POOL_ACCOUNTS } from '../../support/fake-pools.ts';
import { MOVED_REQUESTS, makeRequest, makeRequests } from '../../support/fake-requests.ts';
import { openApp } from '../render-app.tsx';

const FRESH = { ...makeRequest(4), id: 'req_new', at: Date.now() + 60_000, client: 'Brand new client' };

test('only the rows in sight are in the page, whatever the length of the log', async () => {
  openApp('/requests', { requests: makeRequests(10_000) });
  const table = await screen.findByRole('grid', { name: 'Requests, newest first' });
  expect(await screen.findByText('10,000 requests')).toBeTruthy();
  const count = within(table).getAllByRole('row').length;
  expect(count).toBeGreaterThan(15);
  expect(count).toBeLessThan(60);
  expect(table.getAttribute('aria-rowcount')).toBe('10001');
});

test('a new request appears at the top while the reader is at the top', async () => {
  const { fake } = openApp('/requests');
  await screen.findByText('40 requests');
  fake.tell({ type: 'requests', requests: [FRESH] });
  expect(await screen.findByText('Brand new client')).toBeTruthy();
  expect(await screen.findByText('41 requests')).toBeTruthy();
});

test('a new request waits behind a button while the reader is further down', async () => {
  const { fake, user } = openApp('/requests', { requests: makeRequests(200) });
  const table = await screen.findByRole('grid');
  const scroll = table.querySelectorAll('[role=rowgroup]')[1];
  if (!(scroll instanceof HTMLElement)) throw new Error('no rows');
  fireEvent.scroll(scroll, { target: { scrollTop: 2000 } });
  fake.tell({ type: 'requests', requests: [FRESH] });
  const button = await screen.findByRole('button', { name: '1 new request' });
  expect(screen.queryByText('Brand new client')).toBeNull();
  await user.click(button);
  fireEvent.scroll(scroll, { target: { scrollTop: 0 } });
  expect(await screen.findByText('Brand new client')).toBeTruthy();
  expect(screen.queryByRole('button', { name: '1 new request' })).toBeNull();
});

test('a running request changes in place', async () => {
  const { fake } = openApp('/requests');
  await screen.findByText('40 requests');
  const grid = screen.getByRole('grid');
  const [running] = fake.state.requests;
  if (running === undefined) throw new Error('no request');
  expect(within(grid).getAllByText('Running')).toHaveLength(2);
  fake.tell({ type: 'requests', requests: [{ ...running, state: 'ok', durationMs: 4321 }] });
  expect(await within(grid).findByText('4.3 s')).toBeTruthy();
  expect(within(grid).getAllByText('Running')).toHaveLength(1);
  expect(screen.getByText('40 requests')).toBeTruthy();
});

test('a filter asks the log, and says so when nothing fits', async () => {
  const { fake, user } = openApp('/requests');
  await screen.findByText('40 requests');
  await user.click(screen.getByRole('button', { name: 'Failed' }));
  await waitFor(() => expect(screen.queryByText('40 requests')).toBeNull());
  expect(fake.calls.at(-1)?.input).toMatchObject({ state: 'failed' });
  await user.type(screen.getByRole('textbox', { name: /^Search client/ }), 'nobody knows this');
  expect(await screen.findByText('No request fits')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Clear filters' }));
  expect(await screen.findByText('40 requests')).toBeTruthy();
});

test('arrows move through the rows with the detail beside them, and Esc closes it', async () => {
  const { user } = openApp('/requests');
  const grid = await screen.findByRole('grid');
  grid.focus();
  await user.keyboard('{ArrowDown}{ArrowDown}{ArrowDown}');
  const detail = await screen.findByRole('complementary', { name: 'Request in detail' });
  expect(within(detail).getByText('req_1000038')).toBeTruthy();
  await user.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('complementary')).toBeNull());
});

test('the detail of a failure says what happened, why, and the next step', async () => {
  const failed = {
    ...makeRequest(5),
    id: 'req_failed',
    client: 'Zed',
    modelAsked: 'kimi-k3',
    account: 'kimi',
    state: 'failed' as const,
    errorKind: 'unauthorized',
    errorText: 'The service refused the key.',
  };
  const { user } = openApp('/requests?open=req_failed', { requests: [failed] });
  const detail = await screen.findByRole('complementary');
  expect(await within(detail).findByText(/^Zed asked for kimi-k3.* Kimi could not answer\.$/)).toBeTruthy();
  expect(within(detail).getByText('The service refused the key.')).toBeTruthy();
  await user.click(within(detail).getByRole('button', { name: 'Check the account' }));
  expect(window.location.hash).toBe('#/accounts?open=kimi');
});

test('an empty log teaches what will be here', async () => {
  openApp('/requests', { requests: [] });
  expect(await screen.findByText('No request yet')).toBeTruthy();
});

test('a request that moved tells it in one sentence, draws its way, and is marked in the table', async () => {
  openApp('/requests?open=req_moved', { requests: MOVED_REQUESTS, accounts: POOL_ACCOUNTS });
  const detail = await screen.findByRole('complementary', { name: 'Request in detail' });
  expect(
    await within(detail).findByText(
      /Kimi \(work\) was rate limited and Kimi \(home\) was overloaded, so Claude Code answered with claude-sonnet-5 in 7.4 s\.$/,
    ),
  ).toBeTruthy();
  const stops = within(within(detail).getByRole('list', { name: 'The way it took' }))
    .getAllByRole('listitem')
    .map((stop) => stop.textContent);
  expect(stops).toHaveLength(7);
  expect(stops[2]).toMatch(/^Passed over: Kimi \(old key\)/);
  expect(stops[3]).toMatch(
    /^Asked: Kimi \(work\) was rate limited and rests until 14:05: Your account reached .*kimi-k3212 ms$/,
  );
  expect(stops[6]).toMatch(
    /^Asked: Claude Code answered after 924 ms\. The first that can serve\.claude-sonnet-5924 ms$/,
  );
  const grid = screen.getByRole('grid');
  expect(within(grid).getByRole('img', { name: '3 attempts were needed' })).toBeTruthy();
  expect(within(grid).getAllByRole('img', { name: '2 attempts were needed' })).toHaveLength(2);
});

test('a request that nobody could answer names all who were asked, and one on its way who is asked now', async () => {
  openApp('/requests?open=req_lost', { requests: MOVED_REQUESTS, accounts: POOL_ACCOUNTS });
  const lost = /Kimi \(work\) was rate limited and Kimi \(home\) was overloaded; nobody else could answer\.$/;
  expect(await screen.findByText(lost)).toBeTruthy();
  act(() => replacePlace('requests', { open: 'req_moving' }));
  expect(await screen.findByText(/Kimi \(work\) was rate limited, so Kimi \(home\) is asked now\.$/)).toBeTruthy();
});
