// What Kiro's refusals mean: for the person, as an error that says what to do; for the caller, as the one step that may help.
// The same words come as an answer of their own and as an exception inside a stream.
import { type ErrorKind, GatewayError, readStatusKind } from '../../canonical/errors.ts';
import { readRetryAfterMs } from '../../http/errors.ts';
import { ID } from './formats.ts';

/** What the caller does next: ask for another login, ask elsewhere, ask again, or give the error to the client. */
export type NextStep = 'refresh' | 'next-endpoint' | 'retry' | 'fatal';

/** What of the request has to change for another try to make sense. */
export type NeededChange = 'smaller' | 'without-signatures' | 'without-fields' | 'profile';

/** A refusal. */
export interface KiroFailure {
  readonly error: GatewayError;
  readonly step: NextStep;
  readonly change?: NeededChange;
}

/** What was refused, for words that name it. */
export interface RefusedRequest {
  readonly model: string;
  readonly bytes: number;
}

interface Refusal {
  readonly status: number;
  /** Name of the exception, where one was told. */
  readonly type: string;
  readonly message: string;
  readonly reason: string | undefined;
}

interface Verdict {
  readonly kind: ErrorKind;
  readonly step: NextStep;
  readonly text?: string;
  readonly code?: string;
  readonly change?: NeededChange;
}

/** The failure that an answer with another status than 200 stands for; `text` is its body. */
export function readKiroFailure(
  answer: { readonly status: number; readonly headers: Readonly<Record<string, string | string[] | undefined>> },
  text: string,
  refused?: RefusedRequest,
): KiroFailure {
  const { status, headers } = answer;
  const header = headers['x-amzn-errortype'];
  const refusal = { status, ...readBody(text, typeof header === 'string' ? header : undefined) };
  return write(refusal, refused, readRetryAfterMs(headers, Date.now()));
}

const STATUS_OF_EXCEPTION: readonly (readonly [name: RegExp, status: number])[] = [
  [/Throttling|TooManyRequests/, 429],
  [/ServiceQuotaExceeded/, 402],
  [/AccessDenied|ExpiredToken|Unauthorized/, 403],
  [/Validation|ContentLength|Conflict/, 400],
  [/ResourceNotFound/, 404],
  [/ServiceUnavailable/, 503],
];

/** The failure that an exception inside a stream stands for. */
export function readKiroException(type: string, text: string, message?: string): KiroFailure {
  const status = STATUS_OF_EXCEPTION.find(([name]) => name.test(type))?.[1] ?? 500;
  const body = readBody(text, type);
  return write({ status, ...body, message: body.message || message || '' }, undefined, undefined);
}

function readBody(text: string, type = ''): Omit<Refusal, 'status'> {
  let body: { message?: unknown; Message?: unknown; reason?: unknown; __type?: unknown } = {};
  try {
    body = (JSON.parse(text) ?? {}) as typeof body;
  } catch {
    return { type: shortType(type), message: /^\s*</.test(text) ? '' : text.trim().slice(0, 300), reason: undefined };
  }
  const { message, Message, reason, __type: own } = body;
  const words = [message, Message].find((value) => typeof value === 'string' && value !== '');
  return {
    type: shortType(type || (typeof own === 'string' ? own : '')),
    message: typeof words === 'string' ? words : '',
    reason: typeof reason === 'string' && reason !== '' ? reason : undefined,
  };
}

