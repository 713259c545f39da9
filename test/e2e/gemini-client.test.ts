// The official `@google/genai` package through the whole house to a scripted upstream.
import { FunctionCallingConfigMode, GoogleGenAI, Type } from '@google/genai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub, streamOf, usageChunk, whole } from '../support/openai-stub.ts';

const STREAM = { 'content-type': 'text/event-stream' };
const PNG = 'iVBORw0KGgoAAAA=';
const weather = {
  name: 'weather',
  description: 'Weather',
  parameters: { type: Type.OBJECT, properties: { city: { type: Type.STRING } }, required: ['city'] },
};
const tools = [{ functionDeclarations: [weather] }];
const callWeather = (index: number, id: string, city: string) => ({
  index,
  id,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
});
const createClient = (house: House, apiKey = KEY) => new GoogleGenAI({ apiKey, httpOptions: { baseUrl: house.url } });

async function readAll<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('before an upstream of another dialect', () => {
  let stub: OpenAiStub;
  let house: House;
  let client: GoogleGenAI;
  const sent = () => stub.requests.at(-1)?.body ?? {};

  beforeEach(async () => {
    stub = await startOpenAiStub();
    const values = { baseUrl: stub.url };
    house = await openHouse({
      accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }],
      settings: { keepAliveMs: 40 },
    });
    client = createClient(house);
  });

  afterEach(async () => {
    await house.close();
    await stub.close();
  });

  it('a whole answer comes with text, counts and names, and is logged', async () => {
    stub.reply(
      whole({ content: 'Hello', reasoning_content: 'A greeting.' }, 'stop', { prompt_tokens: 5, completion_tokens: 2 }),
    );
    const answer = await client.models.generateContent({ model: 'stub-1', contents: 'Hi' });
    expect(answer).toMatchObject({
      text: 'Hello',
      candidates: [{ content: { role: 'model' }, finishReason: 'STOP', index: 0 }],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 },
      modelVersion: 'stub-1',
      responseId: 'chatcmpl-stub',
    });
    expect(answer.candidates?.[0]?.content?.parts).toHaveLength(1);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({
      state: 'ok',
      status: 200,
      account: 'stub',
      dialect: 'gemini',
      stream: false,
      notes: [],
    });
    expect(row?.client).toMatch(/^Google Gen AI SDK \d/);
  });

  it('a name with an account before it is found, however it is written', async () => {
    for (const model of ['stub/stub-1', 'models/stub/stub-1', 'models/stub%2Fstub-1', 'stub-1']) {
      expect((await client.models.generateContent({ model, contents: 'Hi' })).text).toBe('Hello');
    }
  });

  it('a stream brings each delta as it comes, then the counts, and silence does it no harm', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: STREAM, pieces: feed });
    const asked = client.models.generateContentStream({ model: 'stub-1', contents: 'Hi' });
    // The head comes with the first sign of life: nobody has said anything yet.
    const stream = await asked;
    feed.push(chunk({ role: 'assistant', content: 'one ' }));
    const seen: (string | undefined)[] = [];
    for await (const { text, candidates, usageMetadata } of stream) {
      seen.push(text);
      if (text === 'one ') feed.push(chunk({ content: 'two\u2028' }));
      if (text === 'two\u2028') {
        for (const piece of [chunk({}, 'length'), usageChunk({ prompt_tokens: 1, completion_tokens: 2 }), DONE])
          feed.push(piece);
        feed.end();
      }
      if (candidates?.[0]?.finishReason !== undefined)
        expect([candidates[0].finishReason, usageMetadata?.totalTokenCount]).toEqual(['MAX_TOKENS', 3]);
    }
    expect(seen).toEqual(['one ', 'two\u2028', '']);
  });

  it('a stream that nobody wants as events is a JSON list', async () => {
    const path = '/v1beta/models/stub-1:streamGenerateContent';
    const body = JSON.stringify({ contents: [{ parts: [{ text: 'Hi' }] }] });
    const response = await fetch(house.url + path, { method: 'POST', headers: { 'x-goog-api-key': KEY }, body });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    const list = (await response.json()) as { candidates: [{ content: { parts: [{ text: string }] } }] }[];
    expect(list.map(({ candidates: [{ content }] }) => content.parts[0].text)).toEqual(['Hel', 'lo', '']);
  });

  it('a chat remembers what was streamed: thoughts, parallel calls with their ids, and their results', async () => {
    stub.reply({
      headers: STREAM,
      pieces: [
        chunk({ role: 'assistant', reasoning_content: 'Two ' }),
        chunk({ reasoning_content: 'cities.' }),
        chunk({ content: 'I ' }),
        chunk({ content: 'look.' }),
        chunk({ tool_calls: [{ ...callWeather(0, 'a', ''), function: { name: 'weather', arguments: '{"city":' } }] }),
        chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
        chunk({ tool_calls: [callWeather(1, 'b', 'Rome')] }),
        chunk({}, 'tool_calls'),
        DONE,
      ],
    });
    stub.reply(streamOf(['It ', 'snows.']));
    const config = { tools, thinkingConfig: { includeThoughts: true } };
    const chat = client.chats.create({ model: 'stub-1', config });
    const frames = await readAll(await chat.sendMessageStream({ message: 'Weather?' }));
    const parts = frames.flatMap(({ candidates }) => candidates?.[0]?.content?.parts ?? []);
    expect(parts.filter(({ thought }) => thought).map(({ text }) => text)).toEqual(['Two ', 'cities.']);
    const calls = frames.flatMap(({ functionCalls }) => functionCalls ?? []);
    expect(calls).toEqual([
      { id: 'a', name: 'weather', args: { city: 'Oslo' } },
      { id: 'b', name: 'weather', args: { city: 'Rome' } },
    ]);
    const message = calls.map(({ id, name, args }) => ({
      functionResponse: { ...(id && { id }), ...(name && { name }), response: { output: `Snow in ${args?.city}` } },
    }));
    const end = await readAll(await chat.sendMessageStream({ message }));
    expect(end.map(({ text }) => text).join('')).toBe('It snows.');
    const { index: _a, ...first } = callWeather(0, 'a', 'Oslo');
    const { index: _b, ...second } = callWeather(1, 'b', 'Rome');
    expect(sent().messages).toEqual([
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: 'I look.', reasoning_content: 'Two cities.', tool_calls: [first, second] },
      { role: 'tool', tool_call_id: 'a', name: 'weather', content: 'Snow in Oslo' },
      { role: 'tool', tool_call_id: 'b', name: 'weather', content: 'Snow in Rome' },
    ]);
  });

  it('the upstream is told everything that it can be told, and the log the rest', async () => {
    await client.models.generateContent({
      model: 'stub-1',
      contents: [
        { role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data: PNG } }, { text: 'What is this?' }] },
      ],
      config: {
        systemInstruction: 'Be brief.',
        temperature: 0,
        topP: 0.5,
        topK: 3,
        seed: 7,
        stopSequences: ['END'],
        maxOutputTokens: 50,
        presencePenalty: 0.1,
        frequencyPenalty: 0.2,
        responseMimeType: 'application/json',
        responseSchema: { type: Type.OBJECT, properties: { name: { type: Type.STRING, nullable: true } } },
        tools,
        toolConfig: {
          functionCallingConfig: { mode: FunctionCallingConfigMode.ANY, allowedFunctionNames: ['weather'] },
        },
      },
    });
    expect(sent()).toEqual({
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
      tools: [
        {
          type: 'function',
          function: {
            name: 'weather',
            description: 'Weather',
            parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
          },
        },
      ],
      tool_choice: { type: 'function', function: { name: 'weather' } },
      max_tokens: 50,
      temperature: 0,
      top_p: 0.5,
      seed: 7,
      presence_penalty: 0.1,
      frequency_penalty: 0.2,
      stop: ['END'],
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'answer',
          schema: { type: 'object', properties: { name: { type: ['string', 'null'] } } },
        },
      },
    });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual(["Left out, as only Google's models know them: topK."]);
  });

  it('models are listed and named, and tokens are counted', async () => {
    const models = await readAll(await client.models.list());
    expect(models.map(({ name, displayName }) => [name, displayName])).toEqual([
      ['models/stub-1', 'stub-1'],
      ['models/demo', 'Demo echo'],
    ]);
    expect(await client.models.get({ model: 'stub/stub-1' })).toMatchObject({ name: 'models/stub/stub-1' });
    const { totalTokens } = await client.models.countTokens({ model: 'stub-1', contents: 'Hi' });
    expect(totalTokens).toBe(5);
    const generateContentRequest = { model: 'models/stub-1', contents: [{ parts: [{ text: 'Hi' }] }] };
    const counted = await fetch(`${house.url}/v1/models/stub-1:countTokens?key=${KEY}`, {
      method: 'POST',
      body: JSON.stringify({ generateContentRequest }),
    });
    expect(await counted.json()).toEqual({ totalTokens: 5 });
    expect(counted.headers.get('x-patchbay-estimate')).toBe('true');
  });

  it('the other version of the API answers, without taking the list of models from its dialect', async () => {
    const older = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url, apiVersion: 'v1' } });
    expect((await older.models.generateContent({ model: 'stub/stub-1', contents: 'Hi' })).text).toBe('Hello');
    const stream = await older.models.generateContentStream({ model: 'stub-1', contents: 'Hi' });
    expect((await readAll(stream)).map(({ text }) => text)).toEqual(['Hel', 'lo', '']);
    const headers = { authorization: `Bearer ${KEY}` };
    expect(await (await fetch(`${house.url}/v1/models`, { headers })).json()).toMatchObject({ object: 'list' });
  });
});
