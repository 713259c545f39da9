// Client keys with rules, as the official clients and every dialect meet them: what is refused, in which words, and when it
// is worth coming back.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type KeyScene, openKeyScene } from '../support/key-scene.ts';
import { chunk, DONE, startOpenAiStub, streamOf, usageChunk, whole } from '../support/openai-stub.ts';

const ask = { model: 'stub-1', messages: [{ role: 'user' as const, content: 'Hi' }] };
const askClaude = { ...ask, max_tokens: 50 };
const openAi = ({ house }: KeyScene, apiKey: string) =>
  new OpenAI({ baseURL: `${house.url}/v1`, apiKey, maxRetries: 0 });
const anthropic = ({ house }: KeyScene, apiKey: string) => new Anthropic({ baseURL: house.url, apiKey, maxRetries: 0 });
const USAGE = { prompt_tokens: 60, completion_tokens: 40, total_tokens: 100 };
const answer = whole({ content: 'Hello' }, 'stop', USAGE);
const caught = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error as InstanceType<typeof OpenAI.APIError>,
  );

describe('an expired key', () => {
  it('is refused by both clients with the time of its end, and so it stands on the log', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { expiresAt: scene.clock.now() + 60_000 });
    await openAi(scene, key).chat.completions.create(ask);
    await scene.clock.advance(60_000);
    const words = 'The client key "Guest" expired on 2026-01-05 at 12:01.';
    const refused = await caught(openAi(scene, key).chat.completions.create(ask));
    expect(refused).toMatchObject({ status: 401, type: 'authentication_error', code: 'invalid_api_key' });
    expect(refused?.message).toContain(words);
    const other = await caught(anthropic(scene, key).messages.create(askClaude));
    expect(other).toMatchObject({
      status: 401,
      error: { error: { type: 'authentication_error', message: expect.stringContaining(words) } },
    });
    expect(await caught(openAi(scene, key).models.list())).toMatchObject({ status: 401 });
    const rows = (await scene.house.closed(3)).slice(1, 3);
    expect(rows).toMatchObject([
      { key: 'Guest', state: 'failed', status: 401, errorText: expect.stringContaining(words) },
      { key: 'Guest', state: 'failed', status: 401 },
    ]);
  });
});

describe('a key for some models', () => {
  it('may use those that its patterns name and is refused the others', async () => {
    const scene = await openKeyScene();
    scene.stub.models = ['stub-1', 'other-1'];
    const key = await scene.add('Guest', { models: ['stub-*'] });
    expect((await openAi(scene, key).chat.completions.create(ask)).choices[0]?.message.content).toBe('Hello');
    const refused = await caught(openAi(scene, key).chat.completions.create({ ...ask, model: 'other-1' }));
    expect([refused?.status, refused?.message]).toEqual([403, expect.stringMatching(/"Guest".*"other-1"/)]);
    const other = await caught(anthropic(scene, key).messages.create({ ...askClaude, model: 'other-1' }));
    expect(other).toMatchObject({ status: 403, error: { error: { type: 'permission_error' } } });
    expect((await scene.house.closed(3)).at(-1)).toMatchObject({ key: 'Guest', errorKind: 'forbidden', status: 403 });
    expect(scene.stub.requests.filter(({ method }) => method === 'POST')).toHaveLength(1);
    const free = scene.keys.reveal('default') ?? '';
    await openAi(scene, free).chat.completions.create({ ...ask, model: 'other-1' });
  });
});

