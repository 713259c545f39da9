// Which changes of an agent's rules leave it less than it had, and what becomes of it when it is at work.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { isNarrower } from '../../../main/projects/narrower.ts';
import { type AgentRules, DEFAULT_AGENT_RULES } from '../../../shared/projects.ts';
import { openTestBooks } from '../../support/books.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const RULES: AgentRules = {
  ...DEFAULT_AGENT_RULES,
  enabled: true,
  tools: ['Read', 'Bash'],
  allow: ['Bash(npm test *)'],
  deny: ['Bash(rm *)'],
  trustsFolder: true,
};

it('is narrower what takes something away, and nothing else', () => {
  const judge = (change: Partial<AgentRules>) => isNarrower(RULES, { ...RULES, ...change });
  const narrower: Partial<AgentRules>[] = [
    { enabled: false },
    { mode: 'plan' },
    { mode: 'listed' },
    { tools: ['Read', 'Edit'] },
    { allow: [] },
    { deny: [...RULES.deny, 'Bash(git push *)'] },
    { maxTurns: RULES.maxTurns - 1 },
    { maxBudgetUsd: 1 },
    { trustsFolder: false },
  ];
  const other: Partial<AgentRules>[] = [
    {},
    { mode: 'everything' },
    { tools: ['Bash', 'Read', 'Edit'] },
    { allow: ['Edit', ...RULES.allow] },
    { deny: [] },
    { maxTurns: 900, maxBudgetUsd: 900 },
    { instructions: 'Be brief.', showsSteps: false, model: 'opus', account: 'other' },
  ];
  expect(narrower.map(judge)).toEqual(narrower.map(() => true));
  expect(other.map(judge)).toEqual(other.map(() => false));
});

it('an agent at work is stopped when it is switched off, may do less, or gets another folder, and by nothing else', () => {
  const { projects, sessions } = openTestBooks();
  const [path, other] = [makeTempFolder(), makeTempFolder()];
  const { id } = projects.add({ name: 'Shop', path, agent: RULES }, 'window');
  const reasons: unknown[] = [];
  const enter = (model: string) =>
    sessions.enter({
      wish: { projectId: id },
      conversation: { model, messages: [{ role: 'user', parts: [{ type: 'text', text: 'Go' }] }] },
      key: 'Test',
      interrupt: (reason) => reasons.push(reason),
      note: () => {},
    });
  const work = enter(`agent:${id}`);
  // It only talks, and has no rules.
  enter('m');
  projects.change(id, { name: 'The shop', agent: { mode: 'everything' } });
  expect(reasons).toEqual([]);
  projects.change(id, { path: other });
  projects.change(id, { agent: { mode: 'ask' } });
  projects.change(id, { agent: { enabled: false } });
  expect(reasons.map((reason) => reason instanceof GatewayError && [reason.kind, reason.code])).toEqual(
    Array(3).fill(['aborted', 'agent_rules_changed']),
  );
  work?.leave();
  projects.change(id, { agent: { enabled: true } });
  projects.change(id, { agent: { enabled: false } });
  expect(reasons).toHaveLength(3);
});

it('an agent at work is stopped when its project is removed, in whatever session it works', () => {
  const { projects, sessions } = openTestBooks();
  const { id } = projects.add({ name: 'Shop', path: makeTempFolder(), agent: RULES }, 'window');
  const session = sessions.add({ key: 'Test' });
  let stopped = 0;
  sessions.enter({
    wish: { sessionId: session.id },
    conversation: { model: `agent:${id}`, messages: [{ role: 'user', parts: [{ type: 'text', text: 'Go' }] }] },
    key: 'Test',
    interrupt: () => {
      stopped += 1;
    },
    note: () => {},
  });
  projects.remove(id, 'window');
  expect(stopped).toBe(1);
});
