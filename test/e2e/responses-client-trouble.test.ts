// The official `openai` package's Responses and everything that can go wrong on their way to an upstream.
import OpenAI, { APIError, AuthenticationError, RateLimitError } from 'openai';
import type { Response } from 'openai/resources/responses/responses';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, json, type OpenAiStub, startOpenAiStub } from '../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;
let client: OpenAI;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({ accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }] });
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const ask = { model: 'stub-1', input: 'Hi' };

describe('errors before the first word', () => {
  it('of the key say where the right one is', async () => {
    const stranger = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: 'wrong', maxRetries: 0 });
    const error = await stranger.responses.create(ask).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toContain('not the client key of this Patchbay');
  });

  it.each([false, true])("keep the upstream's status, words and time to wait (streamed: %s)", async (stream) => {
    const refusal = { error: { message: 'Slow down', type: 'requests', code: 'rate_limit_exceeded' } };
    stub.reply(json(429, refusal, { 'retry-after': '7' }));
    const error = await client.responses.create({ ...ask, stream }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded', message: '429 Stub: Slow down' });
    expect(error.headers.get('retry-after')).toBe('7');
  });

  it('keep a status of 500', async () => {
    stub.reply(json(500, { error: { message: 'Engine on fire' } }));
    const error = await client.responses.create({ ...ask, stream: true }).catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 500 });
    expect(error.message).toContain('Engine on fire');
  });

  it('of the request name the field', async () => {
    const error = await client.responses.create({ ...ask, background: true }).catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 400, param: 'background', type: 'invalid_request_error' });
    expect(stub.requests.filter(({ method }) => method === 'POST')).toEqual([]);
  });

  it('of paths that do not exist can be read, too', async () => {
    const error = await client.post('/responses/resp_1/nothing').catch((thrown: APIError) => thrown);
    expect(error).toMatchObject({ status: 404, message: expect.not.stringContaining('no body') });
  });
});

describe('a stream that breaks', () => {
  const cases: [string, { last?: string; after?: 'cut' }, string][] = [
    ['a cut connection', { after: 'cut' }, 'Stub: The upstream closed the connection in the middle of its answer'],
    ['a clean end without a finish', {}, 'Stub: The upstream closed the connection in the middle'],
    ['an error event', { last: 'data: {"error":{"message":"Engine on fire"}}\n\n' }, 'Stub: Engine on fire'],
  ];

  it.each(cases)(
    'by %s throws in the iterator, failed and never completed',
    async (_name, { last, ...answer }, words) => {
      const feed = createFeed<string>();
      stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed, ...answer });
      feed.push(chunk({ role: 'assistant', content: 'Half' }));
      const stream = await client.responses.create({ ...ask, stream: true });
      const types: string[] = [];
      let failed: Response | undefined;
      const read = async () => {
        for await (const event of stream) {
          types.push(event.type);
          if (event.type === 'response.failed') failed = event.response;
          if (event.type !== 'response.output_text.delta') continue;
          if (last !== undefined) feed.push(last);
          feed.end();
        }
      };
      const error = await read().catch((thrown) => thrown);
      expect(error).toBeInstanceOf(APIError);
      expect(error.message).toContain(words);
      expect(types).not.toContain('response.completed');
      expect(types.at(-1)).toBe('response.failed');
      expect(failed).toMatchObject({ status: 'failed', error: { message: expect.stringContaining(words) } });
      const [row] = await house.closed(1);
      expect(row).toMatchObject({ state: 'failed', status: 200 });
      // Nobody can go on from half an answer.
      await expect(client.responses.retrieve(failed?.id ?? '')).rejects.toMatchObject({ status: 404 });
    },
  );

  it('rejects in the strict helper', async () => {
    const pieces = [chunk({ role: 'assistant', content: 'Half' })];
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces, after: 'cut' });
    await expect(client.responses.stream(ask).finalResponse()).rejects.toThrow('in the middle of its answer');
  });

  it('before its first word still has its status', async () => {
    const pieces = ['data: {"error":{"message":"Engine on fire"}}\n\n'];
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces, after: 'hang' });
    await expect(client.responses.create({ ...ask, stream: true })).rejects.toThrow('Engine on fire');
  });
});

describe('a client that leaves', () => {
  it('closes the upstream, and the half answer is not kept', async () => {
    const pieces = [chunk({ content: 'Half' })];
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces, after: 'hang' });
    const stream = await client.responses.create({ ...ask, stream: true });
    let id = '';
    for await (const event of stream) {
      if (event.type === 'response.created') id = event.response.id;
      if (event.type === 'response.output_text.delta') break;
    }
    stream.controller.abort();
    expect(await stub.requests.at(-1)?.hungUp).toBeGreaterThan(0);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'aborted', errorText: 'The client hung up.' });
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});
