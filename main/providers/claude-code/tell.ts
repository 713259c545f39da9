// Tells a program what was said before, in its order: the setup first, then one old turn after the other.
import type { JsonObject } from '../../canonical/conversation.ts';
import { type GatewayError, readError } from '../../canonical/errors.ts';
import { readFailure, writeFailure } from './failures.ts';
import type { ClaudeProcess } from './process.ts';

/** Tells one program its past. */
export interface Teller {
  /** Resolves when everything is told, or with the reason why the program did not take it. */
  tell(
    claude: ClaudeProcess,
    setup: readonly JsonObject[],
    history: readonly JsonObject[],
  ): Promise<GatewayError | undefined>;
  /** Takes what the program says meanwhile. */
  readonly onLine: (line: JsonObject) => void;
  /** The program has ended, or nobody wants to tell it more. */
  stop(): void;
}

/** A teller that has said nothing; `onRefusal` hears of a setup that the program does not take, at any time. */
export function createTeller(onRefusal: (error: GatewayError) => void): Teller {
  let acknowledge: ((failure?: GatewayError) => void) | undefined;
  let stopped = false;
  return {
    tell: async (claude, setup, history) => {
      for (const request of setup) claude.control(request).catch((error) => onRefusal(readError(error)));
      for (const line of history) {
        if (stopped) return undefined;
        const taken = new Promise<GatewayError | undefined>((resolve) => {
          acknowledge = resolve;
        });
        await claude.send(line);
        // The program is quicker with what the model said than with what the user said: without waiting they change places.
        const failure = line.type === 'user' && !stopped ? await taken : undefined;
        if (failure !== undefined) return failure;
      }
      return undefined;
    },
    onLine: (line) => {
      if (line.type === 'result') acknowledge?.(readEarlyFailure(line));
    },
    stop: () => {
      stopped = true;
      acknowledge?.();
    },
  };
}

function readEarlyFailure(line: JsonObject): GatewayError | undefined {
  if (line.is_error !== true) return undefined;
  return writeFailure(readFailure({ line, resetsAtMs: undefined, begun: false, stderr: '' }));
}
