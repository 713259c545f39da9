// The official `openai` package's Responses through the whole house to scripted upstreams.
import OpenAI from 'openai';
import type { ResponseInputItem } from 'openai/resources/responses/responses';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import { createEventWriter, type EventWriter } from '../../main/canonical/event-writer.ts';
import type { Provider } from '../../main/providers/provider.ts';
import { createFeed } from '../support/gate.ts';
import { type House, KEY, OTHER_KEY, openHouse } from '../support/house.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub, streamOf, usageChunk, whole } from '../support/openai-stub.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';

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

const ask = { model: 'stub-1', input: 'Hi' };
const weather = {
  type: 'function' as const,
  name: 'weather',
  description: 'Weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } } },
  strict: false,
};
const call = (index: number, id: string, city: string) => ({
  index,
  id,
  type: 'function',
  function: { name: 'weather', arguments: `{"city":"${city}"}` },
});
const twoCalls = {
  headers: { 'content-type': 'text/event-stream' },
  pieces: [
    chunk({ role: 'assistant', reasoning_content: 'Two cities.' }),
    chunk({ content: 'Let me look.' }),
    chunk({ tool_calls: [call(0, 'call_a', 'Oslo'), call(1, 'call_b', 'Rome')] }),
    chunk({}, 'tool_calls'),
    usageChunk({ prompt_tokens: 7, completion_tokens: 3 }),
    DONE,
  ],
};
/** What the upstream was told at last. */
const told = () =>
  stub.requests.at(-1)?.body.messages as { readonly role: string; readonly [field: string]: unknown }[];

describe('a whole answer', () => {
  it('comes with text and usage, and is logged under its dialect', async () => {
    stub.reply(
      whole({ content: 'Hello', reasoning_content: 'Greet.' }, 'stop', {
        prompt_tokens: 5,
        completion_tokens: 2,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 1 },
      }),
    );
    const response = await client.responses.create({ ...ask, instructions: 'Be brief.' });
    expect(response.output_text).toBe('Hello');
    expect(response).toMatchObject({ object: 'response', status: 'completed', instructions: 'Be brief.', error: null });
    expect(response.output.map(({ type }) => type)).toEqual(['reasoning', 'message']);
    expect(response.usage).toEqual({
      input_tokens: 5,
      input_tokens_details: { cached_tokens: 4, cache_write_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 1 },
      total_tokens: 7,
    });
    expect(told()).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
    ]);
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'ok', status: 200, dialect: 'openai-responses', notes: [] });
  });

  it('that was cut short is incomplete', async () => {
    stub.reply(whole({ content: 'Hel' }, 'length'));
    const response = await client.responses.create({ ...ask, max_output_tokens: 1 });
    expect(response).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } });
    expect(stub.requests.at(-1)?.body.max_tokens).toBe(1);
  });

  it('has the form that was asked for', async () => {
    stub.reply(whole({ content: '{"city":"Oslo"}' }));
    const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const response = await client.responses.parse({
      ...ask,
      text: { format: { type: 'json_schema', name: 'place', schema, strict: true } },
    });
    expect(response.output_text).toBe('{"city":"Oslo"}');
    expect(stub.requests.at(-1)?.body.response_format).toEqual({
      type: 'json_schema',
      json_schema: { name: 'place', schema, strict: true },
    });
  });

  it('takes pictures, from a person and from a tool', async () => {
    const image_url = 'data:image/png;base64,iVBORw0KGgo=';
    await client.responses.create({
      model: 'stub-1',
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url, detail: 'low' },
          ],
        },
        { type: 'function_call', call_id: 'call_a', name: 'look', arguments: '{}' },
        { type: 'function_call_output', call_id: 'call_a', output: [{ type: 'input_image', image_url }] },
      ],
    });
    expect(told()[0]?.content).toEqual([
      { type: 'text', text: 'What is it?' },
      { type: 'image_url', image_url: { url: image_url, detail: 'low' } },
    ]);
    expect(JSON.stringify(told().at(-1))).toContain(image_url);
  });

  it('tells on the log what was left out', async () => {
    await client.responses.create({
      ...ask,
      tools: [{ type: 'web_search' }],
      prompt_cache_key: 'k',
      service_tier: 'flex',
    });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([
      "Tools that only OpenAI's service runs were left out: web_search.",
      'Left out, as no upstream is told of it: prompt_cache_key, service_tier.',
    ]);
    expect(stub.requests.at(-1)?.body).not.toHaveProperty('prompt_cache_key');
  });
});

