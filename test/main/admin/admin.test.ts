// The GUI's calls end to end, from the contract's client down to real stores; only the provider and the door are fakes.

import { createRouterClient } from '@orpc/server';
import { expect, test } from 'vitest';
import { type AdminServices, createAdminRouter } from '../../../main/admin/index.ts';
import { createAccountBook } from '../../../main/credentials/account-book.ts';
import { createClientKeys } from '../../../main/credentials/client-keys.ts';
import { createQuestionDesk } from '../../../main/projects/question-desk.ts';
import type { Provider } from '../../../main/providers/provider.ts';
import { createRedactor } from '../../../main/request-log/redact.ts';
import type { RequestLog } from '../../../main/request-log/request-log.ts';
import { createSettingsStore } from '../../../main/settings-store.ts';
import { createListeners } from '../../../main/util/listeners.ts';
import type { Change } from '../../../shared/contract.ts';
import type { AgentAbilities } from '../../../shared/projects.ts';
import type { QuotaView } from '../../../shared/quota.ts';
import type { RequestView } from '../../../shared/requests.ts';
import type { CheckStep, FoundLogin, StatusView } from '../../../shared/views.ts';
import { openTestBooks } from '../../support/books.ts';
import { openTestKeyUse } from '../../support/key-use.ts';
import { createMemoryVault } from '../../support/memory-vault.ts';
import { NO_POOL } from '../../support/no-pool.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

const STATUS: StatusView = {
  version: '1',
  mode: 'headless',
  startedAt: 1,
  door: { state: 'serving', host: '127.0.0.1', port: 7282, baseUrl: 'http://127.0.0.1:7282', exposed: false },
  runningStreams: 0,
  vault: { kind: 'file', detail: 'd' },
  dataFolder: '/d',
  dialects: [],
  fixedSettings: [],
  notices: [],
};
const REQUEST: RequestView = {
  id: 'r1',
  at: 1,
  client: 'curl',
  dialect: 'd',
  stream: true,
  modelAsked: 'm',
  state: 'running',
  attempts: 0,
  path: [],
  notes: [],
};
const STEPS: readonly CheckStep[] = [
  { id: 'reach', label: 'Reached', state: 'running' },
  { id: 'reach', label: 'Reached', state: 'ok' },
  { id: 'key', label: 'Key accepted', state: 'ok', detail: '3 models' },
];

function createProvider(change: Partial<Provider> = {}): Provider {
  return {
    id: 'openai-compatible',
    name: 'OpenAI-compatible',
    card: { standing: 's', spends: 'p' },
    signIn: [
      {
        id: 'key',
        label: 'Key',
        fields: [
          { name: 'baseUrl', label: 'Base URL', kind: 'url', required: true },
          { name: 'key', label: 'API key', kind: 'secret', required: true },
        ],
      },
      { id: 'open', label: 'No key', fields: [{ name: 'baseUrl', label: 'Base URL', kind: 'url', required: true }] },
    ],
    listModels: async () => [],
    async *converse() {},
    async *check() {
      yield* STEPS;
    },
    ...change,
  };
}

