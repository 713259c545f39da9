// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { guidesFor } from '../../../renderer/pages/connect/clients.ts';
import type { SnippetValues } from '../../../renderer/pages/connect/guide.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { MODELS, SECOND_DOOR, SECOND_DOOR_TAKEN, STATUS } from '../../support/fake-data.ts';
import { openApp } from '../render-app.tsx';

const ROUTES = STATUS.dialects.flatMap(({ routes }) => routes);
const GUIDES = guidesFor(ROUTES);
const VALUES: SnippetValues = {
  origin: 'http://127.0.0.1:9999',
  model: 'some/model-1',
  contextTokens: 1000,
  outputTokens: 100,
  images: true,
  local: { origin: 'http://127.0.0.1:11500', port: 11500, needsKey: true },
  key: 'pb-key',
};
const write = (id: string, values: Partial<SnippetValues> = {}) => {
  const known = { ...VALUES, ...values };
  const snippets = GUIDES.find((guide) => guide.id === id)?.snippets ?? [];
  const wanted = snippets.filter(({ isWanted }) => isWanted?.(known) ?? true);
  return Object.fromEntries(wanted.map((snippet) => [snippet.label, snippet.write(known)]));
};

test('there is a guide for each client once its dialect is spoken, and none before', () => {
  expect(guidesFor(['/v1/models'])).toEqual([]);
  expect(guidesFor(['/v1/responses']).map(({ id }) => id)).toEqual(['responses-js', 'codex', 'codex-local']);
  expect(guidesFor(['/v1beta/models/{name}:generateContent']).map(({ id }) => id)).toEqual(['google-js', 'gemini-cli']);
  expect(new Set(GUIDES.map(({ id }) => id)).size).toBe(GUIDES.length);
});

test.each(GUIDES.flatMap((guide) => guide.snippets.map((snippet) => ({ name: guide.name, snippet }))))(
  'what is pasted for $name ($snippet.label) is whole',
  ({ snippet }) => {
    const text = snippet.write(VALUES);
    expect(text).not.toMatch(/undefined|\[object/);
    if (snippet.label.endsWith('.json')) expect(() => JSON.parse(text)).not.toThrow();
  },
);

test('Codex is told a provider of its own in TOML and started with it', () => {
  expect(write('codex')).toEqual({
    '~/.codex/config.toml':
      '[model_providers.patchbay]\nname = "Patchbay"\nbase_url = "http://127.0.0.1:9999/v1"\nenv_key = "PATCHBAY_KEY"\nwire_api = "responses"',
    Terminal: 'export PATCHBAY_KEY=pb-key\ncodex -c model_provider=patchbay -m some/model-1',
  });
});

test("Google's clients get the address without a path", () => {
  expect(write('gemini-cli').Terminal).toBe(
    'export GOOGLE_GEMINI_BASE_URL=http://127.0.0.1:9999\nexport GEMINI_API_KEY=pb-key\ngemini -m some/model-1',
  );
  expect(write('google-js')['hello.mjs']).toContain("httpOptions: { baseUrl: 'http://127.0.0.1:9999' }");
});

test("Ollama's clients get the address that is theirs, and a key only where one is needed", () => {
  const local = { origin: 'http://127.0.0.1:11434', port: 11434, needsKey: false };
  expect(write('codex-local', { local }).Terminal).toBe(
    'export CODEX_OSS_BASE_URL=http://127.0.0.1:11434/v1\ncodex --oss --local-provider ollama -m some/model-1',
  );
  expect([write('zed-local')['API key'], write('zed-local', { local })['API key']]).toEqual(['pb-key', undefined]);
  expect(write('python-local')['hello.py']).toContain('headers={"Authorization": "Bearer pb-key"}');
  expect(write('python-local', { local })['hello.py']).toContain('Client(host="http://127.0.0.1:11434")');
  expect(write('xcode', { local })['Port, if Locally Hosted']).toBe('11434');
});

test('a tunnel for Cursor keeps the Host that the door insists on', () => {
  expect(write('cursor').Terminal).toBe(
    'cloudflared tunnel --url http://127.0.0.1:9999 --http-host-header 127.0.0.1:9999',
  );
});

test('a client that brings no key is told of the second door, until that wants none', async () => {
  const { fake, user } = openApp('/connect?client=codex-local');
  const guide = await screen.findByRole('article', { name: 'Codex with --oss' });
  expect(await within(guide).findByText('This client brings no key')).toBeTruthy();
  await waitFor(() => expect(guide.textContent).toContain('CODEX_OSS_BASE_URL=http://127.0.0.1:7282/v1'));
  fake.tell({ type: 'settings', settings: { ...DEFAULT_SETTINGS, ollamaDoor: true, ollamaRequireKey: false } });
  fake.tell({ type: 'status', status: { ...STATUS, ollamaDoor: SECOND_DOOR_TAKEN } });
  expect(within(guide).getByText('This client brings no key')).toBeTruthy();
  fake.tell({ type: 'status', status: { ...STATUS, ollamaDoor: SECOND_DOOR } });
  await waitFor(() => expect(within(guide).queryByText('This client brings no key')).toBeNull());
  expect(guide.textContent).toContain('CODEX_OSS_BASE_URL=http://127.0.0.1:11434/v1');
  expect(within(guide).queryByText(/The key is shown by its last four/)).toBeNull();
  await user.type(screen.getByRole('textbox', { name: 'Find a client' }), 'zzz');
  expect(await screen.findByText(/No client of that name here/)).toBeTruthy();
});

test('typing a part of a name narrows the list, and Enter opens the first that is left', async () => {
  const { user } = openApp('/connect');
  const clients = await screen.findByRole('navigation', { name: 'Clients' });
  await user.type(within(clients).getByRole('textbox', { name: 'Find a client' }), 'gemini{Enter}');
  expect(
    within(clients)
      .getAllByRole('button')
      .map(({ textContent }) => textContent),
  ).toEqual(['Gemini CLI']);
  expect(await screen.findByRole('article', { name: 'Gemini CLI' })).toBeTruthy();
  expect(window.location.hash).toBe('#/connect?client=gemini-cli');
});

test('Connect is left for another page without harm', async () => {
  const { user } = openApp('/connect');
  await screen.findByRole('navigation', { name: 'Clients' });
  await user.click(screen.getByRole('link', { name: 'Models' }));
  expect(await screen.findByRole('heading', { name: 'Models' })).toBeTruthy();
  expect(screen.queryByText(/stopped working/)).toBeNull();
});

test('a model goes by the name that clients ask for, without an account before it', async () => {
  const models = MODELS.slice(0, 1).map((model) => ({ ...model, id: 'work/kimi-k3', names: ['kimi-k3'] }));
  openApp('/connect', { models });
  await waitFor(() => expect(screen.getByRole('combobox', { name: 'Model' })).toHaveProperty('value', 'kimi-k3'));
});
