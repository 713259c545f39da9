// Where the other programs of Kiro keep their logins on each system.
import { isAbsolute, join } from 'node:path';
import { refuseLogin } from './formats.ts';

/** The machine as far as places on it are concerned. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The databases that kiro-cli may have, the likeliest first. */
export function listCliDatabases({ platform, home, environment }: Machine): readonly string[] {
  const share = join(home, '.local', 'share');
  const both = (folder: string) => [join(folder, 'kiro-cli'), join(folder, 'amazon-q')];
  const folders = (): string[] => {
    if (platform === 'darwin') return [...both(join(home, 'Library', 'Application Support')), ...both(share)];
    if (platform !== 'win32') {
      const data = environment.XDG_DATA_HOME;
      return [...(data && isAbsolute(data) ? [join(data, 'kiro-cli')] : []), ...both(share)];
    }
    const local = environment.LOCALAPPDATA || join(home, 'AppData', 'Local');
    const roaming = environment.APPDATA || join(home, 'AppData', 'Roaming');
    return [join(local, 'Kiro-Cli'), join(roaming, 'kiro-cli'), join(home, 'AppData', 'Local', 'Kiro-Cli')];
  };
  return [...new Set(folders().map((folder) => join(folder, 'data.sqlite3')))];
}

/** The token file of the IDE. */
export function findTokenFile({ home }: Machine): string {
  return join(home, '.aws', 'sso', 'cache', 'kiro-auth-token.json');
}

/** Where the IDE keeps the profile that it uses. */
export function findProfileFile({ platform, home, environment }: Machine): string {
  const folder = () => {
    if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'kiro');
    if (platform === 'win32') return join(environment.APPDATA || join(home, 'AppData', 'Roaming'), 'kiro');
    return join(environment.XDG_CONFIG_HOME || join(home, '.config'), 'Kiro');
  };
  return join(folder(), 'User', 'globalStorage', 'kiro.kiroagent', 'profile.json');
}

/** A path as a person writes it, whole. Throws `GatewayError` for one that depends on where Patchbay was started. */
export function expandPath(path: string, { home }: Machine): string {
  const whole = path.replace(/^~(?=$|[/\\])/, home);
  if (isAbsolute(whole) && !whole.includes('\0')) return whole;
  throw refuseLogin(`"${path}" must be the whole path of a file, from the root on.`);
}
