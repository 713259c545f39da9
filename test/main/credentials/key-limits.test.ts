// The limits of a key: how many requests fit a minute, a day and a moment, and when there is room again.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createKeyLimits, createMinuteWindow } from '../../../main/credentials/key-limits.ts';
import type { KeyRules } from '../../../shared/views.ts';
import { openTestKeyUse } from '../../support/key-use.ts';
import { createVirtualClock } from '../../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const NOON = new Date(2026, 0, 5, 12).getTime();

function createHouse(rules: KeyRules, start = NOON) {
  const clock = createVirtualClock(start);
  const use = openTestKeyUse({ clock });
  const limits = createKeyLimits({ clock, use });
  const enter = (given = rules) => limits.enter('ide', 'IDE', given);
  /** The refusal, or undefined where there was a place. */
  const refuse = (given = rules) => {
    try {
      enter(given);
      return undefined;
    } catch (thrown) {
      return thrown instanceof GatewayError ? thrown : undefined;
    }
  };
  return { clock, use, limits, enter, refuse };
}

test('a key without limits has none', () => {
  const { enter, use } = createHouse({});
  for (let count = 0; count < 1000; count += 1) enter();
  expect(use.read('ide').requests).toBe(1000);
});

describe('requests in a minute', () => {
  test('are let in until there are too many, and again when the oldest has left the window', async () => {
    const { clock, enter, refuse, use } = createHouse({ requestsPerMinute: 2 });
    enter();
    await clock.advance(20_000);
    enter();
    await clock.advance(15_500);
    const refused = refuse();
    expect([refused?.kind, refused?.retryAfterMs]).toEqual(['rate-limited', 24_500]);
    expect(refused?.message).toBe('The client key "IDE" may make 2 requests a minute, no more. Try again in 25 s.');
    // Refusals do not count: the place gets free in spite of them.
    expect(refuse()?.retryAfterMs).toBe(24_500);
    await clock.advance(24_500);
    enter();
    expect(refuse()?.retryAfterMs).toBe(20_000);
    expect(use.read('ide').requests).toBe(3);
  });

  test('are forgotten over a sleep, and a wall clock that is set back does not hold them', async () => {
    const { clock, enter, refuse } = createHouse({ requestsPerMinute: 1 });
    enter();
    clock.sleep(MINUTE_MS);
    enter();
    clock.setWall(NOON - 86_400_000);
    expect(refuse()?.retryAfterMs).toBe(MINUTE_MS);
    await clock.advance(MINUTE_MS);
    enter();
  });

  test('are counted anew by a limit that was lowered', async () => {
    const { clock, enter, refuse } = createHouse({ requestsPerMinute: 3 });
    for (let count = 0; count < 3; count += 1) {
      enter();
      await clock.advance(10_000);
    }
    expect(refuse({ requestsPerMinute: 1 })?.retryAfterMs).toBe(50_000);
    await clock.advance(50_000);
    enter({ requestsPerMinute: 1 });
  });

  test('never are more than the limit in any minute, and whoever waits as told gets in', async () => {
    const step = fc.record({ passMs: fc.integer({ min: 0, max: 30_000 }), waits: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 40 }), async (limit, steps) => {
        const clock = createVirtualClock();
        const window = createMinuteWindow(clock);
        const entered: number[] = [];
        let now = 0;
        const pass = (ms: number) => {
          now += ms;
          clock.sleep(ms);
        };
        for (const { passMs, waits } of steps) {
          pass(passMs);
          const waitMs = window.readWait(limit);
          const inside = entered.filter((at) => now - at < MINUTE_MS);
          expect(waitMs > 0).toBe(inside.length >= limit);
          if (waitMs > 0) expect(waitMs).toBe((inside.at(-limit) ?? 0) + MINUTE_MS - now);
          if (waitMs > 0 && !waits) continue;
          pass(waitMs);
          expect(window.readWait(limit)).toBe(0);
          window.add();
          entered.push(now);
        }
      }),
    );
  });

  test('leave as soon as either clock says so, whatever is done to the wall clock', async () => {
    const act = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), ms: fc.constant(0) }),
      fc.record({ kind: fc.constantFrom('pass' as const, 'sleep' as const), ms: fc.integer({ min: 0, max: 40_000 }) }),
      fc.record({ kind: fc.constant('set' as const), ms: fc.integer({ min: -200_000, max: 200_000 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.array(act, { maxLength: 30 }), async (limit, acts) => {
        const clock = createVirtualClock();
        const window = createMinuteWindow(clock);
        let inside: { at: number; uptime: number }[] = [];
        for (const { kind, ms } of acts) {
          if (kind === 'add') {
            window.add();
            inside.push({ at: clock.now(), uptime: clock.uptime() });
          } else if (kind === 'pass') await clock.advance(ms);
          else if (kind === 'sleep') clock.sleep(ms);
          else clock.setWall(clock.now() + ms);
          // Whoever came before one that is out is out as well.
          const isOut = (one: { at: number; uptime: number }) =>
            clock.uptime() - one.uptime >= MINUTE_MS || clock.now() - one.at >= MINUTE_MS;
          inside = inside.slice(inside.findLastIndex(isOut) + 1);
          const waitMs = window.readWait(limit);
          expect(waitMs > 0).toBe(inside.length >= limit);
          expect(waitMs).toBeLessThanOrEqual(MINUTE_MS);
        }
      }),
      { numRuns: 50 },
    );
  });

  test('cost the same however many there are', () => {
    const { enter, clock } = createHouse({ requestsPerMinute: 100_000 });
    const begun = performance.now();
    for (let count = 0; count < 200_000; count += 1) {
      enter();
      clock.sleep(1);
    }
    expect(performance.now() - begun).toBeLessThan(2_000);
  });
});

