// Keeps programs ready: warm ones that have been told nothing, and those that wait at one point of a conversation for its
// next turn. What is said to a program, and when, is its user's business.

import type { ProgramRunner } from '../../subprocess/process.ts';
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
  /** How many programs wait; for tests and figures. */
  readonly waiting: number;
}

/** How much a pool may keep. */
export interface PoolLimits {
  /** Programs at a time, working or waiting. */
  readonly most: number;
  /** Of these, those that wait. 0 keeps none. */
  readonly mostWaiting: number;
  /** How long one waits before it is ended, in milliseconds. */
  readonly idleMs: number;
}

interface Waiting {
  readonly kind: string;
  /** Undefined for a warm one. */
  readonly point: string | undefined;
  /** Resolves with undefined where it could not be brought to its point. */
  readonly claude: Promise<ClaudeProcess | undefined>;
  readonly timer: NodeJS.Timeout;
}

const GRACE_MS = 2_000;

/** A pool over a runner that has `limits.most` places. */
export function createClaudePool(runner: ProgramRunner, limits: PoolLimits): ClaudePool {
  const waiting = new Set<Waiting>();
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
      await clean();
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
    clearTimeout(entry.timer);
  };
  const end = (entry: Waiting) => {
    leave(entry);
    void entry.claude.then((claude) => claude?.finish(GRACE_MS));
  };
  const keep = (kind: string, point: string | undefined, claude: Promise<ClaudeProcess | undefined>) => {
    const timer = setTimeout(() => end(entry), limits.idleMs);
    timer.unref();
    const entry: Waiting = { kind, point, claude, timer };
    waiting.add(entry);
    while (waiting.size > limits.mostWaiting) end(oldest() as Waiting);
    void claude.then(
      (opened) => opened?.exited.then(() => leave(entry)) ?? leave(entry),
      () => leave(entry),
    );
  };
  /** Warm ones go first: they are the cheapest to have again. */
  const oldest = (): Waiting | undefined => {
    const [first] = waiting;
    for (const entry of waiting) if (entry.point === undefined) return entry;
    return first;
  };
  const take = async (kind: string, point: string | undefined): Promise<ClaudeProcess | undefined> => {
    for (const entry of waiting) {
      if (entry.kind !== kind || entry.point !== point) continue;
      leave(entry);
      const claude = await entry.claude.catch(() => undefined);
      if (claude?.alive) return claude;
    }
    return undefined;
  };
  const open = async (kind: Kind, signal: AbortSignal): Promise<Claimed> => {
    const idle = alive < limits.most ? undefined : oldest();
    if (idle !== undefined) end(idle);
    queued += 1;
    try {
      return { claude: await start(kind, signal), continued: false, waited: false };
    } finally {
      queued -= 1;
    }
  };
  const hasRoom = () => limits.mostWaiting > 0 && queued === 0 && alive < limits.most;

  return {
    claim: async (kind, point, signal) => {
      const there = point === undefined ? undefined : await take(kind.key, point);
      if (there !== undefined) return { claude: there, continued: true, waited: true };
      const warm = await take(kind.key, undefined);
      if (warm !== undefined) return { claude: warm, continued: false, waited: true };
      return open(kind, signal);
    },
    open,
    park: (kind, point, claude) => {
      // Somebody waits for the place.
      if (queued > 0 || limits.mostWaiting === 0) return false;
      keep(kind.key, point, claude);
      return true;
    },
    ready: (kind, point, tell) => {
      if (!hasRoom()) return;
      const bring = async () => {
        const claude = (await take(kind.key, undefined)) ?? (await start(kind, NEVER));
        await tell(claude);
        return claude;
      };
      keep(
        kind.key,
        point,
        bring().catch(() => undefined),
      );
    },
    warm: (kind) => {
      const known = [...waiting].some((entry) => entry.kind === kind.key && entry.point === undefined);
      if (known || !hasRoom() || waiting.size >= limits.mostWaiting) return;
      keep(
        kind.key,
        undefined,
        start(kind, NEVER).catch(() => undefined),
      );
    },
    get waiting() {
      return waiting.size;
    },
  };
}

/** For what nobody waits for. */
const NEVER = new AbortController().signal;
