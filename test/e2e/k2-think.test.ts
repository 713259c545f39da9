// The official clients of five dialects through the whole house to all three upstreams of K2-Think: thinking in the form of
// each, a tool that the model has to be told of in words, and what goes wrong.
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { Ollama } from 'ollama';
import OpenAI from 'openai';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCall } from '../../main/providers/kit/emulated-tools/plan.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { API_KEY, EMAIL, type K2Stub, PASSWORD, refuse, say, startK2Stub } from '../support/k2-stub.ts';

let stub: K2Stub;
let house: House;

beforeEach(async () => {
  stub = await startK2Stub();
  const shared = { provider: 'k2-think', endpoints: { ...stub.endpoints } };
  house = await openHouse({
    accounts: [
      { ...shared, id: 'web', method: 'password', values: { email: EMAIL }, secrets: { password: PASSWORD } },
      { ...shared, id: 'guest', method: 'guest' },
      { ...shared, id: 'api', method: 'key', secrets: { key: API_KEY } },
    ],
  });
});

afterEach(async () => {
  const said = JSON.stringify(house.log);
  for (const secret of [PASSWORD, API_KEY, ...stub.chats().map(({ token }) => token)]) {
    if (secret !== '') expect(said).not.toContain(secret);
  }
  await house.close();
  await stub.close();
});

const QUESTION = 'How is the weather in Oslo?';
const THOUGHT = 'Weather. I have a tool for that.';
const INPUT = { city: 'Oslo' };
const schema = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

/** Thinks as the model does on each host, says something and calls the tool; then says what came of it. */
const FORMS: Readonly<Record<string, (answer: string) => string[]>> = {
  web: (answer) => ['<think dura', `tion="3">${THOUGHT}\n</think>\n`, ...answer.split(/(?<=o)/)],
  guest: (answer) => [
    '<details type="reasoning" done="true">\n<summary>Thought',
    `</summary>\n${THOUGHT}\n</details>\n<answer>`,
    ...answer.split(/(?<=o)/),
    '</answer>',
  ],
  api: (answer) => [`${THOUGHT}\n</think>\n${answer}`],
};

const CALL = `Let me look.\n${writeCall('weather', JSON.stringify(INPUT))}`;

/** What both requests of a conversation with a tool must have brought: words alone. */
function checkConversation(): void {
  const [first, second] = stub.chats().map(({ body }) => body);
  for (const body of [first, second]) {
    expect(body).not.toHaveProperty('tools');
    expect(JSON.stringify(body)).toContain(String.raw`\"name\":\"weather\"`);
  }
  const [call, result] = ((second?.messages ?? []) as { role: string; content: string }[]).slice(-2);
  expect(call).toMatchObject({ role: 'assistant', content: expect.stringContaining('"arguments":{"city":"Oslo"}') });
  expect(result).toMatchObject({ role: 'user', content: expect.stringContaining('Snow.') });
}

