// Logins whose account or source changes while Patchbay runs, and those that are ended in the middle of a renewal.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
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
const OTHER_ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/OTHER';

let home: string;
let scene: KiroScene;
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

beforeEach(async () => {
  home = makeTempFolder();
  scene = await openKiroScene(home);
});
afterEach(() => scene.close());

describe('an account that is changed while Patchbay runs', () => {
  test('leaves the other program’s file alone from the moment on in which the person says so', async () => {
    const issued = scene.stub.issue({ profileArn: ARN });
    const path = writeIdeLogin(home, issued, { expiresAt: at(60), profileArn: ARN });
    const values = { credsFile: path };
    const { logins } = scene.start();
    await logins.open(scene.account({ method: 'kiro-ide', values }), scene.signal);
    scene.clock.time += 55 * MINUTE;
    const forbidden = scene.account({ method: 'kiro-ide', values: { ...values, writeBack: 'no' } });
    expect((await logins.open(forbidden, scene.signal)).token).not.toBe(issued.accessToken);
    expect(readJson(path).refreshToken).toBe(issued.refreshToken);
  });

  test('works at once with a client secret that was corrected', async () => {
    const { refreshToken, clientId = '', clientSecret = '' } = scene.stub.issue({ client: true });
    const { logins } = scene.start();
    const open = (secret: string) => {
      const secrets = { refreshToken, clientId, clientSecret: secret };
      return logins.open(scene.account({ method: 'token', secrets, values: { profileArn: ARN } }), scene.signal);
    };
    await expect(open('mistyped')).rejects.toMatchObject({ kind: 'unauthorized' });
    expect(scene.stub.isLive((await open(clientSecret)).token)).toBe(true);
  });
});

describe('a source that changes', () => {
  test('still holds our login where only its profile is another one, and gets what was rotated', async () => {
    const issued = scene.stub.issue({ client: true });
    const row = {
      access_token: issued.accessToken,
      refresh_token: issued.refreshToken,
      expires_at: at(60),
      region: 'us-east-1',
      start_url: 'https://example.awsapps.com/start',
    };
    const rows = {
      'kirocli:odic:token': row,
      'kirocli:odic:device-registration': { client_id: issued.clientId, client_secret: issued.clientSecret },
    };
    const choose = (arn: string) => writeCliDatabase(home, rows, { 'api.codewhisperer.profile': { arn } });
    const path = choose(ARN);
    const account = scene.account({ method: 'kiro-cli', values: { cliDatabase: path } });
    const { logins } = scene.start();
    await logins.open(account, scene.signal);
    choose(OTHER_ARN);
    scene.clock.time += 55 * MINUTE;
    const { token } = await logins.open(account, scene.signal);
    expect(token).not.toBe(issued.accessToken);
    expect(readCliRow(path, 'kirocli:odic:token').access_token).toBe(token);
  });

  test('to somebody else’s login is told with a way that works', async () => {
    const mine = scene.stub.issue({ profileArn: ARN });
    const path = writeIdeLogin(home, mine, { expiresAt: at(-1), profileArn: ARN });
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    const { logins, login } = scene.start();
    await logins.open(account, scene.signal);
    const theirs = scene.stub.issue({ profileArn: OTHER_ARN });
    scene.stub.revoke(String(readJson(path).refreshToken));
    writeIdeLogin(home, theirs, { expiresAt: at(600), profileArn: OTHER_ARN });
    scene.clock.time += 120 * MINUTE;
    await expect(logins.open(account, scene.signal)).rejects.toThrow('remove this account and add it anew');
    await login.forget(account, []);
    const anew = scene.account({ id: 'anew', method: 'kiro-ide', values: { credsFile: path } });
    expect((await logins.open(anew, scene.signal)).token).toBe(theirs.accessToken);
  });
});

describe('in the middle of a renewal', () => {
  const pasted = (id = 'kiro') => {
    const { refreshToken } = scene.stub.issue({ profileArn: ARN });
    return scene.account({ id, method: 'token', secrets: { refreshToken } });
  };

  test('the end of Patchbay waits until the rotated login is stored', async () => {
    const account = pasted();
    const { logins, close } = scene.start();
    const opening = logins.open(account, scene.signal);
    await expect.poll(() => scene.stub.count('/refreshToken')).toBe(1);
    await close();
    const stored = [...scene.vault.secrets.values()].join('\n');
    expect(stored).toContain((await opening).token);
    // With nothing but what is stored, the login goes on after the next start.
    scene.clock.time += 120 * MINUTE;
    expect(scene.stub.isLive((await scene.start().logins.open(account, scene.signal)).token)).toBe(true);
  });

  test('the end of Patchbay does not wait for ever', async () => {
    const { logins, close } = scene.start();
    scene.stub.fail('/refreshToken', 'hang');
    const leaving = new AbortController();
    const opening = logins.open(pasted(), leaving.signal).catch(() => 'left');
    await expect.poll(() => scene.stub.count('/refreshToken')).toBe(1);
    scene.clock.atOnceBelowMs = 60_000;
    await close();
    leaving.abort();
    expect(await opening).toBe('left');
  });

  test('the removal of its account leaves nothing behind', async () => {
    const account = pasted();
    const { logins, login, close } = scene.start();
    const opening = logins.open(account, scene.signal);
    await expect.poll(() => scene.stub.count('/refreshToken')).toBe(1);
    await login.forget(account, []);
    await opening.catch(() => {});
    await close();
    expect([...scene.vault.secrets.keys()]).toEqual([]);
  });

  test('who hangs up is not kept waiting for a profile that nobody finds', async () => {
    const issued = scene.stub.issue();
    const path = writeIdeLogin(home, issued, { expiresAt: at(60) });
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    scene.stub.fail('/us-east-1/', 'hang');
    const leaving = new AbortController();
    const opening = scene.start().logins.open(account, leaving.signal);
    await expect.poll(() => scene.stub.requests.length).toBe(1);
    leaving.abort();
    await expect(opening).rejects.toMatchObject({ kind: 'aborted' });
  });
});

test('no secret stands in the log, in an error or in a found login, whatever goes wrong with it', async () => {
  const { clientId = '', ...issued } = scene.stub.issue({ client: true });
  const path = writeIdeLogin(home, { ...issued, clientId }, { expiresAt: at(5) });
  const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
  const said: string[] = [];
  const { logins, findLogins, check } = scene.start();
  for (const fault of ['reset', { status: 400, body: { error: 'invalid_grant' } }, { status: 500 }] as const) {
    scene.stub.fail('/token', fault);
    await logins.open(account, scene.signal).catch((error: Error) => said.push(String(error.stack)));
    scene.stub.heal();
    scene.clock.time += 2 * MINUTE;
  }
  for await (const step of check({ credential: account, signal: scene.signal })) said.push(JSON.stringify(step));
  said.push(JSON.stringify(await findLogins()), ...scene.log);
  const secrets = [issued.accessToken, issued.refreshToken, String(issued.clientSecret), ...scene.hidden];
  expect(scene.hidden).toContain(issued.refreshToken);
  expect(secrets.filter((secret) => said.join('\n').includes(secret))).toEqual([]);
  expect(scene.log.length).toBeGreaterThan(0);
});
