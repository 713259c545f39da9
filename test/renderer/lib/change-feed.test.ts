// One connection for all news: snapshots, changes, and coming back after a cut.
import { ORPCError } from '@orpc/client';
import { expect, test } from 'vitest';
import { createChangeFeed } from '../../../renderer/lib/change-feed.ts';
import type { Client } from '../../../renderer/lib/client.ts';
import { createFakeContract } from '../../support/fake-contract.ts';

const until = async (reached: () => boolean) => {
  while (!reached()) await new Promise((resolve) => setImmediate(resolve));
};

test('the feed tells changes, notices a cut and comes back by itself', async () => {
  const fake = createFakeContract();
  const feed = createChangeFeed({ client: fake.client, pauseMs: () => 0 });
  const told: string[] = [];
  const states: string[] = [];
  feed.onChange((change) => told.push(change.type));
  feed.onConnection(() => states.push(feed.connection()));
  await until(() => told.length === 6);
  fake.cut();
  await until(() => told.length === 12);
  feed.close();
  expect(states).toEqual(['live', 'lost', 'live']);
  expect(told.slice(0, 6)).toEqual(['status', 'accounts', 'keys', 'settings', 'projects', 'questions']);
});

test('the pause grows with each try in a row', async () => {
  const attempts: number[] = [];
  const client = { changes: () => Promise.reject(new TypeError('cut')) } as unknown as Client;
  const feed = createChangeFeed({
    client,
    pauseMs: (attempt) => {
      attempts.push(attempt);
      return 0;
    },
  });
  await until(() => attempts.length === 3);
  feed.close();
  expect(attempts.slice(0, 3)).toEqual([1, 2, 3]);
  expect(feed.connection()).toBe('lost');
});

test('a browser without a session is told apart from a cut line', async () => {
  const client = { changes: () => Promise.reject(new ORPCError('UNAUTHORIZED')) } as unknown as Client;
  const feed = createChangeFeed({ client, pauseMs: () => 0 });
  await until(() => feed.connection() === 'refused');
  feed.close();
});
