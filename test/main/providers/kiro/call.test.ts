// One reply over the stub: which failures are mended before anything was said, and that nothing is asked again afterwards.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../../../main/canonical/collect.ts';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import type { EventBatch } from '../../../../main/canonical/events.ts';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { type CallKiro, createCallKiro, type KiroCall } from '../../../../main/providers/kiro/call.ts';
import type { Clock } from '../../../../main/providers/kiro/clock.ts';
import { readKiroFailure } from '../../../../main/providers/kiro/errors.ts';
import type { RequestChanges } from '../../../../main/providers/kiro/remedies.ts';
import { createKiroStreamReader } from '../../../../main/providers/kiro/stream.ts';
import { createToolNames } from '../../../../main/providers/kiro/tool-names.ts';
import { createFeed } from '../../../support/gate.ts';
import { createFakeLogins, createKiroCredential, type FakeLogins } from '../../../support/kiro-account.ts';
import { frames } from '../../../support/kiro-frames.ts';
import {
  API_KEY,
  hello,
  json,
  type KiroStub,
  PROFILE,
  refuse,
  startKiroStub,
  streamOf,
} from '../../../support/kiro-stub.ts';

let stub: KiroStub;
let http: HttpClient;
let logins: FakeLogins;
let waits: number[];
let notes: string[];
let changes: RequestChanges[];
let settled: number;
let clock: Clock & { time: number; fire(): void };
let call: CallKiro;
let leave: AbortController;

