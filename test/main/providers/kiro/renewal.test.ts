// Renewing Kiro's logins against hosts that rotate and refuse as the real ones do: the real code over real files, a clock by hand.
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { KiroAccess } from '../../../../main/providers/kiro/access.ts';
import type { CheckStep } from '../../../../shared/views.ts';
import {
  type KiroScene,
  MINUTE,
  openKiroScene,
  readCliRow,
  readJson,
  START,
  writeCliDatabase,
  writeIdeLogin,
} from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/MINE';
const OTHER_ARN = 'arn:aws:codewhisperer:us-east-1:999922223333:profile/OTHER';

let home: string;
let scene: KiroScene;
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

beforeEach(async () => {
  home = makeTempFolder();
  scene = await openKiroScene(home);
});
afterEach(() => scene.close());

/** An account over the IDE's file, whose token ends in so many minutes. */
function openIde(minutes: number, values: Record<string, string> = {}) {
  const issued = scene.stub.issue({ profileArn: ARN });
  const path = writeIdeLogin(home, issued, { expiresAt: at(minutes), profileArn: ARN, region: 'us-east-1' });
  const account = scene.account({ method: 'kiro-ide', values: { credsFile: path, ...values } });
  return { issued, path, account };
}

describe('when a login is renewed', () => {
  test('a token with more than ten minutes to live is used as it is, without a call', async () => {
    const { account, issued } = openIde(11);
    const access = await scene.start().logins.open(account, scene.signal);
    expect(access).toMatchObject({
      kind: 'social',
      token: issued.accessToken,
      profileArn: ARN,
      apiRegion: 'us-east-1',
    });
    expect(access.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(scene.stub.requests).toEqual([]);
  });

  test('two hundred parallel opens during expiry cause exactly one refresh', async () => {
    const { account, issued } = openIde(-1);
    const { logins } = scene.start();
    const opened = await Promise.all(Array.from({ length: 200 }, () => logins.open(account, scene.signal)));
    expect(new Set(opened.map(({ token, fingerprint }) => token + fingerprint)).size).toBe(1);
    expect(opened[0]?.token).not.toBe(issued.accessToken);
    expect(scene.stub.count('/refreshToken')).toBe(1);
  });

  test('two accounts that import the same file share one renewal', async () => {
    const { account } = openIde(5);
    const other = { ...account, account: { ...account.account, id: 'kiro-2' } };
    const { logins } = scene.start();
    const [one, two] = await Promise.all([logins.open(account, scene.signal), logins.open(other, scene.signal)]);
    expect(two.token).toBe(one.token);
    expect(two.fingerprint).not.toBe(one.fingerprint);
    expect(scene.stub.count('/refreshToken')).toBe(1);
  });

  test('what the host says of the lifetime counts, by the wall clock, also after a sleep and a clock that goes back', async () => {
    const { account } = openIde(-1);
    const { logins } = scene.start();
    scene.stub.lifeS = 1200;
    const first = await logins.open(account, scene.signal);
    scene.clock.time += 9 * MINUTE;
    expect((await logins.open(account, scene.signal)).token).toBe(first.token);
    scene.clock.time += 2 * MINUTE;
    const second = await logins.open(account, scene.signal);
    expect(second.token).not.toBe(first.token);
    scene.clock.time += 8 * 60 * MINUTE;
    const third = await logins.open(account, scene.signal);
    expect(third.token).not.toBe(second.token);
    scene.clock.time -= 24 * 60 * MINUTE;
    expect((await logins.renew(account, third, scene.signal)).token).not.toBe(third.token);
  });

  test('a login whose end nobody knows is renewed before its first use', async () => {
    const issued = scene.stub.issue();
    const path = writeIdeLogin(home, issued, { profileArn: ARN });
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    expect((await scene.start().logins.open(account, scene.signal)).token).not.toBe(issued.accessToken);
  });

  test('a caller who hangs up ends neither the renewal nor the wait of the others', async () => {
    const { account } = openIde(-1);
    const { logins } = scene.start();
    const leaving = new AbortController();
    const left = logins.open(account, leaving.signal);
    const stayed = logins.open(account, scene.signal);
    leaving.abort();
    await expect(left).rejects.toMatchObject({ kind: 'aborted' });
    expect(scene.stub.isLive((await stayed).token)).toBe(true);
    expect(scene.stub.count('/refreshToken')).toBe(1);
  });
});

describe('when a renewal is refused or fails', () => {
  test('a refused refresh with a living access token still serves, and warns once', async () => {
    const { account, issued } = openIde(5);
    scene.stub.revoke(issued.refreshToken);
    const { logins } = scene.start();
    for (let count = 0; count < 5; count += 1) {
      expect((await logins.open(account, scene.signal)).token).toBe(issued.accessToken);
      scene.clock.time += 10_000;
    }
    expect(scene.log.filter((line) => line.includes('warn'))).toHaveLength(1);
    expect(scene.stub.count('/refreshToken')).toBe(1);
  });

  test('the same login fails with words about signing in once the token has ended', async () => {
    const { account, issued } = openIde(5);
    scene.stub.revoke(issued.refreshToken);
    const { logins } = scene.start();
    await logins.open(account, scene.signal);
    scene.clock.time += 6 * MINUTE;
    await expect(logins.open(account, scene.signal)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringMatching(/invalid_grant.*Open Kiro, sign in there again/),
    });
    // A token that can never work again is not sent again and again.
    expect(scene.stub.count('/refreshToken')).toBe(1);
  });

  test.each([
    ['a host that throttles', { status: 429, body: { message: 'slow' } }, 'rate-limited'],
    ['a host with a fault', { status: 503, body: {} }, 'upstream'],
  ] as const)('%s is asked again later, and its error says so', async (_name, fault, kind) => {
    const { account } = openIde(-1);
    const { logins } = scene.start();
    scene.stub.fail('/refreshToken', fault);
    await expect(logins.open(account, scene.signal)).rejects.toMatchObject({ kind, retryable: true });
    expect(scene.stub.isLive((await logins.open(account, scene.signal)).token)).toBe(true);
  });

  test('an error that comes with status 200 is an error', async () => {
    const { account } = openIde(-1);
    scene.stub.fail('/refreshToken', { status: 200, body: { error: 'invalid_grant', error_description: 'gone' } });
    await expect(scene.start().logins.open(account, scene.signal)).rejects.toMatchObject({
      message: expect.stringContaining('gone'),
    });
  });

  test('an answer without a token is an error', async () => {
    const { account } = openIde(-1);
    scene.stub.fail('/refreshToken', { status: 200, body: { expiresIn: 3600 } });
    await expect(scene.start().logins.open(account, scene.signal)).rejects.toMatchObject({
      message: expect.stringContaining('HTTP 200 without a token'),
    });
  });

  test('a host that hangs keeps no request waiting for long while the old token lives', async () => {
    const { account, issued } = openIde(5);
    scene.stub.fail('/refreshToken', 'hang');
    scene.clock.atOnceBelowMs = Number.POSITIVE_INFINITY;
    const { logins } = scene.start();
    expect((await logins.open(account, scene.signal)).token).toBe(issued.accessToken);
    expect((await logins.open(account, scene.signal)).token).toBe(issued.accessToken);
    // Patience is had once for all requests.
    expect(scene.clock.pauses).toEqual([5000]);
  });

  test('a call that is refused gets another token, and a token that was renewed a moment ago is not renewed again', async () => {
    const { account, issued } = openIde(60);
    const { logins } = scene.start();
    const first = await logins.open(account, scene.signal);
    expect(first.token).toBe(issued.accessToken);
    const renewed = await Promise.all(Array.from({ length: 20 }, () => logins.renew(account, first, scene.signal)));
    expect(new Set(renewed.map(({ token }) => token)).size).toBe(1);
    expect(scene.stub.count('/refreshToken')).toBe(1);
    const [second] = renewed as [KiroAccess];
    await expect(logins.renew(account, second, scene.signal)).rejects.toMatchObject({ kind: 'forbidden' });
    expect(scene.stub.count('/refreshToken')).toBe(1);
    scene.clock.time += MINUTE;
    expect((await logins.renew(account, second, scene.signal)).token).not.toBe(second.token);
  });
});

