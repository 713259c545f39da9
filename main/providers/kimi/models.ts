// The model list with what Kimi leaves out of it, and the other spellings under which its models are known.
import type { ModelInfo } from '../../canonical/models.ts';
import { findFamily, readBareName } from './families.ts';

/** The listed models with what is known of their families; what the upstream says itself counts. */
export function describeModels(models: readonly ModelInfo[]): readonly ModelInfo[] {
  return models.map((model) => {
    const { thinking, contextTokens } = findFamily(model.id);
    const known = thinking === 'unknown' ? undefined : thinking !== 'none';
    return {
      ...model,
      contextTokens: model.contextTokens ?? contextTokens,
      abilities: { ...model.abilities, tools: true, reasoning: model.abilities?.reasoning ?? known },
    };
  });
}

/** The listed model that `name` means: `moonshotai/Kimi-K2.6` is `kimi-k2.6`, and the other way round. */
export function recogniseModel(name: string, models: readonly ModelInfo[]): string | undefined {
  const bare = readBareName(name);
  const found = models.filter(({ id }) => readBareName(id) === bare);
  return found.length === 1 ? found[0]?.id : undefined;
}
