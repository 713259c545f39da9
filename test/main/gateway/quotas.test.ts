// When quotas are read, and what is known of them in between.
import { beforeEach, expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { createQuotas, type Quotas } from '../../../main/gateway/quotas.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import { createListeners } from '../../../main/util/listeners.ts';
import type { Quota } from '../../../shared/quota.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';

const MINUTE_MS = 60_000;
const QUOTA: Quota = { meters: [{ label: 'Credits', used: 1, limit: 10 }], plan: 'Free' };
const empty = { method: 'none', values: {}, env: {}, endpoints: {}, models: [], source: 'settings' } as const;

let now: number;
let list: Account[];
let used: Map<string, number>;
let timers: { at: number; task: () => void }[];
let answers: (() => Promise<Quota>)[];
let asked: number;
let told: number;
let quotas: Quotas;
let changed: ReturnType<typeof createListeners<void>>;

const account = (id: string, provider = 'counting'): Account => ({ ...empty, id, provider, name: id });

beforeEach(() => {
  changed = createListeners<void>();
  now = 1_000_000;
  list = [account('one'), account('other', 'silent')];
  used = new Map();
  timers = [];
  answers = [];
  asked = 0;
  told = 0;
  const counting: Provider = {
    ...createScriptedProvider({ id: 'counting' }),
    readQuota: async () => {
      asked += 1;
      return await (answers.shift()?.() ?? Promise.resolve(QUOTA));
    },
  };
  quotas = createQuotas({
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
    now: () => now,
    schedule: (task, ms) => {
      const timer = { at: now + ms, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((one) => one !== timer);
      };
    },
  });
  quotas.onChange(() => {
    told += 1;
  });
});

/** The account is used now. */
const use = (id: string) => {
  used.set(id, now);
  changed.tell();
};
const pass = async (ms: number) => {
  now += ms;
  const due = timers.filter(({ at }) => at <= now);
  timers = timers.filter(({ at }) => at > now);
  for (const { task } of due) task();
  await new Promise((resolve) => setImmediate(resolve));
};
const find = () => quotas.find(list[0] as Account);

it('a quota is read a while after the account was used, once for many uses', async () => {
  changed.tell();
  await pass(MINUTE_MS);
  expect([asked, find()]).toEqual([0, undefined]);
  for (let times = 0; times < 10; times += 1) use('one');
  expect(timers).toHaveLength(1);
  await pass(19_999);
  expect(asked).toBe(0);
  await pass(1);
  expect([asked, told, find()]).toEqual([1, 1, { ...QUOTA, readAt: now }]);
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
  expect([asked, timers]).toEqual([4, []]);
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
  now += 10_000;
  await quotas.refresh('one');
  expect(asked).toBe(2);
});

it('what cannot be read is said beside what was read before, without a secret in it', async () => {
  await quotas.refresh('one');
  const readAt = now;
  now += MINUTE_MS;
  answers.push(() => Promise.reject(new GatewayError('upstream', 'No secret today.')));
  await quotas.refresh('one');
  expect(find()).toEqual({ ...QUOTA, readAt, problem: 'No … today.' });
});

it('what was never read is unknown, with the reason', async () => {
  answers.push(() => Promise.reject(new GatewayError('upstream', 'No.')));
  await quotas.refresh('one');
  expect(find()).toEqual({ meters: [], readAt: now, problem: 'No.' });
});

it('an account that was changed or removed is another one', async () => {
  await quotas.refresh('one');
  list = [account('one')];
  expect(find()).toBeUndefined();
  use('one');
  list = [];
  changed.tell();
  expect(timers).toEqual([]);
  await expect(quotas.refresh('one')).rejects.toThrow('no account');
});

it('a provider that cannot tell is not asked', async () => {
  expect(list.map(quotas.has)).toEqual([true, false]);
  use('other');
  await quotas.refresh('other');
  expect([timers, asked]).toEqual([[], 0]);
});

it('nothing is read after the end', async () => {
  use('one');
  quotas.close();
  use('one');
  await pass(60 * MINUTE_MS);
  expect(asked).toBe(0);
});
