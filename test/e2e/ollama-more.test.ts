// The official `ollama` package, for all that is no conversation: holes in a text, embeddings, and models that are loaded,
// pulled and kept elsewhere.
import { Ollama } from 'ollama';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, KEY, openHouse } from '../support/house.ts';
import { embeddings, json, type OpenAiStub, startOpenAiStub, wholeText } from '../support/openai-stub.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';

let stub: OpenAiStub;
let house: House;
let client: Ollama;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({ accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }] });
  client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const call = (path: string, body: object | undefined, method = 'POST') =>
  fetch(`${house.url}/api/${path}`, {
    method,
    headers: { authorization: `Bearer ${KEY}` },
    body: body && JSON.stringify(body),
  });

describe('a hole in a text', () => {
  it('is filled, and streamed: what stands before and after goes up byte for byte', async () => {
    const asked = {
      model: 'stub-1',
      prompt: 'a =  ',
      suffix: '\nprint(a)\n',
      options: { num_predict: 9, stop: ['\n'] },
    };
    const lines: (string | undefined)[] = [];
    for await (const line of await client.generate({ ...asked, stream: true })) {
      lines.push(line.response);
      if (line.done) expect(line).toMatchObject({ done_reason: 'stop', prompt_eval_count: 7, eval_count: 3 });
    }
    expect(lines).toEqual(['Hel', 'lo', '']);
    expect(stub.requests.at(-1)).toMatchObject({ path: '/v1/completions' });
    expect(stub.requests.at(-1)?.body).toEqual({
      model: 'stub-1',
      prompt: 'a =  ',
      suffix: '\nprint(a)\n',
      max_tokens: 9,
      stop: ['\n'],
      stream: true,
      stream_options: { include_usage: true },
    });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'ok', stream: true, usage: { inputTokens: 7, outputTokens: 3 }, notes: [] });
  });

  it('may be in a raw prompt, which gets no template; what it cannot carry is on the log', async () => {
    stub.reply(wholeText(' 1', { prompt_tokens: 5, completion_tokens: 2 }));
    const prompt = '<PRE>a =<SUF>;<MID>';
    const answer = await client.generate({
      model: 'stub-1',
      prompt,
      raw: true,
      system: 'S',
      template: 'T',
      think: true,
    });
    expect(answer).toMatchObject({ response: ' 1', done: true, prompt_eval_count: 5, eval_count: 2 });
    expect(answer.total_duration).toBeGreaterThan(0);
    expect(stub.requests.at(-1)?.body).toEqual({ model: 'stub-1', prompt });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual(['Left out, as a text that is continued has no place for it: system, template, think.']);
  });

  it('is refused where the upstream can only converse', async () => {
    stub.missing = (path) => path === '/v1/completions';
    const asked = client.generate({ model: 'stub-1', prompt: 'a', suffix: 'b' }).catch((thrown) => thrown);
    expect(await asked).toMatchObject({
      status_code: 501,
      error:
        'Stub: This upstream cannot continue a text: it answers HTTP 404 at /completions. Ask for a model of an account that can.',
    });
  });
});

describe('embeddings', () => {
  it('come in order, with the count and the time', async () => {
    const answer = await client.embed({ model: 'stub-1', input: ['one', 'two'], dimensions: 3, truncate: false });
    expect(answer).toEqual({
      model: 'stub-1',
      embeddings: [
        [0, 0.5, -2],
        [1, 0.5, -2],
      ],
      total_duration: expect.any(Number),
      load_duration: 0,
      prompt_eval_count: 8,
    });
    expect(answer.total_duration).toBeGreaterThan(0);
    expect(stub.requests.at(-1)?.body).toEqual({ model: 'stub-1', input: ['one', 'two'], dimensions: 3 });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'ok', status: 200, dialect: 'ollama', usage: { inputTokens: 8 } });
    expect(row?.notes).toEqual([expect.stringContaining('(truncate) was left out')]);
  });

  it('come for a single prompt in the older way; base64 that nobody asked for becomes numbers', async () => {
    stub.reply(embeddings([Buffer.from(new Float32Array([1, -0.25]).buffer).toString('base64')]));
    expect(await client.embeddings({ model: 'stub-1', prompt: 'one' })).toEqual({ embedding: [1, -0.25] });
  });

  it("keep the upstream's status and words", async () => {
    for (const status of [401, 429, 500]) {
      stub.reply(json(status, { error: { message: `Trouble ${status}` } }));
      const asked = client.embed({ model: 'stub-1', input: 'one' }).catch((thrown) => thrown);
      expect(await asked).toMatchObject({ status_code: status, error: `Stub: Trouble ${status}` });
    }
  });

  it('are refused by an account that makes none', async () => {
    const asked = client.embed({ model: 'demo', input: 'one' }).catch((thrown) => thrown);
    const message = 'Demo: This kind of account cannot make embeddings. Ask for a model of an account that can.';
    expect(await asked).toMatchObject({ status_code: 501, error: message });
  });
});

