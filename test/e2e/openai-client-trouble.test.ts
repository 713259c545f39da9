// The official `openai` package and everything that can go wrong on its way to an upstream.
import OpenAI, { APIError, AuthenticationError, NotFoundError, RateLimitError } from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, json, type OpenAiStub, startOpenAiStub } from '../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;
let client: OpenAI;
const secrets = { key: 'upstream-key-0123' };

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({ accounts: [{ id: 'stub', name: 'Stub', values, secrets }] });
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const ask = { model: 'stub-1', messages: [{ role: 'user' as const, content: 'Hi' }] };
describe('errors', () => {
  it("keep the upstream's status, words and time to wait", async () => {
    stub.reply(
      json(
        429,
        { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } },
        { 'retry-after': '7' },
      ),
    );
    const error = await client.chat.completions.create(ask).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', message: '429 Stub: Slow down' });
    expect(error.headers.get('retry-after')).toBe('7');
  });

  it('of the key say where the right one is', async () => {
    const stranger = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    const error = await stranger.chat.completions.create(ask).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain('not the client key of this Patchbay');
  });

  it('of the model name those that exist', async () => {
    const error = await client.chat.completions.create({ ...ask, model: 'stub' }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(NotFoundError);
    expect(error.message).toContain('No account offers the model "stub". Known are, among others: stub-1');
  });

  it.each([
    [
      'a cut connection',
      { after: 'cut' as const },
      'Stub: The upstream closed the connection in the middle of its answer',
    ],
    ['a clean end without a finish', {}, 'Stub: The upstream closed the connection in the middle'],
    ['an error event', { last: 'data: {"error":{"message":"Engine on fire"}}\n\n' }, 'Stub: Engine on fire'],
    ['a broken chunk', { last: 'data: {"choices":[\n\n' }, 'Stub: The upstream sent something that is not JSON'],
  ])(
    'in the middle of a stream throw in the client: %s',
    async (_name, { last, ...answer }: { last?: string; after?: 'cut' }, words) => {
      const feed = createFeed<string>();
      stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed, ...answer });
      feed.push(chunk({ role: 'assistant', content: 'Half' }));
      const stream = await client.chat.completions.create({ ...ask, stream: true });
      let text = '';
      const read = async () => {
        for await (const { choices } of stream) {
          text += choices[0]?.delta.content ?? '';
          if (text === '') continue;
          if (last !== undefined) feed.push(last);
          feed.end();
        }
      };
      const error = await read().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(APIError);
      expect(error.message).toContain(words);
      expect(text).toBe('Half');
      const [row] = await house.closed(1);
      expect(row).toMatchObject({ state: 'failed', status: 200 });
      expect(row?.errorText).toContain(words);
    },
  );

  it('before the first word let go of an upstream that goes on sending', async () => {
    const pieces = ['data: {"error":{"message":"Engine on fire"}}\n\n'];
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces, after: 'hang' });
    await expect(client.chat.completions.create({ ...ask, stream: true })).rejects.toThrow('Engine on fire');
    await stub.requests.at(-1)?.hungUp;
  });

  it('of a redirect say that it is none of ours to follow', async () => {
    stub.reply({ status: 307, headers: { location: 'https://elsewhere.example/v1' } });
    const error = await client.chat.completions.create(ask).catch((thrown) => thrown);
    expect(error.message).toContain('HTTP 307, a redirect, which Patchbay does not follow. Is the base URL right?');
  });

  it('of a web page in place of an answer ask about the base URL', async () => {
    stub.reply({ headers: { 'content-type': 'text/html' }, pieces: ['<!doctype html><html></html>'] });
    const error = await client.chat.completions.create({ ...ask, stream: true }).catch((thrown) => thrown);
    expect(error.status).toBe(502);
    expect(error.message).toContain('web page instead of JSON. Is the base URL right?');
  });

  it('of an upstream that repeats its key do not hand the key on', async () => {
    const { key } = secrets;
    stub.reply(json(401, { error: { message: `Incorrect API key provided: ${key}` } }));
    const refused = await client.chat.completions.create(ask).catch((thrown) => thrown);
    expect(refused.message).toBe('401 Stub: Incorrect API key provided: [hidden]');
    const pieces = [chunk({ content: 'Half' }), `data: {"error":{"message":"Key ${key} has run out"}}\n\n`];
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces });
    const read = async () => {
      for await (const _ of await client.chat.completions.create({ ...ask, stream: true }));
    };
    await expect(read()).rejects.toThrow('Stub: Key [hidden] has run out');
  });

  it('of a dead upstream name it', async () => {
    await stub.close();
    const error = await client.chat.completions.create({ ...ask, model: 'stub/x' }).catch((thrown) => thrown);
    expect(error.status).toBe(502);
    expect(error.message).toContain('nothing listens there (connection refused)');
  });
});

it('an upstream that fails before its first word and keeps the connection is let go', async () => {
  stub.reply({
    headers: { 'content-type': 'text/event-stream' },
    pieces: ['data: {"error":{"message":"Engine on fire"}}\n\n'],
    after: 'hang',
  });
  const error = await client.chat.completions.create({ ...ask, stream: true }).catch((thrown) => thrown);
  expect(error.message).toContain('Engine on fire');
  expect(await stub.requests.at(-1)?.hungUp).toBeGreaterThan(0);
});

describe('a client that leaves', () => {
  it('closes the upstream within 50 ms', async () => {
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [chunk({ content: 'Half' })],
      after: 'hang',
    });
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    for await (const _ of stream) break;
    const leftAt = performance.now();
    stream.controller.abort();
    const closedAt = await stub.requests.at(-1)?.hungUp;
    expect((closedAt ?? Number.POSITIVE_INFINITY) - leftAt).toBeLessThan(50);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'aborted', errorText: 'The client hung up.' });
  });

  it('closes the upstream before its first byte, too', async () => {
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, after: 'hang' });
    const leave = new AbortController();
    const asked = client.chat.completions
      .create({ ...ask, model: 'stub/stub-1', stream: true }, { signal: leave.signal })
      .catch((error) => error);
    while (stub.requests.length === 0) await new Promise(setImmediate);
    leave.abort();
    await stub.requests.at(-1)?.hungUp;
    await asked;
  });
});
