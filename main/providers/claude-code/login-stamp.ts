// Notices that an account's own login was changed by somebody else, such as a person in a terminal: programs that wait still
// hold the login of before. Only looks; where the login is kept in a keychain (macOS) nothing can be seen from here.
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Credential } from '../../credentials/credential.ts';
import { readMethod } from './environment.ts';

/** Differs where the login of the account has changed; empty for accounts that bring their own credential. */
export async function stampLogin(
  { account }: Credential,
  inherited: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (readMethod(account.method) !== 'login') return '';
  const home = account.env.HOME ?? inherited.HOME ?? homedir();
  const folder = account.env.CLAUDE_CONFIG_DIR || account.values.configDir || join(home, '.claude');
  try {
    const { mtimeMs, size } = await stat(join(folder, '.credentials.json'));
    return `${mtimeMs} ${size}`;
  } catch {
    return 'none';
  }
}
