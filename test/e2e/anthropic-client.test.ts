// The official `@anthropic-ai/sdk` through the whole house to a scripted upstream that speaks another dialect.
import Anthropic from '@anthropic-ai/sdk';
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
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
const weather = {
  name: 'weather',
  description: 'Weather',
  input_schema: { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'] },
};
const callChunk = (index: number, id: string, text: string) =>
  chunk({ tool_calls: [{ index, id, type: 'function', function: { name: 'weather', arguments: text } }] });
const events = (...pieces: string[]) => ({ headers: { 'content-type': 'text/event-stream' }, pieces });

describe('a whole answer', () => {
  it('comes with text, usage, stop reason and request id, and is logged', async () => {
    stub.reply(
      whole({ content: 'Hello', reasoning_content: 'Greet.' }, 'stop', {
        prompt_tokens: 5,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 4 },
      }),
    );
    const { data, request_id } = await client.messages.create(ask).withResponse();
    expect(data).toEqual({
      id: `msg_${request_id}`,
      type: 'message',
      role: 'assistant',
      model: 'stub-1',
      content: [
        { type: 'thinking', thinking: 'Greet.', signature: '' },
        { type: 'text', text: 'Hello' },
      ],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 1, output_tokens: 2, cache_read_input_tokens: 4, cache_creation_input_tokens: 0 },
    });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ id: request_id, state: 'ok', dialect: 'anthropic-messages', key: 'Test', notes: [] });
    expect(row?.client).toMatch(/^Anthropic SDK \d/);
  });

  it('is given for the key in either header', async () => {
    const [first, second] = [{ 'x-api-key': KEY }, { authorization: `Bearer ${KEY}` }];
    for (const headers of [first, second]) {
      const response = await fetch(`${house.url}/v1/messages?beta=true`, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(ask),
      });
      expect(response.status).toBe(200);
      expect(response.headers.get('request-id')).toBe(response.headers.get('x-request-id'));
    }
  });

  it('has no input that is no object', async () => {
    const call = (text: string) => ({ id: 'a', type: 'function', function: { name: 'weather', arguments: text } });
    stub.reply(whole({ content: null, tool_calls: [call('{"city":'), { ...call(''), id: 'b' }] }, 'tool_calls'));
    const { content, stop_reason } = await client.messages.create({ ...ask, tools: [weather] });
    expect(stop_reason).toBe('tool_use');
    expect(content).toEqual([
      { type: 'tool_use', id: 'a', name: 'weather', input: { arguments: '{"city":' } },
      { type: 'tool_use', id: 'b', name: 'weather', input: {} },
    ]);
  });
});

