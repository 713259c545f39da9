// The installed program as this provider uses it: what to call, what version it is, whether it is logged in, and which
// models it knows. Asks the program itself; nothing of it is hard-coded.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JsonObject } from '../../canonical/conversation.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { ProgramRunner } from '../../subprocess/process.ts';
import { type Folders, readMethod, readSecret, writeArguments, writeEnvironment } from './environment.ts';
import { writeExit } from './failures.ts';
import { endLeftovers, endStrays } from './leftovers.ts';
import { ID } from './names.ts';
import { type ClaudeCall, openClaudeProcess } from './process.ts';
import { type FoundProgram, findProgram } from './program.ts';
import { CAN_HIDE_SECRETS, hideSecret } from './secret.ts';

/** A call that is ready to be made, and the way to clean up behind it. */
export interface PreparedCall {
  readonly call: ClaudeCall;
  /** The program's own folder for temporary files. */
  readonly folder: string;
  /** Removes what the program left in its temporary folder. Call it when the program has ended. */
  clean(): Promise<void>;
}

/** Whether the program could ask its upstream. */
export interface LoginState {
  readonly loggedIn: boolean;
  /** The program's word for the kind of login: `api_key`, `oauth_token`, `claude.ai`, ... */
  readonly kind?: string;
  /** Who is logged in, where the program knows it. */
  readonly email?: string;
  /** The plan of that login: `max`, `pro`, ... */
  readonly plan?: string;
}

/** The installed program. All calls throw `GatewayError`. */
export interface Cli {
  find(credential: Credential): Promise<FoundProgram>;
  /** Prepares a run with these arguments. */
  prepare(credential: Credential, args: readonly string[]): Promise<PreparedCall>;
  /** Prepares a conversation with `model`, in which the program may ask its upstream again so often. */
  prepareConversation(credential: Credential, model: string, retries: number): Promise<PreparedCall>;
  /** Prepares an agent's work in the folder `cwd`. */
  prepareAgent(credential: Credential, work: AgentWork): Promise<PreparedCall>;
  /** `2.1.329`; remembered per program file. */
  version(credential: Credential, signal: AbortSignal): Promise<string>;
  login(credential: Credential, signal: AbortSignal): Promise<LoginState>;
  /** Ends the login of the account; resolves to what the program says of it. */
  logout(credential: Credential, signal: AbortSignal): Promise<string>;
  models(credential: Credential, signal: AbortSignal): Promise<readonly ModelInfo[]>;
}

/** How an agent is started. */
export interface AgentWork {
  readonly args: readonly string[];
  readonly cwd: string;
  readonly retries: number;
}

