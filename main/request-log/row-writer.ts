// Brings finished rows to the worker in batches and keeps them until they are written. When the disk is full or the
// worker dies, rows wait in memory (the newest of them), writing is tried again, and the log says what is wrong.
import type { RequestView } from '../../shared/requests.ts';
import { waitAtMost } from '../util/wait-at-most.ts';
import type { LogLimits, WorkerCalls } from './messages.ts';
import { createWorkerLink, type WorkerLink } from './worker-link.ts';

/** The way of rows to the disk. */
export interface RowWriter {
  /** Takes a finished row; it is written within about 200 ms. */
  add(row: RequestView): void;
  /** Asks the database, after everything that was added before. Rejects with a `GatewayError`. */
  ask<Call extends 'list' | 'traffic' | 'clear'>(
    call: Call,
    parameters: WorkerCalls[Call]['parameters'],
  ): Promise<WorkerCalls[Call]['result']>;
  readonly mishap: string | undefined;
  /** Writes what is left and ends the worker; waits for neither much longer than a moment. */
  close(): Promise<void>;
}

const BATCH_MS = 200;
const RETRY_MS = 2000;
const CLOSE_MS = 3000;
/** Rows that wait at most; older ones are given up. */
const MOST_WAITING = 20_000;
const MOST_DEATHS = 5;

/** Starts the worker over the database at `path`. */
export function createRowWriter(options: {
  readonly workerUrl: URL;
  readonly path: string;
  readonly limits: () => LogLimits;
  readonly onMishap: ((text: string | undefined) => void) | undefined;
}): RowWriter {
  const { workerUrl, path, limits, onMishap } = options;
  const waiting = createWaitingRows();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;
  let deaths = 0;
  let putAside: string | undefined;
  let trouble: string | undefined;
  let link = startWorker();

  function startWorker(): WorkerLink {
    const onDeath = (reason: string) => {
      deaths += 1;
      setTrouble(`The request log has stopped: ${reason}. Requests are answered as usual but may be missing here.`);
      later(RETRY_MS);
    };
    const onPutAside = (text: string) => {
      putAside = text;
      onMishap?.(text);
    };
    return createWorkerLink({ workerUrl, start: { path }, onMishap: onPutAside, onDeath });
  }
  function setTrouble(text: string | undefined): void {
    if (trouble === text) return;
    trouble = text;
    onMishap?.(trouble ?? putAside);
  }
  function later(ms: number): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      void flush();
    }, ms).unref();
  }
  /** One batch at a time; resolves when the rows so far are written or have to wait. */
  function flush(): Promise<void> {
    if (writing !== undefined)
      return writing.then(() => (waiting.count > 0 && trouble === undefined ? flush() : undefined));
    if (!link.alive && deaths < MOST_DEATHS) link = startWorker();
    const rows = waiting.take();
    const write = async () => {
      try {
        await link.ask('write', { rows, limits: limits() });
        deaths = 0;
        setTrouble(undefined);
      } catch (error) {
        waiting.putBack(rows);
        if (link.alive) setTrouble(describe(error, waiting.lost));
        if (link.alive || deaths < MOST_DEATHS) later(RETRY_MS);
      } finally {
        writing = undefined;
      }
    };
    writing = write();
    return writing;
  }
  // The first, empty batch prunes what has grown too old while Patchbay was off.
  later(0);

  return {
    add(row) {
      waiting.add(row);
      if (trouble === undefined) later(BATCH_MS);
    },
    async ask(call, parameters) {
      if (waiting.count > 0 || writing !== undefined || !link.alive) await flush();
      if (call === 'clear') waiting.take();
      return await link.ask(call, parameters);
    },
    get mishap() {
      return trouble ?? putAside;
    },
    async close() {
      clearTimeout(timer);
      const end = async () => {
        await flush();
        await link.ask('close', undefined);
      };
      await waitAtMost(CLOSE_MS, end());
      clearTimeout(timer);
      await link.terminate();
    },
  };
}

/** Rows on their way to the disk, oldest first; too many push out the oldest. */
function createWaitingRows() {
  let rows: RequestView[] = [];
  let lost = 0;
  const shorten = () => {
    const surplus = rows.length - MOST_WAITING;
    if (surplus <= 0) return;
    rows = rows.slice(surplus);
    lost += surplus;
  };
  return {
    get count() {
      return rows.length;
    },
    /** How many were pushed out so far. */
    get lost() {
      return lost;
    },
    add(row: RequestView) {
      rows.push(row);
      // A tenth at a time, since shortening copies the list.
      if (rows.length > MOST_WAITING * 1.1) shorten();
    },
    /** All of them; none waits afterwards. */
    take(): RequestView[] {
      const taken = rows;
      rows = [];
      return taken;
    },
    /** They could not be written and wait again, before those that came meanwhile. */
    putBack(failed: readonly RequestView[]) {
      rows = [...failed, ...rows];
      shorten();
    },
  };
}

function describe(error: unknown, lost: number): string {
  const reason = error instanceof Error ? error.message : String(error);
  const gone = lost === 0 ? '' : ` ${lost} requests could not be kept.`;
  return `${reason}. Requests are answered as usual; writing is tried again.${gone}`;
}
