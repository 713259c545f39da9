// @vitest-environment jsdom
// Client keys wherever the window shows them: their panel and sheet, Overview, Connect, Requests and the command menu.
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { describe, expect, test } from 'vitest';
import type { ClientKeyView } from '../../../shared/views.ts';
import { MANY_KEYS, MODELS } from '../../support/fake-data.ts';
import { makeRequests } from '../../support/fake-requests.ts';
import { openApp } from '../render-app.tsx';

const many = () => ({ keys: MANY_KEYS });
const findRow = (name: string) => screen.findByRole('region', { name });
const endOf = (date: Date, days: number) =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() + days + 1).getTime();

async function choose(user: ReturnType<typeof openApp>['user'], name: string, item: string) {
  await user.click(await screen.findByRole('button', { name: `More for ${name}` }));
  await user.click(await screen.findByRole('menuitem', { name: item }));
}

describe('the panel', () => {
  test('says in one line what each key may do, how it was used and how it stands', async () => {
    openApp('/settings', many());
    const codex = await findRow('Codex');
    expect(
      within(codex).getByText('kimi-*, claude-sonnet-5 · 60 requests a minute · 2,000,000 tokens a day · 4 at a time'),
    ).toBeTruthy();
    expect(within(codex).getByText('Used 9 min. ago · 412,800 of 2,000,000 tokens today')).toBeTruthy();
    expect(codex.textContent).toContain('••••81ce');
    expect((await findRow('First key')).textContent).toContain('Every model, no limits');
    expect((await findRow('Guest at the workshop')).textContent).toContain('Expires in 3 days');
    expect((await findRow('Guest at the workshop')).textContent).toContain('Not used yet');
    expect((await findRow('Nightly script')).textContent).toContain('No tokens left today');
    expect((await findRow('Old laptop')).textContent).toContain('Expired 11 days ago');
    const file = await findRow('ide');
    expect(file.textContent).toContain('From the configuration file');
    expect(within(file).queryByRole('button', { name: 'Change ide' })).toBeNull();
  });

  test('renews a key after a question and says so in its row', async () => {
    const { fake, user } = openApp('/settings');
    await choose(user, 'First key', 'Renew');
    const question = await screen.findByRole('dialog');
    await user.click(within(question).getByRole('button', { name: 'Renew' }));
    expect(await screen.findByText('••••n3w0')).toBeTruthy();
    expect((await findRow('First key')).textContent).toContain('Renewed. Copy it into your clients.');
    expect(fake.calls).toContainEqual({ name: 'keys.renew', input: { id: 'default' } });
  });

  test('revokes a key after a question, but never the only one', async () => {
    const { fake, user } = openApp('/settings', { keys: MANY_KEYS.slice(0, 2) });
    await choose(user, 'Codex', 'Revoke');
    const question = await screen.findByRole('dialog');
    expect(fake.calls.some(({ name }) => name === 'keys.revoke')).toBe(false);
    await user.click(within(question).getByRole('button', { name: 'Revoke' }));
    await waitFor(() => expect(screen.queryByRole('region', { name: 'Codex' })).toBeNull());
    expect(fake.calls).toContainEqual({ name: 'keys.revoke', input: { id: 'codex' } });
    await user.click(await screen.findByRole('button', { name: 'More for First key' }));
    expect(await screen.findByRole('menuitem', { name: 'Revoke' })).toHaveProperty('disabled', true);
  });

  test('copies the key of its row, which the page never sees', async () => {
    const { fake, user } = openApp('/settings', many());
    await user.click(await screen.findByRole('button', { name: 'Copy the key Codex' }));
    await screen.findByRole('button', { name: 'Copied' });
    expect(fake.calls.at(-1)).toEqual({ name: 'keys.copy', input: { id: 'codex', text: '{{key}}' } });
  });

  test('leads to the requests of a key', async () => {
    const requests = makeRequests(6).map((row, index) => ({ ...row, key: index % 2 === 0 ? 'Codex' : 'First key' }));
    const { fake, user } = openApp('/settings', { ...many(), requests });
    await choose(user, 'Codex', 'Show its requests');
    expect(await screen.findByText('3 requests')).toBeTruthy();
    expect(fake.calls).toContainEqual({ name: 'requests.list', input: { key: 'Codex', limit: 200 } });
  });
});

