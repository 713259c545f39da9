// The official clients of five dialects through the whole house to Kimi, three ways: the platform, its Anthropic-shaped base, and
// an engine that leaks raw tool tokens. Pictures, thinking and tools; the platform refuses whatever breaks its rules.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DOT } from '../support/client-scene.ts';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import { type KimiReply, type KimiStub, refuseAs, startKimiStub } from '../support/kimi-stub.ts';

const SECRET = 'sk-up-0123456789';

let platform: KimiStub;
let engine: KimiStub;
let house: House;

const account = (id: string, values: Record<string, string>, endpoints = {}): TestAccount => ({
  id,
  name: id,
  provider: 'kimi',
  values,
  endpoints,
  secrets: { key: SECRET },
});

beforeEach(async () => {
  platform = await startKimiStub('platform', SECRET);
  engine = await startKimiStub('engine');
  engine.models = [{ id: 'moonshotai/Kimi-K2.6', max_model_len: 262_144 }];
  const own = { api: platform.url };
  house = await openHouse({
    accounts: [
      account('native', { region: 'international' }, own),
      account('messages', { region: 'international', wire: 'anthropic' }, own),
      account('raw', { baseUrl: engine.url, toolParser: 'raw' }),
    ],
  });
});

afterEach(async () => {
  const seen = JSON.stringify(house.log);
  expect(seen).not.toContain(SECRET);
  expect(seen).not.toContain('<|tool_call');
  await house.close();
  await platform.close();
  await engine.close();
});

const INPUT = { city: 'Oslo' };
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };
const QUESTION = 'What is in the picture, and how is the weather in Oslo?';
const RAW =
  '<think>A dot, and weather.</think>Let me look. <|tool_calls_section_begin|><|tool_call_begin|>functions.weather:0<|tool_call_argument_begin|>{"city":"Oslo"}<|tool_call_end|><|tool_calls_section_end|><|im_end|>';

/** Thinks, says something and calls the tool; then says what came of it. */
const FIRST: KimiReply = {
  reasoning: 'A dot, and weather.',
  text: 'Let me look.',
  calls: [{ name: 'weather', arguments: JSON.stringify(INPUT) }],
};

interface Way {
  readonly model: string;
  readonly stub: () => KimiStub;
  readonly first: KimiReply;
}
const WAYS: readonly (readonly [string, Way])[] = [
  ['native', { model: 'native/kimi-k2.6', stub: () => platform, first: FIRST }],
  ['messages', { model: 'messages/kimi-k2.6', stub: () => platform, first: FIRST }],
  ['raw', { model: 'raw/moonshotai/Kimi-K2.6', stub: () => engine, first: { raw: RAW, every: 3 } }],
];

function play({ stub, first }: Way): void {
  stub().reply(first);
  stub().reply({ text: 'It snows.' });
}

/** What both requests of a conversation with a picture and a tool must have brought. */
function checkConversation({ stub }: Way): void {
  const [first, second] = stub().asked();
  expect(JSON.stringify(first.messages)).toContain(DOT);
  expect(JSON.stringify(first.tools)).toContain('"weather"');
  const said = JSON.stringify(second.messages);
  // The result has found its call, by the number that the model knows.
  expect(said.split('functions.weather:0')).toHaveLength(3);
  expect(said).toContain('Snow.');
}

