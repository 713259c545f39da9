// The sentence of what an agent may touch, for each kind of rules.
import { expect, test } from 'vitest';
import { type SummedRules, sumUp } from '../../../renderer/pages/projects/agent-summary.ts';
import { DEFAULT_AGENT_RULES } from '../../../shared/projects.ts';
import { ABILITIES } from '../../support/fake-projects.ts';

const ALL = ABILITIES.tools.map(({ name }) => name);

function say(rules: Partial<SummedRules>) {
  const { sentence, dangers } = sumUp({ ...DEFAULT_AGENT_RULES, ...rules }, ABILITIES.tools);
  return [sentence, ...dangers.map(({ id }) => id)];
}

test('the sentence follows the mode', () => {
  expect(say({})).toEqual(['It may read files of this folder and stops after 30 rounds or $2.00.']);
  expect(say({ tools: ['Read', 'Edit', 'Bash'] })).toEqual([
    'It may read files of this folder and run commands that only look, asks you before it changes a file or runs a command that does more than look, and stops after 30 rounds or $2.00.',
  ]);
  expect(say({ tools: ALL, mode: 'edit', maxTurns: 1 })).toEqual([
    'It may read files of this folder, change files of this folder, and run commands that only look, or make, change and delete files of this folder, asks you before it runs any other command or reaches the network, and stops after 1 round or $2.00.',
  ]);
  expect(say({ tools: ALL, mode: 'plan', allow: ['Bash'] })).toEqual([
    'It may read files of this folder, proposes the rest and changes nothing, and stops after 30 rounds or $2.00.',
  ]);
  expect(say({ tools: ['Read', 'Bash'], mode: 'listed', allow: ['Bash(npm test *)'] })).toEqual([
    'It may read files of this folder, run commands that only look, and do what its rules allow, is refused everything else without a question to you, and stops after 30 rounds or $2.00.',
  ]);
  expect(say({ tools: [] })).toEqual(['It can only talk, since it has no tool, and stops after 30 rounds or $2.00.']);
});

test('everything, a program that is allowed as a whole, and trust are dangers', () => {
  expect(say({ mode: 'everything', allow: ['Bash'] }).slice(1)).toEqual(['everything']);
  for (const rule of ['Bash', 'Bash(*)', 'Bash(:*)', 'Bash()'])
    expect(say({ tools: ['Bash'], allow: [rule] })).toEqual([
      'It may run any program and stops after 30 rounds or $2.00.',
      'whole',
    ]);
  expect(say({ trustsFolder: true }).slice(1)).toEqual(['trust']);
});

test('what is refused as a whole, or is no tool of the agent’s, endangers nothing', () => {
  expect(say({ tools: ['Read', 'Bash'], allow: ['Bash'], deny: ['Bash'] })).toEqual([
    'It may read files of this folder and stops after 30 rounds or $2.00.',
  ]);
  expect(say({ tools: ['Read'], allow: ['Bash'] }).slice(1)).toEqual([]);
});

test('a tool that nobody knows is taken for one that runs programs', () => {
  expect(say({ tools: ['Read', 'Teleport'] })[0]).toContain(
    'asks you before it runs a command that does more than look',
  );
});
