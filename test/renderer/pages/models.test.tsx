// @vitest-environment jsdom
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { DEFAULT_ROUTING, type Routing } from '../../../shared/routing.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import type { FakeState } from '../../support/fake-contract.ts';
import { KEYS, MODELS, STATUS } from '../../support/fake-data.ts';
import { ALL_RESTING, POOL_ACCOUNTS, POOL_MODELS } from '../../support/fake-pools.ts';
import { ROUTING } from '../../support/fake-routing.ts';
import { openApp } from '../render-app.tsx';

const CURSOR = { ...(KEYS[0] as (typeof KEYS)[0]), id: 'cursor', name: 'Cursor' };

const open = (place: string, routing: Routing = ROUTING, change: Partial<FakeState> = {}) =>
  openApp(place, {
    accounts: POOL_ACCOUNTS,
    models: POOL_MODELS,
    keys: [...KEYS, CURSOR],
    settings: { ...DEFAULT_SETTINGS, routing },
    ...change,
  });

const listStops = (list: HTMLElement) =>
  within(list)
    .getAllByRole('listitem')
    .map((stop) => stop.textContent);

test('the tester draws the way of a name while it is typed: rules, then accounts in their order', async () => {
  const { fake } = open('/models');
  const field = await screen.findByRole('textbox', { name: 'Name of a model' });
  for (const value of ['g', 'gp', 'gpt', 'gpt-', 'gpt-4', 'gpt-4o']) fireEvent.change(field, { target: { value } });
  const order = await screen.findByRole('list', { name: 'Who would be asked, in this order' });
  const way = screen.getByRole('list', { name: 'Way of the name' });
  await waitFor(() =>
    expect(listStops(way).slice(0, 2)).toEqual(['Asked for: gpt-4o', 'Rule: The rule “gpt-4o” leads to kimi-k3.']),
  );
  const [first, second] = listStops(order);
  expect(first).toContain('Number 1: Kimi (home)');
  expect(first).toContain('available');
  expect(second).toMatch(/Kimi \(old key\).*failing.*Invalid Authentication/);
  // Letters that come quickly are asked about together.
  expect(fake.calls.filter(({ name }) => name === 'routing.test').length).toBeLessThan(3);
});

test('who asks and what is needed change the way, and whoever cannot is passed over with the reason', async () => {
  const { fake, user } = open('/models?try=kimi-k2-thinking', {
    ...ROUTING,
    fallbacks: { 'kimi-k2-thinking': ['claude-sonnet-5'] },
  });
  await screen.findByRole('list', { name: 'Who would be asked, in this order' });
  await user.click(screen.getByRole('button', { name: 'Images' }));
  expect(await screen.findByText('kimi-k2-thinking of Kimi (work) sees no images.')).toBeTruthy();
  const order = screen.getByRole('list', { name: 'Who would be asked, in this order' });
  expect(listStops(order)[0]).toContain('Claude Code');
  expect(fake.calls.at(-1)?.input).toMatchObject({ needs: { images: true } });
});

test('a name that leads nowhere says so, and a rule for it is one press away', async () => {
  const { user } = open('/models?try=gemini-4-pro');
  expect(await screen.findByText('No account offers a model called “gemini-4-pro”.')).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Make a rule for it' }));
  const sheet = await screen.findByRole('dialog', { name: 'Add another name' });
  expect(within(sheet).getByLabelText('Name that clients use')).toHaveProperty('value', 'gemini-4-pro');
});

test('where it is not the name that is unknown no rule is offered for it', async () => {
  const { user } = open('/models?try=echo');
  await user.click(await screen.findByRole('button', { name: 'Images' }));
  expect(await screen.findByText('No model that can do this is left for “echo”.')).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Make a rule for it' })).toBeNull();
});

