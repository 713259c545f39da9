// What the readings of a meter say of the time to come.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addReading, foresee, type History, hasBegunAnew } from '../../../main/gateway/quota-forecast.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NOON = Date.UTC(2026, 0, 5, 12);

const read = (...readings: readonly (readonly [minute: number, used: number])[]): History => ({
  readings: readings.map(([minute, used]) => ({ at: NOON + minute * MINUTE_MS, used })),
});
const minutes = (at: number | undefined) => (at === undefined ? undefined : (at - NOON) / MINUTE_MS);

test('use that goes on evenly ends when what is left is used up', () => {
  const forecast = foresee(read([0, 0], [10, 10], [20, 20]), 80, NOON + 20 * MINUTE_MS);
  expect(forecast?.perHour).toBeCloseTo(60);
  expect(minutes(forecast?.emptyAt)).toBeCloseTo(80);
});

test('what ends after it begins anew does not end, and the rate is told all the same', () => {
  const history = { ...read([0, 0], [20, 20]), resetsAt: NOON + 70 * MINUTE_MS };
  const forecast = foresee(history, 80, NOON + 20 * MINUTE_MS);
  expect(forecast?.perHour).toBeCloseTo(60);
  expect(forecast).not.toHaveProperty('emptyAt');
  expect(
    minutes(foresee({ ...history, resetsAt: NOON + 90 * MINUTE_MS }, 80, NOON + 20 * MINUTE_MS)?.emptyAt),
  ).toBeCloseTo(80);
});

test.each([
  ['one reading', read([0, 5]), 10],
  ['two readings that are too close', read([0, 5], [4, 6]), 10],
  ['use that stands still', read([0, 5], [60, 5]), 10],
  ['nothing left', read([0, 5], [60, 10]), 10],
  ['more used than there is', read([0, 5], [60, 11]), 10],
  ['no reading', { readings: [] }, 10],
])('there is no forecast from %s', (_, history, limit) => {
  expect(foresee(history, limit, NOON + HOUR_MS)).toBeUndefined();
});

test('there is no forecast where it has begun anew since the last reading', () => {
  const history = { ...read([0, 0], [20, 20]), resetsAt: NOON + 30 * MINUTE_MS };
  expect(foresee(history, 80, NOON + 30 * MINUTE_MS)).toBeUndefined();
});

test('a busy hour does not tell of a plan that lasts for days', () => {
  const quiet = read([0, 0], [23 * 60, 0], [24 * 60, 25]);
  const forecast = foresee(quiet, 800, NOON + 24 * HOUR_MS);
  expect(forecast?.perHour).toBeLessThan(3);
  // What is nearly empty ends by what was used just now.
  expect(minutes(foresee(quiet, 35, NOON + 24 * HOUR_MS)?.emptyAt)).toBeLessThan(24 * 60 + 60);
});

test('a pause moves the end away', () => {
  const history = read([0, 0], [60, 60]);
  const [soon, later] = [1, 3].map((hours) => foresee(history, 100, NOON + hours * HOUR_MS)?.emptyAt ?? 0);
  expect(minutes(soon)).toBeCloseTo(100);
  expect((later ?? 0) - (soon ?? 0)).toBeGreaterThan(2 * HOUR_MS);
});

test('a month away is too far to be told', () => {
  expect(foresee(read([0, 0], [60, 1]), 10_000, NOON + HOUR_MS)).not.toHaveProperty('emptyAt');
});

test.each([
  ['much less is used than before', { at: NOON + HOUR_MS, used: 18 }, true],
  ['its end has come', { at: NOON + 5 * HOUR_MS, used: 20 }, true],
  ['it ends at another time', { at: NOON + HOUR_MS, used: 25, resetsAt: NOON + 9 * HOUR_MS }, true],
  ['its end has moved by a little', { at: NOON + HOUR_MS, used: 25, resetsAt: NOON + 5 * HOUR_MS + 9_000 }, false],
  ['its end is not told this time', { at: NOON + HOUR_MS, used: 25 }, false],
])('where %s a meter has begun anew or not', (_, next, expected) => {
  const history = { ...read([0, 10], [20, 20]), resetsAt: NOON + 5 * HOUR_MS };
  expect(hasBegunAnew(history, next)).toBe(expected);
  expect(addReading(history, next).readings).toHaveLength(expected ? 1 : 3);
});

