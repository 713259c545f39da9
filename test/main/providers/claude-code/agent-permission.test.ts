// What the person is asked for an agent, and what the program hears of it.
import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import { createPermissionDesk } from '../../../../main/providers/claude-code/agent-permission.ts';
import type { AskPerson } from '../../../../main/providers/provider.ts';
import { type AgentAnswer, type AgentMode, DEFAULT_AGENT_RULES } from '../../../../shared/projects.ts';

const suggestion = {
  type: 'addRules',
  rules: [{ toolName: 'Bash', ruleContent: 'npm test *' }],
  behavior: 'allow',
  destination: 'localSettings',
};
const bash = {
  subtype: 'can_use_tool',
  tool_name: 'Bash',
  input: { command: 'npm test\nnpm run x' },
  permission_suggestions: [suggestion, { type: 'setMode', mode: 'acceptEdits', destination: 'session' }],
};

async function ask(
  request: JsonObject,
  answer?: AgentAnswer,
  mode: AgentMode = 'ask',
  signal = new AbortController().signal,
) {
  const questions: Parameters<AskPerson>[0][] = [];
  const agent = { id: 'site', name: 'Site', path: '/project', rules: { ...DEFAULT_AGENT_RULES, mode } };
  const desk = createPermissionDesk({
    agent,
    sessionId: 's',
    ask: async (question) => {
      questions.push(question);
      return answer;
    },
    signal,
  });
  return { answer: await desk(request), questions };
}

describe('a question', () => {
  it('says in one line what is wanted, in full below, and which rule would spare it', async () => {
    const { questions } = await ask(bash);
    expect(questions).toEqual([
      {
        projectId: 'site',
        projectName: 'Site',
        sessionId: 's',
        tool: 'Bash',
        what: 'npm test ⏎ npm run x',
        detail: 'npm test\nnpm run x',
        rule: 'Bash(npm test *)',
      },
    ]);
  });

  it('shows a change as the lines before and after, bounded', async () => {
    const input = { file_path: '/project/src/a.ts', old_string: 'a\nb', new_string: 'c'.repeat(100_000) };
    const { questions } = await ask({ subtype: 'can_use_tool', tool_name: 'Edit', input });
    expect(questions[0]).toMatchObject({
      what: 'src/a.ts',
      detail: expect.stringContaining('/project/src/a.ts\n- a\n- b\n+ ccc'),
    });
    expect(questions[0]?.detail?.length).toBeLessThanOrEqual(20_100);
    expect(questions[0]?.detail).toMatch(/^NOT ALL OF IT IS SHOWN: 800\d\d more characters/);
  });

  it('says that a change is to be made everywhere in its file', async () => {
    const input = { file_path: '/project/a.ts', old_string: 'a', new_string: 'b', replace_all: true };
    const { questions } = await ask({ subtype: 'can_use_tool', tool_name: 'Edit', input });
    expect(questions[0]?.detail).toBe('/project/a.ts (everywhere in it)\n- a\n+ b');
  });

  it('is not put where the mode asks nobody', async () => {
    const { answer, questions } = await ask(bash, { verdict: 'once' }, 'listed');
    expect(answer).toMatchObject({ behavior: 'deny' });
    expect(questions).toEqual([]);
  });

  it('is none where the program asks something else', async () => {
    expect(await ask({ subtype: 'mcp_message' })).toEqual({ answer: undefined, questions: [] });
  });
});

describe('the word of the person', () => {
  it.each<[string, AgentAnswer | undefined, JsonObject]>([
    ['once', { verdict: 'once' }, { behavior: 'allow', updatedInput: bash.input }],
    [
      'for the session, without a trace in the folder',
      { verdict: 'session' },
      { behavior: 'allow', updatedInput: bash.input, updatedPermissions: [{ ...suggestion, destination: 'session' }] },
    ],
    ['no, with words', { verdict: 'refuse', words: ' Use pnpm. ' }, { behavior: 'deny', message: 'Use pnpm.' }],
  ])('reaches the program: %s', async (_name, answer, told) => {
    expect((await ask(bash, answer)).answer).toEqual(told);
  });

  it('that does not come is a no', async () => {
    expect((await ask(bash)).answer).toMatchObject({
      behavior: 'deny',
      message: expect.stringMatching(/^Nobody answered in time\./),
    });
  });

  it('is of no use when nobody works any more', async () => {
    expect((await ask(bash, { verdict: 'once' }, 'ask', AbortSignal.abort())).answer).toBeUndefined();
  });
});
