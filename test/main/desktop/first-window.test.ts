// When the window shows itself at the start of the app.
import { expect, test } from 'vitest';
import { type Start, showsFirstWindow } from '../../../main/desktop/first-window.ts';

const usual: Start = { openWindow: true, hidden: false, trayIsThere: true, door: 'serving' };

test.each<[why: string, change: Partial<Start>, shown: boolean]>([
  ['usually', {}, true],
  ['not against the setting', { openWindow: false }, false],
  ['not at login', { hidden: true }, false],
  ['always without a tray', { openWindow: false, hidden: true, trayIsThere: false }, true],
  ['always when the port is taken', { openWindow: false, hidden: true, door: 'port-taken' }, true],
])('the window is shown %s', (_why, change, shown) => {
  expect(showsFirstWindow({ ...usual, ...change })).toBe(shown);
});