describe('a stream', () => {
  it('brings each delta as it comes, then the usage', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'one ' }));
    const stream = client.messages.stream(ask);
    stream.on('text', (text) => {
      if (text === 'one ') feed.push(chunk({ content: 'two' }));
      if (text !== 'two') return;
      for (const piece of [chunk({}, 'length'), usageChunk({ prompt_tokens: 1, completion_tokens: 2 }), DONE])
        feed.push(piece);
      feed.end();
    });
    const message = await stream.finalMessage();
    expect(message.content).toEqual([{ type: 'text', text: 'one two' }]);
    expect(message).toMatchObject({ stop_reason: 'max_tokens', usage: { input_tokens: 1, output_tokens: 2 } });
  });

  it('holds thinking and parallel tool calls, in blocks one after the other', async () => {
    stub.reply(
      events(
        chunk({ role: 'assistant', reasoning_content: 'Two cities.' }),
        callChunk(0, 'a', ''),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
        callChunk(1, 'b', '{"city":'),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
        chunk({ tool_calls: [{ index: 1, function: { arguments: '"Rome"}' } }] }),
        chunk({}, 'tool_calls'),
        DONE,
      ),
    );
    const stream = client.messages.stream({ ...ask, tools: [weather] });
    const order: string[] = [];
    stream.on('streamEvent', (event) => 'index' in event && order.push(`${event.index} ${event.type}`));
    const { content, stop_reason } = await stream.finalMessage();
    expect(stop_reason).toBe('tool_use');
    expect(content).toEqual([
      { type: 'thinking', thinking: 'Two cities.', signature: '' },
      { type: 'tool_use', id: 'a', name: 'weather', input: { city: 'Oslo' } },
      { type: 'tool_use', id: 'b', name: 'weather', input: { city: 'Rome' } },
    ]);
    expect(order.map((text) => text[0])).toEqual([...order.map((text) => text[0])].sort());
  });

  it('is kept alive with pings while the upstream is silent', async () => {
    await house.close();
    house = await openHouse({
      accounts: [{ id: 'stub', values: { baseUrl: stub.url }, secrets: { key: 'sk-up' } }],
      settings: { keepAliveMs: 20 },
    });
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    const response = await fetch(`${house.url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': KEY },
      body: JSON.stringify({ ...ask, model: 'stub/stub-1', stream: true }),
    });
    let text = '';
    for await (const piece of response.body ?? []) {
      if (text === '') {
        for (const said of [chunk({ content: 'Hi' }), chunk({}, 'stop'), DONE]) feed.push(said);
        feed.end();
      }
      text += Buffer.from(piece).toString();
    }
    expect(text).toMatch(/^event: ping\ndata: \{"type":"ping"\}\n\n/);
    expect(text).toMatch(/event: message_stop\ndata: \{"type":"message_stop"\}\n\n$/);
  });
});

describe('tools', () => {
  const run = (args: { city: string }) => `Snow in ${args.city}`;

  it.each([false, true])(
    "make a round trip with the package's own runner, which asks for threads (stream %s)",
    async (stream) => {
      const call = { id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } };
      stub.reply(
        stream
          ? events(callChunk(0, 'a', '{"city":"Oslo"}'), chunk({}, 'tool_calls'), DONE)
          : whole({ content: null, tool_calls: [call] }, 'tool_calls'),
      );
      stub.reply(stream ? streamOf(['It ', 'snows.']) : whole({ content: 'It snows.' }));
      const tool = betaTool({ ...weather, inputSchema: weather.input_schema, run: run as never });
      const message = await client.beta.messages.toolRunner({ ...ask, tools: [tool], stream }).runUntilDone();
      expect(message.content).toEqual([{ type: 'text', text: 'It snows.' }]);
      const asked = stub.requests.filter(({ path }) => path.endsWith('/chat/completions'));
      expect(asked).toHaveLength(2);
      expect(house.log.map(({ errorText }) => errorText?.includes('keeps no conversations'))).toEqual([
        true,
        undefined,
        undefined,
      ]);
      expect(asked[1]?.body.tools).toEqual(asked[0]?.body.tools);
      expect(asked[1]?.body.messages).toEqual([
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: null, tool_calls: [call] },
        { role: 'tool', tool_call_id: 'a', content: 'Snow in Oslo' },
      ]);
    },
  );
});

describe('the upstream is told', () => {
  it('everything that it has a field for, and the log the rest', async () => {
    await client.beta.messages.create({
      model: 'stub-1',
      max_tokens: 50,
      system: [{ type: 'text', text: 'Be brief.', cache_control: { type: 'ephemeral' } }],
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/dot.png' } },
            { type: 'document', title: 'notes', source: { type: 'text', media_type: 'text/plain', data: 'Grüße' } },
            { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' } },
          ],
        },
      ],
      stop_sequences: ['END'],
      ...{ temperature: 0, top_p: 0.5, top_k: 3 }, // older packages know them
      output_config: { effort: 'high', format: { type: 'json_schema', schema: { type: 'object' } } },
      tools: [
        { ...weather, strict: true },
        { type: 'web_search_20250305', name: 'web_search' },
      ],
      tool_choice: { type: 'tool', name: 'weather', disable_parallel_tool_use: true },
      metadata: { user_id: 'u-1' },
      betas: ['some-beta-2030-01-01'],
    });
    expect(stub.requests.at(-1)?.body).toEqual({
      model: 'stub-1',
      max_tokens: 50,
      messages: [
        { role: 'system', content: 'Be brief.' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
            { type: 'image_url', image_url: { url: 'https://example.com/dot.png' } },
            { type: 'text', text: 'notes:\nGrüße' },
            { type: 'file', file: { filename: 'file', file_data: 'data:application/pdf;base64,JVBERi0=' } },
          ],
        },
      ],
      stop: ['END'],
      temperature: 0,
      top_p: 0.5,
      reasoning_effort: 'high',
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      tools: [
        {
          type: 'function',
          function: { name: 'weather', description: 'Weather', parameters: weather.input_schema, strict: true },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
    });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([
      'Left out, as this upstream has no field for it: top_k, metadata.',
      'Tools that only Anthropic runs were left out: web_search.',
      'Cache markers were left out: this upstream has no field for them.',
    ]);
  });

  it('no effort where its model refuses one', async () => {
    const refusal = { error: { message: 'Unsupported parameter: reasoning_effort', param: 'reasoning_effort' } };
    stub.reply(json(400, refusal));
    const asked = { ...ask, output_config: { effort: 'max' as const } };
    expect((await client.messages.create(asked)).content).toEqual([{ type: 'text', text: 'Hello' }]);
    const bodies = stub.requests.filter(({ path }) => path.endsWith('/chat/completions')).map(({ body }) => body);
    expect(bodies.map(({ reasoning_effort: effort }) => effort)).toEqual(['max', undefined]);
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([
      'This model does not take the reasoning effort that was asked for; asked again without it.',
    ]);
  });
});

describe('models and counts', () => {
  it("are listed in Anthropic's form", async () => {
    const models: Anthropic.ModelInfo[] = [];
    for await (const model of client.models.list({ limit: 1 })) models.push(model);
    expect(models.map(({ id }) => id)).toEqual(['stub-1', 'demo']);
    expect(await client.models.retrieve('stub/stub-1')).toEqual({
      type: 'model',
      id: 'stub/stub-1',
      display_name: 'stub/stub-1',
      created_at: '1970-01-01T00:00:01.000Z',
      max_input_tokens: null,
      max_tokens: null,
      capabilities: null,
    });
    const other = await fetch(`${house.url}/v1/models`, { headers: { 'x-api-key': KEY } });
    expect(await other.json()).toMatchObject({ object: 'list' });
  });

  it('are estimated, and say so', async () => {
    const { data, response } = await client.messages
      .countTokens({ model: 'stub-1', messages: [{ role: 'user', content: 'x'.repeat(400) }], tools: [weather] })
      .withResponse();
    expect(data.input_tokens).toBeGreaterThan(100);
    expect(data.input_tokens).toBeLessThan(160);
    expect(response.headers.get('x-patchbay-estimate')).toBe('true');
    expect(stub.requests).toEqual([]);
  });

  it.each(['/', '/api/hello'])('are not needed to see that somebody is at %s', async (path) => {
    const response = await fetch(house.url + path, { method: 'HEAD' });
    expect([response.status, await response.text()]).toEqual([200, '']);
  });
});
