// The client's own tools through the real Claude Code program: the model calls them, the client runs them, and the upstream
// sees one conversation that only grows.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  expectOneConversation,
  listCalls,
  listCities,
  readBlocks,
  SHORT_LOOP_STEPS as STEPS,
  scriptLoop,
} from '../support/claude-loop.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { type MessagesStub, type RecordedRequest, startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude, listRunning } from '../support/real-claude.ts';

const MODEL = 'cc/claude-sonnet-5-5';

let stub: MessagesStub;
let house: House;
let client: OpenAI;

const calls = () => listCalls(stub);

const readTools = (request: { readonly body: RecordedRequest['body'] | undefined } | undefined) =>
  (request?.body?.tools ?? []) as { name: string; description: string; input_schema: object }[];

const city = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const longDescription = `Tells the weather. ${'It is very exact. '.repeat(600)}`;

describeClaude("the client's tools", (file) => {
  beforeEach(async () => {
    stub = await startMessagesStub();
    const account = { id: 'cc', name: 'Claude', provider: 'claude-code', values: { cliPath: file } };
    const env = { ANTHROPIC_BASE_URL: stub.url };
    house = await openHouse({ accounts: [{ ...account, env, secrets: { key: 'sk-test' } }] });
    client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
  });
  afterEach(async () => {
    await house.close();
    await stub.close();
    expect(listRunning(file)).toEqual([]);
  });

  it('run in the client, two side by side, and are described in full', async () => {
    scriptLoop(stub, STEPS);
    const ran: string[] = [];
    const runner = client.chat.completions.runTools(
      {
        model: MODEL,
        stream: true,
        messages: [{ role: 'user', content: 'How is the weather everywhere?' }],
        tools: [
          {
            type: 'function',
            function: {
              name: 'get_weather',
              description: longDescription,
              parameters: city,
              parse: JSON.parse,
              function: ({ city: name }: { city: string }) => {
                ran.push(name);
                return `${name} is fine.`;
              },
            },
          },
        ],
      },
      { maxChatCompletions: STEPS + 1 },
    );
    expect(await runner.finalContent()).toBe('All done.');
    expect(ran).toEqual(listCities(STEPS));
    expectOneConversation(stub, STEPS);
    const [tool] = readTools(calls()[0]);
    expect(tool?.input_schema).toEqual(city);
    // Older programs cut them, and the log says so.
    const isCut = tool?.description.length !== longDescription.trim().length;
    expect(house.log[0]?.notes).toEqual(isCut ? [expect.stringContaining('2,048 characters')] : []);
    expect(readBlocks(calls().at(-1) as RecordedRequest).at(-1)).toEqual({
      role: 'user',
      type: 'tool_result',
      tool_use_id: 'toolu_2_1',
      content: 'Rome 2 is fine.',
    });
  });

  it("run in a client of Anthropic's dialect just the same, with failures marked", async () => {
    scriptLoop(stub, 2);
    const anthropic = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'How is the weather everywhere?' }];
    for (let step = 0; step <= 2; step += 1) {
      const reply = await anthropic.messages
        .stream({
          model: MODEL,
          max_tokens: 500,
          messages,
          tools: [{ name: 'get_weather', description: 'Tells it.', input_schema: city as Anthropic.Tool.InputSchema }],
        })
        .finalMessage();
      messages.push({ role: 'assistant', content: reply.content });
      const used = reply.content.filter((block) => block.type === 'tool_use');
      if (used.length === 0) {
        expect(reply).toMatchObject({ stop_reason: 'end_turn', content: [{ text: 'All done.' }] });
        break;
      }
      expect(reply.stop_reason).toBe('tool_use');
      expect(used.map(({ id, name, input }) => [id, name, input])).toEqual([
        [`toolu_${step}_0`, 'get_weather', { city: `Oslo ${step}` }],
        [`toolu_${step}_1`, 'get_weather', { city: `Rome ${step}` }],
      ]);
      const content = used.map(({ id }, at) => ({
        type: 'tool_result' as const,
        tool_use_id: id,
        content: 'no answer',
        ...(at === 1 && { is_error: true }),
      }));
      messages.push({ role: 'user', content });
    }
    expectOneConversation(stub, 2);
    expect(readBlocks(calls().at(-1) as RecordedRequest).at(-1)).toMatchObject({ is_error: true });
  });

  it('are forced, chosen and forbidden as the client says', async () => {
    const tools = ['first tool', 'Bash', 'ToolSearch'].map((name) => ({
      type: 'function' as const,
      function: { name, parameters: { type: 'object', properties: {} } },
    }));
    const ask = { model: MODEL, messages: [{ role: 'user' as const, content: 'Hi' }], tools };
    stub.reply({ text: '', toolUses: [{ id: 'toolu_1', name: 'mcp__gw__first_tool', input: {} }] });
    const forced = await client.chat.completions.create({
      ...ask,
      tool_choice: { type: 'function', function: { name: 'first tool' } },
      parallel_tool_calls: false,
    });
    expect(forced.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: { tool_calls: [{ id: 'toolu_1', function: { name: 'first tool', arguments: '{}' } }] },
    });
    await client.chat.completions.create({ ...ask, tool_choice: 'none' });
    const [first, second] = calls().map(({ body }) => body);
    expect(first).toMatchObject({
      tool_choice: { type: 'tool', name: 'mcp__gw__first_tool', disable_parallel_tool_use: true },
    });
    expect(first).not.toHaveProperty('thinking');
    expect(second).toMatchObject({ tool_choice: { type: 'none' } });
    for (const body of [first, second]) {
      const names = readTools({ body }).map(({ name }) => name);
      expect(names.sort()).toEqual(['mcp__gw__Bash', 'mcp__gw__ToolSearch', 'mcp__gw__first_tool']);
    }
  });

  it('that the program keeps waiting are let go of: it asks nothing more and leaves nobody behind', async () => {
    stub.reply({ text: 'Look.', toolUses: [{ id: 'toolu_1', name: 'mcp__gw__a', input: {} }] });
    const tools = [{ type: 'function' as const, function: { name: 'a' } }];
    const stream = await client.chat.completions.create({
      model: MODEL,
      stream: true,
      messages: [{ role: 'user', content: 'Hi' }],
      tools,
    });
    for await (const _ of stream);
    await house.closed(1);
    expect(calls()).toHaveLength(1);
    expect(house.log).toMatchObject([{ state: 'ok', finishReason: 'tool_use' }]);
  });

  it('are not needed for a conversation to go on in the same program', async () => {
    const messages: OpenAI.ChatCompletionMessageParam[] = [];
    for (const words of ['One', 'Two', 'Three']) {
      stub.reply({ text: `${words}, you said.`, thinking: { text: 'Hm.', signature: `sig-${words}` } });
      messages.push({ role: 'user', content: words });
      const { choices } = await client.chat.completions.create({ model: MODEL, messages });
      messages.push({ role: 'assistant', content: choices[0]?.message.content ?? '' });
    }
    const sessions = calls().map(({ headers }) => headers['x-claude-code-session-id']);
    expect(new Set(sessions).size).toBe(1);
    // The client sends no thinking back; the program has kept it.
    const last = readBlocks(calls().at(-1) as RecordedRequest).map((block) => Object.values(block as object).join(' '));
    expect(last).toEqual([
      'user text One',
      'assistant thinking Hm. sig-One',
      'assistant text One, you said.',
      'user text Two',
      'assistant thinking Hm. sig-Two',
      'assistant text Two, you said.',
      'user text Three',
    ]);
  });
});
