// Which account runs an agent whose rules name none: the first one that can. Everybody is told of that one, so that its
// name stands for one thing.
import type { AgentRules, ProjectView } from '../../shared/projects.ts';
import type { Account } from '../credentials/credential.ts';
import type { Agent, Agents, Provider } from '../providers/provider.ts';

/** The accounts that can run agents, of those there are. */
export type ListAgentAccounts = () => readonly Account[];

/** Those of `accounts` whose providers have agents. */
export function listAgentAccounts(
  accounts: readonly Account[],
  providers: ReadonlyMap<string, Provider>,
): readonly Account[] {
  return accounts.filter(({ provider }) => providers.get(provider)?.agent !== undefined);
}

/** The agents of `book`, each with an account where there is one; there is no book before the engine is built. */
export function nameAgentAccounts(book: () => Agents | undefined, list: ListAgentAccounts): Agents {
  const nameAccount = (agent: Agent): Agent => {
    const account = agent.rules.account ?? list()[0]?.id;
    return account === undefined ? agent : { ...agent, rules: { ...agent.rules, account } };
  };
  return {
    list: () => book()?.list().map(nameAccount) ?? [],
    find: (id) => {
      const agent = book()?.find(id);
      return agent === undefined ? undefined : nameAccount(agent);
    },
  };
}

/** Why nobody answers to `name`, where it is an agent's; undefined for any other model. `projects` are asked only then. */
export function explainAgent(
  name: string,
  projects: () => readonly Pick<ProjectView, 'id' | 'name' | 'source' | 'agent' | 'problem'>[],
): string | undefined {
  const id = /^agent:(.*)$/.exec(name)?.[1];
  if (id === undefined) return undefined;
  const project = projects().find((each) => each.id === id);
  if (project === undefined) return `There is no agent "${id}": no project has this id.`;
  const { name: title, source, agent, problem } = project;
  if (agent.enabled) return `The agent of the project "${title}" cannot be asked now. ${problem ?? ''}`.trim();
  const place = source === 'file' ? 'in the configuration file' : "in Patchbay's window";
  return `The agent of the project "${title}" is switched off. Its rules switch it on, ${place}.`;
}

/** Why no account can run an agent with these rules; undefined where one can. */
export function findAgentProblem({ account }: AgentRules, able: readonly Account[]): string | undefined {
  if (account === undefined) return able.length > 0 ? undefined : 'No account can run an agent yet: add one that can.';
  return able.some(({ id }) => id === account) ? undefined : `The account ${account} is gone, or cannot run agents.`;
}

/** To be called when agents may have changed: calls `onChange` where a list of models would show it. */
export function followAgents(agents: Pick<Agents, 'list'>, onChange: () => void): () => void {
  const read = () =>
    JSON.stringify(agents.list().map(({ id, name, rules }) => [id, name, rules.account, rules.showsSteps]));
  let before = read();
  return () => {
    const now = read();
    if (now !== before) onChange();
    before = now;
  };
}
