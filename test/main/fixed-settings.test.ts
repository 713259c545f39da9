// What the configuration file fixes holds, is refused to change, and leaves the rest alone.
import { expect, test } from 'vitest';
import { createFixedSettings } from '../../main/fixed-settings.ts';
import { createSettingsStore } from '../../main/settings-store.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

test('fixed settings hold over stored ones and are not written', () => {
  const store = createSettingsStore({ dataFolder: makeTempFolder() });
  store.change({ port: 7300 });
  const settings = createFixedSettings(store, { port: 9000, idleMs: 500 });
  expect(settings.read()).toMatchObject({ port: 9000, idleMs: 500, theme: 'system' });
  const told: number[] = [];
  settings.onChange(({ port }) => told.push(port));
  expect(settings.change({ port: 9000, theme: 'dark' })).toMatchObject({ port: 9000, theme: 'dark' });
  expect([store.read().port, store.read().theme, told]).toEqual([7300, 'dark', [9000]]);
});

test('a change of a fixed setting is refused whole', () => {
  const store = createSettingsStore({ dataFolder: makeTempFolder() });
  const settings = createFixedSettings(store, { port: 9000 });
  expect(() => settings.change({ port: 7300, theme: 'dark' })).toThrow('port is set by the configuration file');
  expect(store.read()).toMatchObject({ port: 7282, theme: 'system' });
});
