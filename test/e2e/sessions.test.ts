// Lasting conversations as real clients have them: the official packages through the whole house.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { ConversationRequest } from '../../main/canonical/conversation.ts';
import { createEventWriter } from '../../main/canonical/event-writer.ts';
import type { EventBatch } from '../../main/canonical/events.ts';
import type { AttemptContext } from '../../main/providers/context.ts';
import { createDemoProvider } from '../../main/providers/demo/index.ts';
import type { ProviderServices } from '../../main/providers/provider.ts';
import { type House, KEY, OTHER_KEY, openHouse } from '../support/house.ts';
import { createScriptedProvider } from '../support/scripted-provider.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

let house: House;
let client: OpenAI;
let asked: { request: ConversationRequest; state: string | undefined; id: string | undefined }[];
/** Lets the reply of "wait" go on. */
let open: () => void;
/** A "wait" has begun. */
let begun: Promise<void>;

beforeEach(async () => {
  asked = [];
  let tellBegun = () => {};
  begun = new Promise((resolve) => {
    tellBegun = resolve;
  });
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  async function* converse(
    _: string,
    context: AttemptContext,
    request: ConversationRequest,
  ): AsyncGenerator<EventBatch> {
    const { session, signal } = context;
    asked.push({ request, state: session?.state, id: session?.id });
    const count = asked.length;
    const writer = createEventWriter();
    writer.start({});
    writer.text(`Reply ${count}.`);
    yield writer.take();
    if (JSON.stringify(request.messages.at(-1)).includes('wait')) {
      tellBegun();
      await Promise.race([
        gate,
        new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      ]);
    }
    session?.keep(`state ${count}`);
    session?.spend(0.5);
    writer.usage({ inputTokens: 4, outputTokens: 2 });
    writer.end({ kind: 'stop' });
    yield writer.take();
  }
  const runner = ({ agents }: ProviderServices) =>
    createScriptedProvider({
      agent: { tools: [], modes: ['ask'] },
      listModels: async () => [{ id: 'm' }, ...agents.list().map(({ id }) => ({ id: `agent:${id}` }))],
      converse,
    });
  house = await openHouse({
    providers: (services) => [runner(services), createDemoProvider()],
    accounts: [{ id: 'one', provider: 'scripted' }],
  });
  house.projects.add({ name: 'Shop', path: makeTempFolder(), agent: { enabled: true } }, 'window');
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
});
afterEach(() => house.close());

type Ask = OpenAI.ChatCompletionCreateParamsNonStreaming & { session_id?: string; project_id?: string };
const say = (content: string, more: Partial<Ask> = {}): Ask => ({
  model: 'm',
  messages: [{ role: 'user', content }],
  ...more,
});
const words = (at: number) =>
  asked[at]?.request.messages.map(({ role, parts }) => [
    role,
    ...parts.map((part) => ('text' in part ? part.text : part.type)),
  ]);

it('a client goes on with new words alone, by field or by header, streamed or not', async () => {
  const { data: first, response } = await client.chat.completions
    .create(say('a', { session_id: 'chat-1' }))
    .withResponse();
  expect(first).toMatchObject({ session_id: 'chat-1', project_id: null });
  expect([response.headers.get('x-session-id'), response.headers.get('x-project-id')]).toEqual(['chat-1', null]);
  const headers = { 'X-Session-ID': 'chat-1' };
  const second = await client.chat.completions.create({ ...say('b'), stream: true }, { headers }).withResponse();
  expect(second.response.headers.get('x-session-id')).toBe('chat-1');
  for await (const chunk of second.data) expect(chunk).toMatchObject({ session_id: 'chat-1', project_id: null });
  await client.chat.completions.create(say('c', { session_id: 'chat-1' }));
  expect(words(2)).toEqual([
    ['user', 'a'],
    ['assistant', 'Reply 1.'],
    ['user', 'b'],
    ['assistant', 'Reply 2.'],
    ['user', 'c'],
  ]);
  expect(asked.map(({ state }) => state)).toEqual([undefined, 'state 1', 'state 2']);
  expect(JSON.stringify(asked.map(({ request }) => request.metadata))).not.toContain('chat-1');
  expect(house.sessions.find('chat-1')).toMatchObject({
    inputTokens: 12,
    outputTokens: 6,
    costUsd: 1.5,
    messageCount: 6,
  });
});

