// Reading logins where Kiro's other programs keep them, and what is found on a machine, with files as those programs write them.
import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readCliDatabase } from '../../../../main/providers/kiro/cli-database.ts';
import { isProfileArn, isRegion, readTime } from '../../../../main/providers/kiro/formats.ts';
import { findHost } from '../../../../main/providers/kiro/hosts.ts';
import { listCliDatabases } from '../../../../main/providers/kiro/places.ts';
import { type KiroScene, openKiroScene, writeCliDatabase, writeIdeLogin } from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/MINE';
const TOKEN = { access_token: 'aoaA', refresh_token: 'aorR', expires_at: '2026-08-01T13:00:00.123456789Z' };
const pause = async () => {};

let home: string;
let scene: KiroScene;

beforeEach(async () => {
  home = makeTempFolder();
  scene = await openKiroScene(home);
});
afterEach(() => scene.close());

const open = (method: string, values: Record<string, string>, secrets: Record<string, string> = {}) =>
  scene.start().logins.open(scene.account({ method, values, secrets }), scene.signal);

describe('the database of kiro-cli', () => {
  test('a social login is read with its profile and nine digits of a second', async () => {
    const path = writeCliDatabase(home, { 'kirocli:social:token': { ...TOKEN, profile_arn: ARN, provider: 'Google' } });
    expect(await readCliDatabase(path, pause)).toMatchObject({
      kind: 'social',
      accessToken: 'aoaA',
      refreshToken: 'aorR',
      expiresAt: Date.parse('2026-08-01T13:00:00.123Z'),
      profileArn: ARN,
      provider: 'Google',
    });
  });

  test.each(['kirocli:odic', 'kirocli:oidc', 'codewhisperer:odic'])(
    'the registration is that of the token’s own family: %s',
    async (family) => {
      const path = writeCliDatabase(home, {
        [`${family}:token`]: { ...TOKEN, region: 'eu-west-1', start_url: 'https://example.awsapps.com/start' },
        [`${family}:device-registration`]: { client_id: 'right', client_secret: 's' },
        'other:odic:device-registration': { client_id: 'wrong', client_secret: 's' },
      });
      expect(await readCliDatabase(path, pause)).toMatchObject({
        kind: 'identity-center',
        ssoRegion: 'eu-west-1',
        clientId: 'right',
      });
    },
  );

  test('bytes instead of text, camelCase, and start page and region from the state are understood', async () => {
    const token = Buffer.from(
      JSON.stringify({ accessToken: 'a', refreshToken: 'r', expiresAt: '2026-08-01T13:00:00Z' }),
    );
    const path = writeCliDatabase(
      home,
      { 'kirocli:odic:token': token, 'kirocli:odic:device-registration': { clientId: 'c', clientSecret: 's' } },
      {
        'api.codewhisperer.profile': { arn: ARN, profile_name: 'Mine' },
        'auth.idc.start-url': '"https://example.awsapps.com/start"',
        'auth.idc.region': '"eu-north-1"',
      },
    );
    expect(await readCliDatabase(path, pause)).toMatchObject({
      kind: 'identity-center',
      refreshToken: 'r',
      startUrl: 'https://example.awsapps.com/start',
      ssoRegion: 'eu-north-1',
      profileArn: ARN,
    });
  });

  test('one unknown token is taken, several are refused by name', async () => {
    const one = writeCliDatabase(home, { 'kirocli:external-idp:token': { ...TOKEN, provider: 'ExternalIdp' } });
    expect(await readCliDatabase(one, pause)).toMatchObject({ kind: 'external-idp' });
    const two = writeCliDatabase(home, { 'new:token': TOKEN });
    await expect(readCliDatabase(two, pause)).rejects.toThrow(/kirocli:external-idp:token.*new:token|new:token/);
  });

  test('a missing file is told and not made, and another database is told', async () => {
    const path = join(home, 'none.sqlite3');
    await expect(readCliDatabase(path, pause)).rejects.toThrow(`no database of kiro-cli at ${path}`);
    expect(() => readFileSync(path)).toThrow();
    const other = new Database(path);
    other.exec('CREATE TABLE things (name TEXT)');
    other.close();
    await expect(readCliDatabase(path, pause)).rejects.toThrow('has no table "auth_kv"');
  });

  test('reading changes no byte of it, and works where it must not be written', async () => {
    const path = writeCliDatabase(home, { 'kirocli:social:token': TOKEN }, {}, 'DELETE');
    const before = readFileSync(path);
    chmodSync(path, 0o400);
    chmodSync(dirname(path), 0o500);
    try {
      expect(await readCliDatabase(path, pause)).toMatchObject({ refreshToken: 'aorR' });
      expect(readFileSync(path).equals(before)).toBe(true);
    } finally {
      chmodSync(dirname(path), 0o700);
    }
  });

  test('a database that is just being written is asked again', async () => {
    const path = writeCliDatabase(home, { 'kirocli:social:token': TOKEN }, {}, 'DELETE');
    const setting = new Database(path);
    setting.exec('BEGIN EXCLUSIVE');
    let waits = 0;
    const read = readCliDatabase(path, async () => {
      waits += 1;
      setting.exec('COMMIT');
    });
    expect(await read).toMatchObject({ refreshToken: 'aorR' });
    expect(waits).toBe(1);
    // Reading leaves no lock behind that would keep the program from its own file.
    setting.exec('BEGIN EXCLUSIVE');
    setting.exec('COMMIT');
    setting.close();
  });
});

