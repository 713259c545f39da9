// Many steps of two parallel calls through the real Claude Code program, from the official package of every dialect: each
// tool runs in the client, the upstream sees one conversation that only grows, and its cache knows all of it.
import Anthropic from '@anthropic-ai/sdk';
import { type Content, GoogleGenAI } from '@google/genai';
import { Ollama, type Message as OllamaMessage } from 'ollama';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  expectCacheHits,
  expectOneConversation,
  LOOP_STEPS,
  listCities,
  SHORT_LOOP_STEPS,
  scriptLoop,
} from '../support/claude-loop.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude, listRunning } from '../support/real-claude.ts';

const model = 'cc/claude-sonnet-5-5';
const QUESTION = 'How is the weather everywhere?';
const DESCRIPTION = 'Tells the weather.';
/** Long enough for the upstream's cache, which keeps nothing short. */
const INSTRUCTIONS = `You tell the weather. ${'Be very exact about it. '.repeat(300)}`;
const city = { type: 'object' as const, properties: { city: { type: 'string' } }, required: ['city'] };

let stub: MessagesStub;
let house: House;

/** What a client did and read. */
interface Loop {
  readonly ran: string[];
  /** The tokens that each reply says were read from the cache. */
  readonly cached: (number | null | undefined)[];
  said: string;
}

/** Runs one call where a client would, and remembers it. */
function runTool(loop: Loop, input: unknown): string {
  const { city: name } = (typeof input === 'string' ? JSON.parse(input) : input) as { city: string };
  loop.ran.push(name);
  return `${name} is fine.`;
}

async function runChat(): Promise<Loop> {
  const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
  const loop: Loop = { ran: [], cached: [], said: '' };
  const run = (input: object) => runTool(loop, input);
  const runner = client.chat.completions.runTools(
    {
      model,
      stream: true,
      stream_options: { include_usage: true },
      messages: [
        { role: 'system', content: INSTRUCTIONS },
        { role: 'user', content: QUESTION },
      ],
      tools: [
        {
          type: 'function',
          function: {
            name: 'get_weather',
            description: DESCRIPTION,
            parameters: city,
            parse: JSON.parse,
            function: run,
          },
        },
      ],
    },
    { maxChatCompletions: LOOP_STEPS + 1 },
  );
  loop.said = (await runner.finalContent()) ?? '';
  loop.cached.push(...runner.allChatCompletions().map(({ usage }) => usage?.prompt_tokens_details?.cached_tokens));
  return loop;
}

async function runMessages(): Promise<Loop> {
  const client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
  const loop: Loop = { ran: [], cached: [], said: '' };
  const messages: Anthropic.MessageParam[] = [{ role: 'user', content: QUESTION }];
  const tools = [{ name: 'get_weather', description: DESCRIPTION, input_schema: city }];
  while (loop.said === '') {
    const ask = { model, max_tokens: 500, system: INSTRUCTIONS, messages, tools };
    const { content, usage } = await client.messages.stream(ask).finalMessage();
    loop.cached.push(usage.cache_read_input_tokens);
    const calls = content.filter((block) => block.type === 'tool_use');
    if (calls.length === 0) loop.said = content.map((block) => (block.type === 'text' ? block.text : '')).join('');
    const results = calls.map(({ id, input }) => ({
      type: 'tool_result' as const,
      tool_use_id: id,
      content: runTool(loop, input),
    }));
    messages.push({ role: 'assistant', content }, { role: 'user', content: results });
  }
  return loop;
}

async function runResponses(isChained: boolean): Promise<Loop> {
  const client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
  const loop: Loop = { ran: [], cached: [], said: '' };
  const tools = [
    { type: 'function' as const, name: 'get_weather', description: DESCRIPTION, parameters: city, strict: false },
  ];
  const past: OpenAI.Responses.ResponseInputItem[] = [];
  let input: OpenAI.Responses.ResponseInputItem[] = [{ role: 'user', content: QUESTION }];
  let previous: string | undefined;
  while (loop.said === '') {
    const start = isChained ? { input, previous_response_id: previous } : { input: [...past, ...input], store: false };
    const reply = await client.responses.stream({ model, instructions: INSTRUCTIONS, tools, ...start }).finalResponse();
    previous = reply.id;
    loop.cached.push(reply.usage?.input_tokens_details.cached_tokens);
    past.push(...input, ...(reply.output as OpenAI.Responses.ResponseInputItem[]));
    input = reply.output.flatMap((item) =>
      item.type === 'function_call'
        ? [{ type: 'function_call_output', call_id: item.call_id, output: runTool(loop, item.arguments) }]
        : [],
    );
    if (input.length === 0) loop.said = reply.output_text;
  }
  return loop;
}