describe('the sheet', () => {
  const open = async (keys: ClientKeyView[] = MANY_KEYS) => {
    const app = openApp('/settings', { keys });
    await app.user.click(await screen.findByRole('button', { name: 'Add key' }));
    const sheet = await screen.findByRole('dialog');
    const press = (name: string) => app.user.click(within(sheet).getByRole('button', { name }));
    return { ...app, sheet, press, input: (name: string) => within(sheet).getByRole('textbox', { name }) };
  };

  test('makes a key with models, an end and limits, and marks it as new', async () => {
    const { fake, user, sheet, press, input } = await open();
    await user.type(input('Name'), ' Zed ');
    await user.type(within(sheet).getByLabelText('Models'), 'kimi-k*,');
    expect(within(sheet).getByText('Takes in 3 of 9 models: kimi-k3, kimi-k2.6, kimi-k2-thinking')).toBeTruthy();
    await user.click(within(sheet).getByRole('radio', { name: '30 days' }));
    await user.type(input('Requests a minute'), '20');
    await user.type(input('Tokens a day'), '100000');
    expect(within(sheet).getByRole('status', { name: 'What it may do' }).textContent).toContain(
      'kimi-k* · 20 requests a minute · 100,000 tokens a day · until ',
    );
    await press('Make the key');
    expect((await findRow('Zed')).textContent).toContain('Made. Copy it into your client.');
    expect(screen.queryByText('Another key has this name.')).toBeNull();
    await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
    expect(fake.calls.find(({ name }) => name === 'keys.add')?.input).toEqual({
      name: 'Zed',
      rules: {
        models: ['kimi-k*'],
        expiresAt: endOf(new Date(), 30),
        requestsPerMinute: 20,
        tokensPerDay: 100_000,
      },
    });
  });

  test('knows models by the names that clients ask for, without an account before them', async () => {
    const [model] = MODELS;
    const models = model && [{ ...model, id: 'work/kimi-k3', names: ['kimi-k3'] }];
    const { user } = openApp('/settings', { models });
    await user.click(await screen.findByRole('button', { name: 'Add key' }));
    const sheet = await screen.findByRole('dialog');
    await user.type(within(sheet).getByLabelText('Models'), 'kimi-*,');
    expect(await within(sheet).findByTitle('kimi-k3')).toBeTruthy();
    expect(within(sheet).queryByText('No model that is served now has such a name.')).toBeNull();
  });

  test('says what is wrong beside each field and sends nothing', async () => {
    const { fake, user, sheet, press, input } = await open();
    await press('Make the key');
    expect(within(sheet).getByText('Give the key a name.')).toBeTruthy();
    expect(document.activeElement).toBe(input('Name'));
    await user.type(input('Name'), 'codex');
    await user.type(within(sheet).getByLabelText('Models'), 'gpt-9,');
    await user.click(within(sheet).getByRole('radio', { name: 'On a date' }));
    fireEvent.change(within(sheet).getByLabelText('Last day'), { target: { value: '2020-01-01' } });
    await user.type(input('At a time'), '1001');
    await press('Make the key');
    for (const text of [
      'Another key has this name.',
      'No model that is served now has such a name.',
      'This day is over. Choose today or a later one.',
      'From 1 to 1,000.',
    ])
      expect(within(sheet).getByText(text)).toBeTruthy();
    expect(fake.calls.some(({ name }) => name === 'keys.add')).toBe(false);
  });

  test('changes name and rules of a key, and an end that is not touched stays what it was', async () => {
    const { fake, user } = openApp('/settings', many());
    await user.click(await screen.findByRole('button', { name: 'Change Old laptop' }));
    const sheet = await screen.findByRole('dialog');
    expect(within(sheet).getByText(/it opens nothing/)).toBeTruthy();
    const name = within(sheet).getByRole('textbox', { name: 'Name' });
    await user.clear(name);
    await user.type(name, 'Older laptop');
    expect(within(sheet).getByText(/Past requests keep the old name/)).toBeTruthy();
    await user.type(within(sheet).getByRole('textbox', { name: 'At a time' }), '2');
    await user.click(within(sheet).getByRole('button', { name: 'Save' }));
    await findRow('Older laptop');
    const old = MANY_KEYS.find(({ id }) => id === 'old');
    expect(fake.calls.at(-1)).toMatchObject({
      name: 'keys.change',
      input: { id: 'old', name: 'Older laptop', rules: { expiresAt: old?.rules.expiresAt, concurrent: 2 } },
    });
  });

  test('takes every rule away', async () => {
    const { fake, user } = openApp('/settings', many());
    await user.click(await screen.findByRole('button', { name: 'Change Guest at the workshop' }));
    const sheet = await screen.findByRole('dialog');
    await user.click(within(sheet).getByRole('radio', { name: 'Never' }));
    await user.clear(within(sheet).getByRole('textbox', { name: 'Tokens a day' }));
    await user.type(within(sheet).getByLabelText('Models'), '{Backspace}');
    await user.click(within(sheet).getByRole('button', { name: 'Save' }));
    await waitFor(() => expect(fake.state.keys.find(({ id }) => id === 'guest')?.rules).toEqual({}));
  });
});

