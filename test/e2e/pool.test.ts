// Several accounts as one, over real sockets: what a client gets when one of them refuses, hangs or dies, and what the log
// says of it.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PathStep } from '../../shared/routing.ts';
import { Routing } from '../../shared/routing.ts';
import type { Settings } from '../../shared/settings.ts';
import { type House, openHouse, type TestAccount } from '../support/house.ts';
import { askRaw, type ClientDialect, isWhole, tellsFailure } from '../support/raw-client.ts';
import { answer, begin, type RawRequest, type RawUpstream, refuse, startRawUpstream } from '../support/raw-upstream.ts';

let one: RawUpstream;
let two: RawUpstream;
let house: House;
const DIALECTS: readonly ClientDialect[] = ['chat', 'messages', 'responses'];

beforeEach(async () => {
  [one, two] = await Promise.all([startRawUpstream(), startRawUpstream()]);
});

afterEach(async () => {
  await house.close();
  await Promise.all([one.kill(), two.kill()]);
});

const account = (id: string, upstream: RawUpstream): TestAccount => ({
  id,
  name: id.toUpperCase(),
  values: { baseUrl: upstream.url },
  secrets: { key: `sk-${id}-secret` },
});

/** Opens a house with both accounts. */
async function open(routing: object = {}, settings: Partial<Settings> = {}, accounts?: readonly TestAccount[]) {
  house = await openHouse({
    accounts: accounts ?? [account('one', one), account('two', two)],
    settings: { ...settings, routing: Routing.parse(routing) },
  });
}

const ask = (dialect: ClientDialect = 'chat', asking: Parameters<typeof askRaw>[2] = {}) =>
  askRaw(house.url, dialect, asking).over;

/** The attempts of a request as the log tells them: account, outcome and kind of failure. */
const readAttempts = (path: readonly PathStep[] = []) =>
  path.flatMap(({ kind, account: id, outcome, errorKind }) =>
    kind === 'attempt' ? [[id, outcome, ...(errorKind === undefined ? [] : [errorKind])]] : [],
  );

describe('fifty streams over two accounts, one of which dies', () => {
  it('move where nothing was said yet, and else end in a truthful error; none hangs, none seems complete', async () => {
    await open({ pools: { 'openai-compatible': { strategy: 'round-robin' } } });
    const held: RawRequest[] = [];
    let isDead = false;
    const hasBegun = ({ index }: RawRequest) => index % 2 === 0;
    one.act = (request) => begin(request, hasBegun(request) ? 'Half' : undefined);
    two.act = (request) => (isDead ? answer(request) : void held.push(request));
    const asked = Array.from({ length: 50 }, (_, index) => {
      const dialect = DIALECTS[index % DIALECTS.length] ?? 'chat';
      return { dialect, answer: askRaw(house.url, dialect, { text: `Question ${index}` }) };
    });
    await Promise.all([one.arrived(25), two.arrived(25)]);
    const begunTexts = one.requests.filter(hasBegun).map(({ body }) => /Question \d+/.exec(body)?.[0]);
    const isBegun = (index: number) => begunTexts.includes(`Question ${index}`);
    await Promise.all(asked.flatMap(({ answer: each }, index) => (isBegun(index) ? [each.begun()] : [])));

    isDead = true;
    await one.kill();
    for (const request of held) answer(request);
    const ends = await Promise.all(asked.map(({ answer: { over } }) => over));

    const rows = await house.closed(50);
    expect(begunTexts).toHaveLength(13);
    for (const [index, { status, text, isCut, headers }] of ends.entries()) {
      const { dialect } = asked[index] as (typeof asked)[number];
      const row = rows.find(({ id }) => id === headers['x-request-id']);
      const seen = { status, whole: isWhole(dialect, text), failed: tellsFailure(dialect, text), isCut };
      if (isBegun(index)) {
        expect(seen).toEqual({ status: 200, whole: false, failed: true, isCut: true });
        expect(text).toContain('ONE: The upstream closed the connection in the middle of its answer');
        expect(headers['x-patchbay-account']).toBe('one');
        expect(readAttempts(row?.path)).toEqual([['one', 'failed', 'upstream']]);
        expect(row).toMatchObject({ state: 'failed', account: 'one', attempts: 1 });
      } else {
        expect(seen).toEqual({ status: 200, whole: true, failed: false, isCut: false });
        expect(text).toContain('Hello');
        expect(headers['x-patchbay-account']).toBe('two');
        const moved = row?.attempts === 2;
        expect(readAttempts(row?.path)).toEqual([...(moved ? [['one', 'failed', 'upstream']] : []), ['two', 'ok']]);
        expect(row).toMatchObject({ state: 'ok', account: 'two' });
      }
    }
    expect(rows.filter(({ attempts }) => attempts === 2)).toHaveLength(12);
    expect(two.requests).toHaveLength(37);
  });
});