test.each([
  [20, 19.5],
  [-20, -20.5],
])('a small fall (%d to %d) is no reading at all', (last, next) => {
  const history = read([0, last - 1], [20, last]);
  expect(addReading(history, { at: NOON + HOUR_MS, used: next })).toBe(history);
});

test('what was known of the end stays known, unless it has passed', () => {
  const history = { ...read([0, 10]), resetsAt: NOON + HOUR_MS };
  expect(addReading(history, { at: NOON + 1, used: 10 }).resetsAt).toBe(NOON + HOUR_MS);
  expect(addReading(history, { at: NOON + HOUR_MS, used: 10 })).toEqual({
    readings: [{ at: NOON + HOUR_MS, used: 10 }],
  });
});

test('many readings in a short time are few, and long ones stay', () => {
  let history: History | undefined;
  for (let second = 0; second <= 3600; second += 1)
    history = addReading(history, { at: NOON + second * 1000, used: second });
  expect(history?.readings.length).toBeLessThanOrEqual(62);
  expect(history?.readings[0]).toEqual({ at: NOON, used: 0 });
  for (let minute = 61; minute < 5000; minute += 1)
    history = addReading(history, { at: NOON + minute * MINUTE_MS, used: 3600 + minute });
  expect(history?.readings.length).toBeLessThanOrEqual(200);
});

test('readings of a time to come go when the clock is set back', () => {
  const history = read([0, 1], [60, 2]);
  expect(addReading(history, { at: NOON + 30 * MINUTE_MS, used: 3 })).toEqual(read([0, 1], [30, 3]));
});

const histories = fc
  .array(fc.record({ gap: fc.integer({ min: 1, max: 600 }), more: fc.float({ min: 0, max: 50, noNaN: true }) }), {
    minLength: 1,
    maxLength: 30,
  })
  .map((steps) => {
    let [at, used] = [NOON, 0];
    const readings = [{ at, used }];
    for (const { gap, more } of steps) {
      at += gap * MINUTE_MS;
      used += more;
      readings.push({ at, used });
    }
    return { readings };
  });
const settings = fc.record({
  history: histories,
  more: fc.float({ min: 0, max: 100, noNaN: true }),
  spare: fc.float({ min: Math.fround(0.5), max: 1000, noNaN: true }),
  laterMs: fc.integer({ min: 0, max: 48 * HOUR_MS }),
  resetMs: fc.option(fc.integer({ min: 1, max: 72 * HOUR_MS }), { nil: undefined }),
});

test('an end is never in the past, and never after the meter begins anew', () => {
  fc.assert(
    fc.property(settings, ({ history, spare, laterMs, resetMs }) => {
      const last = history.readings.at(-1) ?? { at: 0, used: 0 };
      const now = last.at + laterMs;
      const resetsAt = resetMs === undefined ? undefined : now + resetMs;
      const forecast = foresee({ ...history, ...(resetsAt && { resetsAt }) }, last.used + spare, now);
      if (forecast === undefined) return;
      expect(forecast.perHour).toBeGreaterThan(0);
      expect(forecast.emptyAt ?? now + 1).toBeGreaterThan(now);
      if (resetsAt !== undefined) expect(forecast.emptyAt ?? 0).toBeLessThan(resetsAt);
    }),
  );
});

test('more use never moves the end away, nor does a smaller plan', () => {
  fc.assert(
    fc.property(settings, ({ history, more, spare, laterMs }) => {
      const last = history.readings.at(-1) ?? { at: 0, used: 0 };
      const now = last.at + laterMs;
      const limit = last.used + more + spare;
      const busier = { readings: [...history.readings.slice(0, -1), { ...last, used: last.used + more }] };
      const end = (one: History, of: number) => foresee(one, of, now)?.emptyAt ?? Number.POSITIVE_INFINITY;
      expect(end(busier, limit)).toBeLessThanOrEqual(end(history, limit));
      expect(end(history, last.used + spare)).toBeLessThanOrEqual(end(history, limit));
    }),
  );
});

test('use that stands still has no forecast, whatever else', () => {
  fc.assert(
    fc.property(settings, ({ history, spare, laterMs }) => {
      const readings = history.readings.map(({ at }) => ({ at, used: 7 }));
      expect(foresee({ readings }, 7 + spare, (readings.at(-1)?.at ?? 0) + laterMs)).toBeUndefined();
    }),
  );
});
