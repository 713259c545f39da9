// What programs that administrate accounts are told, over a pool and renewals that a test writes down.
import { beforeEach, describe, expect, it } from 'vitest';
import { createTokenAdmin, type TokenAdmin } from '../../../main/admin/token-admin.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { FileChanges } from '../../../main/credentials/account-sources.ts';
import type { Account } from '../../../main/credentials/credential.ts';
import type { AccountCounts, RenewalView, RestView } from '../../../shared/routing.ts';

const NOW = Date.parse('2026-01-05T12:00:00Z');
const MINUTE = 60_000;
const NOTHING = 'has no login';
const iso = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();

let list: Account[];
let rests: Map<string, RestView[]>;
let counts: Map<string, Partial<AccountCounts>>;
let renewals: Map<string, RenewalView>;
let failures: Map<string, GatewayError>;
let calls: string[];
let reload: () => FileChanges | undefined;
let admin: TokenAdmin;

const account = (id: string, provider: string): Account => ({
  ...{ id, provider, name: id.toUpperCase(), method: 'm', values: {}, env: {}, endpoints: {}, models: [] },
  source: 'file',
});
const rest = (cause: RestView['cause'], more: Partial<RestView> = {}): RestView => ({
  ...{ since: NOW, cause, text: `It is so: ${cause}, s3cret.` },
  ...more,
});

beforeEach(() => {
  list = [account('a', 'one'), account('b', 'one'), account('c', 'two'), account('d', 'two')];
  rests = new Map();
  counts = new Map();
  renewals = new Map();
  failures = new Map();
  calls = [];
  reload = () => ({ added: ['e'], changed: [], gone: ['x', 'y'] });
  admin = createTokenAdmin({
    accounts: {
      list: () => list,
      health: (id) => ({ state: 'untested', ...(id === 'a' ? { lastUsedAt: NOW - MINUTE } : {}) }),
    },
    providers: [{ id: 'one' }, { id: 'two' }, { id: 'none' }],
    pool: {
      // The second one's turn is next, unless it rests.
      rank: (members) => {
        const ranked = [...members.slice(1), ...members.slice(0, 1)].map((candidate) => ({
          ...{ candidate, standing: 'ready' as const, text: '' },
          isShut: rests.has(candidate.account.id),
        }));
        return ranked.sort((one, other) => Number(one.isShut) - Number(other.isShut));
      },
      listRests: (id) => rests.get(id) ?? [],
      countRunning: () => 2,
      counts: (id) => ({ served: 0, failed: 0, failuresInARow: 0, ...counts.get(id) }),
      use: (id) => void calls.push(`use ${id}`),
      prove: (id) => {
        calls.push(`prove ${id}`);
        counts.delete(id);
      },
    },
    renewals: {
      find: (id) => renewals.get(id),
      nameLogin: (id) => (failures.get(id)?.message === NOTHING ? undefined : id === 'a' ? id : 'shared'),
      renew: async (id) => {
        calls.push(`renew ${id}`);
        const failure = failures.get(id);
        if (failure !== undefined) throw failure;
      },
    },
    reloadFile: () => reload(),
    refreshModels: () => void calls.push('refresh'),
    removeLeftovers: () => 3,
    configFile: '/etc/patchbay.json',
    redact: (text) => text.replaceAll('s3cret', '[hidden]'),
    now: () => NOW,
  });
});

