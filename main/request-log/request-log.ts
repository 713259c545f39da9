// The log of requests: one row each, kept in SQLite by a worker thread, so that writing never slows a stream.
// Running requests live in memory only; a row is handed to the worker when its request closes.
import { join } from 'node:path';
import type { RequestQuery, RequestView, TrafficView } from '../../shared/requests.ts';
import { createBundle } from './bundle.ts';
import { createRowWriter } from './row-writer.ts';
import { createRunningRequests } from './running-requests.ts';

/** What is known of a request when it comes in. */
export type RequestOpening = Pick<RequestView, 'id' | 'at' | 'client' | 'key' | 'dialect' | 'stream' | 'modelAsked'>;

/** What may become known of a running request; written when the request closes. */
export type RequestProgress = Partial<
  Pick<
    RequestView,
    | 'modelUsed'
    | 'account'
    | 'provider'
    | 'attempts'
    | 'path'
    | 'status'
    | 'firstTokenMs'
    | 'usage'
    | 'finishReason'
    | 'errorKind'
    | 'errorText'
  >
>;

/** The row of one running request. */
export interface RequestRecord {
  readonly id: string;
  /** Takes over what became known; cheap, nothing is written yet. */
  update(progress: RequestProgress): void;
  /** Adds one plain sentence about what was changed or lost; a repeated one is kept once. */
  note(text: string): void;
  /** Writes the row for good. Later calls are ignored. */
  close(state: 'ok' | 'failed' | 'aborted'): void;
}

/** The log. No call of it waits for the disk, except those that return a promise. */
export interface RequestLog {
  open(opening: RequestOpening): RequestRecord;
  /** Newest first; running requests included. */
  list(query: RequestQuery): Promise<{ requests: RequestView[]; total: number }>;
  /** The last 24 hours. */
  traffic(): Promise<TrafficView>;
  /** Forgets every finished request. */
  clear(): Promise<void>;
  /** Calls back with the rows that began or changed, bundled, at most about ten times a second. */
  onChange(listener: (requests: readonly RequestView[]) => void): () => void;
  /** What is wrong with the log now, or why it starts empty after an unreadable database; undefined where all is well. */
  readonly mishap: string | undefined;
  /** Writes what is left and closes the database. */
  close(): Promise<void>;
}

/** What the log is made of. */
export interface RequestLogOptions {
  readonly dataFolder: string;
  /** The bundled worker program, `worker.ts` of this folder. */
  readonly workerUrl: URL;
  /** Limits from the settings, read with each batch. */
  readonly limits: () => { readonly keepDays: number; readonly keepRows: number };
  /** Removes secrets from what an upstream said. */
  readonly redact: (text: string) => string;
  /** Told each time `mishap` has changed. */
  readonly onMishap?: (text: string | undefined) => void;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

const DAY_MS = 86_400_000;

/** Starts the log; the database `requests.db` in the data folder opens meanwhile. */
export function createRequestLog(options: RequestLogOptions): RequestLog {
  const { dataFolder, workerUrl, limits, redact, onMishap, now = Date.now } = options;
  const changes = createBundle<RequestView>();
  const writer = createRowWriter({
    workerUrl,
    path: join(dataFolder, 'requests.db'),
    limits: () => ({ oldestAt: now() - limits().keepDays * DAY_MS, rows: limits().keepRows }),
    onMishap,
  });
  const running = createRunningRequests({
    redact,
    onChange: changes.add,
    onClose: (view) => writer.add(view),
  });

  return {
    open: running.open,
    async list(query) {
      const open = running.list().filter((view) => fits(view, query));
      const counted = running.list().filter((view) => fits(view, { ...query, before: undefined }));
      const stored = await writer.ask('list', query);
      // One may have closed and been written while the answer was on its way.
      const written = new Set(stored.requests.map(({ id }) => id));
      const merged = [...open.filter(({ id }) => !written.has(id)), ...stored.requests].sort(compareNewestFirst);
      return { requests: merged.slice(0, query.limit), total: stored.total + counted.length };
    },
    async traffic() {
      const open = running.list().length;
      const traffic = await writer.ask('traffic', { now: now() });
      const hourly = traffic.hourly.map((count, hour) => (hour === 23 ? count + open : count));
      return { ...traffic, requests: traffic.requests + open, hourly };
    },
    async clear() {
      await writer.ask('clear', undefined);
    },
    onChange: changes.onBundle,
    get mishap() {
      return writer.mishap;
    },
    async close() {
      changes.stop();
      await writer.close();
    },
  };
}

function compareNewestFirst(one: RequestView, other: RequestView): number {
  return other.at - one.at || (other.id < one.id ? -1 : 1);
}

/** The same conditions as the database's, for rows that are not there yet. */
function fits(view: RequestView, { before, state, account, key, search }: RequestQuery): boolean {
  if (before !== undefined && (view.at > before.at || (view.at === before.at && view.id >= before.id))) return false;
  if (state !== undefined && view.state !== state) return false;
  if (account !== undefined && view.account !== account) return false;
  if (key !== undefined && view.key !== key) return false;
  if (!search) return true;
  const text = [view.client, view.key, view.modelAsked, view.modelUsed, view.account, view.errorText];
  return text.some((part) => part?.toLowerCase().includes(search.toLowerCase()));
}