async function runGemini(): Promise<Loop> {
  const { models } = new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url } });
  const loop: Loop = { ran: [], cached: [], said: '' };
  const contents: Content[] = [{ role: 'user', parts: [{ text: QUESTION }] }];
  const functionDeclarations = [{ name: 'get_weather', description: DESCRIPTION, parametersJsonSchema: city }];
  const config = { systemInstruction: INSTRUCTIONS, tools: [{ functionDeclarations }] };
  while (loop.said === '') {
    const { candidates, usageMetadata } = await models.generateContent({ model, contents, config });
    loop.cached.push(usageMetadata?.cachedContentTokenCount ?? 0);
    const content = candidates?.[0]?.content ?? {};
    const results = (content.parts ?? []).flatMap(({ functionCall }) => {
      if (functionCall === undefined) return [];
      const { id, name, args } = functionCall;
      return [{ functionResponse: { id, name, response: { output: runTool(loop, args) } } }];
    });
    if (results.length === 0) loop.said = (content.parts ?? []).map(({ text }) => text ?? '').join('');
    contents.push(content, { role: 'user', parts: results });
  }
  return loop;
}

async function runOllama(): Promise<Loop> {
  const client = new Ollama({ host: house.url, headers: { authorization: `Bearer ${KEY}` } });
  const loop: Loop = { ran: [], cached: [], said: '' };
  const messages: OllamaMessage[] = [
    { role: 'system', content: INSTRUCTIONS },
    { role: 'user', content: QUESTION },
  ];
  const tools = [{ type: 'function', function: { name: 'get_weather', description: DESCRIPTION, parameters: city } }];
  while (loop.said === '') {
    const { message } = await client.chat({ model, messages, tools });
    const calls = message.tool_calls ?? [];
    messages.push(message);
    for (const { function: call } of calls) {
      messages.push({ role: 'tool', tool_name: call.name, content: runTool(loop, call.arguments) });
    }
    if (calls.length === 0) loop.said = message.content;
  }
  return loop;
}

describeClaude('a long loop of parallel calls', (file) => {
  beforeEach(async () => {
    stub = await startMessagesStub({ caches: true });
    const account = { id: 'cc', name: 'Claude', provider: 'claude-code', values: { cliPath: file } };
    const env = { ANTHROPIC_BASE_URL: stub.url };
    house = await openHouse({ accounts: [{ ...account, env, secrets: { key: 'sk-test' } }] });
  });
  afterEach(async () => {
    await house.close();
    await stub.close();
    expect(listRunning(file)).toEqual([]);
  });

  it.each([
    ["OpenAI's chat", LOOP_STEPS, runChat],
    ["Anthropic's Messages", LOOP_STEPS, runMessages],
    ["OpenAI's Responses, told in full", LOOP_STEPS, () => runResponses(false)],
    ["OpenAI's Responses, each after the last", SHORT_LOOP_STEPS, () => runResponses(true)],
    ["Google's Gemini", SHORT_LOOP_STEPS, runGemini],
    ["Ollama's", SHORT_LOOP_STEPS, runOllama],
  ])('stays one conversation that the cache knows: %s, %i steps', async (_name, steps, run) => {
    scriptLoop(stub, steps);
    const { said, ran, cached } = await run();
    expect({ said, ran }).toEqual({ said: 'All done.', ran: listCities(steps) });
    expectOneConversation(stub, steps);
    // Not every dialect tells of the cache.
    const hits = expectCacheHits(stub);
    if (cached.length > 0) expect(cached).toEqual(hits);
  });
});
