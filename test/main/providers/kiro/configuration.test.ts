// Kiro's accounts in the configuration file: the fields pick the way of signing in, and what they say reaches the calls.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readConfigFile } from '../../../../main/config/config-file.ts';
import { HOSTS } from '../../../../main/providers/kiro/hosts.ts';
import { fields, signIn } from '../../../../main/providers/kiro/sign-in.ts';
import { type KiroScene, openKiroScene, writeCliDatabase, writeIdeLogin } from '../../../support/kiro-scene.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const ARN = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/MINE';

let home: string;
let scene: KiroScene;

beforeEach(async () => {
  home = makeTempFolder();
  scene = await openKiroScene(home);
});
afterEach(() => scene.close());

/** The account as the file describes it. */
function read(entry: Record<string, unknown>, environment: Record<string, string> = {}) {
  const path = join(home, 'patchbay.json');
  writeFileSync(path, JSON.stringify({ accounts: [{ id: 'kiro', provider: 'kiro', ...entry }] }));
  const [account] = readConfigFile(path, environment, [{ id: 'kiro', signIn, fields, endpoints: HOSTS }]).accounts;
  if (account === undefined) throw new Error('no account');
  return account;
}

test('a refresh token from the environment, with region, region of the API, profile and hosts', async () => {
  const { refreshToken } = scene.stub.issue();
  const { runtime, ...endpoints } = { ...scene.stub.endpoints, runtime: 'http://127.0.0.1:1' };
  const account = read(
    {
      refreshToken: 'env:KIRO_TOKEN',
      region: 'eu-west-1',
      apiRegion: 'eu-central-1',
      profileArn: ARN,
      endpoints: { ...endpoints, runtime },
    },
    { KIRO_TOKEN: refreshToken },
  );
  expect(account.account.method).toBe('token');
  expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({
    kind: 'social',
    profileArn: ARN,
    apiRegion: 'eu-central-1',
  });
  expect(scene.stub.requests.map(({ path }) => path)).toEqual(['/auth/eu-west-1/refreshToken']);
});

test('hosts without a place for the region are taken as they stand', async () => {
  const { refreshToken } = scene.stub.issue();
  const endpoints = { auth: `${scene.stub.url}/auth/any/`, management: `${scene.stub.url}/management/any` };
  const account = read({ refreshToken: 'env:T', endpoints }, { T: refreshToken });
  scene.stub.profiles.set('any', [{ arn: ARN }]);
  expect(await scene.start().logins.open(account, scene.signal)).toMatchObject({ profileArn: ARN });
  expect(scene.stub.requests.map(({ path }) => path)).toEqual(['/auth/any/refreshToken', '/management/any/']);
});

test('a file of the IDE, a database of kiro-cli and an API key are told apart by their fields', () => {
  const credsFile = writeIdeLogin(home, scene.stub.issue());
  const cliDatabase = writeCliDatabase(home, {});
  expect(read({ credsFile, writeBack: 'no' }).account).toMatchObject({
    method: 'kiro-ide',
    values: { credsFile, writeBack: 'no' },
  });
  expect(read({ cliDatabase }).account).toMatchObject({ method: 'kiro-cli', values: { cliDatabase } });
  expect(read({ apiKey: 'env:KEY' }, { KEY: 'ksk_1' })).toMatchObject({
    account: { method: 'key' },
    secrets: { apiKey: 'ksk_1' },
  });
});

test('a refresh token in the file itself, an unknown host and a wrong choice are refused by their places', () => {
  expect(() => read({ refreshToken: 'aorAAAAAG' })).toThrow('accounts[0].refreshToken');
  expect(() => read({ apiKey: 'env:KEY', endpoints: { telemetry: 'https://example.com' } }, { KEY: 'k' })).toThrow(
    'accounts[0].endpoints',
  );
  expect(() => read({ cliDatabase: '/a', writeBack: 'perhaps' })).toThrow('accounts[0].writeBack');
});
