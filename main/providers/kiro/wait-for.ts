// Waiting for work that goes on for others, too.
import { GatewayError } from '../../canonical/errors.ts';

/** The result of `work`, or of `late` where that is sooner. Throws `GatewayError` when the caller hangs up; the work goes on. */
export async function waitFor<Result>(
  work: Promise<Result>,
  late: Promise<Result> | undefined,
  signal: AbortSignal,
): Promise<Result> {
  if (signal.aborted) {
    // Nobody else may be there to take its failure.
    work.catch(() => {});
    throw readGone(signal);
  }
  let leave = () => {};
  const gone = new Promise<never>((_resolve, reject) => {
    leave = () => reject(readGone(signal));
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race(late === undefined ? [work, gone] : [work, gone, late]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function readGone({ reason }: AbortSignal): GatewayError {
  if (reason instanceof GatewayError) return reason;
  return new GatewayError('aborted', 'The client hung up.', { cause: reason });
}