describe('with another program that renews the same login', () => {
  test('its rotation is picked up without a call', async () => {
    const { account, issued } = openIde(60);
    const { logins } = scene.start();
    await logins.open(account, scene.signal);
    scene.clock.time += 55 * MINUTE;
    const rotated = scene.stub.renew(issued.refreshToken);
    if (rotated === undefined) throw new Error('the stub took no token');
    writeIdeLogin(home, rotated, { expiresAt: at(120), profileArn: ARN });
    expect((await logins.open(account, scene.signal)).token).toBe(rotated.accessToken);
    expect(scene.stub.requests).toEqual([]);
  });

  test('a rotation in the very moment of ours is picked up after the refusal', async () => {
    const { account, issued, path } = openIde(5);
    const rotated = scene.stub.renew(issued.refreshToken);
    if (rotated === undefined) throw new Error('the stub took no token');
    const { pause } = scene.clock;
    // The other program writes down what it got while we wait after the refusal.
    Object.assign(scene.clock, {
      pause: async (ms: number) => {
        if (ms < 1000) writeIdeLogin(home, rotated, { expiresAt: at(60), profileArn: ARN });
        await pause(ms);
      },
    });
    expect((await scene.start().logins.open(account, scene.signal)).token).toBe(rotated.accessToken);
    expect(scene.stub.count('/refreshToken')).toBe(1);
    expect(readJson(path).refreshToken).toBe(rotated.refreshToken);
  });

  test('a call that is refused takes the token that the source has by now before it renews', async () => {
    const { account, issued } = openIde(60);
    const { logins } = scene.start();
    const first = await logins.open(account, scene.signal);
    const rotated = scene.stub.renew(issued.refreshToken);
    if (rotated === undefined) throw new Error('the stub took no token');
    writeIdeLogin(home, rotated, { expiresAt: at(60), profileArn: ARN });
    expect((await logins.renew(account, first, scene.signal)).token).toBe(rotated.accessToken);
    expect(scene.stub.requests).toEqual([]);
  });

  test('the login of somebody else is not taken over, and nothing is put into that file', async () => {
    const { account } = openIde(60);
    const { logins } = scene.start();
    const first = await logins.open(account, scene.signal);
    const stranger = scene.stub.issue({ profileArn: OTHER_ARN });
    const path = writeIdeLogin(home, stranger, { expiresAt: at(600), profileArn: OTHER_ARN });
    scene.clock.time += 55 * MINUTE;
    const second = await logins.open(account, scene.signal);
    expect(second.profileArn).toBe(ARN);
    expect([first.token, stranger.accessToken]).not.toContain(second.token);
    expect(readJson(path).refreshToken).toBe(stranger.refreshToken);
    expect(scene.log.join('\n')).toContain('somebody else');
  });

  test('a rotated login is put back, with unknown fields, mode and layout as they were', async () => {
    const { account, path, issued } = openIde(-1);
    const whole = { ...readJson(path), later: { addition: [1] } };
    writeFileSync(path, `${JSON.stringify(whole, undefined, 4)}\n`);
    chmodSync(path, 0o640);
    const { token } = await scene.start().logins.open(account, scene.signal);
    const after = readJson(path);
    expect(after).toMatchObject({
      later: { addition: [1] },
      authMethod: 'social',
      accessToken: token,
      expiresAt: at(60),
    });
    expect(scene.stub.isLive(String(after.refreshToken))).toBe(true);
    expect(after.refreshToken).not.toBe(issued.refreshToken);
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readFileSync(path, 'utf8')).toMatch(/^\{\n {4}"/);
  });

  test('a file is left alone where its refresh token has not changed', async () => {
    const { account, path } = openIde(-1);
    scene.stub.rotates = false;
    const before = readFileSync(path, 'utf8');
    await scene.start().logins.open(account, scene.signal);
    expect(readFileSync(path, 'utf8')).toBe(before);
  });

  test('a file that must not be written stays as it is, and the rotated login survives the next start', async () => {
    const { account, path } = openIde(-1, { writeBack: 'no' });
    const before = readFileSync(path, 'utf8');
    const first = await scene.start().logins.open(account, scene.signal);
    expect(readFileSync(path, 'utf8')).toBe(before);
    const { logins } = scene.start();
    expect((await logins.open(account, scene.signal)).token).toBe(first.token);
    scene.clock.time += 60 * MINUTE;
    expect(scene.stub.isLive((await logins.open(account, scene.signal)).token)).toBe(true);
    expect(scene.stub.requests.filter(({ path: at }) => at.endsWith('/refreshToken'))).toHaveLength(2);
  });

  test('a file half written by another program is read again', async () => {
    const { account, path, issued } = openIde(60);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, whole.slice(0, 70));
    const { pause } = scene.clock;
    Object.assign(scene.clock, {
      pause: async (ms: number) => {
        writeFileSync(path, whole);
        await pause(ms);
      },
    });
    expect((await scene.start().logins.open(account, scene.signal)).token).toBe(issued.accessToken);
  });

  test('the database of kiro-cli gets the rotated login and keeps everything else', async () => {
    const issued = scene.stub.issue({ client: true });
    const key = 'kirocli:odic:token';
    const path = writeCliDatabase(
      home,
      {
        [key]: {
          access_token: issued.accessToken,
          refresh_token: issued.refreshToken,
          expires_at: '2026-08-01T11:00:00.123456789Z',
          region: 'eu-west-1',
          start_url: 'https://example.awsapps.com/start',
          oauth_flow: 'DeviceCode',
          scopes: ['codewhisperer:completions'],
        },
        'kirocli:odic:device-registration': { client_id: issued.clientId, client_secret: issued.clientSecret },
      },
      { 'api.codewhisperer.profile': { arn: ARN, profile_name: 'Mine' } },
    );
    const account = scene.account({ method: 'kiro-cli', values: { cliDatabase: path } });
    const access = await scene.start().logins.open(account, scene.signal);
    expect(access).toMatchObject({ kind: 'identity-center', profileArn: ARN, apiRegion: 'us-east-1' });
    expect(scene.stub.requests.map((request) => request.path)).toEqual(['/oidc/eu-west-1/token']);
    expect(scene.stub.requests[0]?.body).not.toHaveProperty('scopes');
    const row = readCliRow(path, key);
    expect(row).toMatchObject({
      access_token: access.token,
      region: 'eu-west-1',
      oauth_flow: 'DeviceCode',
      scopes: ['codewhisperer:completions'],
    });
    expect(scene.stub.isLive(String(row.refresh_token))).toBe(true);
  });
});

