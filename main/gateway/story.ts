// Tells the log the way of one request in plain words: the rules, who was passed over, who was asked and what became of it.
import type { PathStep } from '../../shared/routing.ts';
import type { ErrorKind, GatewayError } from '../canonical/errors.ts';
import type { RequestRecord } from '../request-log/request-log.ts';
import type { Clock } from '../util/clock.ts';
import { writeDuration, writeMoment } from '../util/time-words.ts';
import type { Lease, Ranked } from './pool.ts';

/** The story so far. */
export interface Story {
  /** Calls to upstreams so far. */
  readonly calls: number;
  /** What the plan says of the next place to look at. */
  tell(steps: readonly PathStep[]): void;
  /** These were not asked, though nobody has failed before them. */
  skip(passed: readonly Ranked[]): void;
  /** It stood in line for so long, as all who offer that model were busy; `hasLeft`: until the client left. */
  queue(model: string, ms: number, hasLeft: boolean): void;
  /** The rules allow no further call, though somebody is left. */
  stop(most: number): void;
  /** This one is asked now. */
  begin(lease: Pick<Lease, 'candidate' | 'text'>): void;
  /** It has begun to answer. */
  answer(): void;
  /** It failed, before its first content or after it; `after` is how it stands now. */
  fail(error: GatewayError, after?: Ranked): void;
  /** The client left. */
  abort(): void;
}

/** More steps help nobody to understand, but for attempts, of which the rules allow no more than a hundred. */
const MOST_STEPS = 150;
/** Of those who were passed over in one place, more are only counted. */
const MOST_SKIPPED = 20;
/** Most characters of an upstream's words in one sentence. */
const MOST_WORDS = 300;
/** Shorter waits are nobody's complaint. */
const LEAST_QUEUE_MS = 100;

/** A story that begins with the steps of the plan. */
export function createStory(record: RequestRecord, clock: Clock, planned: readonly PathStep[]): Story {
  let calls = 0;
  let begunAt = 0;
  let path = planned.slice(0, MOST_STEPS);
  let asked: Pick<Lease, 'candidate' | 'text'> | undefined;
  const add = (step: PathStep) => {
    if (path.length < MOST_STEPS || step.kind === 'attempt') path = [...path, step];
  };
  /** Only the last attempt may still be told anew. */
  const end = (
    outcome: NonNullable<PathStep['outcome']>,
    text: string,
    details: Pick<PathStep, 'errorKind' | 'ms'>,
  ) => {
    const last = path.at(-1);
    if (last?.kind !== 'attempt') return;
    path = [...path.slice(0, -1), { ...last, ...details, text, outcome }];
    record.update({ path });
  };
  const readMs = () => path.at(-1)?.ms ?? Math.round((clock.uptime() - begunAt) * 10) / 10;
  const name = () => asked?.candidate.account.name ?? '';

  return {
    get calls() {
      return calls;
    },
    tell: (steps) => {
      if (steps.length === 0) return;
      for (const step of steps) add(step);
      record.update({ path });
    },
    skip: (passed) => {
      for (const { candidate, text } of passed.slice(0, MOST_SKIPPED)) {
        const { account, model } = candidate;
        add({ kind: 'skipped', text: `${account.name} was passed over. ${text}`, account: account.id, model });
      }
      const more = passed.length - MOST_SKIPPED;
      const others = more === 1 ? 'One more account was' : `${more} more accounts were`;
      if (more > 0) add({ kind: 'skipped', text: `${others} passed over.` });
      record.update({ path });
    },
    queue: (model, ms, hasLeft) => {
      if (ms < LEAST_QUEUE_MS && !hasLeft) return;
      const [busy, long] = [`all accounts that offer "${model}" were busy`, writeDuration(ms)];
      const left = `A${busy.slice(1)}, and the client left after ${long} in line.`;
      add({ kind: 'rule', text: hasLeft ? left : `It waited ${long} in line: ${busy}.` });
      record.update({ path });
    },
    stop: (most) => {
      const calls = most === 1 ? '1 call' : `${most} calls`;
      add({ kind: 'rule', text: `Nobody else was asked: one request makes ${calls} at most.` });
      record.update({ path });
    },
    begin: (lease) => {
      asked = lease;
      calls += 1;
      begunAt = clock.uptime();
      const { account, model } = lease.candidate;
      add({ kind: 'attempt', text: `${account.name} was asked. ${lease.text}`, account: account.id, model });
      // What an earlier attempt has spent is not what this one spends.
      const anew = calls > 1 ? { usage: undefined, firstTokenMs: undefined } : {};
      record.update({
        account: account.id,
        provider: account.provider,
        modelUsed: model,
        attempts: calls,
        path,
        ...anew,
      });
    },
    answer: () => {
      const ms = readMs();
      end('ok', `${name()} answered after ${writeDuration(ms)}. ${asked?.text ?? ''}`.trimEnd(), { ms });
    },
    fail: (error, after) => {
      const ms = readMs();
      const hasBegun = path.at(-1)?.outcome === 'ok';
      const what = hasBegun ? 'broke off in the middle of its answer' : (FAILED[error.kind] ?? 'could not serve this');
      const rest = after === undefined ? '' : describeRest(after, clock.now());
      const said = shorten(error.message);
      end('failed', `${name()} ${what}${rest}: ${said}`, { errorKind: error.kind, ms });
    },
    abort: () => {
      const ms = readMs();
      const when = path.at(-1)?.outcome === 'ok' ? 'in the middle of the answer' : 'before an answer began';
      end('aborted', `${name()} was asked, and the client left ${when}.`, { ms });
    },
  };
}

/** What an account did, by what became of the request. */
const FAILED: Partial<Record<ErrorKind, string>> = {
  unauthorized: 'did not let us in',
  forbidden: 'refused this',
  'not-found': 'does not have what was asked for',
  'rate-limited': 'was rate limited',
  'quota-exhausted': 'has used up its quota',
  overloaded: 'was overloaded',
  timeout: 'took too long',
  upstream: 'failed',
};

function describeRest({ standing, isShut, until }: Ranked, now: number): string {
  if (standing === 'failed' && until === undefined) return ' and is asked last from now on';
  if (standing === 'ready' || until === undefined) return '';
  return isShut ? ` and rests until ${writeMoment(until, now)}` : ` and is asked last until ${writeMoment(until, now)}`;
}

function shorten(words: string): string {
  return words.length > MOST_WORDS ? `${words.slice(0, MOST_WORDS)}…` : words;
}