describe('tokens in a day', () => {
  const rules = { tokensPerDay: 1_000 };

  test('are counted as they become known, and refused with the time until midnight', async () => {
    const { clock, use, enter, refuse } = createHouse(rules, new Date(2026, 0, 5, 22, 30).getTime());
    const place = enter();
    place.spend(400);
    place.spend(400);
    place.spend(1_200);
    expect(use.read('ide').tokensToday).toBe(1_200);
    const refused = refuse();
    expect([refused?.kind, refused?.retryAfterMs]).toEqual(['rate-limited', 90 * MINUTE_MS]);
    expect(refused?.message).toBe(
      'The client key "IDE" may use 1,000 tokens a day and has used 1,200. Its next day begins at midnight, in 1 h 30 min.',
    );
    await clock.advance(90 * MINUTE_MS - 1);
    expect(refuse()?.retryAfterMs).toBe(1);
    await clock.advance(1);
    enter();
    expect(use.read('ide')).toMatchObject({ tokensToday: 0, requests: 2 });
    // What runs over midnight counts for the day on which it becomes known.
    place.spend(1_300);
    expect(use.read('ide').tokensToday).toBe(100);
  });

  test('do not lock a key until a day that the clock had by mistake', () => {
    const { clock, enter, refuse } = createHouse(rules);
    clock.setWall(new Date(2031, 5, 1, 12).getTime());
    enter().spend(5_000);
    expect(refuse()).toBeDefined();
    clock.setWall(NOON);
    expect(refuse()).toBeUndefined();
  });
});

describe('requests at a time', () => {
  test('are let in when one has ended', () => {
    const { enter, refuse } = createHouse({ concurrent: 2 });
    const place = enter();
    enter();
    const refused = refuse();
    expect([refused?.kind, refused?.retryAfterMs]).toEqual(['rate-limited', 1_000]);
    expect(refused?.message).toContain('"IDE" may have 2 requests running at a time');
    place.leave();
    enter();
    expect(refuse()).toBeDefined();
  });
});

test('of several limits the one that lasts longest speaks', () => {
  const rules = { tokensPerDay: 10, requestsPerMinute: 1, concurrent: 1 };
  const { enter, refuse } = createHouse(rules);
  const place = enter();
  expect(refuse()?.retryAfterMs).toBe(MINUTE_MS);
  place.spend(10);
  expect(refuse()?.retryAfterMs).toBe(12 * 60 * MINUTE_MS);
});

test('a forgotten key leaves no trace, though its request goes on', () => {
  const { use, limits, enter } = createHouse({ concurrent: 1 });
  const place = enter();
  limits.forget('ide');
  use.forget('ide');
  place.spend(500);
  place.leave();
  expect(use.read('ide')).toEqual({ lastUsedAt: undefined, requests: 0, tokensToday: 0 });
  enter();
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, 1e300, 1.5, -5])(
  'what an upstream tells as %d tokens changes nothing of the count',
  (wrong) => {
    const { enter, refuse, use } = createHouse({ tokensPerDay: 100 });
    const place = enter();
    place.spend(wrong);
    place.spend(60);
    place.spend(wrong);
    expect(use.read('ide').tokensToday).toBe(60);
    enter().spend(40);
    expect(refuse()?.kind).toBe('rate-limited');
  },
);
