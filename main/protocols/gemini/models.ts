// Writes what is known of models in Gemini's shape; what no upstream tells is left out.
import type { ServedModel } from '../../canonical/models.ts';

/** One model. */
export function writeModel({ id, info }: ServedModel): unknown {
  const { name, contextTokens, maxOutputTokens, abilities } = info;
  return {
    name: `models/${id}`,
    displayName: name ?? id,
    ...(contextTokens === undefined ? undefined : { inputTokenLimit: contextTokens }),
    ...(maxOutputTokens === undefined ? undefined : { outputTokenLimit: maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent', 'countTokens'],
    ...(abilities?.reasoning === undefined ? undefined : { thinking: abilities.reasoning }),
  };
}

/** The list of models, on one page. */
export function writeModels(models: readonly ServedModel[]): unknown {
  return { models: models.map(writeModel) };
}