beforeEach(async () => {
  stub = await startKiroStub();
  stub.rules = () => [];
  http = createHttpClient();
  logins = createFakeLogins();
  waits = [];
  notes = [];
  changes = [];
  settled = 0;
  clock = createTestClock();
  call = createCallKiro({ http, logins, clock, limits: () => ({ firstByteMs: 5_000, idleMs: 5_000 }) });
  leave = new AbortController();
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

/** Waits of the back-off end at once; the wait for a first token only when the test says so. */
function createTestClock() {
  const timers = new Set<() => void>();
  const made = {
    time: 1_000_000,
    now: () => made.time,
    wait: (ms: number, signal: AbortSignal) => {
      if (ms !== FIRST_TOKEN_MS) {
        waits.push(ms);
        made.time += ms;
        return Promise.resolve();
      }
      return new Promise<void>((resolve, reject) => {
        timers.add(resolve);
        signal.addEventListener('abort', () => {
          timers.delete(resolve);
          reject(signal.reason);
        });
      });
    },
    fire: () => {
      for (const timer of timers) timer();
    },
  };
  return made;
}

const FIRST_TOKEN_MS = 4_321;

const plan = (extra: Partial<KiroCall> = {}): KiroCall => ({
  write: (way, change) => {
    changes.push(change);
    const userInputMessage = { content: 'Hi', origin: way.style.flavour.origin };
    const profileArn = way.profileArn === undefined ? {} : { profileArn: way.profileArn };
    return {
      text: JSON.stringify({ conversationState: { currentMessage: { userInputMessage } }, ...profileArn }),
      createReader: () => createKiroStreamReader({ names: createToolNames([]), tools: [] }),
      settle: () => {
        settled += 1;
      },
    };
  },
  readRefusal: (response, text) => readKiroFailure(response, text),
  mayTrim: false,
  firstTokenMs: FIRST_TOKEN_MS,
  ...extra,
});

const converse = (extra: Partial<KiroCall> = {}, account = {}) =>
  call(plan(extra), {
    credential: createKiroCredential(stub, account),
    signal: leave.signal,
    note: (text) => notes.push(text),
  });

const ask = async (extra: Partial<KiroCall> = {}, account = {}) => {
  const { parts } = await collect(converse(extra, account));
  return parts.map((part) => (part.type === 'text' ? part.text : part.type)).join('');
};

const styles = () =>
  stub.calls().map(({ style, body }) => `${style} ${body.profileArn === undefined ? 'none' : 'arn'}`);

it('a reply comes as it is said', async () => {
  expect(await ask()).toBe('Hello');
  expect([styles(), notes, settled]).toEqual([['root-ide arn'], [], 1]);
});

describe('the way', () => {
  it.each([
    ['is not known', refuse(404, ''), ['root-ide arn', 'path-cli arn']],
    ['does not take the method', refuse(405, ''), ['root-ide arn', 'path-cli arn']],
    [
      'does not know the operation',
      json(400, { __type: 'UnknownOperationException' }),
      ['root-ide arn', 'path-cli arn'],
    ],
    [
      'says so with status 200',
      json(200, { Output: { __type: '#UnknownOperationException' } }),
      ['root-ide arn', 'path-cli arn'],
    ],
    ['wants another signature', refuse(403, 'invalid signature'), ['root-ide arn', 'path-cli arn']],
  ])('that %s is left for the next one, which is remembered', async (_words, answer, expected) => {
    stub.refused.set('root-ide', answer);
    expect(await ask()).toBe('Hello');
    expect(styles()).toEqual(expected);
    expect(await ask()).toBe('Hello');
    expect(styles()).toEqual([...expected, 'path-cli arn']);
    expect(notes).toHaveLength(1);
    expect(logins.learned).toEqual(['runtime-path-cli:own']);
  });

  it('that has worked before is taken first after a start', async () => {
    logins.access = { ...logins.access, way: 'legacy-path-ide:own' };
    expect(await ask()).toBe('Hello');
    expect([styles(), logins.learned]).toEqual([['path-ide arn'], []]);
  });

  it('whose host is gone is left for the next one', async () => {
    const gone = await startKiroStub();
    await gone.close();
    // All ways lead to the one host that the account names: the failure is told when none is left.
    await expect(ask({}, { endpoints: gone.endpoints })).rejects.toThrow('connection refused');
    expect(notes.map((text) => /tried (\S+)\./.exec(text)?.[1])).toEqual([
      'runtime-path-cli:own',
      'legacy-path-ide:own',
    ]);
  });

  it('that is gone hides nothing of what the one before has said', async () => {
    const open: HttpClient['open'] = async (request) => {
      if (request.headers?.['x-amz-target'] !== undefined) return await http.open(request);
      throw new GatewayError('upstream', 'No such host.', { code: 'ENOTFOUND' });
    };
    call = createCallKiro({
      http: { ...http, open },
      logins,
      clock,
      limits: () => ({ firstByteMs: 5_000, idleMs: 5_000 }),
    });
    stub.tokens.clear();
    await expect(ask()).rejects.toThrow('The bearer token included in the request is invalid.');
    expect(notes.at(-1)).toContain('No such host.');
  });

  it('is not left for a busy one', async () => {
    stub.reply(refuse(429, 'Too many requests.'), hello());
    expect(await ask()).toBe('Hello');
    expect(styles()).toEqual(['root-ide arn', 'root-ide arn']);
  });

  it('that wants another profile is left for one with another profile', async () => {
    logins.access = { ...logins.access, kind: 'builder-id', profileArn: PROFILE };
    stub.tokens.set(logins.access.token, 'any');
    stub.reply(refuse(400, 'profileArn is required for this request.'), refuse(400, 'Invalid profileArn.'), hello());
    expect(await ask()).toBe('Hello');
    expect(stub.calls().map(({ body }) => body.profileArn)).toEqual([
      PROFILE,
      'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX',
      undefined,
    ]);
  });

  it('of a key names no profile', async () => {
    logins.access = { ...logins.access, kind: 'api-key', token: API_KEY, profileArn: undefined };
    expect(await ask()).toBe('Hello');
    expect(styles()).toEqual(['root-cli none']);
    expect(stub.calls()[0]?.headers.tokentype).toBe('API_KEY');
  });

  it('of a key that is refused is left without renewing anything', async () => {
    logins.access = { ...logins.access, kind: 'api-key', token: 'ksk_unknown', profileArn: undefined };
    await expect(ask()).rejects.toMatchObject({ kind: 'unauthorized' });
    expect([styles().length, logins.renewals]).toEqual([2, 0]);
  });
});

describe('a login', () => {
  it.each([401, 403])('that is refused (%i) is renewed once', async (status) => {
    stub.reply(refuse(status, 'The bearer token included in the request is invalid.'), hello());
    logins.next = { token: 'renewed' };
    stub.tokens.set('renewed', PROFILE);
    expect(await ask()).toBe('Hello');
    expect([stub.calls().map(({ token }) => token), logins.renewals]).toEqual([
      ['aoa-stub-token-0123456789', 'renewed'],
      1,
    ]);
  });

  it('that is refused again may have the wrong way or profile, and in the end the refusal is told', async () => {
    stub.tokens.clear();
    await expect(ask()).rejects.toThrow('The bearer token included in the request is invalid.');
    expect([styles(), logins.renewals]).toEqual([['root-ide arn', 'root-ide arn', 'path-cli arn', 'path-ide arn'], 1]);
  });

  it('that is refused right after it was renewed is not renewed again, but tried in the other ways', async () => {
    stub.refused.set('root-ide', refuse(403, 'The bearer token included in the request is invalid.'));
    logins.next = new GatewayError('forbidden', 'It was renewed a moment ago.', { code: 'just_renewed' });
    expect(await ask()).toBe('Hello');
    expect(styles()).toEqual(['root-ide arn', 'path-cli arn']);
  });

  it('that cannot be renewed is told in the words of who tried', async () => {
    stub.tokens.clear();
    logins.next = new GatewayError('unauthorized', 'Sign in again.');
    await expect(ask()).rejects.toThrow('Sign in again.');
    expect(styles()).toHaveLength(1);
  });

  it('of a suspended account is not tried again in any way', async () => {
    stub.reply(refuse(403, 'Your User ID temporarily is suspended.', 'TEMPORARILY_SUSPENDED'));
    await expect(ask()).rejects.toThrow('suspended');
    expect([styles().length, logins.renewals]).toEqual([1, 0]);
  });
});

describe('a busy upstream', () => {
  it('is asked again after growing waits, then told', async () => {
    const high = 'Encountered unexpectedly high load when processing the request, please try again.';
    stub.reply(refuse(500, high), refuse(500, high), refuse(500, high), hello());
    await expect(ask()).rejects.toThrow(`${high} (3 attempts)`);
    expect(waits).toEqual([1_000, 2_000]);
    expect(notes).toEqual([`Asked again: ${high}`, `Asked again: ${high}`]);
  });

  it('is waited for as long as it asks for', async () => {
    stub.reply(refuse(429, 'Slow down.', null, { 'retry-after': '7' }), hello());
    expect(await ask()).toBe('Hello');
    expect(waits).toEqual([7_000]);
  });

  it('that asks for more than a client would wait is told at once, with its word for it', async () => {
    stub.reply(refuse(429, 'Slow down.', null, { 'retry-after': '120' }));
    await expect(ask()).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 120_000 });
    expect(waits).toEqual([]);
  });

  it('without room for the model is waited for longer', async () => {
    const full = refuse(429, 'No capacity.', 'INSUFFICIENT_MODEL_CAPACITY');
    stub.reply(full, full, hello());
    expect(await ask()).toBe('Hello');
    expect(waits).toEqual([5_000, 10_000]);
  });

  it('that has seen odd activity is left alone', async () => {
    stub.reply(refuse(429, 'We detected suspicious activity and set temporary limits.'));
    await expect(ask()).rejects.toThrow('unusual activity');
    expect(styles()).toHaveLength(1);
  });

  it('is not asked beyond the time that a reply may take', async () => {
    stub.reply(() => {
      clock.time += 10 * 60_000;
      return refuse(500, 'down');
    });
    await expect(ask()).rejects.toThrow('down');
    expect(waits).toEqual([]);
  });
});

