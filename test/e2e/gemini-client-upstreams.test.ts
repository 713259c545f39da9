// The official `@google/genai` package through the whole house to upstreams that can what few can: sign thoughts, and make
// embeddings.
import { GoogleGenAI, Type } from '@google/genai';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../main/canonical/conversation.ts';
import type { EmbeddingRequest } from '../../main/canonical/embeddings.ts';
import type { ConversationEvent, EventBatch } from '../../main/canonical/events.ts';
import type { Provider } from '../../main/providers/provider.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';

const parameters = { type: Type.OBJECT, properties: { city: { type: Type.STRING } } };
const tools = [{ functionDeclarations: [{ name: 'weather', description: 'Weather', parameters }] }];
const createClient = (house: House) => new GoogleGenAI({ apiKey: KEY, httpOptions: { baseUrl: house.url } });

async function readAll<Item>(stream: AsyncIterable<Item>): Promise<Item[]> {
  const items: Item[] = [];
  for await (const item of stream) items.push(item);
  return items;
}

describe('an upstream that signs its thoughts', () => {
  const signed = { anthropic: { signature: 'sig-1' } };
  const answers: readonly (readonly ConversationEvent[])[] = [
    [
      { type: 'reply-start' },
      { type: 'reasoning-start', block: 0 },
      { type: 'reasoning-delta', block: 0, text: 'I look it up.' },
      { type: 'reasoning-end', block: 0, metadata: signed },
      { type: 'tool-call-start', block: 1, id: 'toolu_1', name: 'weather' },
      { type: 'tool-call-delta', block: 1, text: '{"city":"Oslo"}' },
      { type: 'tool-call-end', block: 1 },
      { type: 'reply-end', finishReason: { kind: 'tool-calls' } },
    ],
    [
      { type: 'reply-start' },
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'It snows.' },
      { type: 'text-end', block: 0 },
      { type: 'reply-end', finishReason: { kind: 'stop' } },
    ],
  ];

  it.each([
    ['streamed, with thoughts', true, true],
    ['streamed, without', true, false],
    ['whole, with thoughts', false, true],
    ['whole, without', false, false],
  ])('a chat brings them back with their signature: %s', async (_name, stream, includeThoughts) => {
    const heard: (readonly Message[])[] = [];
    const provider: Provider = {
      ...createScriptedProvider({ listModels: async () => [{ id: 'm' }] }),
      async *converse({ messages }): AsyncGenerator<EventBatch> {
        const answer = answers[heard.length] ?? [];
        heard.push(messages);
        for (const event of answer) yield [event];
      },
    };
    const accounts = [{ id: 'a', name: 'A', provider: 'scripted' }];
    const house = await openHouse({ providers: [provider], accounts });
    const config = { tools, thinkingConfig: { includeThoughts } };
    const chat = createClient(house).chats.create({ model: 'm', config });
    const send = async (message: Parameters<typeof chat.sendMessage>[0]['message']) =>
      stream ? readAll(await chat.sendMessageStream({ message })) : [await chat.sendMessage({ message })];
    const [first] = (await send('Weather?')).flatMap(({ functionCalls }) => functionCalls ?? []);
    expect(first).toEqual({ id: 'toolu_1', name: 'weather', args: { city: 'Oslo' } });
    const functionResponse = { id: 'toolu_1', name: 'weather', response: { error: 'No line.' } };
    expect((await send([{ functionResponse }])).map(({ text }) => text ?? '').join('')).toBe('It snows.');
    const shown = JSON.stringify(chat.getHistory()).includes('"thought":true');
    expect(shown).toBe(includeThoughts);
    const result = { type: 'tool-result', toolCallId: 'toolu_1', name: 'weather', isError: true };
    expect(heard[1]?.slice(1)).toEqual([
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'I look it up.', metadata: signed },
          { type: 'tool-call', id: 'toolu_1', name: 'weather', arguments: '{"city":"Oslo"}' },
        ],
      },
      { role: 'tool', parts: [{ ...result, parts: [{ type: 'text', text: 'No line.' }] }] },
    ]);
    const rows = await house.closed(2);
    expect(rows.flatMap(({ notes }) => notes)).toEqual([]);
    await house.close();
  });
});

describe('an upstream that makes embeddings', () => {
  const vectors = [[0.5, -1], Buffer.from(new Float32Array([0.25, 2]).buffer).toString('base64')];

  it('texts become vectors, one or many, whatever form the upstream has them in', async () => {
    const asked: EmbeddingRequest[] = [];
    const provider: Provider = {
      ...createScriptedProvider({ listModels: async () => [{ id: 'm' }] }),
      embed: async (request) => {
        asked.push(request);
        return { vectors: vectors.slice(0, request.inputs.length) };
      },
    };
    const house = await openHouse({ providers: [provider], accounts: [{ id: 'a', name: 'A', provider: 'scripted' }] });
    const config = { outputDimensionality: 2, taskType: 'RETRIEVAL_QUERY' };
    const many = await createClient(house).models.embedContent({ model: 'm', contents: ['one', 'two'], config });
    expect(many.embeddings).toEqual([{ values: [0.5, -1] }, { values: [0.25, 2] }]);
    const one = await fetch(`${house.url}/v1beta/models/m:embedContent?key=${KEY}`, {
      method: 'POST',
      body: JSON.stringify({ content: { parts: [{ text: 'one' }, { text: 'more' }] } }),
    });
    expect(await one.json()).toEqual({ embedding: { values: [0.5, -1] } });
    expect(asked).toEqual([
      { model: 'm', inputs: ['one', 'two'], encoding: 'float', dimensions: 2 },
      { model: 'm', inputs: ['one\nmore'], encoding: 'float' },
    ]);
    const rows = await house.closed(2);
    expect(rows.map(({ notes }) => notes)).toEqual([["Left out, as only Google's models know them: taskType."], []]);
    await house.close();
  });

  it.each([
    ['embedContent', {}, 'content must be an object'],
    ['embedContent', { content: { parts: [] } }, 'content.parts must hold at least one text'],
    ['embedContent', { content: { parts: [{ inlineData: {} }] } }, 'content.parts[0].text must be a text'],
    ['batchEmbedContents', {}, 'requests must be a list'],
    ['batchEmbedContents', { requests: [{}] }, 'requests[0].content must be an object'],
  ])('a request that is wrong is told where: %s %j', async (verb, body, words) => {
    const house = await openHouse({});
    const response = await fetch(`${house.url}/v1beta/models/m:${verb}?key=${KEY}`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    expect(await response.json()).toMatchObject({ error: { code: 400, message: expect.stringContaining(words) } });
    await house.close();
  });
});
