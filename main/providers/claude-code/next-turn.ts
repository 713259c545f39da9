// What becomes of a program whose reply is complete: one that ended its turn waits for the next; where calls of its own are
// open another one takes up the conversation; any other is ended. Reads no lines.
import type { Reply } from '../../canonical/collect.ts';
import type { Lock } from './lock.ts';
import { namePoint } from './point.ts';
import type { ClaudePool, Kind } from './pool.ts';
import type { ClaudeProcess } from './process.ts';
import type { ClaudeLines } from './request.ts';
import type { NextStep } from './stream.ts';
import { createTeller } from './tell.ts';
import type { WireTurn } from './turns.ts';

/** What the next turn of a conversation needs. */
export interface NextTurnOptions {
  readonly pool: ClaudePool;
  readonly kind: Kind;
  readonly lines: ClaudeLines;
  readonly clientKey: string | undefined;
  readonly lock: Lock;
}

/** The next turn of one conversation. */
export interface NextTurn {
  /** Sees to the program, which has nothing more to say to this request; no reply where it could not be kept in mind. */
  prepare(step: Exclude<NextStep, 'wait'>, claude: ClaudeProcess | undefined, reply: Reply | undefined): void;
  /** The program has said that its turn is over. */
  endTurn(): void;
}

/** A program whose input is closed ends by itself within milliseconds. */
const GRACE_MS = 2_000;

/** Prepares the turn after the one in `lines`. */
export function createNextTurn({ pool, kind, lines, clientKey, lock }: NextTurnOptions): NextTurn {
  const { setup, turns, tools } = lines;
  let endTurn = () => {};
  const name = (said: readonly WireTurn[]): string | undefined => {
    try {
      return namePoint(clientKey, setup, said);
    } catch {
      return undefined; // arguments that nest too deeply to be gone through
    }
  };
  /** The turn ends with its result; a program that does not say so is not to be trusted with another. */
  const awaitTurnEnd = (answered: ClaudeProcess) =>
    new Promise<ClaudeProcess | undefined>((resolve) => {
      const giveUp = () => {
        answered.finish(0);
        resolve(undefined);
      };
      const timer = setTimeout(giveUp, GRACE_MS);
      endTurn = () => {
        endTurn = () => {};
        answered.resume();
        answered.listen({ onLine: () => {}, onAsk: tools.answer });
        lock
          .open(answered)
          .then(() => resolve(answered), giveUp)
          .finally(() => clearTimeout(timer));
      };
    });
  const takeUp = (point: string, past: readonly WireTurn[]) =>
    pool.ready(kind, point, async (other) => {
      const teller = createTeller(() => other.finish(0));
      other.listen({ onLine: teller.onLine, onAsk: tools.answer, onEnd: teller.stop });
      const refused = await teller.tell(other, setup, lines.writeHistory(past));
      if (refused === undefined) return;
      other.finish(0);
      throw refused;
    });

  return {
    prepare: (step, claude, reply) => {
      const said = reply && [...turns, lines.writeReply(reply.parts)];
      const point = said && name(said);
      if (step === 'finish') {
        if (claude === undefined || point === undefined || !pool.park(kind, point, awaitTurnEnd(claude)))
          claude?.finish(GRACE_MS);
      } else if (point !== undefined && said !== undefined && reply?.finishReason.kind === 'tool-calls') {
        // Calls of its own are open, so it cannot go on: another one takes up the conversation.
        takeUp(point, said);
      }
      if (reply !== undefined) pool.warm(kind);
    },
    endTurn: () => endTurn(),
  };
}