it.each([
  [400, 'improperly formed'],
  [400, 'INVALID_MODEL_ID'],
  [402, 'MONTHLY_REQUEST_COUNT'],
  [403, 'FEATURE_NOT_SUPPORTED'],
])('a refusal (%i %s) that nothing mends is not asked again', async (status, reason) => {
  stub.reply(refuse(status, reason, reason));
  await expect(ask()).rejects.toThrow(reason);
  expect(styles()).toHaveLength(1);
});

describe('a request', () => {
  it('that is malformed or too large is tried smaller once, where the person allows it', async () => {
    stub.reply(refuse(400, 'Improperly formed request.'), refuse(400, 'Improperly formed request.'));
    await expect(ask({ mayTrim: true })).rejects.toThrow('improperly formed');
    expect(changes).toEqual([{}, { trimmed: true }]);
    expect(notes).toEqual([
      'Kiro refused the request as malformed or too large; asked again without its oldest turns.',
    ]);
  });

  it('whose signatures or fields are refused is tried without them', async () => {
    stub.reply(
      refuse(400, 'The signature does not fit.', 'THINKING_SIGNATURE_INVALID'),
      refuse(400, 'Invalid additionalModelRequestFields for this model.'),
      hello(),
    );
    expect(await ask()).toBe('Hello');
    expect(changes.at(-1)).toEqual({ withoutSignatures: true, withoutFields: true });
  });

  it('that cannot be written is told without asking', async () => {
    const write = () => {
      throw new GatewayError('invalid-request', 'Too large.');
    };
    await expect(ask({ write })).rejects.toThrow('Too large.');
    expect(stub.requests).toEqual([]);
  });
});

