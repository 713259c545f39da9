// Puts members of a pool in the order in which they are asked, and says why each is where it is. Looks only: what it looks at
// stays as it is.
import type { Routing, Standing, Strategy } from '../../shared/routing.ts';
import { writeMoment } from '../util/time-words.ts';
import type { Hold } from './rests.ts';
import type { Candidate } from './route-plan.ts';

/** What is to be known of the accounts. */
export interface PoolFacts {
  readonly rules: Pick<Routing, 'pools' | 'accounts'>;
  findHold(account: string, model: string): Hold | undefined;
  running(account: string): number;
  /** By the count of turns, when it had its last; 0 for never. */
  lastTurn(account: string): number;
  /** How many requests it had lately, faded; undefined where it never had one. */
  load(account: string): number | undefined;
  /** The account that a provider which fills one first is at. */
  current(ring: string): string | undefined;
  /** The account that has answered the conversation. */
  stickyAccount: string | undefined;
}

/** How soon a member is asked, by what holds it back. */
export const TIER = { ready: 0, busy: 1, guessed: 2, failed: 3, held: 4, shut: 5 } as const;

/** A member with all that decides its place. */
export interface Place {
  readonly candidate: Candidate;
  readonly tier: number;
  /** No place is free there. */
  readonly isFull: boolean;
  readonly hold: Hold | undefined;
  readonly isSticky: boolean;
  readonly strategy: Strategy;
  readonly priority: number;
  /** Place of its provider among the providers. */
  readonly group: number;
  /** Among those of its provider; the lower comes first, the second decides where the first is the same. */
  readonly first: number;
  readonly second: number;
  readonly index: number;
  /** Most requests at a time; 0 for any number. */
  readonly most: number;
  /** The load that it starts with where it had none: as the least of the others, or it would get all requests for hours. */
  readonly start: number;
}

/** What the ring of a provider that fills one account first is called. */
export const nameRing = ({ account, model }: Candidate) => `${account.provider}\n${model}`;

const DEFAULT_POOL = { strategy: 'failover', sticky: true } as const;

/** Whether conversations stay with accounts of this provider. */
export const isStickyProvider = ({ pools }: PoolFacts['rules'], provider: string): boolean =>
  (pools[provider] ?? DEFAULT_POOL).sticky;

interface Group {
  readonly order: number;
  readonly strategy: Strategy;
  readonly sticky: boolean;
  readonly members: Candidate[];
  /** Index of the account that it is at, for the ring. */
  at: number;
  /** The least load of those that have one. */
  start: number;
}

/** Who never had a request comes before all that had one. */
const NEWCOMER = -1;

/** All members with their places, in their own order. */
export function findPlaces(members: readonly Candidate[], facts: PoolFacts): Place[] {
  const groups = groupMembers(members, facts);
  const seen = new Map<Group, number>();
  return members.map((candidate, index) => {
    const { account, model } = candidate;
    const group = groups.get(account.provider) as Group;
    const position = seen.get(group) ?? 0;
    seen.set(group, position + 1);
    const rules = facts.rules.accounts[account.id];
    const most = rules?.concurrency ?? 0;
    const running = facts.running(account.id);
    const isFull = most > 0 && running >= most;
    const hold = facts.findHold(account.id, model);
    const [first, second] = weigh(candidate, group, position, running, facts);
    const isSticky = group.sticky && facts.stickyAccount === account.id;
    const tier = findTier(hold, isFull);
    const { order, strategy, start } = group;
    const priority = rules?.priority ?? 0;
    return {
      candidate,
      tier,
      isFull,
      hold,
      isSticky,
      strategy,
      priority,
      group: order,
      first,
      second,
      index,
      most,
      start,
    };
  });
}

