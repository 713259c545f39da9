// The official `@google/genai` package and everything that can go wrong on its way to an upstream.
import { GoogleGenAI } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, json, type OpenAiStub, startOpenAiStub } from '../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;
let client: GoogleGenAI;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({ accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }] });
  client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url } });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const ask = { model: 'stub-1', contents: 'Hi' };
const STREAM = { 'content-type': 'text/event-stream' };
const BODY = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
const post = (path: string, headers: Record<string, string> = { 'x-goog-api-key': KEY }, body = BODY) =>
  fetch(house.url + path, { method: 'POST', headers, body });

describe('errors', () => {
  it.each([false, true])("keep the upstream's status and words (streamed: %s)", async (stream) => {
    for (const [status, word] of [
      [401, 'UNAUTHENTICATED'],
      [404, 'NOT_FOUND'],
      [429, 'RESOURCE_EXHAUSTED'],
      [500, 'INTERNAL'],
    ] as const) {
      stub.reply(json(status, { error: { message: `Trouble ${status}` } }));
      const asked = stream ? client.models.generateContentStream(ask) : client.models.generateContent(ask);
      const error = await asked.then(undefined, (thrown) => thrown);
      expect(error).toMatchObject({ name: 'ApiError', status });
      expect(JSON.parse(error.message)).toEqual({
        error: { code: status, message: `Stub: Trouble ${status}`, status: word },
      });
    }
    expect(stub.requests.filter(({ path }) => path.endsWith('/chat/completions'))).toHaveLength(4);
  });

  it('say how long to wait where Google says it, too', async () => {
    stub.reply(json(429, { error: { message: 'Slow down' } }, { 'retry-after': '7' }));
    const limited = await post('/v1beta/models/stub-1:generateContent');
    expect(limited.headers.get('retry-after')).toBe('7');
    expect(await limited.json()).toMatchObject({
      error: { details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '7s' }] },
    });
  });

  it('of the key are told in the same shape, wherever it was looked for', async () => {
    const path = '/v1beta/models/demo:generateContent';
    for (const [at, headers] of [
      [path, {}],
      [`${path}?key=wrong`, {}],
      [path, { 'x-goog-api-key': 'wrong' }],
    ] as const) {
      const response = await post(at, headers);
      expect([response.status, await response.json()]).toEqual([
        401,
        { error: { code: 401, message: expect.stringContaining('client key'), status: 'UNAUTHENTICATED' } },
      ]);
    }
    for (const [at, headers] of [
      [`${path}?key=${KEY}`, {}],
      [path, { 'x-goog-api-key': KEY }],
      [path, { authorization: `Bearer ${KEY}` }],
    ] as const)
      expect((await post(at, headers)).status).toBe(200);
  });

  it('of the model and of the path name them', async () => {
    const asked = await client.models.generateContent({ ...ask, model: 'pro' }).catch((thrown) => thrown);
    expect(asked).toMatchObject({ status: 404, message: expect.stringContaining('offers the model \\"pro\\"') });
    await expect(client.models.get({ model: 'pro' })).rejects.toMatchObject({ status: 404 });
    const lost = await post('/v1beta/cachedContents');
    expect(await lost.json()).toEqual({
      error: { code: 404, message: 'Patchbay has nothing at POST /v1beta/cachedContents.', status: 'NOT_FOUND' },
    });
  });

  it('of the request name the field', async () => {
    const response = await post('/v1beta/models/demo:generateContent', undefined, '{"contents":[{"role":"king"}]}');
    const message = 'contents[0].role must be user or model.';
    const fieldViolations = [{ field: 'contents[0].role', description: message }];
    expect([response.status, await response.json()]).toEqual([
      400,
      {
        error: {
          code: 400,
          message,
          status: 'INVALID_ARGUMENT',
          details: [{ '@type': 'type.googleapis.com/google.rpc.BadRequest', fieldViolations }],
        },
      },
    ]);
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
    'in the middle of a stream throw in the client, with their words: %s',
    async (_name, { last, ...answer }: { last?: string; after?: 'cut' }, words) => {
      const feed = createFeed<string>();
      stub.reply({ headers: STREAM, pieces: feed, ...answer });
      feed.push(chunk({ role: 'assistant', content: 'Half' }));
      let text = '';
      let ended = false;
      const read = async () => {
        for await (const frame of await client.models.generateContentStream(ask)) {
          text += frame.text ?? '';
          ended ||= frame.candidates?.[0]?.finishReason !== undefined;
          if (last !== undefined) feed.push(last);
          feed.end();
        }
      };
      await expect(read()).rejects.toMatchObject({ name: 'ApiError', message: expect.stringContaining(words) });
      expect([text, ended]).toEqual(['Half', false]);
      const [row] = await house.closed(1);
      expect(row).toMatchObject({ state: 'failed', status: 200, errorText: expect.stringContaining(words) });
    },
  );

  it.each(['?alt=sse', ''])('end in a cut connection, so that nobody takes them for an answer: %j', async (query) => {
    stub.reply({ headers: STREAM, pieces: [chunk({ content: 'Half' })] });
    const response = await post(`/v1beta/models/stub-1:streamGenerateContent${query}`);
    let text = '';
    const read = async () => {
      for await (const piece of response.body ?? []) text += Buffer.from(piece);
    };
    await expect(read()).rejects.toThrow('terminated');
    expect(text).toContain('"text":"Half"');
    expect(text).toContain('{"error":{"code":502,"message":"Stub: The upstream closed');
    expect(text).not.toContain('finishReason');
  });
});

describe('a client that leaves', () => {
  it('closes the upstream within 50 ms', async () => {
    stub.reply({ headers: STREAM, pieces: [chunk({ content: 'Half' })], after: 'hang' });
    const leaving = new AbortController();
    const stream = await client.models.generateContentStream({ ...ask, config: { abortSignal: leaving.signal } });
    for await (const _ of stream) break;
    const leftAt = performance.now();
    leaving.abort();
    const closedAt = await stub.requests.at(-1)?.hungUp;
    expect((closedAt ?? Number.POSITIVE_INFINITY) - leftAt).toBeLessThan(50);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'aborted', errorText: 'The client hung up.' });
  });
});
