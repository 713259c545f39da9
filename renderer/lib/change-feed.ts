// Listens to the engine's one stream of changes for a whole window, and comes back by itself when the line is cut.
// It knows nothing of React or of the cache; it hands on what it hears.
import { ORPCError } from '@orpc/client';
import type { Change } from '../../shared/contract.ts';
import type { Client } from './client.ts';

/** How the line to the engine is: `refused` means that this browser has no session. */
export type Connection = 'connecting' | 'live' | 'lost' | 'refused';

/** The running subscription. */
export interface ChangeFeed {
  connection(): Connection;
  onConnection(listener: () => void): () => void;
  onChange(listener: (change: Change) => void): () => void;
  /** Tries at once instead of at the end of the present pause. */
  retry(): void;
  close(): void;
}

/** What a feed is made of. */
export interface ChangeFeedOptions {
  readonly client: Client;
  /** Pause before the n-th try in a row, in milliseconds. */
  readonly pauseMs?: (attempt: number) => number;
}

const LONGEST_PAUSE_MS = 10_000;

/** Starts to listen at once; listens until it is closed. */
export function createChangeFeed({ client, pauseMs = doublePause }: ChangeFeedOptions): ChangeFeed {
  const aborter = new AbortController();
  const connectionListeners = new Set<() => void>();
  const changeListeners = new Set<(change: Change) => void>();
  let connection: Connection = 'connecting';
  let wake: (() => void) | undefined;

  const become = (next: Connection) => {
    if (connection === next) return;
    connection = next;
    for (const listener of connectionListeners) listener();
  };

  const listen = async () => {
    let attempt = 0;
    while (!aborter.signal.aborted) {
      try {
        for await (const change of await client.changes(undefined, { signal: aborter.signal })) {
          attempt = 0;
          become('live');
          for (const listener of changeListeners) listener(change);
        }
        become('lost');
      } catch (error) {
        become(error instanceof ORPCError && error.code === 'UNAUTHORIZED' ? 'refused' : 'lost');
      }
      if (aborter.signal.aborted) return;
      attempt += 1;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs(attempt));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };
  void listen();

  return {
    connection: () => connection,
    onConnection: (listener) => subscribe(connectionListeners, listener),
    onChange: (listener) => subscribe(changeListeners, listener),
    retry: () => wake?.(),
    close: () => {
      aborter.abort();
      wake?.();
    },
  };
}

function doublePause(attempt: number): number {
  return Math.min(LONGEST_PAUSE_MS, 250 * 2 ** attempt);
}

function subscribe<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
