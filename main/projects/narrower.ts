// Whether new rules leave an agent less than it had. Compares rules as they stand; what a pattern covers it does not know.
import type { AgentMode, AgentRules } from '../../shared/projects.ts';

/** Each leaves more open than those before it: who asks may be allowed. */
const BY_REACH: readonly AgentMode[] = ['plan', 'listed', 'ask', 'edit', 'everything'];

/** Whether something that `before` gives is not given any more. */
export function isNarrower(before: AgentRules, after: AgentRules): boolean {
  return (
    (before.enabled && !after.enabled) ||
    (before.trustsFolder && !after.trustsFolder) ||
    BY_REACH.indexOf(after.mode) < BY_REACH.indexOf(before.mode) ||
    after.maxTurns < before.maxTurns ||
    after.maxBudgetUsd < before.maxBudgetUsd ||
    lacks(after.tools, before.tools) ||
    lacks(after.allow, before.allow) ||
    lacks(before.deny, after.deny)
  );
}

const lacks = (some: readonly string[], all: readonly string[]) => all.some((each) => !some.includes(each));