describe('a stream', () => {
  it('that breaks with an exception before it said anything is asked for again', async () => {
    const throttled = frames.exception('ThrottlingException', 'Too many.');
    stub.reply(streamOf([throttled]), hello());
    expect(await ask()).toBe('Hello');
    expect(waits).toEqual([1_000]);
  });

  it('that breaks with an exception after it said something is told as broken', async () => {
    const pieces = createFeed<Buffer>();
    pieces.push(frames.text('Hal'));
    stub.reply(streamOf(pieces));
    const events: string[] = [];
    for await (const batch of converse()) {
      events.push(...batch.map((each) => each.type));
      pieces.push(frames.exception('ThrottlingException', 'Too many.'));
    }
    expect([events, styles().length]).toEqual([['reply-start', 'text-start', 'text-delta', 'error'], 1]);
  });

  it('that says nothing is asked for again, then told', async () => {
    stub.reply(streamOf([frames.tail()]), streamOf([]), streamOf([frames.tail()]));
    await expect(ask()).rejects.toThrow('Kiro gave an empty answer. (3 attempts)');
    expect(waits).toEqual([1_000, 2_000]);
  });

  it('that says nothing because it was withheld is passed on', async () => {
    stub.reply(streamOf([frames.stop('CONTENT_FILTERED')]));
    expect(await ask()).toBe('');
  });

  it('whose connection is cut before anything was said is asked for again', async () => {
    stub.reply(streamOf([], 'cut'), hello());
    expect(await ask()).toBe('Hello');
  });

  it('whose connection is cut afterwards is told as broken', async () => {
    stub.reply(streamOf([frames.text('Hal')], 'cut'));
    await expect(ask()).rejects.toMatchObject({ kind: 'upstream' });
    expect(styles()).toHaveLength(1);
  });

  it('that gives no sign in time is given up and asked for again', async () => {
    stub.reply(streamOf([], 'hang'), hello());
    const asked = ask();
    await until(() => stub.calls().length === 1);
    clock.fire();
    expect(await asked).toBe('Hello');
    expect(await stub.calls()[0]?.hungUp).toBeGreaterThan(0);
    expect(notes).toEqual(['Asked again: Kiro did not begin to answer within 4 seconds.']);
  });

  it('that never gives a sign is told as a time-out', async () => {
    stub.reply(...Array.from({ length: 3 }, () => streamOf([], 'hang')));
    const asked = ask().catch((error: unknown) => error);
    for (const count of [1, 2, 3]) {
      await until(() => stub.calls().length === count);
      clock.fire();
    }
    expect(await asked).toMatchObject({ kind: 'timeout', message: expect.stringContaining('(3 attempts)') });
  });
});

describe('a client that leaves', () => {
  it('before the answer closes the connection, and nothing is asked again', async () => {
    stub.reply(streamOf([], 'hang'));
    const asked = ask().catch((error: unknown) => error);
    await until(() => stub.calls().length === 1);
    leave.abort();
    expect(await asked).toMatchObject({ kind: 'aborted' });
    expect(await stub.calls()[0]?.hungUp).toBeGreaterThan(0);
    expect(styles()).toHaveLength(1);
  });

  it('in the middle of it closes the connection, by signal or by return', async () => {
    stub.reply(streamOf([frames.text('Hal')], 'hang'), streamOf([frames.text('Hal')], 'hang'));
    const stream = converse()[Symbol.asyncIterator]();
    await stream.next();
    await stream.return?.();
    expect(await stub.calls()[0]?.hungUp).toBeGreaterThan(0);

    const other = converse()[Symbol.asyncIterator]();
    await other.next();
    leave.abort();
    const batches: EventBatch[] = [];
    for (let next = await other.next(); !next.done; next = await other.next()) batches.push(next.value);
    expect(batches.flat().at(-1)).toMatchObject({ type: 'error', error: { kind: 'aborted' } });
    expect(await stub.calls()[1]?.hungUp).toBeGreaterThan(0);
  });

  it('while it is waited for a busy upstream ends the wait', async () => {
    clock.wait = (ms, signal) =>
      ms === FIRST_TOKEN_MS
        ? new Promise(() => {})
        : new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(new GatewayError('aborted', 'gone')));
            leave.abort();
          });
    stub.reply(refuse(500, 'down'));
    await expect(ask()).rejects.toMatchObject({ kind: 'aborted' });
    expect(styles()).toHaveLength(1);
  });
});

/** Resolves as soon as it holds; a test that waits in vain is ended by its time limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
