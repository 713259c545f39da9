// Builds `out/` when it is missing or older than anything it is made from.
import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const SOURCES = ['main', 'renderer', 'shared', 'electron.vite.config.ts', 'package-lock.json'];
/** Written by the last step of a build. */
const LAST_OUTPUT = join('out', 'renderer', 'index.html');

/** Builds if need be; returns what went wrong, or undefined. */
export function buildIfStale(root) {
  const builtAt = readTime(join(root, LAST_OUTPUT));
  if (builtAt !== undefined && SOURCES.every((source) => newestTime(join(root, source)) <= builtAt)) return undefined;
  console.error('Building Patchbay.');
  const tool = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [tool, 'build', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
  });
  return status === 0 ? undefined : `The build failed:\n${stdout}${stderr}`;
}

/** Folders count as well: their time changes when a file in them is removed. */
function newestTime(path) {
  const time = readTime(path) ?? 0;
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return time;
  return readdirSync(path).reduce((newest, name) => Math.max(newest, newestTime(join(path, name))), time);
}

function readTime(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs;
}