describe.each(WAYS)('a conversation with a picture, thinking and a tool (%s)', (_name, way) => {
  const { model } = way;

  it('works with openai’s chat completions', async () => {
    play(way);
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }];
    const image = { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${DOT}` } };
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'user', content: [{ type: 'text', text: QUESTION }, image] },
    ];
    const stream = client.chat.completions.stream({ model, messages, tools, temperature: 0.3 });
    let thought = '';
    stream.on('chunk', ({ choices }) => {
      const { reasoning_content: piece } = (choices[0]?.delta ?? {}) as { reasoning_content?: string };
      thought += piece ?? '';
    });
    const { choices } = await stream.finalChatCompletion();
    const message = choices[0]?.message;
    const seen = [choices[0]?.finish_reason, message?.content, thought];
    expect(seen).toEqual(['tool_calls', 'Let me look.', 'A dot, and weather.']);
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== 'function') throw new Error('no call');
    expect(JSON.parse(call.function.arguments)).toEqual(INPUT);
    messages.push(message, { role: 'tool', tool_call_id: call.id, content: 'Snow.' });
    const answer = await client.chat.completions.create({ model, messages, tools });
    expect(answer.choices[0]?.message.content).toBe('It snows.');
    checkConversation(way);
  });

  it('works with anthropic’s Messages', async () => {
    play(way);
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const tools = [{ name: 'weather', input_schema: schema }];
    const image = {
      type: 'image' as const,
      source: { type: 'base64' as const, media_type: 'image/png' as const, data: DOT },
    };
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: [{ type: 'text', text: QUESTION }, image] }];
    const ask = { model, max_tokens: 4096, tools, thinking: { type: 'enabled', budget_tokens: 2048 } } as const;
    const message = await client.messages.stream({ ...ask, messages, tools }).finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    const call = message.content.find((block) => block.type === 'tool_use');
    expect([call?.input, message.stop_reason]).toEqual([INPUT, 'tool_use']);
    messages.push(
      { role: 'assistant', content: message.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'Snow.' }] },
    );
    const answer = await client.messages.create({ ...ask, messages, tools });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'It snows.' }]);
    checkConversation(way);
    // The thinking goes back beside the call that it led to.
    expect(JSON.stringify(way.stub().asked()[1].messages)).toContain('A dot, and weather.');
  });

  it('works with openai’s Responses', async () => {
    play(way);
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [
      { type: 'function' as const, name: 'weather', description: 'Weather', parameters: schema, strict: false },
    ];
    const image = { type: 'input_image' as const, detail: 'auto' as const, image_url: `data:image/png;base64,${DOT}` };
    const input = [{ role: 'user' as const, content: [{ type: 'input_text' as const, text: QUESTION }, image] }];
    const reasoning = { effort: 'low', summary: 'auto' } as const;
    const first = await client.responses.stream({ model, tools, reasoning, input }).finalResponse();
    expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
    const call = first.output.find((item) => item.type === 'function_call');
    expect(JSON.parse(call?.arguments ?? '')).toEqual(INPUT);
    const answer = await client.responses.create({
      model,
      tools,
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'Snow.' }],
    });
    expect(answer.output_text).toBe('It snows.');
    checkConversation(way);
  });

  it('works with ollama', async () => {
    play(way);
    const client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
    const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather', parameters: schema } }];
    const question = { role: 'user', content: QUESTION, images: [DOT] };
    const { message } = await client.chat({ model, messages: [{ ...question }], tools, think: true });
    expect(message).toMatchObject({
      content: 'Let me look.',
      thinking: 'A dot, and weather.',
      tool_calls: [{ function: { name: 'weather', arguments: INPUT } }],
    });
    const messages = [question, message, { role: 'tool', content: 'Snow.', tool_name: 'weather' }];
    const stream = await client.chat({ model, messages, tools, stream: true });
    let text = '';
    for await (const part of stream) text += part.message.content;
    expect(text).toBe('It snows.');
    checkConversation(way);
  });

  it('works with google’s Gemini', async () => {
    play(way);
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url } });
    const config = { tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: schema }] }] };
    const question = {
      role: 'user',
      parts: [{ text: QUESTION }, { inlineData: { mimeType: 'image/png', data: DOT } }],
    };
    const thinking = { ...config, thinkingConfig: { includeThoughts: true } };
    const first = await client.models.generateContent({ model, contents: [question], config: thinking });
    const content = first.candidates?.[0]?.content;
    expect(content?.parts?.map(({ thought, text }) => (thought ? `thought: ${text}` : text))).toEqual([
      'thought: A dot, and weather.',
      'Let me look.',
      undefined,
    ]);
    const [call] = first.functionCalls ?? [];
    expect(call).toMatchObject({ name: 'weather', args: INPUT });
    const response = { id: call?.id, name: 'weather', response: { output: 'Snow.' } };
    const result = { role: 'user', parts: [{ functionResponse: response }] };
    const contents = content === undefined ? [question, result] : [question, content, result];
    const stream = await client.models.generateContentStream({ model, contents, config });
    let text = '';
    for await (const part of stream) text += part.text ?? '';
    expect(text).toBe('It snows.');
    checkConversation(way);
  });
});

describe('what goes wrong', () => {
  it.each([
    [429, 'engine_overloaded_error', '9'],
    [429, 'rate_limit_reached_error', '7'],
  ])('%i %s reaches a client with the wait', async (status, type, wait) => {
    platform.reply(refuseAs(status, type, `Busy, please try again after ${wait} seconds`));
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const failure = await client.chat.completions
      .create({ model: 'native/kimi-k2.6', messages: [{ role: 'user', content: 'Hi' }] })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ status });
    expect((failure as { headers: Headers }).headers.get('retry-after')).toBe(wait);
  });

  it.each(WAYS)('in the middle of a reply is never told as its end (%s)', async (_name, { model, stub }) => {
    stub().reply({ text: 'Half', cut: true });
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const stream = client.messages.stream({ model, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] });
    await expect(stream.finalMessage()).rejects.toThrow();
    expect((await house.closed(1))[0]?.state).toBe('failed');
  });

  it('a model by another host’s name is found', async () => {
    platform.reply({ text: 'Here.' });
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const { choices } = await client.chat.completions.create({
      model: 'native/moonshotai/Kimi-K2-0905-preview',
      messages,
    });
    expect(choices[0]?.message.content).toBe('Here.');
  });
});