describe('a limit of requests a minute', () => {
  it('refuses with the time until the oldest leaves the window, and lets in after it', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { requestsPerMinute: 2 });
    await openAi(scene, key).chat.completions.create(ask);
    await scene.clock.advance(30_000);
    await anthropic(scene, key).messages.create(askClaude);
    const refused = await caught(openAi(scene, key).chat.completions.create(ask));
    expect(refused).toMatchObject({ status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' });
    expect(refused?.headers?.get('retry-after')).toBe('30');
    expect(refused?.message).toContain('The client key "Guest" may make 2 requests a minute');
    const other = await caught(anthropic(scene, key).messages.create(askClaude));
    expect(other).toMatchObject({ status: 429, error: { error: { type: 'rate_limit_error' } } });
    expect(other?.headers?.get('retry-after')).toBe('30');
    expect((await scene.house.closed(4)).slice(2)).toMatchObject([
      { key: 'Guest', modelAsked: 'stub-1', errorKind: 'rate-limited', status: 429, state: 'failed' },
      { key: 'Guest', modelAsked: 'stub-1', errorKind: 'rate-limited', status: 429, state: 'failed' },
    ]);
    // Refusals, lists of models, counts of tokens and what cannot be understood take nothing of it.
    await openAi(scene, key).models.list();
    await anthropic(scene, key).messages.countTokens(ask);
    await caught(openAi(scene, key).chat.completions.create({ ...ask, messages: [] }));
    await scene.clock.advance(30_000);
    await openAi(scene, key).chat.completions.create(ask);
    expect(scene.keys.list().find(({ name }) => name === 'Guest')?.usage.requests).toBe(3);
    // Nobody else has less of it.
    await openAi(scene, scene.keys.reveal('default') ?? '').chat.completions.create(ask);
  });

  const USER = [{ role: 'user', content: 'Hi' }];
  it.each([
    ['/v1/chat/completions', { messages: USER }, { error: { type: 'rate_limit_error' } }],
    ['/v1/completions', { prompt: 'Hi' }, { error: { type: 'rate_limit_error' } }],
    ['/v1/responses', { input: 'Hi' }, { error: { type: 'rate_limit_error' } }],
    ['/v1/embeddings', { input: 'Hi' }, { error: { type: 'rate_limit_error' } }],
    ['/v1/images/generations', { prompt: 'Hi' }, { error: { type: 'rate_limit_error' } }],
    ['/v1/messages', { messages: USER, max_tokens: 9 }, { type: 'error', error: { type: 'rate_limit_error' } }],
    ['/api/chat', { messages: USER }, { error: expect.stringContaining('"Guest"') }],
    ['/api/generate', { prompt: 'Hi' }, { error: expect.stringContaining('"Guest"') }],
    [
      '/v1beta/models/stub-1:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }] },
      { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } },
    ],
  ])('speaks the dialect of %s', async (path, body, shape) => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { requestsPerMinute: 1 });
    await openAi(scene, key).chat.completions.create(ask);
    const response = await fetch(scene.house.url + path, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'stub-1', ...body }),
    });
    expect([response.status, response.headers.get('retry-after')]).toEqual([429, '60']);
    expect(await response.json()).toMatchObject(shape);
  });
});

describe('a limit of tokens a day', () => {
  it('counts whole, streamed and broken replies, and refuses until midnight', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { tokensPerDay: 300 });
    const client = openAi(scene, key);
    const tokens = () => scene.keys.list().find(({ name }) => name === 'Guest')?.usage.tokensToday;
    scene.stub.reply(answer);
    await client.chat.completions.create(ask);
    expect(tokens()).toBe(100);
    scene.stub.reply(streamOf(['Hel', 'lo'], USAGE));
    for await (const _ of await client.chat.completions.create({ ...ask, stream: true }));
    expect(tokens()).toBe(200);
    scene.stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [chunk({ role: 'assistant', content: 'Half' }), usageChunk(USAGE)],
      after: 'cut',
    });
    const broken = async () => {
      for await (const _ of await client.chat.completions.create({ ...ask, stream: true }));
    };
    expect(await caught(broken())).toBeDefined();
    await scene.house.closed(3);
    expect(tokens()).toBe(300);
    const refused = await caught(client.chat.completions.create(ask));
    expect([refused?.status, refused?.headers?.get('retry-after')]).toEqual([429, String(12 * 3600)]);
    expect(refused?.message).toContain('The client key "Guest" may use 300 tokens a day and has used 300.');
    await scene.clock.advance(12 * 3_600_000);
    await client.chat.completions.create(ask);
  });

  it('counts what was known when the client hung up', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { tokensPerDay: 300 });
    const feed = createFeed<string>();
    scene.stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    for (const piece of [usageChunk(USAGE), chunk({ role: 'assistant', content: 'Half' })]) feed.push(piece);
    const stream = await openAi(scene, key).chat.completions.create({ ...ask, stream: true });
    for await (const part of stream) if (part.choices[0]?.delta.content === 'Half') break;
    const [row] = await scene.house.closed(1);
    feed.end();
    expect([row?.state, scene.keys.list().at(-1)?.usage]).toEqual(['aborted', { requests: 1, tokensToday: 100 }]);
  });

  it('is kept over a restart', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { tokensPerDay: 100 });
    scene.stub.reply(answer);
    await openAi(scene, key).chat.completions.create(ask);
    const again = await scene.restart();
    expect(await caught(openAi(again, key).chat.completions.create(ask))).toMatchObject({ status: 429 });
    expect(again.keys.list().at(-1)).toMatchObject({
      lastUsedAt: scene.clock.now(),
      usage: { requests: 1, tokensToday: 100 },
    });
  });
});

describe('requests at a time', () => {
  it('are refused while all places are taken, and let in when one is free', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { concurrent: 1 });
    const client = openAi(scene, key);
    const feed = createFeed<string>();
    scene.stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'One' }));
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    const refused = await caught(client.chat.completions.create(ask));
    expect([refused?.status, refused?.headers?.get('retry-after')]).toEqual([429, '1']);
    expect(refused?.message).toContain('The client key "Guest" may have 1 request running at a time');
    // A client that hangs up gives its place back.
    stream.controller.abort();
    await scene.house.closed(2);
    feed.end();
    await client.chat.completions.create(ask);
  });
});

