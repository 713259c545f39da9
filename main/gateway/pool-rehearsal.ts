// What the pool would do with a request whose every attempt fails, stage after stage, without doing any of it: each attempt
// takes a turn, and so decides who is asked in the stages behind.
import { comparePlaces, findPlaces, findRing, type Place, type PoolFacts, TIER } from './pool-order.ts';
import type { Candidate } from './route-plan.ts';

/**
 * Every member of every stage in the order in which it would be taken, had each before it failed without a rest; those that are
 * shut come last in their stage and take no turn. The facts stay as they are.
 */
export function rehearse(stages: readonly (readonly Candidate[])[], facts: PoolFacts): readonly (readonly Place[])[] {
  let turn = AFTER_ALL;
  const turns = new Map<string, number>();
  const loads = new Map<string, number>();
  const rings = new Map<string, string>();
  const imagined: PoolFacts = {
    ...facts,
    lastTurn: (account) => turns.get(account) ?? facts.lastTurn(account),
    load: (account) => loads.get(account) ?? facts.load(account),
    current: (ring) => rings.get(ring) ?? facts.current(ring),
  };
  return stages.map((members) => {
    const places = findPlaces(members, imagined).sort(comparePlaces);
    const tried = new Set<Candidate>();
    for (const place of places.filter(({ tier }) => tier !== TIER.shut)) {
      const { id } = place.candidate.account;
      const ring = findRing(place, places, imagined.current, (candidate) => tried.has(candidate));
      if (ring !== undefined) rings.set(ring, id);
      loads.set(id, (imagined.load(id) ?? place.group.start) + 1);
      turn += 1;
      turns.set(id, turn);
      tried.add(place.candidate);
    }
    return places;
  });
}

/** No real turn is counted that far. */
const AFTER_ALL = Number.MAX_SAFE_INTEGER / 2;
