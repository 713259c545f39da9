// Whom a request is put to, one after the other, until somebody answers; and what the client and the log are told of it.
import { describe, expect, it } from 'vitest';
import { writeMoment } from '../../../main/util/time-words.ts';
import {
  type Act,
  breakOff,
  close,
  hang,
  openGatewayScene,
  refuse,
  refuseInside,
  say,
} from '../../support/gateway-scene.ts';

const TWO = { accounts: ['one', 'two'] };
const texts = (path: readonly { text: string }[]) => path.map(({ text }) => text);

describe('the next account is asked', () => {
  it.each([
    ['is rate limited', refuse('rate-limited', 'Slow down', { status: 429 })],
    ['names its wait', refuse('rate-limited', 'Slow down', { status: 429, retryAfterMs: 60_000 })],
    ['has no quota left', refuse('quota-exhausted', 'Pay', { status: 402 })],
    ['does not take the login', refuse('unauthorized', 'Bad key', { status: 401 })],
    ['forbids it', refuse('forbidden', 'Not you', { status: 403 })],
    ['lacks the model', refuse('not-found', 'No such model', { status: 404 })],
    ['is overloaded', refuse('overloaded', 'Too busy', { status: 503 })],
    ['cannot do it', refuse('unsupported', 'Not me')],
    ['hides its overload in an answer', refuseInside('overloaded', 'Too busy')],
    ['closes the connection', close(false)],
    ['closes the connection before any content', close(true)],
  ])('where the first %s', async (_what, act) => {
    const scene = openGatewayScene(TWO);
    scene.script('one', act);
    const { text, error, progress, answeredBy } = await scene.ask('m');
    expect([text, error, answeredBy, scene.calls]).toEqual(['two', undefined, 'two', ['one:m', 'two:m']]);
    expect(progress).toMatchObject({ account: 'two', provider: 'scripted', modelUsed: 'm', attempts: 2 });
    expect(scene.pool.countRunning('one') + scene.pool.countRunning('two')).toBe(0);
  });

  it('where the first breaks off and the client has seen nothing yet, as it wants the answer in one piece', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', breakOff());
    expect(await scene.ask('m', { live: false })).toMatchObject({ text: 'two', answeredBy: 'two' });
  });
});

describe('nobody else is asked', () => {
  it.each([
    ['the request is wrong', 'invalid-request'],
    ['Patchbay itself has failed', 'internal'],
    ['somebody else is at it', 'conflict'],
  ] as const)('where %s', async (_what, kind) => {
    const scene = openGatewayScene(TWO);
    scene.script('one', refuse(kind, 'No'));
    const { error } = await scene.ask('m');
    expect([error?.kind, scene.calls]).toEqual([kind, ['one:m']]);
    expect(scene.pool.counts('one')).toMatchObject({ served: 0, failed: 0 });
    expect(scene.health('one')).toBe('untested');
  });

  it('once something has been said: the client gets what was said, and then the error', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', breakOff());
    const { text, error, path } = await scene.ask('m');
    expect([text, error?.message, scene.calls]).toEqual(['one', 'ONE: The engine caught fire.', ['one:m']]);
    expect(path.at(-1)).toMatchObject({
      outcome: 'failed',
      errorKind: 'upstream',
      text: 'ONE broke off in the middle of its answer: The engine caught fire.',
    });
    expect(scene.pool.counts('one')).toMatchObject({ served: 0, failed: 1 });
  });

  it('once the client has left, which says nothing about the account', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', hang());
    const client = new AbortController();
    const asked = scene.ask('m', { client });
    await scene.clock.advance(300);
    client.abort(new Error('gone'));
    const { path } = await asked;
    expect(path).toMatchObject([{ outcome: 'aborted', ms: 300 }]);
    expect(scene.calls).toEqual(['one:m']);
    expect([scene.pool.counts('one').failed, scene.pool.countRunning('one'), scene.health('one')]).toEqual([
      0,
      0,
      'untested',
    ]);
  });
});