describe('a key that is revoked while it is used', () => {
  it('lets the running stream come to its end, and opens nothing more', async () => {
    const scene = await openKeyScene();
    const key = await scene.add('Guest', { concurrent: 5 });
    const client = openAi(scene, key);
    const feed = createFeed<string>();
    scene.stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'One' }));
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    await scene.keys.revoke('guest');
    expect(await caught(client.chat.completions.create(ask))).toMatchObject({ status: 401 });
    for (const piece of [chunk({ content: ' two' }), chunk({}, 'stop'), usageChunk(USAGE), DONE]) feed.push(piece);
    feed.end();
    let text = '';
    for await (const part of stream) text += part.choices[0]?.delta.content ?? '';
    expect(text).toBe('One two');
    expect((await scene.house.closed(2)).find(({ state }) => state === 'ok')).toMatchObject({ key: 'Guest' });
  });
});

describe('the second door that wants no key', () => {
  it('limits nobody, except who comes with a key that has rules', async () => {
    const scene = await openKeyScene({ ollamaDoor: true, ollamaPort: 0, ollamaRequireKey: false });
    const key = await scene.add('Guest', { requestsPerMinute: 1 });
    const old = await scene.add('Old', { expiresAt: 1 });
    const url = `${scene.house.second()?.baseUrl}/v1`;
    const statusWith = async (apiKey: string) =>
      (await caught(new OpenAI({ baseURL: url, apiKey, maxRetries: 0 }).chat.completions.create(ask)))?.status;
    const statuses: (number | undefined)[] = [];
    for (const apiKey of ['any', 'any', 'any', key, key, old]) statuses.push(await statusWith(apiKey));
    expect(statuses).toEqual([undefined, undefined, undefined, undefined, 429, 401]);
    expect((await scene.house.closed(6)).map((row) => row.key)).toEqual([
      'no key needed',
      'no key needed',
      'no key needed',
      'Guest',
      'Guest',
      'Old',
    ]);
  });
});

describe('the program with keys of the configuration file', () => {
  const ENTRY = resolve(import.meta.dirname, '..', '..', 'out', 'main', 'headless.js');

  it('keeps to their rules, over a restart as well', async () => {
    const stub = await startOpenAiStub();
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-keys-'));
    onTestFinished(async () => {
      await stub.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const file = join(folder, 'patchbay.json');
    const clientKeys = [
      { name: 'ide', key: 'env:IDE_KEY', models: ['stub-*'], expires: '2999-12-31', limits: { tokensPerDay: 100 } },
      { name: 'old', key: 'env:OLD_KEY', expires: '2020-01-01' },
    ];
    const accounts = [{ id: 'stub', provider: 'openai-compatible', baseUrl: stub.url }];
    writeFileSync(file, JSON.stringify({ port: 0, clientKeys, accounts }));
    const run = async (use: (baseURL: string) => Promise<void>) => {
      const { baseURL, stop } = await start(file, folder);
      try {
        await use(baseURL);
      } finally {
        await stop();
      }
    };
    const createClient = (baseURL: string, apiKey: string) => new OpenAI({ baseURL, apiKey, maxRetries: 0 });
    await run(async (baseURL) => {
      const client = createClient(baseURL, 'ide-key-0123456789');
      const old = createClient(baseURL, 'old-key-0123456789');
      expect(await caught(old.chat.completions.create(ask))).toMatchObject({ status: 401 });
      expect(await caught(client.chat.completions.create({ ...ask, model: 'demo' }))).toMatchObject({ status: 403 });
      stub.reply(answer);
      await client.chat.completions.create(ask);
      expect(await caught(client.chat.completions.create(ask))).toMatchObject({ status: 429 });
    });
    await run(async (baseURL) => {
      const client = createClient(baseURL, 'ide-key-0123456789');
      expect(await caught(client.chat.completions.create(ask))).toMatchObject({ status: 429 });
    });
  });

  /** Starts the program; resolves when its door is open. */
  async function start(file: string, home: string) {
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: home,
      PATCHBAY_DATA_DIR: join(home, 'data'),
      IDE_KEY: 'ide-key-0123456789',
      OLD_KEY: 'old-key-0123456789',
    };
    const child = spawn(process.execPath, [ENTRY, '--config', file], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = new Promise((done) => child.once('close', done));
    let text = '';
    const baseURL = await new Promise<string>((done, fail) => {
      const read = (chunk: Buffer) => {
        text += chunk;
        const [, url] = /Base URL\s+(\S+)/.exec(text) ?? [];
        if (url !== undefined) done(url);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      void ended.then(() => fail(new Error(text)));
    });
    const stop = async () => {
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    };
    return { baseURL, stop };
  }
});
