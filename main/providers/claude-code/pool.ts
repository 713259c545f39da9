// Keeps programs ready: warm ones that have been told nothing, and those that wait at one point of a conversation for its
// next turn. What is said to a program, and when, is its user's business.

import type { ProgramRunner } from '../../subprocess/process.ts';
import type { ProgramLimits } from '../provider.ts';
import type { PreparedCall } from './cli.ts';
import { notePid } from './leftovers.ts';
import { type ClaudeProcess, openClaudeProcess } from './process.ts';

/** What a program is started for. */
export interface Kind {
  /** Equal for programs that can stand in for each other: account, credential, model. */
  readonly key: string;
  /** Prepares one start of it. */
  prepare(): Promise<PreparedCall>;
}

/** A program that its user has for itself. */
export interface Claimed {
  readonly claude: ClaudeProcess;
  /** It waits at the point that was asked for: only the next turn need be told. */
  readonly continued: boolean;
  /** It has waited before, and may have ended unnoticed. */
  readonly waited: boolean;
}

/** Programs, running and ready. */
export interface ClaudePool {
  /**
   * A program that waits at `point`, else a warm one, else a new one as soon as there is a place for it. Rejects like
   * `openClaudeProcess`, and with the signal's reason.
   */
  claim(kind: Kind, point: string | undefined, signal: AbortSignal): Promise<Claimed>;
  /** A new program as soon as there is a place for it, whatever waits. Rejects like `claim`. */
  open(kind: Kind, signal: AbortSignal): Promise<Claimed>;
  /**
   * Takes a program back that will wait at `point` for its next turn: as soon as the promise resolves, with undefined where
   * it does not come to that. False where there is no room for it.
   */
  park(kind: Kind, point: string, claude: Promise<ClaudeProcess | undefined>): boolean;
  /** Brings a program to `point` in the background, by `tell`, and keeps it there. */
  ready(kind: Kind, point: string, tell: (claude: ClaudeProcess) => Promise<void>): void;
  /** Keeps one warm program of this kind. */
  warm(kind: Kind): void;
  /** Resolves when what ended programs have left behind is gone. To be called when the runner is closed. */
  close(): Promise<void>;
}

/** How much a pool may keep, and for how long. */
export type PoolLimits = Pick<ProgramLimits, 'most' | 'mostWaiting' | 'idleMs'> & PoolHabits;

/** What of it no setting says. */
export interface PoolHabits {
  /** Of those that wait, those that have been told nothing: one for each kind that was asked for last. */
  readonly mostWarm: number;
  /** How long a request waits for one that is still on its way to its point, before it does without, in milliseconds. */
  readonly patienceMs: number;
}

interface Waiting {
  readonly kind: string;
  /** Undefined for a warm one. */
  readonly point: string | undefined;
  /** Resolves with undefined where it could not be brought to its point. */
  readonly claude: Promise<ClaudeProcess | undefined>;
  /** Aborted when nobody wants it any more, ready or not. */
  readonly unwanted: AbortController;
  /** By `performance.now()`. */
  readonly since: number;
}

const GRACE_MS = 2_000;
/** How soon a program that has waited too long, or is one too many by now, is noticed. */
const LOOK_MS = 1_000;