describe('elsewhere', () => {
  const [old, codex] = [MANY_KEYS[4], MANY_KEYS[1]] as [ClientKeyView, ClientKeyView];

  test('Overview shows the first key that opens the door', async () => {
    const { fake, user } = openApp('/overview', { keys: [old, codex] });
    expect(await screen.findByText('••••81ce')).toBeTruthy();
    expect(await screen.findByRole('button', { name: '1 more key' })).toBeTruthy();
    await user.click(screen.getByRole('button', { name: 'Copy client key' }));
    await waitFor(() => expect(fake.calls.at(-1)).toMatchObject({ name: 'keys.copy', input: { id: 'codex' } }));
  });

  test('Connect puts the chosen key into what is copied', async () => {
    const { fake, user } = openApp('/connect?client=openai-python', many());
    const guide = await screen.findByRole('article', { name: 'OpenAI for Python' });
    await waitFor(() => expect(guide.textContent).toContain('••••3f9c'));
    await user.click(screen.getByRole('combobox', { name: 'Key' }));
    expect(screen.getByRole('option', { name: 'Old laptop (expired)' }).getAttribute('data-combobox-disabled')).toBe(
      'true',
    );
    await user.click(screen.getByRole('option', { name: 'Codex ••••81ce' }));
    expect(guide.textContent).toContain('••••81ce');
    await user.click(within(guide).getByRole('button', { name: 'Copy' }));
    await waitFor(() => expect(fake.calls.at(-1)).toMatchObject({ name: 'keys.copy', input: { id: 'codex' } }));
  });

  test('Connect asks nobody which key where there is one', async () => {
    openApp('/connect');
    await screen.findByRole('combobox', { name: 'Model' });
    expect(screen.queryByRole('combobox', { name: 'Key' })).toBeNull();
  });

  test('Requests shows whose key it was, filters by it and finds its name', async () => {
    const requests = makeRequests(6).map((row, index) => ({ ...row, key: index < 2 ? 'Codex' : 'First key' }));
    const { user } = openApp('/requests', { ...many(), requests });
    expect((await screen.findAllByText('· Codex')).length).toBe(2);
    await user.type(screen.getByRole('textbox', { name: /^Search client, key/ }), 'codex');
    expect(await screen.findByText('2 requests')).toBeTruthy();
    await user.clear(screen.getByRole('textbox', { name: /^Search client, key/ }));
    await user.click(screen.getByRole('combobox', { name: 'Client key' }));
    await user.click(screen.getByRole('option', { name: 'First key' }));
    expect(await screen.findByText('4 requests')).toBeTruthy();
  });

  test('a request that a limit refused says so and leads to the limits', async () => {
    const [row] = makeRequests(1);
    if (row === undefined) throw new Error('no row');
    const { usage: _, account: _a, provider: _p, modelUsed: _m, firstTokenMs: _f, ...rest } = row;
    const errorText = 'The client key "Codex" may make 60 requests a minute, no more. Try again in 12 s.';
    const refused = { ...rest, id: 'r', key: 'Codex', state: 'failed' as const, attempts: 0, errorText };
    const { user } = openApp('/requests?open=r', {
      ...many(),
      requests: [{ ...refused, errorKind: 'rate-limited', status: 429 }],
    });
    const detail = await screen.findByRole('complementary', { name: /request/i });
    expect(detail.textContent).toContain('was turned away');
    expect(detail.textContent).toContain('This client key has reached a limit of its own.');
    await user.click(within(detail).getByRole('button', { name: /Settings/ }));
    await waitFor(() => expect(window.location.hash).toBe('#/settings'));
  });

  test('the command menu copies any of them', async () => {
    const { fake, user } = openApp('/overview', many());
    await screen.findByRole('button', { name: 'Serving' });
    await user.keyboard('{Control>}k{/Control}');
    await user.type(
      await screen.findByRole('textbox', { name: 'Find a page, account, model or request' }),
      'key Codex',
    );
    await user.click(await screen.findByText('Copy the key Codex'));
    await waitFor(() => expect(fake.calls.at(-1)).toMatchObject({ name: 'keys.copy', input: { id: 'codex' } }));
  });
});
