// When quotas are read, what is learned in between, and what is known of them.
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { openQuotaFile } from '../../../main/gateway/quota-file.ts';
import { createQuotas, type Quotas } from '../../../main/gateway/quotas.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import { createListeners } from '../../../main/util/listeners.ts';
import type { Quota } from '../../../shared/quota.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const QUOTA: Quota = { meters: [{ label: 'Credits', used: 1, limit: 10 }], plan: 'Free' };
const empty = { method: 'none', values: {}, env: {}, endpoints: {}, models: [], source: 'settings' } as const;

let clock: VirtualClock;
let list: Account[];
let used: Map<string, number>;
let answers: (() => Promise<Quota>)[];
let asked: number;
let told: number;
let returned: string[];
let quotas: Quotas;
let changed: ReturnType<typeof createListeners<void>>;
let path: string;

const account = (id: string, provider = 'counting'): Account => ({ ...empty, id, provider, name: id });
const counting: Provider = {
  ...createScriptedProvider({ id: 'counting' }),
  readQuota: async () => {
    asked += 1;
    return await (answers.shift()?.() ?? Promise.resolve(QUOTA));
  },
};
const open = () => {
  const opened = createQuotas({
    accounts: {
      list: () => list,
      find: (id) => list.find((one) => one.id === id),
      health: (id) => ({ state: 'ready', lastUsedAt: used.get(id) }),
      openCredential: async (id) => ({ account: list.find((one) => one.id === id) ?? account(id), secrets: {} }),
      onChange: changed.add,
    },
    providers: new Map([
      ['counting', counting],
      ['silent', createScriptedProvider({ id: 'silent' })],
    ]),
    redact: (text) => text.replace('secret', '…'),
    clock,
    file: openQuotaFile({ path, clock, onMishap: expect.unreachable }),
    onReturned: (id) => returned.push(id),
  });
  opened.onChange(() => {
    told += 1;
  });
  return opened;
};

beforeEach(() => {
  changed = createListeners<void>();
  clock = createVirtualClock();
  list = [account('one'), account('other', 'silent')];
  used = new Map();
  answers = [];
  asked = 0;
  told = 0;
  returned = [];
  path = join(makeTempFolder(), 'quota.json');
  quotas = open();
});

afterEach(() => quotas.close());

/** The account is used now. */
const use = (id: string) => {
  used.set(id, clock.now());
  changed.tell();
};
const pass = (ms: number) => clock.advance(ms);
const find = () => quotas.find(list[0] as Account);
const read = async (quota: Quota) => {
  answers.push(async () => quota);
  await pass(10_000);
  await quotas.refresh('one');
};
const credits = (amount: number, resetsAt?: number): Quota => ({
  meters: [{ label: 'Credits', used: amount, limit: 10, ...(resetsAt && { resetsAt }) }],
});

it('a quota is read a while after the account was used, once for many uses', async () => {
  changed.tell();
  await pass(MINUTE_MS);
  expect([asked, find()]).toEqual([0, undefined]);
  for (let times = 0; times < 10; times += 1) use('one');
  await pass(19_999);
  expect(asked).toBe(0);
  await pass(1);
  expect([asked, told, find()]).toEqual([1, 1, { ...QUOTA, readAt: clock.now() }]);
});

it('a busy account is read every five minutes, and not at all when it is no longer used', async () => {
  use('one');
  await pass(20_000);
  for (let minutes = 0; minutes < 15; minutes += 1) {
    use('one');
    await pass(MINUTE_MS);
  }
  expect(asked).toBe(4);
  await pass(5 * MINUTE_MS);
  await pass(60 * MINUTE_MS);
  expect([asked, clock.next()]).toEqual([4, undefined]);
});

it('who looks has what is old read anew', async () => {
  quotas.look();
  await pass(0);
  quotas.look();
  await pass(5 * MINUTE_MS - 1);
  quotas.look();
  await pass(0);
  expect(asked).toBe(1);
  await pass(1);
  quotas.look();
  await pass(0);
  expect(asked).toBe(2);
});

it('who asks has it read at once, but for a second press', async () => {
  await Promise.all([quotas.refresh('one'), quotas.refresh('one')]);
  await quotas.refresh('one');
  expect(asked).toBe(1);
  await pass(10_000);
  await quotas.refresh('one');
  expect(asked).toBe(2);
});

it('what cannot be read is said beside what was read before, without a secret in it', async () => {
  await quotas.refresh('one');
  const readAt = clock.now();
  await pass(MINUTE_MS);
  answers.push(() => Promise.reject(new GatewayError('upstream', 'No secret today.')));
  await quotas.refresh('one');
  expect(find()).toEqual({ ...QUOTA, readAt, problem: 'No … today.' });
});