it('a request without any of it is answered as before', async () => {
  const { data, response } = await client.chat.completions.create(say('a')).withResponse();
  expect(data).not.toHaveProperty('session_id');
  expect([response.headers.has('x-session-id'), asked[0]?.id]).toEqual([false, undefined]);
  expect(house.sessions.list({ offset: 0, limit: 1 }).total).toBe(0);
});

it('a project alone begins a session whose id is told', async () => {
  const one = (await client.chat.completions.create(say('a', { project_id: 'shop' }))) as { session_id?: string };
  expect(one).toMatchObject({ session_id: expect.stringMatching(/^[0-9a-f-]{36}$/), project_id: 'shop' });
  expect(asked[0]?.id).toBe(one.session_id);
  await client.chat.completions.create(say('b', { session_id: one.session_id }));
  expect(words(1)).toHaveLength(3);
});

it('an agent goes on in its session when the client sends the whole conversation', async () => {
  const one = (await client.chat.completions.create(say('a', { model: 'agent:shop' }))) as { session_id?: string };
  expect(one).toMatchObject({ project_id: 'shop' });
  const messages = [
    { role: 'user' as const, content: 'a' },
    { role: 'assistant' as const, content: 'Reply 1.' },
    { role: 'user' as const, content: 'b' },
  ];
  expect(await client.chat.completions.create({ model: 'agent:shop', messages })).toMatchObject({
    session_id: one.session_id,
  });
  expect(asked[1]).toMatchObject({ state: 'state 1', id: asked[0]?.id });
});

it('other dialects name their session by the header', async () => {
  const anthropic = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
  const ask = (content: string) =>
    anthropic.messages.create(
      { model: 'm', max_tokens: 10, system: 'S', messages: [{ role: 'user', content }] },
      { headers: { 'x-session-id': 'chat-1' } },
    );
  await ask('a');
  await ask('b');
  expect(words(1)).toEqual([
    ['system', 'S'],
    ['user', 'a'],
    ['assistant', 'Reply 1.'],
    ['user', 'b'],
  ]);
  await client.chat.completions.create(say('c', { session_id: 'chat-1' }));
  expect(words(2)).toHaveLength(6);
});

it('a second request in a session is refused while the first one runs; ending that frees it', async () => {
  const running = client.chat.completions.create(say('wait', { session_id: 's' })).catch((error: unknown) => error);
  await begun;
  await expect(client.chat.completions.create(say('b', { session_id: 's' }))).rejects.toMatchObject({
    status: 409,
    code: 'session_busy',
  });
  const status = () => client.get<{ is_running: boolean }>('/chat/completions/s/status');
  expect(await status()).toMatchObject({ is_running: true });
  expect(await client.delete('/chat/completions/s')).toEqual({ session_id: 's', status: 'stopped' });
  expect(await running).toMatchObject({ status: 499, error: { message: 'The session was interrupted.' } });
  await client.chat.completions.create(say('c', { session_id: 's' }));
  expect(words(1)).toEqual([['user', 'c']]);
  expect(await status()).toMatchObject({ is_running: false });
});

it('a client that hangs up leaves the conversation as it was', async () => {
  await client.chat.completions.create(say('a', { session_id: 's' }));
  const gone = new AbortController();
  const stream = await client.chat.completions.create(
    { ...say('wait', { session_id: 's' }), stream: true },
    { signal: gone.signal },
  );
  await begun;
  gone.abort();
  for await (const _ of stream);
  await house.closed(2);
  open();
  await client.chat.completions.create(say('c', { session_id: 's' }));
  expect(words(2)).toEqual([
    ['user', 'a'],
    ['assistant', 'Reply 1.'],
    ['user', 'c'],
  ]);
});

it("another client's session is not there, and a wrong name is refused in words", async () => {
  await client.chat.completions.create(say('a', { session_id: 's' }));
  const other = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: OTHER_KEY, maxRetries: 0 });
  const refused = { status: 404, code: 'session_not_found' };
  await expect(other.chat.completions.create(say('b', { session_id: 's' }))).rejects.toMatchObject(refused);
  await expect(client.chat.completions.create(say('b', { session_id: 'a b' }))).rejects.toMatchObject({
    status: 400,
    param: 'session_id',
  });
  expect(asked).toHaveLength(1);
});

it('the demo, too, hears the whole conversation', async () => {
  const ask = (content: string) => client.chat.completions.create(say(content, { model: 'demo', session_id: 'd' }));
  await ask('One');
  expect((await ask('Two')).choices[0]?.message.content).toContain('You said: Two');
  expect(house.sessions.find('d')).toMatchObject({ messageCount: 4, title: 'One' });
});