describe('a stream', () => {
  it('brings each delta as it comes', async () => {
    const feed = createFeed<string>();
    stub.reply({ headers: { 'content-type': 'text/event-stream' }, pieces: feed });
    feed.push(chunk({ role: 'assistant', content: 'one ' }));
    const seen: string[] = [];
    for await (const event of await client.responses.create({ ...ask, stream: true })) {
      if (event.type === 'response.output_text.delta') {
        seen.push(event.delta);
        if (event.delta === 'one ') feed.push(chunk({ content: 'two' }));
        if (event.delta === 'two') {
          for (const piece of [chunk({}, 'stop'), usageChunk({ prompt_tokens: 1, completion_tokens: 2 }), DONE])
            feed.push(piece);
          feed.end();
        }
      }
      if (event.type === 'response.completed')
        seen.push(`${event.response.status} ${event.response.usage?.total_tokens}`);
    }
    expect(seen).toEqual(['one ', 'two', 'completed 3']);
  });

  it('satisfies the strict accumulator, with reasoning and parallel tool calls', async () => {
    stub.reply(twoCalls);
    const stream = client.responses.stream({ ...ask, tools: [weather] });
    const deltas: string[] = [];
    stream.on('response.function_call_arguments.delta', ({ snapshot }) => deltas.push(snapshot));
    const response = await stream.finalResponse();
    expect(response.status).toBe('completed');
    expect(response.output).toMatchObject([
      { type: 'reasoning', summary: [{ text: 'Two cities.' }] },
      { type: 'message', content: [{ text: 'Let me look.' }] },
      { type: 'function_call', call_id: 'call_a', name: 'weather', arguments: '{"city":"Oslo"}' },
      { type: 'function_call', call_id: 'call_b', name: 'weather', arguments: '{"city":"Rome"}' },
    ]);
    expect(deltas).toEqual(['{"city":"Oslo"}', '{"city":"Rome"}']);
  });
});

describe('a tool loop', () => {
  const results: ResponseInputItem[] = [
    { type: 'function_call_output', call_id: 'call_a', output: '4 °C' },
    { type: 'function_call_output', call_id: 'call_b', output: '19 °C' },
  ];
  const expected = [
    { role: 'user', content: 'Hi' },
    {
      role: 'assistant',
      content: 'Let me look.',
      reasoning_content: 'Two cities.',
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } },
        { id: 'call_b', type: 'function', function: { name: 'weather', arguments: '{"city":"Rome"}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: '4 °C' },
    { role: 'tool', tool_call_id: 'call_b', content: '19 °C' },
  ];

  it('goes on by the id of the response before, without its instructions', async () => {
    stub.reply(twoCalls);
    const first = await client.responses.stream({ ...ask, instructions: 'Old.', tools: [weather] }).finalResponse();
    stub.reply(whole({ content: 'Cold and warm.' }));
    const second = await client.responses.create({
      model: 'stub-1',
      previous_response_id: first.id,
      input: results,
      tools: [weather],
    });
    expect(second).toMatchObject({ output_text: 'Cold and warm.', previous_response_id: first.id });
    expect(told()).toEqual(expected);
    await client.responses.create({ model: 'stub-1', previous_response_id: second.id, input: 'And now?' });
    expect(told()).toEqual([
      ...expected,
      { role: 'assistant', content: 'Cold and warm.' },
      { role: 'user', content: 'And now?' },
    ]);
  });

  it('goes on with all items where nothing is kept', async () => {
    stub.reply(twoCalls);
    const first = await client.responses.stream({ ...ask, store: false, tools: [weather] }).finalResponse();
    const input = [{ role: 'user', content: 'Hi' }, ...first.output, ...results] as ResponseInputItem[];
    await client.responses.create({ model: 'stub-1', store: false, input, tools: [weather] });
    expect(told()).toEqual(expected);
    const lost = client.responses.create({ ...ask, previous_response_id: first.id });
    await expect(lost).rejects.toMatchObject({ status: 400, code: 'previous_response_not_found' });
  });

  it('goes on with references to what is kept', async () => {
    stub.reply(twoCalls);
    const first = await client.responses.stream({ ...ask, tools: [weather] }).finalResponse();
    const references = first.output.map(({ id }) => ({ type: 'item_reference', id }));
    const input = [{ role: 'user', content: 'Hi' }, ...references, ...results] as ResponseInputItem[];
    await client.responses.create({ model: 'stub-1', input, tools: [weather] });
    expect(told()).toEqual(expected);
    const stranger = client.responses.create({ ...ask, input: [{ type: 'item_reference', id: 'msg_nobody' }] });
    await expect(stranger).rejects.toMatchObject({ status: 404, param: 'input[0].id' });
  });

  it('gives tools of plain text and tools of groups their own names and forms back', async () => {
    const custom = { type: 'custom' as const, name: 'apply_patch', description: 'Edits.' };
    const group = {
      type: 'namespace' as const,
      name: 'mcp__files',
      description: 'Files',
      tools: [{ type: 'function' as const, name: 'read' }],
    };
    const calls = [
      {
        index: 0,
        id: 'call_a',
        type: 'function',
        function: { name: 'apply_patch', arguments: '{"input":"*** x\\n"}' },
      },
      { index: 1, id: 'call_b', type: 'function', function: { name: 'mcp__files__read', arguments: '{}' } },
    ];
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [chunk({ role: 'assistant', tool_calls: calls }), chunk({}, 'tool_calls'), DONE],
    });
    const tools = [custom, group];
    const { output } = await client.responses.stream({ ...ask, store: false, tools }).finalResponse();
    expect(output).toMatchObject([
      { type: 'custom_tool_call', call_id: 'call_a', name: 'apply_patch', input: '*** x\n' },
      { type: 'function_call', call_id: 'call_b', name: 'read', namespace: 'mcp__files', arguments: '{}' },
    ]);
    const back = [
      { type: 'custom_tool_call_output', call_id: 'call_a', output: 'Done.' },
      { type: 'function_call_output', call_id: 'call_b', output: 'text' },
    ];
    const input = [{ role: 'user', content: 'Hi' }, ...output, ...back] as ResponseInputItem[];
    await client.responses.create({ ...ask, store: false, tools, input });
    expect(told()[1]?.tool_calls).toEqual(calls.map(({ index: _, ...rest }) => rest));
  });
});

