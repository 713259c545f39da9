// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { SECOND_DOOR, SECOND_DOOR_TAKEN, STATUS } from '../../support/fake-data.ts';
import { openApp } from '../render-app.tsx';

const ON = { ...DEFAULT_SETTINGS, ollamaDoor: true };

test('the Overview says nothing of the second door while it is off, and gives its address when it is open', async () => {
  const { fake } = openApp('/overview');
  const door = await screen.findByRole('region', { name: 'Your door' });
  expect(within(door).queryByText('Ollama’s address')).toBeNull();
  fake.tell({ type: 'status', status: { ...STATUS, ollamaDoor: SECOND_DOOR } });
  expect(await within(door).findByText('http://127.0.0.1:11434')).toBeTruthy();
  expect(within(door).getByRole('button', { name: 'Copy Ollama’s address' })).toBeTruthy();
  fake.tell({ type: 'settings', settings: { ...ON, ollamaRequireKey: false } });
  expect(await within(door).findByText('Ollama’s address, no key needed')).toBeTruthy();
});

test('where Ollama itself has the port that is said, and the free one is taken with one press', async () => {
  const { fake, user } = openApp('/overview', {
    status: { ...STATUS, ollamaDoor: SECOND_DOOR_TAKEN },
    settings: ON,
  });
  expect(await screen.findByText('Ollama itself (version 0.13.4) already uses port 11434.')).toBeTruthy();
  expect(screen.getByText('Port taken')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Use port 11435' }));
  expect(fake.calls).toContainEqual({ name: 'settings.change', input: { ollamaPort: 11435 } });
  expect(await screen.findByText('http://127.0.0.1:11435')).toBeTruthy();
  expect(screen.queryByText(/already uses port/)).toBeNull();
});

test('the port can be tried again once the other program is closed', async () => {
  const { fake, user } = openApp('/settings', {
    status: { ...STATUS, ollamaDoor: SECOND_DOOR_TAKEN },
    settings: ON,
  });
  const panel = await screen.findByRole('region', { name: 'Ollama’s address' });
  await user.click(await within(panel).findByRole('button', { name: 'Try again' }));
  expect(fake.calls).toContainEqual({ name: 'door.start', input: undefined });
});

test('the Settings switch it on, move it, and say who gets in without a key', async () => {
  const { fake, user } = openApp('/settings');
  const panel = await screen.findByRole('region', { name: 'Ollama’s address' });
  expect(within(panel).queryByRole('textbox', { name: 'Its port' })).toBeNull();
  await user.click(within(panel).getByRole('switch', { name: 'A second door for Ollama’s clients' }));
  const port = await within(panel).findByRole('textbox', { name: 'Its port' });
  await user.clear(port);
  await user.type(port, '11500{Enter}');
  const noKey = within(panel).getByRole('switch', { name: 'No key needed there' });
  expect(noKey).toHaveProperty('checked', false);
  expect(within(panel).queryByText(/Every program and every user/)).toBeNull();
  await user.click(noKey);
  expect(await within(panel).findByText(/Every program and every user of this machine/)).toBeTruthy();
  const changes = fake.calls.filter(({ name }) => name === 'settings.change').map(({ input }) => input);
  expect(changes).toEqual([{ ollamaDoor: true }, { ollamaPort: 11500 }, { ollamaRequireKey: false }]);
});

test('a setting that the configuration file sets says how long the change holds', async () => {
  const { user } = openApp('/settings', { status: { ...STATUS, fixedSettings: ['ollamaRequireKey'] }, settings: ON });
  const panel = await screen.findByRole('region', { name: 'Ollama’s address' });
  await user.click(within(panel).getByRole('switch', { name: 'A second door for Ollama’s clients' }));
  await user.click(within(panel).getByRole('switch', { name: 'A second door for Ollama’s clients' }));
  expect(within(panel).queryByText(/Until the next start only/)).toBeNull();
  await user.click(await within(panel).findByRole('switch', { name: 'No key needed there' }));
  expect(await within(panel).findByText(/Until the next start only/)).toBeTruthy();
});

test('origins of web pages are added as browsers send them and taken off again', async () => {
  const { fake, user } = openApp('/settings');
  const panel = await screen.findByRole('region', { name: 'Web pages' });
  expect(within(panel).getByText('No web page may ask')).toBeTruthy();
  await user.type(within(panel).getByRole('textbox', { name: 'Origin' }), 'HTTP://LocalHost:3000/{Enter}');
  expect(await within(panel).findByText('http://localhost:3000')).toBeTruthy();
  expect(fake.state.settings.corsOrigins).toEqual(['http://localhost:3000']);
  await user.click(within(panel).getByRole('button', { name: 'Remove http://localhost:3000' }));
  await waitFor(() => expect(fake.state.settings.corsOrigins).toEqual([]));
  expect(await within(panel).findByText('No web page may ask')).toBeTruthy();
});

test('an origin that is none, or is there already, is refused with its reason before it is sent', async () => {
  const { fake, user } = openApp('/settings', { settings: { ...ON, corsOrigins: ['http://localhost:3000'] } });
  const panel = await screen.findByRole('region', { name: 'Web pages' });
  const origin = within(panel).getByRole('textbox', { name: 'Origin' });
  for (const [typed, reason] of [
    ['*', /would let every web page in/],
    ['http://localhost:3000/app', /before "\/app"/],
    ['http://localhost:3000', 'It is on the list.'],
  ] as const) {
    await user.clear(origin);
    await user.type(origin, `${typed}{Enter}`);
    expect(await within(panel).findByText(reason)).toBeTruthy();
  }
  await user.clear(origin);
  expect(within(panel).queryByRole('alert')).toBeNull();
  expect(fake.calls.filter(({ name }) => name === 'settings.change')).toEqual([]);
});
