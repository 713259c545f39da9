// Signing in to Claude Code from a browser, over real HTTP and down to a program that behaves like the real one.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/fetch';
import type { ContractRouterClient } from '@orpc/contract';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAccountHandlers } from '../../main/admin/accounts.ts';
import { createBinder } from '../../main/admin/binder.ts';
import { createAccountBook } from '../../main/credentials/account-book.ts';
import { createHttpClient } from '../../main/http/client.ts';
import { createClaudeCodeProvider } from '../../main/providers/claude-code/index.ts';
import { createRedactor } from '../../main/request-log/redact.ts';
import { createAdminApp } from '../../main/server/admin-routes.ts';
import { createSessions } from '../../main/server/sessions.ts';
import { createSettingsStore } from '../../main/settings-store.ts';
import type { Contract } from '../../shared/contract.ts';
import type { SignInStep } from '../../shared/sign-in.ts';
import { createMemoryVault } from '../support/memory-vault.ts';
import { NO_POOL } from '../support/no-pool.ts';
import { NO_QUOTAS } from '../support/no-quotas.ts';
import { quietServices } from '../support/quiet-services.ts';
import { createSilentLogger } from '../support/silent-logger.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const FAKE = join(import.meta.dirname, '../support/fake-claude-login.mjs');
const DRAFT = { provider: 'claude-code', method: 'login', name: 'Second', values: { cliPath: FAKE }, secrets: {} };

/** An engine's half of the GUI's calls, and a browser with a session. */
async function openHouse() {
  const folder = makeTempFolder();
  vi.stubEnv('HOME', join(folder, 'home'));
  vi.stubEnv('FAKE_LOGIN', join(folder, 'diary.jsonl'));
  vi.stubEnv('PATH', `${dirname(process.execPath)}:/usr/bin:/bin`);
  const { add: learnSecret, redact } = createRedactor();
  const store = createSettingsStore({ dataFolder: folder });
  const accounts = createAccountBook({ store, vault: createMemoryVault(), builtIn: [], learnSecret });
  const http = createHttpClient();
  const limits = () => ({ firstByteMs: 1_000, idleMs: 1_000 });
  const provider = createClaudeCodeProvider({ ...quietServices, http, logger: createSilentLogger(), folder, limits });
  const models = { list: async () => ({ models: [], failures: [] }), count: () => undefined, onChange: () => () => {} };
  const sessions = createSessions();
  const router = {
    accounts: createAccountHandlers(createBinder(), {
      accounts,
      providers: [provider],
      models,
      quotas: NO_QUOTAS,
      ...NO_POOL,
      redact,
    }),
  };
  const server = createServer(createAdminApp({ router, guiFolder: folder, sessions }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await provider.close?.();
    await http.close();
  });
  const opened = await fetch(`${origin}/gui/open/${sessions.createLink()}`);
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? '';
  const client: ContractRouterClient<Contract> = createORPCClient(
    new RPCLink({ url: `${origin}/gui/rpc`, headers: { cookie, origin } }),
  );
  const diary = (): { arguments: string[]; pid: number }[] =>
    readFileSync(join(folder, 'diary.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
  const logins = join(folder, 'logins');
  return {
    accounts,
    client: client.accounts,
    /** The id of the process that signs in. */
    pid: () => diary().find((entry) => entry.arguments?.[1] === 'login')?.pid ?? 0,
    listLogins: () => (existsSync(logins) ? readdirSync(logins) : []),
  };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('a second account signs in with a login of its own, and takes it along when it is removed', async () => {
  const { client, accounts, listLogins } = await openHouse();
  const steps: SignInStep[] = [];
  const answers: Record<string, string>[] = [{ place: 'account' }, { code: 'not-whole' }, { code: 'good#st' }];
  for await (const step of await client.signIn({ draft: DRAFT })) {
    steps.push(step);
    if (step.type !== 'shown' || step.question === undefined) continue;
    const { dialogue, question } = step;
    await client.answer({ dialogue, question: question.id, values: answers.shift() ?? {} });
  }
  expect(steps.at(-1)).toMatchObject({
    type: 'done',
    text: 'Signed in as ada@example.com, plan: max.',
    account: { id: 'second', login: 'own' },
  });
  expect(JSON.stringify(steps)).not.toContain('good#st');
  expect(listLogins()).toHaveLength(1);
  const checked: string[] = [];
  for await (const { label, state } of await client.check({ id: 'second' }))
    if (state !== 'running') checked.push(label);
  expect(checked.slice(0, 2)).toEqual(['Claude Code 2.1.329 found', 'Logged in']);
  await client.remove({ id: 'second' });
  expect(listLogins()).toEqual([]);
  expect(accounts.list()).toEqual([]);
});

test('the program ends, and nothing is left, when the browser goes in the middle', async () => {
  const { client, accounts, pid, listLogins } = await openHouse();
  const leaving = new AbortController();
  const steps = await client.signIn({ draft: DRAFT }, { signal: leaving.signal });
  for (;;) {
    const next = await steps.next();
    if (next.done === true) throw new Error('The sign-in ended by itself.');
    const step = next.value;
    if (step.type !== 'shown') throw new Error(`The sign-in ended with ${JSON.stringify(step)}.`);
    if (step.page !== undefined) break;
    const { dialogue, question } = step;
    if (question !== undefined) await client.answer({ dialogue, question: question.id, values: { place: 'account' } });
  }
  expect(isAlive(pid())).toBe(true);
  expect(listLogins()).toHaveLength(1);
  leaving.abort();
  await expect.poll(() => isAlive(pid()), { timeout: 5_000 }).toBe(false);
  await expect.poll(listLogins).toEqual([]);
  expect(accounts.list()).toEqual([]);
});
