// Finds a model by the other name that its dialect has for it, where nobody serves the first.
import { readError } from '../canonical/errors.ts';
import type { Protocol } from '../protocols/protocol.ts';

/**
 * `model`, or its other name where only that is found, or only that is found for more than being unknown. `find` throws
 * `GatewayError` for what is not found. Never throws.
 */
export async function chooseName(
  protocol: Pick<Protocol, 'otherName'>,
  model: string,
  find: (name: string) => Promise<{ readonly isUnknown?: boolean }>,
): Promise<string> {
  const other = protocol.otherName?.(model);
  if (other === undefined) return model;
  try {
    const { isUnknown = false } = await find(model);
    if (!isUnknown) return model;
  } catch (thrown) {
    if (readError(thrown).kind !== 'not-found') return model;
  }
  return find(other).then(
    ({ isUnknown = false }) => (isUnknown ? model : other),
    () => model,
  );
}