async function createHouse(change: Partial<Provider> = {}, writeClipboard?: (text: string) => void) {
  const store = createSettingsStore({ dataFolder: makeTempFolder() });
  const vault = createMemoryVault();
  const { add: learnSecret, redact } = createRedactor();
  const listening = { count: 0 };
  const topic = <Value = void>() => {
    const listeners = createListeners<Value>();
    const onChange = (listener: (value: Value) => void) => {
      listening.count += 1;
      const stop = listeners.add(listener);
      return () => {
        listening.count -= 1;
        stop();
      };
    };
    return { onChange, tell: listeners.tell };
  };
  const [status, models, quotaChanges, requests] = [topic(), topic(), topic(), topic<readonly RequestView[]>()];
  let quota: QuotaView = { meters: [{ label: 'Credits', used: 1, limit: 10 }], readAt: 1 };
  const doors: string[] = [];
  const log: Pick<RequestLog, 'list' | 'traffic' | 'clear' | 'onChange'> = {
    list: async () => ({ requests: [REQUEST], total: 1 }),
    traffic: async () => ({ requests: 1, failed: 0, inputTokens: 0, outputTokens: 0, hourly: new Array(24).fill(0) }),
    clear: async () => {},
    onChange: requests.onChange,
  };
  const books = openTestBooks();
  const questions = createQuestionDesk({ waitMs: () => 60_000 });
  const services: AdminServices = {
    status: { read: () => STATUS, onChange: status.onChange },
    door: { start: async () => void doors.push('start'), stop: async () => void doors.push('stop') },
    accounts: createAccountBook({ store, vault, builtIn: [{ id: 'demo', name: 'Demo' }], learnSecret }),
    keys: await createClientKeys({ store, vault, use: openTestKeyUse(), learnSecret }),
    log: log as RequestLog,
    projects: books.projects,
    sessions: books.sessions,
    questions,
    gateway: { converse: async function* () {} },
    toolCounts: {
      find: () => ({ asked: 4, wellFormed: 2, repaired: 1, retried: 0, failed: 1 }),
      onChange: () => () => {},
    },
    settings: store,
    providers: [createProvider({ id: 'demo', name: 'Demo', signIn: [] }), createProvider(change)],
    models: {
      list: async () => ({
        models: [
          {
            id: 'm',
            names: ['m', 'fast'],
            isHidden: false,
            info: { id: 'm', abilities: { tools: true } },
            account: 'demo',
            provider: 'demo',
          },
        ],
        failures: [],
      }),
      count: () => 3,
      onChange: models.onChange,
    },
    ...NO_POOL,
    quotas: {
      find: ({ id }) => (id === 'demo' ? undefined : quota),
      has: ({ id }) => id !== 'demo',
      look: () => {},
      refresh: async () => {
        quota = { meters: [{ label: 'Credits', used: 2, limit: 10 }], readAt: 2 };
      },
      onChange: quotaChanges.onChange,
    },
    redact,
    writeClipboard,
  };
  const client = createRouterClient(createAdminRouter(services));
  return { client, services, books, questions, vault, status, models, requests, doors, listening };
}

const DRAFT = {
  provider: 'openai-compatible',
  method: 'key',
  name: 'Work',
  values: { baseUrl: ' http://127.0.0.1:1/v1 ' },
  secrets: { key: 'sk-0123456789' },
};

async function readAll<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

test('a row shows what is left of the plan, and asks for it anew', async () => {
  const { client } = await createHouse();
  const { id } = await client.accounts.add(DRAFT);
  const [row, demo] = await client.accounts.list();
  expect([row?.hasQuota, row?.quota?.readAt, demo?.hasQuota, demo?.quota]).toEqual([true, 1, undefined, undefined]);
  expect((await client.accounts.readQuota({ id })).quota).toEqual({
    meters: [{ label: 'Credits', used: 2, limit: 10 }],
    readAt: 2,
  });
});

test('what is left of the plan is asked for anew when an account is tested, so that the row tells no other amount', async () => {
  const { client } = await createHouse();
  const { id } = await client.accounts.add(DRAFT);
  await readAll(await client.accounts.check({ id }));
  expect((await client.accounts.list()).find((row) => row.id === id)?.quota?.readAt).toBe(2);
});

test('an account that was ready needs attention when its plan is used up and no more is charged', async () => {
  const { client, services } = await createHouse();
  const { id } = await client.accounts.add(DRAFT);
  services.accounts.report(id, { state: 'ready', text: 'Answered a request.', at: 1 });
  const states: unknown[] = [];
  for (const meter of [{ used: 9 }, { used: 10 }, { used: 11, goesOn: true }]) {
    services.quotas.find = () => ({ meters: [{ label: 'Credits', limit: 10, ...meter }], readAt: 1 });
    const row = (await client.accounts.list()).find((one) => one.id === id);
    states.push([row?.state, row?.stateText]);
  }
  const ready = ['ready', 'Answered a request.'];
  expect(states).toEqual([ready, ['attention', undefined], ready]);
});

