// What every stream of steps to the GUI has in common: it ends with its listener, and a failure is a step like any other.
import type { CheckStep } from '../../shared/views.ts';
import { readError } from '../canonical/errors.ts';

/** Ends when the client goes away, even while a step is awaited; what is thrown becomes a failed step. */
export async function* guardSteps<Step extends CheckStep>(
  open: () => AsyncIterable<Step> | undefined,
  signal: AbortSignal,
): AsyncGenerator<Step | CheckStep> {
  const gone = new Promise<undefined>((resolve) => {
    signal.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  let steps: AsyncIterator<Step> | undefined;
  try {
    steps = open()?.[Symbol.asyncIterator]();
    while (steps !== undefined && !signal.aborted) {
      const next = await Promise.race([steps.next(), gone]);
      if (next === undefined || next.done) return;
      yield next.value;
    }
  } catch (error) {
    const { message } = readError(error);
    if (!signal.aborted) yield { id: 'failure', label: 'Test', state: 'failed', detail: message };
  } finally {
    // Not awaited: a step that hangs must not hold the answer open.
    void steps?.return?.()?.catch(() => {});
  }
}
