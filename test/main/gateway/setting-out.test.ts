// A request that has not come to any account yet, as nobody has told so far who offers what it asks for.
import { expect, test } from 'vitest';
import { GatewayError, readError } from '../../../main/canonical/errors.ts';
import { createGateway } from '../../../main/gateway/gateway.ts';
import { createPool } from '../../../main/gateway/pool.ts';
import { DEFAULT_ROUTING } from '../../../shared/routing.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

function setOut() {
  const clock = createVirtualClock();
  const gateway = createGateway({
    accounts: {} as never,
    providers: new Map(),
    router: { plan: () => new Promise(() => {}) },
    pool: createPool({ clock }),
    limits: () => ({ ...DEFAULT_ROUTING.attempts, budgetMs: 60_000 }),
    redact: (text) => text,
    clock,
  });
  const client = new AbortController();
  const record = { id: 'r', update: () => {}, note: () => {}, close: () => {} };
  const context = { requestId: 'r', signal: client.signal, record, startedAt: 0 };
  const events = gateway.converse({ model: 'm', messages: [] }, { ...context, live: true });
  const asked = [
    events[Symbol.asyncIterator]().next(),
    gateway.embed({ model: 'm', inputs: ['x'] }, context),
    gateway.generateImages({ model: 'm', prompt: 'x' } as never, context),
  ].map((work) =>
    (work as Promise<unknown>).then(
      () => 'done',
      (thrown) => readError(thrown).kind,
    ),
  );
  return { clock, client, all: Promise.all(asked) };
}

test('ends with its time', async () => {
  const { clock, all } = setOut();
  await clock.advance(60_000);
  expect(await Promise.race([all, 'still on its way'])).toEqual(['timeout', 'timeout', 'timeout']);
  expect(clock.next()).toBeUndefined();
});

test('ends with its client', async () => {
  const { clock, client, all } = setOut();
  client.abort(new GatewayError('aborted', 'The client has gone.'));
  await clock.advance(1);
  expect(await Promise.race([all, 'still on its way'])).toEqual(['aborted', 'aborted', 'aborted']);
  expect(clock.next()).toBeUndefined();
});
