// K2-Think's sign-ins as the scheduler of renewals sees them: when they are due, and that each is stored before it is used.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Provider } from '../../../../main/providers/provider.ts';
import { createGate } from '../../../support/gate.ts';
import { type K2Scene, MINUTE, openK2Scene, START } from '../../../support/k2-scene.ts';
import { refuse } from '../../../support/k2-stub.ts';

let scene: K2Scene;
let provider: Provider;
beforeEach(async () => {
  scene = await openK2Scene();
  provider = scene.start();
});
afterEach(() => scene.close());

const find = () => provider.renewal?.find(scene.account());
const renew = () => provider.renewal?.renew(scene.context());

describe('when a sign-in is due', () => {
  it('is ten minutes before its end, and is told without a call', async () => {
    await scene.ask(provider);
    const calls = scene.stub.requests.length;
    expect(await find()).toEqual({ login: 'k2', endsAt: START + 60 * MINUTE, dueAt: START + 50 * MINUTE });
    provider = scene.start();
    expect(await find()).toEqual({ login: 'k2', endsAt: START + 60 * MINUTE, dueAt: START + 50 * MINUTE });
    expect(scene.stub.requests).toHaveLength(calls);
  });

  it('is not known before the first one, nor after the person has signed out', async () => {
    expect(await find()).toEqual({ login: 'k2' });
    await scene.ask(provider);
    await provider.login?.signOut(scene.context());
    expect(await find()).toEqual({ login: 'k2' });
  });

  it('concerns accounts with a password only', () => {
    const covers = (method: string) => provider.renewal?.covers(scene.account({ method }).account);
    expect(['password', 'token', 'key', 'guest'].map(covers)).toEqual([true, false, false, false]);
  });
});

describe('renewing', () => {
  it('signs in anew, whatever is due, and requests use what came of it', async () => {
    await scene.ask(provider);
    await renew();
    await scene.ask(provider);
    expect(scene.stub.signIns()).toHaveLength(2);
    const [first, second] = scene.stub.chats();
    expect(second?.token).not.toBe(first?.token);
    expect([...scene.secrets.values()].join()).toContain(second?.token);
  });

  it('is one sign-in together with the requests that wait for it', async () => {
    await Promise.all([renew(), scene.ask(provider), renew(), scene.ask(provider)]);
    expect(scene.stub.signIns()).toHaveLength(1);
  });

  it('stores the new token before anybody uses it', async () => {
    await scene.ask(provider);
    const before = await find();
    scene.clock.time += 55 * MINUTE;
    const gate = createGate();
    scene.storing.until = gate.opened;
    const asked = scene.ask(provider);
    const renewed = renew();
    // The token is here and waits for the vault.
    await vi.waitUntil(() => scene.storing.begun === 2);
    expect(await find()).toEqual(before);
    expect(scene.stub.chats()).toHaveLength(1);
    gate.open();
    await Promise.all([asked, renewed]);
    expect((await find())?.endsAt).toBe(scene.clock.time + 60 * MINUTE);
    expect(scene.stub.chats()).toHaveLength(2);
  });

  it('leaves nothing in the vault of an account that was removed while it was stored', async () => {
    const gate = createGate();
    scene.storing.until = gate.opened;
    const renewed = renew();
    await vi.waitUntil(() => scene.storing.begun === 1);
    await provider.login?.forget(scene.account(), []);
    gate.open();
    await renewed;
    expect([...scene.secrets.keys()]).toEqual([]);
  });

  it('fails with the words of the host, while the old token goes on', async () => {
    await scene.ask(provider);
    scene.stub.answerSignIn(refuse(503, 'The site is being mended.'));
    await expect(renew()).rejects.toMatchObject({ message: expect.stringContaining('The site is being mended.') });
    expect((await scene.ask(provider)).text).toBe('Hello');
    expect(scene.stub.signIns()).toHaveLength(2);
  });
});