/** A pool over a runner that has `limits().most` places; the limits are asked for anew each time. */
export function createClaudePool(runner: ProgramRunner, limits: () => PoolLimits): ClaudePool {
  const waiting = new Set<Waiting>();
  const cleaning = new Set<Promise<void>>();
  let looking: NodeJS.Timeout | undefined;
  let alive = 0;
  let queued = 0;

  const start = async ({ prepare }: Kind, signal: AbortSignal): Promise<ClaudeProcess> => {
    alive += 1;
    const { call, folder, clean } = await prepare().catch((error) => {
      alive -= 1;
      throw error;
    });
    const leaveNothing = async () => {
      alive -= 1;
      const cleaned = clean();
      cleaning.add(cleaned);
      await cleaned;
      cleaning.delete(cleaned);
    };
    try {
      const claude = await openClaudeProcess(runner, call, signal);
      void claude.exited.then(leaveNothing);
      await notePid(folder, claude.pid);
      return claude;
    } catch (error) {
      await leaveNothing();
      throw error;
    }
  };
  const leave = (entry: Waiting) => {
    waiting.delete(entry);
    if (waiting.size > 0) return;
    clearInterval(looking);
    looking = undefined;
  };
  const end = (entry: Waiting) => {
    leave(entry);
    entry.unwanted.abort();
    void entry.claude.then((claude) => claude?.finish(GRACE_MS));
  };
  const keep = (
    kind: string,
    point: string | undefined,
    bring: (unwanted: AbortSignal) => Promise<ClaudeProcess | undefined>,
  ) => {
    const unwanted = new AbortController();
    const claude = bring(unwanted.signal).catch(() => undefined);
    const entry: Waiting = { kind, point, claude, unwanted, since: performance.now() };
    waiting.add(entry);
    looking ??= setInterval(endUnwanted, Math.min(LOOK_MS, limits().idleMs)).unref();
    endUnwanted();
    void claude.then((opened) => opened?.exited.then(() => leave(entry)) ?? leave(entry));
  };
  const listWarm = () => [...waiting].filter(({ point }) => point === undefined);
  /** Conversations go first: few of them go on, while a warm program serves any. */
  const oldest = (): Waiting | undefined => {
    for (const entry of waiting) if (entry.point !== undefined) return entry;
    return listWarm()[0];
  };
  /** Those that have waited too long, and those that are too many. */
  const endUnwanted = () => {
    const { idleMs, mostWaiting, most } = limits();
    const latest = performance.now() - idleMs;
    for (const entry of waiting) if (entry.since <= latest) end(entry);
    const tooMany = Math.max(waiting.size - mostWaiting, Math.min(alive - most, waiting.size));
    for (let count = 0; count < tooMany; count += 1) end(oldest() as Waiting);
  };
  const take = async (kind: string, point: string | undefined, signal: AbortSignal) => {
    for (const entry of waiting) {
      if (entry.kind !== kind || entry.point !== point) continue;
      leave(entry);
      const claude = await within(entry.claude, AbortSignal.any([signal, AbortSignal.timeout(limits().patienceMs)]));
      if (claude?.alive && !signal.aborted) return claude;
      end(entry);
      signal.throwIfAborted();
    }
    return undefined;
  };
  const open = async (kind: Kind, signal: AbortSignal): Promise<Claimed> => {
    const idle = alive < limits().most ? undefined : oldest();
    if (idle !== undefined) end(idle);
    queued += 1;
    try {
      return { claude: await start(kind, signal), continued: false, waited: false };
    } finally {
      queued -= 1;
    }
  };
  const hasRoom = () => limits().mostWaiting > 0 && queued === 0 && alive < limits().most;

  return {
    claim: async (kind, point, signal) => {
      const there = point === undefined ? undefined : await take(kind.key, point, signal);
      if (there !== undefined) return { claude: there, continued: true, waited: true };
      const warm = await take(kind.key, undefined, signal);
      if (warm !== undefined) return { claude: warm, continued: false, waited: true };
      return open(kind, signal);
    },
    open,
    park: (kind, point, claude) => {
      // Somebody waits for the place.
      if (queued > 0 || limits().mostWaiting === 0 || alive > limits().most) return false;
      keep(kind.key, point, () => claude);
      return true;
    },
    ready: (kind, point, tell) => {
      if (!hasRoom()) return;
      keep(kind.key, point, async (unwanted) => {
        const claude = (await take(kind.key, undefined, unwanted)) ?? (await start(kind, unwanted));
        // What does not take what it is told would keep its place for ever.
        unwanted.addEventListener('abort', () => claude.finish(GRACE_MS));
        await tell(claude);
        return claude;
      });
    },
    warm: (kind) => {
      const { mostWarm } = limits();
      const warm = listWarm();
      if (mostWarm === 0 || warm.some((entry) => entry.kind === kind.key) || !hasRoom()) return;
      if (warm.length >= mostWarm) end(warm[0] as Waiting);
      keep(kind.key, undefined, (unwanted) => start(kind, unwanted));
    },
    close: async () => {
      await Promise.all(cleaning);
    },
  };
}

/** What `promise` gives; undefined where `signal` aborts first. */
function within<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value | undefined> {
  return new Promise((resolve) => {
    const leave = () => resolve(undefined);
    if (signal.aborted) return leave();
    signal.addEventListener('abort', leave, { once: true });
    void promise.then((value) => {
      signal.removeEventListener('abort', leave);
      resolve(value);
    });
  });
}
