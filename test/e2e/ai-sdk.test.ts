// The AI SDK's providers through the whole house to a scripted upstream: one list of cases for every dialect that they speak.

import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { APICallError, generateText, jsonSchema, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { createOllama } from 'ollama-ai-provider-v2';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import {
  chunk,
  DONE,
  json,
  type OpenAiStub,
  type StubAnswer,
  startOpenAiStub,
  streamOf,
  usageChunk,
  whole,
} from '../support/openai-stub.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';
const STREAM = { 'content-type': 'text/event-stream' };

/** How one provider reaches the house, and what is its own. */
interface Dialect {
  readonly name: string;
  readonly open: (url: string) => LanguageModel;
  /** What the log calls it. */
  readonly dialect: string;
  readonly seesReasoning: boolean;
  /** Whether it reads the words of an error; if not, those of a refusal stand in `responseBody` and those in a stream are lost. */
  readonly tellsWords: boolean;
}

const dialects: readonly Dialect[] = [
  {
    name: 'openai, its chat model',
    open: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey: KEY }).chat('stub-1'),
    dialect: 'openai-chat',
    seesReasoning: false,
    tellsWords: true,
  },
  {
    name: 'openai, its usual model',
    open: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey: KEY })('stub-1'),
    dialect: 'openai-responses',
    seesReasoning: true,
    tellsWords: true,
  },
  {
    name: 'openai-compatible',
    open: (url) =>
      createOpenAICompatible({
        name: 'patchbay',
        baseURL: `${url}/v1`,
        apiKey: KEY,
        includeUsage: true,
        supportsStructuredOutputs: true,
      })('stub-1'),
    dialect: 'openai-chat',
    seesReasoning: true,
    tellsWords: true,
  },
  {
    name: 'anthropic',
    open: (url) => createAnthropic({ baseURL: `${url}/v1`, apiKey: KEY })('stub-1'),
    dialect: 'anthropic-messages',
    seesReasoning: true,
    tellsWords: true,
  },
  {
    name: 'ollama',
    open: (url) =>
      createOllama({ baseURL: `${url}/api`, headers: { authorization: `Bearer ${KEY}` }, compatibility: 'strict' })(
        'stub-1',
      ),
    dialect: 'ollama',
    seesReasoning: true,
    tellsWords: false,
  },
];

const weather = tool({
  description: 'Weather',
  inputSchema: jsonSchema<{ city: string }>({
    type: 'object',
    properties: { city: { type: 'string' } },
    required: ['city'],
  }),
  execute: async ({ city }) => ({ city, degrees: city.length }),
});

const call = (index: number, city: string) => ({
  index,
  id: `call_${city}`,
  type: 'function',
  function: { name: 'weather', arguments: JSON.stringify({ city }) },
});
const CALLS = [call(0, 'Oslo'), call(1, 'Kyiv')];

let stub: OpenAiStub;
let house: House;

beforeEach(async () => {
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  stub = await startOpenAiStub();
  const values = { baseUrl: stub.url };
  house = await openHouse({
    neverRests: true,
    accounts: [{ id: 'stub', name: 'Stub', values, secrets: { key: 'sk-up' } }],
  });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
  await house.close();
  await stub.close();
});

/** The bodies that reached the upstream. */
const asked = () => stub.requests.filter(({ path }) => path.endsWith('/chat/completions')).map(({ body }) => body);

/** What stands after the question in the latest request: the calls and what came of them. */
function readRound() {
  const messages = asked().at(-1)?.messages as {
    role: string;
    content: string;
    tool_call_id?: string;
    tool_calls?: typeof CALLS;
  }[];
  const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls);
  return messages
    .filter(({ role }) => role === 'tool')
    .map(({ tool_call_id, content }) => {
      const made = calls.find(({ id }) => id === tool_call_id);
      return [made?.function.name, JSON.parse(made?.function.arguments ?? ''), JSON.parse(content)];
    });
}

