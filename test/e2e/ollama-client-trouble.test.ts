// The official `ollama` package and everything that can go wrong on its way to an upstream.
import { Ollama } from 'ollama';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, DONE, json, type OpenAiStub, startOpenAiStub, whole } from '../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;
let client: Ollama;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({
    neverRests: true,
    accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }],
  });
  client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

// Handed out as a copy: the package writes into what it is given.
const ask = { model: 'stub-1', messages: [{ role: 'user', content: 'Hi' }] };
const STREAM = { 'content-type': 'text/event-stream' };

describe('errors', () => {
  it.each([false, true])("keep the upstream's status and words (streamed: %s)", async (stream) => {
    for (const status of [401, 404, 429, 500]) {
      stub.reply(json(status, { error: { message: `Trouble ${status}` } }, { 'retry-after': '7' }));
      const asked = stream ? client.chat({ ...ask, stream }) : client.chat({ ...ask, stream });
      const error = await asked.catch((thrown) => thrown);
      expect(error).toMatchObject({ name: 'ResponseError', status_code: status, error: `Stub: Trouble ${status}` });
      // The next one is another story, not the rest that this one brought.
      house.pool.use('stub');
    }
    const headers = { authorization: `Bearer ${KEY}` };
    stub.reply(json(429, { error: { message: 'Slow down' } }, { 'retry-after': '7' }));
    const limited = await fetch(`${house.url}/api/chat`, { method: 'POST', headers, body: JSON.stringify(ask) });
    expect(limited.headers.get('retry-after')).toBe('7');
    expect(await limited.json()).toEqual({ error: 'Stub: Slow down' });
  });

  it('of the key say where the right one is', async () => {
    const stranger = new Ollama({ host: house.url });
    const asked = [stranger.chat({ ...ask }), stranger.list(), stranger.show({ model: 'demo' }), stranger.version()];
    for (const { reason } of (await Promise.allSettled<unknown>(asked)) as PromiseRejectedResult[]) {
      expect(reason).toMatchObject({ status_code: 401, error: expect.stringContaining('A client key is needed') });
    }
    expect(stub.requests).toEqual([]);
  });

  it('of the model name it', async () => {
    const asked = await client.chat({ ...ask, model: 'llama' }).catch((thrown) => thrown);
    expect(asked).toMatchObject({ status_code: 404, error: expect.stringContaining('offers the model "llama"') });
    const shown = await client.show({ model: 'llama' }).catch((thrown) => thrown);
    expect(shown).toMatchObject({ status_code: 404, error: expect.stringContaining('offers the model "llama"') });
  });

  it.each([
    ['chat', { messages: 'Hi' }, 'messages must be a list'],
    ['chat', { messages: [{ role: 'king', content: '' }] }, 'messages[0].role must be'],
    ['chat', { messages: [{ role: 'user', content: [] }] }, 'messages[0].content must be a text'],
    ['chat', { messages: [{ role: 'user', images: [1] }] }, 'messages[0].images[0] must be a text'],
    ['chat', { ...ask, model: '' }, 'model must be a text'],
    ['chat', { ...ask, format: 'xml' }, 'format must be json or a JSON schema'],
    ['chat', { ...ask, options: { seed: 'x' } }, 'options.seed must be a number'],
    ['chat', { ...ask, tools: [{ type: 'function' }] }, 'tools[0].function must be an object'],
    ['generate', { prompt: 1 }, 'prompt must be a text'],
    ['generate', { prompt: 'a', suffix: 1 }, 'suffix must be a text'],
    ['embed', {}, 'input must be a text or a list with at least one in it'],
    ['embed', { input: ['a', 1] }, 'input[1] must be a text'],
    ['embeddings', { prompt: '' }, 'prompt must be a text that is not empty'],
    ['pull', { model: '' }, 'model must be a text that is not empty'],
    ['show', {}, 'model must be a text that is not empty'],
  ])('of a request name the field: /api/%s %j', async (path, extra, words) => {
    const headers = { authorization: `Bearer ${KEY}` };
    const body = JSON.stringify(path === 'show' ? extra : { model: 'stub-1', ...extra });
    const response = await fetch(`${house.url}/api/${path}`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringContaining(words) });
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
      stub.reply({ headers: STREAM, pieces: feed, ...answer });
      feed.push(chunk({ role: 'assistant', content: 'Half' }));
      let text = '';
      let ended = false;
      const read = async () => {
        for await (const { message, done } of await client.chat({ ...ask, stream: true })) {
          text += message.content;
          ended ||= done;
          if (last !== undefined) feed.push(last);
          feed.end();
        }
      };
      await expect(read()).rejects.toThrow(words);
      expect([text, ended]).toEqual(['Half', false]);
      const [row] = await house.closed(1);
      expect(row).toMatchObject({ state: 'failed', status: 200, errorText: expect.stringContaining(words) });
    },
  );

  it('end in a cut connection, so that nobody who only counts bytes takes them for an answer', async () => {
    stub.reply({ headers: STREAM, pieces: [chunk({ content: 'Half' })] });
    const headers = { authorization: `Bearer ${KEY}` };
    const response = await fetch(`${house.url}/api/chat`, { method: 'POST', headers, body: JSON.stringify(ask) });
    let text = '';
    const read = async () => {
      for await (const piece of response.body ?? []) text += Buffer.from(piece);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(text.trimEnd().split('\n').at(-1)).toMatch(/^\{"error":"Stub: The upstream closed/);
  });

  it('of tool arguments that are no object are told, not hidden', async () => {
    const words = 'called the tool "f" with arguments that are no JSON object';
    const call = { index: 0, id: 'a', type: 'function', function: { name: 'f', arguments: '{"x":' } };
    stub.reply(whole({ content: null, tool_calls: [call] }, 'tool_calls'));
    await expect(client.chat({ ...ask })).rejects.toMatchObject({
      status_code: 502,
      error: expect.stringContaining(words),
    });
    stub.reply({ headers: STREAM, pieces: [chunk({ tool_calls: [call] }), chunk({}, 'tool_calls'), DONE] });
    const read = async () => {
      for await (const { done } of await client.chat({ ...ask, stream: true })) expect(done).toBe(false);
    };
    await expect(read()).rejects.toThrow(words);
    const rows = await house.closed(2);
    expect(rows.map(({ state, errorKind }) => [state, errorKind])).toEqual([
      ['failed', 'upstream'],
      ['failed', 'upstream'],
    ]);
  });
});

describe('a client that leaves', () => {
  it('closes the upstream within 50 ms', async () => {
    stub.reply({ headers: STREAM, pieces: [chunk({ content: 'Half' })], after: 'hang' });
    const stream = await client.chat({ ...ask, stream: true });
    for await (const _ of stream) break;
    const leftAt = performance.now();
    stream.abort();
    const closedAt = await stub.requests.at(-1)?.hungUp;
    expect((closedAt ?? Number.POSITIVE_INFINITY) - leftAt).toBeLessThan(50);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'aborted', errorText: 'The client hung up.' });
  });
});
