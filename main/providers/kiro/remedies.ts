// What is done about an attempt that has failed before it said anything: another login, another way, the same again after a
// while, a smaller request, or nothing. Decides only; the trying is done in `call.ts`.
import { GatewayError } from '../../canonical/errors.ts';
import { isDeadEndpoint, type Suspicion } from './endpoints.ts';
import type { KiroFailure, NeededChange } from './errors.ts';

/** How an attempt has failed: refused as a whole, or broken before its first word. */
export interface Failure extends Partial<Pick<KiroFailure, 'step' | 'change'>> {
  readonly error: GatewayError;
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

const CHANGES = {
  'without-signatures': 'withoutSignatures',
  'without-fields': 'withoutFields',
  smaller: 'trimmed',
} as const satisfies Record<Exclude<NeededChange, 'profile'>, keyof RequestChanges>;

/** The remedy for a failure; `round` counts those of the same request that went before it. */
export function chooseRemedy({ error, step, change }: Failure, round: number): Remedy {
  if (change === 'profile') return { type: 'way', suspicion: 'profile' };
  if (change !== undefined) return { type: 'change', change: CHANGES[change] };
  switch (step) {
    case 'refresh':
      return { type: 'renew' };
    case 'next-endpoint':
      return { type: 'way', suspicion: 'endpoint' };
    case 'fatal':
      return { type: 'none' };
    case 'retry':
      return chooseWait(error, round);
    case undefined:
      return chooseForBroken(error, round);
    default:
      return step satisfies never;
  }
}

/** What broke off before its first word: the connection, or an exception inside a stream that had status 200. */
function chooseForBroken(error: GatewayError, round: number): Remedy {
  if (error.kind === 'unauthorized') return { type: 'renew' };
  if (error.status === undefined && isDeadEndpoint(error.code)) return { type: 'way', suspicion: 'endpoint' };
  return error.retryable ? chooseWait(error, round) : { type: 'none' };
}

function chooseWait({ kind, code, retryAfterMs }: GatewayError, round: number): Remedy {
  const first = code === 'INSUFFICIENT_MODEL_CAPACITY' ? FIRST_CAPACITY_WAIT_MS : FIRST_WAIT_MS;
  const waitMs = retryAfterMs ?? (kind === 'timeout' ? 0 : first * 2 ** round);
  return waitMs > MOST_WAIT_MS ? { type: 'none' } : { type: 'again', waitMs };
}

/** The last failure, with how often it was tried. */
export function tellAttempts(error: GatewayError, attempts: number): GatewayError {
  if (attempts === 1) return error;
  const { kind, message, retryable, retryAfterMs, status, code, param, provider } = error;
  const details = { retryable, retryAfterMs, status, code, param, provider, cause: error };
  return new GatewayError(kind, `${message} (${attempts} attempts)`, details);
}
