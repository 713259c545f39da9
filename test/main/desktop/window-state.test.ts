// The remembered place of the window, read with distrust.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readWindowState } from '../../../main/desktop/window-state.ts';

const folder = mkdtempSync(join(tmpdir(), 'patchbay-window-'));
const file = join(folder, 'window.json');
const screens = [
  { x: 0, y: 0, width: 1920, height: 1080 },
  { x: 1920, y: 0, width: 1280, height: 1024 },
];
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string, areas = screens) {
  writeFileSync(file, content);
  return readWindowState(file, areas);
}

const stored = (x: number, y: number, width = 1000, height = 700) =>
  JSON.stringify({ bounds: { x, y, width, height }, maximised: false });

test('a place on any screen is taken as it is', () => {
  expect(read(stored(2000, 50))).toEqual({ bounds: { x: 2000, y: 50, width: 1000, height: 700 }, maximised: false });
});

test('a place on a screen that is gone is forgotten', () => {
  expect(read(stored(2000, 50), screens.slice(0, 1))).toBeUndefined();
});

test('a title bar out of reach is forgotten', () => {
  expect(read(stored(100, -200))).toBeUndefined();
  expect(read(stored(-990, 100))).toBeUndefined();
});

test('a window too small to use is made usable', () => {
  expect(read(stored(0, 0, 10, 10))?.bounds).toEqual({ x: 0, y: 0, width: 720, height: 480 });
});

test.each(['', '{"bounds":{"x":1', '[]', '{"bounds":{"x":"1","y":0,"width":1,"height":1},"maximised":false}'])(
  'the file %j is forgotten',
  (content) => {
    expect(read(content)).toBeUndefined();
  },
);
