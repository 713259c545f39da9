// Who rests, until when, and what ends it.
import { describe, expect, test } from 'vitest';
import type { ErrorDetails, ErrorKind } from '../../../main/canonical/errors.ts';
import { createPool } from '../../../main/gateway/pool.ts';
import { createFailure, createMembers, serve, serveMany, takePlace } from '../../support/pool-members.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MEMBERS = createMembers('a', 'b');
const ONLY = createMembers('a');
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

function openPool(redact?: (text: string) => string) {
  const clock = createVirtualClock();
  const rechecked: string[] = [];
  const pool = createPool({ clock, recheck: (id) => rechecked.push(id), ...(redact && { redact }) });
  const fail = (kind: ErrorKind, details?: ErrorDetails, members = ONLY) =>
    serve(pool, members, { failure: createFailure(kind, undefined, details) });
  /** The rests of `a`, shortly: cause, what rests, for how long. */
  const read = () =>
    pool.listRests('a').map(({ cause, model = 'all', until }) => {
      const left = until === undefined ? '' : ` ${(until - clock.now()) / 1000} s`;
      return `${cause} ${model}${left}`;
    });
  return { clock, pool, fail, read, rechecked };
}

describe('a failure', () => {
  test('of the client’s own making makes nobody rest and is not counted', async () => {
    const { pool, fail, read } = openPool();
    for (const kind of ['invalid-request', 'unsupported', 'aborted', 'internal', 'too-large'] as const)
      await fail(kind);
    expect(read()).toEqual([]);
    expect(pool.counts('a')).toEqual({ served: 0, failed: 0, failuresInARow: 0 });
  });

  test('of the login lets the whole account rest until it is mended, and says how', async () => {
    const { clock, pool, fail, read } = openPool();
    await fail('unauthorized');
    expect(read()).toEqual(['failed all']);
    expect(pool.listRests('a')[0]?.text).toBe(
      'said unauthorized. Mend its sign-in under Accounts and test it there: a test that goes well ends this.',
    );
    await clock.advance(48 * HOUR_MS);
    expect(pool.rank(MEMBERS, {}).map(({ standing }) => standing)).toEqual(['ready', 'failed']);
    expect(await serve(pool, ONLY)).toBe('a');
    expect(read()).toEqual([]);
  });

  test('for lack of rights lets one model rest for a while', async () => {
    const { clock, pool, fail, read } = openPool();
    await fail('forbidden');
    expect(read()).toEqual(['failed m 600 s']);
    expect(pool.rank(createMembers('a/other'), {})[0]?.standing).toBe('ready');
    await clock.advance(600_000);
    expect(read()).toEqual([]);
  });

  test('of names that somebody makes up does not end a rest whose end was told', async () => {
    const { pool, fail, read } = openPool();
    await fail('rate-limited', { retryAfterMs: HOUR_MS });
    for (let index = 0; index < 300; index += 1)
      await fail('not-found', { status: 404 }, createMembers(`a/made-up-${index}`));
    expect(read()).toContain('told m 3600 s');
    expect(pool.listRests('a')).toHaveLength(200);
  });

  test('for a model that is not there lets that model rest shortly', async () => {
    const { fail, read } = openPool();
    await fail('not-found');
    expect(read()).toEqual(['guessed m 60 s']);
  });

  test('by a rate limit lets the model rest as long as the upstream says', async () => {
    const { clock, pool, fail, read } = openPool();
    await fail('rate-limited', { retryAfterMs: 42_000 });
    expect(read()).toEqual(['told m 42 s']);
    expect(pool.rank(ONLY, {})[0]).toMatchObject({ standing: 'resting', isShut: true, until: clock.now() + 42_000 });
    expect(await takePlace(pool, ONLY)).toBeUndefined();
    await clock.advance(41_999);
    expect(await takePlace(pool, ONLY)).toBeUndefined();
    await clock.advance(1);
    expect(await serve(pool, ONLY)).toBe('a');
  });

  test('by a rate limit without an end is a guess that doubles up to five minutes', async () => {
    const { clock, fail, read } = openPool();
    const seen: string[] = [];
    for (let round = 0; round < 8; round++) {
      await fail('rate-limited');
      seen.push(...read());
      await clock.advance(5 * MINUTE_MS);
    }
    expect(seen.map((text) => Number(/(\d+) s/.exec(text)?.[1]))).toEqual([5, 10, 20, 40, 80, 160, 300, 300]);
  });

  test('by a used-up plan lets the whole account rest, told or guessed', async () => {
    const told = openPool();
    await told.fail('quota-exhausted', { retryAfterMs: 3 * HOUR_MS });
    expect(told.read()).toEqual(['told all 10800 s']);
    const guessed = openPool();
    await guessed.fail('quota-exhausted');
    expect(guessed.read()).toEqual(['guessed all 900 s']);
    await guessed.clock.advance(15 * MINUTE_MS);
    await guessed.fail('quota-exhausted');
    expect(guessed.read()).toEqual(['guessed all 1800 s']);
  });

  test('that may be a hiccup is a reason to rest only when it comes twice in a row', async () => {
    for (const kind of ['overloaded', 'timeout', 'upstream'] as const) {
      const { pool, fail, read } = openPool();
      await fail(kind);
      await serve(pool, ONLY);
      await fail(kind);
      expect(read()).toEqual([]);
      await fail(kind);
      expect(read()).toEqual(['guessed m 5 s']);
    }
  });

  test('that may be a hiccup is believed at once where the upstream names an end', async () => {
    const { fail, read } = openPool();
    await fail('overloaded', { retryAfterMs: 7_000 });
    expect(read()).toEqual(['told m 7 s']);
  });

  test('that came long ago does not make the next one worse', async () => {
    const { clock, fail, read } = openPool();
    await fail('overloaded');
    await clock.advance(2 * HOUR_MS);
    await fail('overloaded');
    expect(read()).toEqual([]);
  });

  test('of many requests at once counts as one', async () => {
    const { pool, read } = openPool();
    const leases = await Promise.all(Array.from({ length: 50 }, () => takePlace(pool, ONLY)));
    for (const lease of leases) lease?.release({ type: 'failed', error: createFailure('rate-limited') });
    expect(read()).toEqual(['guessed m 5 s']);
    expect(pool.counts('a')).toMatchObject({ failed: 50, failuresInARow: 50 });
  });

  test('of an upstream that names an end beyond all reason is believed for a month', async () => {
    const { fail, read } = openPool();
    await fail('rate-limited', { retryAfterMs: 1e12 });
    expect(read()).toEqual([`told m ${31 * 24 * 3600} s`]);
  });

  test('under a shorter limit does not end a longer one, whichever was heard first', async () => {
    const { pool, read } = openPool();
    const leases = await Promise.all(Array.from({ length: 3 }, () => takePlace(pool, ONLY)));
    for (const [index, retryAfterMs] of [10_000, 60_000, 5_000].entries())
      leases[index]?.release({ type: 'failed', error: createFailure('rate-limited', 'no', { retryAfterMs }) });
    expect(read()).toEqual(['told m 60 s']);
  });

  test('is told without the name of the account, and without secrets', async () => {
    const { pool } = openPool((text) => text.replaceAll('hunter2', '[hidden]'));
    await serve(pool, ONLY, { failure: createFailure('rate-limited', 'A: hunter2 is too fast') });
    expect(pool.listRests('a')[0]?.text).toBe('[hidden] is too fast');
  });
});

