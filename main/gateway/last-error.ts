// What a client is told when nobody could answer: of all that was said the words that help most, with when to come back.
import { GatewayError } from '../canonical/errors.ts';
import { nameAccount } from './attempt.ts';
import type { Ranked } from './pool.ts';
import type { Candidate } from './route-plan.ts';

/** A call that failed. */
export interface FailedTry {
  readonly candidate: Candidate;
  /** Without secrets. */
  readonly error: GatewayError;
}

/** More sentences are not read. */
const MOST_SENTENCES = 3;

interface Reason {
  /** Id of the account. */
  readonly account: string;
  readonly error: GatewayError;
  readonly sentence: string;
}

/**
 * One error for all of them: a single failure as it is; else the last that may pass by itself, or the last of all, with a
 * sentence for each account. At least one of the lists holds something.
 */
export function joinFailures(failed: readonly FailedTry[], shut: readonly Ranked[], now: number): GatewayError {
  const reasons = [...lastOfEach(failed).map(readFailed), ...shut.map((ranked) => readShut(ranked, now))];
  const main = reasons.findLast(({ error }) => error.retryable) ?? reasons.at(-1);
  if (main === undefined) return new GatewayError('overloaded', 'No account can serve this now.');
  if (reasons.length === 1) return main.error;
  const told = listDistinct([main, ...reasons.filter((reason) => reason !== main)]);
  const first = told.slice(0, MOST_SENTENCES);
  const named = new Set(first.map(({ account }) => account));
  const more = new Set(told.map(({ account }) => account)).size - named.size;
  const rest = more > 0 ? ` ${more === 1 ? 'One more account' : `${more} more accounts`} could not serve either.` : '';
  const message = first.map(({ sentence }) => endSentence(sentence)).join(' ') + rest;
  const { kind, retryable, status, code, param, provider } = main.error;
  const details = { retryable, retryAfterMs: readSoonest(reasons), status, code, param, provider, cause: main.error };
  return new GatewayError(kind, message, details);
}

/** The last failure of each candidate, in the order in which they failed. */
function lastOfEach(failed: readonly FailedTry[]): FailedTry[] {
  const isSame = (one: Candidate, other: Candidate) => one.account.id === other.account.id && one.model === other.model;
  return failed.filter(
    ({ candidate }, at) => !failed.slice(at + 1).some((later) => isSame(later.candidate, candidate)),
  );
}

/** Several models of an account fail in the same words. */
function listDistinct(reasons: readonly Reason[]): Reason[] {
  return reasons.filter(({ sentence }, at) => reasons.findIndex((other) => other.sentence === sentence) === at);
}

function readFailed({ candidate: { account }, error }: FailedTry): Reason {
  const named = nameAccount(error, account.name);
  return { account: account.id, error: named, sentence: named.message };
}

/** Who was not asked because of its rest is told of as if it had just refused. */
function readShut({ candidate: { account }, text, until, cause, errorKind }: Ranked, now: number): Reason {
  const sentence = text.startsWith('It ') ? `${account.name}${text.slice(2)}` : `${account.name}: ${text}`;
  const kind = errorKind ?? (cause === 'hand' ? 'overloaded' : 'rate-limited');
  const retryAfterMs = until === undefined ? undefined : Math.max(0, until - now);
  // Only the person ends such a rest: it says nothing of when the others may serve.
  const retryable = cause !== 'hand' || until !== undefined;
  return {
    account: account.id,
    error: new GatewayError(kind, sentence, { retryable, retryAfterMs, provider: account.provider }),
    sentence,
  };
}

/** When the first of them may serve again; unknown where one of them may do so at any time. */
function readSoonest(reasons: readonly Reason[]): number | undefined {
  const waits = reasons.filter(({ error }) => error.retryable).map(({ error }) => error.retryAfterMs);
  const known = waits.filter((wait) => wait !== undefined);
  return known.length === 0 || known.length < waits.length ? undefined : Math.min(...known);
}

const endSentence = (text: string) => (/[.!?…"]$/.test(text) ? text : `${text}.`);
