// Writes what is known of models in Ollama's shape. Its clients want fields of a model file (family, size, digest) that no
// upstream tells of: these stay empty or `unknown`, they are not made up.
import type { ServedModel } from '../../canonical/models.ts';

/** For VS Code the architecture must be a word, as another key begins with it. */
const UNKNOWN = 'unknown';
const DETAILS = {
  parent_model: '',
  format: '',
  family: UNKNOWN,
  families: [UNKNOWN],
  parameter_size: '',
  quantization_level: '',
};

/** Clients read a time out of it in any case: an unknown one, or one that is none, is the beginning of all. */
function writeTime(seconds: number | undefined): string {
  const time = new Date((seconds ?? 0) * 1000);
  return (Number.isNaN(time.getTime()) ? new Date(0) : time).toISOString();
}

/** The list of models. */
export function writeTags(models: readonly ServedModel[]): object {
  return {
    models: models.map(({ id, info }) => ({
      name: id,
      model: id,
      modified_at: writeTime(info.createdAt),
      size: 0,
      digest: '',
      details: DETAILS,
    })),
  };
}

/** One model. */
export function writeShow({ id, info }: ServedModel): object {
  const { tools, images, reasoning } = info.abilities ?? {};
  return {
    parameters: '',
    template: '',
    details: DETAILS,
    model_info: {
      'general.architecture': UNKNOWN,
      'general.basename': info.name ?? id,
      ...(info.contextTokens === undefined ? undefined : { [`${UNKNOWN}.context_length`]: info.contextTokens }),
    },
    // Few upstreams tell whether a model takes tools, and most do; some clients hide a model that does not say so.
    capabilities: [
      'completion',
      ...(tools === false ? [] : ['tools']),
      ...(images ? ['vision'] : []),
      ...(reasoning ? ['thinking'] : []),
    ],
    modified_at: writeTime(info.createdAt),
  };
}