/** What the CLI is reached with. */
export interface CliOptions {
  /** For questions that are answered on this machine. */
  readonly runner: ProgramRunner;
  /** An empty folder of the provider's own, made on demand. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

const LOOK_UP_MS = 15_000;
const GRACE_MS = 2_000;

/** The CLI of this machine. */
export function createCli({ runner, folder, environment }: CliOptions): Cli {
  const versions = new Map<string, string>();
  const temporary = join(folder, 'temporary');
  // What a crash left behind; while this process lives each run cleans up after itself.
  const swept = endLeftovers(temporary);
  const find = ({ account }: Credential) => findProgram(account.values.cliPath, { ...environment, ...account.env });

  const empty = join(folder, 'empty');
  const prepareIn = async ({ account }: Credential): Promise<Folders> => {
    const home = join(folder, 'homes', account.id);
    await swept;
    await Promise.all([home, empty, temporary].map((path) => mkdir(path, { recursive: true, mode: 0o700 })));
    return { home, temporary: await mkdtemp(join(temporary, 'run-')) };
  };
  // What cannot be removed now is swept at the next start.
  const remove = (own: string) => rm(own, { recursive: true, force: true, maxRetries: 3 }).catch(() => {});
  const prepare = async (credential: Credential, args: readonly string[], retries = 0): Promise<PreparedCall> => {
    const { file } = await find(credential);
    const folders = await prepareIn(credential);
    const own = folders.temporary;
    const env = writeEnvironment(credential, folders, environment, { retries });
    return { call: { file, args, env, cwd: empty }, folder: own, clean: () => remove(own) };
  };
  const prepareAgent: Cli['prepareAgent'] = async (credential, { args, cwd, retries }) => {
    const { file } = await find(credential);
    const folders = await prepareIn(credential);
    const own = folders.temporary;
    const text = CAN_HIDE_SECRETS ? readSecret(readMethod(credential.account.method), credential.secrets) : undefined;
    const secret = text === undefined ? undefined : hideSecret(own, text);
    const agent = { hidesSecret: secret !== undefined };
    const env = writeEnvironment(credential, folders, environment, { retries, agent });
    return {
      call: { file, args, env, cwd, descriptor: secret?.descriptor, onFirstOutput: secret?.forget },
      folder: own,
      clean: async () => {
        secret?.forget();
        // Its commands run in sessions of their own, where the end of the program does not always reach them.
        await endStrays([own]);
        await remove(own);
      },
    };
  };
  /** Prepares a short run, does it within its time, and cleans up behind it. */
  const lookUp = async <Result>(
    credential: Credential,
    args: readonly string[],
    signal: AbortSignal,
    run: (call: PreparedCall['call'], limit: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const { call, clean } = await prepare(credential, args);
    const limit = AbortSignal.any([signal, AbortSignal.timeout(LOOK_UP_MS)]);
    try {
      return await run(call, limit);
    } catch (cause) {
      if (signal.aborted) throw new GatewayError('aborted', 'The question was given up.', { provider: ID, cause });
      if (!limit.aborted) throw cause;
      throw new GatewayError('timeout', 'Claude Code did not answer in time.', { provider: ID, cause });
    } finally {
      await clean();
    }
  };
  /** The output of a command that answers and ends by itself. */
  const ask = (credential: Credential, args: readonly string[], signal: AbortSignal) =>
    lookUp(credential, args, signal, async (call, limit) => {
      const chunks: Buffer[] = [];
      const program = await runner.run({ ...call, onOutput: (chunk) => chunks.push(chunk) }, limit);
      limit.addEventListener('abort', program.terminate, { once: true });
      program.finish(LOOK_UP_MS);
      const exit = await program.exited;
      limit.removeEventListener('abort', program.terminate);
      if (exit.failure !== undefined || exit.signal !== undefined) throw writeExit(exit);
      return Buffer.concat(chunks).toString('utf8');
    });

  return {
    find,
    prepare,
    prepareConversation: (credential, model, retries) =>
      prepare(credential, writeArguments(readMethod(credential.account.method), model), retries),
    prepareAgent,
    version: async (credential, signal) => {
      const { file } = await find(credential);
      const known = versions.get(file);
      if (known !== undefined) return known;
      const text = await ask(credential, ['--version'], signal);
      const version = /\d+\.\d+\.\d+/.exec(text)?.[0];
      if (version === undefined) {
        throw new GatewayError('upstream', `${file} does not say a version. Is it Claude Code?`, { provider: ID });
      }
      versions.set(file, version);
      return version;
    },
    login: async (credential, signal) => readLogin(await ask(credential, ['auth', 'status'], signal)),
    logout: async (credential, signal) => (await ask(credential, ['auth', 'logout'], signal)).trim(),
    models: (credential, signal) =>
      lookUp(credential, writeArguments(readMethod(credential.account.method)), signal, async (call, limit) => {
        const claude = await openClaudeProcess(runner, call, limit);
        limit.addEventListener('abort', claude.interrupt, { once: true });
        try {
          return readModels(await claude.control({ subtype: 'initialize', systemPrompt: [] }));
        } finally {
          claude.finish(GRACE_MS);
          await claude.exited;
          limit.removeEventListener('abort', claude.interrupt);
        }
      }),
  };
}

function readLogin(text: string): LoginState {
  try {
    const { loggedIn, authMethod, email, subscriptionType } = JSON.parse(text) as JsonObject;
    const who = { email: readText(email), plan: readText(subscriptionType) };
    return { loggedIn: loggedIn === true, kind: readText(authMethod), ...who };
  } catch (cause) {
    throw new GatewayError('upstream', 'Claude Code does not tell whether it is logged in.', { provider: ID, cause });
  }
}

/** Aliases such as `default` and `sonnet` stand for full names; each full name is listed once. */
function readModels({ models }: JsonObject): ModelInfo[] {
  if (!Array.isArray(models)) {
    throw new GatewayError('upstream', 'Claude Code did not tell its models.', { provider: ID });
  }
  const found = new Map<string, ModelInfo>();
  for (const row of models as readonly JsonObject[]) {
    const alias = readText(row.value);
    const id = readText(row.resolvedModel) ?? alias;
    if (id === undefined || (found.has(id) && alias === id)) continue;
    // The row of the default model says no more than that it is the default.
    if (alias === 'default' && row.resolvedModel === undefined) continue;
    const name = alias === 'default' ? undefined : readText(row.displayName);
    const reasoning = row.supportsEffort === true || row.supportsAdaptiveThinking === true;
    found.set(id, {
      id,
      name: name ?? found.get(id)?.name,
      owner: 'anthropic',
      abilities: { tools: true, images: true, reasoning },
    });
  }
  return [...found.values()];
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
