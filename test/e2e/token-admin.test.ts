// The administration of accounts over the headless program, as `curl` would ask: keys, numbers, a file that is read again,
// logins that are renewed, leftovers.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EMAIL, type K2Stub, PASSWORD, refuse, startK2Stub } from '../support/k2-stub.ts';
import { type OpenAiStub, startOpenAiStub } from '../support/openai-stub.ts';

const ENTRY = resolve(import.meta.dirname, '..', '..', 'out', 'main', 'headless.js');
const ADMIN_KEY = 'admin-key-of-the-test-0123';
const CLIENT_KEY = 'ide-key-0123456789';

let folder: string;
let k2: K2Stub;
let openAi: OpenAiStub;
let child: ChildProcess;
let printed = '';
let ended: Promise<number | null>;

const writeConfig = (accounts: readonly object[]) =>
  writeFileSync(
    join(folder, 'patchbay.json'),
    JSON.stringify({
      port: 0,
      adminKey: 'env:ADMIN_KEY',
      clientKeys: [{ name: 'ide', key: 'env:IDE_KEY' }],
      accounts,
    }),
  );
const k2Account = () => ({
  ...{ id: 'k2', provider: 'k2-think', name: 'K2', email: EMAIL, password: 'env:K2_PASSWORD' },
  endpoints: k2.endpoints,
});
const stubAccount = (id: string) => ({ id, provider: 'openai-compatible', name: id, baseUrl: openAi.url });

function start(environment: Record<string, string> = {}): Promise<string> {
  const env = {
    ...{ PATH: process.env.PATH ?? '', HOME: folder, PATCHBAY_DATA_DIR: join(folder, 'data') },
    ...{ ADMIN_KEY, IDE_KEY: CLIENT_KEY, K2_PASSWORD: PASSWORD, PATCHBAY_LOG: 'debug' },
    ...environment,
  };
  const args = [ENTRY, '--config', join(folder, 'patchbay.json')];
  child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  printed = '';
  ended = new Promise((done) => child.once('close', done));
  return new Promise((done, fail) => {
    const read = (chunk: Buffer) => {
      printed += chunk;
      const [, url] = /serves at (\S+)/.exec(printed) ?? [];
      if (url !== undefined) done(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    void ended.then(() => fail(new Error(printed)));
  });
}

async function ask(base: string, method: string, path: string, key: string | undefined = ADMIN_KEY) {
  const headers: Record<string, string> = key === '' ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(`${base}/admin/tokens${path}`, { method, headers });
  const body = (await response.json()) as { status: string; message?: string; data?: Record<string, unknown> };
  return { status: response.status, body };
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-tokens-'));
  k2 = await startK2Stub();
  openAi = await startOpenAiStub();
});

afterEach(async () => {
  child.kill('SIGTERM');
  await ended;
  await k2.close();
  await openAi.close();
  rmSync(folder, { recursive: true, force: true });
});

it('serves programs with the admin key, from the first number to the last leftover', async () => {
  writeConfig([k2Account(), stubAccount('one')]);
  const base = await start();

  expect((await ask(base, 'GET', '/stats', '')).status).toBe(401);
  expect((await ask(base, 'GET', '/stats', CLIENT_KEY)).status).toBe(401);
  expect(await ask(base, 'GET', '/stats')).toMatchObject({
    status: 200,
    body: { status: 'success', data: { total_tokens: 3, active_tokens: 3, failure_distribution: { '0': 3 } } },
  });
  const list = (await ask(base, 'GET', '')).body.data?.accounts as { index: number; id: string }[];
  expect(list.map(({ index, id }) => `${index} ${id}`)).toEqual(['0 k2', '1 one', '2 demo']);
  expect((await ask(base, 'POST', '/reset/1')).body.message).toContain('"one"');
  expect((await ask(base, 'POST', '/reset/3')).status).toBe(400);
  expect((await ask(base, 'GET', '/stats?provider=demo')).body.data).toMatchObject({
    total_tokens: 1,
    current_index: 0,
  });

  writeConfig([k2Account(), stubAccount('one'), stubAccount('two')]);
  const reloaded = await ask(base, 'POST', '/reload');
  expect(reloaded.body).toMatchObject({ message: expect.stringContaining('1 new'), data: { total_tokens: 4 } });
  writeConfig([{ ...stubAccount('one'), baseUrl: 'no address' }, { id: 'x' }]);
  const faulty = await ask(base, 'POST', '/reload');
  expect(faulty).toMatchObject({ status: 500, body: { status: 'error' } });
  expect(faulty.body.message).toContain('accounts[0].baseUrl');
  expect(faulty.body.message).toContain('accounts[1].provider');
  expect((await ask(base, 'GET', '/stats')).body.data).toMatchObject({ total_tokens: 4 });

  expect((await ask(base, 'POST', '/updater/force-update?provider=openai-compatible')).status).toBe(400);
  expect((await ask(base, 'GET', '/updater/force-update')).body.message).toContain('1 of 1 account renewed');
  expect(k2.signIns()).toHaveLength(1);
  expect((await ask(base, 'GET', '/updater/status')).body.data).toMatchObject({
    ...{ is_running: true, is_updating: false, update_count: 1, error_count: 0, last_error: null },
    next_update: expect.stringMatching(/^\d{4}-/),
    accounts: [{ id: 'k2', update_count: 1 }],
  });
  k2.answerSignIn(refuse(503, 'The site is being mended.'));
  const failed = await ask(base, 'POST', '/updater/force-update');
  expect(failed).toMatchObject({
    status: 500,
    body: { message: expect.stringContaining('The site is being mended.') },
  });
  expect((await ask(base, 'GET', '/updater/status')).body.data).toMatchObject({ error_count: 1 });

  const leftover = join(folder, 'data', 'config.json.0a1b2c.tmp');
  writeFileSync(leftover, '');
  expect((await ask(base, 'POST', '/updater/cleanup-temp')).body.data).toEqual({ cleaned_files: 0 });
  utimesSync(leftover, 0, 0);
  expect((await ask(base, 'POST', '/updater/cleanup-temp')).body.data).toEqual({ cleaned_files: 1 });
  expect(existsSync(leftover)).toBe(false);

  child.kill('SIGTERM');
  expect(await ended).toBe(0);
  const files = readdirSync(join(folder, 'data'), { recursive: true, withFileTypes: true }).filter((one) =>
    one.isFile(),
  );
  const written = files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n');
  for (const secret of [ADMIN_KEY, PASSWORD]) expect(printed + written).not.toContain(secret);
}, 30_000);

it('does not start with an admin key that is a client key as well', async () => {
  writeConfig([]);
  await expect(start({ ADMIN_KEY: CLIENT_KEY })).rejects.toThrow('is the same as clientKeys[0].key');
  expect(await ended).toBe(2);
});