describe('who is asked last', () => {
  test('is asked all the same when nobody better is left: by the soonest end, then who failed', async () => {
    const { pool } = openPool();
    const three = createMembers('a', 'b', 'c');
    await serve(pool, createMembers('a'), { failure: createFailure('unauthorized') });
    await serve(pool, createMembers('b'), { failure: createFailure('quota-exhausted') });
    await serve(pool, createMembers('c'), { failure: createFailure('rate-limited') });
    const ranked = pool.rank(three, {});
    expect(ranked.map(({ candidate, standing }) => `${candidate.account.id} ${standing}`)).toEqual([
      'c resting',
      'b resting',
      'a failed',
    ]);
    expect(ranked.every(({ isShut }) => !isShut)).toBe(true);
    expect(await serve(pool, three, { tried: ['c', 'b'] })).toBe('a');
    expect(await serve(pool, three)).toBe('a');
  });

  test('says until when, and why', async () => {
    const { clock, pool, fail } = openPool();
    await fail('rate-limited', { retryAfterMs: 30 * HOUR_MS });
    const end = new Date(clock.now() + 30 * HOUR_MS);
    const time = `${String(end.getHours()).padStart(2, '0')}:${String(end.getMinutes()).padStart(2, '0')}`;
    const day = end.toLocaleDateString('en-GB', { day: 'numeric', month: 'long' });
    expect(pool.rank(ONLY, {})[0]?.text).toBe(`It rests until ${time} on ${day}: said rate-limited`);
    pool.use('a');
    pool.rest('a');
    expect(pool.rank(ONLY, {})[0]?.text).toBe('It rests until you say otherwise.');
    pool.use('a');
    await fail('unauthorized');
    expect(pool.rank(ONLY, {})[0]?.text).toMatch(/^Asked last, as it failed: said unauthorized\./);
  });
});