describe('where the first account fails, the client hears the second', () => {
  const failures: [string, (request: RawRequest) => void, string][] = [
    ['429', (request) => refuse(request, 429, 'Slow down'), 'rate-limited'],
    ['429 with its end', (request) => refuse(request, 429, 'Slow down', { 'retry-after': '60' }), 'rate-limited'],
    ['401', (request) => refuse(request, 401, 'Bad key'), 'unauthorized'],
    ['402', (request) => refuse(request, 402, 'Pay first'), 'quota-exhausted'],
    ['503', (request) => refuse(request, 503, 'Too busy'), 'overloaded'],
    ['no answer in time', () => {}, 'timeout'],
    ['a cut connection', ({ response }) => void response.destroy(), 'upstream'],
    [
      'overload hidden in a 200',
      ({ response }) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.end('data: {"error":{"message":"Overloaded","type":"overloaded_error"}}\n\n');
      },
      'overloaded',
    ],
    [
      'an empty stream',
      ({ response }) => void response.writeHead(200, { 'content-type': 'text/event-stream' }).end(),
      'upstream',
    ],
  ];
  it.each(failures)('%s', async (_what, act, kind) => {
    await open({}, { firstByteMs: 150 });
    one.act = act;
    for (const [turn, dialect] of DIALECTS.entries()) {
      const { status, text, headers } = await ask(dialect);
      expect([status, isWhole(dialect, text), headers['x-patchbay-account']]).toEqual([200, true, 'two']);
      const row = (await house.closed(turn + 1))[turn];
      const isFirst = turn === 0;
      if (isFirst)
        expect(readAttempts(row?.path)).toEqual([
          ['one', 'failed', kind],
          ['two', 'ok'],
        ]);
      expect(readAttempts(row?.path).at(-1)).toEqual(['two', 'ok']);
    }
  });
});

describe('an upstream that says nothing', () => {
  it.each([true, false])('is left while another could serve (headers sent: %s)', async (hasHead) => {
    await open({ attempts: { patienceMs: 200 } });
    one.act = ({ response }) => {
      if (hasHead) response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    };
    const { status, text, headers } = await ask('chat');
    expect([status, isWhole('chat', text), headers['x-patchbay-account']]).toEqual([200, true, 'two']);
    const [row] = await house.closed(1);
    expect(readAttempts(row?.path)).toEqual([
      ['one', 'failed', 'timeout'],
      ['two', 'ok'],
    ]);
  });
});

describe('where nobody can serve', () => {
  it('the error has the words of both, the status of the one to wait for, and the time', async () => {
    await open();
    one.act = (request) => refuse(request, 401, 'Bad key');
    two.act = (request) => refuse(request, 429, 'Slow down', { 'retry-after': '40' });
    const { status, headers, text } = await ask('chat', { stream: false });
    expect([status, headers['retry-after'], headers['x-patchbay-account']]).toEqual([429, '40', undefined]);
    expect(JSON.parse(text).error.message).toBe('TWO: Slow down. ONE: Bad key.');
    const second = await ask('messages', { stream: false });
    expect(second.status).toBe(429);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(30);
    // The one that may have been mended is asked again, the one that named its end is not.
    expect([one.requests.length, two.requests.length]).toEqual([2, 1]);
    const [, row] = await house.closed(2);
    expect(row?.path.map(({ kind, account: id }) => [kind, id])).toEqual([
      ['skipped', 'two'],
      ['attempt', 'one'],
    ]);
  });

  it('a hanging upstream ends in a timeout when the time for the search is over', async () => {
    await open({ attempts: { budgetMs: 1_000 } }, {}, [account('one', one)]);
    one.act = (request) => begin(request);
    const { status, text } = await ask('chat', { stream: false });
    expect([status, JSON.parse(text).error.code]).toEqual([504, 'timeout']);
    expect(text).toContain('ONE: Nothing came within 1 s');
    const [row] = await house.closed(1);
    expect(readAttempts(row?.path)).toEqual([['one', 'failed', 'timeout']]);
  });
});

describe('rules', () => {
  it('lead by another name to a model, and from it to another provider’s, told step by step', async () => {
    const other = await startRawUpstream(['n']);
    const kimi: TestAccount = {
      id: 'three',
      provider: 'kimi',
      name: 'THREE',
      values: { baseUrl: other.url, wire: 'anthropic' },
      secrets: { key: 'sk-three-secret' },
    };
    await open({ aliases: { 'gpt-4o': 'm' }, fallbacks: { m: ['n'] } }, {}, [
      account('one', one),
      account('two', two),
      kimi,
    ]);
    one.act = (request) => refuse(request, 402, 'Pay first');
    two.act = (request) => refuse(request, 503, 'Too busy');
    const { status, headers, text } = await ask('chat', { model: 'gpt-4o' });
    expect([status, isWhole('chat', text)]).toEqual([200, true]);
    expect([headers['x-patchbay-account'], headers['x-patchbay-model']]).toEqual(['three', 'n']);
    expect(other.requests[0]?.dialect).toBe('anthropic');
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ modelAsked: 'gpt-4o', account: 'three', provider: 'kimi', attempts: 3 });
    expect(row?.path.map(({ kind }) => kind)).toEqual(['rule', 'attempt', 'attempt', 'rule', 'attempt']);
    await other.kill();
  });

  it('of a pool that rotates give each its turn, unless a conversation goes on', async () => {
    await open({ pools: { 'openai-compatible': { strategy: 'round-robin' } } });
    const answered: unknown[] = [];
    for (let turn = 0; turn < 6; turn += 1) answered.push((await ask('chat')).headers['x-patchbay-account']);
    expect(answered).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
  });
});

describe('a client that leaves', () => {
  it('ends its request everywhere, and says nothing about the account', async () => {
    await open();
    const gone = new Promise<void>((resolve) => {
      one.act = (request) => {
        request.response.on('close', resolve);
        begin(request);
      };
    });
    const client = new AbortController();
    const headers = { authorization: 'Bearer pb-test-key-0123456789' };
    const body = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'Hi' }] });
    const asked = fetch(`${house.url}/v1/chat/completions`, { method: 'POST', headers, body, signal: client.signal });
    asked.catch(() => {});
    await one.arrived(1);
    client.abort();
    await gone;
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'aborted', attempts: 1 });
    expect(readAttempts(row?.path)).toEqual([['one', 'aborted']]);
    expect(two.requests).toHaveLength(0);
    one.act = (request) => answer(request);
    expect((await ask('chat')).headers['x-patchbay-account']).toBe('one');
  });
});
