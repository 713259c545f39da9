// A project's rules as the program's arguments.
import { describe, expect, it } from 'vitest';
import { agentAbilities, listTools } from '../../../../main/providers/claude-code/agent-abilities.ts';
import { writeAgentArguments } from '../../../../main/providers/claude-code/agent-arguments.ts';
import { type AgentMode, type AgentRules, DEFAULT_AGENT_RULES } from '../../../../shared/projects.ts';

const session = { id: '5b6f2b52-5a57-4b0d-9d3b-3f6f0a8f1c11', resumes: false };
const write = (rules: Partial<AgentRules>, isOld = false, resumes = false) =>
  writeAgentArguments({ ...DEFAULT_AGENT_RULES, ...rules }, { session: { ...session, resumes }, isOld });

describe('the arguments', () => {
  it('say what the rules say, one rule each, and never less than they forbid', () => {
    const rules = { allow: ['Bash(echo a, b)', 'Read'], deny: ['Bash(git push *)'], model: 'sonnet' };
    expect(write(rules).slice(5)).toEqual([
      '--verbose',
      '--include-partial-messages',
      '--disable-slash-commands',
      '--debug-to-stderr',
      '--setting-sources=',
      '--strict-mcp-config',
      '--tools=Read,Glob,Grep',
      '--permission-mode=manual',
      '--permission-prompt-tool=stdio',
      '--allowedTools=Bash(echo a, b)',
      '--allowedTools=Read',
      '--disallowedTools=Bash(git push *)',
      '--max-turns=30',
      '--max-budget-usd=2',
      '--model=sonnet',
      `--session-id=${session.id}`,
      '--system-prompt-snapshot=off',
    ]);
  });

  it('let the folder have its say only where it is trusted', () => {
    const trusted = write({ trustsFolder: true });
    expect(trusted).toContain('--setting-sources=project,local');
    expect(trusted).not.toContain('--strict-mcp-config');
  });

  it.each<[AgentMode, string, boolean]>([
    ['plan', 'plan', false],
    ['ask', 'manual', true],
    ['edit', 'acceptEdits', true],
    ['listed', 'dontAsk', false],
    ['everything', 'bypassPermissions', false],
  ])('name the mode %s as %s', (mode, name, asks) => {
    expect(write({ mode })).toContain(`--permission-mode=${name}`);
    expect(write({ mode }).includes('--permission-prompt-tool=stdio')).toBe(asks);
  });

  it('are those that an older program knows', () => {
    expect(write({}, true)).toContain('--permission-mode=default');
    expect(write({}, true).join(' ')).not.toContain('snapshot');
    expect(write({}, true, true)).toContain(`--resume=${session.id}`);
  });
});

it('an agent that plans has no tool that could change anything, known or not', () => {
  const all = [...agentAbilities.tools.map(({ name }) => name), 'Unheard'];
  expect(listTools({ mode: 'plan', tools: all })).toEqual(['Read', 'Glob', 'Grep', 'WebFetch', 'WebSearch', 'Task']);
  expect(listTools({ mode: 'ask', tools: all })).toEqual(all);
});
