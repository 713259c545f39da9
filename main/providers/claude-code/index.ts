// The official Claude Code program on this machine, in two ways: as a pure model, with none of its own tools, no files and no
// sessions on disk; and as an agent that works in a project's folder by the project's rules.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Account, Credential } from '../../credentials/credential.ts';
import { createProgramRunner } from '../../subprocess/process.ts';
import type { CallContext } from '../context.ts';
import type { Provider, ProviderServices } from '../provider.ts';
import { agentAbilities } from './agent-abilities.ts';
import { createAgentService } from './agents.ts';
import { checkAccount, surveyMachine } from './check.ts';
import { createCli } from './cli.ts';
import { converse } from './converse.ts';
import { readMethod } from './environment.ts';
import { createLogin } from './login.ts';
import { stampLogin } from './login-stamp.ts';
import { ID } from './names.ts';
import { createClaudePool, type PoolHabits } from './pool.ts';
import { beginsWithSlash, writeClaudeLines } from './request.ts';
import { signIn } from './sign-in.ts';
import { hasLongDescription } from './tools.ts';
import { forgetRecord, forgetTranscript } from './transcripts.ts';

/** What of a pool is no setting. */
const HABITS: PoolHabits = { mostWarm: 2, patienceMs: 10_000 };
const MOST_LOOK_UPS = 2;
const MOST_SIGN_INS = 4;
/** From this version on the program never reads a client's text as a command, and leaves its tools as they are. */
const KNOWN = [2, 1, 329];
const CUTS_DESCRIPTIONS =
  'A Claude Code older than 2.1.329 may cut what tools say of themselves after 2,048 characters: update it.';

/** The provider for the installed program. */
export function createClaudeCodeProvider(services: ProviderServices, habits: PoolHabits = HABITS): Provider {
  const { folder, limits, programLimits } = services;
  const runner = createProgramRunner(() => programLimits().most);
  const pool = createClaudePool(runner, () => ({ ...habits, ...programLimits() }));
  // Questions about models and login must not wait behind long answers.
  const lookUps = createProgramRunner(() => MOST_LOOK_UPS);
  const cli = createCli({ runner: lookUps, folder, environment: process.env });
  const signIns = createProgramRunner(() => MOST_SIGN_INS);
  let logins = 0;
  const login = createLogin({
    cli,
    runner: signIns,
    folder: join(folder, 'logins'),
    // A program that waits warm may still hold the login of before.
    onChange: () => {
      logins += 1;
    },
  });
  const isOld = async (credential: Credential, signal: AbortSignal) =>
    isOlder(await cli.version(credential, signal).catch(() => '0'), KNOWN);
  const agents = createAgentService({
    services,
    cli,
    pool,
    nameKind: async (credential, what) =>
      nameKind(credential, 'agent', what, logins, await stampLogin(credential, process.env)),
    isOld,
    forget: (record) => forgetRecord(folder, record),
  });

  return {
    id: ID,
    name: 'Claude Code',
    card: {
      standing:
        "Runs Anthropic's official Claude Code program on this machine, over the lines that Anthropic's own SDK uses with it: as a pure model, or as an agent in a project's folder.",
      spends:
        'A plan login is meant for your own use and spends your plan or its separate credit; services and other people need an API key, billed per token. An agent spends more: many requests for one answer.',
    },
    signIn,
    endpoints: ['anthropic'],
    takesEnv: true,
    agent: agentAbilities,
    forgetSession: (state) => forgetTranscript(folder, state),
    listModels: async ({ credential, signal }: CallContext) => [
      ...(await cli.models(credential, signal)),
      ...agents.list(credential.account),
    ],
    async *converse(request, context) {
      const agentId = agents.readId(request.model);
      if (agentId !== undefined) return yield* agents.converse(agentId, request, context);
      const { credential, clientKey, signal, note, meter } = context;
      const guardSlash = beginsWithSlash(request) && (await isOld(credential, signal));
      if (hasLongDescription(request) && (await isOld(credential, signal))) note(CUTS_DESCRIPTIONS);
      const lines = writeClaudeLines(request, { guardSlash, note });
      const { model } = request;
      const { retries } = programLimits();
      const kind = {
        key: nameKind(credential, 'model', model, logins, await stampLogin(credential, process.env), retries),
        prepare: () => cli.prepareConversation(credential, model, retries),
      };
      const renewsLogin = readMethod(credential.account.method) === 'login';
      const ownHeaders = credential.account.env.ANTHROPIC_CUSTOM_HEADERS;
      yield* converse({
        pool,
        kind,
        lines,
        renewsLogin,
        retries,
        ownHeaders,
        limits: limits(),
        clientKey,
        signal,
        meter,
      });
    },
    check: (context) => checkAccount(cli, context),
    survey: (values, signal) => surveyMachine(cli, describe(values), signal),
    login,
    close: async () => {
      await Promise.all([runner.close(), lookUps.close(), signIns.close()]);
      await pool.close();
    },
  };
}

/** What a program is started with decides for whom it can work; secrets are not kept in the name. */
function nameKind({ account, secrets, proxy }: Credential, ...what: readonly (string | number)[]): string {
  const { id, method, values, env, endpoints } = account;
  return createHash('sha256')
    .update(JSON.stringify([id, method, values, env, endpoints, secrets, proxy, ...what]))
    .digest('base64');
}

/** The account that a form in the making would become. */
function describe(values: Readonly<Record<string, string>>): Account {
  const empty = { env: {}, endpoints: {}, models: [], source: 'settings' } as const;
  return { id: 'survey', provider: ID, name: 'Claude Code', method: 'login', values, ...empty };
}

function isOlder(version: string, than: readonly number[]): boolean {
  const numbers = version.split('.').map(Number);
  const at = than.findIndex((number, index) => numbers[index] !== number);
  return at >= 0 && (numbers[at] ?? 0) < (than[at] ?? 0);
}
