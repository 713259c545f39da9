// Writes request rows without end through the real worker, until it is killed. Tells each batch that is written.
import { Worker } from 'node:worker_threads';

const [program, path] = process.argv.slice(2);
const worker = new Worker(program, { workerData: { path } });
let batch = 0;

const write = () => {
  const rows = Array.from({ length: 50 }, (_, index) => ({
    id: `${batch}-${index}`,
    at: 1000 + batch,
    client: 'test',
    dialect: 'test',
    stream: true,
    modelAsked: 'x'.repeat(200),
    state: 'ok',
    attempts: 1,
    notes: [],
    path: [],
  }));
  worker.postMessage({ id: batch, call: 'write', parameters: { rows, limits: { oldestAt: 0, rows: 1e6 } } });
};
worker.on('message', (message) => {
  if ('error' in message) throw new Error(message.error);
  batch += 1;
  process.stdout.write(`${batch}\n`);
  write();
});
write();