describe('the numbers', () => {
  beforeEach(() => {
    rests.set('b', [rest('told', { until: NOW + 5 * MINUTE })]);
    rests.set('c', [rest('failed')]);
    rests.set('d', [rest('told', { model: 'm1', until: NOW + MINUTE }), rest('guessed')]);
    counts.set('b', { failuresInARow: 2, lastFailureAt: NOW - 3 * MINUTE });
    counts.set('c', { failuresInARow: 1, lastFailureAt: NOW - 9 * MINUTE });
    counts.set('d', { failuresInARow: 2 });
  });

  it('are those of the pool: who is shut or failed is inactive, whoever only may have failed is not', () => {
    expect(admin.stats({}).data).toEqual({
      total_tokens: 4,
      active_tokens: 2,
      inactive_tokens: 2,
      current_index: null,
      failure_distribution: { '0': 1, '1': 1, '2': 2 },
      max_failures: null,
      consecutive_failures: 4,
      consecutive_failure_threshold: null,
      consecutive_upstream_errors: 1,
      upstream_error_threshold: null,
    });
  });

  it('name whose turn is next among the accounts of one provider', () => {
    rests.delete('b');
    expect(admin.stats({ provider: 'one' }).data).toMatchObject({ total_tokens: 2, current_index: 1 });
    rests.set('b', [rest('told')]);
    expect(admin.stats({ provider: 'one' }).data).toMatchObject({ current_index: 0 });
    rests.set('a', [rest('hand')]);
    expect(admin.stats({ provider: 'one' }).data).toMatchObject({ current_index: null, active_tokens: 0 });
    expect(admin.stats({ provider: 'none' }).data).toMatchObject({ total_tokens: 0, current_index: null });
  });

  it('tell of failures in a row and of the last one', () => {
    expect(admin.failures({}).data).toEqual({
      consecutive_failures: 4,
      threshold: null,
      consecutive_upstream_errors: 1,
      upstream_error_threshold: null,
      last_upstream_error_time: iso(-3),
      token_pool_size: 4,
      auto_refresh_enabled: false,
      last_check: iso(0),
    });
    expect(admin.failures({ provider: 'none' }).data).toMatchObject({ last_upstream_error_time: null });
  });

  it('stand with each account, in the order of the list, without secrets', () => {
    const { accounts } = admin.list({}).data as { accounts: { id: string; state: string }[] };
    expect(accounts.map(({ id, state }) => `${id} ${state}`)).toEqual([
      'a active',
      'b resting',
      'c failed',
      'd active',
    ]);
    expect(accounts[0]).toMatchObject({ index: 0, name: 'A', provider: 'one', running: 2, last_used: iso(-1) });
    expect(accounts[1]).toMatchObject({
      ...{ index: 1, is_active: false, failures: 2, last_failure: iso(-3), renewal: null },
      rests: [{ model: null, cause: 'told', since: iso(0), until: iso(5), text: 'It is so: told, [hidden].' }],
    });
    const { accounts: narrowed } = admin.list({ provider: 'two' }).data as {
      accounts: { index: number; id: string }[];
    };
    expect(narrowed.map(({ index, id }) => `${index} ${id}`)).toEqual(['0 c', '1 d']);
  });
});

describe('resetting', () => {
  it('lets the account with this number be asked again, counted within the provider where one is given', () => {
    expect(admin.reset({}, '2').message).toContain('"C"');
    admin.reset({ provider: 'two' }, '1');
    admin.reset({ account: 'b' });
    expect(calls).toEqual(['use c', 'use d', 'use b']);
  });

  it.each(['4', '-1', 'x', '1.0', '99999999999999999999'])('refuses the number %s', (index) => {
    expect(() => admin.reset({}, index)).toThrow(
      `There is no account number ${index}: the accounts have the numbers 0 to 3.`,
    );
    expect(calls).toEqual([]);
  });

  it('wants to be told which', () => {
    expect(() => admin.reset({})).toThrow('Say which');
    expect(() => admin.reset({ provider: 'none' }, '0')).toThrow('there is no account');
  });

  it('of all is of all in the scope', () => {
    admin.resetAll({ provider: 'one' });
    expect(calls).toEqual(['use a', 'use b']);
  });

  it('of failures leaves rests by hand to the person', () => {
    counts.set('b', { failuresInARow: 2 });
    counts.set('d', { failuresInARow: 5 });
    expect(admin.resetFailures({}).data).toEqual({ previous_count: 7, current_count: 0 });
    expect(calls).toEqual(['prove b', 'prove d']);
  });
});

