// Members of one provider and one priority: those among whom the provider's strategy chooses.
import type { Routing, Strategy } from '../../shared/routing.ts';
import type { Candidate } from './route-plan.ts';

/** Members among whom a strategy chooses. */
export interface PoolGroup {
  readonly provider: string;
  readonly priority: number;
  /** Place of the provider among the providers: they are asked in the order of their first member. */
  readonly order: number;
  readonly strategy: Strategy;
  readonly isSticky: boolean;
  readonly members: readonly Candidate[];
  /** Under which name is kept which account the group is at, where one is filled before the next. */
  readonly ring: string | undefined;
  /** Index of that account. */
  readonly at: number;
  /** The load of a newcomer before its first request: with it, it has the least of the others', or it would get all for hours. */
  readonly start: number;
}

/** What is to be known for that. */
export interface GroupFacts {
  readonly rules: Pick<Routing, 'pools' | 'accounts'>;
  /** How many requests the account had lately, faded; undefined where it never had one. */
  load(account: string): number | undefined;
  /** The account that a ring is at. */
  current(ring: string): string | undefined;
}

const DEFAULT_POOL = { strategy: 'failover', sticky: true } as const;

/** Whether conversations stay with accounts of this provider. */
export const isStickyProvider = ({ pools }: GroupFacts['rules'], provider: string): boolean =>
  (pools[provider] ?? DEFAULT_POOL).sticky;

/** The groups in the order of their first members; each member is in one. */
export function groupMembers(members: readonly Candidate[], facts: GroupFacts): readonly PoolGroup[] {
  const groups: { provider: string; priority: number; order: number; members: Candidate[] }[] = [];
  let providers = 0;
  for (const candidate of members) {
    const { provider, id } = candidate.account;
    const priority = facts.rules.accounts[id]?.priority ?? 0;
    const group = groups.find((one) => one.provider === provider && one.priority === priority);
    if (group !== undefined) {
      group.members.push(candidate);
      continue;
    }
    const order = groups.find((one) => one.provider === provider)?.order ?? providers++;
    groups.push({ provider, priority, order, members: [candidate] });
  }
  return groups.map((group) => {
    const { strategy, sticky } = facts.rules.pools[group.provider] ?? DEFAULT_POOL;
    const ring = strategy === 'fill-first' ? nameRing(group) : undefined;
    const at = ring === undefined ? 0 : findIndex(group.members, facts.current(ring));
    const start = strategy === 'least-used' ? findStart(group.members, facts) : 0;
    return { ...group, strategy, isSticky: sticky, ring, at, start };
  });
}

/** Models rest apart from each other, so each has its ring. */
const nameRing = ({ provider, priority, members }: Pick<PoolGroup, 'provider' | 'priority' | 'members'>) =>
  [provider, priority, members[0]?.model].join('\n');

const findIndex = (members: readonly Candidate[], id: string | undefined) =>
  Math.max(
    0,
    members.findIndex(({ account }) => account.id === id),
  );

function findStart(members: readonly Candidate[], { load }: GroupFacts): number {
  const loads = members.flatMap(({ account }) => load(account.id) ?? []);
  return loads.length === 0 ? 0 : Math.max(0, Math.min(...loads) - 1);
}