test('an account is added, tested, changed and removed, and never shows its secret', async () => {
  const { client, vault } = await createHouse();
  const added = await client.accounts.add(DRAFT);
  expect(added).toMatchObject({
    id: 'work',
    providerName: 'OpenAI-compatible',
    values: { baseUrl: 'http://127.0.0.1:1/v1' },
    secrets: [{ name: 'key', lastFour: '6789' }],
    state: 'untested',
    modelCount: 3,
  });
  expect(await readAll(await client.accounts.check({ id: 'work' }))).toEqual(STEPS);
  const [tested, demo] = await client.accounts.list();
  expect(tested).toMatchObject({ state: 'ready', stateText: 'Key accepted: 3 models', stateAt: expect.any(Number) });
  expect(demo).toMatchObject({ id: 'demo', source: 'built-in', state: 'ready' });
  expect(JSON.stringify(await client.accounts.list())).not.toContain('sk-0123');

  const changed = await client.accounts.change({ id: 'work', name: 'Home', models: ['x'] });
  expect(changed).toMatchObject({ id: 'work', name: 'Home', models: ['x'], state: 'ready' });
  expect(vault.secrets.get('account/work/key')).toBe('sk-0123456789');
  const open = await client.accounts.change({ id: 'work', method: 'open' });
  expect([open.method, open.secrets, open.state]).toEqual(['open', [], 'untested']);
  expect(vault.secrets.has('account/work/key')).toBe(false);
  await client.accounts.remove({ id: 'work' });
  expect((await client.accounts.list()).map(({ id }) => id)).toEqual(['demo']);
});

