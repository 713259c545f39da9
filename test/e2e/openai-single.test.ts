// The official `openai` package through the whole house, for legacy completions, embeddings and images.
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import {
  DONE,
  embeddings,
  json,
  type OpenAiStub,
  startOpenAiStub,
  textChunk,
  usageChunk,
  wholeText,
} from '../support/openai-stub.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';

let stub: OpenAiStub;
let house: House;
let client: OpenAI;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({
    neverRests: true,
    accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }],
  });
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

const STREAM = { 'content-type': 'text/event-stream' };
const PNG = 'iVBORw0KGgoAAAA=';
const text = { model: 'stub-1', prompt: 'Once upon' };
const picture = { model: 'stub-1', prompt: 'A cat' };

describe('a completion', () => {
  it('comes whole, and the upstream is told everything', async () => {
    stub.reply(wholeText(' a time', { prompt_tokens: 5, completion_tokens: 2 }));
    const answer = await client.completions.create({
      ...text,
      prompt: ['Once upon'],
      suffix: ' the end',
      max_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      stop: '\n',
      logit_bias: { '50256': -100 },
      user: 'ann',
      logprobs: 2,
      n: 1,
    });
    expect(answer).toEqual({
      id: 'cmpl-stub',
      object: 'text_completion',
      created: expect.any(Number),
      model: 'stub-1',
      choices: [{ index: 0, text: ' a time', logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
    });
    expect(stub.requests.at(-1)).toMatchObject({
      path: '/v1/completions',
      headers: { authorization: 'Bearer sk-up', accept: 'application/json' },
    });
    expect(stub.requests.at(-1)?.body).toEqual({
      ...text,
      suffix: ' the end',
      max_tokens: 9,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      stop: ['\n'],
      logit_bias: { '50256': -100 },
      user: 'ann',
    });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({
      state: 'ok',
      status: 200,
      dialect: 'openai-completions',
      modelUsed: 'stub-1',
      usage: { inputTokens: 5, outputTokens: 2 },
      notes: ['Log probabilities were asked for and are not passed on.'],
    });
  });

  it('is streamed as it comes, with the prompt before it and the usage after it where they are wanted', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: STREAM, pieces: feed });
    feed.push(textChunk(' a'));
    const wishes = { stream: true, echo: true, stream_options: { include_usage: true } } as const;
    const seen: unknown[] = [];
    for await (const { choices, usage, object } of await client.completions.create({ ...text, ...wishes })) {
      expect(object).toBe('text_completion');
      const [choice] = choices;
      if (choice?.text) seen.push(choice.text);
      if (choice?.finish_reason) seen.push(choice.finish_reason);
      if (usage) seen.push(usage);
      if (choice?.text !== ' a') continue;
      const usageNow = usageChunk({ prompt_tokens: 1, completion_tokens: 2 });
      for (const piece of [textChunk(' time'), textChunk('', 'length'), usageNow, DONE]) feed.push(piece);
      feed.end();
    }
    const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
    expect(seen).toEqual(['Once upon', ' a', ' time', 'length', usage]);
  });

  it.each([
    [
      'a cut connection',
      { after: 'cut' as const },
      'Stub: The upstream closed the connection in the middle of its answer',
    ],
    ['a clean end without a finish', {}, 'Stub: The upstream closed the connection in the middle'],
    ['an error event', { last: 'data: {"error":{"message":"Engine on fire"}}\n\n' }, 'Stub: Engine on fire'],
  ])('that breaks off throws in the client: %s', async (_name, answer: { last?: string; after?: 'cut' }, words) => {
    const feed = createFeed<string>();
    const { last, ...rest } = answer;
    stub.reply({ headers: STREAM, pieces: feed, ...rest });
    feed.push(textChunk('Half'));
    let seen = '';
    const read = async () => {
      for await (const { choices } of await client.completions.create({ ...text, stream: true })) {
        seen += choices[0]?.text;
        if (last !== undefined) feed.push(last);
        feed.end();
      }
    };
    await expect(read()).rejects.toThrow(words);
    expect(seen).toBe('Half');
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'failed', status: 200, errorText: expect.stringContaining(words) });
  });

  it('of the demo repeats the prompt', async () => {
    const answer = await client.completions.create({ ...text, model: 'demo', suffix: ' a time' });
    expect(answer.choices[0]?.text).toMatch(/I also received a text that is to follow\. You said: Once upon$/);
  });

  it('is asked for again without the usage where the upstream refuses to tell it', async () => {
    stub.reply(json(400, { error: { message: 'unknown field stream_options' } }));
    let seen = '';
    for await (const { choices } of await client.completions.create({ ...text, stream: true }))
      seen += choices[0]?.text ?? '';
    expect(seen).toBe('Hello');
    expect(stub.requests.at(-1)?.body).not.toHaveProperty('stream_options');
  });
});

