// Kiro's logins as the scheduler of renewals sees them, over real files and hosts that rotate as the real ones do.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CallContext } from '../../../../main/providers/context.ts';
import { type KiroScene, MINUTE, openKiroScene, readJson, START, writeIdeLogin } from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/MINE';

let home: string;
let scene: KiroScene;
beforeEach(async () => {
  home = makeTempFolder();
  scene = await openKiroScene(home);
});
afterEach(() => scene.close());

/** An account over the IDE's file, whose token ends in so many minutes. */
function openIde(minutes: number) {
  const issued = scene.stub.issue({ profileArn: ARN });
  const expiresAt = new Date(START + minutes * MINUTE).toISOString();
  const path = writeIdeLogin(home, issued, { expiresAt, profileArn: ARN, region: 'us-east-1' });
  const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
  const context: CallContext = { credential: account, signal: scene.signal };
  return { issued, path, account, context };
}

describe('when a login is due', () => {
  test('is ten minutes before its end, told without a call, and under one name for all who share it', async () => {
    const { account } = openIde(60);
    const { renewal } = scene.start();
    const found = await renewal.find(account);
    expect(found).toMatchObject({ endsAt: START + 60 * MINUTE, dueAt: START + 50 * MINUTE });
    const other = { ...account, account: { ...account.account, id: 'kiro-2' } };
    expect((await renewal.find(other))?.login).toBe(found?.login);
    expect(scene.stub.requests).toEqual([]);
  });

  test('is at once where nobody knows the end', async () => {
    const issued = scene.stub.issue();
    const path = writeIdeLogin(home, issued, { profileArn: ARN });
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    expect(await scene.start().renewal.find(account)).toEqual({ login: expect.any(String), dueAt: 0 });
  });

  test('is never for a token that nothing renews, nor for a key', async () => {
    const issued = scene.stub.issue({ profileArn: ARN });
    const path = writeIdeLogin(home, { ...issued, refreshToken: '' }, { profileArn: ARN });
    const { renewal } = scene.start();
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: path } });
    expect(await renewal.find(account)).toBeUndefined();
    expect(renewal.covers(account.account)).toBe(true);
    expect(renewal.covers(scene.account({ method: 'key' }).account)).toBe(false);
  });

  test('follows the other program, which has renewed by itself', async () => {
    const { account, issued } = openIde(60);
    const { renewal } = scene.start();
    await renewal.find(account);
    const next = scene.stub.issue({ profileArn: ARN });
    const expiresAt = new Date(START + 100 * MINUTE).toISOString();
    writeIdeLogin(home, { ...next, refreshToken: issued.refreshToken }, { expiresAt, profileArn: ARN });
    expect(await renewal.find(account)).toMatchObject({ endsAt: START + 100 * MINUTE });
  });

  test('says what is missing where there is no login', async () => {
    const account = scene.account({ method: 'kiro-ide', values: { credsFile: `${home}/nothing.json` } });
    await expect(scene.start().renewal.find(account)).rejects.toMatchObject({ kind: 'unauthorized' });
  });
});

describe('renewing', () => {
  test('happens however long the token may live, is stored, put back and used', async () => {
    const { account, context, issued, path } = openIde(60);
    const { renewal, logins } = scene.start();
    await renewal.renew(context);
    const { token } = await logins.open(account, scene.signal);
    expect(token).not.toBe(issued.accessToken);
    expect(scene.stub.count('/refreshToken')).toBe(1);
    expect([...scene.vault.secrets.values()].join()).toContain(token);
    expect(readJson(path)).toMatchObject({ accessToken: token });
    expect((await renewal.find(account))?.endsAt).toBeGreaterThan(START + 10 * MINUTE);
  });

  test('is one call together with the requests that wait for it', async () => {
    const { account, context } = openIde(-1);
    const { renewal, logins } = scene.start();
    await Promise.all([renewal.renew(context), logins.open(account, scene.signal), renewal.renew(context)]);
    expect(scene.stub.count('/refreshToken')).toBe(1);
  });

  test('fails with the words of the host, while the living token serves on', async () => {
    const { account, context, issued } = openIde(30);
    scene.stub.revoke(issued.refreshToken);
    const { renewal, logins } = scene.start();
    await expect(renewal.renew(context)).rejects.toMatchObject({
      kind: 'unauthorized',
      message: expect.stringContaining('invalid_grant'),
    });
    expect((await logins.open(account, scene.signal)).token).toBe(issued.accessToken);
  });

  test('fails, too, where it joined a request that could go on with the old token', async () => {
    const { account, context, issued } = openIde(5);
    scene.stub.revoke(issued.refreshToken);
    const { renewal, logins } = scene.start();
    const asked = logins.open(account, scene.signal);
    await expect(renewal.renew(context)).rejects.toMatchObject({ kind: 'unauthorized' });
    expect((await asked).token).toBe(issued.accessToken);
  });
});
