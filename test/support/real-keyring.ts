// A real gnome-keyring in a D-Bus session of its own, with its files in a temporary folder, behind keytar's calls.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Keyring } from '../../main/credentials/keychain-vault.ts';

/** Why there is no real keyring on this machine; undefined where there is one. */
export function findMissingKeyring(): string | undefined {
  if (process.platform !== 'linux') return 'gnome-keyring is for Linux only';
  for (const program of ['dbus-run-session', 'gnome-keyring-daemon']) {
    if (spawnSync(program, ['--version']).error !== undefined) return `${program} is not installed`;
  }
  return undefined;
}

/** Starts session and keyring; `close` ends both. The keyring's files live in `folder` and outlive the session. */
export function startRealKeyring(folder: string): { readonly keyring: Keyring; close(): Promise<void> } {
  const runtime = join(folder, 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const program = fileURLToPath(new URL('./keyring-child.mjs', import.meta.url));
  const script = 'printf "\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" "$1"';
  const child = spawn('dbus-run-session', ['--', 'sh', '-c', script, process.execPath, program], {
    env: { PATH: process.env.PATH, HOME: folder, XDG_DATA_HOME: join(folder, 'data'), XDG_RUNTIME_DIR: runtime },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { id, result, error } = JSON.parse(line);
    const call = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) call?.resolve(result);
    else call?.reject(new Error(error));
  });
  let count = 0;
  const send = <Result>(call: string, ...parameters: string[]) =>
    new Promise<Result>((resolve, reject) => {
      count += 1;
      waiting.set(count, { resolve: (result) => resolve(result as Result), reject });
      child.stdin.write(`${JSON.stringify({ id: count, call, parameters })}\n`);
    });
  return {
    keyring: {
      getPassword: (service, account) => send('getPassword', service, account),
      setPassword: (service, account, password) => send('setPassword', service, account, password),
      deletePassword: (service, account) => send('deletePassword', service, account),
    },
    close: () => {
      child.stdin.end();
      return ended;
    },
  };
}