describe.each(dialects)('the AI SDK with $name', ({ open, dialect, seesReasoning, tellsWords }) => {
  const ask = (prompt = 'Hi') => ({ model: open(house.url), prompt, maxRetries: 0 });

  it('gets a whole text and its counts', async () => {
    stub.reply(whole({ content: 'Hello' }, 'stop', { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 }));
    // Its Ollama provider puts the plain setting where no Ollama looks for it.
    const providerOptions = { ollama: { options: { temperature: 0.5 } } };
    const options = { ...ask(), system: 'Be brief.', temperature: 0.5, providerOptions };
    const { text, finishReason, usage } = await generateText(options);
    expect({ text, finishReason, input: usage.inputTokens, output: usage.outputTokens }).toEqual({
      text: 'Hello',
      finishReason: 'stop',
      input: 5,
      output: 2,
    });
    expect(asked()).toMatchObject([
      {
        model: 'stub-1',
        temperature: 0.5,
        messages: [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'Hi' },
        ],
      },
    ]);
    expect(await house.closed(1)).toMatchObject([{ state: 'ok', dialect }]);
  });

  it('gets a stream word by word', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: STREAM, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'Hel' }));
    const result = streamText(ask());
    const words: string[] = [];
    for await (const word of result.textStream) {
      words.push(word);
      if (words.length > 1) continue;
      feed.push(`${chunk({ content: 'lo' })}${chunk({}, 'stop')}`);
      feed.push(usageChunk({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10 }));
      feed.push(DONE);
      feed.end();
    }
    expect(words).toEqual(['Hel', 'lo']);
    expect(await result.finishReason).toBe('stop');
    expect(await result.usage).toMatchObject({ inputTokens: 7, outputTokens: 3 });
  });

  const rounds: readonly [string, StubAnswer, StubAnswer, (options: ReturnType<typeof ask>) => PromiseLike<string>][] =
    [
      [
        'whole',
        whole({ content: null, tool_calls: CALLS.map(({ index: _, ...rest }) => rest) }, 'tool_calls'),
        whole({ content: 'Mild.' }),
        async (options) => (await generateText({ ...options, tools: { weather }, stopWhen: stepCountIs(3) })).text,
      ],
      [
        'streamed',
        {
          headers: STREAM,
          pieces: [
            chunk({ role: 'assistant', content: 'Let me look.' }),
            ...CALLS.flatMap(({ function: made, ...rest }) => [
              chunk({ tool_calls: [{ ...rest, function: { name: made.name, arguments: '' } }] }),
              ...[made.arguments.slice(0, 4), made.arguments.slice(4)].map((text) =>
                chunk({ tool_calls: [{ index: rest.index, function: { arguments: text } }] }),
              ),
            ]),
            chunk({}, 'tool_calls'),
            DONE,
          ],
        },
        streamOf(['Mi', 'ld.']),
        (options) => streamText({ ...options, tools: { weather }, stopWhen: stepCountIs(3) }).text,
      ],
    ];
  it.each(rounds)(
    'runs two tools side by side and tells each result to its own call, %s',
    async (_, first, then, run) => {
      stub.reply(first);
      stub.reply(then);
      expect(await run(ask('Weather?'))).toBe('Mild.');
      expect(asked()).toHaveLength(2);
      expect(asked()[0]?.tools).toMatchObject([
        { type: 'function', function: { name: 'weather', parameters: { properties: { city: { type: 'string' } } } } },
      ]);
      expect(readRound()).toEqual([
        ['weather', { city: 'Oslo' }, { city: 'Oslo', degrees: 4 }],
        ['weather', { city: 'Kyiv' }, { city: 'Kyiv', degrees: 4 }],
      ]);
    },
  );

  it('shows a picture', async () => {
    await generateText({
      model: open(house.url),
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image', image: PNG, mediaType: 'image/png' },
          ],
        },
      ],
    });
    expect(asked()[0]?.messages).toMatchObject([
      {
        role: 'user',
        content: expect.arrayContaining([
          expect.objectContaining({ type: 'text', text: 'What is it?' }),
          expect.objectContaining({ image_url: { url: `data:image/png;base64,${PNG}` } }),
        ]),
      },
    ]);
  });

  it('gets an object in the form that it asks for', async () => {
    stub.reply(whole({ content: '{"city":"Oslo"}' }));
    const providerOptions = { anthropic: { structuredOutputMode: 'outputFormat' } };
    const schema = jsonSchema<{ city: string }>({
      type: 'object',
      properties: { city: { type: 'string' } },
      required: ['city'],
      additionalProperties: false,
    });
    const { output } = await generateText({ ...ask(), output: Output.object({ schema }), providerOptions });
    expect(output).toEqual({ city: 'Oslo' });
    expect(asked()[0]?.response_format).toMatchObject({
      type: 'json_schema',
      json_schema: { schema: { properties: { city: { type: 'string' } } } },
    });
  });

  it(seesReasoning ? 'gets the reasoning apart from the text' : 'gets the text without the reasoning', async () => {
    const reasoning = seesReasoning ? 'A greeting.' : undefined;
    stub.reply(whole({ content: 'Hello', reasoning_content: 'A greeting.' }));
    const { text, reasoningText } = await generateText(ask());
    expect({ text, reasoningText }).toEqual({ text: 'Hello', reasoningText: reasoning });
    const pieces = [chunk({ reasoning_content: 'A gree' }), chunk({ reasoning_content: 'ting.' })];
    stub.reply({ headers: STREAM, pieces: [...pieces, chunk({ content: 'Hello' }), chunk({}, 'stop'), DONE] });
    const streamed = streamText(ask());
    expect({ text: await streamed.text, reasoningText: await streamed.reasoningText }).toEqual({
      text: 'Hello',
      reasoningText: reasoning,
    });
  });

  it('lets go of the upstream when it is stopped', async () => {
    stub.reply({ headers: STREAM, pieces: [chunk({ role: 'assistant', content: 'Half' })], after: 'hang' });
    const stop = new AbortController();
    const result = streamText({ ...ask(), abortSignal: stop.signal });
    for await (const part of result.fullStream) if (part.type === 'text-delta') stop.abort();
    await stub.requests.at(-1)?.hungUp;
    expect(await house.closed(1)).toMatchObject([{ state: 'aborted' }]);
  });

  it.each([
    [401, 'Stale key'],
    [429, 'Slow down'],
    [500, 'Engine on fire'],
  ])("throws the upstream's status %i and words, whole or streamed", async (status, message) => {
    for (const _ of ['whole', 'streamed']) stub.reply(json(status, { error: { message } }, { 'retry-after': '7' }));
    const thrown = await generateText(ask()).catch((error) => error);
    expect(thrown).toBeInstanceOf(APICallError);
    const { error: streamed } = (await readAll(streamText({ ...ask(), onError: () => {} }))).find(isError) ?? {};
    for (const error of [thrown, streamed]) {
      expect(error).toMatchObject({ statusCode: status, responseBody: expect.stringContaining(`Stub: ${message}`) });
      if (tellsWords) expect(error).toMatchObject({ message: `Stub: ${message}` });
    }
    expect(asked()).toHaveLength(2);
  });

  it('asks again by itself after a refusal that may pass', async () => {
    stub.reply(json(429, { error: { message: 'Slow down' } }, { 'retry-after': '0' }));
    stub.reply(whole({ content: 'Hello' }));
    expect((await generateText({ ...ask(), maxRetries: 1 })).text).toBe('Hello');
    expect(asked()).toHaveLength(2);
  });

  it.each([
    ['a cut connection', { after: 'cut' as const }, 'The upstream closed the connection in the middle'],
    ['a clean end without a finish', {}, 'The upstream closed the connection in the middle'],
    ['an error event', { last: 'data: {"error":{"message":"Engine on fire"}}\n\n' }, 'Engine on fire'],
  ])(
    'takes no half stream for a whole one: says why and throws after %s',
    async (_name, { last, ...answer }: { last?: string; after?: 'cut' }, words) => {
      // A provider that cannot read the error's line says so on the console.
      const warn = vi.spyOn(console, 'warn').mockReturnValue();
      const feed = createFeed<string>();
      stub.reply({ headers: STREAM, pieces: feed, ...answer });
      feed.push(chunk({ role: 'assistant', content: 'Half' }));
      const result = streamText({ ...ask(), onError: () => {} });
      const parts = await readAll(result, () => {
        if (last !== undefined) feed.push(last);
        feed.end();
      });
      expect(parts.filter(({ type }) => type === 'text-delta').map(({ text }) => text)).toEqual(['Half']);
      const said = tellsWords ? JSON.stringify(parts.filter(isError)) : warn.mock.calls.join();
      expect(said).toContain(tellsWords ? `Stub: ${words}` : 'Failed to parse NDJSON line');
      expect(parts.at(-1)?.type).toBe('thrown');
      expect(parts.map(({ type }) => type)).not.toContain('finish');
      expect(await house.closed(1)).toMatchObject([{ state: 'failed' }]);
    },
  );
});

interface Part {
  readonly type: string;
  readonly text?: string;
  readonly error?: unknown;
}
const isError = ({ type }: Part) => type === 'error';

/** Every part of a stream; one that breaks ends with the part `thrown`. */
async function readAll(
  { fullStream }: { fullStream: AsyncIterable<Part> },
  onText: () => void = () => {},
): Promise<Part[]> {
  const parts: Part[] = [];
  try {
    for await (const part of fullStream) {
      parts.push(part);
      if (part.type === 'text-delta') onText();
    }
  } catch (error) {
    parts.push({ type: 'thrown', error });
  }
  return parts;
}
