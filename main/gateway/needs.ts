// Whether a model can do what a request needs. What an upstream does not tell of its model is taken to be there.
import type { ModelInfo } from '../canonical/models.ts';
import type { Needs } from './route-plan.ts';

/** What the model lacks, as the end of a sentence ("takes no images"); undefined where it may do. */
export function findLack(needs: Needs | undefined, info: ModelInfo | undefined): string | undefined {
  if (needs === undefined || info === undefined) return undefined;
  const { abilities, contextTokens } = info;
  // Looking at a need may take a walk through the request: what the model has is asked first.
  if (abilities?.tools === false && needs.tools) return 'cannot call tools';
  if (abilities?.images === false && needs.images) return 'takes no images';
  if (contextTokens === undefined || needs.contextTokens === undefined || needs.contextTokens <= contextTokens)
    return undefined;
  return `takes ${contextTokens} tokens and this is about ${needs.contextTokens}`;
}

/** Whether these models differ in anything that a request could need. */
export function differInAbility([first, ...others]: readonly (ModelInfo | undefined)[]): boolean {
  return others.some(
    (info) =>
      info?.contextTokens !== first?.contextTokens ||
      info?.abilities?.tools !== first?.abilities?.tools ||
      info?.abilities?.images !== first?.abilities?.images,
  );
}
