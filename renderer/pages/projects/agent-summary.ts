// Says in one sentence what an agent may touch, and warns of what is dangerous. Pure: the form, the page and the tests ask
// it alike. It judges the rules as they stand, not what the program makes of them.
import type { AgentAbilities, AgentRules } from '../../../shared/projects.ts';
import { translate as t } from '../../lib/i18n.ts';

/** What a tool can do to the person's things, in the order in which it is told. */
export type Risk = AgentAbilities['tools'][number]['risk'];

/** All of them. */
export const RISKS: readonly Risk[] = ['reads', 'changes', 'runs', 'network'];

/** Dangers that a person should have read about before the agent is switched on. */
export type Danger = 'everything' | 'whole' | 'trust';

/** What the sentence depends on. */
export type SummedRules = Pick<
  AgentRules,
  'mode' | 'tools' | 'allow' | 'deny' | 'maxTurns' | 'maxBudgetUsd' | 'trustsFolder'
>;

/** The sentence, and each danger in a sentence of its own. */
export interface Summary {
  readonly sentence: string;
  readonly dangers: readonly { readonly id: Danger; readonly text: string }[];
}

type Way = 'free' | 'partly' | 'held';

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });
const CHOICE = new Intl.ListFormat('en', { type: 'disjunction' });

/** Tells what the rules come to; `tools` are those that the program knows. */
export function sumUp(rules: SummedRules, tools: AgentAbilities['tools']): Summary {
  const whole = tools.filter(({ name, risk }) => risk === 'runs' && isWhole(name, rules) && exists(name, rules));
  const may = sayWhatItMay(rules, tools);
  const dangers: Summary['dangers'] = [
    ...(rules.mode === 'everything' ? [{ id: 'everything' as const, text: t('projects.danger.everything') }] : []),
    ...(rules.mode !== 'everything' && rules.mode !== 'plan' && whole.length > 0
      ? [
          {
            id: 'whole' as const,
            text: t('projects.danger.whole', { tool: LIST.format(whole.map(({ name }) => name)) }),
          },
        ]
      : []),
    ...(rules.trustsFolder ? [{ id: 'trust' as const, text: t('projects.danger.trust') }] : []),
  ];
  return {
    sentence: t(may.includes(',') ? 'projects.summary.long' : 'projects.summary.short', { may, end: sayItsEnd(rules) }),
    dangers,
  };
}

/** `It may read files of this folder, asks you before it changes files`: without when it stops. */
function sayWhatItMay(rules: SummedRules, tools: AgentAbilities['tools']): string {
  const present = RISKS.filter((risk) => tools.some((tool) => tool.risk === risk && exists(tool.name, rules)));
  // Tools that the program is not known to have are taken for the worst.
  if (rules.tools.some((name) => !tools.some((tool) => tool.name === name)) && !present.includes('runs'))
    present.push('runs');
  if (rules.mode === 'everything') return t('projects.summary.everything');
  if (present.length === 0) return t('projects.summary.nothing');
  const ways = new Map(present.map((risk) => [risk, readWay(risk, rules, tools)]));
  const free = present.filter((risk) => ways.get(risk) === 'free');
  const partly = present.filter((risk) => ways.get(risk) === 'partly');
  const held = present.filter((risk) => ways.get(risk) !== 'free');
  const may = [
    ...free.map((risk) => t(`projects.summary.may.${risk}`)),
    // The program lets some commands run that no rule names.
    ...(held.includes('runs') && rules.mode !== 'plan'
      ? [t(`projects.summary.may.${rules.mode === 'edit' ? 'handles' : 'looks'}`)]
      : []),
    ...(partly.length > 0 && rules.mode !== 'plan' ? [t('projects.summary.partly')] : []),
  ];
  const first =
    may.length === 0 ? t('projects.summary.mayNothing') : t('projects.summary.mayDo', { what: LIST.format(may) });
  if (rules.mode === 'plan') return t('projects.summary.plan', { first });
  if (held.length === 0) return first;
  if (rules.mode === 'listed') return t('projects.summary.refused', { first });
  const what = CHOICE.format(
    held.map((risk) => t(`projects.summary.before.${risk === 'runs' && rules.mode === 'edit' ? 'runsElse' : risk}`)),
  );
  return t(partly.length > 0 ? 'projects.summary.asksElse' : 'projects.summary.asks', { first, what });
}

function sayItsEnd({ maxTurns, maxBudgetUsd }: SummedRules): string {
  return t('projects.summary.end', { count: maxTurns, budget: `$${maxBudgetUsd.toFixed(2)}` });
}

function readWay(risk: Risk, rules: SummedRules, tools: AgentAbilities['tools']): Way {
  if (risk === 'reads') return 'free';
  if (rules.mode === 'plan') return 'held';
  if (risk === 'changes' && rules.mode === 'edit') return 'free';
  const present = tools.filter((tool) => tool.risk === risk && exists(tool.name, rules));
  if (present.length > 0 && present.every(({ name }) => isWhole(name, rules))) return 'free';
  return present.some(({ name }) => rules.allow.some((rule) => readTool(rule) === name)) ? 'partly' : 'held';
}

/** Whether the tool is there for the agent at all. */
function exists(name: string, { tools, deny }: SummedRules): boolean {
  return tools.includes(name) && !deny.some((rule) => readTool(rule) === name && isWithoutLimit(rule));
}

function isWhole(name: string, { allow }: SummedRules): boolean {
  return allow.some((rule) => readTool(rule) === name && isWithoutLimit(rule));
}

function readTool(rule: string): string {
  return rule.split('(', 1)[0] ?? rule;
}

/** `Bash`, `Bash(*)` and `Bash(:*)` are the same: every command. */
function isWithoutLimit(rule: string): boolean {
  return /^[^(]+(\([\s:*]*\))?$/.test(rule);
}
