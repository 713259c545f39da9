// The scheduler of renewals, over logins that a script renews and a clock that a test moves.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import { createRenewals, type Renewals } from '../../../main/gateway/renewals.ts';
import type { AccountRenewal } from '../../../main/providers/login.ts';
import { createListeners } from '../../../main/util/listeners.ts';
import { createGate } from '../../support/gate.ts';
import { createVirtualClock, type VirtualClock } from '../../support/virtual-clock.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const AHEAD = 10 * MINUTE;

/** One login as its upstream knows it. */
interface FakeLogin {
  endsAt: number | undefined;
  lifeMs: number;
  /** Thrown by the next renewals, in turn. */
  failures: GatewayError[];
  /** Renewals hang until this resolves. */
  gate: Promise<void> | undefined;
  renewals: number;
}

let clock: VirtualClock;
let list: Account[];
let logins: Map<string, FakeLogin>;
let opened: string[];
let proved: string[];
let broken: Set<string>;
let renewals: Renewals;
let most: number;
let running: number;
let startedAt: number[];
const changed = createListeners();

const account = (id: string, method = id, provider = 'fake'): Account => ({
  ...{ id, provider, name: id.toUpperCase(), method, values: {}, env: {}, endpoints: {}, models: [] },
  source: 'settings',
});
/** An account with a login of its own, or with that of another one. */
const add = (id: string, endsInMs: number | undefined, login = id) => {
  const endsAt = endsInMs === undefined ? undefined : clock.now() + endsInMs;
  logins.set(login, { endsAt, lifeMs: HOUR, failures: [], gate: undefined, renewals: 0 });
  list.push(account(id, login));
};
const count = (login: string) => logins.get(login)?.renewals;
const get = (login: string) => logins.get(login) as FakeLogin;

const renewal: AccountRenewal = {
  covers: ({ method }) => method !== 'key',
  find: async ({ account: { method } }) => {
    const login = logins.get(method);
    if (login === undefined) return undefined;
    const { endsAt } = login;
    return endsAt === undefined ? { login: method } : { login: method, endsAt, dueAt: endsAt - AHEAD };
  },
  renew: async ({ credential, signal }) => {
    const login = get(credential.account.method);
    login.renewals += 1;
    running += 1;
    most = Math.max(most, running);
    startedAt.push(clock.uptime());
    const gone = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    gone.catch(() => {});
    try {
      await Promise.race([login.gate, ...(login.gate === undefined ? [] : [gone])]);
      const failure = login.failures.shift();
      if (failure !== undefined) throw failure;
      login.endsAt = clock.now() + login.lifeMs;
    } finally {
      running -= 1;
    }
  },
};

const start = (random = () => 0) => {
  renewals = createRenewals({
    clock,
    random,
    accounts: {
      list: () => list,
      find: (id) => list.find((one) => one.id === id),
      openCredential: async (id) => {
        opened.push(id);
        const found = list.find((one) => one.id === id);
        if (found === undefined) throw new GatewayError('not-found', 'gone');
        return { account: found, secrets: {} };
      },
      health: (id) => ({ state: broken.has(id) ? 'failed' : 'ready' }),
      report: (id, { state }) => state === 'untested' && broken.delete(id),
      onChange: changed.add,
    },
    providers: new Map([
      ['fake', { renewal }],
      ['plain', {}],
    ]),
    pool: { prove: (id) => void proved.push(id) },
    redact: (text) => text.replaceAll('s3cret', '[hidden]'),
  });
};

beforeEach(() => {
  clock = createVirtualClock();
  list = [];
  logins = new Map();
  opened = [];
  proved = [];
  broken = new Set();
  startedAt = [];
  most = 0;
  running = 0;
});
afterEach(async () => {
  const closing = renewals.close();
  await clock.advance(11 * SECOND);
  await closing;
});

