// The official clients of five dialects through the whole house to a faithful Poe, over both of its transports: tools, pictures
// and thinking, pictures from image bots, names and fallbacks; every query is held to the written protocol.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DOT } from '../support/client-scene.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { say } from '../support/poe-events.ts';
import {
  eventsOf,
  PICTURE,
  POE_KEY,
  type PoeScript,
  type PoeStub,
  refuse,
  startPoeStub,
  streamChat,
  wholeChat,
} from '../support/poe-stub.ts';

let stub: PoeStub;
let house: House;

beforeEach(async () => {
  stub = await startPoeStub();
});
afterEach(async () => {
  expect(stub.faults).toEqual([]);
  await house.close();
  await stub.close();
});

async function open(transport: 'bot' | 'rest', values: Record<string, string> = {}): Promise<void> {
  const account = { id: 'work', name: 'Work', provider: 'poe', secrets: { key: POE_KEY } };
  house = await openHouse({
    accounts: [{ ...account, endpoints: { ...stub.endpoints }, values: { transport, ...values } }],
  });
}

const MODEL = 'Claude-Sonnet-4.6';
const QUESTION = 'What is in the picture, and how is the weather in Oslo?';
const INPUT = { city: 'Oslo' };
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

const THOUGHT = '<think>A dot, and weather.</think>';
const calls = [
  { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: JSON.stringify(INPUT) } },
];

/** Thinks, says something and calls the tool; then says what came of it. */
function playTools(transport: 'bot' | 'rest'): void {
  const bots: PoeScript[] = [
    eventsOf([say.meta, say.text(THOUGHT), say.text('Let me look.'), say.json({ tool_calls: calls }), say.done]),
    eventsOf([say.text('It '), say.text('snows.'), say.suggest('Why?'), say.done]),
  ];
  const chats: PoeScript[] = [
    ({ body }) =>
      body.stream === true
        ? streamChat([THOUGHT, 'Let me look.'], [{ tool_calls: calls }], 'tool_calls')
        : wholeChat({ content: `${THOUGHT}Let me look.`, tool_calls: calls }, 'tool_calls'),
    ({ body }) => (body.stream === true ? streamChat(['It ', 'snows.']) : wholeChat({ content: 'It snows.' })),
  ];
  stub.reply(...(transport === 'bot' ? bots : chats));
}

/** What both requests of a conversation with a picture and a tool must have brought. */
function checkConversation(transport: 'bot' | 'rest'): void {
  const [first, second] = stub.calls().map(({ body }) => body as Record<string, never>);
  expect(first?.tools).toMatchObject([{ type: 'function', function: { name: 'weather' } }]);
  if (transport === 'rest') {
    expect(JSON.stringify(first)).toContain(`data:image/png;base64,${DOT}`);
    expect(second?.messages).toContainEqual(
      expect.objectContaining({ role: 'tool', content: expect.stringContaining('Snow.') }),
    );
    return;
  }
  const [question] = (first?.query ?? []) as { attachments: object[] }[];
  expect(question?.attachments).toMatchObject([{ content_type: 'image/png' }]);
  const uploads = stub.requests.filter(({ plane }) => plane === 'upload');
  expect(uploads.map(({ bytes }) => bytes.includes(PICTURE))).toEqual([true]);
  expect(second?.tool_calls).toMatchObject([{ function: { name: 'weather' } }]);
  expect(second?.tool_results).toMatchObject([{ name: 'weather', content: expect.stringContaining('Snow.') }]);
}

describe.each(['bot', 'rest'] as const)(
  'a conversation with a picture, thinking and a tool, over the transport %s',
  (transport) => {
    beforeEach(() => open(transport));

    it('works with openai’s chat completions', async () => {
      playTools(transport);
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
      checkConversation(transport);
    });

    it('works with anthropic’s Messages', async () => {
      playTools(transport);
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
      const ask = {
        model: MODEL,
        max_tokens: 4096,
        tools,
        thinking: { type: 'enabled', budget_tokens: 2048 },
      } as const;
      const message = await client.messages.stream({ ...ask, messages, tools }).finalMessage();
      expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
      expect(message.content[0]).toMatchObject({ type: 'thinking', thinking: 'A dot, and weather.' });
      const call = message.content.find((block) => block.type === 'tool_use');
      expect([call?.input, message.stop_reason]).toEqual([INPUT, 'tool_use']);
      messages.push(
        { role: 'assistant', content: message.content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'Snow.' }] },
      );
      const answer = await client.messages.create({ ...ask, messages, tools });
      expect(answer.content).toMatchObject([{ type: 'text', text: 'It snows.' }]);
      checkConversation(transport);
    });

    it('works with openai’s Responses', async () => {
      playTools(transport);
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
      checkConversation(transport);
    });

    it('works with ollama', async () => {
      playTools(transport);
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
      checkConversation(transport);
    });

    it('works with google’s Gemini', async () => {
      playTools(transport);
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
      checkConversation(transport);
    });
  },
);

