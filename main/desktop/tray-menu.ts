// What the tray shows, as plain data made from the state: its icon, its words and its menu. Runs without Electron, so that
// tests can click every item.
import type { MenuItemConstructorOptions } from 'electron';
import { needsAttention } from '../../shared/attention.ts';
import { isExpired } from '../../shared/client-keys.ts';
import type { AgentQuestion } from '../../shared/projects.ts';
import type { AccountView, ClientKeyView, StatusView } from '../../shared/views.ts';

/** All that the tray depends on. */
export interface TrayState {
  readonly status: StatusView;
  readonly accounts: readonly AccountView[];
  readonly keys: readonly ClientKeyView[];
  /** What agents wait to hear from the person. */
  readonly questions: readonly AgentQuestion[];
  readonly startAtLogin: boolean;
}

/** What the items do. */
export interface TrayActions {
  openWindow(): void;
  startDoor(): void;
  stopDoor(): void;
  /** Moves the door to another port. */
  usePort(port: number): void;
  copy(text: string): void;
  copyKey(id: string): void;
  setStartAtLogin(on: boolean): void;
  quit(): void;
}

/**
 * The arc of cable in the icon: whole = a request will work, with a gap = look at it, dotted = the door is closed, whole
 * with a small dot = replies are streamed.
 */
export type TrayIcon = 'works' | 'attention' | 'paused' | 'streaming';

/** Which icon stands for the state. */
export function readTrayIcon({ status, accounts, questions }: TrayState): TrayIcon {
  const { state } = status.door;
  if (questions.length > 0) return 'attention';
  if (state === 'stopped' || state === 'stopping') return 'paused';
  const troubled =
    state === 'port-taken' ||
    state === 'failed' ||
    status.notices.some((notice) => notice.level === 'error') ||
    accounts.some(needsAttention);
  if (troubled) return 'attention';
  return status.runningStreams > 0 ? 'streaming' : 'works';
}

/** Told only where nobody of the person's own accounts is left to answer. */
function describeRest(accounts: readonly AccountView[]): string {
  const own = accounts.filter(({ source }) => source !== 'built-in');
  return own.length > 0 && own.every(({ state }) => state === 'resting') ? ', every account rests' : '';
}

/** The state in one line: first of the menu and text of the tooltip. */
export function describeTrayState({ status, accounts, questions }: TrayState): string {
  const [question] = questions;
  if (question !== undefined)
    return questions.length === 1
      ? `The agent of ${question.projectName} waits for your word`
      : `${questions.length} questions of agents wait for your word`;
  const { door, runningStreams } = status;
  switch (door.state) {
    case 'starting':
      return 'Starting';
    case 'stopping':
      return runningStreams > 0 ? `Stopping: ${countReplies(runningStreams)} still running` : 'Stopping';
    case 'stopped':
      return 'The door is closed: no client can connect';
    case 'port-taken':
      return `Port ${door.port} is taken by another program`;
    case 'failed':
      return door.problem ?? 'The door could not be opened';
    case 'serving': {
      const troubled = accounts.filter(needsAttention).length;
      const at = `Serving at ${door.baseUrl.replace(/^https?:\/\//, '')}`;
      if (runningStreams > 0) return `${at}, ${countReplies(runningStreams)} running`;
      if (troubled > 0) return `${at}, ${troubled} of ${accounts.length} accounts need attention`;
      return at + describeRest(accounts);
    }
    default:
      return door.state satisfies never;
  }
}

/** The menu; the same state always gives the same items. */
export function createTrayMenu(state: TrayState, actions: TrayActions): MenuItemConstructorOptions[] {
  const { status, keys, startAtLogin } = state;
  const { door } = status;
  const serving = door.state === 'serving';
  const moving = door.state === 'starting' || door.state === 'stopping';
  const { freePort } = door;
  return [
    { id: 'state', label: escapeLabel(describeTrayState(state)), enabled: false },
    { type: 'separator' },
    {
      id: 'open',
      label: state.questions.length > 0 ? 'Answer in Patchbay' : 'Open Patchbay',
      click: actions.openWindow,
    },
    serving
      ? { id: 'stop', label: 'Close the door', click: actions.stopDoor }
      : { id: 'start', label: 'Open the door', enabled: !moving, click: actions.startDoor },
    ...(door.state === 'port-taken' && freePort !== undefined
      ? [{ id: 'use-port', label: `Use port ${freePort} instead`, click: () => actions.usePort(freePort) }]
      : []),
    { type: 'separator' },
    { id: 'copy-url', label: 'Copy base URL', click: () => actions.copy(door.baseUrl) },
    listKeys(keys, actions),
    { type: 'separator' },
    {
      id: 'login',
      label: 'Start at login',
      type: 'checkbox',
      checked: startAtLogin,
      click: () => actions.setStartAtLogin(!startAtLogin),
    },
    { type: 'separator' },
    { id: 'quit', label: 'Quit Patchbay', click: actions.quit },
  ];
}

/** One key is copied by a press; of several the person takes one by its name. */
function listKeys(keys: readonly ClientKeyView[], actions: TrayActions): MenuItemConstructorOptions {
  const [key] = keys;
  const common = { id: 'copy-key', label: 'Copy client key' };
  if (keys.length < 2) return { ...common, enabled: key !== undefined, click: () => key && actions.copyKey(key.id) };
  const submenu = keys.map(({ id, name, lastFour, rules }): MenuItemConstructorOptions => {
    const isOver = isExpired({ rules }, Date.now());
    const label = escapeLabel(`${name}  ${isOver ? '(expired)' : `••••${lastFour}`}`);
    return { id: `copy-key-${id}`, label, enabled: !isOver, click: () => actions.copyKey(id) };
  });
  return { ...common, submenu };
}

function countReplies(count: number): string {
  return count === 1 ? '1 reply' : `${count} replies`;
}

/** Some systems read a single `&` as the mark of a keyboard letter. */
function escapeLabel(text: string): string {
  return text.replaceAll('&', '&&');
}
