// What happens to rows when the worker does not do its part. The worker is a stand-in, because a good one never dies.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createRowWriter } from '../../../main/request-log/row-writer.ts';
import type { RequestView } from '../../../shared/requests.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const PROGRAM = `
  import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
  import { parentPort, workerData } from 'node:worker_threads';
  const { path } = workerData;
  parentPort.on('message', ({ id, call, parameters }) => {
    if (call === 'write' && parameters.rows.length > 0) {
      if (!existsSync(path + '.died')) {
        writeFileSync(path + '.died', '');
        process.exit(7);
      }
      appendFileSync(path, parameters.rows.map((row) => row.id).join() + ' ');
    }
    parentPort.postMessage({ id, result: call });
    if (call === 'close') parentPort.close();
  });
`;

const row = (id: string): RequestView => ({
  id,
  at: 1,
  client: 'c',
  dialect: 'd',
  stream: true,
  modelAsked: 'm',
  state: 'ok',
  attempts: 1,
  path: [],
  notes: [],
});

test('a worker that dies is said and replaced, and its rows are written by the next one', async () => {
  const path = join(makeTempFolder(), 'rows');
  const told: (string | undefined)[] = [];
  const writer = createRowWriter({
    workerUrl: new URL(`data:text/javascript,${encodeURIComponent(PROGRAM)}`),
    path,
    limits: () => ({ oldestAt: 0, rows: 10 }),
    onMishap: (text) => told.push(text),
  });
  onTestFinished(() => writer.close());
  writer.add(row('a'));
  await expect(writer.ask('traffic', { now: 0 })).rejects.toThrow('The request log has stopped');
  expect([existsSync(`${path}.died`), writer.mishap]).toEqual([true, expect.stringContaining('code 7')]);
  writer.add(row('b'));
  expect(await writer.ask('traffic', { now: 0 })).toBe('traffic');
  expect([readFileSync(path, 'utf8'), writer.mishap]).toEqual(['a,b ', undefined]);
  expect(told).toEqual([expect.stringContaining('code 7'), undefined]);
});
