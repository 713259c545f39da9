// The worker thread of the request log: answers one question after the other over the database.
import { parentPort, workerData } from 'node:worker_threads';
import { isDamage } from '../util/sqlite.ts';
import { type LogDatabase, openLogDatabase, putLogAside } from './database.ts';
import type { LogLimits, WorkerMessage, WorkerQuestion, WorkerStart } from './messages.ts';

const PRUNE_EVERY_MS = 60_000;

const { path } = workerData as WorkerStart;
const send = (message: WorkerMessage) => parentPort?.postMessage(message);

let database = open();
let rowsSincePrune = 0;
let prunedAt = Number.NEGATIVE_INFINITY;

function open(): LogDatabase {
  const opened = openLogDatabase(path);
  if (opened.mishap !== undefined) send({ mishap: opened.mishap });
  return opened.database;
}

function answer(question: WorkerQuestion): unknown {
  switch (question.call) {
    case 'write': {
      const { rows, limits } = question.parameters;
      database.write(rows);
      prune(rows.length, limits);
      return undefined;
    }
    case 'list':
      return database.list(question.parameters);
    case 'traffic':
      return database.traffic(question.parameters.now);
    case 'clear':
      return database.clear();
    case 'close':
      return database.close();
    default:
      return question satisfies never;
  }
}

/** Now and then, or when the batches since the last time might have brought the table well over its limit. */
function prune(added: number, limits: LogLimits): void {
  rowsSincePrune += added;
  if (performance.now() - prunedAt < PRUNE_EVERY_MS && rowsSincePrune < limits.rows / 10) return;
  database.prune(limits);
  prunedAt = performance.now();
  rowsSincePrune = 0;
}

/** Damage that shows only now is treated like damage at the start: the file is put aside and a new one takes over. */
function answerOrBeginAnew(question: WorkerQuestion): unknown {
  try {
    return answer(question);
  } catch (error) {
    if (!isDamage(error)) throw error;
    try {
      database.close();
    } catch {
      // a damaged database may fail to close as well; it is put aside either way
    }
    send({ mishap: putLogAside(path, error) });
    database = open();
    return answer(question);
  }
}

parentPort?.on('message', (question: WorkerQuestion) => {
  try {
    send({ id: question.id, result: answerOrBeginAnew(question) });
  } catch (error) {
    send({ id: question.id, error: error instanceof Error ? error.message : String(error) });
  }
  if (question.call === 'close') parentPort?.close();
});
