// The README's configuration file as a whole: the headless program, both kinds of account, the official client.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import OpenAI from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSocksProxy } from '../support/fake-proxies.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { startOpenAiStub, wholeText } from '../support/openai-stub.ts';
import { claudeFile, whyNoClaude } from '../support/real-claude.ts';

const ENTRY = resolve(import.meta.dirname, '..', '..', 'out', 'main', 'headless.js');

/** Starts the program with this configuration; resolves with its base URL. */
async function start(
  config: object,
  environment: Readonly<Record<string, string>>,
  onWritten: (text: string) => void = () => {},
): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-config-'));
  const file = join(folder, 'patchbay.json');
  writeFileSync(file, JSON.stringify(config));
  const env = { PATH: process.env.PATH ?? '', HOME: folder, PATCHBAY_DATA_DIR: join(folder, 'data'), ...environment };
  const child = spawn(process.execPath, [ENTRY, '--config', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  const ended = new Promise((done) => child.once('close', done));
  onTestFinished(async () => {
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    onWritten(text + readAll(join(folder, 'data')));
    rmSync(folder, { recursive: true, force: true });
  });
  return new Promise((done, fail) => {
    const read = (chunk: Buffer) => {
      text += chunk;
      const [, url] = /Base URL\s+(\S+)/.exec(text) ?? [];
      if (url !== undefined) done(url);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void ended.then(() => fail(new Error(text)));
  });
}

/** Everything in a folder's files, one after the other. */
function readAll(folder: string): string {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return files.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1')).join('\n');
}

it('a proxy of the file is used, and its password is written nowhere', async () => {
  const stub = await startOpenAiStub();
  const { port, pathname } = new URL(stub.url);
  const login = { user: 'me', password: 'word-of-the-proxy' };
  const proxy = await startSocksProxy({ names: { 'upstream.example': Number(port) }, ...login });
  onTestFinished(async () => {
    await stub.close();
    await proxy.close();
  });
  stub.reply(wholeText('Hello from afar'));
  const baseUrl = `http://upstream.example${pathname}`;
  const baseURL = await start(
    {
      port: 0,
      proxy: `socks5://me:env:WORD@127.0.0.1:${proxy.port}`,
      clientKeys: [{ name: 'ide', key: 'env:IDE_KEY' }],
      accounts: [{ id: 'far', provider: 'openai-compatible', baseUrl, models: ['m'] }],
    },
    { IDE_KEY: 'ide-key-0123456789', WORD: login.password, PATCHBAY_LOG: 'debug' },
    (written) => expect(written).not.toContain(login.password),
  );
  const client = new OpenAI({ baseURL, apiKey: 'ide-key-0123456789', maxRetries: 0 });
  const answer = await client.chat.completions.create({ model: 'far/m', messages: [{ role: 'user', content: 'Hi' }] });
  expect(answer.choices[0]?.message.content).toBe('Hello from afar');
  expect(proxy.asked[0]).toEqual({ how: 'domain', host: 'upstream.example', port: 80, login: 'me:word-of-the-proxy' });
});

it('the rules of routing in the file hold, and those that name nobody are told of', async () => {
  const stub = await startOpenAiStub();
  onTestFinished(() => stub.close());
  stub.reply(wholeText('Hello by an alias'));
  const account = { provider: 'openai-compatible', baseUrl: stub.url };
  const baseURL = await start(
    {
      port: 0,
      clientKeys: [{ name: 'ide', key: 'env:IDE_KEY' }],
      accounts: [
        { ...account, id: 'one', models: ['m', 'secret'] },
        { ...account, id: 'two', models: ['m'] },
      ],
      routing: {
        aliases: { 'gpt-*': 'm', fast: 'secret' },
        clients: { ide: { aliases: { own: 'two/m' } }, nobody: {} },
        hidden: ['secret', 'demo', 'stub-*'],
      },
    },
    { IDE_KEY: 'ide-key-0123456789' },
    (written) => expect(written).toContain('routing.clients has rules for "nobody", and there is no such client key.'),
  );
  const client = new OpenAI({ baseURL, apiKey: 'ide-key-0123456789', maxRetries: 0 });
  expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['m', 'own', 'fast']);
  expect((await client.models.retrieve('gpt-4o')).id).toBe('gpt-4o');
  const answer = await client.chat.completions.create({ model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] });
  expect(answer.choices[0]?.message.content).toBe('Hello by an alias');
  expect(stub.requests.at(-1)?.body).toMatchObject({ model: 'm' });
  await expect(client.models.retrieve('nothing')).rejects.toThrow('No account offers the model "nothing".');
});

describe.skipIf(claudeFile === undefined)(`the example of the README${whyNoClaude}`, () => {
  it('serves both accounts under their names', async () => {
    const stub = await startOpenAiStub();
    const messages = await startMessagesStub();
    onTestFinished(async () => {
      await stub.close();
      await messages.close();
    });
    messages.reply({ text: 'Hello from Claude' });
    const baseURL = await start(
      {
        host: '127.0.0.1',
        port: 0,
        clientKeys: [
          {
            name: 'ide',
            key: 'env:IDE_KEY',
            models: ['stub-*', 'claude-*'],
            expires: '2030-12-31',
            limits: { requestsPerMinute: 60, tokensPerDay: 2_000_000, concurrent: 4 },
          },
        ],
        accounts: [
          { id: 'stub', provider: 'openai-compatible', name: 'Stub', baseUrl: stub.url, key: 'env:STUB_KEY' },
          {
            id: 'cc',
            provider: 'claude-code',
            cliPath: claudeFile,
            env: { ANTHROPIC_BASE_URL: messages.url },
            key: 'env:ANTHROPIC_API_KEY',
          },
        ],
      },
      { IDE_KEY: 'ide-key-0123456789', STUB_KEY: 'sk-stub', ANTHROPIC_API_KEY: 'sk-ant-test' },
    );
    const client = new OpenAI({ baseURL, apiKey: 'ide-key-0123456789', maxRetries: 0 });
    const ask = async (model: string) => {
      const answer = await client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] });
      return answer.choices[0]?.message.content;
    };
    expect(await ask('stub-1')).toBe('Hello');
    expect(stub.requests.at(-1)?.headers.authorization).toBe('Bearer sk-stub');
    expect(await ask('cc/claude-sonnet-5-5')).toBe('Hello from Claude');
    expect(messages.requests.find(({ method }) => method === 'POST')?.headers['x-api-key']).toBe('sk-ant-test');
    const names = (await client.models.list()).data.map(({ id }) => id);
    expect(names).toContain('stub-1');
    expect(names.some((name) => name.startsWith('claude-'))).toBe(true);
  });
});
