// What a failure means for what comes next: whether somebody else can serve, and whether who failed rests. One table for all
// providers; they have put their own words into the house's before. Keeps nothing and decides no order.
import type { ErrorKind, GatewayError } from '../canonical/errors.ts';

/**
 * Where the request can go. `account`: another account may serve it, of this model or of another. `model`: only another model
 * may. `stop`: nobody would do better.
 */
export type NextStep = 'account' | 'model' | 'stop';

/** How the one that failed rests. */
export interface RestRule {
  /** All of the account, or only the model that was asked. */
  readonly scope: 'account' | 'model';
  /** `told` is not in here: it replaces a guess wherever the upstream names the end. */
  readonly cause: 'guessed' | 'failed';
  /** Failures in a row, from which on it rests without the upstream's word. */
  readonly after: number;
  /** Length of the first guess and of the longest, in milliseconds; each is twice the one before. Absent: it has no end. */
  readonly guess?: { readonly firstMs: number; readonly mostMs: number };
  /** What the person can do. */
  readonly advice?: string;
}

/** What a failure means. */
export interface FailureClass {
  readonly next: NextStep;
  /** The same may be asked of the same account again, where the rules ask for that. */
  readonly mayRepeat: boolean;
  /** Absent where it says nothing about the account. */
  readonly rest?: RestRule;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** Most limits of requests and tokens are counted by the minute, and five minutes see the longest of them through. */
const RATE_GUESS = { firstMs: 5 * SECOND_MS, mostMs: 5 * MINUTE_MS };

/** Plans come back by the hours or when somebody pays; two hours late is the most that anybody should wait for what is there. */
const QUOTA_GUESS = { firstMs: 15 * MINUTE_MS, mostMs: 2 * HOUR_MS };

/** Overload passes within seconds or minutes. */
const HICCUP_GUESS = { firstMs: 5 * SECOND_MS, mostMs: 2 * MINUTE_MS };

/** One failure of these is a hiccup and no reason to leave an account, whose caches are warm; a second one is. */
const HICCUPS = 2;

/** A model that is missing may be new, renamed, or just being loaded. */
const MISSING_GUESS = { firstMs: MINUTE_MS, mostMs: 10 * MINUTE_MS };

/** Permissions are given by people: they change within minutes at best. */
const FORBIDDEN_GUESS = { firstMs: 10 * MINUTE_MS, mostMs: 2 * HOUR_MS };

const LOGIN_ADVICE = 'Mend its sign-in under Accounts and test it there: a test that goes well ends this.';
const RIGHTS_ADVICE = 'Look at what this account may use; it is asked last until then.';
const SUSPENDED_ADVICE = 'Only the upstream can lift that; test the account when it has.';

const STOP: FailureClass = { next: 'stop', mayRepeat: false };
const OTHER_MODEL: FailureClass = { next: 'model', mayRepeat: false };
/** It lies in how its provider is made, and another provider may offer the same name. */
const OTHER_ACCOUNT: FailureClass = { next: 'account', mayRepeat: false };

const RESTS: Readonly<Partial<Record<ErrorKind, RestRule>>> = {
  unauthorized: { scope: 'account', cause: 'failed', after: 1, advice: LOGIN_ADVICE },
  forbidden: { scope: 'model', cause: 'failed', after: 1, guess: FORBIDDEN_GUESS, advice: RIGHTS_ADVICE },
  'not-found': { scope: 'model', cause: 'guessed', after: 1, guess: MISSING_GUESS },
  'rate-limited': { scope: 'model', cause: 'guessed', after: 1, guess: RATE_GUESS },
  'quota-exhausted': { scope: 'account', cause: 'guessed', after: 1, guess: QUOTA_GUESS },
  overloaded: { scope: 'model', cause: 'guessed', after: HICCUPS, guess: HICCUP_GUESS },
  timeout: { scope: 'model', cause: 'guessed', after: HICCUPS, guess: HICCUP_GUESS },
  upstream: { scope: 'model', cause: 'guessed', after: HICCUPS, guess: HICCUP_GUESS },
};

/** The kinds of failure that make somebody rest. */
export const RESTING_KINDS: ReadonlySet<unknown> = new Set(Object.keys(RESTS));

/** An account that its upstream has closed is closed for every model. */
const SUSPENDED: RestRule = { scope: 'account', cause: 'failed', after: 1, advice: SUSPENDED_ADVICE };

/** Nobody answers at that address, whichever model is asked for. */
const UNREACHABLE: RestRule = { scope: 'account', cause: 'guessed', after: HICCUPS, guess: HICCUP_GUESS };

/** What the failure means. */
export function classifyFailure(error: GatewayError): FailureClass {
  if (isTooLong(error)) return OTHER_MODEL;
  if (error.kind === 'unsupported') return OTHER_ACCOUNT;
  const rest = findRest(error);
  return rest === undefined ? STOP : { next: 'account', mayRepeat: error.retryable, rest };
}

function findRest(error: GatewayError): RestRule | undefined {
  const { kind, code = '', status, provider } = error;
  // Where no upstream has said it, it is the router that knows no such model, or a session that is gone.
  if (kind === 'not-found' && status === undefined && provider === undefined) return undefined;
  if (kind === 'forbidden' && /suspend|deactivat|disabled|terminat/i.test(code)) return SUSPENDED;
  if (kind === 'upstream' && status === undefined && isConnectionCode(code)) return UNREACHABLE;
  return RESTS[kind];
}

/** Codes of Node's and of its HTTP client. */
function isConnectionCode(code: string): boolean {
  return /^(?:E[A-Z_]{3,}|UND_ERR_\w+|[A-Z_]*CERT[A-Z_]*|ERR_(?:SSL|TLS)_\w+)$/.test(code);
}

/** Many servers have no code for it, and say it in nearly the same words. */
function isTooLong({ kind, code = '', message }: GatewayError): boolean {
  if (kind === 'too-large') return true;
  if (kind !== 'invalid-request') return false;
  return (
    code === 'context_length_exceeded' || /maximum context length|exceeds? the context (?:window|size)/i.test(message)
  );
}