/** `namespace#Name:http://…` is `Name`. */
const shortType = (type: string) => type.replace(/^.*#/, '').replace(/:.*$/, '');

function write(refusal: Refusal, refused: RefusedRequest | undefined, retryAfterMs: number | undefined): KiroFailure {
  const { status, reason, type } = refusal;
  const { kind, step, text, code, change } = judge(refusal, refused);
  const said = refusal.message === '' ? `Kiro answered HTTP ${status} without a word.` : refusal.message;
  const message = text ?? (reason === undefined ? said : `${said} (reason: ${reason})`);
  const error = new GatewayError(kind, message, {
    provider: ID,
    status,
    retryAfterMs,
    code: code ?? reason ?? (type || undefined),
    retryable: step === 'retry' ? undefined : false,
  });
  return change === undefined ? { error, step } : { error, step, change };
}

function judge(refusal: Refusal, refused: RefusedRequest | undefined): Verdict {
  const { status, message, reason = '', type } = refusal;
  const said = `${type} ${reason} ${message}`;
  if (/SUSPENDED|is suspended|locked your account/i.test(said) || status === 423) return SUSPENDED;
  if (/CONTENT_LENGTH_EXCEEDS|ContentLengthExceeded|input is too long/i.test(said) || status === 413)
    return { ...TOO_LONG, text: `Prompt is too long: Kiro does not take so much at once${told(refused)}.` };
  const known = KNOWN_REASONS[reason];
  if (known !== undefined) return typeof known === 'function' ? known(refused) : known;
  if ((status === 400 || status === 403) && WRONG_ENDPOINT.test(said))
    return { kind: 'upstream', step: 'next-endpoint' };
  switch (status) {
    case 400:
      return judgeForm(message, refused);
    case 401:
    case 403:
      return { kind: 'unauthorized', step: 'refresh', text: explainLogin(message) };
    case 404:
    case 405:
      return { kind: 'not-found', step: 'next-endpoint' };
    case 402:
      return { ...QUOTA, text: explainQuota(reason) };
    case 429:
      if (/suspicious activity/i.test(message)) return { kind: 'rate-limited', step: 'fatal', text: UNUSUAL_USE };
      return { kind: 'rate-limited', step: 'retry' };
    case 524:
      return { kind: 'timeout', step: 'retry' };
    default:
      if (/high load/i.test(message)) return { kind: 'overloaded', step: 'retry' };
      return status >= 400 && status < 500
        ? { kind: readStatusKind(status), step: status === 408 ? 'retry' : 'fatal' }
        : { kind: readStatusKind(status), step: 'retry' };
  }
}

const WRONG_ENDPOINT = /UnknownOperation|invalid signature|endpoint not found|unsupported endpoint/i;

function judgeForm(message: string, refused: RefusedRequest | undefined): Verdict {
  const invalid = { kind: 'invalid-request', step: 'fatal' } as const;
  if (/improperly formed/i.test(message)) {
    const text = `Kiro refused the request as improperly formed, without saying why${told(refused)}. It says the same of requests that are too large: if the conversation is long, shorten it.`;
    return { ...invalid, change: 'smaller', text };
  }
  if (/profileArn/i.test(message)) {
    const text = `Kiro does not know which profile this login belongs to: ${message}`;
    return { ...invalid, change: 'profile', text };
  }
  if (/additionalModelRequestFields/i.test(message)) return { ...invalid, change: 'without-fields' };
  return invalid;
}

const told = (refused: RefusedRequest | undefined) =>
  refused === undefined ? '' : ` (it had ${refused.bytes.toLocaleString('en-US')} bytes)`;

const SUSPENDED: Verdict = {
  kind: 'forbidden',
  step: 'fatal',
  code: 'TEMPORARILY_SUSPENDED',
  text: 'AWS has suspended this account for now. Only its support can lift that: https://support.aws.amazon.com/#/contacts/kiro',
};

const TOO_LONG: Verdict = {
  kind: 'invalid-request',
  step: 'fatal',
  code: 'context_length_exceeded',
  change: 'smaller',
};

const QUOTA: Verdict = { kind: 'quota-exhausted', step: 'fatal' };

const UNUSUAL_USE =
  'AWS has limited this account for a while because of what it calls unusual activity. Wait, and ask less often.';

const KNOWN_REASONS: Readonly<Record<string, Verdict | ((refused: RefusedRequest | undefined) => Verdict)>> = {
  INVALID_MODEL_ID: (refused) => ({
    kind: 'not-found',
    step: 'fatal',
    code: 'model_not_found',
    text: `Kiro does not offer ${refused === undefined ? 'this model' : `the model ${refused.model}`} to this account: its name may be wrong, or its plan may lack it (reason: INVALID_MODEL_ID).`,
  }),
  THINKING_SIGNATURE_INVALID: { kind: 'invalid-request', step: 'fatal', change: 'without-signatures' },
  FEATURE_NOT_SUPPORTED: {
    kind: 'forbidden',
    step: 'fatal',
    text: 'The plan of this account does not include what was asked for (reason: FEATURE_NOT_SUPPORTED).',
  },
  MONTHLY_REQUEST_COUNT: { ...QUOTA, text: explainQuota('MONTHLY_REQUEST_COUNT') },
  DAILY_REQUEST_COUNT: { ...QUOTA, text: explainQuota('DAILY_REQUEST_COUNT') },
  OVERAGE_REQUEST_LIMIT_EXCEEDED: { ...QUOTA, text: explainQuota('OVERAGE_REQUEST_LIMIT_EXCEEDED') },
  CONVERSATION_LIMIT_EXCEEDED: { ...QUOTA, text: explainQuota('CONVERSATION_LIMIT_EXCEEDED') },
  INSUFFICIENT_MODEL_CAPACITY: { kind: 'overloaded', step: 'retry' },
  MODEL_TEMPORARILY_UNAVAILABLE: { kind: 'overloaded', step: 'retry' },
};

function explainQuota(reason: string): string {
  const why = reason === '' ? '' : ` (reason: ${reason})`;
  const what =
    reason === 'DAILY_REQUEST_COUNT'
      ? 'The requests of this account for today are used up'
      : reason === 'OVERAGE_REQUEST_LIMIT_EXCEEDED'
        ? 'The credits of this account and what it may spend beyond them are used up'
        : reason === 'CONVERSATION_LIMIT_EXCEEDED'
          ? 'The account has reached its limit of conversations'
          : 'The credits of this account for this month are used up';
  return `${what}${why}. See https://app.kiro.dev/account/usage`;
}

function explainLogin(message: string): string {
  const words = message === '' ? '' : ` It said: ${message}`;
  return `Kiro refused the login of this account: it has ended, or it belongs to another profile or region.${words}`;
}
