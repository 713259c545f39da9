// What the request log and its worker say to each other. Types only.
import type { RequestQuery, RequestView, TrafficView } from '../../shared/requests.ts';

/** What the log keeps at most. */
export interface LogLimits {
  /** Requests that came in earlier leave the log, in milliseconds since 1970. */
  readonly oldestAt: number;
  /** Most requests that are kept. */
  readonly rows: number;
}

/** What the worker can be asked, with what it answers. */
export interface WorkerCalls {
  write: { parameters: { rows: readonly RequestView[]; limits: LogLimits }; result: undefined };
  list: { parameters: RequestQuery; result: { requests: RequestView[]; total: number } };
  traffic: { parameters: { now: number }; result: TrafficView };
  clear: { parameters: undefined; result: undefined };
  close: { parameters: undefined; result: undefined };
}

/** One question to the worker. */
export type WorkerQuestion = {
  [Call in keyof WorkerCalls]: {
    readonly id: number;
    readonly call: Call;
    readonly parameters: WorkerCalls[Call]['parameters'];
  };
}[keyof WorkerCalls];

/** What the worker says: an answer, an error in its place, or that an unreadable database was put aside. */
export type WorkerMessage =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: string }
  | { readonly mishap: string };

/** What the worker is started with. */
export interface WorkerStart {
  /** The database file. */
  readonly path: string;
}
