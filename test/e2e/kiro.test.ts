// The official clients of five dialects through the whole house to a faithful Kiro: tools, pictures and thinking, with
// everything that reaches it held to the rules of its upstream.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKiroProviderWith } from '../../main/providers/kiro/index.ts';
import { DOT } from '../support/client-scene.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { frames } from '../support/kiro-frames.ts';
import { API_KEY, type KiroStub, refuse, startKiroStub, streamOf } from '../support/kiro-stub.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

let stub: KiroStub;
let house: House;

beforeEach(async () => {
  stub = await startKiroStub();
  const machine = { platform: 'linux', home: makeTempFolder(), environment: {} } as const;
  // What is asked again before anything was said is asked again at once.
  const wait = (ms: number) => (ms > 30_000 ? new Promise<void>(() => {}) : Promise.resolve());
  house = await openHouse({
    providers: (services) => [createKiroProviderWith(services, { machine, clock: { now: Date.now, wait } })],
    accounts: [
      {
        id: 'work',
        name: 'Work',
        provider: 'kiro',
        method: 'key',
        endpoints: { ...stub.endpoints },
        secrets: { apiKey: API_KEY },
      },
    ],
  });
});

afterEach(async () => {
  expect(stub.faults).toEqual([]);
  await house.close();
  await stub.close();
});

/** Claude Code's own spelling, which no list has. */
const MODEL = 'claude-sonnet-4-6-20260101';
const QUESTION = 'What is in the picture, and how is the weather in Oslo?';
const INPUT = { city: 'Oslo' };
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

/** Thinks, says something and calls the tool; then says what came of it. */
function playTools(): void {
  stub.reply(
    streamOf([
      frames.reasoning('A dot, and weather.'),
      frames.signature('c2lnbmVk'),
      frames.text('Let me look.'),
      frames.toolCall('tooluse_1', 'weather', JSON.stringify(INPUT)),
      frames.tail('TOOL_USE'),
    ]),
    streamOf([frames.text('It '), frames.text('snows.'), frames.tail()]),
  );
}

interface Sent {
  content: string;
  modelId: string;
  images?: { format: string; source: { bytes: string } }[];
  userInputMessageContext?: {
    tools?: { toolSpecification: { name: string } }[];
    toolResults?: { toolUseId: string; status: string; content: { text: string }[] }[];
  };
}
interface State {
  currentMessage: { userInputMessage: Sent };
  history?: { userInputMessage?: Sent; assistantResponseMessage?: { content: string; toolUses?: object[] } }[];
}
const read = (at: number) => stub.calls()[at]?.body.conversationState as State;

/** What both requests of a conversation with a picture and a tool must have brought. */
function checkConversation({ signed }: { signed: boolean }): void {
  const first = read(0).currentMessage.userInputMessage;
  expect(first.modelId).toBe('claude-sonnet-4.6');
  expect(first.images).toEqual([{ format: 'png', source: { bytes: DOT } }]);
  expect(first.userInputMessageContext?.tools?.map((tool) => tool.toolSpecification.name)).toEqual(['weather']);
  const { currentMessage, history = [] } = read(1);
  const [result] = currentMessage.userInputMessage.userInputMessageContext?.toolResults ?? [];
  expect(result).toMatchObject({ status: 'success', content: [{ text: 'Snow.' }] });
  const answer = history.at(-1)?.assistantResponseMessage;
  expect(answer?.toolUses).toEqual([{ toolUseId: result?.toolUseId, name: 'weather', input: INPUT }]);
  if (signed) expect(answer).toMatchObject({ reasoningContent: { reasoningText: { signature: 'c2lnbmVk' } } });
}

