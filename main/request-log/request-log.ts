// The log of requests: one row each, kept in SQLite by a worker thread, so that writing never slows a stream.
import type { RequestQuery, RequestView, TrafficView } from '../../shared/views.ts';

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
  /** Why the log starts empty, where an unreadable database had to be put aside; undefined otherwise. */
  readonly mishap: string | undefined;
  /** Writes what is left and closes the database. */
  close(): Promise<void>;
}
