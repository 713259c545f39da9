// Reads what the program says of a failure: its error lines, its exit, its standard error. The upstream's own words are
// kept; words that only make sense at the program's own prompt become what to do here.
import type { JsonObject } from '../../canonical/conversation.ts';
import { type ErrorKind, GatewayError, readStatusKind } from '../../canonical/errors.ts';
import type { ProgramExit } from '../../subprocess/process.ts';
import { ID } from './names.ts';

/** What is known of a failed call to the upstream. */
export interface Failure {
  readonly status?: number;
  /** The upstream's error type (`rate_limit_error`, ...), or the program's word where there was no answer. */
  readonly type?: string;
  readonly text: string;
  readonly retryAfterMs?: number;
}

/** The error for a failed call. */
export function writeFailure({ status, type, text, retryAfterMs }: Failure): GatewayError {
  const message = cleanText(text);
  const kind = readKind(status, type, message);
  const details = { provider: ID, status, retryAfterMs, code: readCode(kind, type, message) };
  if (/not logged in|run \/login/i.test(text)) {
    const advice = 'Claude Code is not logged in. Run "claude auth login" in a terminal, then try again.';
    return new GatewayError('unauthorized', advice, { ...details, code: 'not_logged_in' });
  }
  return new GatewayError(kind, message, details);
}

/** The failure that an error line or an error result reports. */
export function readFailure(line: JsonObject, text: string, resetsAtMs: number | undefined): Failure {
  const status = typeof line.api_error_status === 'number' ? line.api_error_status : undefined;
  const type = readText(line.api_error) ?? readText(line.api_error_type) ?? readText(line.error);
  const wait = resetsAtMs === undefined ? undefined : Math.max(0, resetsAtMs - Date.now());
  return { status, type, text, retryAfterMs: wait };
}

/** Backs off without the upstream's asking begin with this, in milliseconds. */
const OWN_BACKOFF_MS = 1_000;

/**
 * The failure behind the line by which the program announces that it will ask again. That line has no words; they are on
 * the standard error. The delay is the upstream's `retry-after` plus up to a tenth; a shorter one is the program's own.
 */
export function readAnnouncedRetry(line: JsonObject, stderr: string, begun: boolean): Failure {
  const status = typeof line.error_status === 'number' ? line.error_status : undefined;
  const delayMs = typeof line.retry_delay_ms === 'number' ? line.retry_delay_ms : 0;
  const said = readStderr(stderr);
  const lost = begun
    ? 'The upstream closed the connection in the middle of its answer.'
    : `Claude Code got no answer from its upstream: ${said.text ?? 'the connection was lost'}`;
  return {
    status,
    type: said.type ?? readText(line.error),
    text: status === undefined ? lost : (said.text ?? `The upstream answered HTTP ${status}.`),
    retryAfterMs: delayMs >= OWN_BACKOFF_MS ? delayMs : undefined,
  };
}

/** The error for a program that ended without having answered. */
export function writeExit({ code, signal, failure, stderr }: ProgramExit): GatewayError {
  if (failure !== undefined) {
    const why = failure === 'EACCES' ? 'it may not be executed' : failure === 'ENOENT' ? 'it is not there' : failure;
    return new GatewayError('upstream', `Claude Code could not be started: ${why}.`, {
      provider: ID,
      retryable: false,
    });
  }
  const how = signal === undefined ? `with code ${code ?? 'unknown'}` : `by ${signal}`;
  const words = stderr.split('\n').findLast((line) => line.trim() !== '' && !/^\d{4}-\d\d-\d\dT|^\[/.test(line));
  const tail = words === undefined ? '' : ` It said: ${words.trim().slice(0, 300)}`;
  return new GatewayError('upstream', `Claude Code ended ${how} before its answer was complete.${tail}`, {
    provider: ID,
  });
}

function readKind(status: number | undefined, type: string | undefined, message: string): ErrorKind {
  if (/extra usage|credit balance|out of credits/i.test(message)) return 'quota-exhausted';
  if (type === 'usage_limit_reached') return 'rate-limited';
  if (/prompt is too long/i.test(message)) return 'invalid-request';
  if (status !== undefined && status >= 400) return readStatusKind(status);
  switch (type) {
    case 'authentication_failed':
    case 'authentication_error':
      return 'unauthorized';
    case 'rate_limit':
    case 'rate_limit_error':
      return 'rate-limited';
    case 'overloaded':
    case 'overloaded_error':
      return 'overloaded';
    case 'invalid_request':
    case 'invalid_request_error':
      return 'invalid-request';
    default:
      return 'upstream';
  }
}

function readCode(kind: ErrorKind, type: string | undefined, message: string): string | undefined {
  if (/prompt is too long/i.test(message)) return 'context_length_exceeded';
  if (kind === 'not-found') return 'model_not_found';
  return type === 'unknown' ? undefined : type;
}

/** The program's prefix goes, and its advice about the address that it was given: clients need not learn that. */
function cleanText(text: string): string {
  const cleaned = text
    .replace(/^(Failed to authenticate\. )?API Error: (\d{3} )?/, '')
    .replace(/^Request rejected \(\d{3}\) · /, '')
    .replace(/ This is a server-side issue.*$/s, '')
    .replace(/ Run --model to pick a different model\.?/, '')
    .replace(/Fix external API key/, 'check the key of this account')
    .trim();
  return cleaned === '' ? 'The upstream failed without a word.' : cleaned;
}

function readStderr(stderr: string): { type?: string; text?: string } {
  const found = [...stderr.matchAll(/API error \(attempt \d+\/\d+\): (?:\d+|undefined) (?:\d+ )?(.*)/g)].at(-1)?.[1];
  if (found === undefined) return {};
  try {
    const { error } = JSON.parse(found) as { error?: { type?: unknown; message?: unknown } };
    return { type: readText(error?.type), text: readText(error?.message) };
  } catch {
    return { text: found };
  }
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
