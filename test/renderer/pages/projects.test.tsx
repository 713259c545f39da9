// @vitest-environment jsdom
import { screen, waitFor, within } from '@testing-library/react';
import { expect, test } from 'vitest';
import { keepPlaces } from '../../../renderer/pages/projects/use-session-feed.ts';
import { DEFAULT_AGENT_RULES } from '../../../shared/projects.ts';
import { DEFAULT_SETTINGS } from '../../../shared/settings.ts';
import { ACCOUNTS, MODELS } from '../../support/fake-data.ts';
import { makeSessions, PROJECTS } from '../../support/fake-projects.ts';
import { openApp } from '../render-app.tsx';

test('a project is added with its agent off', async () => {
  const { fake, user } = openApp('/projects', { projects: [], sessions: [] });
  await user.click(await screen.findByRole('button', { name: 'Add project' }));
  const sheet = await screen.findByRole('dialog', { name: 'Add project' });
  await user.type(within(sheet).getByLabelText('Name'), 'My site');
  await user.type(within(sheet).getByLabelText('Folder'), '/home/ada/site');
  expect(within(sheet).queryByRole('status', { name: 'What it may touch' })).toBeNull();
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  await waitFor(() => expect(window.location.hash).toBe('#/projects?open=my-site'));
  expect(fake.state.projects[0]?.agent.enabled).toBe(false);
});

test('an agent is turned on with the sentence of what it may touch beside the button', async () => {
  const { fake, user } = openApp('/projects?edit=notes');
  const again = await screen.findByRole('dialog', { name: 'Change Notes' });
  await user.click(within(again).getByRole('switch', { name: 'Agent' }));
  await user.click(within(again).getByRole('checkbox', { name: /^Edit/ }));
  expect(within(again).getByRole('status', { name: 'What it may touch' }).textContent).toBe(
    'It may read this folder, asks you before it reads elsewhere or changes a file, and stops after 30 rounds or $2.00.',
  );
  await user.click(within(again).getByRole('button', { name: 'Save and turn the agent on' }));
  await waitFor(() => expect(fake.state.projects[1]?.agent.enabled).toBe(true));
  expect(fake.state.projects[1]?.agent.tools).toEqual(['Read', 'Glob', 'Grep', 'Edit']);
});

test('what is dangerous is said before it is saved', async () => {
  const { user } = openApp('/projects?edit=site');
  const sheet = await screen.findByRole('dialog');
  const touch = await within(sheet).findByRole('status', { name: 'What it may touch' });
  await user.click(within(sheet).getByRole('radio', { name: /^Everything/ }));
  expect(touch.textContent).toContain('Nobody is asked, and nothing keeps it inside this folder');
  await user.click(within(sheet).getByRole('radio', { name: /^Ask me/ }));
  await user.type(within(sheet).getByLabelText('Runs without asking'), '\nBash');
  expect(touch.textContent).toContain('Bash is allowed as a whole');
  await user.click(within(sheet).getByRole('switch', { name: /^Trust this folder/ }));
  expect(touch.textContent).toContain('Whoever can write to this folder decides what runs.');
});

test('a line that is no rule is named with its number, and nothing is sent', async () => {
  const { fake, user } = openApp('/projects?edit=site');
  const sheet = await screen.findByRole('dialog');
  const rules = await within(sheet).findByLabelText('Runs without asking');
  await user.type(rules, '\nnpm install');
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  expect(await within(sheet).findByText(/^Line 2 is no rule: “npm install”/)).toBeTruthy();
  expect(document.activeElement).toBe(rules);
  expect(fake.calls.filter(({ name }) => name === 'projects.change')).toEqual([]);
});

test('the engine’s refusal of a folder is shown in its own words', async () => {
  const { user } = openApp('/projects?add=');
  const sheet = await screen.findByRole('dialog');
  await user.type(await within(sheet).findByLabelText('Name'), 'Gone');
  await user.type(within(sheet).getByLabelText('Folder'), '/missing');
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  expect(await within(sheet).findByText('There is no folder /missing.')).toBeTruthy();
});

test('in the desktop app a folder is chosen in the system’s window, and names the project', async () => {
  const { user } = openApp('/projects?add=', { folder: '/home/ada/work/shop' });
  const sheet = await screen.findByRole('dialog');
  await user.click(await within(sheet).findByRole('button', { name: 'Choose' }));
  await waitFor(() => expect(within(sheet).getByLabelText('Folder')).toHaveProperty('value', '/home/ada/work/shop'));
  expect(within(sheet).getByLabelText('Name')).toHaveProperty('value', 'shop');
});

test('without an account that has agents the switch stays off and says why', async () => {
  openApp('/projects?add=', { accounts: ACCOUNTS.filter(({ id }) => id === 'kimi') });
  expect(await screen.findByText('No account here has agents')).toBeTruthy();
  expect(screen.getByRole('switch', { name: 'Agent' })).toHaveProperty('disabled', true);
});

test('fields that are emptied are sent as empty, so that they are removed', async () => {
  const agent = { ...DEFAULT_AGENT_RULES, enabled: true, account: 'claude-code', instructions: 'Be brief.' };
  const { fake, user } = openApp('/projects?edit=site', { projects: PROJECTS.map((one) => ({ ...one, agent })) });
  const sheet = await screen.findByRole('dialog');
  await user.clear(await within(sheet).findByLabelText(/^Instructions/));
  await user.click(within(sheet).getByRole('button', { name: 'Save' }));
  await waitFor(() =>
    expect(fake.calls.find(({ name }) => name === 'projects.change')?.input).toMatchObject({
      id: 'site',
      agent: { account: 'claude-code', model: '', instructions: '' },
    }),
  );
});

