// The tray's menu and icon, made from the state; every item is clicked.
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import {
  createTrayMenu,
  describeTrayState,
  readTrayIcon,
  type TrayActions,
  type TrayState,
} from '../../../main/desktop/tray-menu.ts';
import type { RestView } from '../../../shared/routing.ts';
import type { AccountView, DoorView } from '../../../shared/views.ts';

function createState(door: Partial<DoorView> = {}, change: Partial<TrayState['status']> = {}): TrayState {
  return {
    status: {
      version: '1.0.0',
      mode: 'desktop',
      startedAt: 0,
      door: {
        state: 'serving',
        host: '127.0.0.1',
        port: 7282,
        baseUrl: 'http://127.0.0.1:7282',
        exposed: false,
        ...door,
      },
      runningStreams: 0,
      vault: { kind: 'file', detail: '' },
      dataFolder: '/data',
      dialects: [{ name: 'Some dialect', path: '/v1', routes: [] }],
      fixedSettings: [],
      notices: [],
      ...change,
    },
    accounts: [],
    keys: [
      {
        id: 'first',
        name: 'first',
        lastFour: 'abcd',
        source: 'settings',
        rules: {},
        usage: { tokensToday: 0, requests: 0 },
      },
    ],
    questions: [],
    startAtLogin: false,
  };
}

const account = (state: AccountView['state'], rests: readonly Partial<RestView>[] = []) =>
  ({ id: state, state, rests, source: 'settings' }) as AccountView;

/** Clicks an item and tells which action it called with what. */
function click(state: TrayState, id: string): unknown[] | undefined {
  const calls: unknown[][] = [];
  const actions = new Proxy({} as TrayActions, {
    get:
      (_target, name) =>
      (...args: unknown[]) =>
        calls.push([name, ...args]),
  });
  const item = createTrayMenu(state, actions).find((candidate) => candidate.id === id);
  if (item === undefined || item.enabled === false) return undefined;
  (item.click as unknown as () => void)?.();
  return calls[0];
}

test('each item does what it says', () => {
  const state = createState();
  expect(click(state, 'open')).toEqual(['openWindow']);
  expect(click(state, 'stop')).toEqual(['stopDoor']);
  expect(click(state, 'copy-url')).toEqual(['copy', 'http://127.0.0.1:7282']);
  expect(click(state, 'copy-key')).toEqual(['copyKey', 'first']);
  expect(click(state, 'login')).toEqual(['setStartAtLogin', true]);
  expect(click({ ...state, startAtLogin: true }, 'login')).toEqual(['setStartAtLogin', false]);
  expect(click(state, 'quit')).toEqual(['quit']);
});

test('a closed door can be opened, one that is moving cannot', () => {
  expect(click(createState({ state: 'stopped' }), 'start')).toEqual(['startDoor']);
  expect(click(createState({ state: 'stopped' }), 'stop')).toBeUndefined();
  expect(click(createState({ state: 'stopping' }), 'start')).toBeUndefined();
});

test('a taken port offers the free one', () => {
  expect(click(createState({ state: 'port-taken', freePort: 7300 }), 'use-port')).toEqual(['usePort', 7300]);
  expect(click(createState({ freePort: 7300 }), 'use-port')).toBeUndefined();
});

test('without a key there is none to copy', () => {
  expect(click({ ...createState(), keys: [] }, 'copy-key')).toBeUndefined();
});

test('the icon shows whether the next request will work', () => {
  const icons = [
    createState(),
    createState({}, { runningStreams: 2 }),
    createState({ state: 'stopped' }),
    createState({ state: 'stopping' }, { runningStreams: 1 }),
    createState({ state: 'port-taken' }, { runningStreams: 1 }),
    createState({}, { notices: [{ id: 'a', level: 'error', title: '', text: '' }] }),
    createState({}, { notices: [{ id: 'a', level: 'info', title: '', text: '' }] }),
    { ...createState(), accounts: [account('ready'), account('attention')] },
    { ...createState(), accounts: [account('untested')] },
  ].map(readTrayIcon);
  expect(icons).toEqual([
    'works',
    'streaming',
    'paused',
    'paused',
    'attention',
    'attention',
    'works',
    'attention',
    'works',
  ]);
});

