// Writes errors in OpenAI's shape, which several dialects share; the kit knows no face.
import type { ErrorKind, GatewayError } from '../../canonical/errors.ts';
import type { WireAnswer } from '../protocol.ts';

const ERRORS: Readonly<Record<ErrorKind, readonly [status: number, type: string, code: string | null]>> = {
  'invalid-request': [400, 'invalid_request_error', null],
  unauthorized: [401, 'authentication_error', 'invalid_api_key'],
  forbidden: [403, 'permission_error', null],
  'not-found': [404, 'invalid_request_error', 'model_not_found'],
  conflict: [409, 'invalid_request_error', 'conflict'],
  'too-large': [413, 'invalid_request_error', 'request_too_large'],
  'rate-limited': [429, 'rate_limit_error', 'rate_limit_exceeded'],
  'quota-exhausted': [429, 'insufficient_quota', 'insufficient_quota'],
  overloaded: [503, 'server_error', 'overloaded'],
  timeout: [504, 'server_error', 'timeout'],
  aborted: [499, 'server_error', 'aborted'],
  unsupported: [501, 'invalid_request_error', 'unsupported'],
  upstream: [502, 'server_error', 'upstream_error'],
  internal: [500, 'server_error', 'internal_error'],
};

/** The `error` object of a refused request or a broken stream. */
export function writeErrorObject(error: GatewayError): {
  message: string;
  type: string;
  param: string | null;
  code: string | null;
} {
  const [, type, code] = ERRORS[error.kind];
  return { message: error.message, type, param: error.param ?? null, code: error.code ?? code };
}

/** An error answer: the upstream's own status where it gave one, and how long it asks to wait. */
export function writeError(error: GatewayError): WireAnswer {
  const [status] = ERRORS[error.kind];
  const headers: Record<string, string> = {};
  if (error.retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(error.retryAfterMs / 1000));
  // Without it the official clients repeat whatever has a status of 500 or more.
  if (!error.retryable) headers['x-should-retry'] = 'false';
  return {
    status: error.status !== undefined && error.status >= 400 ? error.status : status,
    headers,
    body: { error: writeErrorObject(error) },
  };
}