test('where everybody rests one of them can be asked all the same, and the way follows', async () => {
  const { fake, user } = open('/models?try=kimi-k3', DEFAULT_ROUTING, {
    accounts: ALL_RESTING,
    models: POOL_MODELS.filter(({ account }) => account === 'kimi-work'),
  });
  await user.click(await screen.findByRole('button', { name: 'Use Kimi (work) now' }));
  await waitFor(() => expect(screen.queryByRole('button', { name: 'Use Kimi (work) now' })).toBeNull());
  expect(fake.calls).toContainEqual({ name: 'accounts.use', input: { id: 'kimi-work' } });
});

test('where everybody failed lately it is not said that nobody is asked', async () => {
  const rests = [{ since: 0, until: Date.now() + 60_000, cause: 'guessed' as const, text: 'Too many.' }];
  open('/models?try=kimi-k3', DEFAULT_ROUTING, {
    accounts: ALL_RESTING.map((account) => ({ ...account, rests })),
    models: POOL_MODELS.filter(({ account }) => account === 'kimi-work'),
  });
  expect(await screen.findByText(/They are asked all the same/)).toBeTruthy();
  expect(await screen.findByRole('list', { name: 'Who would be asked, in this order' })).toBeTruthy();
});

test('a part of a name offers the names that it may become', async () => {
  const { user } = open('/models?try=k2-th');
  await user.click(await screen.findByRole('button', { name: 'kimi-k2-thinking' }));
  expect(screen.getByRole('textbox', { name: 'Name of a model' })).toHaveProperty('value', 'kimi-k2-thinking');
});

test('hidden models are marked, and 10,000 rows keep only those in sight in the page', async () => {
  const [model] = MODELS;
  const models = Array.from({ length: 10_000 }, (_, index) => ({ ...(model as (typeof MODELS)[0]), id: `m-${index}` }));
  open('/models', { ...DEFAULT_ROUTING, hidden: ['m-1'] }, { models });
  expect(await screen.findByText('10,000 models')).toBeTruthy();
  const grid = screen.getByRole('grid');
  expect(within(grid).getAllByRole('row').length).toBeLessThan(60);
  expect(within(grid).getAllByRole('img', { name: 'On no list that clients see' })).toHaveLength(1);
});

test('a rule is tried before it is saved, and saved with all others', async () => {
  const { fake, user } = open('/models?view=rules');
  await user.click(await screen.findByRole('button', { name: 'Add another name' }));
  const sheet = await screen.findByRole('dialog');
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  expect(within(sheet).getByText('Model that answers is needed.')).toBeTruthy();
  await user.click(within(sheet).getByLabelText('Name that clients use'));
  await user.paste('o3');
  await user.click(within(sheet).getByLabelText('Model that answers'));
  await user.paste('kimi-k3');
  expect(await within(sheet).findByText('The rule “o3” leads to kimi-k3.')).toBeTruthy();
  expect(fake.state.settings.routing).toEqual(ROUTING);
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  expect(await screen.findByRole('button', { name: 'Edit: o3 is answered by kimi-k3' })).toBeTruthy();
  expect(fake.state.settings.routing).toEqual({ ...ROUTING, aliases: { ...ROUTING.aliases, o3: 'kimi-k3' } });
});

test('a rule for one client key is tried with that key', async () => {
  const { user } = open('/models?view=rules');
  await user.click(await screen.findByRole('button', { name: 'Add another name' }));
  const sheet = await screen.findByRole('dialog');
  await user.click(within(sheet).getByLabelText('Name that clients use'));
  await user.paste('fast');
  await user.click(within(sheet).getByLabelText('Model that answers'));
  await user.paste('kimi-k3');
  await user.click(within(sheet).getByRole('combobox', { name: 'Who asks' }));
  const options = await screen.findAllByRole('option', { name: 'Cursor' });
  await user.click(options.at(-1) as HTMLElement);
  const tester = await within(sheet).findByRole('region', { name: 'Try it with the key Cursor before you save' });
  expect(await within(tester).findByText(/“fast”.* leads to kimi-k3/)).toBeTruthy();
});