describe('a rest ends', () => {
  test('with a success, where it was guessed or had failed', async () => {
    const { pool, fail, read } = openPool();
    await fail('unauthorized');
    await fail('quota-exhausted');
    await fail('rate-limited');
    expect(read()).toEqual(['guessed m 5 s', 'guessed all 900 s', 'failed all']);
    expect(await serve(pool, ONLY)).toBe('a');
    expect(read()).toEqual([]);
    expect(pool.counts('a')).toMatchObject({ served: 1, failed: 3, failuresInARow: 0 });
  });

  test('not with the success of a request that was under way before', async () => {
    const { pool, fail, read } = openPool();
    const early = await takePlace(pool, ONLY);
    await fail('rate-limited');
    early?.release({ type: 'ok' });
    expect(read()).toEqual(['guessed m 5 s']);
  });

  test('not with the success of another model, where one model rests', async () => {
    const { pool, fail, read } = openPool();
    await fail('rate-limited');
    await serve(pool, createMembers('a/other'));
    expect(read()).toEqual(['guessed m 5 s']);
  });

  test('by the wall clock when the machine has slept', async () => {
    const { clock, pool, fail, read } = openPool();
    await fail('rate-limited', { retryAfterMs: HOUR_MS });
    clock.sleep(HOUR_MS);
    expect(read()).toEqual([]);
    expect(await serve(pool, ONLY)).toBe('a');
  });

  test('by the other clock when the wall clock was set back', async () => {
    const { clock, pool, fail, read } = openPool();
    await fail('rate-limited', { retryAfterMs: HOUR_MS });
    clock.setWall(clock.now() - 24 * HOUR_MS);
    expect(read()).toEqual(['told m 3600 s']);
    await clock.advance(HOUR_MS);
    expect(await serve(pool, ONLY)).toBe('a');
  });

  test('and is told and looked after once, for a whole account', async () => {
    const { clock, pool, fail, rechecked } = openPool();
    await fail('quota-exhausted', { retryAfterMs: 10 * MINUTE_MS });
    await serve(pool, createMembers('b'), {
      failure: createFailure('rate-limited', 'no', { retryAfterMs: MINUTE_MS }),
    });
    let told = 0;
    pool.onChange(() => {
      told += 1;
    });
    await clock.advance(10 * MINUTE_MS);
    expect(told).toBe(2);
    expect(rechecked).toEqual(['a']);
    await clock.advance(HOUR_MS);
    expect(rechecked).toEqual(['a']);
    expect(clock.next()).toBeUndefined();
  });

  test('and is told soon after the machine wakes', async () => {
    const { clock, fail, rechecked } = openPool();
    await fail('quota-exhausted', { retryAfterMs: 10 * HOUR_MS });
    clock.sleep(11 * HOUR_MS);
    await clock.advance(30_000);
    expect(rechecked).toEqual(['a']);
  });

  test('that was the person’s wish only by their word or at their time', async () => {
    const { clock, pool, read, rechecked } = openPool();
    pool.rest('a', clock.now() + MINUTE_MS);
    pool.prove('a');
    pool.replace('a');
    expect(read()).toEqual(['hand all 60 s']);
    expect(await serveMany(pool, MEMBERS, 2)).toBe('bb');
    await clock.advance(MINUTE_MS);
    expect(rechecked).toEqual([]);
    expect(await serve(pool, MEMBERS)).toBe('a');
    pool.rest('a');
    await clock.advance(1000 * HOUR_MS);
    expect(read()).toEqual(['hand all']);
    pool.use('a');
    expect(read()).toEqual([]);
  });

  test('with a wish for a time that has passed, at once', () => {
    const { clock, pool, read } = openPool();
    pool.rest('a');
    pool.rest('a', clock.now() - 1);
    expect(read()).toEqual([]);
  });

  test('of whatever kind when the person wants the account now, and failures are forgotten', async () => {
    const { pool, fail, read } = openPool();
    await fail('overloaded');
    await fail('quota-exhausted', { retryAfterMs: HOUR_MS });
    pool.use('a');
    expect(read()).toEqual([]);
    expect(pool.counts('a').failuresInARow).toBe(0);
    await fail('overloaded');
    expect(read()).toEqual([]);
  });

  test('by a test that goes well, but for limits whose end was told', async () => {
    const { pool, fail, read } = openPool();
    await fail('unauthorized');
    const second = await takePlace(pool, ONLY);
    second?.release({ type: 'failed', error: createFailure('rate-limited', 'no', { retryAfterMs: HOUR_MS }) });
    pool.prove('a');
    expect(read()).toEqual(['told m 3600 s']);
  });

  test('by a renewal, and what used the old login says nothing any more', async () => {
    const { pool, read } = openPool();
    const early = await takePlace(pool, ONLY);
    pool.prove('a');
    early?.release({ type: 'failed', error: createFailure('unauthorized') });
    expect(read()).toEqual([]);
  });

  test('when the account becomes another, and what still runs for the former says nothing of it', async () => {
    const { pool, fail, read } = openPool();
    const early = await takePlace(pool, ONLY);
    await fail('unauthorized');
    await serve(pool, ONLY, { failure: createFailure('quota-exhausted', 'no', { retryAfterMs: HOUR_MS }) });
    pool.replace('a');
    expect(read()).toEqual([]);
    early?.release({ type: 'failed', error: createFailure('quota-exhausted', 'no', { retryAfterMs: HOUR_MS }) });
    expect(read()).toEqual([]);
    expect(pool.countRunning('a')).toBe(0);
  });

  test('with the account, and nothing is left of it', async () => {
    const { pool, fail, read } = openPool();
    pool.rest('a');
    const early = await takePlace(pool, ONLY);
    expect(early).toBeUndefined();
    pool.use('a');
    await fail('unauthorized');
    pool.forget('a');
    expect(read()).toEqual([]);
    expect(pool.counts('a')).toEqual({ served: 0, failed: 0, failuresInARow: 0 });
  });
});

test('names that clients make up do not fill the memory', async () => {
  const { pool } = openPool();
  for (let index = 0; index < 1_000; index++) {
    await serve(pool, createMembers(`a/made-up-${index}`), { failure: createFailure('not-found') });
  }
  expect(pool.listRests('a').length).toBeLessThanOrEqual(200);
});
