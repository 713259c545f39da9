// Signing in to Claude Code and out of it without a terminal: over a program that behaves like the real one, and over the
// real one as far as it comes without the network.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Account, Credential } from '../../../../main/credentials/credential.ts';
import { createHttpClient } from '../../../../main/http/client.ts';
import { createClaudeCodeProvider } from '../../../../main/providers/claude-code/index.ts';
import type { ProviderLogin } from '../../../../main/providers/login.ts';
import { createPerson } from '../../../support/fake-person.ts';
import { quietServices } from '../../../support/quiet-services.ts';
import { claudeFile, whyNoClaude } from '../../../support/real-claude.ts';
import { createSilentLogger } from '../../../support/silent-logger.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const FAKE = join(import.meta.dirname, '../../../support/fake-claude-login.mjs');
const PROGRAM = { kind: 'claudeai', place: 'program' };
const ALONE = { kind: 'claudeai', place: 'account' };

function openLogin(change: Partial<Account> = {}, file = FAKE) {
  const folder = makeTempFolder();
  const [home, record, own] = [join(folder, 'home'), join(folder, 'diary.jsonl'), join(folder, 'own')];
  const http = createHttpClient();
  const limits = () => ({ firstByteMs: 30_000, idleMs: 30_000 });
  const provider = createClaudeCodeProvider({
    ...quietServices,
    http,
    logger: createSilentLogger(),
    folder: own,
    limits,
  });
  onTestFinished(async () => {
    await provider.close?.();
    await http.close();
  });
  const { login } = provider;
  if (login === undefined || !('signIn' in login)) throw new Error('The provider signs nobody in.');
  const account: Account = {
    id: 'cc',
    provider: provider.id,
    name: 'Claude',
    method: 'login',
    endpoints: {},
    models: [],
    source: 'settings',
    ...change,
    values: { cliPath: file, ...change.values },
    env: { HOME: home, FAKE_LOGIN: record, PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, ...change.env },
  };
  const diary = (): Record<string, unknown>[] =>
    existsSync(record)
      ? readFileSync(record, 'utf8')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [];
  const logins = join(own, 'logins');
  return {
    provider,
    login,
    credential: { account, secrets: {} } satisfies Credential,
    home,
    logins,
    diary,
    listLogins: () => (existsSync(logins) ? readdirSync(logins) : []),
    listTemporary: () => readdirSync(join(own, 'temporary')),
  };
}

type House = ReturnType<typeof openLogin>;

function signIn({ login, credential }: House, answers: readonly Record<string, string>[]) {
  const leaving = new AbortController();
  const person = createPerson(answers, leaving.signal);
  const { dialogue } = person;
  const signed = login.signIn({ credential, dialogue, signal: leaving.signal });
  signed.catch(() => {}); // each test looks at it in its own time
  return { ...person, signed, leave: () => leaving.abort(new Error('The sheet was closed.')) };
}

function isAlive(pid: unknown): boolean {
  try {
    process.kill(Number(pid), 0);
    return true;
  } catch {
    return false;
  }
}

const findRun = (house: House) => house.diary().find((entry) => (entry.arguments as string[])?.[1] === 'login');