test('a rule that was taken away can be taken back', async () => {
  const { fake, user } = open('/models?view=rules');
  await user.click(await screen.findByRole('button', { name: 'Remove: moonshot-* is hidden' }));
  await waitFor(() => expect(fake.state.settings.routing.hidden).toEqual([]));
  await user.click(await screen.findByRole('button', { name: 'Undo' }));
  await waitFor(() => expect(fake.state.settings.routing.hidden).toEqual(['moonshot-*']));
});

test('the models of a fallback are put in order by button and by key, and the focus goes with them', async () => {
  const { fake, user } = open('/models?view=rules');
  await user.click(await screen.findByRole('button', { name: /^Edit: Where kimi-k3/ }));
  const sheet = await screen.findByRole('dialog', { name: 'Fallbacks' });
  await user.click(within(sheet).getByRole('button', { name: 'Move kimi-k2.6 up from place 2' }));
  expect(within(sheet).getByLabelText('Number 1')).toHaveProperty('value', 'kimi-k2.6');
  expect(document.activeElement?.getAttribute('aria-label')).toBe('Move kimi-k2.6 down from place 1');
  expect(within(sheet).getByText('kimi-k2.6 is number 1 now')).toBeTruthy();
  await user.click(within(sheet).getByLabelText('Number 1'));
  await user.keyboard('{Alt>}{ArrowDown}{/Alt}');
  expect(within(sheet).getByLabelText('Number 2')).toHaveProperty('value', 'kimi-k2.6');
  await user.click(within(sheet).getByRole('button', { name: 'Take out claude-sonnet-5 from place 1' }));
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(fake.state.settings.routing.fallbacks).toEqual({ 'kimi-k3': ['kimi-k2.6'] }));
});

test('a rule that leads nowhere is warned about where it stands, and what the file fixes is said', async () => {
  open(
    '/models?view=rules',
    { ...DEFAULT_ROUTING, aliases: { a: 'gpt-5' } },
    { status: { ...STATUS, fixedSettings: ['routing'] } },
  );
  const section = await screen.findByRole('region', { name: 'Other names' });
  expect(await within(section).findByText('No account offers gpt-5 now.')).toBeTruthy();
  expect(screen.getByText(/^The configuration file sets the rules anew/)).toBeTruthy();
});

test('an import with mistakes names them and changes nothing; a good one shows what changes, then saves', async () => {
  const { fake, user } = open('/models?view=rules&import=');
  const sheet = await screen.findByRole('dialog', { name: 'Import rules' });
  const field = within(sheet).getByLabelText('Rules as JSON');
  await user.click(field);
  await user.paste('{ "routing": { "attempts": { "most": 0 } } }');
  expect(within(sheet).getByText('1 mistake; nothing is changed')).toBeTruthy();
  expect(within(sheet).getByText('routing.attempts.most')).toBeTruthy();
  expect(within(sheet).queryByRole('button', { name: 'Replace all rules' })).toBeNull();
  const file = new File(['{ "routing": { "aliases": { "gpt-4o": "echo" } } }'], 'rules.json');
  await user.upload(within(sheet).getByLabelText<HTMLInputElement>('Choose a file', { selector: 'input' }), file);
  expect(await within(sheet).findByText('gpt-4o is answered by echo')).toBeTruthy();
  expect(within(sheet).getByText('moonshot-* is hidden')).toBeTruthy();
  await user.click(within(sheet).getByRole('button', { name: 'Replace all rules' }));
  const wanted = { ...DEFAULT_ROUTING, aliases: { 'gpt-4o': 'echo' } };
  await waitFor(() => expect(fake.state.settings.routing).toEqual(wanted));
});

test('what is tried stays while rules are opened below', async () => {
  const { user } = open('/models?try=claude-sonnet-5');
  await user.click(await screen.findByRole('tab', { name: 'Rules' }));
  await user.click(await screen.findByRole('button', { name: 'Import' }));
  await screen.findByRole('dialog', { name: 'Import rules' });
  expect(screen.getByRole('textbox', { name: 'Name of a model' })).toHaveProperty('value', 'claude-sonnet-5');
});
