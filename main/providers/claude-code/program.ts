// Finds the program on this machine. Looks, never installs.
import { access, constants, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { GatewayError } from '../../canonical/errors.ts';
import { ID } from './names.ts';

/** How to get the program, for a person. */
export const INSTALL_COMMAND = 'npm install -g @anthropic-ai/claude-code';
/** The maker's page about the other ways. */
export const INSTALL_PAGE = 'https://code.claude.com/docs/en/setup';

/** Where the program was found, and by which rule. */
export interface FoundProgram {
  readonly file: string;
  /** "your setting", "PATH" or "its usual place". */
  readonly by: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

const isWindows = process.platform === 'win32';
const FILE_NAMES = isWindows ? ['claude.exe', 'claude.cmd'] : ['claude'];

/** The program of an account: where its setting says, else on PATH, else in a usual place. Throws `GatewayError`. */
export async function findProgram(cliPath: string | undefined, environment: Environment): Promise<FoundProgram> {
  if (cliPath !== undefined && cliPath !== '') {
    const wanted = cliPath.replace(/^~(?=$|[\\/])/, homedir());
    // The setting may name the program or the folder that holds it.
    const found = await findFirst([wanted, ...FILE_NAMES.map((name) => join(wanted, name))]);
    if (found !== undefined) return { file: found, by: 'your setting' };
    throw refuse(`Claude Code is not at ${cliPath}: no program there that may be run.`);
  }
  const path = environment.PATH ?? environment.Path ?? '';
  const onPath = await findFirst(inFolders(path.split(delimiter).filter((folder) => folder !== '')));
  if (onPath !== undefined) return { file: onPath, by: 'PATH' };
  const usual = await findFirst(inFolders(usualFolders(environment)));
  if (usual !== undefined) return { file: usual, by: 'its usual place' };
  throw refuse('Claude Code was not found, neither on PATH nor in its usual places.');
}

/** A tray app does not inherit the PATH of a shell, so the places of every installer are looked at. */
function usualFolders(environment: Environment): string[] {
  const home = environment.HOME ?? environment.USERPROFILE ?? homedir();
  if (isWindows) {
    const { APPDATA, LOCALAPPDATA, ProgramFiles } = environment;
    return [
      join(home, '.local', 'bin'),
      join(home, '.claude', 'local'),
      ...(APPDATA === undefined ? [] : [join(APPDATA, 'npm')]),
      ...(LOCALAPPDATA === undefined ? [] : [join(LOCALAPPDATA, 'Programs', 'claude')]),
      ...(ProgramFiles === undefined ? [] : [join(ProgramFiles, 'nodejs')]),
    ];
  }
  return [
    join(home, '.local', 'bin'),
    join(home, '.claude', 'local'),
    '/usr/local/bin',
    '/opt/homebrew/bin',
    join(home, '.npm-global', 'bin'),
    join(home, '.bun', 'bin'),
    join(home, '.volta', 'bin'),
    '/usr/bin',
  ];
}

function inFolders(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => FILE_NAMES.map((name) => join(folder, name)));
}

async function findFirst(files: readonly string[]): Promise<string | undefined> {
  for (const file of files) if (await isProgram(file)) return file;
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    if (!(await stat(file)).isFile()) return false;
    await access(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function refuse(message: string): GatewayError {
  return new GatewayError('upstream', `${message} Install it with "${INSTALL_COMMAND}" or set its path.`, {
    provider: ID,
    code: 'program_not_found',
    retryable: false,
  });
}