describe('the file of the IDE', () => {
  test('a login of an organisation has its registration from the companion file and its profile from the IDE', async () => {
    const issued = scene.stub.issue({ client: true });
    const path = writeIdeLogin(home, issued, { expiresAt: '2026-08-01T13:00:00.000Z', region: 'eu-west-1' });
    const profile = join(home, '.config', 'Kiro', 'User', 'globalStorage', 'kiro.kiroagent', 'profile.json');
    mkdirSync(dirname(profile), { recursive: true });
    writeFileSync(profile, JSON.stringify({ arn: ARN, name: 'Mine' }));
    expect(await open('kiro-ide', { credsFile: path })).toMatchObject({ kind: 'identity-center', profileArn: ARN });
    expect((await scene.start().findLogins())[0]).toMatchObject({
      title: expect.stringContaining('Kiro IDE'),
      facts: ['region eu-west-1', 'profile MINE', 'good for 60 minutes, then renewed'],
      draft: { method: 'kiro-ide', values: { credsFile: path } },
    });
  });

  test('a companion file cannot be named outside of its folder', async () => {
    const path = writeIdeLogin(home, scene.stub.issue(), { clientIdHash: '../../../../etc/passwd' });
    await expect(open('kiro-ide', { credsFile: path })).rejects.toThrow('clientIdHash');
  });

  test('behind a link the file is replaced and the link stays', async () => {
    const path = writeIdeLogin(home, scene.stub.issue(), { expiresAt: '2026-08-01T11:00:00.000Z', profileArn: ARN });
    const link = join(home, 'link.json');
    symlinkSync(path, link);
    const { token } = await open('kiro-ide', { credsFile: link });
    expect(JSON.parse(readFileSync(path, 'utf8')).accessToken).toBe(token);
    expect(JSON.parse(readFileSync(link, 'utf8')).accessToken).toBe(token);
  });

  test('~ stands for the home folder, and a path that depends on the working folder is refused', async () => {
    writeIdeLogin(home, scene.stub.issue(), { expiresAt: '2026-08-01T13:00:00.000Z', profileArn: ARN });
    expect(await open('kiro-ide', { credsFile: '~/.aws/sso/cache/kiro-auth-token.json' })).toMatchObject({
      kind: 'social',
    });
    await expect(open('kiro-ide', { credsFile: 'kiro-auth-token.json' })).rejects.toThrow('whole path');
  });
});