describe('another model is asked', () => {
  const stages = { m: [['one:m', 'two:m'], ['three:n']] };
  const routing = { attempts: { retries: 1 } };

  it('where all accounts of the first have failed', async () => {
    const scene = openGatewayScene({ accounts: ['one', 'two', 'other/three'], stages });
    scene.script('one', refuse('overloaded', 'Busy'));
    scene.script('two', refuse('unauthorized', 'Bad key'));
    const { text, progress } = await scene.ask('m');
    expect([text, progress.modelUsed, progress.provider, progress.attempts]).toEqual(['three', 'n', 'other', 3]);
  });

  it('at once where the request is too long for the first, which no account of it can mend', async () => {
    const scene = openGatewayScene({ accounts: ['one', 'two', 'three'], stages, routing });
    scene.script('one', refuse('invalid-request', 'Too long', { code: 'context_length_exceeded' }));
    expect((await scene.ask('m')).text).toBe('three');
    expect(scene.calls).toEqual(['one:m', 'three:n']);
    expect(scene.pool.counts('one').failed).toBe(0);
  });

  it('of the same account, unless what failed is the account itself', async () => {
    const scene = openGatewayScene({ accounts: ['one'], stages: { m: [['one:m'], ['one:n']] } });
    scene.script('one', refuse('not-found', 'No such model', { status: 404 }), say());
    expect((await scene.ask('m')).text).toBe('one');
    expect(scene.calls).toEqual(['one:m', 'one:n']);
    scene.calls.length = 0;
    scene.pool.use('one');
    scene.script('one', refuse('unauthorized', 'Bad key', { status: 401 }), say());
    expect((await scene.ask('m')).error?.message).toBe('ONE: Bad key');
    expect(scene.calls).toEqual(['one:m']);
  });

  it('with its thinking where the name said how much', async () => {
    const seen: unknown[] = [];
    const scene = openGatewayScene({
      accounts: ['one'],
      reasoning: { effort: 'high' },
      act: (call) => {
        seen.push(call.request.reasoning);
        return say()(call);
      },
    });
    await scene.ask('m', { request: { reasoning: { effort: 'low' } } });
    expect(seen).toEqual([{ effort: 'high' }]);
  });
});

