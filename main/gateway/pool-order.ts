// Puts members of a pool in the order in which they are asked, and says why each is where it is. Looks only: what it looks at
// stays as it is.
import type { Standing } from '../../shared/routing.ts';
import { writeMoment } from '../util/time-words.ts';
import { type GroupFacts, groupMembers, type PoolGroup } from './pool-groups.ts';
import type { Hold } from './rests.ts';
import type { Candidate } from './route-plan.ts';

/** What is to be known of the accounts. */
export interface PoolFacts extends GroupFacts {
  findHold(account: string, model: string): Hold | undefined;
  running(account: string): number;
  /** By the count of turns, when it had its last; 0 for never. */
  lastTurn(account: string): number;
  /** The account that has answered the conversation. */
  readonly stickyAccount: string | undefined;
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
  readonly group: PoolGroup;
  /** Among those of its group: the lower comes first, the second decides where the first is the same. */
  readonly first: number;
  readonly second: number;
  /** Among all members. */
  readonly index: number;
  /** Most requests at a time; 0 for any number. */
  readonly most: number;
}

/** Who never had a request comes before all that had one. */
const NEWCOMER = -1;

/** All members with their places; in no order. */
export function findPlaces(members: readonly Candidate[], facts: PoolFacts): Place[] {
  const places: Place[] = [];
  const indexes = new Map(members.map((member, index) => [member, index]));
  for (const group of groupMembers(members, facts))
    for (const [position, candidate] of group.members.entries()) {
      const { account, model } = candidate;
      const most = facts.rules.accounts[account.id]?.concurrency ?? 0;
      const running = facts.running(account.id);
      const isFull = most > 0 && running >= most;
      const hold = facts.findHold(account.id, model);
      const [first, second] = weigh(account.id, group, position, running, facts);
      const isSticky = group.isSticky && facts.stickyAccount === account.id;
      const index = indexes.get(candidate) ?? 0;
      places.push({
        candidate,
        tier: findTier(hold, isFull),
        isFull,
        hold,
        isSticky,
        group,
        first,
        second,
        index,
        most,
      });
    }
  return places;
}

function weigh(
  account: string,
  { strategy, members, at }: PoolGroup,
  position: number,
  running: number,
  facts: PoolFacts,
): readonly [first: number, second: number] {
  switch (strategy) {
    case 'failover':
      return [position, 0];
    case 'round-robin':
      return [facts.lastTurn(account), position];
    case 'fill-first':
      return [(position - at + members.length) % members.length, 0];
    case 'least-used':
      return [running, facts.load(account) ?? NEWCOMER];
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
    other.group.priority - one.group.priority ||
    one.group.order - other.group.order ||
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

/** The first that is neither shut nor tried. */
export function findBest(places: readonly Place[], isTried: (candidate: Candidate) => boolean): Place | undefined {
  let best: Place | undefined;
  for (const place of places) {
    if (place.tier === TIER.shut || isTried(place.candidate)) continue;
    if (best === undefined || comparePlaces(place, best) < 0) best = place;
  }
  return best;
}

/** The ring that moves on to the place that is taken; undefined where none does: the one that it is at can serve on. */
export function findRing(
  taken: Place,
  places: readonly Place[],
  current: PoolFacts['current'],
  isTried: (candidate: Candidate) => boolean,
): string | undefined {
  const { ring, members } = taken.group;
  // Where there was nothing to choose, nothing was chosen.
  if (ring === undefined || members.length === 1 || (taken.isSticky && taken.tier === TIER.ready)) return undefined;
  const id = current(ring);
  const at = places.find(({ group, candidate }) => group === taken.group && candidate.account.id === id);
  const canServe = at !== undefined && at.tier <= TIER.busy && !isTried(at.candidate);
  return canServe ? undefined : ring;
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
  const { priority } = place.group;
  const text = explainTurn(place);
  return priority === 0 ? text : `With priority ${priority}: ${text.charAt(0).toLowerCase()}${text.slice(1)}`;
}

function explainTurn(place: Place): string {
  switch (place.group.strategy) {
    case 'failover':
      return place.index === 0 ? 'The first in the list.' : 'The next in the list that can serve.';
    case 'round-robin':
      return 'Its turn: its last one was the longest ago.';
    case 'fill-first':
      return place.first === 0 ? 'The one in use until it cannot serve.' : 'The next one round that can serve.';
    case 'least-used':
      return 'It had the least to do lately.';
    default:
      return place.group.strategy satisfies never;
  }
}

function explainHold({ isShut, isFailed, cause, text, until }: Hold, now: number): string {
  const end = until === undefined ? '' : ` until ${writeMoment(until, now)}`;
  if (cause === 'hand') return until === undefined ? 'It rests until you say otherwise.' : `It rests${end}: your wish.`;
  if (isShut) return `It rests${end}: ${text}`;
  return isFailed ? `Asked last, as it failed: ${text}` : `Asked last${end}, as it failed lately: ${text}`;
}
