// The official `ollama` package through the whole house to a scripted upstream.
import { Ollama } from 'ollama';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import {
  chunk,
  DONE,
  json,
  type OpenAiStub,
  startOpenAiStub,
  streamOf,
  usageChunk,
  whole,
} from '../support/openai-stub.ts';

let stub: OpenAiStub;
let house: House;
let client: Ollama;

beforeEach(async () => {
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({
    accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }],
    settings: { keepAliveMs: 100 },
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
const PNG = 'iVBORw0KGgoAAAA=';
const weather = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'Weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};
const callWeather = (index: number, id: string, city: string) => ({
  index,
  id,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
});

async function readAll<Line>(stream: AsyncIterable<Line>): Promise<Line[]> {
  const lines: Line[] = [];
  for await (const line of stream) lines.push(line);
  return lines;
}

/** What does not depend on the clock; the clock's fields only by their presence. */
function withoutTimes(line: object) {
  return Object.fromEntries(
    Object.entries(line).map(([key, value]) => [
      key,
      key === 'created_at' || (key.endsWith('_duration') && value > 0) ? 'measured' : value,
    ]),
  );
}

describe('a whole chat', () => {
  it('comes with text, counts and times, and is logged', async () => {
    stub.reply(
      whole({ content: 'Hello', reasoning_content: 'A greeting.' }, 'stop', { prompt_tokens: 5, completion_tokens: 2 }),
    );
    const answer = await client.chat({ ...ask });
    expect(withoutTimes(answer)).toEqual({
      model: 'stub-1',
      created_at: 'measured',
      message: { role: 'assistant', content: 'Hello', thinking: 'A greeting.' },
      done: true,
      done_reason: 'stop',
      total_duration: 'measured',
      prompt_eval_count: 5,
      eval_count: 2,
    });
    expect(Date.parse(String(answer.created_at))).toBeGreaterThan(Date.now() - 60_000);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({
      state: 'ok',
      status: 200,
      account: 'stub',
      dialect: 'ollama',
      stream: false,
      notes: [],
    });
    expect(row?.client).toMatch(/^Ollama SDK \d/);
  });

  it('has no counts that the upstream did not give', async () => {
    const answer = await client.chat({ ...ask, model: 'demo' });
    expect(answer.message.content).toContain('You said: Hi');
    expect(answer).not.toHaveProperty('eval_count');
    expect(answer).not.toHaveProperty('prompt_eval_count');
  });
});

describe('a streamed chat', () => {
  it('brings each delta as it comes, then the counts', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: STREAM, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'one ' }));
    const lines: object[] = [];
    for await (const line of await client.chat({ ...ask, stream: true })) {
      if (line.message.content === '' && !line.done) continue;
      lines.push(withoutTimes(line));
      if (line.message.content === 'one ') feed.push(chunk({ content: 'two' }));
      if (line.message.content !== 'two') continue;
      for (const piece of [chunk({}, 'length'), usageChunk({ prompt_tokens: 1, completion_tokens: 2 }), DONE])
        feed.push(piece);
      feed.end();
    }
    const line = (content: string, rest: object) => ({
      model: 'stub-1',
      created_at: 'measured',
      message: { role: 'assistant', content },
      ...rest,
    });
    expect(lines).toEqual([
      line('one ', { done: false }),
      line('two', { done: false }),
      line('', {
        done: true,
        done_reason: 'length',
        total_duration: 'measured',
        prompt_eval_count: 1,
        prompt_eval_duration: 'measured',
        eval_count: 2,
        eval_duration: 'measured',
      }),
    ]);
  });

  it('is what a client gets that does not say how it wants its answer', async () => {
    const headers = { authorization: `Bearer ${KEY}` };
    const response = await fetch(`${house.url}/api/chat`, { method: 'POST', headers, body: JSON.stringify(ask) });
    expect(response.headers.get('content-type')).toBe('application/x-ndjson');
    const lines = (await response.text()).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).message.content)).toEqual(['Hel', 'lo', '']);
  });

  it('is kept alive by lines that say nothing, and the head does not wait for the upstream', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: STREAM, pieces: feed });
    const stream = await client.chat({ ...ask, stream: true });
    const texts: string[] = [];
    for await (const { message, done } of stream) {
      texts.push(message.content);
      if (texts.length !== 1) continue;
      expect([message, done]).toEqual([{ role: 'assistant', content: '' }, false]);
      for (const piece of [chunk({ content: 'late' }), chunk({}, 'stop'), DONE]) feed.push(piece);
      feed.end();
    }
    expect(texts.join('')).toBe('late');
  });

  it('shows thinking apart from the text, and parallel tool calls with their arguments as objects', async () => {
    stub.reply({
      headers: STREAM,
      pieces: [
        chunk({ role: 'assistant', reasoning_content: 'Two ' }),
        chunk({ reasoning_content: 'cities.' }),
        chunk({ tool_calls: [{ ...callWeather(0, 'a', ''), function: { name: 'weather', arguments: '{"city":' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
        chunk({ tool_calls: [callWeather(1, 'b', 'Rome')] }),
        chunk({}, 'tool_calls'),
        DONE,
      ],
    });
    const lines = await readAll(await client.chat({ ...ask, stream: true, tools: [weather], think: 'high' }));
    expect(lines.map(({ message }) => message.thinking ?? '').join('')).toBe('Two cities.');
    expect(lines.flatMap(({ message }) => message.tool_calls ?? [])).toEqual([
      { function: { name: 'weather', arguments: { city: 'Oslo' } } },
      { function: { name: 'weather', arguments: { city: 'Rome' } } },
    ]);
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop' });
    expect(stub.requests.at(-1)?.body).toMatchObject({ reasoning_effort: 'high' });
  });
});

describe('a tool round trip', () => {
  it('finds the call of each result, though neither has an id', async () => {
    const calls = [callWeather(0, 'a', 'Oslo'), callWeather(1, 'b', 'Rome')];
    stub.reply(whole({ content: null, tool_calls: calls }, 'tool_calls'));
    stub.reply(streamOf(['It ', 'snows.']));
    const { message } = await client.chat({ ...ask, tools: [weather] });
    const results = (message.tool_calls ?? []).map(({ function: { name, arguments: input } }) => ({
      role: 'tool',
      tool_name: name,
      content: `Snow in ${input.city}`,
    }));
    const messages = [...ask.messages, message, ...results];
    const lines = await readAll(await client.chat({ ...ask, messages, tools: [weather], stream: true }));
    expect(lines.map((line) => line.message.content).join('')).toBe('It snows.');
    const call = (id: string, city: string) => ({
      id,
      type: 'function',
      function: { name: 'weather', arguments: `{"city":"${city}"}` },
    });
    expect(stub.requests.at(-1)?.body.messages).toEqual([
      { role: 'user', content: 'Hi' },
      { role: 'assistant', content: null, tool_calls: [call('call_0', 'Oslo'), call('call_1', 'Rome')] },
      { role: 'tool', tool_call_id: 'call_0', name: 'weather', content: 'Snow in Oslo' },
      { role: 'tool', tool_call_id: 'call_1', name: 'weather', content: 'Snow in Rome' },
    ]);
  });
});

describe('the upstream is told', () => {
  it('everything that it can be told, and the log the rest', async () => {
    await client.chat({
      ...ask,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'What is this?', images: [Buffer.from(PNG, 'base64')] },
      ],
      format: { type: 'object', properties: { name: { type: 'string' } } },
      think: true,
      keep_alive: '5m',
      tools: [weather],
      options: {
        temperature: 0,
        top_p: 0.5,
        seed: 7,
        stop: ['END'],
        num_predict: 50,
        presence_penalty: 0.1,
        frequency_penalty: 0.2,
        num_ctx: 4096,
        top_k: 3,
      },
    });
    expect(stub.requests.at(-1)?.body).toEqual({
      model: 'stub-1',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
            { type: 'text', text: 'What is this?' },
          ],
        },
      ],
      tools: [weather],
      max_tokens: 50,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      stop: ['END'],
      response_format: {
        type: 'json_schema',
        json_schema: { name: 'answer', schema: { type: 'object', properties: { name: { type: 'string' } } } },
      },
    });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([
      'Options that only an Ollama server has were left out: num_ctx, top_k.',
      'The wish for thinking was left out: this upstream only has a field for how much.',
    ]);
  });
});

