// The official `openai` package through the whole house to a scripted upstream.
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub, streamOf, usageChunk, whole } from '../support/openai-stub.ts';

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

const ask = { model: 'stub-1', messages: [{ role: 'user' as const, content: 'Hi' }] };
const weather = {
  type: 'function' as const,
  function: {
    name: 'weather',
    description: 'Weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } } },
  },
};

describe('a whole answer', () => {
  it('comes with text, usage and finish reason, and is logged', async () => {
    stub.reply(
      whole({ content: 'Hello' }, 'stop', {
        prompt_tokens: 5,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 4 },
      }),
    );
    const answer = await client.chat.completions.create(ask);
    expect(answer.choices[0]).toMatchObject({
      message: { role: 'assistant', content: 'Hello' },
      finish_reason: 'stop',
    });
    expect(answer.usage).toEqual({
      prompt_tokens: 5,
      completion_tokens: 2,
      total_tokens: 7,
      prompt_tokens_details: { cached_tokens: 4 },
    });
    expect(stub.requests.at(-1)).toMatchObject({
      headers: { authorization: 'Bearer sk-up' },
      body: { model: 'stub-1', messages: ask.messages },
    });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({
      state: 'ok',
      status: 200,
      account: 'stub',
      modelUsed: 'stub-1',
      key: 'Test',
      attempts: 1,
    });
    expect(row?.client).toMatch(/^OpenAI SDK \d/);
  });
});

describe('a stream', () => {
  it('brings each delta as it comes, then the usage that was asked for', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'one ' }));
    const stream = await client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    const seen: unknown[] = [];
    for await (const { choices, usage } of stream) {
      const text = choices[0]?.delta.content;
      if (text) seen.push(text);
      if (text === 'one ') feed.push(chunk({ content: 'two' }));
      if (text === 'two') {
        for (const piece of [chunk({}, 'stop'), usageChunk({ prompt_tokens: 1, completion_tokens: 2 }), DONE])
          feed.push(piece);
        feed.end();
      }
      if (usage) seen.push(usage);
    }
    expect(seen).toEqual(['one ', 'two', { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 }]);
  });

  it('satisfies the strict accumulator, with reasoning and parallel tool calls', async () => {
    const call = (index: number, id: string, text: string) => ({
      index,
      id,
      type: 'function',
      function: { name: 'weather', arguments: text },
    });
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [
        chunk({ role: 'assistant', reasoning_content: 'Two cities.' }),
        chunk({ tool_calls: [call(0, 'a', '')] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
        chunk({ tool_calls: [call(1, 'b', '{"city":"Rome"}')] }),
        chunk({}, 'tool_calls'),
        DONE,
      ],
    });
    const stream = client.chat.completions.stream({ ...ask, tools: [weather] });
    const reasoning: string[] = [];
    stream.on('chunk', ({ choices }) => {
      const delta = choices[0]?.delta as { reasoning_content?: string };
      if (delta.reasoning_content) reasoning.push(delta.reasoning_content);
    });
    const { message, finish_reason } = (await stream.finalChatCompletion()).choices[0] ?? {};
    expect(reasoning).toEqual(['Two cities.']);
    expect(finish_reason).toBe('tool_calls');
    expect(message?.tool_calls).toMatchObject([
      { id: 'a', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
      { id: 'b', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
    ]);
  });

  it("runs a tool round trip with the package's own runner", async () => {
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [
        chunk({
          role: 'assistant',
          tool_calls: [
            { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
          ],
        }),
        chunk({}, 'tool_calls'),
        DONE,
      ],
    });
    stub.reply(streamOf(['It ', 'snows.']));
    const run = client.chat.completions.runTools({
      ...ask,
      stream: true,
      tools: [
        {
          type: 'function',
          function: {
            ...weather.function,
            parse: JSON.parse as (text: string) => { city: string },
            function: ({ city }: { city: string }) => `Snow in ${city}`,
          },
        },
      ],
    });
    expect(await run.finalContent()).toBe('It snows.');
    expect(stub.requests.at(-1)?.body.messages).toEqual([
      { role: 'user', content: 'Hi' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'Snow in Oslo' },
    ]);
  });
});