describe('embeddings', () => {
  it('are asked for as base64, as the package does by itself, and handed on byte for byte', async () => {
    const odd = Buffer.from(new Float32Array([0.1, -1e-20, 3]).buffer).toString('base64');
    stub.reply(embeddings([odd]));
    const { data } = await client.embeddings.create({ model: 'stub-1', input: 'one' });
    expect(data[0]?.embedding).toEqual([...new Float32Array([0.1, -1e-20, 3])]);
    expect(stub.requests.at(-1)?.body).toEqual({ model: 'stub-1', input: 'one', encoding_format: 'base64' });
    stub.reply(embeddings([odd]));
    const raw = await client.embeddings.create({ model: 'stub-1', input: 'one', encoding_format: 'base64' });
    expect(raw.data[0]?.embedding).toBe(odd);
  });

  it('come as numbers where these are wanted, for words and for tokens', async () => {
    const answer = await client.embeddings.create({
      model: 'stub-1',
      input: [[1, 2, 3], [4]],
      encoding_format: 'float',
      dimensions: 3,
      user: 'ann',
    });
    expect(answer).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [0, 0.5, -2] },
        { object: 'embedding', index: 1, embedding: [1, 0.5, -2] },
      ],
      model: 'stub-1',
      usage: { prompt_tokens: 8, total_tokens: 8 },
    });
    expect(stub.requests.at(-1)).toMatchObject({ path: '/v1/embeddings' });
    expect(stub.requests.at(-1)?.body).toEqual({
      model: 'stub-1',
      input: [[1, 2, 3], [4]],
      encoding_format: 'float',
      dimensions: 3,
      user: 'ann',
    });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({
      state: 'ok',
      status: 200,
      stream: false,
      dialect: 'openai-embeddings',
      account: 'stub',
      modelUsed: 'stub-1',
      usage: { inputTokens: 8 },
      notes: [],
    });
  });

  it('are converted where the upstream knows one form only, and the log says so', async () => {
    stub.reply(json(400, { error: { message: "Unknown parameter: 'encoding_format'" } }));
    stub.reply(embeddings([[1, 0.5]]));
    const { data } = await client.embeddings.create({ model: 'stub-1', input: 'one' });
    expect(data[0]?.embedding).toEqual([1, 0.5]);
    expect(stub.requests.at(-1)?.body).toEqual({ model: 'stub-1', input: 'one' });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([expect.stringContaining('does not take the encoding')]);
  });

  it('that are too few are an error', async () => {
    stub.reply(embeddings([[1]]));
    const asked = client.embeddings.create({ model: 'stub-1', input: ['one', 'two'] });
    await expect(asked).rejects.toThrow('502 Stub: The upstream sent 1 embeddings for 2 inputs.');
  });
});

describe('pictures', () => {
  it('come as the upstream gives them, with everything that it says of them', async () => {
    const usage = { input_tokens: 4, output_tokens: 100, total_tokens: 104, input_tokens_details: { text_tokens: 4 } };
    const data = [{ b64_json: PNG, revised_prompt: 'A grey cat' }, { b64_json: PNG }];
    stub.reply(json(200, { created: 7, data, usage, output_format: 'png', background: 'opaque' }));
    const answer = await client.images.generate({
      ...picture,
      n: 2,
      size: '1024x1024',
      quality: 'high',
      style: 'vivid',
      background: 'opaque',
      moderation: 'low',
    });
    expect(answer).toEqual({ created: 7, data, usage, output_format: 'png', background: 'opaque' });
    expect(stub.requests.at(-1)).toMatchObject({ path: '/v1/images/generations' });
    expect(stub.requests.at(-1)?.body).toEqual({
      ...picture,
      n: 2,
      size: '1024x1024',
      quality: 'high',
      style: 'vivid',
      background: 'opaque',
      moderation: 'low',
    });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({
      state: 'ok',
      status: 200,
      dialect: 'openai-images',
      account: 'stub',
      usage: { inputTokens: 4, outputTokens: 100 },
      notes: [],
    });
  });

  it('are asked for again by a model that cannot be told their form, and put into the one that was wanted', async () => {
    stub.reply(json(400, { error: { message: "Unknown parameter: 'response_format'.", param: 'response_format' } }));
    stub.reply(json(200, { created: 7, data: [{ b64_json: PNG }] }));
    const { data } = await client.images.generate({ ...picture, response_format: 'url' });
    expect(data).toEqual([{ url: `data:image/png;base64,${PNG}` }]);
    stub.reply(json(200, { created: 7, data: [{ b64_json: PNG }] }));
    await client.images.generate({ ...picture, response_format: 'b64_json' });
    const sent = stub.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.response_format);
    expect(sent).toEqual(['url', undefined, undefined]);
    const rows = await house.closed(2);
    const asked = expect.stringContaining('cannot be told in what form');
    expect(rows.map(({ notes }) => notes)).toEqual([
      [asked, expect.stringContaining('handed on as a data: URL')],
      [asked],
    ]);
  });

  it('that are only a URL are fetched where the bytes are wanted, without showing our key to anybody', async () => {
    stub.reply(json(200, { created: 7, data: [{ url: `${stub.url}/cat.png` }] }));
    stub.reply({ headers: { 'content-type': 'image/png' }, pieces: [Buffer.from(PNG, 'base64')] });
    const { data } = await client.images.generate({ ...picture, response_format: 'b64_json' });
    expect(data).toEqual([{ b64_json: PNG }]);
    expect(stub.requests.at(-1)).toMatchObject({ method: 'GET', path: '/v1/cat.png' });
    expect(stub.requests.at(-1)?.headers).not.toHaveProperty('authorization');
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([expect.stringContaining('it was fetched and handed on as base64')]);
  });

  it('stay a URL where that is wanted, or nothing is', async () => {
    for (const wish of [{ response_format: 'url' as const }, {}]) {
      stub.reply(json(200, { data: [{ url: 'https://example.com/cat.png' }] }));
      const { data, created } = await client.images.generate({ ...picture, ...wish });
      expect([data, typeof created]).toEqual([[{ url: 'https://example.com/cat.png' }], 'number']);
    }
  });

  it('are paid for: one that cannot be fetched is handed on as it is', async () => {
    const data = [{ url: `${stub.url}/cat.png` }];
    stub.reply(json(200, { created: 7, data }));
    stub.reply(json(403, { error: 'expired' }));
    expect(await client.images.generate({ ...picture, response_format: 'b64_json' })).toEqual({ created: 7, data });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([expect.stringContaining('could not be fetched: HTTP 403')]);
  });
});

