// What users of other gateways complain about most, as far as logins are concerned: each theme is a test.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  type KiroScene,
  MINUTE,
  openKiroScene,
  START,
  writeCliDatabase,
  writeIdeLogin,
} from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/MINE';
const EU_ARN = 'arn:aws:codewhisperer:eu-central-1:111122223333:profile/MINE';

let home: string;
let scene: KiroScene;

beforeEach(async () => {
  home = makeTempFolder();
  scene = await openKiroScene(home);
});
afterEach(() => scene.close());

const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

/** Whether this is a Linux on which the test may mount a file over another. */
function canMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-mount-'));
  try {
    writeFileSync(join(folder, 'a'), '');
    execFileSync('mount', ['--bind', join(folder, 'a'), join(folder, 'a')], { stdio: 'ignore' });
    execFileSync('umount', [join(folder, 'a')], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An account over the database of kiro-cli, signed in with an organisation. */
function openCli(minutes: number, more: Record<string, unknown> = {}, values: Record<string, string> = {}) {
  const issued = scene.stub.issue({ client: true });
  const token = {
    access_token: issued.accessToken,
    refresh_token: issued.refreshToken,
    expires_at: at(minutes),
    region: 'eu-west-1',
    start_url: 'https://example.awsapps.com/start',
    ...more,
  };
  const registration = { client_id: issued.clientId, client_secret: issued.clientSecret };
  const write = (row: object) =>
    writeCliDatabase(home, { 'kirocli:odic:token': row, 'kirocli:odic:device-registration': registration });
  const path = write(token);
  return {
    issued,
    token,
    write,
    account: scene.account({ method: 'kiro-cli', values: { cliDatabase: path, ...values } }),
  };
}

describe('profile ARNs that are required, missing or wrong', () => {
  test('a profile that no file names is asked for once, in every region, and kept', async () => {
    scene.stub.profiles.set('us-east-1', [{ arn: ARN, profileName: 'Mine' }]);
    const { account } = openCli(60);
    const { logins } = scene.start();
    const opened = await Promise.all(Array.from({ length: 20 }, () => logins.open(account, scene.signal)));
    expect(opened.map(({ profileArn }) => profileArn)).toEqual(Array(20).fill(ARN));
    // The region of the sign-in belongs to eu-central-1, which knows no profile of this account.
    expect(scene.stub.requests.map(({ path }) => path)).toEqual([
      '/management/eu-central-1/',
      '/management/us-east-1/',
    ]);
    expect(opened[0]?.apiRegion).toBe('us-east-1');
    await scene.start().logins.open(account, scene.signal);
    expect(scene.stub.requests).toHaveLength(2);
  });

  test('a host that does not know the question is asked in the other way', async () => {
    scene.stub.profileStyle = 'path';
    scene.stub.profiles.set('eu-central-1', [{ arn: EU_ARN }]);
    const { account } = openCli(60);
    expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({
      profileArn: EU_ARN,
      apiRegion: 'eu-central-1',
    });
  });

  test('where nobody names a profile the call goes on without one, and it is not asked for at every request', async () => {
    const { account } = openCli(60);
    const { logins } = scene.start();
    expect(await logins.open(account, scene.signal)).not.toHaveProperty('profileArn');
    const { length } = scene.stub.requests;
    await logins.open(account, scene.signal);
    expect(scene.stub.requests).toHaveLength(length);
    scene.clock.time += 11 * MINUTE;
    scene.stub.profiles.set('us-east-1', [{ arn: ARN }]);
    expect(await logins.open(account, scene.signal)).toMatchObject({ profileArn: ARN });
  });

  test('what the person named wins, then what Kiro named once, which is remembered with the way that works', async () => {
    const { account } = openCli(60);
    const { logins } = scene.start();
    scene.stub.profiles.set('eu-central-1', [{ arn: EU_ARN }]);
    expect((await logins.open(account, scene.signal)).profileArn).toBe(EU_ARN);
    await logins.learnWay(account, 'legacy-path-ide:own');
    scene.stub.profiles.clear();
    expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({
      way: 'legacy-path-ide:own',
      profileArn: EU_ARN,
      apiRegion: 'eu-central-1',
    });
    const values = { ...account.account.values, profileArn: ARN, apiRegion: 'us-east-1' };
    const named = { ...account, account: { ...account.account, values } };
    expect(await scene.start().logins.open(named, scene.signal)).toMatchObject({
      profileArn: ARN,
      apiRegion: 'us-east-1',
    });
  });

  test('what was learned with one login is never used with another', async () => {
    const { refreshToken } = scene.stub.issue();
    const account = scene.account({ method: 'token', secrets: { refreshToken } });
    scene.stub.profiles.set('us-east-1', [{ arn: ARN }]);
    await scene.start().logins.open(account, scene.signal);
    scene.stub.profiles.clear();
    expect((await scene.start().logins.open(account, scene.signal)).profileArn).toBe(ARN);
    const other = { ...account, secrets: { refreshToken: scene.stub.issue().refreshToken } };
    expect(await scene.start().logins.open(other, scene.signal)).not.toHaveProperty('profileArn');
  });
});

describe('tokens that expire, stale databases, regions and mounts', () => {
  test('tokens expire: after a night of sleep the first request gets a fresh one', async () => {
    const { account } = openCli(60, { profile_arn: ARN });
    const { logins } = scene.start();
    const evening = await logins.open(account, scene.signal);
    scene.clock.time += 9 * 60 * MINUTE;
    const morning = await logins.open(account, scene.signal);
    expect(morning.token).not.toBe(evening.token);
    expect(scene.stub.isLive(morning.token)).toBe(true);
  });

  test('SQLite stale: a program that renews in its memory only is told about, and believed as soon as it writes', async () => {
    const { account, issued, token, write } = openCli(-5, { profile_arn: ARN });
    const inMemory = scene.stub.renew(issued.refreshToken);
    const { logins } = scene.start();
    await expect(logins.open(account, scene.signal)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringMatching(/data\.sqlite3.*refresh_token_reused.*kiro-cli login/),
    });
    write({
      ...token,
      access_token: inMemory?.accessToken,
      refresh_token: inMemory?.refreshToken,
      expires_at: at(60),
    });
    expect((await logins.open(account, scene.signal)).token).toBe(inMemory?.accessToken);
  });

  test('SQLite stale: a living token goes on working although its refresh token is spent', async () => {
    const { account, issued } = openCli(5, { profile_arn: ARN });
    scene.stub.renew(issued.refreshToken);
    expect((await scene.start().logins.open(account, scene.signal)).token).toBe(issued.accessToken);
  });

  test('region mismatch: the login is renewed in its own region, and Kiro is called in that of the profile', async () => {
    const { account } = openCli(-5, { profile_arn: ARN });
    expect((await scene.start().logins.open(account, scene.signal)).apiRegion).toBe('us-east-1');
    expect(scene.stub.requests.map(({ path }) => path)).toEqual(['/oidc/eu-west-1/token']);
  });

  test('region mismatch: the person’s word comes first, then the environment’s, and the renewal stays where it was', async () => {
    const { account } = openCli(-5, { profile_arn: ARN }, { apiRegion: 'eu-central-1' });
    expect((await scene.start().logins.open(account, scene.signal)).apiRegion).toBe('eu-central-1');
    Object.assign(scene.machine, { environment: { KIRO_API_REGION: 'eu-central-1' } });
    const { account: other } = openCli(-5, { profile_arn: ARN });
    expect((await scene.start().logins.open(other, scene.signal)).apiRegion).toBe('eu-central-1');
    expect(new Set(scene.stub.requests.map(({ path }) => path))).toEqual(new Set(['/oidc/eu-west-1/token']));
  });

  test('region mismatch: a shared profile says nothing about the account’s region', async () => {
    const shared = 'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX';
    const { account } = openCli(60, { profile_arn: shared });
    expect((await scene.start().logins.open(account, scene.signal)).apiRegion).toBe('eu-central-1');
  });

  test('Docker mounts: a file that cannot be replaced costs a warning and no login, restarts included', async () => {
    // Beside a name of this length there is no room for a temporary file, whoever asks.
    const folder = join(home, 'mounted');
    mkdirSync(folder);
    const path = join(folder, `${'x'.repeat(240)}.json`);
    writeFileSync(path, readFileSync(writeIdeLogin(home, scene.stub.issue(), { expiresAt: at(-5), profileArn: ARN })));
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    const first = await scene.start().logins.open(account, scene.signal);
    expect(scene.log.join('\n')).toContain('could not be put back');
    expect((await scene.start().logins.open(account, scene.signal)).token).toBe(first.token);
    scene.clock.time += 60 * MINUTE;
    expect(scene.stub.isLive((await scene.start().logins.open(account, scene.signal)).token)).toBe(true);
  });

  test.skipIf(!canMount())('Docker mounts: a single file that is mounted is written in its place', async () => {
    const outside = writeIdeLogin(home, scene.stub.issue(), { expiresAt: at(-5), profileArn: ARN });
    const inside = join(home, 'token.json');
    writeFileSync(inside, '');
    execFileSync('mount', ['--bind', outside, inside]);
    try {
      const account = scene.account({ method: 'kiro-ide', values: { credsFile: inside } });
      const { token } = await scene.start().logins.open(account, scene.signal);
      expect(JSON.parse(readFileSync(outside, 'utf8')).accessToken).toBe(token);
      expect(scene.log.filter((line) => line.includes('warn'))).toEqual([]);
    } finally {
      execFileSync('umount', [inside]);
    }
  });

  test('Docker mounts: a file that is not mounted is named with its path', async () => {
    const account = scene.account({ method: 'kiro-cli', values: { cliDatabase: '/mnt/none/data.sqlite3' } });
    await expect(scene.start().logins.open(account, scene.signal)).rejects.toThrow('/mnt/none/data.sqlite3');
  });
});