describe('when a login is renewed', () => {
  it('is when it is due, and not before', async () => {
    add('a', HOUR);
    start();
    await clock.advance(49 * MINUTE);
    expect(count('a')).toBe(0);
    await clock.advance(MINUTE);
    expect(count('a')).toBe(1);
    await clock.advance(49 * MINUTE);
    expect(count('a')).toBe(1);
    await clock.advance(2 * MINUTE);
    expect(count('a')).toBe(2);
  });

  it('is up to two minutes earlier, so that logins of one age do not end together', async () => {
    add('a', HOUR);
    add('b', HOUR);
    const numbers = [0.25, 1];
    start(() => numbers.shift() ?? 0);
    await clock.advance(48 * MINUTE - SECOND);
    expect([count('a'), count('b')]).toEqual([0, 0]);
    await clock.advance(2 * SECOND);
    expect([count('a'), count('b')]).toEqual([0, 1]);
    await clock.advance(91 * SECOND);
    expect([count('a'), count('b')]).toEqual([1, 1]);
  });

  it('is once for all accounts that share it', async () => {
    add('a', HOUR, 'shared');
    list.push(account('b', 'shared'));
    start();
    await clock.advance(51 * MINUTE);
    expect(count('shared')).toBe(1);
    expect(renewals.find('b')).toEqual(renewals.find('a'));
    expect(renewals.nameLogin('a')).toBe(renewals.nameLogin('b'));
  });

  it('is not where a request or another program has been faster', async () => {
    add('a', HOUR);
    start();
    await clock.advance(MINUTE);
    get('a').endsAt = clock.now() + 5 * HOUR;
    await clock.advance(60 * MINUTE);
    expect(count('a')).toBe(0);
    expect(renewals.find('a')?.dueAt).toBe((get('a').endsAt ?? 0) - AHEAD);
  });

  it('is never by itself where the provider names no time', async () => {
    add('a', undefined);
    start();
    await clock.advance(3 * HOUR);
    expect(count('a')).toBe(0);
    expect(renewals.find('a')).toEqual({ isRunning: false, count: 0, errors: 0 });
  });

  it('follows accounts that come, change and go', async () => {
    start();
    await clock.advance(MINUTE);
    add('a', 30 * MINUTE);
    changed.tell();
    await clock.advance(SECOND);
    expect(renewals.find('a')?.endsAt).toBe(get('a').endsAt);
    logins.set('other', { ...get('a'), endsAt: clock.now() + 3 * HOUR });
    list[0] = account('a', 'other');
    changed.tell();
    await clock.advance(HOUR);
    expect([count('a'), count('other')]).toEqual([0, 0]);
    list.length = 0;
    changed.tell();
    await clock.advance(5 * HOUR);
    expect(count('other')).toBe(0);
    expect(renewals.find('a')).toBeUndefined();
    expect(clock.next()).toBeUndefined();
  });

  it('keeps nothing busy when an account goes while its login is renewed', async () => {
    add('a', HOUR);
    add('b', 9 * HOUR);
    const gate = createGate();
    get('a').gate = gate.opened;
    get('a').lifeMs = 0;
    start();
    await clock.advance(50 * MINUTE);
    list.shift();
    changed.tell();
    gate.open();
    await clock.advance(SECOND);
    expect((clock.next() ?? 0) - clock.uptime()).toBeGreaterThan(SECOND);
    expect(renewals.find('a')).toBeUndefined();
  });

  it('is soon after a first sign-in, though nobody tells of it', async () => {
    add('a', undefined);
    start();
    await clock.advance(MINUTE);
    get('a').endsAt = clock.now() + 12 * MINUTE;
    // As after a request.
    changed.tell();
    await clock.advance(3 * MINUTE);
    expect(count('a')).toBe(1);
  });
});

describe('what is not looked at', () => {
  it('stays closed: accounts without a login, and all of them while the door opens', async () => {
    list.push(account('keyed', 'key'), account('plain', 'plain', 'plain'));
    add('a', HOUR);
    start();
    await clock.advance(4 * SECOND);
    expect(opened).toEqual([]);
    await clock.advance(2 * HOUR);
    expect(new Set(opened)).toEqual(new Set(['a']));
    expect([renewals.find('keyed'), renewals.find('plain')]).toEqual([undefined, undefined]);
  });

  it('costs no timer where nothing is to be renewed', async () => {
    list.push(account('keyed', 'key'));
    start();
    await clock.advance(MINUTE);
    expect(clock.next()).toBeUndefined();
  });
});

