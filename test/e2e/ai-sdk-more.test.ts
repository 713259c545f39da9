// The AI SDK's providers through the whole house, for what only some of them do: objects by a tool, embeddings, pictures, and
// reasoning that goes back to where it came from.

import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import {
  APICallError,
  embedMany,
  generateImage,
  generateText,
  jsonSchema,
  Output,
  stepCountIs,
  streamText,
  tool,
} from 'ai';
import { createOllama } from 'ollama-ai-provider-v2';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DOT } from '../support/client-scene.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { json, type OpenAiStub, startOpenAiStub, whole } from '../support/openai-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

let stub: OpenAiStub;
let house: House;

beforeEach(async () => {
  vi.stubGlobal('AI_SDK_LOG_WARNINGS', false);
  stub = await startOpenAiStub();
  house = await openHouse({ accounts: [{ id: 'stub', name: 'Stub', values: { baseUrl: stub.url } }] });
});

afterEach(async () => {
  vi.unstubAllGlobals();
  await house.close();
  await stub.close();
});

const openAi = (apiKey = KEY) => createOpenAI({ baseURL: `${house.url}/v1`, apiKey });
const anthropic = (apiKey = KEY) => createAnthropic({ baseURL: `${house.url}/v1`, apiKey });
const compatible = () => createOpenAICompatible({ name: 'patchbay', baseURL: `${house.url}/v1`, apiKey: KEY });
const ollama = (key = KEY) =>
  createOllama({ baseURL: `${house.url}/api`, headers: { authorization: `Bearer ${key}` } });

const city = jsonSchema<{ city: string }>({
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
});

it('an object that anthropic asks for by a tool arrives as that tool', async () => {
  const call = { id: 'call_1', type: 'function', function: { name: 'json', arguments: '{"city":"Oslo"}' } };
  stub.reply(whole({ content: null, tool_calls: [call] }, 'tool_calls'));
  const model = anthropic()('stub-1');
  const { output } = await generateText({ model, prompt: 'Where?', output: Output.object({ schema: city }) });
  expect(output).toEqual({ city: 'Oslo' });
  expect(stub.requests.at(-1)?.body).toMatchObject({
    tools: [{ type: 'function', function: { name: 'json' } }],
    tool_choice: 'required',
    parallel_tool_calls: false,
  });
});

it.each([
  ['openai', () => openAi().embedding('stub-1')],
  ['openai-compatible', () => compatible().embeddingModel('stub-1')],
  ['ollama', () => ollama().textEmbeddingModel('stub-1')],
])('embeddings come with %s', async (_name, open) => {
  const { embeddings, usage } = await embedMany({ model: open(), values: ['one', 'two'] });
  expect({ embeddings, tokens: usage.tokens }).toEqual({
    embeddings: [
      [0, 0.5, -2],
      [1, 0.5, -2],
    ],
    tokens: 8,
  });
  expect(stub.requests.filter(({ path }) => path.endsWith('/embeddings')).map(({ body }) => body)).toMatchObject([
    { model: 'stub-1', input: ['one', 'two'] },
  ]);
});

it('a picture comes with openai', async () => {
  stub.reply(json(200, { created: 1, data: [{ b64_json: DOT }] }));
  const { image } = await generateImage({ model: openAi().image('stub-1'), prompt: 'A dot.', size: '256x256' });
  expect(image.base64).toBe(DOT);
  expect(stub.requests.at(-1)).toMatchObject({
    path: '/v1/images/generations',
    body: { model: 'stub-1', prompt: 'A dot.', size: '256x256' },
  });
});

it.each([
  ['openai, its chat model', () => openAi('wrong').chat('stub-1')],
  ['openai, its usual model', () => openAi('wrong')('stub-1')],
  ['anthropic', () => anthropic('wrong')('stub-1')],
  ['ollama', () => ollama('wrong')('stub-1')],
])('a wrong key is refused at the door with %s, and nothing reaches the upstream', async (_name, open) => {
  const error = await generateText({ model: open(), prompt: 'Hi' }).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(APICallError);
  expect(error).toMatchObject({
    statusCode: 401,
    responseBody: expect.stringContaining('not the client key of this Patchbay'),
  });
  expect(stub.requests).toEqual([]);
});

describeWith(['claude'], 'Claude Code as the upstream of the AI SDK', () => {
  it('gets its signed reasoning back with the result of a tool', async () => {
    const messages = await startMessagesStub();
    const claude = await openHouse({
      accounts: [
        {
          id: 'cc',
          name: 'Claude',
          provider: 'claude-code',
          values: { cliPath: findTool('claude') ?? '' },
          env: { ANTHROPIC_BASE_URL: messages.url },
          secrets: { key: 'sk-test' },
        },
      ],
    });
    try {
      const thinking = { text: 'Look it up.', signature: 'c2ln' };
      messages.reply({
        thinking,
        text: '',
        toolUses: [{ id: 'toolu_1', name: 'mcp__gw__find', input: { city: 'Oslo' } }],
      });
      messages.reply({ text: 'Found.' });
      const find = tool({ inputSchema: city, execute: async () => 'north' });
      const result = streamText({
        model: createAnthropic({ baseURL: `${claude.url}/v1`, apiKey: KEY })('cc/claude-sonnet-5-5'),
        prompt: 'Where is Oslo?',
        tools: { find },
        stopWhen: stepCountIs(3),
      });
      expect(await result.text).toBe('Found.');
      const bodies = messages.requests.filter(({ method }) => method === 'POST').map(({ body }) => body.messages ?? []);
      const sent = JSON.stringify(bodies.at(-1));
      expect(sent).toContain('{"type":"thinking","thinking":"Look it up.","signature":"c2ln"}');
      expect(sent).toContain('"tool_use_id":"toolu_1"');
      expect(sent).toContain('north');
    } finally {
      await claude.close();
      await messages.close();
    }
  });
});
