// The arguments that the program is started with as an agent: what the project's rules say, in its own words. No text of a
// conversation is among them.
import type { AgentMode, AgentRules } from '../../../shared/projects.ts';
import { GatewayError } from '../../canonical/errors.ts';
import { listTools } from './agent-abilities.ts';
import { ID } from './names.ts';

/** Which of the program's own sessions is to run. */
export interface CliSession {
  /** A UUID. */
  readonly id: string;
  /** It is there already, and is taken up. */
  readonly resumes: boolean;
}

/** Where an agent is started. */
export interface AgentStart {
  readonly session: CliSession;
  /** The program is older than the newest that is known, and lacks its newer words. */
  readonly isOld: boolean;
}

/** Arguments for an agent that follows `rules`. */
export function writeAgentArguments(rules: AgentRules, { session, isOld }: AgentStart): string[] {
  const { mode, allow, deny, trustsFolder, maxTurns, maxBudgetUsd, model } = rules;
  return [
    ...['-p', '--input-format', 'stream-json', '--output-format', 'stream-json', '--verbose'],
    ...['--include-partial-messages', '--disable-slash-commands', '--debug-to-stderr'],
    ...(trustsFolder ? ['--setting-sources=project,local'] : ['--setting-sources=', '--strict-mcp-config']),
    `--tools=${listTools(rules).join(',')}`,
    `--permission-mode=${writeMode(mode, isOld)}`,
    ...(asks(mode) ? ['--permission-prompt-tool=stdio'] : []),
    // One rule each: they may hold spaces and commas.
    ...allow.map((rule) => `--allowedTools=${rule}`),
    ...deny.map((rule) => `--disallowedTools=${rule}`),
    `--max-turns=${maxTurns}`,
    `--max-budget-usd=${maxBudgetUsd}`,
    ...(model === undefined ? [] : [`--model=${model}`]),
    session.resumes ? `--resume=${session.id}` : `--session-id=${session.id}`,
    // Instructions that have changed since would otherwise be those of the first turn.
    ...(isOld ? [] : ['--system-prompt-snapshot=off']),
  ];
}

/** Whether an agent puts to the person what its rules do not allow. */
export const asks = (mode: AgentMode) => mode === 'ask' || mode === 'edit';

/** Throws `GatewayError` where the program would refuse to start by these rules. */
export function checkMode({ mode }: AgentRules, env: Readonly<Record<string, string>>): void {
  const isRoot = process.platform !== 'win32' && process.getuid?.() === 0;
  if (mode !== 'everything' || !isRoot || env.IS_SANDBOX === '1') return;
  const way = `set IS_SANDBOX=1 in the account's "env" in the configuration file`;
  const advice = `Run Patchbay as another user, choose another mode, or ${way}.`;
  const message = `Claude Code does not let an agent do everything as root, unless this machine is a sandbox. ${advice}`;
  throw new GatewayError('forbidden', message, { provider: ID, code: 'agent_mode_refused' });
}

function writeMode(mode: AgentMode, isOld: boolean): string {
  switch (mode) {
    case 'plan':
      return 'plan';
    case 'ask':
      return isOld ? 'default' : 'manual';
    case 'edit':
      return 'acceptEdits';
    case 'listed':
      return 'dontAsk';
    case 'everything':
      return 'bypassPermissions';
    default:
      return mode satisfies never;
  }
}
