// A real gnome-keyring in a D-Bus session of its own, with its files in a temporary folder.
import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { VAULT_CHILD } from './bundled-programs.ts';

/** Why there is no real keyring on this machine; undefined where there is one. */
export function findMissingKeyring(): string | undefined {
  if (process.platform !== 'linux') return 'gnome-keyring is for Linux only';
  for (const program of ['dbus-run-session', 'gnome-keyring-daemon']) {
    if (spawnSync(program, ['--version']).error !== undefined) return `${program} is not installed`;
  }
  return undefined;
}

/** What `vault-child.ts` prints. */
export interface VaultOutcome {
  readonly kind: string;
  readonly detail: string;
  /** The secrets that were read; `undefined` as a word where there was none. */
  readonly read: readonly string[];
}

/** Opens a session with a keyring, runs the commands on the vault of `dataFolder` in it, and ends the session. */
export async function runInKeyringSession(
  home: string,
  dataFolder: string,
  commands: readonly (readonly string[])[],
): Promise<VaultOutcome> {
  const runtime = join(home, 'runtime');
  mkdirSync(runtime, { recursive: true, mode: 0o700 });
  const unlock = 'printf "\\n" | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1';
  const program = [process.execPath, fileURLToPath(VAULT_CHILD), dataFolder, JSON.stringify(commands)];
  const session = ['--', 'sh', '-c', `${unlock}; exec "$0" "$@"`, ...program];
  const env = { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: join(home, 'data'), XDG_RUNTIME_DIR: runtime };
  const { stdout } = await promisify(execFile)('dbus-run-session', session, { env });
  return JSON.parse(stdout);
}