describe('the same account is asked again', () => {
  it('only where the rules want it, after a wait, and where nobody else can serve', async () => {
    const once = openGatewayScene({ accounts: ['one'] });
    once.script('one', refuse('overloaded', 'Busy'), say());
    expect((await once.ask('m')).error?.message).toBe('ONE: Busy');

    const scene = openGatewayScene({ ...TWO, routing: { attempts: { retries: 2 } } });
    scene.script('one', refuse('overloaded', 'Busy'), refuse('overloaded', 'Busy'), say());
    scene.script('two', refuse('unauthorized', 'Bad key'));
    const asked = scene.ask('m');
    await scene.clock.advance(499);
    expect(scene.calls).toEqual(['one:m', 'two:m']);
    await scene.clock.advance(1);
    expect(scene.calls).toEqual(['one:m', 'two:m', 'one:m']);
    await scene.clock.advance(1_000);
    expect(await asked).toMatchObject({ text: 'one', progress: { attempts: 4 } });
  });

  it('after the wait that the upstream named, and never where that is long', async () => {
    const scene = openGatewayScene({ accounts: ['one'], routing: { attempts: { retries: 1 } } });
    scene.script('one', refuse('rate-limited', 'Slow', { retryAfterMs: 3_000 }), say());
    const asked = scene.ask('m');
    await scene.clock.advance(2_999);
    expect(scene.calls).toHaveLength(1);
    await scene.clock.advance(1);
    expect((await asked).text).toBe('one');
    scene.script('one', refuse('rate-limited', 'Slow', { retryAfterMs: 60_000 }));
    expect((await scene.ask('m')).error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
  });

  it('never where a second time would change nothing', async () => {
    const scene = openGatewayScene({ accounts: ['one'], routing: { attempts: { retries: 5 } } });
    scene.script('one', refuse('unauthorized', 'Bad key'));
    expect((await scene.ask('m')).error?.kind).toBe('unauthorized');
    expect(scene.calls).toHaveLength(1);
  });
});

describe('the limits', () => {
  it('end the search after so many calls', async () => {
    const accounts = ['one', 'two', 'three'];
    const scene = openGatewayScene({ accounts, routing: { attempts: { most: 2 } } });
    for (const account of accounts) scene.script(account, refuse('overloaded', 'Busy'));
    const { error, progress, path } = await scene.ask('m');
    expect([scene.calls, progress.attempts, error?.message]).toEqual([['one:m', 'two:m'], 2, 'TWO: Busy. ONE: Busy.']);
    expect(texts(path).at(-1)).toBe('Nobody else was asked: one request makes 2 calls at most.');
  });

  it('say nothing of how many calls there may be where nobody was left', async () => {
    const scene = openGatewayScene({ ...TWO, routing: { attempts: { most: 2 } } });
    for (const account of TWO.accounts) scene.script(account, refuse('overloaded', 'Busy'));
    expect(texts((await scene.ask('m')).path)).toEqual(['ONE was overloaded: Busy', 'TWO was overloaded: Busy']);
  });

  it.each([false, true])('end an attempt that says nothing, whether it hears of it or not (%s)', async (isDeaf) => {
    const scene = openGatewayScene({ accounts: ['one'], routing: { attempts: { budgetMs: 30_000 } } });
    scene.script('one', hang(isDeaf));
    const asked = scene.ask('m');
    await scene.clock.advance(35_000);
    const { error, path } = await asked;
    expect([error?.kind, error?.message]).toEqual([
      'timeout',
      'ONE: Nothing came within 30 seconds, as long as a request may look for an answer.',
    ]);
    expect(path).toMatchObject([{ outcome: 'failed', errorKind: 'timeout' }]);
    expect(scene.pool.counts('one').failed).toBe(1);
  });

  it.each([false, true])(
    'leave who says nothing for another that could serve, whether it hears of it or not (%s)',
    async (isDeaf) => {
      const scene = openGatewayScene({ ...TWO, routing: { attempts: { patienceMs: 60_000 } } });
      scene.script('one', hang(isDeaf));
      const asked = scene.ask('m');
      await scene.clock.advance(59_000);
      expect(scene.calls).toEqual(['one:m']);
      await scene.clock.advance(6_000);
      const { text, path } = await asked;
      expect([text, scene.calls]).toEqual(['two', ['one:m', 'two:m']]);
      expect(path).toMatchObject([
        { outcome: 'failed', errorKind: 'timeout', text: expect.stringContaining('Nothing came within 60 seconds') },
        { outcome: 'ok', account: 'two' },
      ]);
      expect(scene.pool.countRunning('one')).toBe(0);
    },
  );

  it('wait on for who says nothing where no other could serve, and move when one can', async () => {
    const scene = openGatewayScene({ ...TWO, routing: { attempts: { patienceMs: 60_000 } } });
    scene.pool.rest('two');
    scene.script('one', hang());
    const asked = scene.ask('m');
    await scene.clock.advance(100_000);
    expect(scene.calls).toEqual(['one:m']);
    scene.pool.use('two');
    await scene.clock.advance(20_000);
    expect((await asked).text).toBe('two');
  });

  it('leave nobody who has given a sign of life, and nobody at all where patience is endless', async () => {
    const sign: Act = async function* (call) {
      yield [{ type: 'reply-start' }];
      yield* say(300_000)(call);
    };
    const scene = openGatewayScene({ ...TWO, routing: { attempts: { patienceMs: 60_000 } } });
    scene.script('one', sign);
    const asked = scene.ask('m');
    await scene.clock.advance(300_000);
    expect([(await asked).text, scene.calls]).toEqual(['one', ['one:m']]);
    const endless = openGatewayScene({ ...TWO, routing: { attempts: { patienceMs: 0 } } });
    endless.script('one', say(500_000));
    const waited = endless.ask('m');
    await endless.clock.advance(500_000);
    expect((await waited).text).toBe('one');
  });

  it('do not blame an account that had only the rest of the time', async () => {
    const scene = openGatewayScene({ ...TWO, routing: { attempts: { budgetMs: 30_000 } } });
    scene.script('one', refuse('overloaded', 'Busy', {}, 29_000));
    scene.script('two', hang());
    const asked = scene.ask('m');
    await scene.clock.advance(30_000);
    expect((await asked).error?.message).toBe(
      'TWO: Nothing came within 30 seconds, as long as a request may look for an answer. ONE: Busy.',
    );
    expect([scene.pool.counts('one').failed, scene.pool.counts('two').failed]).toEqual([1, 0]);
  });

  it('leave an answer that has begun its time', async () => {
    const scene = openGatewayScene({
      accounts: ['one'],
      routing: { attempts: { budgetMs: 1_000 } },
      act: async function* (call) {
        const [first, last] = [say()(call), say(5_000)(call)];
        for await (const batch of first) {
          yield batch.filter(({ type }) => type !== 'reply-end');
          break;
        }
        for await (const batch of last) yield batch;
      },
    });
    const asked = scene.ask('m');
    await scene.clock.advance(5_000);
    expect(await asked).toMatchObject({ text: 'oneone' });
  });

  it('end the wait for a busy account', async () => {
    const scene = openGatewayScene({
      accounts: ['one'],
      routing: { accounts: { one: { concurrency: 1 } }, attempts: { budgetMs: 10_000 } },
    });
    scene.script('one', say(60_000));
    const first = scene.ask('m');
    await scene.clock.advance(9_000);
    const second = scene.ask('m');
    await scene.clock.advance(1_000);
    expect((await first).error?.kind).toBe('timeout');
    expect(scene.calls).toHaveLength(2);
    const third = scene.ask('m');
    await scene.clock.advance(10_000);
    expect((await second).error?.kind).toBe('timeout');
    const { error } = await third;
    expect([error?.kind, scene.calls.length]).toEqual(['timeout', 3]);
  });

  it('let the path tell of a wait for a busy account, and of a client that left meanwhile', async () => {
    const scene = openGatewayScene({ accounts: ['one'], routing: { accounts: { one: { concurrency: 1 } } } });
    scene.script('one', say(5_000), say());
    const first = scene.ask('m');
    const second = scene.ask('m');
    const client = new AbortController();
    const third = scene.ask('m', { client });
    await scene.clock.advance(2_000);
    client.abort(new Error('gone'));
    await scene.clock.advance(3_000);
    expect(texts((await first).path)).toHaveLength(1);
    expect(texts((await second).path)[0]).toBe('It waited 5 s in line: all accounts that offer "m" were busy.');
    expect(texts((await third).path)).toEqual([
      'All accounts that offer "m" were busy, and the client left after 2 s in line.',
    ]);
  });

  it('are kept by the clock that nobody sets, and time asleep is nobody’s', async () => {
    const scene = openGatewayScene({ accounts: ['one'], routing: { attempts: { budgetMs: 10_000 } } });
    scene.script('one', say(5_000));
    const asked = scene.ask('m');
    await scene.clock.advance(1_000);
    scene.clock.sleep(3_600_000);
    scene.clock.setWall(scene.clock.now() - 86_400_000);
    await scene.clock.advance(4_000);
    expect((await asked).text).toBe('one');
  });
});

describe('when nobody answers, the client is told', () => {
  it('the one failure there was, as it was', async () => {
    const scene = openGatewayScene({ accounts: ['one'] });
    scene.script('one', refuse('rate-limited', 'Slow s3cret', { status: 429, retryAfterMs: 7_000, code: 'slow' }));
    expect((await scene.ask('m')).error).toMatchObject({
      kind: 'rate-limited',
      message: 'ONE: Slow [hidden]',
      status: 429,
      retryAfterMs: 7_000,
      code: 'slow',
    });
  });

  it('of several the last that passes by itself, with a sentence for each, and when the first may serve again', async () => {
    const accounts = ['one', 'two', 'three', 'four', 'five'];
    const scene = openGatewayScene({ accounts });
    scene.script('one', refuse('rate-limited', 'Slow', { status: 429, retryAfterMs: 60_000 }));
    scene.script('two', refuse('rate-limited', 'Slower', { status: 429, retryAfterMs: 20_000 }));
    for (const account of ['three', 'four', 'five']) scene.script(account, refuse('unauthorized', 'Bad key'));
    expect((await scene.ask('m')).error).toMatchObject({
      kind: 'rate-limited',
      status: 429,
      retryAfterMs: 20_000,
      message: 'TWO: Slower. ONE: Slow. THREE: Bad key. 2 more accounts could not serve either.',
    });
  });

  it('each account once, though several of its models failed alike', async () => {
    const stages = { m: [['one:m', 'two:m'], ['one:n'], ['one:o'], ['one:p']] };
    const scene = openGatewayScene({ ...TWO, stages });
    scene.script('one', refuse('overloaded', 'Busy'));
    scene.script('two', refuse('overloaded', 'Full'));
    expect((await scene.ask('m')).error?.message).toBe('ONE: Busy. TWO: Full.');
  });

  it('how many accounts more could not serve, and not how many models', async () => {
    const stages = { m: [['one:m'], ['one:n'], ['one:o'], ['one:p'], ['two:m']] };
    const scene = openGatewayScene({ ...TWO, stages });
    const each = ['a', 'b', 'c', 'd'].map((what) => refuse('overloaded', `No ${what}`));
    scene.script('one', ...each);
    scene.script('two', refuse('unauthorized', 'Bad key'));
    const { error } = await scene.ask('m');
    expect(error?.message).toBe('ONE: No d. ONE: No a. ONE: No b. One more account could not serve either.');
  });

  it('when the first may serve again, though the person lets another rest', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', refuse('rate-limited', 'Slow', { status: 429, retryAfterMs: 60_000 }));
    scene.pool.rest('two');
    expect((await scene.ask('m')).error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
    expect((await scene.ask('m')).error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 60_000 });
  });

  it('no time where one of them may serve at any moment', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', refuse('rate-limited', 'Slow', { retryAfterMs: 60_000 }));
    scene.script('two', refuse('overloaded', 'Busy'));
    const { error } = await scene.ask('m');
    expect([error?.kind, error?.retryAfterMs]).toEqual(['overloaded', undefined]);
  });

  it('until when all rest, where nobody may be asked', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', refuse('rate-limited', 'Five hours are used up', { retryAfterMs: 60_000 }));
    scene.script('two', refuse('rate-limited', 'Slow', { retryAfterMs: 3_600_000 }));
    await scene.ask('m');
    scene.calls.length = 0;
    await scene.clock.advance(10_000);
    const { error, progress, path } = await scene.ask('m');
    const until = writeMoment(scene.clock.now() + 50_000, scene.clock.now());
    expect(scene.calls).toEqual([]);
    expect(error).toMatchObject({ kind: 'rate-limited', retryAfterMs: 50_000 });
    expect(error?.message).toContain(`ONE rests until ${until}: Five hours are used up.`);
    expect(progress.attempts).toBeUndefined();
    expect(path.map(({ kind, account }) => [kind, account])).toEqual([
      ['skipped', 'one'],
      ['skipped', 'two'],
    ]);
  });

  it('the kind of failure that made it rest', async () => {
    const scene = openGatewayScene({ accounts: ['one'] });
    scene.script('one', refuse('overloaded', 'Busy until ten', { status: 503, retryAfterMs: 60_000 }));
    await scene.ask('m');
    expect((await scene.ask('m')).error).toMatchObject({ kind: 'overloaded', retryAfterMs: 60_000 });
    expect(scene.calls).toHaveLength(1);
  });

  it('that the person lets the account rest, where they do', async () => {
    const scene = openGatewayScene({ accounts: ['one'] });
    scene.pool.rest('one');
    expect((await scene.ask('m')).error).toMatchObject({
      kind: 'overloaded',
      message: 'ONE rests until you say otherwise.',
    });
  });
});

