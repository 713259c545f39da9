// One reply, however often it has to be asked for: until the upstream has said something, another login, another way or the
// same again may mend a failure; afterwards nothing is asked again. What is written and read is handed in.
import { type GatewayError, readError } from '../../canonical/errors.ts';
import type { EventBatch, EventStream } from '../../canonical/events.ts';
import type { Credential } from '../../credentials/credential.ts';
import type { HttpClient, UpstreamResponse } from '../../http/client.ts';
import type { UpstreamLimits } from '../provider.ts';
import type { KiroAccess, KiroLogins } from './access.ts';
import { createTimeout, isEventStream, passOn, readFirst } from './call-reading.ts';
import { type Clock, readAbort } from './clock.ts';
import { type CallWay, findNextWay, isDeadEndpoint, listCallWays, orderWays, type Suspicion } from './endpoints.ts';
import type { KiroFailure } from './errors.ts';
import { JUST_RENEWED } from './formats.ts';
import { writeCallHeaders } from './headers.ts';
import { chooseRemedy, type Failure, type RequestChanges, tellAttempts } from './remedies.ts';

/** A request in the upstream's words, and the reader of its answer. */
export interface WrittenCall {
  /** The body. */
  readonly text: string;
  /** A reader for one answer. */
  createReader(): AnswerReader;
  /** Called once, when the upstream has begun to answer. */
  settle(): void;
}

/** Reads one answer. */
export interface AnswerReader {
  push(chunk: Buffer): EventBatch;
  /** What the end of the stream means: the rest, or an `error` where the answer was cut. */
  end(): EventBatch;
  readonly ended: boolean;
}

/** What one reply needs of those who write and read. */
export interface KiroCall {
  /** Writes for one way. Throws `GatewayError` where the request cannot be asked at all. */
  write(way: CallWay, changes: RequestChanges): WrittenCall;
  /** What a refusal of `written` means. */
  readRefusal(response: Pick<UpstreamResponse, 'status' | 'headers'>, text: string, written: WrittenCall): KiroFailure;
  /** Whether the person lets Patchbay leave out the oldest turns of what is too large. */
  readonly mayTrim: boolean;
  /** How long the upstream may take to its first sign of an answer, in milliseconds. */
  readonly firstTokenMs: number;
}

/** What calls are made with. */
export interface CallServices {
  readonly http: HttpClient;
  readonly logins: KiroLogins;
  readonly limits: () => UpstreamLimits;
  readonly clock: Clock;
}

/** What the caller is told of, and by whom it is stopped. */
interface CallContextOf {
  readonly credential: Credential;
  readonly signal: AbortSignal;
  note(text: string): void;
}

/** Makes calls; remembers which way has worked for an account. */
export type CallKiro = (call: KiroCall, context: CallContextOf) => EventStream;

/** How often the same is asked again before the failure is the client's. */
const MOST_ROUNDS = 2;
/** From the first attempt to the last, in milliseconds: more would outlast most clients' own patience. */
const BUDGET_MS = 9 * 60_000;

const CHANGE_NOTES: Readonly<Record<keyof RequestChanges, string>> = {
  withoutSignatures: 'Kiro refused the signature of earlier thinking; asked again without that thinking.',
  withoutFields: 'Kiro refused the fields for thinking with this model; asked again without them.',
  trimmed: 'Kiro refused the request as malformed or too large; asked again without its oldest turns.',
};

/** The way to replies. */
export function createCallKiro(services: CallServices): CallKiro {
  const { logins, clock } = services;
  return async function* converse(call, context) {
    const { account } = context.credential;
    const access = await logins.open(context.credential, context.signal);
    const ways = orderWays(listCallWays(access, account), access.way);
    const course: Course = {
      access,
      ways,
      way: ways[0] as CallWay,
      changes: {},
      renewed: access.kind === 'api-key',
      round: 0,
      refusal: undefined,
      attempt: 1,
      until: clock.now() + BUDGET_MS,
    };
    for (; ; course.attempt += 1) {
      const written = writeAgain(call, course);
      const begun = await tryOnce(services, call, written, course, context);
      if ('rest' in begun) {
        rememberWay(logins, course, context.credential);
        written.settle();
        yield* begun.rest;
        return;
      }
      course.last = begun.error;
      await mend(services, call, begun, course, context);
    }
  };
}

/** How far one reply has come. */
interface Course {
  access: KiroAccess;
  ways: readonly CallWay[];
  way: CallWay;
  changes: RequestChanges;
  /** The login was renewed for this reply, or cannot be. */
  renewed: boolean;
  /** How often the same was asked again. */
  round: number;
  /** What a way has said against the request before it was left for the next. */
  refusal: GatewayError | undefined;
  /** Counted from 1. */
  attempt: number;
  /** No further attempt begins after it, in milliseconds since 1970. */
  readonly until: number;
  /** How the attempt before has failed. */
  last?: GatewayError;
}

