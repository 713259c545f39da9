// Signing in, renewing and resting, over a faithful host.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type K2Scene, MINUTE, openK2Scene, START } from '../../../support/k2-scene.ts';
import { EMAIL, json, PASSWORD, refuse, signToken } from '../../../support/k2-stub.ts';

let scene: K2Scene;
beforeEach(async () => {
  scene = await openK2Scene();
});
afterEach(() => scene.close());

const refused = { kind: 'unauthorized', message: expect.stringContaining('email or password provided is incorrect') };

describe('signing in', () => {
  it.each(['body', 'cookie'] as const)('takes the token from the %s', async (place) => {
    scene.stub.tokenIn = place;
    const { text } = await scene.ask(scene.start());
    expect(text).toBe('Hello');
    expect(scene.stub.signIns()[0]?.body).toEqual({ email: EMAIL, password: PASSWORD });
    expect(scene.stub.chats()[0]?.token).toMatch(/^ey/);
  });

  it('says who it is and sends nothing of a browser but where it comes from', async () => {
    await scene.ask(scene.start());
    const [first] = scene.stub.signIns();
    const { 'user-agent': agent, origin, referer } = first?.headers ?? {};
    const { web } = scene.stub.endpoints;
    expect({ agent, origin, referer }).toEqual({ agent: 'Patchbay', origin: web, referer: `${web}/auth?mode=signin` });
    expect(Object.keys(first?.headers ?? {}).filter((name) => name.startsWith('sec-'))).toEqual([]);
  });

  it('is done once for many requests at a time', async () => {
    const provider = scene.start();
    await Promise.all(Array.from({ length: 20 }, () => scene.ask(provider)));
    expect(scene.stub.signIns()).toHaveLength(1);
  });

  it('goes on when the one who asked first hangs up', async () => {
    const provider = scene.start();
    const leaving = new AbortController();
    const first = scene.ask(provider, {}, { signal: leaving.signal });
    const second = scene.ask(provider);
    leaving.abort();
    await expect(first).rejects.toMatchObject({ kind: 'aborted' });
    expect((await second).text).toBe('Hello');
    expect(scene.stub.signIns()).toHaveLength(1);
  });

  it('is remembered over a start of the program', async () => {
    await scene.ask(scene.start());
    await scene.ask(scene.start());
    expect(scene.stub.signIns()).toHaveLength(1);
  });

  it('is done anew when the password has changed', async () => {
    await scene.ask(scene.start());
    scene.stub.people.set(EMAIL, 'another one');
    const credential = scene.account({}, { password: 'another one' });
    await scene.ask(scene.start(), {}, { credential });
    expect(scene.stub.signIns()).toHaveLength(2);
  });

  it('takes a 200 without a token for a failure', async () => {
    scene.stub.answerSignIn(json(200, { email: EMAIL }));
    await expect(scene.ask(scene.start())).rejects.toMatchObject({ kind: 'upstream' });
  });

  it('works where the vault cannot keep the token', async () => {
    scene.secrets.set = () => {
      throw new Error('The keychain is locked.');
    };
    expect((await scene.ask(scene.start())).text).toBe('Hello');
    expect(scene.log.join()).toContain('could not be kept');
  });
});

describe('renewal', () => {
  it('comes ten minutes before the token ends, by what the token says', async () => {
    const provider = scene.start();
    await scene.ask(provider);
    scene.clock.time = START + 49 * MINUTE;
    await scene.ask(provider);
    expect(scene.stub.signIns()).toHaveLength(1);
    scene.clock.time = START + 51 * MINUTE;
    await scene.ask(provider);
    expect(scene.stub.signIns()).toHaveLength(2);
  });

  it('comes at half the life of a token that lives shortly', async () => {
    scene.stub.lifeSeconds = 120;
    const provider = scene.start();
    await scene.ask(provider);
    scene.clock.time = START + 50_000;
    await scene.ask(provider);
    scene.clock.time = START + 70_000;
    await scene.ask(provider);
    expect(scene.stub.signIns()).toHaveLength(2);
  });

  it('comes every hour where the token does not say its end', async () => {
    scene.stub.lifeSeconds = undefined;
    const provider = scene.start();
    await scene.ask(provider);
    scene.clock.time = START + 59 * MINUTE;
    await scene.ask(provider);
    expect(scene.stub.signIns()).toHaveLength(1);
    scene.clock.time = START + 61 * MINUTE;
    await scene.ask(provider);
    expect(scene.stub.signIns()).toHaveLength(2);
  });

  it('is forced once by a 401 and shared by all who met it', async () => {
    const provider = scene.start();
    await scene.ask(provider);
    scene.stub.revokeAll();
    const replies = await Promise.all(Array.from({ length: 10 }, () => scene.ask(provider)));
    expect(replies.map(({ text }) => text)).toEqual(Array(10).fill('Hello'));
    expect(scene.stub.signIns()).toHaveLength(2);
  });

  it('does not go on for ever where the host refuses new tokens, too', async () => {
    const provider = scene.start();
    scene.stub.reply(refuse(401, 'No.'), refuse(401, 'Still no.'));
    await expect(scene.ask(provider)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: 'Still no.',
      status: 401,
    });
    expect(scene.stub.chats()).toHaveLength(2);
  });

  it('may fail while the old token lives', async () => {
    const provider = scene.start();
    await scene.ask(provider);
    scene.clock.time = START + 55 * MINUTE;
    scene.stub.answerSignIn(refuse(502, 'Bad gateway'));
    expect((await scene.ask(provider)).text).toBe('Hello');
    scene.clock.time = START + 61 * MINUTE;
    expect((await scene.ask(provider)).text).toBe('Hello');
    expect(scene.stub.signIns()).toHaveLength(3);
  });
});

