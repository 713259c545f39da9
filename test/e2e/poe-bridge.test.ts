// Every capability that Patchbay owes to the bridge which people used for Poe before, over the wire as its clients speak it. The
// outbound proxy is tried for all providers at once, elsewhere.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, KEY, openHouse } from '../support/house.ts';
import { say } from '../support/poe-events.ts';
import { eventsOf, json, POE_KEY, type PoeStub, startPoeStub } from '../support/poe-stub.ts';

const PAGE = 'http://localhost:3000';

let stub: PoeStub;
let house: House;

beforeEach(async () => {
  stub = await startPoeStub();
  house = await openHouse({
    accounts: [
      {
        id: 'poe',
        name: 'Poe',
        provider: 'poe',
        secrets: { key: POE_KEY },
        endpoints: { ...stub.endpoints },
        // The mapping of the bridge's own sample.
        values: { modelMapping: '{"gpt-4o":"GPT-5.4","dall-e-3":"GPT-Image-2"}', fallbackModel: 'gpt-4o' },
      },
    ],
    settings: { corsOrigins: [PAGE] },
  });
});
afterEach(async () => {
  expect(stub.faults).toEqual([]);
  await house.close();
  await stub.close();
});

const send = (path: string, body?: object, headers: Record<string, string> = {}) =>
  fetch(house.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
const chat = { model: 'gpt-4o', messages: [{ role: 'user', content: 'Hi' }] };
const lines = async (response: Response) =>
  (await response.text())
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { response?: string; message?: { content: string } });

describe('OpenAI', () => {
  it('chat is answered whole', async () => {
    const answer = (await (await send('/v1/chat/completions', chat)).json()) as { choices: object[]; usage: object };
    expect(answer.choices).toMatchObject([{ message: { role: 'assistant', content: 'Hello' }, finish_reason: 'stop' }]);
    // The bridge said 100 of everything.
    expect(answer.usage).not.toMatchObject({ prompt_tokens: 100, completion_tokens: 100 });
  });

  it('chat is streamed, with a replacement in place of what it replaces', async () => {
    stub.reply(eventsOf([say.text('Thinking... (1s elapsed)'), say.replace('Hel'), say.text('lo'), say.done]));
    const text = await (await send('/v1/chat/completions', { ...chat, stream: true })).text();
    const said = [...text.matchAll(/"content":"([^"]*)"/g)].map(([, piece]) => piece).join('');
    expect(said).toBe('Hello');
    expect(text.trimEnd().endsWith('data: [DONE]')).toBe(true);
  });

  it('images have the size as a ratio of the bot', async () => {
    stub.reply(eventsOf([say.text(`![fox](${stub.pictureUrl})`), say.done]));
    const answer = await (
      await send('/v1/images/generations', { model: 'dall-e-3', prompt: 'a fox', size: '1536x1024' })
    ).json();
    expect(answer).toMatchObject({ created: expect.any(Number), data: [{ url: stub.pictureUrl }] });
    expect(stub.calls()[0]).toMatchObject({ bot: 'GPT-Image-2', body: { query: [{ parameters: { aspect: '3:2' } }] } });
  });

  it('models are those of Poe and those of the mapping', async () => {
    const { data } = (await (await send('/v1/models')).json()) as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual(expect.arrayContaining(['gpt-4o', 'dall-e-3', 'claude-sonnet-4.6']));
  });
});

describe('Ollama', () => {
  it('/api/generate streams lines, and invents no counts', async () => {
    const answer = await lines(await send('/api/generate', { model: 'gpt-4o', prompt: 'Hi' }));
    expect(answer.map(({ response }) => response).join('')).toBe('Hello');
    expect(answer.at(-1)).toMatchObject({ done: true });
    expect(answer.at(-1)).not.toHaveProperty('eval_count');
  });

  it('/api/chat streams lines', async () => {
    const answer = await lines(await send('/api/chat', { ...chat, model: 'GPT-5.4' }));
    expect(answer.map(({ message }) => message?.content).join('')).toBe('Hello');
    expect(answer.at(-1)).toMatchObject({ done: true });
  });

  it('/api/tags lists the bots', async () => {
    const { models } = (await (await send('/api/tags')).json()) as { models: { name: string }[] };
    expect(models.map(({ name }) => name)).toEqual(expect.arrayContaining(['gpt-4o', 'claude-sonnet-4.6']));
  });
});

describe('Poe', () => {
  it('is asked by the name of the mapping, in any case', async () => {
    await send('/v1/chat/completions', { ...chat, model: 'GPT-4O' });
    await send('/v1/chat/completions', { ...chat, model: 'claude-SONNET-4.6' });
    expect(stub.calls().map(({ bot }) => bot)).toEqual(['GPT-5.4', 'Claude-Sonnet-4.6']);
  });

  it('reaches bots that no list has, by the account’s name', async () => {
    await send('/v1/chat/completions', { ...chat, model: 'poe/MyBot' });
    expect(stub.calls()[0]?.bot).toBe('MyBot');
  });

  it('answers for unknown names by the fallback, visibly', async () => {
    const answer = await (await send('/v1/chat/completions', { ...chat, model: 'nobody' })).json();
    expect(answer).toMatchObject({ model: 'GPT-5.4' });
    expect((await house.closed(1))[0]?.notes.join()).toContain('Poe has no bot "nobody"; GPT-5.4 answered instead');
  });

  it('gets pictures through its upload', async () => {
    const url = `data:image/png;base64,${Buffer.from('dot').toString('base64')}`;
    const content = [{ type: 'image_url', image_url: { url } }];
    await send('/v1/chat/completions', { ...chat, messages: [{ role: 'user', content }] });
    expect(stub.calls()[0]?.body.query).toMatchObject([{ attachments: [{ content_type: 'image/png' }] }]);
  });

  it('calls tools, also where a bot has none of its own', async () => {
    const call = '<tool_call>\n{"name":"weather","arguments":{"city":"Oslo"}}\n</tool_call>';
    stub.reply(eventsOf([...call].map((letter) => say.text(letter)).concat(say.done)));
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
    const answer = await (await send('/v1/chat/completions', { ...chat, model: 'deepseek-v3.2', tools })).json();
    expect(answer).toMatchObject({
      choices: [
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Oslo"}' } }] },
        },
      ],
    });
  });
});

describe('the door', () => {
  it('wants a client key, never the upstream’s, and sends only the upstream’s to Poe', async () => {
    expect((await send('/v1/chat/completions', chat, { authorization: `Bearer ${POE_KEY}` })).status).toBe(401);
    expect((await send('/v1/chat/completions', chat)).status).toBe(200);
    expect(stub.requests.every(({ headers }) => !JSON.stringify(headers).includes(KEY))).toBe(true);
  });

  it('lets pages of allowed origins ask, and no others', async () => {
    const asked = await send('/v1/chat/completions', chat, { origin: PAGE });
    expect([asked.status, asked.headers.get('access-control-allow-origin')]).toEqual([200, PAGE]);
    const other = await send('/v1/chat/completions', chat, { origin: 'http://evil.example' });
    expect([other.status, other.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });

  it('never tells the key, even where Poe repeats it', async () => {
    stub.always = json(401, { error: { code: 401, type: 'authentication_error', message: `Bad key ${POE_KEY}` } });
    const text = await (await send('/v1/chat/completions', chat)).text();
    expect(text).toContain('Bad key');
    expect(text + JSON.stringify(await house.closed(1))).not.toContain(POE_KEY);
  });
});
