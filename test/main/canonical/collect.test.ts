// A whole reply is kept in memory until it is complete, so it may not grow without an end.
import { expect, test } from 'vitest';
import { collect } from '../../../main/canonical/collect.ts';
import type { EventBatch } from '../../../main/canonical/events.ts';

test('a reply that goes on and on is given up, and its source with it', async () => {
  let closed = false;
  async function* endless(): AsyncGenerator<EventBatch> {
    try {
      yield [{ type: 'reply-start' }, { type: 'text-start', block: 0 }];
      for (;;) yield [{ type: 'text-delta', block: 0, text: '0123456789' }];
    } finally {
      closed = true;
    }
  }
  await expect(collect(endless(), 1000)).rejects.toMatchObject({
    kind: 'upstream',
    message: expect.stringContaining('longer than 1000'),
  });
  expect(closed).toBe(true);
});