describe('a sign-in that fails', () => {
  it.each([400, 401, 403])('rests after a refusal with %i, and a test of the account tries at once', async (status) => {
    const provider = scene.start();
    const words = 'The email or password provided is incorrect.';
    scene.stub.answerSignIn(refuse(status, words));
    await expect(scene.ask(provider)).rejects.toMatchObject(refused);
    await expect(scene.ask(provider)).rejects.toMatchObject(refused);
    expect(scene.stub.signIns()).toHaveLength(1);
    const steps: string[] = [];
    for await (const step of provider.check(scene.context())) steps.push(`${step.id} ${step.state}`);
    expect(steps).toEqual(['sign-in running', 'sign-in ok', 'models running', 'models ok']);
  });

  it('rests longer with each failure in a row and begins anew after a success', async () => {
    const provider = scene.start();
    const fail = () => scene.stub.answerSignIn(refuse(500, 'Oops'));
    const tries = async () => {
      await scene.ask(provider).catch(() => {});
      return scene.stub.signIns().length;
    };
    fail();
    expect(await tries()).toBe(1);
    scene.clock.time += 14_000;
    expect(await tries()).toBe(1);
    scene.clock.time += 2_000;
    fail();
    expect(await tries()).toBe(2);
    scene.clock.time += 29_000;
    expect(await tries()).toBe(2);
    scene.clock.time += 2_000;
    expect(await tries()).toBe(3);
    scene.clock.time += 61 * MINUTE;
    fail();
    expect(await tries()).toBe(4);
    scene.clock.time += 16_000;
    expect(await tries()).toBe(5);
  });

  it('rests as long as the host asks for and tells it on', async () => {
    const provider = scene.start();
    scene.stub.answerSignIn(refuse(429, 'Slow down', { 'retry-after': '90' }));
    await expect(scene.ask(provider)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 90_000 });
    scene.clock.time += 80_000;
    await expect(scene.ask(provider)).rejects.toMatchObject({ kind: 'rate-limited', retryAfterMs: 10_000 });
    scene.clock.time += 11_000;
    expect((await scene.ask(provider)).text).toBe('Hello');
  });

  it('tells a page of the doorkeeper from a wrong password', async () => {
    const page = {
      status: 403,
      headers: { 'content-type': 'text/html' },
      pieces: ['<!DOCTYPE html><title>Just a moment'],
    };
    scene.stub.answerSignIn(page);
    await expect(scene.ask(scene.start())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('Cloudflare'),
    });
  });
});

describe('a pasted token', () => {
  const use = (token: string) => scene.account({ method: 'token' }, { token });

  it('is used as it is', async () => {
    const credential = use(scene.stub.issue(EMAIL));
    expect((await scene.ask(scene.start(), {}, { credential })).text).toBe('Hello');
    expect(scene.stub.signIns()).toHaveLength(0);
  });

  it('is not sent when it has ended', async () => {
    const credential = use(signToken({ id: 'x', exp: START / 1000 - 60 }));
    const error = await scene.ask(scene.start(), {}, { credential }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'unauthorized', message: expect.stringContaining('ended 2026-08-01T11:59') });
    expect(scene.stub.requests).toHaveLength(0);
  });

  it('is refused with the words of the host', async () => {
    const credential = use(signToken({ id: 'x' }));
    await expect(scene.ask(scene.start(), {}, { credential })).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('session has expired'),
    });
  });
});

describe('secrets', () => {
  it('are in no line of the log and in no error', async () => {
    const provider = scene.start();
    await scene.ask(provider);
    scene.stub.answerSignIn(refuse(500, 'Oops'));
    scene.stub.revokeAll();
    const error = await scene.ask(provider).catch((thrown: unknown) => thrown);
    const [token = ''] = [...scene.stub.chats()].map((chat) => chat.token);
    const said = JSON.stringify([scene.log, (error as Error).message]);
    expect(said).not.toContain(PASSWORD);
    expect(said).not.toContain(token);
    expect(scene.hidden).toContain(token);
  });

  it('go with the account', async () => {
    const provider = scene.start();
    await scene.ask(provider);
    expect([...scene.secrets.keys()]).toEqual(['provider/k2-think/session/k2']);
    await provider.login?.forget(scene.account(), []);
    expect(scene.secrets.size).toBe(0);
  });

  it('are not kept for an account that went while it was signed in', async () => {
    const provider = scene.start();
    let forgotten: Promise<void> | undefined;
    const token = scene.stub.issue(EMAIL);
    async function* pieces() {
      forgotten = provider.login?.forget(scene.account(), []);
      await forgotten;
      yield JSON.stringify({ token });
    }
    scene.stub.answerSignIn({ headers: { 'content-type': 'application/json' }, pieces: pieces() });
    expect((await scene.ask(provider)).text).toBe('Hello');
    expect(forgotten).toBeDefined();
    expect(scene.secrets.size).toBe(0);
  });

  it('end with signing out', async () => {
    const provider = scene.start();
    await scene.ask(provider);
    const token = scene.stub.chats()[0]?.token ?? '';
    expect(await provider.login?.signOut(scene.context())).toContain('Signed out');
    expect(scene.secrets.size).toBe(0);
    await expect(provider.login?.signOut(scene.context())).rejects.toMatchObject({ kind: 'invalid-request' });
    const credential = scene.account({ method: 'token' }, { token });
    await expect(scene.ask(provider, {}, { credential })).rejects.toMatchObject({ kind: 'unauthorized' });
  });
});
