// Reads what the program says of a failure: its error lines, its exit, its standard error. The upstream's own words are
// kept; words that only make sense at the program's own prompt become what to do here.
import type { JsonObject } from '../../canonical/conversation.ts';
import { type ErrorKind, GatewayError, readStatusKind } from '../../canonical/errors.ts';
import { readErrorBody, readRetryAfterMs } from '../../http/errors.ts';
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

/** Newer programs' word for a plan's limit that will be lifted. */
const PLAN_LIMIT = 'usage_limit_reached';

/** The error for a failed call. */
export function writeFailure({ status, type, text, retryAfterMs }: Failure): GatewayError {
  const message = cleanText(text);
  const kind = readKind(status, type, message);
  const details = {
    provider: ID,
    status: kind === 'quota-exhausted' ? readQuotaStatus(status, retryAfterMs) : status,
    retryAfterMs,
    code: readCode(kind, type, message),
  };
  if (/not logged in|run \/login/i.test(text)) {
    const advice = 'Claude Code is not logged in. Sign in under Accounts, or run "claude auth login" in a terminal.';
    return new GatewayError('unauthorized', advice, { ...details, code: 'not_logged_in' });
  }
  return new GatewayError(kind, message, details);
}

/** What the program said of a failed call, and what was learned around it. */
export interface FailureReport {
  /** The line: a retry that the program announced, an error in an assistant's place, or an error result. */
  readonly line: JsonObject;
  /** When the limit that was hit is lifted, in milliseconds since 1970. */
  readonly resetsAtMs: number | undefined;
  /** The upstream had begun to answer. */
  readonly begun: boolean;
  readonly stderr: string;
}

/** The failure behind a report. The program's words come first; the upstream's own stand on its standard error. */
export function readFailure({ line, resetsAtMs, begun, stderr }: FailureReport): Failure {
  const said = readStderr(stderr);
  const limitMs = resetsAtMs === undefined ? undefined : Math.max(0, resetsAtMs - Date.now());
  const lost = begun
    ? 'The upstream closed the connection in the middle of its answer.'
    : `Claude Code got no answer from its upstream: ${said.text ?? 'the connection was lost.'}`;
  if (line.type === 'system') {
    const status = readNumber(line.error_status);
    const text = status === undefined ? lost : (said.text ?? `The upstream answered HTTP ${status}.`);
    const retryAfterMs = said.retryAfterMs ?? limitMs ?? readDelay(line);
    return { status, type: said.type ?? readText(line.error), text, retryAfterMs };
  }
  // Older programs do not repeat the upstream's status and type.
  const status = readNumber(line.api_error_status) ?? said.status;
  const named = readText(line.api_error) ?? readText(line.api_error_type) ?? said.type ?? readText(line.error);
  const type = limitMs === undefined ? named : PLAN_LIMIT;
  const words = readWords(line);
  // Older programs announce no second try here, and advise one.
  const text = status === undefined && /connection to the api was lost/i.test(words) ? lost : words;
  return { status, type, text, retryAfterMs: limitMs ?? said.retryAfterMs };
}

/** The delay before a retry is the upstream's `retry-after` and up to a quarter more; below a second it is nobody's. */
function readDelay({ retry_delay_ms: delayMs }: JsonObject): number | undefined {
  return typeof delayMs === 'number' && delayMs >= 1_000 ? Math.floor(delayMs / 1_000) * 1_000 : undefined;
}

function readWords({ message, result, errors }: JsonObject): string {
  const { content } = (message ?? {}) as { content?: readonly { readonly text?: string }[] };
  const texts = (content ?? []).map(({ text }) => text ?? '');
  if (typeof result === 'string') texts.push(result);
  if (texts.join('') === '' && Array.isArray(errors)) texts.push(errors.join(' '));
  return texts.join('');
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
  const words = stderr.split('\n').findLast((line) => /^[A-Za-z]\S* \S/.test(line)); // the rest is its debug log
  const tail = words === undefined ? '' : ` It said: ${words.trim().slice(0, 300)}`;
  return new GatewayError('upstream', `Claude Code ended ${how} before its answer was complete.${tail}`, {
    provider: ID,
  });
}

function readKind(status: number | undefined, type: string | undefined, message: string): ErrorKind {
  if (/extra usage|credit balance|out of credits/i.test(message)) return 'quota-exhausted';
  if (type === PLAN_LIMIT) return 'rate-limited';
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

/** The upstream calls it a bad request that nobody pays for more, where no client could mend its request. */
function readQuotaStatus(status: number | undefined, retryAfterMs: number | undefined): number {
  if (status === 402 || status === 429) return status;
  return retryAfterMs === undefined ? 402 : 429;
}

function readCode(kind: ErrorKind, type: string | undefined, message: string): string | undefined {
  if (/prompt is too long/i.test(message)) return 'context_length_exceeded';
  if (kind === 'not-found') return 'model_not_found';
  if (kind === 'quota-exhausted' && type?.startsWith('invalid_request')) return undefined;
  return type === 'unknown' ? undefined : type;
}

/** The program's prefix goes, and its advice about the address that it was given: clients need not learn that. */
function cleanText(text: string): string {
  const cleaned = text
    .replace(/^(Failed to authenticate\. )?API Error: (\d{3} )?/, '')
    .replace(/^Request rejected \(\d{3}\) · /, '')
    .replace(/ This is a server-side issue.*$/s, '')
    .replace(/ If it persists, check your inference gateway \([^)]*\)\./, '')
    .replace(/ Run --model to pick a different model\.?/, '')
    .replace(/Fix external API key/, 'check the key of this account')
    .trim();
  return cleaned === '' ? 'The upstream failed without a word.' : cleaned;
}

/** The last failed call in the program's debug log: the upstream's body, and how long it asks to wait. */
function readStderr(stderr: string): Partial<Failure> {
  const wait = /"(retry-after(?:-ms)?)": "([^"]+)"/.exec(stderr.slice(stderr.lastIndexOf('response error')));
  const retryAfterMs = wait?.[1] === undefined ? undefined : readRetryAfterMs({ [wait[1]]: wait[2] }, Date.now());
  const calls = [...stderr.matchAll(/API error \(attempt \d+\/\d+\): (\d+|undefined) (?:\d+ )?(.*)/g)];
  const [, code, body] = calls.at(-1) ?? [];
  if (body === undefined) return { retryAfterMs };
  const { message, type } = readErrorBody(body);
  return { status: Number(code) || undefined, retryAfterMs, type, text: message ?? body };
}

function readNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function readText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
