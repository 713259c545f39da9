// The names of models: each has a twin that leaves its thinking out, and older names that clients still use. Pure.
import type { ModelInfo } from '../../canonical/models.ts';

/** The model that is known where no list tells; the only one that the site has had lately. */
export const KNOWN_MODEL = 'MBZUAI-IFM/K2-Think-v2';
const WITHOUT_THINKING = '-nothink';

/** A model as it is asked for: the upstream's name, and whether its thinking is left out. */
export interface AskedModel {
  readonly id: string;
  readonly isQuiet: boolean;
}

/** The upstream's name behind a name that `listTwins` gives. */
export function readAskedModel(name: string): AskedModel {
  const isQuiet = name.toLowerCase().endsWith(WITHOUT_THINKING);
  return { id: isQuiet ? name.slice(0, -WITHOUT_THINKING.length) : name, isQuiet };
}

/** Each model and its twin without thinking. */
export function listTwins(models: readonly ModelInfo[]): ModelInfo[] {
  return models.flatMap((model) => {
    const quiet = { ...model, id: model.id + WITHOUT_THINKING, abilities: { ...model.abilities, reasoning: false } };
    if (model.name !== undefined) Object.assign(quiet, { name: `${model.name} without thinking` });
    return [model, quiet];
  });
}

/**
 * The model that another spelling means: `k2-think`, `K2Think-nothink`, and the first upstream name, which the site has
 * replaced by a newer version. A version that is not listed is no spelling of another.
 */
export function recogniseModel(name: string, models: readonly ModelInfo[]): string | undefined {
  const wanted = readSpelling(name);
  if (wanted === undefined) return undefined;
  const listed = models.map(({ id }) => ({ id, spelling: readSpelling(id) }));
  const isSame = (version: string) => (one: (typeof listed)[number]) =>
    one.spelling?.isQuiet === wanted.isQuiet && (version === '' || one.spelling.version === version);
  return listed.find(isSame(wanted.version))?.id;
}

function readSpelling(name: string): { version: string; isQuiet: boolean } | undefined {
  const plain = name
    .toLowerCase()
    .replace(/^mbzuai-ifm\//, '')
    .replaceAll(/[-_.\s]/g, '');
  const found = /^k2think(v\d+)?(nothink)?$/.exec(plain);
  return found === null ? undefined : { version: found[1] ?? '', isQuiet: found[2] !== undefined };
}
