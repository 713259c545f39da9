// Finds a model by the other name that its dialect has for it, where nobody serves the first.
import { readError } from '../canonical/errors.ts';
import type { Protocol } from '../protocols/protocol.ts';

/** `model`, or its other name where only that is found. `find` throws `GatewayError` for what is not. Never throws. */
export async function chooseName(
  protocol: Pick<Protocol, 'otherName'>,
  model: string,
  find: (name: string) => Promise<unknown>,
): Promise<string> {
  const other = protocol.otherName?.(model);
  if (other === undefined) return model;
  try {
    await find(model);
  } catch (thrown) {
    if (readError(thrown).kind !== 'not-found') return model;
    return await find(other).then(
      () => other,
      () => model,
    );
  }
  return model;
}