test('what a form lacks or gets wrong is refused in words for the person, and nothing is stored', async () => {
  const { client, vault } = await createHouse();
  const refusals: [object, string, string][] = [
    [{ values: {} }, 'BAD_REQUEST', 'Base URL is needed.'],
    [
      { values: { baseUrl: 'javascript:alert(1)' } },
      'BAD_REQUEST',
      'Base URL must be a URL that begins with http:// or https://, without a user name or password in it.',
    ],
    [
      { values: { baseUrl: 'http://me:pw@host' } },
      'BAD_REQUEST',
      'Base URL must be a URL that begins with http:// or https://, without a user name or password in it.',
    ],
    [{ secrets: {} }, 'BAD_REQUEST', 'API key is needed.'],
    [{ secrets: { key: 'k', other: 'x' } }, 'BAD_REQUEST', 'There is no secret "other".'],
    [{ method: 'magic' }, 'BAD_REQUEST', 'OpenAI-compatible has no sign-in method "magic".'],
    [{ provider: 'nobody' }, 'NOT_FOUND', 'There is no provider "nobody".'],
    [{ name: '  ' }, 'BAD_REQUEST', 'name: Give the account a name.'],
  ];
  for (const [change, code, message] of refusals) {
    await expect(client.accounts.add({ ...DRAFT, ...change })).rejects.toMatchObject({ code, message });
  }
  expect([vault.secrets.size, (await client.accounts.list()).length]).toEqual([1, 1]);
  await expect(client.accounts.remove({ id: 'demo' })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(client.accounts.change({ id: 'x', name: 'n' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await expect(client.accounts.change({ id: 'x', name: 'n' })).rejects.toThrow('There is no account "x".');
  await expect(client.accounts.check({ id: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('a required secret can be replaced but not removed', async () => {
  const { client, vault } = await createHouse();
  await client.accounts.add(DRAFT);
  await client.accounts.change({ id: 'work', secrets: { key: 'sk-new-value' } });
  expect(vault.secrets.get('account/work/key')).toBe('sk-new-value');
  await expect(client.accounts.change({ id: 'work', secrets: { key: '' } })).rejects.toThrow('API key is needed.');
});

test('a failed test is told and kept; a lost secret is a failed test too', async () => {
  const failed: CheckStep = { id: 'key', label: 'Key refused', state: 'failed', detail: 'HTTP 401: sk-0123456789' };
  const { client, vault } = await createHouse({
    async *check() {
      yield* [failed];
      throw new Error('boom');
    },
  });
  await client.accounts.add(DRAFT);
  const steps = await readAll(await client.accounts.check({ id: 'work' }));
  expect(steps.map(({ state }) => state)).toEqual(['failed', 'failed']);
  expect(steps[0]?.detail).toBe('HTTP 401: [hidden]');
  expect((await client.accounts.list())[0]).toMatchObject({
    state: 'failed',
    stateText: 'Key refused: HTTP 401: [hidden]',
  });
  vault.secrets.clear();
  await client.accounts.change({ id: 'work', name: 'Again' });
  const lost = await readAll(await client.accounts.check({ id: 'work' }));
  expect(lost).toMatchObject([{ state: 'failed', detail: expect.stringContaining('Enter it again') }]);
});

test('a test that hangs ends when the GUI goes away, and proves nothing', async () => {
  let aborted = false;
  const { client } = await createHouse({
    async *check({ signal }) {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      yield { id: 'a', label: 'A', state: 'ok' };
      await new Promise(() => {});
    },
  });
  await client.accounts.add(DRAFT);
  const away = new AbortController();
  const steps = await client.accounts.check({ id: 'work' }, { signal: away.signal });
  const seen: string[] = [];
  const reading = (async () => {
    for await (const step of steps) {
      seen.push(step.id);
      away.abort();
    }
  })();
  await reading.catch(() => {});
  expect([seen, aborted]).toEqual([['a'], true]);
  expect((await client.accounts.list())[0]?.state).toBe('untested');
});

test('a survey tells what the provider finds, and nothing where it looks for nothing', async () => {
  const { client } = await createHouse({
    async *survey(values) {
      yield* [{ id: 'program', label: `Looked at ${values.cliPath}`, state: 'ok' }];
    },
  });
  const values = { cliPath: '/opt/x' };
  const found = await readAll(await client.accounts.survey({ provider: 'openai-compatible', values }));
  expect(found.map(({ label }) => label)).toEqual(['Looked at /opt/x']);
  expect(await readAll(await client.accounts.survey({ provider: 'demo', values }))).toEqual([]);
});

test('only providers that can be set up are offered', async () => {
  const { client } = await createHouse();
  expect(await client.accounts.providers()).toMatchObject([
    {
      id: 'openai-compatible',
      standing: 's',
      spends: 'p',
      fields: [{ name: 'proxy', kind: 'proxy', advanced: true }],
    },
  ]);
});

test('a provider with agents tells what they can be given', async () => {
  const agent: AgentAbilities = { modes: ['ask'], tools: [{ name: 'Look', help: 'Looks.', risk: 'reads' }] };
  const { client } = await createHouse({ agent });
  expect(await client.accounts.providers()).toMatchObject([{ id: 'openai-compatible', agent }]);
});

test('changes begin with the whole state, then tell what changes, and let go when the GUI goes away', async () => {
  const { client, services, status, models, requests, listening } = await createHouse();
  const away = new AbortController();
  const stream = await client.changes(undefined, { signal: away.signal });
  const iterator = stream[Symbol.asyncIterator]();
  const next = async (): Promise<Change> => (await iterator.next()).value as Change;
  const first = [await next(), await next(), await next(), await next(), await next(), await next()];
  expect(first.map(({ type }) => type)).toEqual(['status', 'accounts', 'keys', 'settings', 'projects', 'questions']);
  expect(listening.count).toBe(4);

  requests.tell([REQUEST]);
  requests.tell([{ ...REQUEST, state: 'ok' }]);
  expect(await next()).toEqual({ type: 'requests', requests: [{ ...REQUEST, state: 'ok' }] });
  status.tell();
  status.tell();
  expect((await next()).type).toBe('status');
  await services.settings.change({ theme: 'dark' });
  expect(await next()).toMatchObject({ type: 'settings', settings: { theme: 'dark' } });
  models.tell();
  expect([await next(), await next()]).toMatchObject([
    { type: 'models' },
    { accounts: [{ id: 'demo', modelCount: 3 }] },
  ]);
  await client.accounts.add(DRAFT);
  expect([await next(), await next()].map(({ type }) => type)).toEqual(['accounts', 'projects']);
  await client.keys.renew({ id: 'default' });
  expect((await next()).type).toBe('keys');

  const waiting = iterator.next().catch(() => undefined);
  away.abort();
  await waiting;
  await expect.poll(() => listening.count).toBe(0);
});

test('a client key is copied by the host, or given to a browser, and never listed', async () => {
  const copied: string[] = [];
  const desktop = await createHouse({}, (text) => copied.push(text));
  const key = desktop.services.keys.reveal('default');
  expect(await desktop.client.keys.copy({ id: 'default', text: 'KEY={{key}} {{key}} $& {{no}}' })).toEqual({});
  expect(copied).toEqual([`KEY=${key} ${key} $& {{no}}`]);
  const browser = await createHouse();
  expect((await browser.client.keys.copy({ id: 'default', text: '{{key}}' })).text).toMatch(/^pb-/);
  expect(JSON.stringify(await browser.client.keys.list())).not.toContain('pb-');
  await expect(browser.client.keys.copy({ id: 'x', text: '' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('client keys are added with rules, changed and revoked', async () => {
  const { client, services } = await createHouse();
  const rules = { models: ['kimi-*'], requestsPerMinute: 6 };
  const { id } = await client.keys.add({ name: ' Codex ', rules });
  expect(await client.keys.list()).toMatchObject([{ id: 'default' }, { id: 'codex', name: 'Codex', rules }]);
  await expect(client.keys.add({ name: 'codex', rules: {} })).rejects.toMatchObject({ code: 'CONFLICT' });
  await expect(client.keys.add({ name: 'x', rules: { concurrent: 0 } })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect(await client.keys.change({ id, rules: { concurrent: 2 } })).toMatchObject({
    name: 'Codex',
    rules: { concurrent: 2 },
  });
  await client.keys.revoke({ id });
  await expect(client.keys.revoke({ id: 'default' })).rejects.toMatchObject({ code: 'CONFLICT' });
  expect(services.keys.list()).toMatchObject([{ id: 'default' }]);
});

test('door, status, models, requests and settings reach what stands behind them', async () => {
  const { client, services, doors } = await createHouse();
  expect([(await client.door.start()).door.state, (await client.door.stop()).version, doors]).toEqual([
    'serving',
    '1',
    ['start', 'stop'],
  ]);
  expect(await client.status.read()).toEqual(STATUS);
  expect((await client.status.traffic()).requests).toBe(1);
  expect(await client.models.list({ refresh: false })).toEqual({
    models: [
      {
        id: 'm',
        names: ['m', 'fast'],
        isHidden: false,
        account: 'demo',
        accountName: 'Demo',
        provider: 'demo',
        tools: true,
        toolCalls: { asked: 4, wellFormed: 2, repaired: 1, retried: 0, failed: 1 },
      },
    ],
    failures: [],
  });
  expect(await client.requests.list({ limit: 5 })).toEqual({ requests: [REQUEST], total: 1 });
  expect(await client.requests.clear()).toEqual({});
  expect((await client.settings.change({ port: 7300 })).port).toBe(7300);
  await expect(client.settings.change({ port: 0 })).rejects.toMatchObject({ code: 'BAD_REQUEST' });
  expect((await client.settings.read()).port).toBe(7300);
  const anyPort = { ...services.settings.read(), port: 0 };
  const fixed = createAdminRouter({ ...services, settings: { ...services.settings, read: () => anyPort } });
  expect((await createRouterClient(fixed).settings.read()).port).toBe(0);
});

test('a test of an account does not show the key that its upstream repeats', async () => {
  const { client } = await createHouse({
    async *check({ credential: { secrets } }) {
      yield { id: 'key', label: 'Key refused', state: 'failed', detail: `Wrong key: ${secrets.key}` };
    },
  });
  await client.accounts.add(DRAFT);
  const [step] = await readAll(await client.accounts.check({ id: 'work' }));
  expect(step?.detail).toBe('Wrong key: [hidden]');
  expect((await client.accounts.list())[0]?.stateText).toBe('Key refused: Wrong key: [hidden]');
});

test('projects are added, changed and removed, and every mistake comes with words', async () => {
  const { client } = await createHouse();
  const path = makeTempFolder();
  const project = await client.projects.add({ name: 'My Shop', path, agent: { model: 'sonnet', maxTurns: 5 } });
  expect(project).toMatchObject({ id: 'my-shop', path, source: 'window', sessionCount: 0 });
  const changed = await client.projects.change({ id: 'my-shop', agent: { enabled: true, model: '' } });
  expect(changed.agent).toMatchObject({ enabled: true, maxTurns: 5, mode: 'ask' });
  expect(changed.agent).not.toHaveProperty('model');
  expect(await client.projects.list()).toEqual([changed]);
  await expect(client.projects.add({ id: 'my-shop', name: 'x', path })).rejects.toMatchObject({ code: 'CONFLICT' });
  const missing = { code: 'BAD_REQUEST', message: `The folder ${path}/no does not exist.` };
  await expect(client.projects.add({ name: 'x', path: `${path}/no` })).rejects.toMatchObject(missing);
  await expect(client.projects.change({ id: 'no', name: 'x' })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  await client.projects.remove({ id: 'my-shop' });
  expect(await client.projects.list()).toEqual([]);
});

test('sessions are listed, ended and removed, and a question is answered once', async () => {
  const { client, books, questions } = await createHouse();
  const { id } = books.sessions.add({ key: 'Test', title: 'Talk' });
  expect(await client.sessions.list({ offset: 0, limit: 10 })).toMatchObject({
    total: 1,
    sessions: [{ id, title: 'Talk' }],
  });
  expect(await client.sessions.interrupt({ id })).toEqual({});
  await client.sessions.remove({ id });
  await expect(client.sessions.remove({ id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  const asked = { projectId: 'p', projectName: 'P', tool: 'Bash', what: 'ls' };
  const answer = questions.ask(asked, new AbortController().signal);
  const [question] = questions.list();
  await client.questions.answer({ id: question?.id ?? '', answer: { verdict: 'once' } });
  expect(await answer).toEqual({ verdict: 'once' });
  const again = client.questions.answer({ id: question?.id ?? '', answer: { verdict: 'once' } });
  await expect(again).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

test('found logins are listed with the account that already has them, and with secrets masked', async () => {
  const login = (id: string, port: number, problem?: string): FoundLogin => ({
    id,
    title: 'A server',
    facts: ['region somewhere'],
    problem,
    draft: { method: 'open', name: id, values: { baseUrl: `http://127.0.0.1:${port}/v1` } },
  });
  const { client } = await createHouse({
    findLogins: async () => [login('old', 1), login('new', 2, 'It said sk-0123456789.')],
  });
  await client.accounts.add({ ...DRAFT, method: 'open', name: 'Mine', secrets: {} });
  await client.accounts.add({ ...DRAFT, name: 'Other', values: { baseUrl: 'http://127.0.0.1:2/v1' } });
  expect(await client.accounts.found({ provider: 'openai-compatible' })).toEqual([
    expect.objectContaining({ id: 'old', account: 'Mine' }),
    expect.objectContaining({ id: 'new', account: undefined, problem: 'It said [hidden].' }),
  ]);
  expect(await client.accounts.found({ provider: 'demo' })).toEqual([]);
});

test('the password within an account’s proxy goes to the vault, stays with its address and leaves with it', async () => {
  const { client, services, vault } = await createHouse();
  const values = { ...DRAFT.values, proxy: 'socks5://me:proxy-word@host' };
  const added = await client.accounts.add({ ...DRAFT, values });
  const address = 'socks5://me@host:1080';
  expect(added.values.proxy).toBe(address);
  expect(JSON.stringify([await client.accounts.list(), services.accounts.list()])).not.toContain('proxy-word');
  const read = async () => (await services.accounts.openCredential('work')).proxy;
  expect(await read()).toBe('socks5://me:proxy-word@host:1080');
  expect((await services.accounts.openCredential('work')).secrets).not.toHaveProperty('proxy');
  expect(services.redact('proxy-word')).not.toContain('proxy-word');

  await client.accounts.change({ id: 'work', name: 'Other', values: { proxy: address } });
  expect(await read()).toBe('socks5://me:proxy-word@host:1080');
  await client.accounts.change({ id: 'work', values: { proxy: 'socks5://me@elsewhere' } });
  expect(await read()).toBe('socks5://me@elsewhere:1080');
  expect([...vault.secrets.keys()].filter((name) => name.endsWith('/proxy'))).toEqual([]);
  await client.accounts.change({ id: 'work', values: { proxy: '' } });
  expect(await read()).toBeUndefined();
  const wrong = client.accounts.change({ id: 'work', values: { proxy: 'socks4://me:proxy-word@host' } });
  await expect(wrong).rejects.toThrow(/^Proxy must look like (?!.*proxy-word)/);
});