describe('a picture from an image bot', () => {
  it('comes with openai’s images, by the name that the account gives it', async () => {
    await open('bot', { modelMapping: 'dall-e-3 = GPT-Image-2' });
    stub.always = eventsOf([
      say.replace('Generating... (1s elapsed)'),
      say.file(stub.pictureUrl, 'image/png', 'out.png'),
      say.done,
    ]);
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const asked = { model: 'dall-e-3', prompt: 'a fox', size: '1024x1024' as const };
    const shown = await client.images.generate(asked);
    expect(shown.data).toEqual([{ url: stub.pictureUrl }]);
    const sent = await client.images.generate({ ...asked, response_format: 'b64_json' });
    expect(sent.data).toEqual([{ b64_json: PICTURE.toString('base64') }]);
    expect(stub.calls()[0]?.bot).toBe('GPT-Image-2');
    expect(stub.calls()[0]?.body.query).toMatchObject([{ content: 'a fox', parameters: { aspect: '1:1' } }]);
  });

  it('is shown in a chat as markdown', async () => {
    await open('bot');
    stub.always = eventsOf([say.file(stub.pictureUrl, 'image/png', 'out.png'), say.done]);
    const client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
    const answer = await client.generate({ model: 'nano-banana-2', prompt: 'a fox' });
    expect(answer.response).toBe(`![out.png](${stub.pictureUrl})`);
  });
});

describe('names', () => {
  const askOpenAi = (model: string) =>
    new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 }).chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'Hi' }],
    });

  it('of bots are listed in every dialect, the account’s own among them', async () => {
    await open('bot', { modelMapping: 'fast = GPT-5.4' });
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY });
    const { data } = await client.models.list();
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['fast', 'claude-sonnet-4.6', 'gpt-image-2']));
    const ollama = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
    expect((await ollama.list()).models.map(({ name }) => name)).toContain('fast');
  });

  it('that nobody knows are refused, and with a fallback answered by it, which reply and log tell', async () => {
    await open('bot');
    await expect(askOpenAi('nobody')).rejects.toMatchObject({ status: 404 });
    expect(stub.calls()).toEqual([]);
    await house.close();
    await open('bot', { fallbackModel: 'gpt-5.4' });
    expect(await askOpenAi('nobody')).toMatchObject({ model: 'GPT-5.4' });
    expect((await house.closed(1))[0]?.notes).toContain(
      'Poe has no bot "nobody"; GPT-5.4 answered instead, as this account is set to.',
    );
  });
});

describe('what goes wrong', () => {
  it('reaches a client in its own shape, with the wait that Poe asks for', async () => {
    await open('bot');
    stub.always = refuse(429, 'rate_limit_error', 'Slow down.', { 'retry-after': '90' });
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const failure = await client.chat.completions
      .create({ model: MODEL, messages: [{ role: 'user', content: 'Hi' }] })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 429 });
    expect((failure as { headers: Headers }).headers.get('retry-after')).toBe('90');
  });

  it.each([
    ['a cut', eventsOf([say.text('Half')], 'cut')],
    ['an error', eventsOf([say.text('Half'), say.error('Hiccup', true)])],
    ['words taken back', eventsOf([say.text('Half'), say.replace('None'), say.done])],
  ])('in the middle of a reply is never told as its end: %s', async (_name, answer) => {
    await open('bot');
    stub.reply(answer);
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const stream = client.messages.stream({ model: MODEL, max_tokens: 9, messages: [{ role: 'user', content: 'Hi' }] });
    await expect(stream.finalMessage()).rejects.toThrow();
    const [row] = await house.closed(1);
    expect(row?.state).toBe('failed');
    expect(JSON.stringify(row)).not.toContain(POE_KEY);
  });
});
