// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { MODELS, STATUS } from '../../support/fake-data.ts';
import { openApp } from '../render-app.tsx';

test('Models lists what can be asked for, and a search narrows it', async () => {
  const { user } = openApp('/models');
  expect(await screen.findByText('9 models')).toBeTruthy();
  await user.type(screen.getByRole('textbox', { name: 'Search models' }), 'sonnet');
  expect(await screen.findByText('1 of 9 models')).toBeTruthy();
  const grid = screen.getByRole('grid');
  expect(within(grid).getByText('claude-sonnet-5')).toBeTruthy();
  expect(within(grid).getByRole('img', { name: 'Reasons before it answers' })).toBeTruthy();
});

test('an account whose models could not be listed is named with the reason', async () => {
  openApp('/models', { failures: [{ account: 'kimi', text: 'It does not answer.' }] });
  expect(await screen.findByText('Kimi did not list its models')).toBeTruthy();
  expect(screen.getByText('It does not answer.')).toBeTruthy();
});

test('Connect shows the live base URL and copies with the key put in by the engine', async () => {
  const door = { ...STATUS.door, baseUrl: 'http://127.0.0.1:9999' };
  const { fake, user } = openApp('/connect?client=openai-python', {
    status: { ...STATUS, door },
    models: MODELS.slice(0, 1),
  });
  const guide = await screen.findByRole('article', { name: 'OpenAI for Python' });
  await waitFor(() => expect(guide.textContent).toContain('base_url="http://127.0.0.1:9999/v1", api_key="••••3f9c"'));
  await waitFor(() => expect(guide.textContent).toContain('model="echo"'));
  await user.click(within(guide).getByRole('button', { name: 'Copy' }));
  await within(guide).findByRole('button', { name: 'Copied' });
  expect(fake.state.copied[0]).toContain('api_key="pb-secret-3f9c"');
  expect(guide.textContent).not.toContain('pb-secret');
});

test('Connect shows no client whose dialect the door does not speak', async () => {
  openApp('/connect', { status: { ...STATUS, dialects: [{ name: 'Another', path: '/v1', routes: ['/v1/another'] }] } });
  expect(await screen.findByText('No client can connect yet: the door speaks no dialect.')).toBeTruthy();
});

test('a setting is saved on its own and confirmed in place', async () => {
  const { fake, user } = openApp('/settings');
  const port = await screen.findByRole('textbox', { name: 'Port' });
  await user.clear(port);
  await user.type(port, '8000{Enter}');
  expect(await screen.findByText('Saved')).toBeTruthy();
  expect(fake.calls).toContainEqual({ name: 'settings.change', input: { port: 8000 } });
});

test('a value outside of its limits is refused before it is sent', async () => {
  const { fake, user } = openApp('/settings');
  const port = await screen.findByRole('textbox', { name: 'Port' });
  await user.clear(port);
  await user.type(port, '70000{Enter}');
  expect(await screen.findByText('From 1 to 65535.')).toBeTruthy();
  expect(fake.calls.filter(({ name }) => name === 'settings.change')).toEqual([]);
});

test('the limits that are named are those of the schema, in the unit of the field', async () => {
  const { fake, user } = openApp('/settings');
  const largest = await screen.findByRole('textbox', { name: 'Largest request' });
  await user.clear(largest);
  await user.type(largest, '257{Enter}');
  expect(await screen.findByText('From 0.001 to 256.')).toBeTruthy();
  expect(fake.calls.filter(({ name }) => name === 'settings.change')).toEqual([]);
});

test('listening wider says what is exposed', async () => {
  const { fake, user } = openApp('/settings');
  const host = await screen.findByRole('textbox', { name: 'Listens on' });
  await user.clear(host);
  await user.type(host, '0.0.0.0{Enter}');
  await waitFor(() => expect(fake.state.settings.host).toBe('0.0.0.0'));
  expect(await screen.findByText(/Every machine that reaches 0\.0\.0\.0/)).toBeTruthy();
});

test('seconds are shown for milliseconds and sent back as milliseconds', async () => {
  const { fake, user } = openApp('/settings');
  const idle = await screen.findByRole('textbox', { name: 'Longest pause in an answer' });
  expect(idle).toHaveProperty('value', '300');
  await user.clear(idle);
  await user.type(idle, '1.5{Enter}');
  await waitFor(() => expect(fake.calls).toContainEqual({ name: 'settings.change', input: { idleMs: 1500 } }));
});

test('the command menu finds a model and goes there', async () => {
  const { user } = openApp('/overview');
  await screen.findByRole('button', { name: 'Serving' });
  await user.keyboard('{Control>}k{/Control}');
  await user.type(await screen.findByRole('textbox', { name: 'Find a page, account, model or request' }), 'thinking');
  await user.click(await screen.findByText('kimi-k2-thinking'));
  await waitFor(() => expect(window.location.hash).toBe('#/models?search=kimi-k2-thinking'));
  expect(await screen.findByText('1 of 9 models')).toBeTruthy();
});

test('the rate of right tool calls is shown with its count, and only where it was measured', async () => {
  const counts = { asked: 9, wellFormed: 4, repaired: 1, retried: 1, failed: 1 };
  const model = { account: 'kimi', accountName: 'Kimi', provider: 'openai-compatible' };
  openApp('/models', {
    models: [
      { ...model, id: 'measured', toolCalls: counts },
      { ...model, id: 'asked', toolCalls: { asked: 2, wellFormed: 0, repaired: 0, retried: 0, failed: 0 } },
      { ...model, id: 'unknown' },
    ],
  });
  expect((await screen.findByText(/^85 %/)).textContent).toBe('85 % of 7');
  expect(screen.getByTitle(/^6 of 7 replies .* 4 as written, 1 mended, 1 asked again, 1 faulty/)).toBeTruthy();
  expect(screen.getByTitle(/has called none yet/).textContent).toBe('0');
  expect(screen.getByTitle(/^Not measured/)).toBeTruthy();
});
