// Turns what goes wrong between us and an upstream into a `GatewayError` that a person can act on.
import { type ErrorKind, GatewayError, readStatusKind } from '../canonical/errors.ts';
import type { UpstreamResponse } from './client.ts';
import { readToldWaitMs } from './told-wait.ts';

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ECONNRESET: 'the connection was reset',
  ENOTFOUND: 'its name is not known (DNS)',
  EAI_AGAIN: 'its name could not be looked up (DNS); is this machine online?',
  EHOSTUNREACH: 'there is no way to that host',
  ENETUNREACH: 'there is no way to that network; is this machine online?',
  EPIPE: 'the connection was closed while the request was sent',
  UND_ERR_SOCKET: 'the connection was closed',
  UND_ERR_CONNECT_TIMEOUT: 'it did not take the connection in time',
  UND_ERR_INVALID_ARG: 'the key or the address holds a character that HTTP cannot carry',
  ETIMEDOUT: 'it did not take the connection in time',
  CERT_HAS_EXPIRED: 'its TLS certificate has expired',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its TLS certificate is self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'its TLS certificate is self-signed',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'its TLS certificate cannot be verified',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS; should the address begin with http:// instead?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its TLS certificate is for another name',
};

/** What a broken connection to `url` means; `answering` where the answer had begun. */
export function readConnectionError(error: Error, url: URL, answering = false): GatewayError {
  if (error instanceof GatewayError) return error;
  const code = readCode(error);
  if (code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT') {
    const what =
      code === 'UND_ERR_HEADERS_TIMEOUT'
        ? 'did not begin to answer in time'
        : 'was silent for too long in the middle of its answer';
    return new GatewayError('timeout', `${url.host} ${what}.`, { cause: error });
  }
  if (answering) {
    const message = 'The upstream closed the connection in the middle of its answer.';
    return new GatewayError('upstream', message, { cause: error });
  }
  return new GatewayError('upstream', `No answer from ${url.origin}: ${describeConnectionFault(error)}.`, {
    cause: error,
    code: code || undefined,
  });
}

/** Why a connection did not come about, as a part of a sentence. */
export function describeConnectionFault(error: Error): string {
  const code = readCode(error);
  return REASONS[code] ?? (error.message || code);
}

function readCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error instanceof AggregateError) return readCode(error.errors[0]);
  if ('code' in error && typeof error.code === 'string') return error.code;
  return readCode(error.cause);
}

/** How long the upstream asks to wait, from `retry-after-ms` or `retry-after` (seconds or a date), in milliseconds. */
export function readRetryAfterMs(headers: UpstreamResponse['headers'], nowMs: number): number | undefined {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const value = headers['retry-after'];
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return seconds >= 0 ? seconds * 1000 : undefined;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** Refusals that pass by themselves: others speak of a wait that ends nothing. */
const WAITING: ReadonlySet<ErrorKind> = new Set(['rate-limited', 'overloaded']);

/** The error that a non-2xx answer (or its body, given as text) stands for; the upstream's own words are kept. */
export function readErrorAnswer(
  response: Pick<UpstreamResponse, 'status' | 'headers'>,
  text: string,
  provider: string,
): GatewayError {
  const { status, headers } = response;
  const { message, code, param, type } = readErrorBody(text);
  const kind = isQuota(code, type, message) ? 'quota-exhausted' : readStatusKind(status);
  const now = Date.now();
  return new GatewayError(kind, message ?? describeBody(status, text), {
    status,
    code: code ?? type,
    param,
    provider,
    retryAfterMs:
      readRetryAfterMs(headers, now) ?? (WAITING.has(kind) ? readToldWaitMs(headers, text, now) : undefined),
    retryable: kind === 'quota-exhausted' ? false : undefined,
  });
}

/** The error that an upstream reports within an answer whose status is good. */
export function readErrorInside(error: unknown, provider: string): GatewayError {
  const { message, code, param, type } = readErrorBody(JSON.stringify({ error }));
  const text = message ?? 'The upstream reported an error in the middle of its answer.';
  return new GatewayError(readSaidKind(message, code, type), text, { provider, code: code ?? type, param });
}

function readSaidKind(message: string | undefined, code: string | undefined, type: string | undefined): ErrorKind {
  const words = `${code ?? ''} ${type ?? ''}`;
  if (isQuota(code, type, message)) return 'quota-exhausted';
  if (/overload|capacity/.test(words)) return 'overloaded';
  if (/rate_limit/.test(words)) return 'rate-limited';
  if (/authentication_error|invalid_api_key/.test(words)) return 'unauthorized';
  if (/permission_error/.test(words)) return 'forbidden';
  // Some put the status here that they would have answered with.
  return /^[45]\d\d$/.test(code ?? '') ? readStatusKind(Number(code)) : 'upstream';
}

interface ErrorBody {
  message?: string;
  code?: string;
  param?: string;
  type?: string;
}

/** The fields of an error body in any of the usual shapes; empty where the text is none of them. */
export function readErrorBody(text: string): ErrorBody {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return {};
  }
  if (Array.isArray(body)) body = body[0]; // Google's OpenAI-compatible API wraps its error in a list
  if (typeof body !== 'object' || body === null) return typeof body === 'string' ? { message: body } : {};
  const outer = body as Record<string, unknown>;
  const inner = outer.error;
  if (typeof inner === 'string') return { message: readText(outer.message) ?? inner, code: readText(outer.code) };
  const error = (typeof inner === 'object' && inner !== null ? inner : outer) as Record<string, unknown>;
  return {
    message: readText(error.message) ?? readText(outer.message) ?? readText(outer.detail) ?? readText(outer.msg),
    code: readText(error.code),
    param: readText(error.param),
    type: readText(error.type),
  };
}

function readText(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string' && value !== '') return value;
  // FastAPI's validation errors are a list of objects under `detail`.
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : undefined;
}

function isQuota(code: string | undefined, type: string | undefined, message: string | undefined): boolean {
  const names = `${code ?? ''} ${type ?? ''}`;
  return /insufficient_quota|exceeded_current_quota|billing_hard_limit/.test(names) && message !== undefined;
}

function describeBody(status: number, text: string): string {
  const start = text.trimStart().slice(0, 200);
  if (/^<(!doctype|html|head|body)/i.test(start)) {
    return `The upstream answered HTTP ${status} with a web page instead of JSON. Is the base URL right?`;
  }
  if (status >= 300 && status < 400) {
    return `The upstream answered HTTP ${status}, a redirect, which Patchbay does not follow. Is the base URL right?`;
  }
  return start === ''
    ? `The upstream answered HTTP ${status} without a word.`
    : `The upstream answered HTTP ${status}: ${start}`;
}
