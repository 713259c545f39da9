// What a client key may take at this moment: requests at a time, in a minute, tokens in a day. No timers; each request costs
// the same however many there were.
import type { KeyRules } from '../../shared/views.ts';
import { GatewayError } from '../canonical/errors.ts';
import { type Clock, createDeadline, type Deadline, readRemaining } from '../util/clock.ts';
import type { KeyUse } from './key-use.ts';

/** The place of one request among those of its key. */
export interface KeyPlace {
  /** What the request has used so far, input and output together; a later call replaces an earlier one. */
  spend(tokens: number): void;
  /** Gives the place back; to be called once. */
  leave(): void;
}

/** The limits of all keys, by their ids. */
export interface KeyLimits {
  /** A place for one more request. Throws `GatewayError` (`rate-limited`) with the time until there is one. */
  enter(id: string, name: string, rules: KeyRules): KeyPlace;
  /** Places of a forgotten key are still given back, but count for nobody. */
  forget(id: string): void;
}

/** A minute, by which requests are limited. */
const MINUTE_MS = 60_000;
/** When a place gets free is anybody's guess: clients ask again soon. */
const BUSY_MS = 1_000;

interface State {
  readonly minute: MinuteWindow;
  running: number;
  isForgotten: boolean;
}

/** Limits that nobody has used yet. */
export function createKeyLimits({ clock, use }: { readonly clock: Clock; readonly use: KeyUse }): KeyLimits {
  const states = new Map<string, State>();
  const find = (id: string): State => {
    const known = states.get(id);
    if (known !== undefined) return known;
    const state = { minute: createMinuteWindow(clock), running: 0, isForgotten: false };
    states.set(id, state);
    return state;
  };
  return {
    enter(id, name, { requestsPerMinute, tokensPerDay, concurrent }) {
      const state = find(id);
      const own = `The client key "${name}"`;
      // The limit that lasts longest speaks first, so that its time to wait is the true one.
      const { tokensToday } = use.read(id);
      if (tokensPerDay !== undefined && tokensToday >= tokensPerDay) {
        const waitMs = use.readDayLeft();
        const used = `may use ${count(tokensPerDay, 'token')} a day and has used ${tokensToday.toLocaleString('en')}`;
        throw refuse(`${own} ${used}. Its next day begins at midnight, in ${tellWait(waitMs)}.`, waitMs);
      }
      const waitMs = requestsPerMinute === undefined ? 0 : state.minute.readWait(requestsPerMinute);
      if (requestsPerMinute !== undefined && waitMs > 0) {
        const made = `may make ${count(requestsPerMinute, 'request')} a minute, no more`;
        throw refuse(`${own} ${made}. Try again in ${tellWait(waitMs)}.`, waitMs);
      }
      if (concurrent !== undefined && state.running >= concurrent) {
        const running = `may have ${count(concurrent, 'request')} running at a time, no more`;
        throw refuse(`${own} ${running}. Try again when one has ended.`, BUSY_MS);
      }
      if (requestsPerMinute !== undefined) state.minute.add();
      state.running += 1;
      use.countRequest(id);
      let spent = 0;
      return {
        spend: (tokens) => {
          // An upstream's number may be none: it must neither open the limit nor close it for the day.
          if (!Number.isSafeInteger(tokens) || tokens <= spent || state.isForgotten) return;
          use.countTokens(id, tokens - spent);
          spent = tokens;
        },
        leave: () => {
          state.running -= 1;
        },
      };
    },
    forget(id) {
      const state = states.get(id);
      if (state !== undefined) state.isForgotten = true;
      states.delete(id);
    },
  };
}

const count = (number: number, noun: string) => `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;

function tellWait(waitMs: number): string {
  const minutes = Math.ceil(waitMs / MINUTE_MS);
  if (waitMs < 2 * MINUTE_MS) return `${Math.ceil(waitMs / 1000)} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

function refuse(message: string, waitMs: number): GatewayError {
  return new GatewayError('rate-limited', message, { retryAfterMs: waitMs });
}

/** The requests of the last minute. */
export interface MinuteWindow {
  add(): void;
  /** Milliseconds until one more is within `limit`; 0 where it is now. */
  readWait(limit: number): number;
}

/** An empty window. What is over by either clock has left it, and so has whatever came before that. */
export function createMinuteWindow(clock: Clock): MinuteWindow {
  let ends: Deadline[] = [];
  /** Those before have left. */
  let first = 0;
  const drop = () => {
    for (let end = ends[first]; end !== undefined && readRemaining(clock, end) === 0; end = ends[first]) first += 1;
    if (first > 64 && first * 2 > ends.length) {
      ends = ends.slice(first);
      first = 0;
    }
  };
  return {
    add() {
      const end = createDeadline(clock, MINUTE_MS);
      // A wall clock that was set back: who came earlier leaves no later.
      for (let index = ends.length - 1; index >= first; index -= 1) {
        const earlier = ends[index];
        if (earlier === undefined || earlier.at <= end.at) break;
        ends[index] = { ...earlier, at: end.at };
      }
      ends.push(end);
    },
    readWait(limit) {
      drop();
      const blocking = ends[ends.length - limit];
      return ends.length - first < limit || blocking === undefined ? 0 : readRemaining(clock, blocking);
    },
  };
}