const CALLS = [
  ['completions', () => client.completions.create(text)],
  ['embeddings', () => client.embeddings.create({ model: 'stub-1', input: 'one' })],
  ['images', () => client.images.generate(picture)],
] as const;

describe.each(CALLS)('a failure of %s', (name, ask) => {
  it("keeps the upstream's status and words", async () => {
    for (const status of [400, 401, 429, 500]) {
      stub.reply(json(status, { error: { message: `Trouble ${status}` } }, { 'retry-after': '7' }));
      const error = await ask().catch((thrown) => thrown);
      expect(error).toMatchObject({ status, message: `${status} Stub: Trouble ${status}` });
      expect(error.headers.get('retry-after')).toBe('7');
    }
    const rows = await house.closed(4);
    expect(rows.map(({ state, status, dialect }) => [state, status, dialect])).toEqual(
      [400, 401, 429, 500].map((status) => ['failed', status, `openai-${name}`]),
    );
  });

  it('tells a missing path from a missing model', async () => {
    stub.reply(json(404, { error: { message: 'The model stub-1 does not exist', code: 'model_not_found' } }));
    expect(await ask().catch((thrown) => thrown)).toMatchObject({ status: 404, code: 'model_not_found' });
    for (const status of [404, 405, 501]) {
      stub.reply(json(status, { detail: 'Not Found' }));
      const error = await ask().catch((thrown) => thrown);
      expect(error).toMatchObject({ status: 501, code: 'unsupported', param: 'model' });
      expect(error.message).toContain(`it answers HTTP ${status} at /`);
      expect(error.headers.get('x-should-retry')).toBe('false');
    }
  });

  it('that is a cut connection is no answer', async () => {
    stub.reply({ headers: { 'content-type': 'application/json' }, pieces: ['{"data":['], after: 'cut' });
    expect(await ask().catch((thrown) => thrown)).toMatchObject({ status: 502 });
  });

  it('that is no JSON says so', async () => {
    stub.reply({ headers: { 'content-type': 'application/json' }, pieces: ['<html>'] });
    expect(String(await ask().catch((thrown) => thrown))).toMatch(
      /502 Stub: The upstream (sent something|answered with)/,
    );
  });
});

it('an account that only converses says what it cannot do', async () => {
  const open = await openHouse({
    accounts: [{ id: 'one', provider: 'scripted', models: ['m'] }],
    providers: [createScriptedProvider({})],
  });
  const stranger = new OpenAI({ baseURL: open.url, apiKey: KEY, maxRetries: 0 });
  const asked = [
    stranger.completions.create({ model: 'm', prompt: 'a' }),
    stranger.embeddings.create({ model: 'm', input: 'a' }),
    stranger.images.generate({ model: 'm', prompt: 'a' }),
  ];
  const outcomes = (await Promise.allSettled<unknown>(asked)) as PromiseRejectedResult[];
  expect(outcomes.map(({ reason }) => [reason.status, reason.code, reason.message])).toEqual([
    [
      501,
      'unsupported',
      expect.stringContaining('one: This kind of account cannot continue a text: it only converses.'),
    ],
    [501, 'unsupported', expect.stringContaining('one: This kind of account cannot make embeddings.')],
    [501, 'unsupported', expect.stringContaining('one: This kind of account cannot make images.')],
  ]);
  await open.close();
});

it('a client that leaves closes the upstream', async () => {
  stub.reply({ after: 'hang' });
  const leaving = new AbortController();
  const asked = client.embeddings.create({ model: 'stub-1', input: 'one' }, { signal: leaving.signal });
  const ended = expect(asked).rejects.toThrow('aborted');
  await expect.poll(() => stub.requests.some(({ path }) => path === '/v1/embeddings')).toBe(true);
  leaving.abort();
  await ended;
  await stub.requests.at(-1)?.hungUp;
  const [row] = await house.closed(1);
  expect(row).toMatchObject({ state: 'aborted', errorText: 'The client hung up.' });
});
