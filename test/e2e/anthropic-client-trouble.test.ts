// The official `@anthropic-ai/sdk` and everything that can go wrong on its way to an upstream.
import Anthropic, { APIError } from '@anthropic-ai/sdk';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, json, type OpenAiStub, startOpenAiStub } from '../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;
let client: Anthropic;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({ accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }] });
  client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const ask = { model: 'stub-1', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] };
const live = { 'content-type': 'text/event-stream' };

async function fail(asked: PromiseLike<unknown>) {
  const error = await Promise.resolve(asked).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(APIError);
  return error as APIError & { headers: Headers; error: { error: { type: string; message: string } } };
}

describe('errors', () => {
  it.each([
    [400, 'invalid_request_error', 'false'],
    [401, 'authentication_error', 'false'],
    [403, 'permission_error', 'false'],
    [404, 'not_found_error', 'false'],
    [413, 'request_too_large', 'false'],
    [429, 'rate_limit_error', null],
    [500, 'api_error', null],
    [501, 'invalid_request_error', 'false'],
    [503, 'overloaded_error', null],
    [529, 'overloaded_error', null],
  ])('of status %i keep it, with the words, the time to wait and whether to retry', async (status, type, retry) => {
    stub.reply(json(status, { error: { message: 'No luck' } }, { 'retry-after': '7' }));
    const error = await fail(client.messages.create({ ...ask, stream: status % 2 === 0 }));
    expect(error.status).toBe(status);
    expect(error.error).toEqual({
      type: 'error',
      error: { type, message: 'Stub: No luck' },
      request_id: error.headers.get('request-id'),
    });
    expect(error.headers.get('retry-after')).toBe('7');
    expect(error.headers.get('x-should-retry')).toBe(retry);
  });

  it('of an exhausted quota are final', async () => {
    stub.reply(json(429, { error: { message: 'Pay up', code: 'insufficient_quota' } }));
    const error = await fail(client.messages.create(ask, { maxRetries: 2 }));
    expect([error.status, error.headers.get('x-should-retry')]).toEqual([429, 'false']);
    expect(house.log).toHaveLength(1);
  });

  it('of the key say where the right one is', async () => {
    const stranger = new Anthropic({ baseURL: house.url, apiKey: 'wrong', maxRetries: 2 });
    const error = await fail(stranger.messages.create(ask));
    expect(error.error.error).toMatchObject({ type: 'authentication_error' });
    expect(error.message).toContain('not the client key of this Patchbay');
  });

  it('of the request name the field', async () => {
    const error = await fail(client.messages.create({ ...ask, messages: [{ role: 'user', content: [7 as never] }] }));
    expect(error).toMatchObject({ status: 400 });
    expect(error.error.error.message).toBe('messages.0.content.0 must be an object.');
  });

  it('of the model name those that exist', async () => {
    const error = await fail(client.messages.create({ ...ask, model: 'stub' }));
    expect(error.error.error.type).toBe('not_found_error');
    expect(error.message).toContain('Known are, among others: stub-1');
    expect((await fail(client.models.retrieve('nobody'))).error.error.type).toBe('not_found_error');
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
      stub.reply({ headers: live, pieces: feed, ...answer });
      feed.push(chunk({ role: 'assistant', content: 'Half' }));
      const stream = client.messages.stream(ask);
      let text = '';
      stream.on('text', (piece) => {
        text += piece;
        if (last !== undefined) feed.push(last);
        feed.end();
      });
      const error = await fail(stream.finalMessage());
      expect(error.message).toContain(words);
      expect(text).toBe('Half');
      const [row] = await house.closed(1);
      expect(row).toMatchObject({ state: 'failed', status: 200 });
    },
  );
});

describe('a client that leaves', () => {
  it('closes the upstream within 50 ms', async () => {
    stub.reply({ headers: live, pieces: [chunk({ content: 'Half' })], after: 'hang' });
    const stream = await client.messages.create({ ...ask, stream: true });
    for await (const { type } of stream) if (type === 'content_block_delta') break;
    const leftAt = performance.now();
    stream.controller.abort();
    const closedAt = await stub.requests.at(-1)?.hungUp;
    expect((closedAt ?? Number.POSITIVE_INFINITY) - leftAt).toBeLessThan(50);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'aborted', errorText: 'The client hung up.' });
  });
});