describe('reading the file again', () => {
  it('tells what came of it, and asks for models', async () => {
    const { message, data } = await admin.reload({});
    expect(message).toContain('1 new, 0 changed, 2 gone');
    expect(data).toMatchObject({ total_tokens: 4 });
    expect(calls).toEqual(['refresh']);
  });

  it('changes nothing where the file has mistakes, and names them', async () => {
    reload = () => {
      throw new Error('The configuration file is not usable:\n  accounts[1].key: s3cret');
    };
    await expect(admin.reload({})).rejects.toMatchObject({
      kind: 'internal',
      message: 'Everything is as it was. The configuration file is not usable:\n  accounts[1].key: [hidden]',
    });
    expect(calls).toEqual([]);
  });

  it('says so where there is no file', async () => {
    reload = () => undefined;
    expect((await admin.reload({})).message).toContain('There is no configuration file');
    expect(calls).toEqual(['refresh']);
  });
});

describe('the updater', () => {
  const shared: RenewalView = {
    ...{ endsAt: NOW + 60 * MINUTE, dueAt: NOW + 49 * MINUTE, renewedAt: NOW - MINUTE },
    ...{ isRunning: true, count: 3, errors: 1, problem: 'no, s3cret' },
  };
  beforeEach(() => {
    renewals.set('a', { isRunning: false, count: 1, errors: 0, dueAt: NOW + 5 * MINUTE });
    renewals.set('c', shared);
    renewals.set('d', shared);
  });

  it('tells what it knows also of a login whose end is no time that there is', () => {
    renewals.set('a', { isRunning: false, count: 1, errors: 0, endsAt: 1e300, dueAt: NOW });
    expect(admin.updater({ account: 'a' }).data).toMatchObject({ accounts: [{ ends_at: null, next_update: iso(0) }] });
    expect(admin.list({ account: 'a' }).data).toMatchObject({ accounts: [{ renewal: { ends_at: null } }] });
  });

  it('is the scheduler of renewals; a login that two accounts share counts once', () => {
    const data = admin.updater({}).data as { accounts: object[] };
    expect(data).toMatchObject({
      ...{ is_running: true, is_updating: true, update_interval: null, last_update: iso(-1), update_count: 4 },
      ...{ error_count: 1, last_error: 'no, [hidden]', next_update: iso(5) },
      files: { get_tokens_script: null, accounts_file: '/etc/patchbay.json', tokens_file: null },
    });
    expect(data.accounts).toHaveLength(3);
    expect(data.accounts[1]).toEqual({
      ...{ id: 'c', name: 'C', provider: 'two', is_updating: true, ends_at: iso(60), next_update: iso(49) },
      ...{ last_update: iso(-1), update_count: 3, error_count: 1, last_error: 'no, [hidden]' },
    });
  });

  it('is off where nothing is to be renewed', async () => {
    renewals.clear();
    expect(admin.updater({})).toMatchObject({ status: 'disabled', message: expect.any(String) });
    await expect(admin.forceUpdate({})).rejects.toMatchObject({ kind: 'invalid-request' });
    expect(calls).toEqual([]);
  });

  it('renews at once what can be renewed', async () => {
    failures.set('d', new GatewayError('invalid-request', NOTHING));
    expect(await admin.forceUpdate({})).toMatchObject({
      message: '2 of 2 accounts renewed.',
      data: { total_tokens: 4 },
    });
    expect(calls).toEqual(['renew a', 'renew c', 'renew d']);
    calls.length = 0;
    await admin.forceUpdate({ provider: 'one' });
    expect(calls).toEqual(['renew a']);
  });

  it.each(['unauthorized', 'invalid-request'] as const)(
    'tells which failed (%s), in the words of the upstream',
    async (kind) => {
      failures.set('c', new GatewayError(kind, 'Sign in again, s3cret.'));
      await expect(admin.forceUpdate({})).rejects.toMatchObject({
        kind: 'upstream',
        message: '2 of 3 accounts renewed. C: Sign in again, [hidden].',
      });
    },
  );

  it('tells how many leftovers were removed', () => {
    expect(admin.cleanUp().data).toEqual({ cleaned_files: 3 });
  });
});

describe('what is not there', () => {
  it('is named: providers and accounts', () => {
    expect(() => admin.stats({ provider: 'three' })).toThrow('There is no provider "three".');
    expect(() => admin.resetAll({ account: 'z' })).toThrow('There is no account "z".');
    expect(() => admin.list({ provider: 'two', account: 'a' })).toThrow('There is no account "a" of two.');
  });
});
