// What a person sees when an account is tried: the program, its version, its login, its models. Spends nothing.
import type { CheckStep } from '../../../shared/views.ts';
import { readError } from '../../canonical/errors.ts';
import type { Account, Credential } from '../../credentials/credential.ts';
import type { CallContext } from '../context.ts';
import type { Cli, LoginState } from './cli.ts';
import { readMethod } from './environment.ts';
import { INSTALL_COMMAND, INSTALL_PAGE } from './program.ts';

/** What is found on this machine before anything is typed. Never throws. */
export async function* surveyMachine(cli: Cli, account: Account, signal: AbortSignal): AsyncGenerator<CheckStep> {
  const credential = { account, secrets: {} };
  if (yield* checkProgram(cli, credential, signal)) yield* checkLogin(cli, credential, signal);
}

/** Tries an account step by step. Never throws. */
export async function* checkAccount(cli: Cli, { credential, signal }: CallContext): AsyncGenerator<CheckStep> {
  if (!(yield* checkProgram(cli, credential, signal))) return;
  if (!(yield* checkLogin(cli, credential, signal))) return;
  yield { id: 'models', label: 'Ask for the list of models', state: 'running' };
  try {
    const models = await cli.models(credential, signal);
    const detail = models.map(({ id }) => id).join(', ');
    const state = models.length > 0 ? 'ok' : 'warning';
    yield { id: 'models', label: `${models.length} models`, state, detail: detail || 'Claude Code named none.' };
  } catch (thrown) {
    yield { id: 'models', label: 'No list of models', state: 'failed', detail: readError(thrown).message };
  }
}

async function* checkProgram(
  cli: Cli,
  credential: Credential,
  signal: AbortSignal,
): AsyncGenerator<CheckStep, boolean> {
  const id = 'program';
  yield { id, label: 'Look for Claude Code', state: 'running' };
  try {
    const { file, by } = await cli.find(credential);
    const version = await cli.version(credential, signal);
    yield { id, label: `Claude Code ${version} found`, state: 'ok', detail: `${file} (by ${by})` };
    return true;
  } catch (thrown) {
    const { message, code } = readError(thrown);
    const help = code === 'program_not_found' ? { command: INSTALL_COMMAND, link: INSTALL_PAGE } : {};
    yield { id, label: 'Claude Code is not ready', state: 'failed', detail: message, ...help };
    return false;
  }
}

async function* checkLogin(cli: Cli, credential: Credential, signal: AbortSignal): AsyncGenerator<CheckStep, boolean> {
  const id = 'login';
  const method = readMethod(credential.account.method);
  yield { id, label: 'Look whether it is logged in', state: 'running' };
  try {
    const state = await cli.login(credential, signal);
    if (state.loggedIn) {
      // The program looks at what it has; whether the upstream takes it shows with the first request.
      const meant = method === 'key' ? '' : 'It is meant for your own use, of models and agents alike. ';
      const detail = `${describeLogin(state)}${meant}Whether Anthropic accepts it shows with the first request.`;
      yield { id, label: method === 'login' ? 'Logged in' : 'Credential in place', state: 'unproved', detail };
      return true;
    }
    const login = { label: 'Not logged in', detail: 'Sign in here, or once in a terminal; then check again.' };
    const missing = { label: 'No credential', detail: 'This account has no key or token.' };
    // The command would log in another folder than the account's own.
    const isUsual = method === 'login' && !credential.account.values.configDir;
    const command = isUsual ? { command: 'claude auth login' } : {};
    yield { id, state: 'failed', ...(method === 'login' ? login : missing), ...command };
    return false;
  } catch (thrown) {
    yield { id, label: 'Login unknown', state: 'warning', detail: readError(thrown).message };
    return true;
  }
}

/** What the program says of its login: kind, plan, person. */
function describeLogin({ kind, plan, email }: LoginState): string {
  const words = [kind && `Kind: ${kind}`, plan && `plan: ${plan}`, email].filter(Boolean);
  return words.length > 0 ? `${words.join(', ')}. ` : '';
}