it('what was never read is unknown, with the reason', async () => {
  answers.push(() => Promise.reject(new GatewayError('upstream', 'No.')));
  await quotas.refresh('one');
  expect(find()).toEqual({ meters: [], readAt: clock.now(), problem: 'No.' });
});

it('an account that was changed or removed is another one', async () => {
  await quotas.refresh('one');
  list = [account('one')];
  expect(find()).toBeUndefined();
  use('one');
  list = [];
  changed.tell();
  await pass(HOUR_MS);
  expect(asked).toBe(1);
  await expect(quotas.refresh('one')).rejects.toThrow('no account');
});

it('a provider that cannot tell is not asked', async () => {
  expect(list.map(quotas.has)).toEqual([true, false]);
  use('other');
  await quotas.refresh('other');
  await pass(HOUR_MS);
  expect(asked).toBe(0);
});

it('nothing is read after the end', async () => {
  use('one');
  await quotas.close();
  use('one');
  await pass(60 * MINUTE_MS);
  expect(asked).toBe(0);
});

const RATE = { label: 'Requests', kind: 'rate', used: 1, limit: 500, unit: 'requests' } as const;
const WINDOW = { label: '5 hours', used: 40, limit: 100, unit: '%' } as const;

it('what an answer told is known at once, with its age, also where nobody can be asked', () => {
  const other = list[1] as Account;
  quotas.learn(other, [RATE, WINDOW]);
  const toldAt = clock.now();
  expect(quotas.find(other)).toEqual({
    meters: [
      { ...RATE, toldAt },
      { ...WINDOW, toldAt },
    ],
    readAt: toldAt,
  });
  expect([quotas.has(other), asked]).toEqual([false, 0]);
});

it('an answer changes what it names, and the next reading wins over it', async () => {
  await read(QUOTA);
  await pass(MINUTE_MS);
  quotas.learn(list[0] as Account, [{ label: 'Credits', used: 4, limit: 10 }, RATE]);
  expect(find()?.meters.map(({ used: amount }) => amount)).toEqual([4, 1]);
  await pass(MINUTE_MS);
  await read(credits(3));
  expect(find()?.meters.map(({ used: amount }) => amount)).toEqual([3, 1]);
});

it('limits of nothing and numbers that are none are not learned', () => {
  const nonsense = { label: 'Tokens', used: 0, limit: 0 };
  quotas.learn(list[0] as Account, [nonsense, { ...nonsense, used: Number.NaN, limit: 5 }]);
  expect(find()).toBeUndefined();
});

it('an answer for an account that was changed meanwhile teaches nothing', () => {
  const before = list[0] as Account;
  list = [account('one')];
  quotas.learn(before, [WINDOW]);
  expect(find()).toBeUndefined();
});

it('many answers are told once a second', async () => {
  for (let times = 0; times < 100; times += 1) quotas.learn(list[0] as Account, [{ ...RATE, used: times }]);
  expect(told).toBe(1);
  await pass(1000);
  expect(told).toBe(2);
  await pass(60_000);
  expect(told).toBe(2);
});

it('limits of a minute are forgotten after a day, and have no forecast', async () => {
  for (let minute = 0; minute < 60; minute += 1) {
    quotas.learn(list[0] as Account, [{ ...RATE, used: minute }]);
    await pass(MINUTE_MS);
  }
  expect(find()?.meters[0]).not.toHaveProperty('forecast');
  await pass(24 * HOUR_MS);
  expect(find()).toBeUndefined();
});

it('readings that rise bring a forecast, for balances, too', async () => {
  await read({ ...credits(1), balances: [{ label: 'Balance', left: 20 }] });
  await pass(HOUR_MS - 10_000);
  await read({ ...credits(4), balances: [{ label: 'Balance', left: 15 }] });
  expect(find()?.meters[0]?.forecast).toEqual({ perHour: expect.closeTo(3), emptyAt: clock.now() + 2 * HOUR_MS });
  expect(find()?.balances?.[0]?.forecast).toEqual({ perHour: expect.closeTo(5), emptyAt: clock.now() + 3 * HOUR_MS });
});

it('after a restart the last known is shown with its age, and the forecast goes on', async () => {
  await read(credits(1));
  quotas.learn(list[1] as Account, [WINDOW]);
  const learnedAt = clock.now();
  await pass(HOUR_MS - 10_000);
  await read(credits(4));
  const readAt = clock.now();
  await quotas.close();
  list = list.map((one) => ({ ...one }));
  quotas = open();
  expect(find()).toMatchObject({ readAt, meters: [{ used: 4, forecast: { perHour: expect.closeTo(3) } }] });
  // What nobody has looked at is not lost by writing the rest.
  await read(credits(5));
  await quotas.close();
  quotas = open();
  expect(quotas.find(list[1] as Account)?.readAt).toBe(learnedAt);
  expect(find()?.meters[0]?.used).toBe(5);
});