describe('other kinds of logins', () => {
  test('an organisation’s own identity provider is asked with a form, and its profile with the header that it needs', async () => {
    const issued = scene.stub.issue();
    const more = { provider: 'ExternalIdp', clientId: 'app', expiresAt: at(-1), region: 'us-east-1' };
    const path = writeIdeLogin(home, issued, more);
    scene.stub.profiles.set('us-east-1', [{ arn: ARN }]);
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    const access = await scene.start().logins.open(account, scene.signal);
    expect(access).toMatchObject({ kind: 'external-idp', profileArn: ARN });
    const [renewal, profiles] = scene.stub.requests;
    expect(renewal?.body).toEqual({
      grant_type: 'refresh_token',
      client_id: 'app',
      refresh_token: issued.refreshToken,
    });
    expect(profiles?.headers.tokentype).toBe('EXTERNAL_IDP');
    expect(readJson(path).accessToken).toBe(access.token);
  });

  test('a test of an account tells the login, or why there is none', async () => {
    const { account, issued } = openIde(60);
    const tell = async () => {
      const steps: CheckStep[] = [];
      for await (const step of scene.start().check({ credential: account, signal: scene.signal })) steps.push(step);
      return steps.at(-1);
    };
    expect(await tell()).toEqual({
      id: 'login',
      label: 'Login with Google or GitHub is in place',
      state: 'ok',
      detail: "Kiro's region: us-east-1, profile: MINE.",
    });
    scene.stub.revoke(issued.refreshToken);
    scene.clock.time += 61 * MINUTE;
    expect(await tell()).toMatchObject({ state: 'failed', detail: expect.stringContaining('sign in there again') });
  });
});