test('a chosen project says how it is asked for, narrows the sessions, and is removed after a question', async () => {
  const { fake, user } = openApp('/projects');
  await user.click(await screen.findByRole('button', { name: /^Company site/ }));
  const head = await screen.findByRole('region', { name: 'Company site' });
  expect(within(head).getByText('agent:site')).toBeTruthy();
  expect(await screen.findByText('14 sessions', { selector: 'span[class*=total]' })).toBeTruthy();
  await user.click(within(head).getByRole('button', { name: 'More for Company site' }));
  await user.click(await screen.findByRole('menuitem', { name: 'Remove' }));
  const question = await screen.findByRole('dialog', { name: 'Remove Company site?' });
  expect(within(question).getByText(/The folder \/home\/ada\/work\/site and everything in it stay/)).toBeTruthy();
  await user.click(within(question).getByRole('button', { name: 'Remove' }));
  await waitFor(() => expect(fake.calls).toContainEqual({ name: 'projects.remove', input: { id: 'site' } }));
});

test('a project of the configuration file says its problem and cannot be changed here', async () => {
  openApp('/projects?edit=billing');
  const head = await screen.findByRole('region', { name: 'Billing service' });
  expect(within(head).getByText('Its folder /home/ada/work/billing is not there any more.')).toBeTruthy();
  expect(within(head).queryByRole('button', { name: 'Change' })).toBeNull();
  expect(screen.queryByRole('dialog')).toBeNull();
});

test('a running session is interrupted, and one is deleted with the word that files stay', async () => {
  const { fake, user } = openApp('/projects');
  const [stop] = await screen.findAllByRole('button', { name: /^Interrupt “Move the shop/ });
  if (stop === undefined) throw new Error('nothing runs');
  await user.click(stop);
  await waitFor(() => expect(fake.calls).toContainEqual({ name: 'sessions.interrupt', input: { id: 'ses_1000000' } }));
  const [remove] = screen.getAllByRole('button', { name: /^Delete “/ });
  if (remove === undefined) throw new Error('no session');
  await user.click(remove);
  const question = await screen.findByRole('dialog', { name: 'Delete this session?' });
  expect(within(question).getByText(/The files in \/home\/ada\/work\/site stay/)).toBeTruthy();
  await user.click(within(question).getByRole('button', { name: 'Delete' }));
  await waitFor(() => expect(fake.state.sessions).toHaveLength(19));
});

test('thousands of sessions are read page by page, and a search asks the engine', async () => {
  const { fake, user } = openApp('/projects', { sessions: makeSessions(5000) });
  expect(await screen.findByText('5,000 sessions')).toBeTruthy();
  expect(screen.getAllByRole('row').length).toBeLessThan(60);
  await user.type(screen.getByRole('textbox', { name: 'Search sessions' }), 'imprint');
  expect(await screen.findByText('1,000 sessions')).toBeTruthy();
  expect(fake.calls).toContainEqual({ name: 'sessions.list', input: { search: 'imprint', offset: 0, limit: 200 } });
});

test('Models mark an agent and name its project', async () => {
  const model = { ...MODELS[1], id: 'claude-code/agent:site', name: undefined } as (typeof MODELS)[number];
  openApp('/models', { models: [model] });
  expect(await screen.findByRole('img', { name: 'An agent that works in a project’s folder' })).toBeTruthy();
  expect(await screen.findByText('Company site')).toBeTruthy();
});

test('Settings say what programs cost, and that more cannot stand by than run', async () => {
  const { fake, user } = openApp('/settings', { settings: { ...DEFAULT_SETTINGS, programsMost: 2 } });
  const panel = await screen.findByRole('region', { name: 'Programs' });
  expect(within(panel).getByText(/about 180 MB, all of these 360 MB/)).toBeTruthy();
  expect(within(panel).getByText('Only 2 run at a time, so no more than these can stand by.')).toBeTruthy();
  const wait = within(panel).getByRole('textbox', { name: 'Wait for my answer' });
  await user.clear(wait);
  await user.type(wait, '5{Enter}');
  expect(fake.calls).toContainEqual({ name: 'settings.change', input: { agentAskMs: 300_000 } });
});

test('sessions whose words are not kept are told apart by when they began', async () => {
  const [first, second] = makeSessions(2).map((session) => ({ ...session, projectId: 'site', title: 'Company site' }));
  if (first === undefined || second === undefined) throw new Error('There are no sessions.');
  const sessions = [first, { ...second, createdAt: first.createdAt - 86_400_000 }];
  openApp('/projects?open=site', { sessions });
  const names = (await screen.findAllByText(/^Company site, \d/)).map(({ textContent }) => textContent);
  expect(new Set(names).size).toBe(2);
});

test('rows keep their places while one reads below the top; new ones come behind', () => {
  const rows = ['new', 'c', 'a', 'b'].map((id) => ({ id }));
  expect(keepPlaces(['a', 'gone', 'b', 'c'], rows).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'new']);
});
