// Signing in to Kiro with a code on a page, as the person sees it, against hosts with a scripted person at the page.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPerson } from '../../../support/fake-person.ts';
import type { PersonAct } from '../../../support/kiro-auth-stub.ts';
import { type KiroScene, MINUTE, openKiroScene } from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:eu-central-1:111122223333:profile/ONE';
const OTHER = 'arn:aws:codewhisperer:eu-central-1:111122223333:profile/TWO';
const START_URL = 'https://example.awsapps.com/start';

let scene: KiroScene;

beforeEach(async () => {
  scene = await openKiroScene(makeTempFolder());
  // The person at the page takes as long as the host says.
  scene.clock.atOnceBelowMs = 60_000;
});
afterEach(() => scene.close());

/** Runs a sign-in with these answers in the window, and acts at the page. */
async function signIn(answers: Record<string, string>[], acts: PersonAct[] = ['allow'], signal = scene.signal) {
  scene.stub.person = acts;
  const credential = scene.account({ id: 'new', method: 'sign-in' });
  const person = createPerson(answers, signal);
  const { login } = scene.start();
  const signed = await login.signIn({ credential, dialogue: person.dialogue, signal });
  return { signed, person, account: scene.account({ method: 'sign-in', secrets: signed.secrets }) };
}

describe('a device sign-in', () => {
  test('Builder ID: shows page and code, keeps the login in the vault, and calls can be made with it', async () => {
    const { signed, person, account } = await signIn([{ kind: 'builder-id' }], ['wait', 'wait', 'allow']);
    expect(signed.text).toBe('Signed in with AWS Builder ID.');
    expect(person.seen.find(({ page }) => page !== undefined)?.page).toEqual({
      url: 'https://device.example.com/activate?user_code=QWRT-7L2K',
      code: 'QWRT-7L2K',
    });
    expect(scene.clock.pauses).toEqual([5000, 5000, 5000]);
    const access = await scene.start().logins.open(account, scene.signal);
    expect(access).toMatchObject({ kind: 'builder-id', apiRegion: 'us-east-1' });
    expect(scene.stub.isLive(access.token)).toBe(true);
    expect(JSON.stringify(signed)).not.toContain(access.token);
    scene.clock.time += 120 * MINUTE;
    expect((await scene.start().logins.open(account, scene.signal)).token).not.toBe(access.token);
  });

  test('an organisation: its region is looked for, and its profile decides the region of the API', async () => {
    scene.stub.startUrls.set('eu-west-1', START_URL);
    scene.stub.profiles.set('eu-central-1', [{ arn: ARN, profileName: 'Team' }]);
    const { signed, account } = await signIn([{ kind: 'organisation' }, { startUrl: `${START_URL}/#/?tab=accounts` }]);
    expect(signed.text).toBe('Signed in with example.awsapps.com, profile Team.');
    const regions = scene.stub.requests.filter(({ path }) => path.endsWith('/device_authorization'));
    expect(regions.map(({ path }) => path.split('/')[2])).toEqual(['us-east-1', 'eu-west-1']);
    expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({
      kind: 'identity-center',
      profileArn: ARN,
      apiRegion: 'eu-central-1',
    });
  });

  test('an organisation with several profiles: the person chooses', async () => {
    scene.stub.startUrls.set('eu-west-1', START_URL);
    scene.stub.profiles.set('eu-central-1', [
      { arn: ARN, profileName: 'Team' },
      { arn: OTHER, profileName: 'Lab' },
    ]);
    const answers: Record<string, string>[] = [
      { kind: 'organisation' },
      { startUrl: START_URL, region: 'eu-west-1' },
      { profile: OTHER },
    ];
    const { signed, account } = await signIn(answers);
    expect(signed.text).toContain('profile Lab');
    expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({ profileArn: OTHER });
  });

  test('a region or start page that cannot be one is asked for again, and reaches no host', async () => {
    scene.stub.startUrls.set('eu-west-1', START_URL);
    const answers: Record<string, string>[] = [
      { kind: 'organisation' },
      { startUrl: START_URL, region: 'evil.example.com/' },
      { startUrl: 'http://example.awsapps.com/start' },
      { startUrl: START_URL, region: 'EU-WEST-1' },
    ];
    const { person } = await signIn(answers);
    expect(person.seen.flatMap(({ problem }) => problem ?? [])).toEqual([
      '"evil.example.com/" is not a region of AWS, such as eu-west-1.',
      'The start page must be an address that begins with https://.',
    ]);
    expect(scene.stub.requests.every(({ path }) => !path.includes('evil'))).toBe(true);
  });

  test.each(['google', 'github'])('%s: Kiro’s own device flow, with the profile that comes with it', async (kind) => {
    const { account } = await signIn([{ kind }], ['wait', 'allow']);
    expect(scene.stub.requests[0]?.body).toEqual({
      clientId: 'kiro-cli',
      loginProvider: kind === 'google' ? 'Google' : 'Github',
    });
    expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({
      kind: 'social',
      profileArn: 'arn:aws:codewhisperer:us-east-1:111122223333:profile/SOCIAL',
    });
  });

  test.each([400, 200])(
    'answers with an error are understood with status %i, and slow_down slows down',
    async (status) => {
      scene.stub.errorStatus = status;
      await signIn([{ kind: 'builder-id' }], ['wait', 'slow', 'wait', 'allow']);
      expect(scene.clock.pauses).toEqual([5000, 5000, 10_000, 10_000]);
    },
  );

  test.each([
    ['deny', 'was refused on the page'],
    ['expire', 'has expired before it was confirmed'],
  ] as const)('a person or a host that says "%s" ends it in words', async (act, words) => {
    await expect(signIn([{ kind: 'builder-id' }], ['wait', act])).rejects.toThrow(words);
    await expect(signIn([{ kind: 'google' }], ['wait', act])).rejects.toThrow(words);
    expect([...scene.vault.secrets.keys()]).toEqual([]);
  });

  test('a code that nobody confirms ends when its time is over', async () => {
    await expect(signIn([{ kind: 'builder-id' }], ['wait'])).rejects.toThrow('has expired before it was confirmed');
    expect(scene.stub.count('/token')).toBe(600 / 5 + 1);
  });

  test('a network that comes and goes does not end it', async () => {
    scene.stub.fail('/token', 'reset', { status: 503 }, 'reset');
    const { signed } = await signIn([{ kind: 'builder-id' }], ['wait', 'wait', 'allow']);
    expect(signed.text).toContain('Signed in');
  });

  test('closing the sheet ends it at once', async () => {
    scene.clock.atOnceBelowMs = 1;
    const leaving = new AbortController();
    const running = signIn([{ kind: 'builder-id' }], ['wait'], leaving.signal);
    running.catch(() => {});
    while (scene.clock.pauses.length === 0) await new Promise((resolve) => setImmediate(resolve));
    leaving.abort();
    await expect(running).rejects.toBeDefined();
    expect(scene.stub.count('/token')).toBe(0);
  });

  test('a start page that no region knows is told, with every region asked once', async () => {
    await expect(signIn([{ kind: 'organisation' }, { startUrl: START_URL }])).rejects.toThrow(
      `No region knows the start page ${START_URL}`,
    );
    expect(scene.stub.count('/device_authorization')).toBe(10);
  });
});

