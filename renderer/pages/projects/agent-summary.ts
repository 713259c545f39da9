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

/** `It may read this folder, asks you before it changes a file`: without when it stops. */
function sayWhatItMay(rules: SummedRules, tools: AgentAbilities['tools']): string {
  const present = listRisks(rules, tools);
  if (rules.mode === 'everything') return t('projects.summary.everything');
  if (present.length === 0) return t('projects.summary.nothing');
  const ways = new Map(present.map((risk) => [risk, readWay(risk, rules, tools)]));
  const may = sayFree(rules, ways);
  const isPartly = present.some((risk) => ways.get(risk) === 'partly');
  if (isPartly) may.push(t('projects.summary.partly'));
  const first =
    may.length === 0 ? t('projects.summary.mayNothing') : t('projects.summary.mayDo', { what: LIST.format(may) });
  if (rules.mode === 'plan') return t('projects.summary.plan', { first });
  const held = sayHeld(rules, ways);
  if (held.length === 0) return first;
  if (rules.mode === 'listed') return t('projects.summary.refused', { first });
  return t(isPartly ? 'projects.summary.asksElse' : 'projects.summary.asks', { first, what: CHOICE.format(held) });
}

/** What it can do at all. Commands can look around, too; an agent that plans has no tools that change or run anything. */
function listRisks(rules: SummedRules, tools: AgentAbilities['tools']): Risk[] {
  const found = new Set(tools.filter(({ name }) => exists(name, rules)).map(({ risk }) => risk));
  // Tools that the program is not known to have are taken for the worst.
  if (rules.tools.some((name) => !tools.some((tool) => tool.name === name))) found.add('runs');
  if (rules.mode === 'plan') for (const risk of ['changes', 'runs'] as const) found.delete(risk);
  else if (found.has('runs')) found.add('reads');
  return RISKS.filter((risk) => found.has(risk));
}

/** What needs no word of anybody's. */
function sayFree({ mode }: SummedRules, ways: ReadonlyMap<Risk, Way>): string[] {
  const reads = ways.get('reads');
  // Where files may be changed, commands that only change files of the folder run as well.
  const changes = ways.get('changes') === 'free' || (mode === 'edit' && ways.has('runs'));
  const network = ways.get('network');
  return [
    ...(reads === undefined
      ? []
      : [t(reads === 'free' ? 'projects.summary.may.readsAll' : 'projects.summary.may.reads')]),
    ...(changes
      ? [
          t(
            reads === 'held' || reads === 'partly'
              ? 'projects.summary.may.changes'
              : 'projects.summary.may.changesAlone',
          ),
        ]
      : []),
    ...(ways.get('runs') === 'free' ? [t('projects.summary.may.runs')] : []),
    ...(network === undefined
      ? []
      : [t(network === 'free' ? 'projects.summary.may.network' : 'projects.summary.may.pages')]),
  ];
}

/** What is put to the person, or refused. */
function sayHeld({ mode }: SummedRules, ways: ReadonlyMap<Risk, Way>): string[] {
  const isHeld = (risk: Risk) => ways.has(risk) && ways.get(risk) !== 'free';
  const changesHere = mode === 'edit' && (ways.has('changes') || ways.has('runs'));
  // A program that may run anything reads anything.
  const reads = isHeld('reads') && ways.get('runs') !== 'free';
  return [
    ...(changesHere && ways.get('runs') !== 'free' ? [t('projects.summary.before.elsewhere')] : []),
    ...(!changesHere && reads ? [t('projects.summary.before.reads')] : []),
    ...(!changesHere && isHeld('changes') ? [t('projects.summary.before.changes')] : []),
    ...(isHeld('runs') ? [t(changesHere ? 'projects.summary.before.runsMore' : 'projects.summary.before.runs')] : []),
    ...(isHeld('network') ? [t('projects.summary.before.network')] : []),
  ];
}

function sayItsEnd({ maxTurns, maxBudgetUsd }: SummedRules): string {
  return t('projects.summary.end', { count: maxTurns, budget: `$${maxBudgetUsd.toFixed(2)}` });
}

function readWay(risk: Risk, rules: SummedRules, tools: AgentAbilities['tools']): Way {
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