it('after a restart an account with other settings is another one', async () => {
  await read(credits(1));
  await quotas.close();
  list = [{ ...account('one'), values: { baseUrl: 'http://127.0.0.1' } }];
  quotas = open();
  expect(find()).toBeUndefined();
});

it.each(['quota-exhausted', 'rate-limited'] as const)(
  'a failure (%s) has it read soon, once in a while',
  async (kind) => {
    await read(QUOTA);
    for (let times = 0; times < 5; times += 1) quotas.hear('one', kind);
    await pass(2_000);
    expect(asked).toBe(2);
    for (let times = 0; times < 5; times += 1) quotas.hear('one', kind);
    await pass(4 * MINUTE_MS);
    expect(asked).toBe(2);
  },
);

it('a failure of another kind, and one where nobody can be asked, reads nothing', async () => {
  quotas.hear('one', 'overloaded');
  quotas.hear('other', 'quota-exhausted');
  quotas.hear('gone', 'quota-exhausted');
  await pass(HOUR_MS);
  expect(asked).toBe(0);
});

it('an account with nothing left is asked more and more seldom, until there is something again', async () => {
  await read(credits(9));
  quotas.hear('one', 'quota-exhausted');
  const answer = async () => credits(10);
  answers = Array.from({ length: 100 }, () => answer);
  asked = 0;
  await pass(24 * HOUR_MS);
  expect(asked).toBeGreaterThan(5);
  expect(asked).toBeLessThan(20);
  expect(returned).toEqual([]);
  answers = [async () => credits(2)];
  await pass(6 * HOUR_MS);
  expect(returned).toEqual(['one']);
  const before = asked;
  await pass(24 * HOUR_MS);
  expect([asked, returned]).toEqual([before, ['one']]);
});

it('an account that had nothing left before a restart is asked after it', async () => {
  await read(credits(10));
  quotas.hear('one', 'quota-exhausted');
  await quotas.close();
  quotas = open();
  answers = [async () => credits(0)];
  await pass(HOUR_MS);
  expect(returned).toEqual(['one']);
});

it('what was left all the time proves nothing, what has grown does', async () => {
  const balance = (left: number): Quota => ({ meters: [], balances: [{ label: 'Balance', left }] });
  await read(balance(20));
  quotas.hear('one', 'quota-exhausted');
  await read(balance(20));
  await read(balance(19));
  expect(returned).toEqual([]);
  await read(balance(500));
  expect(returned).toEqual(['one']);
});

it('an account that answers again has nothing to prove', async () => {
  await read(credits(10));
  quotas.hear('one', 'quota-exhausted');
  quotas.hear('one', undefined);
  await read(credits(0));
  expect(returned).toEqual([]);
});

it('what is used up is read again when it begins anew', async () => {
  await read(credits(10, clock.now() + 3 * HOUR_MS));
  asked = 0;
  await pass(3 * HOUR_MS);
  expect(asked).toBe(0);
  await pass(MINUTE_MS);
  expect(asked).toBe(1);
});

it('a clock that is set back keeps nobody waiting', async () => {
  await read(QUOTA);
  clock.setWall(clock.now() - 24 * HOUR_MS);
  use('one');
  await pass(5 * MINUTE_MS);
  expect(asked).toBe(2);
});

it('each period is told once, also after a restart', async () => {
  const one = () => list[0] as Account;
  const name = 'meter:Credits';
  expect(quotas.tellOnce(one(), name)).toBe(false);
  await read(credits(9, clock.now() + 5 * HOUR_MS));
  expect([quotas.tellOnce(one(), name), quotas.tellOnce(one(), name)]).toEqual([true, false]);
  await quotas.close();
  quotas = open();
  expect(quotas.tellOnce(one(), name)).toBe(false);
  // A window that moves on falls a little.
  await read(credits(8.9, clock.now() + 5 * HOUR_MS));
  expect(quotas.tellOnce(one(), name)).toBe(false);
  await read(credits(2, clock.now() + 5 * HOUR_MS));
  await read(credits(9, clock.now() + 5 * HOUR_MS));
  expect(quotas.tellOnce(one(), name)).toBe(true);
  await pass(6 * HOUR_MS);
  await read(credits(10, clock.now() + 5 * HOUR_MS));
  expect(quotas.tellOnce(one(), name)).toBe(true);
});
