import { expect, test } from 'vitest';
import { createPool } from '../../../main/gateway/pool.ts';
import type { Strategy } from '../../../shared/routing.ts';
import { createFailure, createMembers, serve, serveMany, takePlace } from '../../support/pool-members.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MEMBERS = createMembers('a', 'b', 'c');

function openPool(strategy: Strategy = 'failover', sticky = true, accounts = {}) {
  const clock = createVirtualClock();
  const rules = { pools: { acme: { strategy, sticky } }, accounts };
  return { clock, pool: createPool({ clock, rules: () => rules }) };
}

const order = (pool: ReturnType<typeof openPool>['pool'], members = MEMBERS, conversation?: string) =>
  pool
    .rank(members, conversation === undefined ? {} : { conversation })
    .map(({ candidate }) => candidate.account.id)
    .join('');

test('failover asks the first of the list as long as it can serve', async () => {
  const { pool } = openPool();
  expect(await serveMany(pool, MEMBERS, 4)).toBe('aaaa');
});

test('round robin gives each its turn, and passes over one that rests', async () => {
  const { pool } = openPool('round-robin');
  expect(await serveMany(pool, MEMBERS, 6)).toBe('abcabc');
  pool.rest('b');
  expect(await serveMany(pool, MEMBERS, 4)).toBe('acac');
  pool.use('b');
  expect(await serveMany(pool, MEMBERS, 4)).toBe('bacb');
});

test('fill first stays where it is until that one cannot serve, and goes round', async () => {
  const { pool } = openPool('fill-first');
  expect(await serveMany(pool, MEMBERS, 2)).toBe('aa');
  pool.rest('a');
  expect(await serveMany(pool, MEMBERS, 2)).toBe('bb');
  pool.use('a');
  expect(await serveMany(pool, MEMBERS, 2)).toBe('bb');
  pool.rest('b');
  expect(await serveMany(pool, MEMBERS, 1)).toBe('c');
  pool.rest('c');
  expect(await serveMany(pool, MEMBERS, 1)).toBe('a');
});

test('a limit whose end the upstream named is kept, and over at its end', async () => {
  const { clock, pool } = openPool();
  await serve(pool, MEMBERS, { failure: createFailure('rate-limited', 'A: slow down', { retryAfterMs: 60_000 }) });
  expect(order(pool)).toBe('bca');
  expect(pool.listRests('a')).toEqual([
    { model: 'm', since: clock.now(), until: clock.now() + 60_000, cause: 'told', text: 'slow down' },
  ]);
  expect(await takePlace(pool, MEMBERS.slice(0, 1))).toBeUndefined();
  await clock.advance(60_000);
  expect(await serve(pool, MEMBERS)).toBe('a');
});