describe('signing in', () => {
  it('shows the page, hands the code over and says who it is', async () => {
    const house = openLogin();
    const { signed, seen } = signIn(house, [PROGRAM, { code: 'good#st' }]);
    expect(await signed).toEqual({ text: 'Signed in as ada@example.com, plan: max.' });
    expect(seen.map(({ title }) => title)).toEqual([
      'Looking at Claude Code',
      'What do you want to sign in to?',
      'Starting Claude Code',
      'Sign in on Anthropic’s page',
      'Claude Code is signing in',
    ]);
    expect(seen[3]).toMatchObject({
      page: { url: 'https://claude.com/cai/oauth/authorize?code=true&state=st' },
      fields: [{ name: 'code', kind: 'secret', required: true }],
    });
    expect(existsSync(join(house.home, '.claude', '.credentials.json'))).toBe(true);
    expect(house.listTemporary()).toEqual([]);
  });

  it('opens no browser by itself and keeps the upstream’s traffic out of what it says', async () => {
    const house = openLogin();
    await signIn(house, [{ kind: 'console', place: 'program' }, { code: 'good#st' }]).signed;
    expect(findRun(house)).toMatchObject({ arguments: ['auth', 'login', '--console'], browser: 'true' });
    expect(findRun(house)?.log).toBeUndefined();
  });

  it('asks again, with the program’s words, for a code that is not whole', async () => {
    const house = openLogin();
    const { signed, seen } = signIn(house, [PROGRAM, { code: 'goo' }, { code: 'good#st' }]);
    await signed;
    expect(seen.flatMap(({ problem }) => problem ?? [])).toEqual([
      "That doesn't look like the full code. Copy all of it, including the # in the middle.",
    ]);
  });

  it('ends with the program’s words where the code is wrong', async () => {
    const house = openLogin();
    const { signed } = signIn(house, [PROGRAM, { code: 'goo' }, { code: 'bad#st' }]);
    await expect(signed).rejects.toThrow(
      "Couldn't log in: That code wasn't accepted. It may be incomplete, expired, already used, or from an earlier sign-in attempt. Sign in again to get a new code.",
    );
    expect(isAlive(findRun(house)?.pid)).toBe(false);
  });

  it('says how to get a program that is not there', async () => {
    const house = openLogin({ values: { cliPath: '/nonexistent' } });
    await expect(signIn(house, []).signed).rejects.toThrow('Install it with');
  });

  it('ends the program and leaves nothing when the person goes, also while the code is looked at', async () => {
    for (const answers of [[ALONE], [ALONE, { code: 'hang#st' }]]) {
      const house = openLogin();
      const { signed, silent, leave } = signIn(house, answers);
      if (answers.length === 1) await silent;
      else await expect.poll(() => house.diary().some(({ hangs }) => hangs === true)).toBe(true);
      expect(isAlive(findRun(house)?.pid)).toBe(true);
      leave();
      await expect(signed).rejects.toThrow();
      expect(isAlive(findRun(house)?.pid)).toBe(false);
      expect(house.listLogins()).toEqual([]);
      expect(house.listTemporary()).toEqual([]);
    }
  });
});

describe('a login for one account alone', () => {
  it('gets a folder of its own, which leaves the person’s login as it is', async () => {
    const house = openLogin();
    const { signed } = signIn(house, [ALONE, { code: 'good#st' }]);
    const { values, discard } = await signed;
    expect(dirname(values?.configDir ?? '')).toBe(house.logins);
    expect(existsSync(join(values?.configDir ?? '', '.credentials.json'))).toBe(true);
    expect(existsSync(join(house.home, '.claude'))).toBe(false);
    await discard?.();
    expect(house.listLogins()).toEqual([]);
  });

  it('is offered first where the program is logged in already, and last where it is not', async () => {
    const house = openLogin();
    const offer = async () => {
      const { seen, silent, leave, signed } = signIn(house, []);
      await silent;
      leave();
      await signed.catch(() => {});
      return seen.at(-1)?.fields?.[1]?.options;
    };
    expect(await offer()).toEqual([
      { value: 'program', label: 'Claude Code itself, as in your terminal' },
      { value: 'account', label: 'This account alone' },
    ]);
    mkdirSync(join(house.home, '.claude'), { recursive: true });
    writeFileSync(join(house.home, '.claude', '.credentials.json'), '{}');
    expect(await offer()).toEqual([
      { value: 'account', label: 'This account alone' },
      { value: 'program', label: 'Claude Code itself, replacing ada@example.com' },
    ]);
  });

  it('is not offered where the account has a folder, or is of the configuration file', async () => {
    for (const change of [{ values: { configDir: makeTempFolder() } }, { source: 'file' as const }]) {
      const house = openLogin(change);
      const { seen, silent, leave, signed } = signIn(house, []);
      await silent;
      leave();
      await signed.catch(() => {});
      expect(seen.at(-1)?.fields?.map(({ name }) => name)).toEqual(['kind']);
    }
  });
});

