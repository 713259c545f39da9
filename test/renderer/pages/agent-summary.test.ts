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

const END = 'and stops after 30 rounds or $2.00.';

test('the sentence follows the mode', () => {
  expect(say({})).toEqual([`It may read this folder, asks you before it reads elsewhere, ${END}`]);
  expect(say({ tools: ['Read', 'Edit', 'Bash'] })).toEqual([
    `It may read this folder, asks you before it reads elsewhere, changes a file, or runs a command that does more than look, ${END}`,
  ]);
  expect(say({ tools: ALL, mode: 'edit', maxTurns: 1 })).toEqual([
    'It may read this folder, change its files, and fetch well-known documentation, asks you before it touches files elsewhere, runs a command that does more than that, or reaches the rest of the network, and stops after 1 round or $2.00.',
  ]);
  expect(say({ tools: ['Read', 'Bash'], mode: 'listed', allow: ['Bash(npm test *)'] })).toEqual([
    `It may read this folder and do what its rules allow, is refused everything else without a question to you, ${END}`,
  ]);
  expect(say({ tools: [] })).toEqual(['It can only talk, since it has no tool, and stops after 30 rounds or $2.00.']);
});

test('what only plans reaches the network where that is allowed, and runs nothing whatever is allowed', () => {
  expect(say({ tools: ALL, mode: 'plan', allow: ['Bash', 'Edit'] })).toEqual([
    `It may read this folder and fetch well-known documentation, proposes the rest and changes nothing, ${END}`,
  ]);
  expect(say({ tools: ['Read', 'WebFetch'], mode: 'plan', allow: ['WebFetch'] })).toEqual([
    `It may read this folder and reach the network, proposes the rest and changes nothing, ${END}`,
  ]);
});

test('commands look and, where files may be changed, change them without a question', () => {
  expect(say({ tools: ['Bash'] })[0]).toContain('It may read this folder, asks');
  expect(say({ tools: ['Bash'], mode: 'edit' })[0]).toContain('It may read this folder and change its files, asks');
  expect(say({ tools: ['Edit'] })[0]).toBe(`It may do nothing by itself, asks you before it changes a file, ${END}`);
  expect(say({ tools: ['Read'], allow: ['Read'] })[0]).toBe('It may read any file and stops after 30 rounds or $2.00.');
});

test('everything, a program that is allowed as a whole, and trust are dangers', () => {
  expect(say({ mode: 'everything', allow: ['Bash'] }).slice(1)).toEqual(['everything']);
  for (const rule of ['Bash', 'Bash(*)', 'Bash(:*)', 'Bash()'])
    expect(say({ tools: ['Bash'], allow: [rule] })).toEqual([
      'It may read this folder and run any program and stops after 30 rounds or $2.00.',
      'whole',
    ]);
  expect(say({ trustsFolder: true }).slice(1)).toEqual(['trust']);
});

test('what is refused as a whole, or is no tool of the agent’s, endangers nothing', () => {
  expect(say({ tools: ['Read', 'Bash'], allow: ['Bash'], deny: ['Bash'] })).toEqual([
    `It may read this folder, asks you before it reads elsewhere, ${END}`,
  ]);
  expect(say({ tools: ['Read'], allow: ['Bash'] }).slice(1)).toEqual([]);
});

test('a tool that nobody knows is taken for one that runs programs', () => {
  expect(say({ tools: ['Read', 'Teleport'] })[0]).toContain('runs a command that does more than look');
});