describe('what becomes of a login', () => {
  test('signing out forgets it, and the account says that it wants a sign-in', async () => {
    const { account } = await signIn([{ kind: 'builder-id' }]);
    const { login, logins } = scene.start();
    await logins.open(account, scene.signal);
    expect(login.owner(account.account)).toBe('own');
    await login.signOut({ credential: account, signal: scene.signal });
    await expect(logins.open(account, scene.signal)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('Sign in again in Accounts'),
    });
  });

  test('a login goes with its account, and one that another account uses stays', async () => {
    const { account } = await signIn([{ kind: 'builder-id' }]);
    const twin = { ...account, account: { ...account.account, id: 'twin' } };
    const { login, logins } = scene.start();
    await logins.open(account, scene.signal);
    await logins.open(twin, scene.signal);
    await login.forget(account, [twin.account]);
    expect(scene.stub.isLive((await scene.start().logins.open(twin, scene.signal)).token)).toBe(true);
    await login.forget(twin, []);
    expect([...scene.vault.secrets.keys()]).toEqual([]);
  });

  test('an account that was renamed keeps its login', async () => {
    const { account } = await signIn([{ kind: 'builder-id' }]);
    const { login, logins } = scene.start();
    await login.forget(account, [{ ...account.account, name: 'Other name' }]);
    expect(scene.stub.isLive((await logins.open(account, scene.signal)).token)).toBe(true);
  });

  test('a sign-in whose account could not be stored leaves nothing behind', async () => {
    const { signed } = await signIn([{ kind: 'builder-id' }]);
    await signed.discard?.();
    expect([...scene.vault.secrets.keys()]).toEqual([]);
  });

  test('signing in anew takes the place of the login before', async () => {
    const { account } = await signIn([{ kind: 'builder-id' }]);
    await scene.start().logins.open(account, scene.signal);
    const { account: again } = await signIn([{ kind: 'google' }]);
    expect(await scene.start().logins.open(again, scene.signal)).toMatchObject({ kind: 'social' });
    expect([...scene.vault.secrets.keys()].filter((name) => name.includes('/login/'))).toHaveLength(1);
  });
});
