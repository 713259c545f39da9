// Writes what is known of models in Ollama's shape. Its clients want fields of a model file (family, size, digest) that no
// upstream tells of: these stay empty or `unknown`, they are not made up.
import type { ServedModel } from '../../canonical/models.ts';

/** For VS Code the architecture must be a word, as another key begins with it. */
const UNKNOWN = 'unknown';
/** What Ollama itself writes for a time that it does not know. */
const NEVER = '0001-01-01T00:00:00Z';

const DETAILS = {
  parent_model: '',
  format: '',
  family: UNKNOWN,
  families: [UNKNOWN],
  parameter_size: '',
  quantization_level: '',
};

const writeTime = (seconds: number | undefined) =>
  seconds === undefined ? NEVER : new Date(seconds * 1000).toISOString();

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
