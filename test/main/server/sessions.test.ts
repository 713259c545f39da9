// The one-time links and the sessions that they become, on a clock that the test moves.
import { expect, test } from 'vitest';
import { createSessions } from '../../../main/server/sessions.ts';

function createClock() {
  let time = 1_000_000;
  return { now: () => time, pass: (ms: number) => (time += ms) };
}

test('a link opens one session, once', () => {
  const sessions = createSessions();
  const link = sessions.createLink();
  const session = sessions.open(link);
  expect(session).toMatch(/^[\w-]{43}$/);
  expect(sessions.isOpen(session ?? '')).toBe(true);
  expect(sessions.open(link)).toBeUndefined();
});

test('a link expires unopened', () => {
  const clock = createClock();
  const sessions = createSessions({ now: clock.now, linkMs: 1000 });
  const link = sessions.createLink();
  clock.pass(1000);
  expect(sessions.open(link)).toBeUndefined();
});

test('a session lives while it is used and ends when it is not', () => {
  const clock = createClock();
  const sessions = createSessions({ now: clock.now, idleMs: 1000 });
  const session = sessions.open(sessions.createLink()) ?? '';
  for (let use = 0; use < 3; use++) {
    clock.pass(900);
    expect(sessions.isOpen(session)).toBe(true);
  }
  clock.pass(1000);
  expect(sessions.isOpen(session)).toBe(false);
});

test('what was never given out opens nothing', () => {
  const sessions = createSessions();
  const link = sessions.createLink();
  expect(sessions.isOpen(link)).toBe(false);
  expect(sessions.isOpen('')).toBe(false);
  expect(sessions.open(sessions.open(link) ?? '')).toBeUndefined();
});

test('the oldest of too many sessions ends', () => {
  const sessions = createSessions();
  const open = Array.from({ length: 40 }, () => sessions.open(sessions.createLink()) ?? '');
  const alive = open.filter(sessions.isOpen);
  expect(alive).toEqual(open.slice(-alive.length));
  expect(alive.length).toBeLessThan(40);
});
