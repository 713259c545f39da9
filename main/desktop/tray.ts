// The icon in the system's tray. It is one more client of the contract, like the GUI: it hears the changes, shows them, and
// calls what its items stand for.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import type { ContractRouterClient } from '@orpc/contract';
import { createRouterClient } from '@orpc/server';
import { app, clipboard, Menu, nativeImage, nativeTheme, Tray } from 'electron';
import type { Change, Contract } from '../../shared/contract.ts';
import type { Engine } from '../engine.ts';
import { createNotice } from './notice.ts';
import { createQuestionNotices } from './question-notices.ts';
import { createTrayMenu, describeTrayState, readTrayIcon, type TrayActions, type TrayState } from './tray-menu.ts';
import type { MainWindow } from './window.ts';

/** What the tray is made of. */
export interface TrayOptions {
  readonly engine: Engine;
  readonly window: MainWindow;
  /** Holds an icon for each state, look and size, as `npm run icons` draws them. */
  readonly iconFolder: string;
}

const ASK_MS = 1_000;

/** Whether a tray icon will be seen. Linux desktops without a status notifier (bare GNOME among them) show none. */
export function hasTray(): Promise<boolean> {
  if (process.platform !== 'linux') return Promise.resolve(true);
  const question = ['--session', '--print-reply', '--dest=org.freedesktop.DBus', '/org/freedesktop/DBus'];
  const name = 'string:org.kde.StatusNotifierWatcher';
  return new Promise((resolve) => {
    execFile(
      'dbus-send',
      [...question, 'org.freedesktop.DBus.NameHasOwner', name],
      { timeout: ASK_MS },
      (error, answer) => resolve(error === null && answer.includes('true')),
    );
  });
}

/** Shows the icon and keeps it true until the app ends. Resolves when it stands. */
export async function createTray({ engine, window, iconFolder }: TrayOptions): Promise<void> {
  const client = createRouterClient(await engine.loadAdmin(), { context: {} }) as ContractRouterClient<Contract>;
  const actions = createActions(client, window, engine);
  let state: TrayState = {
    status: engine.status.read(),
    accounts: await client.accounts.list(),
    keys: await client.keys.list(),
    questions: [],
    startAtLogin: (await client.settings.read()).startAtLogin,
  };
  const tray = new Tray(readIcon(state, iconFolder));
  const show = () => {
    tray.setImage(readIcon(state, iconFolder));
    tray.setToolTip(`${app.getName()}: ${describeTrayState(state)}`);
    tray.setContextMenu(Menu.buildFromTemplate(createTrayMenu(state, actions)));
  };
  show();
  // Linux and macOS open the menu on a click; on Windows a click is expected to open the window.
  if (process.platform === 'win32') tray.on('click', () => window.show());
  nativeTheme.on('updated', show);
  const notices = createQuestionNotices({
    isWatched: window.isWatched,
    createNotice: (title, body) => createNotice(title, body, window),
  });
  void follow(client, (change) => {
    if (change.type === 'questions') notices.follow(change.questions);
    const next = apply(state, change);
    if (next === state) return;
    state = next;
    show();
  }).catch((error: unknown) => engine.logger.error('the tray no longer hears of changes', { error }));
}

async function follow(client: ContractRouterClient<Contract>, take: (change: Change) => void): Promise<void> {
  for await (const change of await client.changes()) take(change);
}

function apply(state: TrayState, change: Change): TrayState {
  switch (change.type) {
    case 'status':
      return { ...state, status: change.status };
    case 'accounts':
      return { ...state, accounts: change.accounts };
    case 'keys':
      return { ...state, keys: change.keys };
    case 'settings':
      return change.settings.startAtLogin === state.startAtLogin
        ? state
        : { ...state, startAtLogin: change.settings.startAtLogin };
    case 'questions':
      return { ...state, questions: change.questions };
    case 'models':
    case 'projects':
    case 'sessions':
    case 'requests':
      return state;
    default:
      return change satisfies never;
  }
}

function createActions(client: ContractRouterClient<Contract>, window: MainWindow, engine: Engine): TrayActions {
  /** What fails is told in the log; the state that follows shows in the icon. */
  const run = (what: string, call: () => Promise<unknown>) => {
    call().catch((error: unknown) => engine.logger.error(`the tray could not ${what}`, { error }));
  };
  return {
    openWindow: () => window.show(),
    startDoor: () => run('open the door', () => client.door.start()),
    stopDoor: () => run('close the door', () => client.door.stop()),
    usePort: (port) => run('move the door', () => client.settings.change({ port })),
    copy: (text) => clipboard.writeText(text),
    copyKey: (id) => run('copy the key', () => client.keys.copy({ id, text: '{{key}}' })),
    setStartAtLogin: (startAtLogin) => run('change the start at login', () => client.settings.change({ startAtLogin })),
    quit: () => app.quit(),
  };
}

function readIcon(state: TrayState, folder: string): Electron.NativeImage {
  const name = readTrayIcon(state);
  // macOS colours a template itself; the others get one that is drawn for their panel and its usual size.
  const look = nativeTheme.shouldUseDarkColors ? 'dark' : 'light';
  const size = process.platform === 'win32' ? 16 : 22;
  const file = process.platform === 'darwin' ? `${name}Template.png` : `${name}-${look}-${size}.png`;
  return nativeImage.createFromPath(join(folder, file));
}
