// The log's end of the line to its worker thread: questions out, answers in, and what happens when the thread dies.
import { Worker } from 'node:worker_threads';
import { GatewayError } from '../canonical/errors.ts';
import type { WorkerCalls, WorkerMessage, WorkerStart } from './messages.ts';

/** A worker that can be asked. */
export interface WorkerLink {
  /** Rejects with a `GatewayError` where the database refuses or the worker has died. */
  ask<Call extends keyof WorkerCalls>(
    call: Call,
    parameters: WorkerCalls[Call]['parameters'],
  ): Promise<WorkerCalls[Call]['result']>;
  readonly alive: boolean;
  /** Ends the thread at once. */
  terminate(): Promise<void>;
}

/** Starts the worker; it does not keep the process running, except while an answer is awaited. */
export function createWorkerLink(options: {
  /** The bundled worker program. */
  readonly workerUrl: URL;
  readonly start: WorkerStart;
  /** Told when an unreadable database was put aside. */
  readonly onMishap: (text: string) => void;
  /** Told once, when the thread has died without having been asked to. */
  readonly onDeath: (reason: string) => void;
}): WorkerLink {
  const worker = new Worker(options.workerUrl, { workerData: options.start, name: 'request-log' });
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>();
  let count = 0;
  let alive = true;
  let closing = false;
  worker.unref();

  const settle = (id: number, use: (call: { resolve(result: unknown): void; reject(error: Error): void }) => void) => {
    const call = waiting.get(id);
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
    if (call !== undefined) use(call);
  };
  const die = (reason: string) => {
    if (!alive) return;
    alive = false;
    for (const id of [...waiting.keys()]) {
      settle(id, (call) => call.reject(new GatewayError('internal', `The request log has stopped: ${reason}`)));
    }
    if (!closing) options.onDeath(reason);
  };
  worker.on('message', (message: WorkerMessage) => {
    if ('mishap' in message) options.onMishap(message.mishap);
    else if ('error' in message) {
      settle(message.id, (call) =>
        call.reject(new GatewayError('internal', `The request log failed: ${message.error}`)),
      );
    } else settle(message.id, (call) => call.resolve(message.result));
  });
  worker.on('error', (error) => die(error instanceof Error ? error.message : String(error)));
  worker.on('exit', (code) => die(`its thread ended with code ${code}`));

  return {
    ask(call, parameters) {
      if (!alive) return Promise.reject(new GatewayError('internal', 'The request log has stopped.'));
      if (call === 'close') closing = true;
      count += 1;
      const id = count;
      worker.ref();
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve: resolve as (result: unknown) => void, reject });
        worker.postMessage({ id, call, parameters });
      });
    },
    get alive() {
      return alive;
    },
    async terminate() {
      closing = true;
      await worker.terminate();
    },
  };
}