function groupMembers(members: readonly Candidate[], { rules, load, current }: PoolFacts): Map<string, Group> {
  const groups = new Map<string, Group>();
  for (const candidate of members) {
    const { provider } = candidate.account;
    let group = groups.get(provider);
    if (group === undefined) {
      const { strategy, sticky } = rules.pools[provider] ?? DEFAULT_POOL;
      group = { order: groups.size, strategy, sticky, members: [], at: 0, start: 0 };
      groups.set(provider, group);
    }
    group.members.push(candidate);
  }
  for (const group of groups.values()) {
    const [head] = group.members;
    if (group.strategy === 'fill-first' && head !== undefined) {
      const id = current(nameRing(head));
      group.at = Math.max(
        0,
        group.members.findIndex(({ account }) => account.id === id),
      );
    }
    if (group.strategy === 'least-used') {
      const loads = group.members.flatMap(({ account }) => load(account.id) ?? []);
      group.start = loads.length === 0 ? 0 : Math.min(...loads);
    }
  }
  return groups;
}

function weigh(
  { account }: Candidate,
  { strategy, members, at }: Group,
  position: number,
  running: number,
  facts: PoolFacts,
): readonly [first: number, second: number] {
  switch (strategy) {
    case 'failover':
      return [position, 0];
    case 'round-robin':
      return [facts.lastTurn(account.id), position];
    case 'fill-first':
      return [(position - at + members.length) % members.length, 0];
    case 'least-used':
      return [running, facts.load(account.id) ?? NEWCOMER];
    default:
      return strategy satisfies never;
  }
}

function findTier(hold: Hold | undefined, isFull: boolean): number {
  if (hold === undefined) return isFull ? TIER.busy : TIER.ready;
  if (hold.isShut) return TIER.shut;
  if (isFull) return TIER.held;
  return hold.isFailed ? TIER.failed : TIER.guessed;
}

/** Negative where `one` is asked before `other`; never 0 for two members. */
export function comparePlaces(one: Place, other: Place): number {
  if (one.tier !== other.tier) return one.tier - other.tier;
  if (one.tier <= TIER.busy && one.isSticky !== other.isSticky) return one.isSticky ? -1 : 1;
  if (one.tier === TIER.guessed || one.tier === TIER.shut) {
    const before = compareEnds(one.hold?.until, other.hold?.until);
    if (before !== 0) return before;
  }
  return (
    other.priority - one.priority ||
    one.group - other.group ||
    one.first - other.first ||
    one.second - other.second ||
    one.index - other.index
  );
}

function compareEnds(one: number | undefined, other: number | undefined): number {
  if (one === other) return 0;
  if (one === undefined) return 1;
  return other === undefined ? -1 : one - other;
}

/** The standing as the window shows it. */
export function readStanding({ tier, hold }: Place): Standing {
  if (hold !== undefined) return hold.isFailed ? 'failed' : 'resting';
  return tier === TIER.busy ? 'busy' : 'ready';
}

/** Why it has this place, in one sentence; `count` is how many members there are. */
export function explainPlace(place: Place, count: number, now: number): string {
  const { tier, hold, most } = place;
  if (hold !== undefined) return explainHold(hold, now);
  if (tier === TIER.busy)
    return most === 1 ? 'It is busy: the one place at it is taken.' : `It is busy: all ${most} places at it are taken.`;
  if (place.isSticky) return 'It has answered this conversation.';
  if (count === 1) return 'The only account that offers it.';
  switch (place.strategy) {
    case 'failover':
      return place.index === 0 ? 'The first in the list.' : 'The next in the list that can serve.';
    case 'round-robin':
      return 'Its turn: its last one was the longest ago.';
    case 'fill-first':
      return place.first === 0 ? 'The one in use until it cannot serve.' : 'The next one round that can serve.';
    case 'least-used':
      return 'It had the least to do lately.';
    default:
      return place.strategy satisfies never;
  }
}

function explainHold({ isShut, isFailed, cause, text, until }: Hold, now: number): string {
  const end = until === undefined ? '' : ` until ${writeMoment(until, now)}`;
  if (cause === 'hand') return until === undefined ? 'It rests until you say otherwise.' : `It rests${end}: your wish.`;
  if (isShut) return `It rests${end}: ${text}`;
  return isFailed ? `Asked last, as it failed: ${text}` : `Asked last${end}, as it failed lately: ${text}`;
}
