// What the person is told before a plan runs out, and how often.
import { beforeEach, expect, test } from 'vitest';
import type { Account } from '../../../main/credentials/credential.ts';
import { createQuotaWarnings } from '../../../main/gateway/quota-warnings.ts';
import { createListeners } from '../../../main/util/listeners.ts';
import type { QuotaMeter, QuotaView } from '../../../shared/quota.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let clock: VirtualClock;
let list: Account[];
let quota: QuotaView | undefined;
let percent: number;
let told: Set<string>;
let notices: Map<string, string>;
let notified: string[];
let changed: ReturnType<typeof createListeners<void>>;

beforeEach(() => {
  clock = createVirtualClock(new Date(2026, 0, 5, 12).getTime());
  list = [{ id: 'ada', name: 'Ada' } as Account];
  quota = undefined;
  percent = 90;
  told = new Set();
  notices = new Map();
  notified = [];
  changed = createListeners<void>();
});

const open = () =>
  createQuotaWarnings({
    accounts: { list: () => list, onChange: changed.add },
    quotas: {
      find: () => quota,
      tellOnce: (_, name) => {
        const isFirst = !told.has(name);
        told.add(name);
        return isFirst;
      },
      onChange: changed.add,
    },
    clock,
    percent: () => percent,
    setNotice: (id, title, text) => {
      if (text === undefined) notices.delete(id);
      else notices.set(id, `${title}. ${text}`);
    },
    notify: (title, text) => notified.push(`${title}. ${text}`),
  });
const credits = (more: Partial<QuotaMeter>): QuotaMeter => ({ label: 'Credits', used: 1, limit: 10, ...more });
const show = (...meters: QuotaMeter[]) => {
  quota = { meters, readAt: clock.now() };
  changed.tell();
};

test('from the wanted share on there is a notice, and one message', () => {
  open();
  show(credits({ used: 8.9 }));
  expect([...notices]).toEqual([]);
  show(credits({ used: 9, resetsAt: clock.now() + 4 * HOUR_MS }));
  show(credits({ used: 9.5, resetsAt: clock.now() + 4 * HOUR_MS }));
  expect([...notices]).toEqual([
    ['quota:ada:meter:Credits', 'Ada is running out. Credits: 95 % used. Begins anew at 16:00.'],
  ]);
  expect(notified).toEqual(['Ada is running out. Credits: 90 % used. Begins anew at 16:00.']);
});

test('an end within the hour is told, whatever the share', () => {
  open();
  show(credits({ forecast: { perHour: 5, emptyAt: clock.now() + HOUR_MS + 1 } }));
  expect(notified).toEqual([]);
  show(credits({ used: 5, forecast: { perHour: 5, emptyAt: clock.now() + HOUR_MS } }));
  expect(notified).toEqual(['Ada is running out. Credits: 50 % used. At this rate used up at 13:00.']);
});

test('a notice follows what is known, and goes when it no longer holds', () => {
  open();
  show(credits({ used: 9 }));
  show(credits({ used: 10, resetsAt: clock.now() + 48 * HOUR_MS }));
  expect([...notices.values()]).toEqual(['Ada has nothing left. Credits: all used up. Begins anew at 12:00 on 7 Jan.']);
  show(credits({ used: 11, goesOn: true }));
  expect([...notices.values()]).toEqual(['Ada is beyond its plan. Credits: all used; more is charged.']);
  show(credits({ used: 1 }));
  expect([...notices]).toEqual([]);
  expect(notified).toHaveLength(1);
});

test('a notice goes by itself when the plan begins anew, and with its account', async () => {
  open();
  show(credits({ used: 10, resetsAt: clock.now() + 10 * MINUTE_MS }));
  await clock.advance(9 * MINUTE_MS);
  expect(notices.size).toBe(1);
  await clock.advance(MINUTE_MS);
  expect([notices.size, clock.next()]).toEqual([0, undefined]);
  show(credits({ used: 10 }));
  expect(notices.size).toBe(1);
  list = [];
  changed.tell();
  expect(notices.size).toBe(0);
});

test('limits of a minute are never told', () => {
  open();
  show(credits({ label: 'Requests', kind: 'rate', used: 10 }));
  expect([notices.size, notified]).toEqual([0, []]);
});

test('a balance is told by its forecast only', () => {
  open();
  quota = { meters: [], balances: [{ label: 'Balance', left: 0.5, unit: 'USD' }], readAt: clock.now() };
  changed.tell();
  expect(notified).toEqual([]);
  const forecast = { perHour: 1, emptyAt: clock.now() + HOUR_MS / 2 };
  quota = { meters: [], balances: [{ label: 'Balance', left: 0.5, unit: 'USD', forecast }], readAt: clock.now() };
  changed.tell();
  expect(notified).toEqual(['Ada is running out. Balance: 0.5 USD left. At this rate used up at 12:30.']);
  expect([...notices.keys()]).toEqual(['quota:ada:balance:Balance']);
});

test('0 switches it off, at once', () => {
  const warnings = open();
  show(credits({ used: 10 }));
  percent = 0;
  warnings.check();
  expect(notices.size).toBe(0);
  show(credits({ used: 10, forecast: { perHour: 1, emptyAt: clock.now() + 1 } }));
  expect([notices.size, notified.length]).toEqual([0, 1]);
});

test('what is known at the start is told then, and nothing after the end', () => {
  quota = { meters: [credits({ used: 9 })], readAt: clock.now() };
  const warnings = open();
  expect(notices.size).toBe(1);
  warnings.close();
  show(credits({ used: 10 }));
  expect([...notices.values()]).toEqual(['Ada is running out. Credits: 90 % used.']);
  expect(clock.next()).toBeUndefined();
});
