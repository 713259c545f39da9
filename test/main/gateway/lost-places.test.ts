// The place that a request has at an account is given back, whatever its upstream, its client or the one who writes its answer
// does in the middle.
import { describe, expect, it } from 'vitest';
import type { EventBatch, EventStream } from '../../../main/canonical/events.ts';
import { type Act, openGatewayScene, refuseInside } from '../../support/gateway-scene.ts';

const WORD: EventBatch = [
  { type: 'reply-start' },
  { type: 'text-start', block: 0 },
  { type: 'text-delta', block: 0, text: 'x' },
];

/** Says a word, and then does as it likes; `leave` is what it does when it is told to go. */
const sayAnd =
  (next: () => Promise<IteratorResult<EventBatch>>, leave: () => Promise<never>): Act =>
  () => {
    let said = false;
    const iterator = {
      next: () => {
        if (said) return next();
        said = true;
        return Promise.resolve({ done: false as const, value: WORD });
      },
      return: leave,
    };
    return { [Symbol.asyncIterator]: () => iterator } as unknown as EventStream;
  };
const never = () => new Promise<never>(() => {});
const fails = () => Promise.reject(new Error('the body was torn'));

function converse(act: Act, onAnswer?: () => void) {
  const scene = openGatewayScene({ accounts: ['one'] });
  scene.script('one', act);
  const client = new AbortController();
  const record = { id: 'r', update: () => {}, note: () => {}, close: () => {} };
  const events = scene.gateway.converse(
    { model: 'm', messages: [] },
    { requestId: 'r', signal: client.signal, record, startedAt: 0, live: true, ...(onAnswer && { onAnswer }) },
  );
  return { ...scene, client, stream: events[Symbol.asyncIterator]() };
}

describe('a place is given back', () => {
  it('where the upstream fails once more as it is told to go', async () => {
    const { stream, pool } = converse(sayAnd(never, fails));
    await stream.next();
    expect(pool.countRunning('one')).toBe(1);
    await stream.return?.();
    expect(pool.countRunning('one')).toBe(0);
  });

  it('where the upstream does not go', async () => {
    const { stream, pool, clock } = converse(sayAnd(never, never));
    await stream.next();
    const left = stream.return?.();
    await clock.advance(5_000);
    await left;
    expect(pool.countRunning('one')).toBe(0);
  });

  it('where the client leaves while the upstream says nothing and does not listen', async () => {
    const { stream, pool, clock, client } = converse(sayAnd(never, never));
    await stream.next();
    void stream.next();
    client.abort(new Error('gone'));
    await clock.advance(5_000);
    expect(pool.countRunning('one')).toBe(0);
  });

  it('where whoever writes the answer fails before it begins', async () => {
    const { stream, pool } = converse(
      sayAnd(never, () => Promise.reject(new Error('gone'))),
      () => {
        throw new Error('the headers are out');
      },
    );
    await expect(stream.next()).rejects.toThrow('the headers are out');
    expect([pool.countRunning('one'), pool.counts('one').failed]).toEqual([0, 0]);
  });

  it('where the upstream has told its failure and does not go: the next is asked all the same', async () => {
    const scene = openGatewayScene({ accounts: ['one', 'two'] });
    scene.script('one', (call) => {
      const events = refuseInside('overloaded', 'Busy')(call)[Symbol.asyncIterator]();
      return { [Symbol.asyncIterator]: () => ({ next: () => events.next(), return: never }) } as unknown as EventStream;
    });
    const asked = scene.ask('m');
    await scene.clock.advance(5_000);
    expect((await asked).text).toBe('two');
  });
});