/** Only what differs from what is known is told; the reply does not wait for it. */
function rememberWay(logins: KiroLogins, { access, way }: Course, credential: Credential): void {
  const usual = access.way ?? listCallWays(access, credential.account)[0]?.id;
  // Who keeps it tells the log what goes wrong with that.
  if (way.id !== usual) logins.learnWay(credential, way.id).catch(() => {});
}

/** Writes the request. One that cannot be made small enough is refused with Kiro's own words, not with a limit it never named. */
function writeAgain(call: KiroCall, { way, changes, last }: Course): WrittenCall {
  try {
    return call.write(way, changes);
  } catch (error) {
    throw changes.trimmed && last !== undefined ? last : error;
  }
}

/** Makes the course ready for a next attempt. Throws the failure where nothing is left to do about it. */
async function mend(
  { logins, clock }: CallServices,
  call: KiroCall,
  failure: Failure,
  course: Course,
  { credential, signal, note }: CallContextOf,
): Promise<void> {
  // That a spare host is gone explains less than what the first one has said.
  const isGone = isDeadEndpoint(failure.error.code);
  const error = (isGone ? course.refusal : undefined) ?? failure.error;
  const takeNextWay = (suspicion: Suspicion) => {
    const { ways, way } = course;
    const next = findNextWay(ways, way, suspicion);
    if (next === undefined) throw error;
    if (!isGone) course.refusal ??= error;
    note(`Kiro did not take the request as ${way.id} (${shorten(failure.error.message)}); tried ${next.id}.`);
    course.way = next;
  };
  const remedy = chooseRemedy(failure, course.round);
  switch (remedy.type) {
    case 'renew':
      if (course.renewed) return takeNextWay('either');
      course.renewed = true;
      try {
        course.access = await logins.renew(credential, course.access, signal);
      } catch (thrown) {
        // The token is new, so it is the way or the profile that is refused.
        if (readError(thrown).code === JUST_RENEWED) return takeNextWay('either');
        throw thrown;
      }
      course.ways = orderWays(listCallWays(course.access, credential.account), course.way.id);
      course.way = course.ways[0] as CallWay;
      return;
    case 'way':
      return takeNextWay(remedy.suspicion);
    case 'change': {
      const { change } = remedy;
      if (course.changes[change] || (change === 'trimmed' && !call.mayTrim)) throw error;
      course.changes = { ...course.changes, [change]: true };
      return note(CHANGE_NOTES[change]);
    }
    case 'again':
      if (course.round >= MOST_ROUNDS || clock.now() + remedy.waitMs >= course.until) {
        throw tellAttempts(error, course.attempt);
      }
      course.round += 1;
      note(`Asked again: ${shorten(failure.error.message)}`);
      return await clock.wait(remedy.waitMs, signal);
    case 'none':
      throw error;
    default:
      return remedy satisfies never;
  }
}

/** Asks once and waits for the first content. Whatever goes wrong before it is a failure, not thrown. */
async function tryOnce(
  { http, limits, clock }: CallServices,
  call: KiroCall,
  written: WrittenCall,
  { access, way, attempt }: Course,
  { credential, signal }: CallContextOf,
): Promise<Failure | { readonly rest: EventStream }> {
  const { firstByteMs, idleMs } = limits();
  const stop = new AbortController();
  const leave = () => stop.abort(signal.reason);
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  const patience = Math.min(call.firstTokenMs, firstByteMs);
  const timer = new AbortController();
  clock.wait(patience, timer.signal).then(
    () => stop.abort(createTimeout(patience)),
    () => {},
  );
  let handedOver = false;
  const release = () => signal.removeEventListener('abort', leave);
  try {
    const response = await http.open({
      method: 'POST',
      url: way.url,
      headers: writeCallHeaders(access, credential.account, way.style, attempt, way.profileArn),
      body: written.text,
      signal: stop.signal,
      proxy: credential.proxy,
      firstByteMs,
      idleMs,
    });
    if (!isEventStream(response)) return await readRefusal(call, response, written);
    const first = await readFirst(response, written.createReader(), () => timer.abort());
    if ('error' in first) return first;
    handedOver = true;
    return { rest: passOn(first.rest, release) };
  } catch (thrown) {
    return { error: signal.aborted ? readAbort(signal) : readError(thrown) };
  } finally {
    timer.abort();
    if (!handedOver) release();
  }
}

async function readRefusal(call: KiroCall, response: UpstreamResponse, written: WrittenCall): Promise<Failure> {
  const text = await response.text();
  // A host that does not know the operation may say so with status 200.
  const isUnknown = response.status < 300 && text.includes('UnknownOperation');
  const status = isUnknown ? 404 : response.status < 300 ? 400 : response.status;
  return call.readRefusal({ ...response, status }, text, written);
}

const shorten = (text: string) => (text.length > 160 ? `${text.slice(0, 160)}…` : text);