describe.each(['web', 'guest', 'api'])('a conversation with thinking and a tool over %s', (account) => {
  const model = `${account}/K2-Think`;
  const form = FORMS[account] ?? FORMS.web ?? (() => []);
  beforeEach(() => stub.reply(say(...form(CALL)), say(...form('It snows.'))));
  afterEach(checkConversation);

  it('works with openai’s chat completions', async () => {
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: QUESTION }];
    const stream = client.chat.completions.stream({ model, messages, tools });
    let thought = '';
    stream.on('chunk', ({ choices }) => {
      const { reasoning_content: piece } = (choices[0]?.delta ?? {}) as { reasoning_content?: string };
      thought += piece ?? '';
    });
    const { choices } = await stream.finalChatCompletion();
    const message = choices[0]?.message;
    expect([choices[0]?.finish_reason, message?.content?.trim(), thought]).toEqual([
      'tool_calls',
      'Let me look.',
      THOUGHT,
    ]);
    const [call] = message?.tool_calls ?? [];
    if (message === undefined || call?.type !== 'function') throw new Error('no call');
    expect(JSON.parse(call.function.arguments)).toEqual(INPUT);
    messages.push(message, { role: 'tool', tool_call_id: call.id, content: 'Snow.' });
    const answer = await client.chat.completions.create({ model, messages, tools });
    expect(answer.choices[0]?.message).toMatchObject({ content: 'It snows.', reasoning_content: THOUGHT });
  });

  it('works with openai’s Responses', async () => {
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [
      { type: 'function' as const, name: 'weather', description: 'Weather', parameters: schema, strict: false },
    ];
    const first = await client.responses.stream({ model, tools, input: QUESTION }).finalResponse();
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
  });

  it('works with anthropic’s Messages', async () => {
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const tools = [{ name: 'weather', input_schema: schema }];
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: QUESTION }];
    const message = await client.messages.stream({ model, max_tokens: 4096, messages, tools }).finalMessage();
    expect(message.content.map(({ type }) => type)).toEqual(['thinking', 'text', 'tool_use']);
    expect(message.content[0]).toMatchObject({ thinking: THOUGHT });
    const call = message.content.find((block) => block.type === 'tool_use');
    expect([call?.input, message.stop_reason]).toEqual([INPUT, 'tool_use']);
    messages.push(
      { role: 'assistant', content: message.content },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: call?.id ?? '', content: 'Snow.' }] },
    );
    const answer = await client.messages.create({ model, max_tokens: 4096, messages, tools });
    expect(answer.content).toMatchObject([{ type: 'thinking' }, { type: 'text', text: 'It snows.' }]);
  });

  it('works with ollama', async () => {
    const client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
    const tools = [{ type: 'function', function: { name: 'weather', description: 'Weather', parameters: schema } }];
    const question = { role: 'user', content: QUESTION };
    const { message } = await client.chat({ model, messages: [question], tools, think: true });
    expect(message.content.trim()).toBe('Let me look.');
    expect(message).toMatchObject({
      thinking: THOUGHT,
      tool_calls: [{ function: { name: 'weather', arguments: INPUT } }],
    });
    const messages = [question, message, { role: 'tool', content: 'Snow.', tool_name: 'weather' }];
    const stream = await client.chat({ model, messages, tools, stream: true });
    let text = '';
    for await (const part of stream) text += part.message.content;
    expect(text).toBe('It snows.');
  });

  it('works with google’s Gemini', async () => {
    const client = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url } });
    const config = { tools: [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: schema }] }] };
    const question = { role: 'user', parts: [{ text: QUESTION }] };
    const first = await client.models.generateContent({
      model,
      contents: [question],
      config: { ...config, thinkingConfig: { includeThoughts: true } },
    });
    const content = first.candidates?.[0]?.content;
    expect(content?.parts?.map(({ thought, text }) => (thought ? `thought: ${text}` : text?.trim()))).toEqual([
      `thought: ${THOUGHT}`,
      'Let me look.',
      undefined,
    ]);
    const [call] = first.functionCalls ?? [];
    expect(call).toMatchObject({ name: 'weather', args: INPUT });
    const functionResponse = { id: call?.id, name: 'weather', response: { output: 'Snow.' } };
    const result = { role: 'user', parts: [{ functionResponse }] };
    const contents = content === undefined ? [question, result] : [question, content, result];
    const stream = await client.models.generateContentStream({ model, contents, config });
    let text = '';
    for await (const part of stream) text += part.text ?? '';
    expect(text).toBe('It snows.');
  });
});

describe('tools', () => {
  it('stay whole in the request, however many there are', async () => {
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = Array.from({ length: 150 }, (_, at) => ({
      type: 'function' as const,
      function: { name: `tool_${at}`, description: `Does thing ${at}. ${'Well. '.repeat(20)}`, parameters: schema },
    }));
    stub.reply(say(`<think></think>${writeCall('tool_149', JSON.stringify(INPUT))}`));
    const answer = await client.chat.completions.create({
      model: 'web/K2-Think',
      messages: [{ role: 'user', content: 'Go' }],
      tools,
    });
    expect(answer.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { name: 'tool_149' } });
    const said = JSON.stringify(stub.chats()[0]?.body);
    for (const { function: tool } of tools) expect(said).toContain(`\\"${tool.name}\\"`);
    expect(said).toContain('<tool_call>');
  });

  it('work without thinking, too', async () => {
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: { name: 'weather', parameters: schema } }];
    stub.reply(say('<think>Hm.</think>', CALL));
    const model = 'web/MBZUAI-IFM/K2Think-nothink';
    const { choices } = await client.chat.completions.create({
      model,
      messages: [{ role: 'user', content: QUESTION }],
      tools,
    });
    expect(choices[0]?.message).not.toHaveProperty('reasoning_content');
    expect(choices[0]?.finish_reason).toBe('tool_calls');
  });
});

describe('what goes wrong', () => {
  it('reaches a client in its own shape, with the wait that the upstream asks for', async () => {
    stub.always = refuse(429, 'Slow down.', { 'retry-after': '90' });
    const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const failure = await client.chat.completions
      .create({ model: 'web/K2-Think', messages: [{ role: 'user', content: 'Hi' }] })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 429 });
    expect((failure as { headers: Headers }).headers.get('retry-after')).toBe('90');
  });

  it('in the middle of a reply is never told as its end', async () => {
    stub.reply({ words: ['<think>Hm.</think>Half'], after: 'cut' });
    const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const stream = client.messages.stream({ model: 'web/K2-Think', max_tokens: 9, messages });
    await expect(stream.finalMessage()).rejects.toThrow();
    const [row] = await house.closed(1);
    expect(row?.state).toBe('failed');
  });
});