describe('what is kept', () => {
  it('can be read, listed and deleted by the client that asked, and by no other', async () => {
    stub.reply(streamOf(['Hel', 'lo']));
    const first = await client.responses.stream({ ...ask, metadata: { a: 'b' } }).finalResponse();
    const second = await client.responses.create({ ...ask, input: 'On.', previous_response_id: first.id });
    expect(await client.responses.retrieve(first.id)).toMatchObject({
      id: first.id,
      status: 'completed',
      output_text: 'Hello',
      metadata: { a: 'b' },
    });
    const items: unknown[] = [];
    for await (const item of client.responses.inputItems.list(second.id, { order: 'asc', limit: 2 })) items.push(item);
    expect(items).toMatchObject([
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Hello' }] },
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'On.' }] },
    ]);

    const other = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: OTHER_KEY, maxRetries: 0 });
    await expect(other.responses.retrieve(first.id)).rejects.toMatchObject({ status: 404 });
    await expect(other.responses.delete(first.id)).rejects.toMatchObject({ status: 404 });
    const theft = other.responses.create({ ...ask, previous_response_id: first.id });
    await expect(theft).rejects.toMatchObject({ status: 400, param: 'previous_response_id' });

    await expect(client.responses.cancel(first.id)).rejects.toMatchObject({ status: 400, code: 'not_cancellable' });
    const { data } = await client.responses
      .delete(first.id)
      .asResponse()
      .then(async (answer) => ({ data: await answer.json() }));
    expect(data).toEqual({ id: first.id, object: 'response', deleted: true });
    await expect(client.responses.retrieve(first.id)).rejects.toMatchObject({
      status: 404,
      code: 'response_not_found',
    });
  });

  it('is nothing where nothing is to be kept', async () => {
    const { id } = await client.responses.create({ ...ask, store: false });
    await expect(client.responses.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });
});

it('tokens are counted before a request, as a guess that says so', async () => {
  const { data, response } = await client.responses.inputTokens.count({ input: 'Hi' }).withResponse();
  expect(data).toEqual({ object: 'response.input_tokens', input_tokens: 5 });
  expect(response.headers.get('x-patchbay-estimate')).toBe('true');
});

describe('thinking with a signature', () => {
  it('survives a loop in which the client sends all items back', async () => {
    const asked: ConversationRequest[] = [];
    const speak = (tell: (writer: EventWriter) => void) => {
      const writer = createEventWriter();
      tell(writer);
      return writer.take();
    };
    const base = createScriptedProvider({ listModels: async () => [{ id: 'signer' }] });
    const provider: Provider = {
      ...base,
      async *converse(request) {
        asked.push(request);
        yield speak((writer) => {
          writer.start();
          writer.reasoning('Hm.');
          writer.endReasoning({ anthropic: { signature: 'sig+/=' } });
          writer.endReasoning({ anthropic: { redacted: 'secret' } });
          writer.toolCall(0, { id: 'toolu_1', name: 'weather' });
          writer.toolArguments(0, '{}');
          writer.end({ kind: 'tool-calls' });
        });
      },
    };
    const signed = await openHouse({ providers: [provider], accounts: [{ id: 'one', provider: 'scripted' }] });
    const signer = new OpenAI({ baseURL: `${signed.url}/v1`, apiKey: KEY, maxRetries: 0 });
    const settings = {
      model: 'signer',
      store: false,
      include: ['reasoning.encrypted_content' as const],
      tools: [weather],
    };
    const first = await signer.responses.stream({ ...settings, input: 'Hi' }).finalResponse();
    const result = { type: 'function_call_output', call_id: 'toolu_1', output: 'ok' };
    const input = [{ role: 'user', content: 'Hi' }, ...first.output, result] as ResponseInputItem[];
    await signer.responses.create({ ...settings, input });
    await signed.close();
    expect(asked[1]?.messages[1]?.parts).toMatchObject([
      { type: 'reasoning', text: 'Hm.', metadata: { anthropic: { signature: 'sig+/=' } } },
      { type: 'reasoning', text: '', metadata: { anthropic: { redacted: 'secret' } } },
      { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: '{}' },
    ]);
  });
});