test('every icon has its file for every system', () => {
  const folder = resolve(import.meta.dirname, '..', '..', '..', 'assets', 'tray');
  const names = ['works', 'attention', 'paused', 'streaming'].flatMap((name) => [
    `${name}Template.png`,
    ...['dark', 'light'].flatMap((look) => [16, 22].map((size) => `${name}-${look}-${size}.png`)),
  ]);
  expect(names.filter((name) => !existsSync(join(folder, name)))).toEqual([]);
});

test('the state is told in one line', () => {
  const lines = [
    createState(),
    createState({}, { runningStreams: 1 }),
    { ...createState(), accounts: [account('ready'), account('failed')] },
    createState({ state: 'starting' }),
    createState({ state: 'stopping' }, { runningStreams: 3 }),
    createState({ state: 'stopped' }),
    createState({ state: 'port-taken' }),
    createState({ state: 'failed', problem: 'No such address' }),
  ].map(describeTrayState);
  expect(lines).toMatchInlineSnapshot(`
    [
      "Serving at 127.0.0.1:7282",
      "Serving at 127.0.0.1:7282, 1 reply running",
      "Serving at 127.0.0.1:7282, 1 of 2 accounts need attention",
      "Starting",
      "Stopping: 3 replies still running",
      "The door is closed: no client can connect",
      "Port 7282 is taken by another program",
      "No such address",
    ]
  `);
});

test('a question of an agent is attention, whatever else runs, and is named', () => {
  const asked = [{ projectName: 'Site' } as TrayState['questions'][number]];
  const state = { ...createState({}, { runningStreams: 2 }), questions: asked };
  expect(readTrayIcon(state)).toBe('attention');
  expect(describeTrayState(state)).toBe('The agent of Site waits for your word');
  expect(describeTrayState({ ...state, questions: [...asked, ...asked] })).toBe(
    '2 questions of agents wait for your word',
  );
  expect(click(state, 'open')).toEqual(['openWindow']);
});

test('several client keys are copied by name, except those that have expired', () => {
  const [first] = createState().keys;
  if (first === undefined) throw new Error('no key');
  const second = { ...first, id: 'second', name: 'Mine & yours', lastFour: '1234' };
  const third = { ...first, id: 'third', name: 'Old', rules: { expiresAt: 1 } };
  const copied: string[] = [];
  const actions = { copyKey: (id: string) => copied.push(id) } as unknown as TrayActions;
  const menu = createTrayMenu({ ...createState(), keys: [first, second, third] }, actions);
  const submenu = menu.find(({ id }) => id === 'copy-key')?.submenu;
  if (!Array.isArray(submenu)) throw new Error('no submenu');
  expect(submenu.map(({ label, enabled }) => [label, enabled])).toEqual([
    ['first  ••••abcd', true],
    ['Mine && yours  ••••1234', true],
    ['Old  (expired)', false],
  ]);
  (submenu[1]?.click as unknown as (() => void) | undefined)?.();
  expect(copied).toEqual(['second']);
});

test('a rest is no attention, since it ends by itself or was wanted; a failure is', () => {
  const told = account('resting', [{ cause: 'told', until: 1 }]);
  const wanted = account('resting', [{ cause: 'hand' }]);
  const icons = [
    [told, wanted],
    [account('resting', [{ cause: 'failed' }])],
    [account('ready', [{ cause: 'failed', model: 'one-model' }])],
  ].map((accounts) => readTrayIcon({ ...createState(), accounts }));
  expect(icons).toEqual(['works', 'attention', 'works']);
});

test('that nobody is left to answer is told, though it ends by itself', () => {
  const builtIn = { ...account('ready'), source: 'built-in' as const };
  const tell = (...accounts: AccountView[]) =>
    describeTrayState({ ...createState(), accounts: [builtIn, ...accounts] });
  expect(tell(account('resting'))).toBe('Serving at 127.0.0.1:7282, every account rests');
  expect(tell(account('resting'), account('ready'))).toBe('Serving at 127.0.0.1:7282');
  expect(tell()).toBe('Serving at 127.0.0.1:7282');
});
