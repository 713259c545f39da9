// @vitest-environment jsdom
import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads';
import { implement } from '@orpc/server';
import { RPCHandler } from '@orpc/server/message-port';
import { afterEach, expect, test } from 'vitest';
import { createClient, PORT_MESSAGE } from '../../../renderer/lib/client.ts';
import { contract } from '../../../shared/contract.ts';
import { STATUS } from '../../support/fake-data.ts';

const opened: NodePort[] = [];

afterEach(() => {
  for (const port of opened.splice(0)) port.close();
  Reflect.deleteProperty(window, 'patchbay');
});

/** Stands in for preload and main process: each `connect` hands the page a port with an engine behind it. */
function installBridge() {
  const os = implement(contract);
  const handler = new RPCHandler({ status: { read: os.status.read.handler(() => STATUS) } });
  const connect = () => {
    const { port1, port2 } = new MessageChannel();
    opened.push(port1, port2);
    handler.upgrade(port1 as unknown as MessagePort);
    port1.start();
    const event = new MessageEvent('message', { data: PORT_MESSAGE, source: window });
    Object.defineProperty(event, 'ports', { value: [port2] });
    window.dispatchEvent(event);
  };
  Object.defineProperty(window, 'patchbay', { value: { connect }, configurable: true });
}

test('a window with a preload talks over the port that it is handed', async () => {
  installBridge();
  const client = createClient();
  expect(await client.status.read()).toEqual(STATUS);
  expect(await client.status.read()).toEqual(STATUS);
  expect(opened).toHaveLength(2);
});

test('a closed port is replaced by the next call', async () => {
  installBridge();
  const client = createClient();
  await client.status.read();
  const [engineSide, pageSide] = opened;
  const closed = new Promise((resolve) => pageSide?.once('close', resolve));
  engineSide?.close();
  await closed;
  expect(await client.status.read()).toEqual(STATUS);
  expect(opened).toHaveLength(4);
});
