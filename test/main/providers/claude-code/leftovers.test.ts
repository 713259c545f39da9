// What a Patchbay that was killed hard has left running is ended by the next one, and nothing else is.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { endLeftovers, notePid } from '../../../../main/providers/claude-code/leftovers.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

async function startProgram(env: Record<string, string>, first = '') {
  const child = spawn(process.execPath, ['-e', `${first}; console.log("up"); setInterval(() => {}, 1e6)`], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child.stdout, 'data');
  return child;
}

describe.skipIf(process.platform === 'win32')('leftovers', () => {
  it('are ended, and their folders go with them', async () => {
    const temporary = join(makeTempFolder(), 'temporary');
    const own = join(temporary, 'run-1');
    mkdirSync(own, { recursive: true });
    const child = await startProgram({ TMPDIR: own });
    await notePid(own, child.pid);
    const ended = once(child, 'exit');
    await endLeftovers(temporary);
    expect((await ended)[1]).toBe('SIGKILL');
    expect(existsSync(temporary)).toBe(false);
  });

  it('are not those that only have the same id by now', async () => {
    const temporary = join(makeTempFolder(), 'temporary');
    const own = join(temporary, 'run-1');
    mkdirSync(own, { recursive: true });
    const child = await startProgram({ TMPDIR: '/elsewhere' });
    await notePid(own, child.pid);
    await endLeftovers(temporary);
    expect(child.exitCode ?? child.signalCode).toBeNull();
    expect(existsSync(temporary)).toBe(false);
  });

  it('are also what a program had started in a session of its own', async () => {
    const temporary = join(makeTempFolder(), 'temporary');
    const own = join(temporary, 'run-1');
    mkdirSync(own, { recursive: true });
    const child = await startProgram({ TMPDIR: own });
    const other = await startProgram({ TMPDIR: `${own}-not` });
    const ended = once(child, 'exit');
    await endLeftovers(temporary);
    expect((await ended)[1]).toBe('SIGTERM');
    expect(other.exitCode ?? other.signalCode).toBeNull();
  });

  it('may tidy up before they end, and end whatever they make of it', async () => {
    const temporary = join(makeTempFolder(), 'temporary');
    const own = join(temporary, 'run-1');
    mkdirSync(own, { recursive: true });
    const lock = join(makeTempFolder(), 'lock');
    writeFileSync(lock, '');
    const tidies = `process.on('SIGTERM', () => { require('fs').rmSync(${JSON.stringify(lock)}); process.exit(3) })`;
    const tidy = await startProgram({ TMPDIR: own }, tidies);
    const stubborn = await startProgram({ TMPDIR: own }, "process.on('SIGTERM', () => {})");
    const ended = [once(tidy, 'exit'), once(stubborn, 'exit')];
    await endLeftovers(temporary);
    expect(await Promise.all(ended)).toEqual([
      [3, null],
      [null, 'SIGKILL'],
    ]);
    expect(existsSync(lock)).toBe(false);
  });

  it('may be none at all', async () => {
    await endLeftovers(join(makeTempFolder(), 'nothing'));
  });
});