describe('the log', () => {
  it('has the rules, who was passed over, and every attempt with its account, outcome, time and a sentence', async () => {
    const rule = { kind: 'rule' as const, text: '"m" is another name for "k".' };
    const scene = openGatewayScene({ accounts: ['one', 'two', 'three'], steps: [rule] });
    scene.pool.rest('one');
    scene.script('two', refuse('rate-limited', 'Slow', { retryAfterMs: 60_000 }, 120));
    scene.script('three', say(420));
    const asked = scene.ask('m');
    await scene.clock.advance(120);
    await scene.clock.advance(420);
    const { path, progress } = await asked;
    const until = writeMoment(scene.clock.now() - 420 + 60_000, scene.clock.now());
    expect(path).toEqual([
      rule,
      {
        kind: 'skipped',
        text: 'ONE was passed over. It rests until you say otherwise.',
        account: 'one',
        model: 'm',
      },
      {
        kind: 'attempt',
        text: `TWO was rate limited and rests until ${until}: Slow`,
        account: 'two',
        model: 'm',
        outcome: 'failed',
        errorKind: 'rate-limited',
        ms: 120,
      },
      {
        kind: 'attempt',
        text: 'THREE answered after 420 ms. The next in the list that can serve.',
        account: 'three',
        model: 'm',
        outcome: 'ok',
        ms: 420,
      },
    ]);
    expect(progress).toMatchObject({ attempts: 2, account: 'three', firstTokenMs: 540 });
  });

  it('tells until when a failure that ends by itself puts an account last', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', refuse('forbidden', 'Not you', { status: 403 }));
    const { path } = await scene.ask('m');
    const until = writeMoment(scene.clock.now() + 600_000, scene.clock.now());
    expect(texts(path)[0]).toBe(`ONE refused this and is asked last until ${until}: Not you`);
  });

  it('has every attempt, however many were passed over before', async () => {
    const resting = Array.from({ length: 200 }, (_, index) => `a${index}`);
    const scene = openGatewayScene({ accounts: [...resting, 'one', 'two'] });
    for (const id of resting) scene.pool.rest(id);
    scene.script('one', refuse('overloaded', 'Busy'));
    const { path } = await scene.ask('m');
    expect(path.length).toBeLessThan(30);
    expect(texts(path.slice(0, 1))).toEqual(['A0 was passed over. It rests until you say otherwise.']);
    expect(texts(path.slice(-3))).toEqual([
      '180 more accounts were passed over.',
      'ONE was overloaded: Busy',
      expect.stringMatching(/^TWO answered after/),
    ]);
  });

  it('tells who is asked while it is asked', async () => {
    const scene = openGatewayScene({ accounts: ['one'] });
    scene.script('one', say(1_000));
    const progress: { path?: unknown } = {};
    const record = {
      id: 'r',
      update: (news: object) => void Object.assign(progress, news),
      note: () => {},
      close: () => {},
    };
    const signal = new AbortController().signal;
    const events = scene.gateway.converse(
      { model: 'm', messages: [] },
      { requestId: 'r', signal, record, startedAt: 0, live: true },
    );
    const all = drain(events);
    await scene.clock.advance(500);
    expect(progress.path).toMatchObject([
      { kind: 'attempt', account: 'one', text: expect.stringContaining('ONE was asked.') },
    ]);
    await scene.clock.advance(500);
    await all;
  });

  it('has the rule that led on to another model, and what was passed over behind the last', async () => {
    const scene = openGatewayScene({
      ...TWO,
      stages: { m: [['one:m'], ['two:n']] },
      legs: [[], [{ kind: 'rule', text: '"m" may go on to "n".' }]],
      stepsAfter: [{ kind: 'skipped', text: '"o" takes no images.' }],
    });
    scene.script('one', refuse('overloaded', 'Busy'));
    expect((await scene.ask('m')).path.map(({ kind }) => kind)).toEqual(['attempt', 'rule', 'attempt']);
    scene.script('two', refuse('overloaded', 'Busy'));
    expect((await scene.ask('m')).path.map(({ kind }) => kind)).toEqual(['attempt', 'rule', 'attempt', 'skipped']);
  });

  it('keeps what was changed only of the attempt that counts', async () => {
    const scene = openGatewayScene({
      ...TWO,
      act: (call) => {
        call.context.note(`${call.account} dropped the seed`);
        return (call.account === 'one' ? refuse('overloaded', 'Busy') : say())(call);
      },
    });
    expect((await scene.ask('m')).notes).toEqual(['two dropped the seed']);
    const alone = openGatewayScene({
      accounts: ['one'],
      act: (call) => {
        call.context.note('dropped the seed');
        return refuse('overloaded', 'Busy')(call);
      },
    });
    expect((await alone.ask('m')).notes).toEqual(['dropped the seed']);
  });

  it('has no secret that an upstream repeats', async () => {
    const scene = openGatewayScene(TWO);
    scene.script('one', refuse('unauthorized', 'The key s3cret is not known'));
    const { path } = await scene.ask('m');
    expect(texts(path).join()).not.toContain('s3cret');
  });
});