describe('a model', () => {
  it('is loaded and unloaded without asking anybody, whole and as a line', async () => {
    const loaded = await client.generate({ model: 'stub-1', prompt: '' });
    expect(loaded).toEqual({
      model: 'stub-1',
      created_at: expect.any(String),
      response: '',
      done: true,
      done_reason: 'load',
    });
    const unloaded = await client.chat({ model: 'stub-1', keep_alive: 0 });
    expect(unloaded).toMatchObject({ message: { role: 'assistant', content: '' }, done_reason: 'unload' });
    const line = await call('generate', { model: 'stub-1', keep_alive: '0s' });
    expect(line.headers.get('content-type')).toBe('application/x-ndjson');
    expect(await line.text()).toMatch(/^\{"model":"stub-1",.*"done_reason":"unload"\}\n$/);
    expect(stub.requests.filter(({ method }) => method === 'POST')).toEqual([]);
    const rows = await house.closed(3);
    expect(rows.map(({ state, status, stream }) => [state, status, stream])).toEqual([
      ['ok', 200, false],
      ['ok', 200, false],
      ['ok', 200, true],
    ]);
  });

  it('that nobody serves can be neither loaded nor pulled', async () => {
    for (const asked of [client.generate({ model: 'llama', prompt: '' }), client.pull({ model: 'llama' })]) {
      const error = await asked.catch((thrown) => thrown);
      expect(error).toMatchObject({ status_code: 404, error: expect.stringContaining('offers the model "llama"') });
    }
  });

  it('that is served need not be pulled', async () => {
    expect(await client.pull({ model: 'stub-1' })).toEqual({ status: 'success' });
    const seen: string[] = [];
    for await (const { status } of await client.pull({ model: 'stub-1:latest', stream: true })) seen.push(status);
    expect(seen).toEqual(['success']);
  });

  it('is found by its name with the tag that everybody leaves out, unless one of exactly that name is there', async () => {
    stub.models = ['stub-1', 'both', 'both:latest'];
    const ask = (model: string) => ({ model, messages: [{ role: 'user', content: 'Hi' }] });
    expect((await client.chat(ask('stub-1:latest'))).model).toBe('stub-1:latest');
    await client.chat(ask('both:latest'));
    expect(stub.requests.map(({ body }) => body.model).filter(Boolean)).toEqual(['stub-1', 'both:latest']);
    const rows = await house.closed(2);
    expect(rows.map(({ notes }) => notes)).toEqual([
      ['Nobody offers "stub-1:latest"; "stub-1" was asked instead.'],
      [],
    ]);
    expect(await client.show({ model: 'stub-1:latest' })).toMatchObject({
      model_info: { 'general.basename': 'stub-1' },
    });
    const missing = await client.chat(ask('llama:latest')).catch((thrown) => thrown);
    expect(missing).toMatchObject({ status_code: 404, error: expect.stringContaining('the model "llama:latest"') });
  });

  it.each([
    ['POST', 'create', { model: 'x', from: 'y' }],
    ['POST', 'copy', { source: 'x', destination: 'y' }],
    ['DELETE', 'delete', { model: 'x' }],
    ['POST', 'push', { model: 'x' }],
    ['POST', 'blobs/sha256:00', {}],
  ])('is not made or removed here: %s /api/%s', async (method, path, body) => {
    const response = await call(path, body, method);
    expect(response.status).toBe(501);
    expect(await response.json()).toEqual({ error: expect.stringContaining('keeps no models of its own') });
  });

  it('is not asked for at a path that nobody knows', async () => {
    const response = await call('tea', {});
    expect([response.status, await response.json()]).toEqual([
      404,
      { error: 'Patchbay has nothing at POST /api/tea.' },
    ]);
  });
});

it('says what an account cannot do that only converses', async () => {
  const open = await openHouse({
    accounts: [{ id: 'one', provider: 'scripted', models: ['m'] }],
    providers: [createScriptedProvider({})],
  });
  const stranger = new Ollama({ host: open.url, headers: { authorization: `Bearer ${KEY}` } });
  const error = await stranger.generate({ model: 'm', prompt: 'a', suffix: 'b' }).catch((thrown) => thrown);
  expect(error).toMatchObject({
    status_code: 501,
    error: expect.stringContaining('one: This kind of account cannot continue a text: it only converses.'),
  });
  const [row] = await open.closed(1);
  expect(row).toMatchObject({ state: 'failed', status: 501, errorKind: 'unsupported' });
  await open.close();
});