describe('a conversation with a picture, thinking and a tool', () => {
  it('works with openai’s chat completions', async () => {
    playTools();
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: QUESTION },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${DOT}` } },
        ],
      },
    ];
    const stream = client.chat.completions.stream({ model: MODEL, messages, tools, reasoning_effort: 'high' });
    let thought = '';
    stream.on('chunk', ({ choices }) => {
      const { reasoning_content: piece } = (choices[0]?.delta ?? {}) as { reasoning_content?: string };
      thought += piece ?? '';
    });
    const { choices } = await stream.finalChatCompletion();
    const message = choices[0]?.message;
    expect([choices[0]?.finish_reason, message?.content, thought]).toEqual([
      'tool_calls',
      'Let me look.',
      'A dot, and weather.',
    ]);
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== 'function') throw new Error('no call');
    expect(JSON.parse(call.function.arguments)).toEqual(INPUT);
    messages.push(message, { role: 'tool', tool_call_id: call.id, content: 'Snow.' });
    const answer = await client.chat.completions.create({ model: MODEL, messages, tools });
    expect(answer.choices[0]?.message.content).toBe('It snows.');
    expect(stub.calls()[0]?.body.additionalModelRequestFields).toMatchObject({ output_config: { effort: 'high' } });
    checkConversation({ signed: false });
  });

  it('works with anthropic’s Messages, and brings signed thinking back', async () => {
    playTools();
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const tools = [{ name: 'weather', input_schema: schema }];
    const messages: Anthropic.MessageParam[] = [
      {
        role: 'user',
        content: [
          { type: 'text', text: QUESTION },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: DOT } },
        ],
      },
    ];
    const ask = { model: MODEL, max_tokens: 4096, tools, thinking: { type: 'enabled', budget_tokens: 2048 } } as const;
    const message = await client.messages.stream({ ...ask, messages, tools }).finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(message.content[0]).toEqual({ type: 'thinking', thinking: 'A dot, and weather.', signature: 'c2lnbmVk' });
    const call = message.content.find((block) => block.type === 'tool_use');
    expect([call?.input, message.stop_reason]).toEqual([INPUT, 'tool_use']);
    messages.push(
      { role: 'assistant', content: message.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'Snow.' }] },
    );
    const answer = await client.messages.create({ ...ask, messages, tools });
    expect(answer.content).toMatchObject([{ type: 'text', text: 'It snows.' }]);
    checkConversation({ signed: true });
  });

  it('works with openai’s Responses', async () => {
    playTools();
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [
      { type: 'function' as const, name: 'weather', description: 'Weather', parameters: schema, strict: false },
    ];
    const first = await client.responses
      .stream({
        model: MODEL,
        tools,
        reasoning: { effort: 'low', summary: 'auto' },
        input: [
          {
            role: 'user',
            content: [
              { type: 'input_text', text: QUESTION },
              { type: 'input_image', detail: 'auto', image_url: `data:image/png;base64,${DOT}` },
            ],
          },
        ],
      })
      .finalResponse();
    expect(first.output.map(({ type }) => type)).toEqual(['reasoning', 'message', 'function_call']);
    const call = first.output.find((item) => item.type === 'function_call');
    expect(JSON.parse(call?.arguments ?? '')).toEqual(INPUT);
    const answer = await client.responses.create({
      model: MODEL,
      tools,
      previous_response_id: first.id,
      input: [{ type: 'function_call_output', call_id: call?.call_id ?? '', output: 'Snow.' }],
    });
    expect(answer.output_text).toBe('It snows.');
    checkConversation({ signed: false });
  });

  it('works with ollama', async () => {
    playTools();
    const client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
    const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather', parameters: schema } }];
    const question = { role: 'user', content: QUESTION, images: [DOT] };
    const { message } = await client.chat({ model: MODEL, messages: [{ ...question }], tools, think: true });
    expect(message).toMatchObject({
      content: 'Let me look.',
      thinking: 'A dot, and weather.',
      tool_calls: [{ function: { name: 'weather', arguments: INPUT } }],
    });
    const messages = [question, message, { role: 'tool', content: 'Snow.', tool_name: 'weather' }];
    const stream = await client.chat({ model: MODEL, messages, tools, stream: true });
    let text = '';
    for await (const part of stream) text += part.message.content;
    expect(text).toBe('It snows.');
    checkConversation({ signed: false });
  });

  it('works with google’s Gemini', async () => {
    playTools();
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url } });
    const config = { tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: schema }] }] };
    const question = {
      role: 'user',
      parts: [{ text: QUESTION }, { inlineData: { mimeType: 'image/png', data: DOT } }],
    };
    const first = await client.models.generateContent({
      model: MODEL,
      contents: [question],
      config: { ...config, thinkingConfig: { includeThoughts: true } },
    });
    const content = first.candidates?.[0]?.content;
    expect(content?.parts?.map(({ thought, text }) => (thought ? `thought: ${text}` : text))).toEqual([
      'thought: A dot, and weather.',
      'Let me look.',
      undefined,
    ]);
    const [call] = first.functionCalls ?? [];
    expect(call).toMatchObject({ name: 'weather', args: INPUT });
    const result = {
      role: 'user',
      parts: [{ functionResponse: { id: call?.id, name: 'weather', response: { output: 'Snow.' } } }],
    };
    const stream = await client.models.generateContentStream({
      model: MODEL,
      contents: content === undefined ? [question, result] : [question, content, result],
      config,
    });
    let text = '';
    for await (const part of stream) text += part.text ?? '';
    expect(text).toBe('It snows.');
    expect(read(1).currentMessage.userInputMessage.userInputMessageContext?.toolResults).toHaveLength(1);
  });
});

describe('what goes wrong', () => {
  it('reaches a client in its own shape, with the wait that the upstream asks for', async () => {
    stub.always = refuse(429, 'Slow down.', null, { 'retry-after': '90' });
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const failure = await client.chat.completions
      .create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 429 });
    expect((failure as { headers: Headers }).headers.get('retry-after')).toBe('90');
  });

  it('in the middle of a reply is never told as its end', async () => {
    stub.reply(streamOf([frames.text('Half')], 'cut'));
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const stream = client.messages.stream({ model: MODEL, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] });
    await expect(stream.finalMessage()).rejects.toThrow();
    const [row] = await house.closed(1);
    expect(row?.state).toBe('failed');
  });
});