describe('signing out', () => {
  const withFolder = ({ credential }: House, configDir: string): Credential => ({
    ...credential,
    account: { ...credential.account, values: { ...credential.account.values, configDir } },
  });

  it('tells an account’s own login from the person’s, and a key from both', () => {
    const { login, credential, logins } = openLogin();
    const owner = (change: Partial<Account>) => login.owner({ ...credential.account, ...change });
    expect(owner({})).toBe('shared');
    expect(owner({ values: { configDir: '/home/ada/.claude-two' } })).toBe('shared');
    expect(owner({ values: { configDir: join(logins, 'one') } })).toBe('own');
    expect(owner({ values: { configDir: join(logins, 'one', '..', '..') } })).toBe('shared');
    expect(owner({ method: 'key' })).toBeUndefined();
  });

  it('ends the login of the account’s folder', async () => {
    const house = openLogin();
    const { values } = await signIn(house, [ALONE, { code: 'good#st' }]).signed;
    const credential = withFolder(house, values?.configDir ?? '');
    const { signal } = new AbortController();
    expect(await house.login.signOut({ credential, signal })).toBe(
      'Successfully logged out from your Anthropic account.',
    );
    expect(house.diary()).toContainEqual({ signedOut: values?.configDir });
  });

  it('comes with the end of the account where the login is its own and nobody else’s, and never where it is not', async () => {
    const house = openLogin();
    const { values } = await signIn(house, [ALONE, { code: 'good#st' }]).signed;
    const credential = withFolder(house, values?.configDir ?? '');
    await house.login.forget(credential, [{ ...credential.account, id: 'twin' }]);
    expect(house.listLogins()).toHaveLength(1);
    await house.login.forget(credential, [house.credential.account]);
    expect(house.listLogins()).toEqual([]);
    expect(house.diary()).toContainEqual({ signedOut: values?.configDir });

    const other = openLogin();
    await signIn(other, [PROGRAM, { code: 'good#st' }]).signed;
    await other.login.forget(other.credential, []);
    expect(existsSync(join(other.home, '.claude', '.credentials.json'))).toBe(true);
  });
});

describe.skipIf(claudeFile === undefined)(`the real program${whyNoClaude}`, { timeout: 30_000 }, () => {
  it('shows its page, refuses half a code, and fails in its own words where Anthropic cannot be reached', async () => {
    // A proxy that is not there: nothing leaves this machine.
    const house = openLogin({ env: { HTTPS_PROXY: 'http://127.0.0.1:1' } }, claudeFile);
    const { signed, seen } = signIn(house, [ALONE, { code: 'half' }, { code: 'whole#code' }]);
    await expect(signed).rejects.toThrow(/^(Couldn't log in|Login failed): /);
    const [page, again] = seen.filter((scene) => scene.page !== undefined);
    expect(new URL(page?.page?.url ?? '').hostname).toBe('claude.com');
    expect(new URL(page?.page?.url ?? '').searchParams.get('state')).toMatch(/^[\w-]{20,}$/);
    expect(again?.problem).toMatch(/full code/);
    expect(house.listLogins()).toEqual([]);
    expect(house.listTemporary()).toEqual([]);
  });

  it('ends when the person goes, and signs out of nothing without a fuss', async () => {
    const house = openLogin({}, claudeFile);
    const { signed, silent, leave } = signIn(house, [ALONE]);
    await silent;
    leave();
    await expect(signed).rejects.toThrow();
    expect(house.listLogins()).toEqual([]);
    const { signal } = new AbortController();
    const said: ReturnType<ProviderLogin['signOut']> = house.login.signOut({ credential: house.credential, signal });
    expect(await said).toMatch(/logged out/i);
  });
});