describe('clocks', () => {
  it('renews within half a minute of a wake from sleep, though timers slept, too', async () => {
    add('a', HOUR);
    start();
    await clock.advance(MINUTE);
    clock.sleep(8 * HOUR);
    await clock.advance(31 * SECOND);
    expect(count('a')).toBe(1);
  });

  it('spreads what is overdue after a sleep: two at a time, none right after another', async () => {
    for (let index = 0; index < 20; index += 1) add(`a${index}`, HOUR);
    start();
    await clock.advance(MINUTE);
    const gate = createGate();
    for (const login of logins.values()) login.gate = gate.opened;
    clock.sleep(8 * HOUR);
    await clock.advance((5 * MINUTE) / 10);
    expect(most).toBe(2);
    for (const login of logins.values()) login.gate = undefined;
    gate.open();
    await clock.advance(2 * MINUTE);
    expect([...logins.keys()].map(count)).toEqual(Array(20).fill(1));
    const gaps = startedAt.slice(1).map((at, index) => at - (startedAt[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(2 * SECOND - 1);
    expect(most).toBe(2);
  });

  it('is not held up by a wall clock that is set back', async () => {
    add('a', HOUR);
    start();
    await clock.advance(MINUTE);
    clock.setWall(clock.now() - 48 * HOUR);
    await clock.advance(50 * MINUTE);
    expect(count('a')).toBe(1);
  });

  it('does not renew again and again where the wall clock is far ahead of the upstream', async () => {
    add('a', HOUR);
    start();
    await clock.advance(MINUTE);
    get('a').lifeMs = -48 * HOUR;
    clock.setWall(clock.now() + 48 * HOUR);
    await clock.advance(HOUR);
    expect(count('a')).toBeGreaterThan(1);
    expect(count('a')).toBeLessThan(10);
  });
});

describe('failures', () => {
  const upstream = () => new GatewayError('upstream', 'The host says: no, s3cret.');

  it('are told in the words of the upstream, without secrets, and tried again later and later', async () => {
    add('a', HOUR);
    get('a').failures = Array.from({ length: 12 }, upstream);
    start();
    await clock.advance(50 * MINUTE);
    expect(renewals.find('a')).toMatchObject({ count: 0, errors: 1, problem: 'The host says: no, [hidden].' });
    const times: number[] = [];
    for (let known = count('a') ?? 0; times.length < 8; ) {
      await clock.advance(SECOND);
      if (count('a') === known) continue;
      known = count('a') ?? 0;
      times.push(clock.uptime());
    }
    const waits = times.slice(1).map((at, index) => Math.round((at - (times[index] ?? 0)) / SECOND));
    expect(waits).toEqual([60, 120, 240, 480, 960, 1800, 1800]);
  });

  it('are over with the next success', async () => {
    add('a', HOUR);
    get('a').failures = [upstream()];
    start();
    await clock.advance(51 * MINUTE);
    const view = renewals.find('a');
    expect(view).toMatchObject({ count: 1, errors: 1, isRunning: false });
    expect(view?.problem).toBeUndefined();
    expect(view?.renewedAt).toBe(clock.now() - 30 * SECOND);
  });

  it('wait as long as the upstream asks for', async () => {
    add('a', HOUR);
    get('a').failures = [new GatewayError('rate-limited', 'slow', { retryAfterMs: 5 * MINUTE })];
    start();
    await clock.advance(54 * MINUTE);
    expect(count('a')).toBe(1);
    await clock.advance(MINUTE);
    expect(count('a')).toBe(2);
  });

  it('of one login do not keep others', async () => {
    add('a', HOUR);
    add('b', HOUR);
    get('a').gate = new Promise(() => {});
    start();
    await clock.advance(51 * MINUTE);
    expect(count('b')).toBe(1);
    // One that hangs is given up.
    await clock.advance(2 * MINUTE);
    expect(renewals.find('a')).toMatchObject({ errors: 1, problem: expect.stringContaining('too long') });
  });

  it('that a changed login makes good are forgotten', async () => {
    add('a', HOUR);
    get('a').failures = [new GatewayError('unauthorized', 'Sign in again.')];
    start();
    await clock.advance(51 * MINUTE);
    expect(renewals.find('a')?.problem).toBe('Sign in again.');
    get('a').endsAt = clock.now() + HOUR;
    await clock.advance(6 * MINUTE);
    expect(renewals.find('a')?.problem).toBeUndefined();
    expect(count('a')).toBe(1);
  });
});

describe('the pool', () => {
  it('is told of every account whose login is a new one, and of none whose login is not', async () => {
    add('a', HOUR, 'shared');
    list.push(account('b', 'shared'));
    add('c', HOUR);
    get('c').failures = [new GatewayError('unauthorized', 'no')];
    start();
    await clock.advance(51 * MINUTE);
    expect(proved).toEqual(['a', 'b']);
  });

  it('is not alone: an account that had failed is one to be tested', async () => {
    add('a', HOUR);
    add('c', HOUR);
    broken.add('a').add('c');
    get('c').failures = [new GatewayError('unauthorized', 'no')];
    start();
    await clock.advance(51 * MINUTE);
    expect([...broken]).toEqual(['c']);
  });
});

describe('on wish', () => {
  it('a login is renewed at once, whatever is due, and many who wish share one renewal', async () => {
    add('a', 5 * HOUR);
    start();
    await Promise.all([renewals.renew('a'), renewals.renew('a'), renewals.renew('a')]);
    expect(count('a')).toBe(1);
    expect(renewals.find('a')).toMatchObject({ count: 1, endsAt: get('a').endsAt });
  });

  it('joins the one that runs', async () => {
    add('a', HOUR);
    const gate = createGate();
    get('a').gate = gate.opened;
    start();
    await clock.advance(50 * MINUTE);
    expect(renewals.find('a')?.isRunning).toBe(true);
    const wished = renewals.renew('a');
    gate.open();
    await wished;
    expect(count('a')).toBe(1);
  });

  it('takes its turn with the others', async () => {
    for (let index = 0; index < 6; index += 1) add(`a${index}`, 5 * HOUR);
    start();
    await Promise.all(list.map(({ id }) => renewals.renew(id)));
    expect([...logins.keys()].map(count)).toEqual(Array(6).fill(1));
    expect(most).toBe(2);
  });

  it('fails with the words of the upstream, or with what there is to do', async () => {
    add('a', HOUR);
    get('a').failures = [new GatewayError('unauthorized', 'The host says: no, s3cret.')];
    list.push(account('keyed', 'key'));
    start();
    await expect(renewals.renew('a')).rejects.toMatchObject({
      kind: 'unauthorized',
      message: 'The host says: no, [hidden].',
    });
    await expect(renewals.renew('keyed')).rejects.toMatchObject({
      kind: 'invalid-request',
      message: '"KEYED" has no login that Patchbay renews.',
    });
    await expect(renewals.renew('nobody')).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('the end', () => {
  it('waits for what runs, and starts no more', async () => {
    add('a', HOUR);
    add('b', HOUR + MINUTE);
    const gate = createGate();
    get('a').gate = gate.opened;
    start();
    await clock.advance(50 * MINUTE);
    let isClosed = false;
    const closing = renewals.close().then(() => {
      isClosed = true;
    });
    await clock.advance(5 * SECOND);
    expect(isClosed).toBe(false);
    gate.open();
    await closing;
    await clock.advance(HOUR);
    expect([count('a'), count('b')]).toEqual([1, 0]);
  });

  it('does not wait for ever', async () => {
    add('a', HOUR);
    get('a').gate = new Promise(() => {});
    start();
    await clock.advance(50 * MINUTE);
    const closing = renewals.close();
    await clock.advance(11 * SECOND);
    await closing;
    expect(running).toBe(0);
  });
});
