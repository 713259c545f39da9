// What is known of one model that several accounts serve: never more than holds for each of them.
import type { ModelInfo } from '../canonical/models.ts';

/** The least of the numbers, an ability only where all that tell have it, words where all say the same, else the first's. */
export function mergeInfos(infos: readonly ModelInfo[]): ModelInfo {
  const [first] = infos;
  if (first === undefined) return { id: '' };
  if (infos.length === 1) return first;
  const abilities = mergeAbilities(infos);
  return {
    ...first,
    contextTokens: findLeast(infos.map(({ contextTokens }) => contextTokens)),
    maxOutputTokens: findLeast(infos.map(({ maxOutputTokens }) => maxOutputTokens)),
    price: infos.every(({ price }) => price === first.price) ? first.price : undefined,
    abilities: Object.keys(abilities).length === 0 ? undefined : abilities,
  };
}

function findLeast(numbers: readonly (number | undefined)[]): number | undefined {
  const told = numbers.filter((number) => number !== undefined);
  return told.length === 0 ? undefined : Math.min(...told);
}

const ABILITIES = ['tools', 'images', 'reasoning'] as const;

function mergeAbilities(infos: readonly ModelInfo[]): NonNullable<ModelInfo['abilities']> {
  const merged: { -readonly [Name in (typeof ABILITIES)[number]]?: boolean } = {};
  for (const name of ABILITIES) {
    const told = infos.flatMap(({ abilities }) => abilities?.[name] ?? []);
    if (told.length > 0) merged[name] = told.every(Boolean);
  }
  return merged;
}
