// Signs a person in to the installed program and out of it, without a terminal: which login, where it lives, and who it is in
// the end. The talk with the program itself is in `login-run.ts`.
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Field } from '../../../shared/views.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Account, Credential } from '../../credentials/credential.ts';
import type { ProgramRunner } from '../../subprocess/process.ts';
import type { ProviderLogin, SignedIn, SignInContext } from '../login.ts';
import type { Cli, LoginState } from './cli.ts';
import { readMethod } from './environment.ts';
import { runLogin } from './login-run.ts';
import { ID } from './names.ts';

/** What signing in is made with. */
export interface LoginOptions {
  readonly cli: Cli;
  /** For programs that wait for a person. */
  readonly runner: ProgramRunner;
  /** Holds one folder for each login of Patchbay's own. */
  readonly folder: string;
  /** Told after a login has come or gone. */
  readonly onChange: () => void;
}

/** Signing in to the program and out of it. */
export function createLogin({ cli, runner, folder, onChange }: LoginOptions): ProviderLogin {
  const isOwn = ({ values }: Account) =>
    values.configDir !== undefined && dirname(resolve(values.configDir)) === resolve(folder);
  const owner: ProviderLogin['owner'] = (account) => {
    if (readMethod(account.method) !== 'login') return undefined;
    return isOwn(account) ? 'own' : 'shared';
  };
  const remove = (configDir: string) => rm(configDir, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});

  const signInAt = async (credential: Credential, kind: string, context: SignInContext): Promise<string> => {
    const { dialogue, signal } = context;
    await runLogin({ cli, runner }, credential, kind, { dialogue, signal });
    onChange();
    const state = await cli.login(credential, signal);
    if (state.loggedIn) return writeWho(state);
    throw new GatewayError('unauthorized', 'Claude Code took the code, but says that it is not logged in. Try again.', {
      provider: ID,
    });
  };

  return {
    owner,
    signIn: async (context): Promise<SignedIn> => {
      const { credential, dialogue, signal } = context;
      dialogue.show({ title: 'Looking at Claude Code' });
      await cli.find(credential);
      const present = await cli.login(credential, signal);
      const choice = await dialogue.ask(
        { title: 'What do you want to sign in to?' },
        listQuestions(credential.account, present),
      );
      const kind = choice.kind === 'console' ? 'console' : 'claudeai';
      if (choice.place !== 'account') return { text: await signInAt(credential, kind, context) };
      const configDir = join(folder, randomUUID());
      await mkdir(configDir, { recursive: true, mode: 0o700 });
      const discard = () => remove(configDir);
      try {
        const text = await signInAt(moveTo(credential, configDir), kind, context);
        return { text, values: { configDir }, discard };
      } catch (error) {
        await discard();
        throw error;
      }
    },
    signOut: async ({ credential, signal }) => {
      try {
        return (await cli.logout(credential, signal)) || 'Signed out.';
      } finally {
        onChange();
      }
    },
    forget: async (credential, left) => {
      const { configDir } = credential.account.values;
      if (owner(credential.account) !== 'own' || configDir === undefined) return;
      if (left.some((other) => owner(other) === 'own' && resolve(other.values.configDir ?? '') === resolve(configDir)))
        return;
      await cli.logout(credential, new AbortController().signal).catch(() => {});
      onChange();
      await remove(configDir);
    },
  };
}

/** Where there is a choice, that comes first which takes nothing away from anybody. */
function listQuestions({ source, values }: Account, present: LoginState): Field[] {
  const kind: Field = {
    name: 'kind',
    label: 'Sign in with',
    kind: 'choice',
    required: true,
    options: [
      { value: 'claudeai', label: 'Claude plan (Pro, Max, Team, Enterprise)' },
      { value: 'console', label: 'Anthropic Console, billed per token' },
    ],
  };
  // An account with a folder keeps it; one of the configuration file is changed there only.
  if (values.configDir !== undefined || source !== 'settings') return [kind];
  const who = present.email ?? 'its present login';
  const program = {
    value: 'program',
    label: present.loggedIn ? `Claude Code itself, replacing ${who}` : 'Claude Code itself, as in your terminal',
  };
  const account = { value: 'account', label: 'This account alone' };
  const help = present.loggedIn
    ? `Claude Code is logged in already (${who}). A login for this account alone leaves that as it is.`
    : 'A login of Claude Code itself also works in your terminal; one for this account alone stays in Patchbay.';
  const options = present.loggedIn ? [account, program] : [program, account];
  return [kind, { name: 'place', label: 'The login is for', kind: 'choice', required: true, help, options }];
}

function moveTo(credential: Credential, configDir: string): Credential {
  const { account } = credential;
  return { ...credential, account: { ...account, values: { ...account.values, configDir } } };
}

function writeWho({ email, plan, kind }: LoginState): string {
  const who = email === undefined ? 'Signed in' : `Signed in as ${email}`;
  return plan === undefined ? `${who}${kind === undefined ? '' : ` (${kind})`}.` : `${who}, plan: ${plan}.`;
}