describe('what is kept', () => {
  test('a pasted refresh token lives on in its rotations over restarts, and a new one replaces it', async () => {
    const issued = scene.stub.issue();
    const secrets = { refreshToken: issued.refreshToken };
    const account = scene.account({ method: 'token', secrets, values: { profileArn: ARN } });
    await scene.start().logins.open(account, scene.signal);
    scene.clock.time += 60 * MINUTE;
    expect(scene.stub.isLive((await scene.start().logins.open(account, scene.signal)).token)).toBe(true);
    const fresh = { ...account, secrets: { refreshToken: scene.stub.issue().refreshToken } };
    expect(scene.stub.isLive((await scene.start().logins.open(fresh, scene.signal)).token)).toBe(true);
    // What belonged to the old one is gone.
    expect([...scene.vault.secrets.keys()].filter((name) => name.includes('login/'))).toHaveLength(1);
  });

  test('an account that changes over to an API key leaves no login behind', async () => {
    const issued = scene.stub.issue();
    const account = scene.account({ method: 'token', secrets: { refreshToken: issued.refreshToken } });
    const { logins } = scene.start();
    const { fingerprint } = await logins.open(account, scene.signal);
    const changed = scene.account({ method: 'key', secrets: { apiKey: 'ksk_0123456789' } });
    expect(await logins.open(changed, scene.signal)).toMatchObject({ kind: 'api-key', fingerprint });
    expect([...scene.vault.secrets.keys()]).toEqual(['provider/kiro/account/kiro']);
  });

  test('a pasted token with the wrong client is refused in words', async () => {
    const issued = scene.stub.issue({ client: true });
    const secrets = { refreshToken: issued.refreshToken, clientId: issued.clientId ?? '', clientSecret: 'wrong' };
    const account = scene.account({ method: 'token', secrets });
    await expect(scene.start().logins.open(account, scene.signal)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringMatching(/invalid_client.*Paste a new refresh token/),
    });
  });

  test('a vault that refuses loses no login: it is put back into its file, used, and stored when the vault is back', async () => {
    const { account, path } = openIde(-1);
    let broken = true;
    const vault = {
      ...scene.vault,
      write: async (name: string, secret: string) => {
        if (broken) throw new Error('locked');
        await scene.vault.write(name, secret);
      },
    };
    const { logins } = scene.start(vault);
    const { token } = await logins.open(account, scene.signal);
    expect(scene.stub.isLive(String(readJson(path).refreshToken))).toBe(true);
    broken = false;
    scene.clock.time += 55 * MINUTE;
    expect((await logins.open(account, scene.signal)).token).not.toBe(token);
    expect([...scene.vault.secrets.keys()].some((name) => name.startsWith('provider/kiro/login/'))).toBe(true);
  });

  test('every token is told to the filter of the log', async () => {
    const { account, issued } = openIde(-1);
    const { token } = await scene.start().logins.open(account, scene.signal);
    for (const secret of [issued.accessToken, issued.refreshToken, token]) expect(scene.hidden).toContain(secret);
  });

  test.each(Array.from({ length: 6 }, (_, step) => step + 1))(
    'a kill after step %i of a renewal, however it goes on, loses neither our login nor the other program’s',
    async (steps) => {
      const { account, path } = openIde(-1);
      let left = steps;
      // What was written is written; what comes after it never happens.
      const dying = async <Result>(work: () => Promise<Result>): Promise<Result> => {
        const result = await work();
        left -= 1;
        return left > 0 ? result : await new Promise<never>(() => {});
      };
      const vault = {
        ...scene.vault,
        read: (name: string) => dying(() => scene.vault.read(name)),
        write: (name: string, secret: string) => dying(() => scene.vault.write(name, secret)),
      };
      const killed = scene.start(vault).logins.open(account, scene.signal);
      await Promise.race([killed, comeToRest(() => left <= 0)]);
      const access = await scene.start().logins.open(account, scene.signal);
      expect(scene.stub.isLive(access.token)).toBe(true);
      expect(scene.stub.isLive(String(readJson(path).refreshToken))).toBe(true);
    },
  );
});

/** Resolves when the program that was killed has come as far as it will. */
async function comeToRest(isStuck: () => boolean): Promise<void> {
  while (!isStuck()) await new Promise((resolve) => setImmediate(resolve));
}
