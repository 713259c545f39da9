// Where the data folder is, who may open it, and that a dead Patchbay's lock holds nobody back.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DataFolderTaken, findDataFolder, openDataFolder, removeLeftovers } from '../../main/data-folder.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

test('each system has its usual place, and PATCHBAY_DATA_DIR wins everywhere', () => {
  const at = (platform: NodeJS.Platform, environment: Record<string, string>) =>
    findDataFolder({ platform, environment, home: '/home/me' });
  expect([
    at('linux', {}),
    at('linux', { XDG_DATA_HOME: '/xdg' }),
    at('darwin', {}),
    at('linux', { PATCHBAY_DATA_DIR: '/own' }),
    at('darwin', { PATCHBAY_DATA_DIR: '/own' }),
  ]).toEqual([
    '/home/me/.local/share/patchbay',
    '/xdg/patchbay',
    '/home/me/Library/Application Support/Patchbay',
    '/own',
    '/own',
  ]);
});

test('the folder is made for its owner only and is locked until it is released', () => {
  const environment = { PATCHBAY_DATA_DIR: join(makeTempFolder(), 'deep', 'data') };
  const first = openDataFolder({ environment });
  expect(statSync(first.path).mode & 0o777).toBe(0o700);
  expect(() => openDataFolder({ environment })).toThrow(`process ${process.pid}`);
  first.release();
  expect(readdirSync(first.path)).toEqual([]);
  openDataFolder({ environment }).release();
});

test('a second Patchbay is told which process has the folder, and kill -9 of that one frees it', async () => {
  const folder = makeTempFolder();
  const environment = { PATCHBAY_DATA_DIR: folder };
  // A stand-in for the other Patchbay: a real process, and the lock that it would have written.
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); process.stdout.write("up")']);
  await once(other.stdout, 'data');
  writeFileSync(join(folder, 'patchbay.lock'), `${other.pid}`);
  const refusal = (() => {
    try {
      return openDataFolder({ environment });
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(DataFolderTaken);
  expect(refusal).toMatchObject({ pid: other.pid });
  other.kill('SIGKILL');
  await once(other, 'exit');
  const opened = openDataFolder({ environment });
  expect(readFileSync(join(folder, 'patchbay.lock'), 'utf8')).toMatch(`${process.pid}`);
  opened.release();
});

test('a lock whose process id now belongs to another program is dead', () => {
  const folder = makeTempFolder();
  writeFileSync(join(folder, 'patchbay.lock'), `${process.ppid} some-earlier-boot 12345`);
  if (!existsSync('/proc/self/stat')) return; // only this system tells when a process began
  openDataFolder({ environment: { PATCHBAY_DATA_DIR: folder } }).release();
});

test('a lock or a folder that cannot be opened ends the start, by name', () => {
  const folder = makeTempFolder();
  mkdirSync(join(folder, 'patchbay.lock'));
  expect(() => openDataFolder({ environment: { PATCHBAY_DATA_DIR: folder } })).toThrow(/patchbay\.lock cannot be read/);
  const file = join(folder, 'file');
  writeFileSync(file, '');
  expect(() => openDataFolder({ environment: { PATCHBAY_DATA_DIR: file } })).toThrow(
    `data folder ${file} cannot be used`,
  );
});

test('an empty or garbled lock is dead', () => {
  const folder = makeTempFolder();
  for (const garbage of ['', 'garbage', '-5', '0 x']) {
    writeFileSync(join(folder, 'patchbay.lock'), garbage);
    openDataFolder({ environment: { PATCHBAY_DATA_DIR: folder } }).release();
  }
  expect(readdirSync(folder)).toEqual([]);
});

test('leftovers of writing are removed on wish, but not what may still be written', () => {
  const path = makeTempFolder();
  const old = new Date(Date.now() - 61_000);
  for (const name of ['config.json', 'config.json.0a1b2c.tmp', 'conf.tmp-12ab', 'young.tmp']) {
    writeFileSync(join(path, name), '');
    if (name !== 'young.tmp') utimesSync(join(path, name), old, old);
  }
  expect(removeLeftovers(path, 60_000)).toBe(2);
  expect(readdirSync(path).sort()).toEqual(['config.json', 'young.tmp']);
  expect(removeLeftovers(path)).toBe(1);
  expect(removeLeftovers(path)).toBe(0);
});