describe('the upstream is told', () => {
  it('everything that the client said', async () => {
    await client.chat.completions.create({
      ...ask,
      messages: [
        { role: 'developer', content: 'Be brief.' },
        {
          role: 'user',
          name: 'ann',
          content: [
            { type: 'text', text: 'What is this?' },
            { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA', detail: 'low' } },
          ],
        },
      ],
      max_completion_tokens: 50,
      stop: ['END'],
      temperature: 0,
      top_p: 0.5,
      reasoning_effort: 'high',
      response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object' }, strict: true } },
      tools: [weather],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      parallel_tool_calls: false,
      user: 'u-1',
      prompt_cache_key: 'k',
    });
    expect(stub.requests.at(-1)?.body).toMatchInlineSnapshot(`
      {
        "max_completion_tokens": 50,
        "messages": [
          {
            "content": "Be brief.",
            "role": "developer",
          },
          {
            "content": [
              {
                "text": "What is this?",
                "type": "text",
              },
              {
                "image_url": {
                  "detail": "low",
                  "url": "data:image/png;base64,AAAA",
                },
                "type": "image_url",
              },
            ],
            "name": "ann",
            "role": "user",
          },
        ],
        "model": "stub-1",
        "parallel_tool_calls": false,
        "prompt_cache_key": "k",
        "reasoning_effort": "high",
        "response_format": {
          "json_schema": {
            "name": "x",
            "schema": {
              "type": "object",
            },
            "strict": true,
          },
          "type": "json_schema",
        },
        "stop": [
          "END",
        ],
        "temperature": 0,
        "tool_choice": {
          "function": {
            "name": "weather",
          },
          "type": "function",
        },
        "tools": [
          {
            "function": {
              "description": "Weather",
              "name": "weather",
              "parameters": {
                "properties": {
                  "city": {
                    "type": "string",
                  },
                },
                "type": "object",
              },
            },
            "type": "function",
          },
        ],
        "top_p": 0.5,
        "user": "u-1",
      }
    `);
  });
});

describe('models', () => {
  it("are listed under their own name, and asked for under the account's too", async () => {
    const names: string[] = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names).toEqual(['stub-1', 'demo']);
    expect(await client.models.retrieve('stub/stub-1')).toMatchObject({ id: 'stub/stub-1', owned_by: 'stub' });
  });
});

describe('tools of plain text', () => {
  const pieces = [
    chunk({
      role: 'assistant',
      tool_calls: [
        { index: 0, id: 'a', type: 'function', function: { name: 'patch', arguments: '{"input":"*** x"}' } },
      ],
    }),
    chunk({}, 'tool_calls'),
    DONE,
  ];

  it('are declared and called in the form of the package', async () => {
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces });
    const tools = [{ type: 'custom' as const, custom: { name: 'patch', description: 'Edits.' } }];
    const answer = await client.chat.completions.create({ ...ask, tools });
    const calls = answer.choices[0]?.message.tool_calls;
    expect(calls).toEqual([{ id: 'a', type: 'custom', custom: { name: 'patch', input: '*** x' } }]);
    expect(stub.requests.at(-1)?.body.tools).toMatchObject([{ type: 'function', function: { name: 'patch' } }]);
  });

  it("of Cursor's bodies are called as functions, in chunks of chat completions", async () => {
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces });
    const body = {
      model: 'stub-1',
      stream: true,
      input: [{ role: 'user', content: [{ type: 'input_text', text: 'Hi' }] }],
      tools: [{ type: 'custom', name: 'patch', description: 'Edits.' }],
    };
    const answer = await fetch(`${house.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    expect(text).toContain('"object":"chat.completion.chunk"');
    expect(text).toContain('{"index":0,"function":{"arguments":"*** x"}}');
    expect(text).toContain('data: [DONE]');
    expect(stub.requests.at(-1)?.body.messages).toEqual([{ role: 'user', content: 'Hi' }]);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'ok', dialect: 'openai-chat' });
  });
});
