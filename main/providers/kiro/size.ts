// What a request weighs, and which of its oldest turns go where the person has allowed that. A cut never parts a call from
// its result.
import { GatewayError } from '../../canonical/errors.ts';
import { ID } from './formats.ts';
import type { WireHistoryEntry } from './wire.ts';

/** The largest body that is known to be taken; the real limit was seen at about 615,000. */
export const MOST_BYTES = 600_000;

/** How many bytes a body may have, and what to do with a larger one. */
export interface SizeLimit {
  readonly mostBytes: number;
  /** Leaves out the oldest turns of what is too large; otherwise it is refused. */
  readonly trim: boolean;
}

/**
 * How many of the oldest `history` entries have to go so that `excessBytes` are saved: always up to an answer, so that
 * the calls in it keep their results and a question can be put before it, or all of them where the question that is left
 * carries no results. Undefined where even that is not enough.
 */
export function chooseCut(
  history: readonly WireHistoryEntry[],
  excessBytes: number,
  mayLeaveAll: boolean,
): number | undefined {
  let saved = 0;
  for (const [at, entry] of history.entries()) {
    if ('assistantResponseMessage' in entry && at > 0 && saved >= excessBytes) return at;
    saved += Buffer.byteLength(JSON.stringify(entry)) + 1;
  }
  return mayLeaveAll && history.length > 0 && saved >= excessBytes ? history.length : undefined;
}

/** The refusal of a body that is too large; its code is the one by which coding agents shorten a conversation. */
export function createSizeError(bytes: number, mostBytes: number, pictureBytes = 0): GatewayError {
  const of = `${bytes.toLocaleString('en-US')} bytes > ${mostBytes.toLocaleString('en-US')} maximum`;
  // No shorter conversation helps against pictures that fill it.
  const advice =
    pictureBytes > bytes / 2
      ? `Most of it are pictures (${pictureBytes.toLocaleString('en-US')} bytes): make them smaller or leave some out.`
      : 'Shorten the conversation, or let Patchbay leave out its oldest turns.';
  const message = `Prompt is too long: ${of} that Kiro takes. ${advice}`;
  const details = { provider: ID, code: 'context_length_exceeded', param: 'messages', status: 400 };
  return new GatewayError('invalid-request', message, details);
}
