// Replies in which the model searches the web, over the stub: one reply for the client, however many rounds it took.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../../../main/canonical/conversation.ts';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createKiroProviderWith } from '../../../../main/providers/kiro/index.ts';
import type { Provider } from '../../../../main/providers/provider.ts';
import { createKiroCredential } from '../../../support/kiro-account.ts';
import { frames } from '../../../support/kiro-frames.ts';
import { createKiroServices } from '../../../support/kiro-services.ts';
import { API_KEY, json, type KiroStub, refuse, startKiroStub, streamOf } from '../../../support/kiro-stub.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

let stub: KiroStub;
let http: HttpClient;
let provider: Provider;
let notes: string[];

beforeEach(async () => {
  stub = await startKiroStub();
  http = createHttpClient();
  notes = [];
  const machine = { platform: 'linux', home: makeTempFolder(), environment: {} } as const;
  provider = createKiroProviderWith(createKiroServices(http), { machine });
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

const converse = (request: Partial<ConversationRequest> = {}, values: Record<string, string> = { webSearch: 'yes' }) =>
  provider.converse(
    { model: 'glm-5', messages: [{ role: 'user', parts: [{ type: 'text', text: 'News?' }] }], ...request },
    {
      credential: {
        account: createKiroCredential(stub, { method: 'key', values }).account,
        secrets: { apiKey: API_KEY },
      },
      signal: new AbortController().signal,
      requestId: 'r',
      live: true,
      note: (text) => notes.push(text),
    },
  );

const searchFor = (query: string, id = 's1') =>
  streamOf([
    frames.text('Let me look.'),
    frames.toolCall(id, 'web_search', JSON.stringify({ query })),
    frames.tail('TOOL_USE'),
  ]);
const say = (text: string) => streamOf([frames.text(text), frames.tail()]);
const searches = () => stub.requests.filter(({ style }) => style === 'mcp');
const offered = (at: number): string[] => {
  const body = stub.calls()[at]?.body as { conversationState: { currentMessage: { userInputMessage: UserMessage } } };
  const { tools = [] } = body.conversationState.currentMessage.userInputMessage.userInputMessageContext ?? {};
  return tools.map((tool) => tool.toolSpecification.name);
};
interface UserMessage {
  userInputMessageContext?: {
    tools?: { toolSpecification: { name: string } }[];
    toolResults?: { status: string; content: { text: string }[] }[];
  };
}

describe('a search', () => {
  it('is answered within the reply and shown as what the model thought of', async () => {
    stub.reply(searchFor('patchbay'), say('Found it.'));
    const reply = await collect(converse());
    expect(reply.parts).toEqual([
      { type: 'text', text: 'Let me look.' },
      { type: 'reasoning', text: 'Searched the web for “patchbay”:\n- About patchbay (https://example.com/1)\n' },
      { type: 'text', text: 'Found it.' },
    ]);
    expect(reply.finishReason.kind).toBe('stop');
    expect(notes).toContain('Kiro charged 0.1794 credits for this reply.');
    expect(notes).toContain("Patchbay answered the model's web search through Kiro: “patchbay”, 1 results.");
    expect(stub.faults).toEqual([]);
    expect(searches()[0]?.body).toMatchObject({
      jsonrpc: '2.0',
      method: 'tools/call',
      params: { name: 'web_search', arguments: { query: 'patchbay' } },
    });
  });

  it('gives the model what was found', async () => {
    stub.reply(searchFor('patchbay'), say('Found it.'));
    await collect(converse());
    expect(JSON.stringify(stub.calls()[1]?.body)).toContain(
      '1. About patchbay (2025-06-15)\\nhttps://example.com/1\\nA snippet.',
    );
  });

  it.each([
    ['is refused', refuse(500, 'No search today.'), 'No search today.'],
    ['fails', json(200, { jsonrpc: '2.0', error: { code: -1, message: 'broken' } }), 'broken'],
    ['says something unknown', json(200, { result: { content: [{ text: 'no JSON' }] } }), 'unknown form'],
  ])('that %s is told to the model and breaks nothing', async (_words, answer, why) => {
    stub.search = () => answer;
    stub.reply(searchFor('x'), say('Without it, then.'));
    const reply = await collect(converse());
    expect(reply.parts.at(-1)).toEqual({ type: 'text', text: 'Without it, then.' });
    expect(notes.join('\n')).toContain(why);
    const body = JSON.stringify(stub.calls()[1]?.body);
    expect(body).toContain('"status":"error"');
  });

  it('without a query is told to the model', async () => {
    stub.reply(searchFor(''), say('Oh.'));
    await collect(converse());
    expect([searches().length, JSON.stringify(stub.calls()[1]?.body).includes('needs a text')]).toEqual([0, true]);
  });

  it('is not made for ever', async () => {
    for (let round = 1; round <= 9; round += 1) stub.reply(searchFor(`q${round}`, `s${round}`));
    const reply = await collect(converse());
    expect([searches().length, stub.calls().length, reply.finishReason.raw]).toEqual([4, 5, 'too_many_searches']);
    expect(notes.join()).toContain('more than 4 times');
  });

  it('beside a call of the client’s tools leaves the turn to the client', async () => {
    const both = [frames.toolCall('s1', 'web_search', '{"query":"x"}'), frames.toolCall('t1', 'look', '{}')];
    stub.reply(streamOf([...both, frames.tail('TOOL_USE')]));
    const reply = await collect(
      converse({ tools: [{ name: 'look', parameters: { type: 'object', properties: {} } }] }),
    );
    expect([reply.parts.map(({ type }) => type), reply.finishReason.kind, searches().length]).toEqual([
      ['tool-call'],
      'tool-calls',
      0,
    ]);
    expect(notes.join()).toContain('only the calls went on');
  });

  it('that is followed by a failure breaks the reply, as it has begun', async () => {
    stub.reply(searchFor('x'), refuse(400, 'No.', 'INVALID_MODEL_ID'));
    await expect(collect(converse())).rejects.toThrow('INVALID_MODEL_ID');
  });
});

describe('the offer of a search', () => {
  it('is made only where the account says so', async () => {
    await collect(converse({}, {}));
    await collect(converse());
    expect([offered(0), offered(1)]).toEqual([[], ['web_search']]);
  });

  it('is not made where the client has a tool of that name, or wants none', async () => {
    const tools = [{ name: 'web_search', parameters: { type: 'object', properties: {} } }];
    stub.reply(searchFor('x'));
    const reply = await collect(converse({ tools }));
    expect([reply.parts.at(-1)?.type, searches().length]).toEqual(['tool-call', 0]);
    await collect(converse({ toolChoice: { type: 'none' } }));
    expect(offered(1)).toEqual([]);
  });
});
