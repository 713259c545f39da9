// How a model is called where it may go by several names.
import type { ModelView } from '../../shared/views.ts';

/** The name that clients mostly ask for: without an account before it, wherever that leads to the model. */
export function readModelName({ id, names = [] }: ModelView): string {
  return names[0] ?? id;
}

/** Every name that leads to one of them, each once. */
export function listModelNames(models: readonly ModelView[]): string[] {
  return [...new Set(models.flatMap(({ id, names = [] }) => [...names, id]))];
}