describe('generate', () => {
  it('sends the prompt as a message', async () => {
    stub.reply(whole({ content: '{}' }, 'stop', { prompt_tokens: 5, completion_tokens: 2 }));
    const answer = await client.generate({
      model: 'stub-1',
      prompt: 'Describe it.',
      system: 'Be brief.',
      images: [PNG],
      format: 'json',
    });
    expect(withoutTimes(answer)).toEqual({
      model: 'stub-1',
      created_at: 'measured',
      response: '{}',
      done: true,
      done_reason: 'stop',
      total_duration: 'measured',
      prompt_eval_count: 5,
      eval_count: 2,
    });
    expect(stub.requests.at(-1)?.body).toEqual({
      model: 'stub-1',
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
            { type: 'text', text: 'Describe it.' },
          ],
        },
      ],
      response_format: { type: 'json_object' },
    });
  });

  it('streams, and the log says what a conversation cannot carry', async () => {
    const prompt = { model: 'stub-1', prompt: 'Go on.', context: [1, 2], template: 'T' };
    const lines = await readAll(await client.generate({ ...prompt, stream: true }));
    expect(lines.map(({ response }) => response)).toEqual(['Hel', 'lo', '']);
    expect(lines.at(-1)).toMatchObject({ done: true, eval_count: 3 });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([
      expect.stringContaining('template was left out'),
      expect.stringContaining('(context) was left out'),
    ]);
  });
});