it('an account that is to be tried is asked although it rests, and is proved where it answers', async () => {
  const scene = openGatewayScene({ accounts: ['one'] });
  scene.script(
    'one',
    refuse('unauthorized', 'Bad key'),
    refuse('rate-limited', 'Slow', { retryAfterMs: 60_000 }),
    say(),
  );
  await scene.ask('m');
  expect((await scene.ask('m', { isPlain: true })).error?.kind).toBe('rate-limited');
  expect((await scene.ask('m')).error?.message).toContain('ONE rests until');
  expect(await scene.ask('m', { isPlain: true })).toMatchObject({ text: 'one' });
  expect(scene.pool.listRests('one').map(({ cause }) => cause)).toEqual(['told']);
});

describe('an agent', () => {
  const session = { id: 'f3b0', state: 'kept', keep: () => {}, spend: () => {} };

  it('is asked once and of one account, whatever the rules say', async () => {
    const scene = openGatewayScene({
      ...TWO,
      stages: { 'agent:shop': [['one:agent:shop', 'two:agent:shop'], ['two:m']] },
      routing: { attempts: { retries: 3 }, pools: { scripted: { strategy: 'round-robin' } } },
    });
    scene.script('one', refuse('overloaded', 'Busy'));
    for (let turn = 0; turn < 3; turn += 1) {
      expect((await scene.ask('agent:shop', { session, live: turn === 1 })).error?.message).toBe('ONE: Busy');
    }
    expect(scene.calls).toEqual(['one:agent:shop', 'one:agent:shop', 'one:agent:shop']);
  });

  it('is not replaced by anybody while its account rests', async () => {
    const scene = openGatewayScene({ ...TWO, stages: { 'agent:shop': [['one:agent:shop'], ['two:m']] } });
    scene.pool.rest('one');
    expect((await scene.ask('agent:shop', { session })).error?.kind).toBe('overloaded');
    expect(scene.calls).toEqual([]);
  });

  it('is asked by its own name only: no rule leads a plain model to it', async () => {
    const stages = { m: [['one:m'], ['two:agent:shop']], n: [['two:agent:shop']] };
    const scene = openGatewayScene({ ...TWO, stages });
    scene.script('one', refuse('overloaded', 'Busy'));
    expect((await scene.ask('m')).error?.message).toBe('ONE: Busy');
    expect((await scene.ask('n')).error).toMatchObject({ kind: 'invalid-request', code: 'agent_by_its_name' });
    expect(scene.calls).toEqual(['one:m']);
  });

  it('tells what it does while it works', async () => {
    const notes: string[] = [];
    const scene = openGatewayScene({
      accounts: ['one'],
      act: (call) => {
        call.context.note('Began a new session.');
        return say(1_000)(call);
      },
    });
    const record = { id: 'r', update: () => {}, note: (text: string) => void notes.push(text), close: () => {} };
    const signal = new AbortController().signal;
    const context = { requestId: 'r', signal, record, startedAt: 0, live: true, session };
    const all = drain(scene.gateway.converse({ model: 'agent:shop', messages: [] }, context));
    await scene.clock.advance(500);
    expect(notes).toEqual(['Began a new session.']);
    await scene.clock.advance(500);
    await all;
  });
});

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of events);
}