describe('what is typed or pasted', () => {
  test('an API key needs no call, sends no profile and stays in its region', async () => {
    const access = await open('key', { apiRegion: 'eu-central-1', profileArn: ARN }, { apiKey: ' ksk_0123456789 ' });
    expect(access).toEqual({
      kind: 'api-key',
      token: 'ksk_0123456789',
      apiRegion: 'eu-central-1',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(scene.stub.requests).toEqual([]);
    expect(scene.hidden).toContain('ksk_0123456789');
  });

  test.each([
    ['a token that was cut off', { refreshToken: 'aorAAAAAG...' }, {}, 'cut off'],
    ['half a client', { refreshToken: 'aorAAAAAG', clientId: 'c' }, {}, 'both the client id and the client secret'],
    ['a region that is a host', { refreshToken: 'aorAAAAAG' }, { region: 'us-east-1.evil.example' }, 'not a region'],
    ['a region of the API that is a path', { refreshToken: 'aorAAAAAG' }, { apiRegion: 'us-east-1/x' }, 'not a region'],
    ['a profile that is none', { refreshToken: 'aorAAAAAG' }, { profileArn: 'MINE' }, 'The profile is not written'],
  ] as const)(
    '%s is refused in words before any call leaves for a wrong place',
    async (_name, secrets, values, words) => {
      const { refreshToken } = scene.stub.issue();
      const given = secrets.refreshToken === 'aorAAAAAG' ? { ...secrets, refreshToken } : secrets;
      await expect(open('token', values, given)).rejects.toMatchObject({
        kind: 'unauthorized',
        message: expect.stringContaining(words),
      });
      expect(scene.stub.requests.every(({ path }) => !/evil|x$/.test(path))).toBe(true);
    },
  );

  test('a refused short token is said to be cut off perhaps', async () => {
    await expect(open('token', {}, { refreshToken: 'aorAAAAAGshort' })).rejects.toThrow('only 14 characters');
  });

  test('no text becomes a host unless it is a region', () => {
    const account = { endpoints: {} };
    expect(findHost(account, 'runtime', 'eu-central-1')).toBe('https://runtime.eu-central-1.kiro.dev');
    fc.assert(
      fc.property(fc.string(), (text) => {
        if (isRegion(text)) expect(text).toMatch(/^[a-z-]+\d$/);
        else expect(() => findHost(account, 'auth', text)).toThrow('is not a region');
        expect(isProfileArn(text)).toBe(false);
      }),
    );
  });

  test('times are read from text and numbers, in seconds and milliseconds', () => {
    const time = Date.parse('2026-08-01T12:00:00.123Z');
    for (const value of ['2026-08-01T12:00:00.123456789Z', '2026-08-01T14:00:00.123456+02:00', time, time / 1000])
      expect(readTime(value)).toBe(time);
    expect([readTime('soon'), readTime(null), readTime('')]).toEqual([undefined, undefined, undefined]);
  });
});

describe('what is found on a machine', () => {
  test('both programs, signed out and damaged ones with what is wrong, and no secret', async () => {
    const issued = scene.stub.issue();
    const path = writeIdeLogin(home, issued, { expiresAt: '2026-08-01T11:00:00.000Z', region: 'us-east-1' });
    writeCliDatabase(home, {});
    const found = await scene.start().findLogins();
    expect(found).toEqual([
      expect.objectContaining({ title: 'kiro-cli', problem: 'kiro-cli is not signed in.' }),
      expect.objectContaining({
        title: 'Kiro IDE: Google',
        facts: ['region us-east-1', 'expired, renewed when first used'],
        place: path,
      }),
    ]);
    expect(JSON.stringify(found)).not.toContain(issued.refreshToken);
    writeFileSync(path, '{');
    expect((await scene.start().findLogins())[1]?.problem).toContain('is no JSON');
    rmSync(join(home, '.aws'), { recursive: true });
    expect(await scene.start().findLogins()).toHaveLength(1);
    expect(scene.stub.requests).toEqual([]);
  });

  test('a registration that is missing is told before anything is added', async () => {
    writeIdeLogin(home, scene.stub.issue(), { authMethod: 'IdC', provider: 'Enterprise', clientIdHash: 'gone' });
    expect((await scene.start().findLogins())[0]?.problem).toContain('client registration is missing');
  });

  test('each system has its own places', () => {
    const on = (platform: NodeJS.Platform, environment = {}) =>
      listCliDatabases({ platform, home: '/home/ada', environment });
    expect(on('linux', { XDG_DATA_HOME: '/data' })[0]).toBe('/data/kiro-cli/data.sqlite3');
    expect(on('linux')).toHaveLength(2);
    expect(on('darwin')[0]).toContain('Library/Application Support/kiro-cli');
    expect(on('win32', { LOCALAPPDATA: 'C:\\L' })[0]).toContain('Kiro-Cli');
  });
});