describe('what clients ask before they chat', () => {
  it('is answered: models by their exact names, with every field that some client insists on', async () => {
    const { models } = await client.list();
    expect(models.map(({ name, model }) => [name, model])).toEqual([
      ['stub-1', 'stub-1'],
      ['demo', 'demo'],
    ]);
    expect(models[0]).toEqual({
      name: 'stub-1',
      model: 'stub-1',
      modified_at: '1970-01-01T00:00:01.000Z',
      size: 0,
      digest: '',
      details: {
        parent_model: '',
        format: '',
        family: 'unknown',
        families: ['unknown'],
        parameter_size: '',
        quantization_level: '',
      },
    });
    expect(models[1]?.modified_at).toBe('1970-01-01T00:00:00.000Z');
  });

  it('is answered: what a model can do, as far as its upstream tells', async () => {
    const told = { id: 'big', context_length: 200_000, supports_image_in: true, supports_reasoning: true };
    stub.models = json(200, { object: 'list', data: [{ ...told, display_name: 'Big One' }] });
    const shown = await client.show({ model: 'big' });
    expect(shown).toMatchObject({
      capabilities: ['completion', 'tools', 'vision', 'thinking'],
      parameters: '',
      model_info: {
        'general.architecture': 'unknown',
        'general.basename': 'Big One',
        'unknown.context_length': 200_000,
      },
      details: { family: 'unknown', parameter_size: '' },
    });
    const plain = await client.show({ model: 'demo' });
    expect(plain.capabilities).toEqual(['completion']);
    expect(plain.model_info).toEqual({ 'general.architecture': 'unknown', 'general.basename': 'Demo echo' });
    const headers = { authorization: `Bearer ${KEY}` };
    const older = await fetch(`${house.url}/api/show`, { method: 'POST', headers, body: '{"name":"stub/big"}' });
    expect(await older.json()).toEqual(shown);
  });

  it('is answered: nothing is loaded, and the version is new enough for Codex and VS Code', async () => {
    expect(await client.ps()).toEqual({ models: [] });
    expect(await client.version()).toEqual({ version: '0.13.4' });
  });

  it('is answered at the root: without a key, and with the words that some look for', async () => {
    const response = await fetch(house.url);
    expect([response.status, await response.text()]).toEqual([200, 'Ollama is running']);
    const head = await fetch(house.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/plain; charset=utf-8']);
  });

  it('leaves the root to the window where a browser asks', async () => {
    const open = await openHouse({ gui: (_request, response) => response.end('the window') });
    const browser = await fetch(open.url, { headers: { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' } });
    expect(await browser.text()).toBe('the window');
    expect(await (await fetch(open.url, { headers: { accept: 'application/json' } })).text()).toBe('Ollama is running');
    await open.close();
  });
});
