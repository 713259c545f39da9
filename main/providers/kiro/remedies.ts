// What is done about an attempt that has failed before it said anything: another login, another way, the same again after a
// while, a smaller request, or nothing. Decides only; the trying is done in `call.ts`.
import type { GatewayError } from '../../canonical/errors.ts';
import { isDeadEndpoint, readSuspicion, type Suspicion } from './endpoints.ts';

/** How an attempt has failed. */
export interface Failure {
  readonly error: GatewayError;
  /** The body of a refusal; absent where the answer had begun, or none came. */
  readonly refusal?: { readonly status: number; readonly text: string };
  /** The answer was complete and said nothing. */
  readonly empty?: true;
}

/** What can be done about it. */
export type Remedy =
  /** The login may be over, or the way wrong: renew once, then take another way. */
  | { readonly type: 'renew' }
  | { readonly type: 'way'; readonly suspicion: Suspicion }
  /** The same again after a while. */
  | { readonly type: 'again'; readonly waitMs: number }
  /** The same without something that the upstream has refused. */
  | { readonly type: 'change'; readonly change: keyof RequestChanges }
  | { readonly type: 'none' };

/** What is left out of a request that was refused with it. */
export interface RequestChanges {
  /** Earlier thinking, whose signatures do not fit. */
  readonly withoutSignatures?: true;
  /** How much the model is to think. */
  readonly withoutFields?: true;
  /** The oldest turns; only where the person allows it. */
  readonly trimmed?: true;
}

const FIRST_WAIT_MS = 1_000;
const FIRST_CAPACITY_WAIT_MS = 5_000;
/** A client is better told to come back than kept waiting for longer. */
const MOST_WAIT_MS = 20_000;

const CAPACITY = /INSUFFICIENT_MODEL_CAPACITY/i;
const SUSPENDED = /suspend|locked your account/i;
const ODD_ACTIVITY = /suspicious activity/i;

/** The remedy for a failure; `round` counts those of the same request that went before it. */
export function chooseRemedy({ error, refusal, empty }: Failure, round: number): Remedy {
  if (empty) return { type: 'again', waitMs: 0 };
  const { kind, code = '', message } = error;
  const words = `${code} ${message} ${refusal?.text ?? ''}`;
  if (kind === 'aborted' || SUSPENDED.test(words)) return { type: 'none' };
  const suspicion = refusal === undefined ? undefined : readSuspicion(refusal.status, refusal.text);
  if (suspicion !== undefined) return { type: 'way', suspicion };
  if (/THINKING_SIGNATURE_INVALID/i.test(words)) return { type: 'change', change: 'withoutSignatures' };
  if (/additionalModelRequestFields/i.test(words)) return { type: 'change', change: 'withoutFields' };
  if (/improperly formed|CONTENT_LENGTH_EXCEEDS_THRESHOLD/i.test(words) || error.kind === 'too-large')
    return { type: 'change', change: 'trimmed' };
  if (/FEATURE_NOT_SUPPORTED/i.test(words)) return { type: 'none' };
  if (kind === 'unauthorized' || kind === 'forbidden') return { type: 'renew' };
  if (refusal === undefined && isDeadEndpoint(code)) return { type: 'way', suspicion: 'endpoint' };
  return error.retryable ? chooseWait(error, words, round) : { type: 'none' };
}

function chooseWait({ kind, retryAfterMs }: GatewayError, words: string, round: number): Remedy {
  // The upstream watches the account: asking again at once is what it watches for.
  if (ODD_ACTIVITY.test(words)) return { type: 'none' };
  const first = CAPACITY.test(words) ? FIRST_CAPACITY_WAIT_MS : FIRST_WAIT_MS;
  const waitMs = retryAfterMs ?? (kind === 'timeout' ? 0 : first * 2 ** round);
  return waitMs > MOST_WAIT_MS ? { type: 'none' } : { type: 'again', waitMs };
}
