// The agents of the projects as this provider serves them: which ones an account may run, and how one is asked.
import { stat } from 'node:fs/promises';
import type { ConversationRequest } from '../../canonical/conversation.ts';
import type { EventStream } from '../../canonical/events.ts';
import type { ModelInfo } from '../../canonical/models.ts';
import type { Account, Credential } from '../../credentials/credential.ts';
import type { AttemptContext } from '../context.ts';
import type { Agent, ProviderServices } from '../provider.ts';
import { checkMode, writeAgentArguments } from './agent-arguments.ts';
import { writeAgentLines } from './agent-lines.ts';
import { refuseAgent, runAgent } from './agent-run.ts';
import type { AgentState } from './agent-state.ts';
import type { Cli } from './cli.ts';
import { ID } from './names.ts';
import type { ClaudePool } from './pool.ts';

const PREFIX = 'agent:';

/** What agents are served with. */
export interface AgentServiceOptions {
  readonly services: Pick<ProviderServices, 'agents' | 'ask' | 'limits' | 'programLimits'>;
  readonly cli: Cli;
  readonly pool: ClaudePool;
  /** Equal names for programs that can stand in for each other. */
  readonly nameKind: (credential: Credential, what: string) => Promise<string>;
  /** Whether the account's program lacks the words of the newest that is known. */
  readonly isOld: (credential: Credential, signal: AbortSignal) => Promise<boolean>;
  /** Removes what the program has written down of a session of its own. */
  readonly forget: (record: Pick<AgentState, 'account' | 'session'>) => Promise<void>;
}

/** Serves agents. */
export interface AgentService {
  /** The models that `account` offers by its agents. */
  list(account: Account): readonly ModelInfo[];
  /** The id in the name of an agent; undefined for any other model. */
  readId(model: string): string | undefined;
  /** The agent's reply; fails like `Provider.converse`. */
  converse(id: string, request: ConversationRequest, context: AttemptContext): EventStream;
}

/** The agents of `services`. */
export function createAgentService(options: AgentServiceOptions): AgentService {
  const { agents, ask, limits, programLimits } = options.services;
  const ending = new Map<string, Promise<unknown>>();
  const orphans = new Set<string>();
  const mayRun = ({ id }: Account, { rules }: Agent) => rules.account === undefined || rules.account === id;
  const find = (id: string, account: Account): Agent => {
    const agent = agents.find(id);
    if (agent === undefined) {
      const known = agents.list().map((other) => `${PREFIX}${other.id}`);
      const hint = known.length === 0 ? '' : ` Switched on are: ${known.join(', ')}.`;
      const message = `There is no agent "${id}", or it is switched off. Its project's rules switch it on.${hint}`;
      throw refuseAgent('not-found', message, 'agent_not_found');
    }
    if (mayRun(account, agent)) return agent;
    const other = agent.rules.account;
    const message = `The agent "${id}" runs with the account "${other}" only. Ask for ${PREFIX}${id} or ${other}/${PREFIX}${id}.`;
    throw refuseAgent('forbidden', message, 'agent_account_refused');
  };

  return {
    list: (account) =>
      agents
        .list()
        .filter((agent) => mayRun(account, agent))
        .map(({ id, name, rules }) => ({
          id: `${PREFIX}${id}`,
          name: `Agent in ${name}`,
          owner: ID,
          abilities: { tools: false, images: true, reasoning: rules.showsSteps },
        })),
    readId: (model) => (model.startsWith(PREFIX) ? model.slice(PREFIX.length) : undefined),
    async *converse(id, request, context) {
      const { credential, session, signal, note, meter } = context;
      const { account } = credential;
      const agent = find(id, account);
      const { rules, path } = agent;
      if (session === undefined) throw new Error('An agent was asked without a session.');
      checkMode(rules, account.env);
      await checkFolder(agent);
      const isOld = await options.isOld(credential, signal);
      const lines = writeAgentLines(request, { rules, guardSlash: isOld, note });
      const { agentRetries: retries } = programLimits();
      const key = await options.nameKind(credential, JSON.stringify([path, rules, lines.instructionsKey, retries]));
      const { cli, pool } = options;
      yield* runAgent({
        pool,
        ending,
        orphans,
        forget: options.forget,
        kindOf: (cliSession) => ({
          key,
          prepare: async () => {
            const args = writeAgentArguments(rules, { session: cliSession, isOld });
            const prepared = await cli.prepareAgent(credential, { args, cwd: path, retries });
            const clean = async () => {
              await prepared.clean();
              if (orphans.delete(cliSession.id)) await options.forget({ account: account.id, session: cliSession.id });
            };
            return { ...prepared, clean };
          },
        }),
        lines,
        agent,
        account: account.id,
        session,
        limits: limits(),
        ask,
        note,
        meter,
        signal,
      });
    },
  };
}

async function checkFolder({ id, path }: Agent): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory()) return;
  const message = `The folder of the agent "${id}" is not there: ${path}. Put it back, or give its project another one.`;
  throw refuseAgent('not-found', message, 'agent_folder_missing');
}
