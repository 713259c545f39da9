// The one error of the house. Providers map into it once, faces map out of it once, retry policy reads `kind` only.

/** What went wrong, in the house's own words; a face turns it into its client's status and type. */
export type ErrorKind =
  | 'invalid-request'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  /** What is asked for is taken, or busy with something else. */
  | 'conflict'
  | 'too-large'
  | 'rate-limited'
  | 'quota-exhausted'
  | 'overloaded'
  | 'timeout'
  | 'aborted'
  | 'unsupported'
  | 'upstream'
  | 'internal';

/** Everything a `GatewayError` may carry besides its kind and message. */
export interface ErrorDetails {
  /** Whether the same request may succeed on a second try; by default decided by the kind. */
  readonly retryable?: boolean;
  /** How long the upstream asks callers to wait, in milliseconds. */
  readonly retryAfterMs?: number;
  /** HTTP status the upstream answered with, kept so that the client sees the true one. */
  readonly status?: number;
  /** Machine-readable code as the upstream named it (`context_length_exceeded`, `model_not_found`, ...). */
  readonly code?: string;
  /** The request field at fault, as a path in the client's own body. */
  readonly param?: string;
  /** Id of the provider that failed; absent when the fault is the client's or ours. */
  readonly provider?: string;
  /** What caused it; for the log, never for the client. */
  readonly cause?: unknown;
}

const RETRYABLE: ReadonlySet<ErrorKind> = new Set(['rate-limited', 'overloaded', 'timeout', 'upstream']);

/** An error that a client may be told about: `message` is written for the person who reads it. */
export class GatewayError extends Error {
  override readonly name = 'GatewayError';
  readonly kind: ErrorKind;
  readonly retryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly status: number | undefined;
  readonly code: string | undefined;
  readonly param: string | undefined;
  readonly provider: string | undefined;

  constructor(kind: ErrorKind, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.kind = kind;
    this.retryable = details.retryable ?? RETRYABLE.has(kind);
    this.retryAfterMs = details.retryAfterMs;
    this.status = details.status;
    this.code = details.code;
    this.param = details.param;
    this.provider = details.provider;
  }
}

/** The `GatewayError` inside `thrown`, or an `internal` one that keeps it as its cause. */
export function readError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', 'Patchbay failed on this request; its log has the details.', { cause: thrown });
}

/** The kind that an upstream's HTTP status stands for, where its body says nothing better. */
export function readStatusKind(status: number): ErrorKind {
  switch (status) {
    case 401:
      return 'unauthorized';
    case 402:
      return 'quota-exhausted';
    case 403:
      return 'forbidden';
    case 404:
      return 'not-found';
    case 408:
    case 504:
      return 'timeout';
    case 413:
      return 'too-large';
    case 429:
      return 'rate-limited';
    case 501:
      return 'unsupported';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status >= 400 && status < 500 ? 'invalid-request' : 'upstream';
  }
}
