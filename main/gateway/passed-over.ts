// Who was passed over in a search, for its story and for what a client is told when nobody could answer.
import type { Lease, Pool, PoolWish, Ranked } from './pool.ts';
import type { Candidate, Stage } from './route-plan.ts';
import type { Story } from './story.ts';

/** Those who were passed over so far. */
export interface PassedOver {
  /** To be called with every lease of a stage; only the first tells the story something. */
  look(stage: Stage, lease: Lease | undefined): void;
  /** Those who were not asked, because nobody asks them before their rest ends. */
  listShut(asked: readonly Candidate[]): readonly Ranked[];
}

/** Nobody was passed over yet. */
export function createPassedOver(
  pool: Pick<Pool, 'rank'>,
  { story, wish }: { readonly story: Pick<Story, 'skip'>; readonly wish: PoolWish },
): PassedOver {
  const known = new Map<Candidate, Ranked>();
  const stages = new Set<Stage>();
  return {
    look: (stage, lease) => {
      if (stages.has(stage)) return;
      stages.add(stage);
      if (lease !== undefined && stage.members.length === 1) return;
      const ranked = pool.rank(stage.members, wish);
      const passed = ranked.filter(({ candidate, standing }) => candidate !== lease?.candidate && standing !== 'ready');
      if (passed.length === 0) return;
      for (const each of passed) known.set(each.candidate, each);
      story.skip(passed);
    },
    listShut: (asked) => [...known.values()].filter(({ candidate, isShut }) => isShut && !asked.includes(candidate)),
  };
}
