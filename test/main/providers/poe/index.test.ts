// The whole provider over the stub: what is sent, which bot answers, what is asked again, tools, files, pictures, points.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CheckStep } from '../../../../shared/views.ts';
import { say } from '../../../support/poe-events.ts';
import { ask, collectReply, openPoeScene, type PoeScene } from '../../../support/poe-scene.ts';
import { eventsOf, json, PICTURE, refuse, wholeChat } from '../../../support/poe-stub.ts';

let scene: PoeScene;
beforeEach(async () => {
  scene = await openPoeScene();
});
afterEach(async () => {
  expect(scene.stub.faults).toEqual([]);
  await scene.close();
});

const body = (at = 0) => scene.stub.calls()[at]?.body as Record<string, never>;
const query = (at = 0) => body(at).query as unknown as Record<string, unknown>[];
const user = (text: string) => ({ role: 'user' as const, parts: [{ type: 'text' as const, text }] });

const WEATHER = {
  name: 'weather',
  description: 'The weather.',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const ROUND = [
  user('Weather?'),
  {
    role: 'assistant' as const,
    parts: [
      { type: 'text' as const, text: 'I look.' },
      { type: 'tool-call' as const, id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' },
    ],
  },
  {
    role: 'tool' as const,
    parts: [{ type: 'tool-result' as const, toolCallId: 'call_1', parts: [{ type: 'text' as const, text: 'Snow.' }] }],
  },
];

describe('a query', () => {
  it('is written as the protocol has it', async () => {
    expect(
      await scene.lines({
        messages: [{ role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] }, user('Hi')],
        temperature: 0.5,
        stop: ['END'],
        maxOutputTokens: 5,
      }),
    ).toEqual(['text: Hello', 'end stop']);
    const [call] = scene.stub.calls();
    expect([call?.path, call?.headers.accept]).toEqual(['/GPT-5.4', 'application/json']);
    expect(body()).toMatchObject({ version: '1.2', type: 'query', temperature: 0.5, stop_sequences: ['END'] });
    expect(query().map(({ role, content }) => `${role}: ${content}`)).toEqual(['system: Be brief.', 'user: Hi']);
    expect(body()).not.toHaveProperty('tools');
    expect(scene.notes).toEqual(['Left out, as Poe’s bots have no field for it: max_tokens.']);
  });

  it('names bots with odd names safely', async () => {
    await scene.lines({ model: 'My Bot/Ü?' });
    expect(scene.stub.calls()[0]?.bot).toBe('My Bot/Ü?');
  });

  it('tells a bot how much to think where the bot has an option for it', async () => {
    await scene.lines({ model: 'claude-sonnet-4.6', reasoning: { budgetTokens: 2048 } });
    await scene.lines({ reasoning: { effort: 'high' } });
    await scene.lines({ model: 'deepseek-v3.2', reasoning: { effort: 'high' } });
    expect([0, 1, 2].map((at) => query(at)[0]?.parameters)).toEqual([
      { thinking_budget: 2048 },
      { reasoning_effort: 'high' },
      undefined,
    ]);
    expect(scene.notes).toEqual([
      'The wish about thinking was left out: this bot has no option for it, or Poe does not list one.',
    ]);
  });

  it('passes the options of a bot on and leaves others out, noted', async () => {
    const metadata = { openai: { fields: { web_search: false, seven: 7 } } };
    await scene.lines({ model: 'claude-sonnet-4.6', metadata });
    expect(query()[0]?.parameters).toEqual({ web_search: false });
    expect(scene.notes.join()).toContain('seven');
  });

  it('asks for the form of an answer in words', async () => {
    await scene.lines({ responseFormat: { type: 'json-schema', name: 'x', schema: { type: 'object' } } });
    expect(query()[0]).toMatchObject({ role: 'system', content: expect.stringContaining('{"type":"object"}') });
  });

  it('leaves out the bot’s own instructions where the account is set so', async () => {
    scene.values = { botPrompt: 'skip' };
    await scene.lines();
    expect(body().skip_system_prompt).toBe(true);
  });
});

describe('names of bots', () => {
  it('are taken in any case, the account’s own first, others as they are', async () => {
    scene.values = { modelMapping: 'gpt-5.4 = Claude-Sonnet-4.6, Fast=deepseek-v3.2' };
    for (const model of ['CLAUDE-sonnet-4.6', 'GPT-5.4', 'fast', 'MyOwnBot']) await scene.lines({ model });
    expect(scene.stub.calls().map(({ bot }) => bot)).toEqual([
      'Claude-Sonnet-4.6',
      'Claude-Sonnet-4.6',
      'DeepSeek-V3.2',
      'MyOwnBot',
    ]);
    expect(scene.notes).toContain('The model "GPT-5.4" is Claude-Sonnet-4.6 on Poe.');
  });

  it('are recognised by the router, by id or by the name that Poe shows', async () => {
    const models = await scene.provider.listModels(scene.context());
    expect(scene.provider.recognise?.('GPT-Image-2', models)).toBe('gpt-image-2');
    expect(scene.provider.recognise?.('gpt-image-3', models)).toBeUndefined();
  });

  it('of the account may be JSON, and a mistake in them is told', async () => {
    scene.values = { modelMapping: '{"gpt-4o":"GPT-5.4"}' };
    await scene.lines({ model: 'gpt-4o' });
    expect(scene.stub.calls()[0]?.bot).toBe('GPT-5.4');
    scene.values = { modelMapping: 'gpt-4o' };
    expect(await scene.lines()).toEqual([expect.stringMatching(/^error invalid-request: "Your names for bots"/)]);
  });

  it('that Poe does not know are refused, or answered by the account’s fallback, which the log tells', async () => {
    expect(await scene.lines({ model: 'nobody' })).toEqual(['error not-found: Bot nobody not found']);
    scene.values = { fallbackModel: 'gpt-5.4' };
    const events = await scene.events({ model: 'nobody' });
    expect(events[0]).toMatchObject({ type: 'reply-start', model: 'GPT-5.4' });
    expect(scene.notes).toEqual(['Poe has no bot "nobody"; GPT-5.4 answered instead, as this account is set to.']);
    expect(scene.provider.fallbackModel?.(scene.context().credential.account)).toBe('gpt-5.4');
  });

  it('are asked as they are while the list cannot be had', async () => {
    scene.stub.models = refuse(503, 'overloaded_error', 'Busy');
    expect(await scene.lines({ model: 'GPT-5.4' })).toEqual(['text: Hello', 'end stop']);
  });
});

describe('the list of bots', () => {
  it('has names, sizes, abilities and prices, and the account’s own names', async () => {
    scene.values = { modelMapping: 'fast = gpt-image-2' };
    const models = await scene.provider.listModels(scene.context());
    expect(models.map(({ id }) => id)).toEqual([
      'fast',
      'claude-sonnet-4.6',
      'gpt-5.4',
      'deepseek-v3.2',
      'gpt-image-2',
      'nano-banana-2',
    ]);
    expect(models[1]).toEqual({
      id: 'claude-sonnet-4.6',
      name: 'Claude-Sonnet-4.6',
      owner: 'Anthropic',
      createdAt: 1_770_262_891,
      contextTokens: 983_040,
      maxOutputTokens: 128_000,
      price: '$2.58 in, $12.88 out per million tokens',
      abilities: { tools: true, images: true, reasoning: true },
    });
    expect(models[0]).toMatchObject({ id: 'fast', name: 'GPT-Image-2', price: '250 points per request' });
  });

  it('of an unknown form is told', async () => {
    scene.stub.models = json(200, { models: 7 });
    await expect(scene.provider.listModels(scene.context())).rejects.toThrow('unknown form');
  });
});

describe('asking again', () => {
  it('happens once, where nothing was said and the bot allows it', async () => {
    scene.stub.reply(eventsOf([say.meta, say.error('Hiccup')]), eventsOf([say.text('Hi'), say.done]));
    expect(await scene.lines()).toEqual(['text: Hi', 'end stop']);
    expect(scene.notes).toEqual(['Asked again: Hiccup']);
    scene.stub.always = eventsOf([say.error('Hiccup', true)]);
    expect(await scene.lines()).toEqual(['error upstream: Hiccup']);
    expect(scene.stub.calls()).toHaveLength(4);
  });

  it('mends a connection that broke before the first word', async () => {
    scene.stub.reply(eventsOf([say.meta], 'cut'), eventsOf([say.text('Hi'), say.done]));
    expect(await scene.lines()).toEqual(['text: Hi', 'end stop']);
  });

  it.each([
    ['the bot forbids it', () => eventsOf([say.error('No', false)])],
    ['words were sent', () => eventsOf([say.text('Half'), say.error('Hiccup', true)])],
    ['the connection broke behind them', () => eventsOf([say.text('Half')], 'cut')],
    ['points are used up', () => eventsOf([say.error('', true, 'insufficient_fund')])],
    ['a limit is reached', () => refuse(429, 'rate_limit_error', 'Slow down', { 'retry-after': '7' })],
    ['Poe is down', () => refuse(529, 'overloaded_error', 'Busy')],
  ])('does not happen where %s', async (_name, answer) => {
    scene.stub.always = answer;
    expect((await scene.lines()).at(-1)).toMatch(/^error/);
    expect(scene.stub.calls()).toHaveLength(1);
  });

  it.each([
    [401, 'unauthorized'],
    [402, 'quota-exhausted'],
    [403, 'forbidden'],
    [408, 'timeout'],
    [413, 'too-large'],
    [429, 'rate-limited'],
    [500, 'upstream'],
    [529, 'overloaded'],
  ])('HTTP %s is told as %s, over both transports', async (status, kind) => {
    scene.stub.always = refuse(status, 'some_error', 'Because.', { 'retry-after': '7' });
    for (const transport of ['bot', 'rest']) {
      scene.values = { transport };
      const [failed] = await scene.events();
      expect(failed).toMatchObject({ error: { kind, status, message: 'Because.', retryAfterMs: 7000 } });
    }
  });

  it('a page in place of an answer is a failure', async () => {
    scene.stub.always = { headers: { 'content-type': 'text/html' }, pieces: ['<html>'] };
    expect(await scene.lines()).toEqual([expect.stringMatching(/^error upstream: .*web page/)]);
  });
});

describe('a bot that took words back', () => {
  it('is held until it is complete from then on, and the log says so', async () => {
    scene.stub.always = () => eventsOf(slowly([say.text('No.'), say.replace('Yes.'), say.done]));
    expect((await scene.lines()).at(-1)).toMatch(/^error upstream: The bot took back/);
    expect(await scene.lines()).toEqual(['text: Yes.', 'end stop']);
    expect(scene.notes).toEqual([
      'The bot replaced words that were already sent. Its answers are held until complete from now on.',
      'This bot takes back what it has said, so its answer was held until it was complete.',
    ]);
    expect(await scene.lines({ model: 'deepseek-v3.2' })).toHaveLength(2);
  });

  it('is no matter where the client wants the whole answer', async () => {
    scene.stub.always = () => eventsOf(slowly([say.text('No.'), say.replace('Yes.'), say.done]));
    expect(await scene.lines({}, false)).toEqual(['text: Yes.', 'end stop']);
  });
});

async function* slowly(frames: readonly string[]) {
  for (const frame of frames) {
    yield frame;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('tools', () => {
  it('go as they are, and the last round stands beside the conversation', async () => {
    scene.stub.reply(
      eventsOf([say.toolStart(0, 'call_1', 'weather'), say.toolArguments(0, '{"city":"Oslo"}'), say.done]),
    );
    expect(await scene.lines({ tools: [WEATHER] })).toEqual(['call weather {"city":"Oslo"}', 'end tool-calls']);
    await scene.lines({ messages: ROUND, tools: [WEATHER] });
    expect(body(1)).toMatchObject({
      tools: [{ type: 'function', function: WEATHER }],
      tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      tool_results: [{ role: 'tool', name: 'weather', tool_call_id: 'call_1', content: 'Snow.' }],
    });
    expect(query(1).map(({ role, content }) => `${role}: ${content}`)).toEqual(['user: Weather?', 'bot: I look.']);
  });

  it('of earlier rounds are told in words', async () => {
    await scene.lines({ messages: [...ROUND, user('And now?')], tools: [WEATHER] });
    expect(body()).not.toHaveProperty('tool_results');
    expect(query().map(({ role, content }) => `${role}: ${content}`)).toEqual([
      'user: Weather?',
      'bot: I look.\n\n[Called the tool weather with {"city":"Oslo"}]',
      'user: [Result of the tool weather]\nSnow.',
      'user: And now?',
    ]);
  });

  it('are chosen as far as the protocol can', async () => {
    const other = { ...WEATHER, name: 'time' };
    await scene.lines({ tools: [WEATHER, other], toolChoice: { type: 'none' } });
    expect(body()).not.toHaveProperty('tools');
    await scene.lines({ tools: [WEATHER, other], toolChoice: { type: 'tool', name: 'time' } });
    expect(body(1).tools).toMatchObject([{ function: { name: 'time' } }]);
    expect(scene.notes.at(-1)).toContain('Only the tool time was offered');
  });

  const inWords = eventsOf([
    say.text('<tool_call>\n{"name":"weather","arguments":{"city":"Oslo"}}\n</tool_call>'),
    say.done,
  ]);

  it.each(['bot', 'rest'])(
    'that a bot refuses are told in words, which is remembered for the bot: %s',
    async (transport) => {
      scene.values = { transport };
      const name = transport === 'bot' ? 'GPT-5.4' : 'gpt-5.4';
      scene.stub.withoutTools.add(name);
      const answer =
        transport === 'bot'
          ? inWords
          : wholeChat({ content: '<tool_call>\n{"name":"weather","arguments":{"city":"Oslo"}}\n</tool_call>' });
      scene.stub.reply(answer, answer);
      const called = ['call weather {"city":"Oslo"}', 'end tool-calls'];
      expect(await scene.lines({ tools: [WEATHER] }, transport === 'bot')).toEqual(called);
      expect(await scene.lines({ tools: [WEATHER] }, transport === 'bot')).toEqual(called);
      expect(scene.stub.calls().map((call) => 'tools' in call.body)).toEqual([true, false, false]);
      expect(scene.outcomes).toEqual(['gpt-5.4 well-formed', 'gpt-5.4 well-formed']);
      expect(scene.notes[0]).toContain('refused tools');
    },
  );

  it('are told in words at once where Poe lists a bot without them, unless the account is set otherwise', async () => {
    scene.stub.reply(inWords);
    expect((await scene.lines({ model: 'deepseek-v3.2', tools: [WEATHER] }))[0]).toBe('call weather {"city":"Oslo"}');
    expect(body()).not.toHaveProperty('tools');
    scene.values = { tools: 'native' };
    await scene.lines({ model: 'deepseek-v3.2', tools: [WEATHER] });
    expect(body(1)).toHaveProperty('tools');
    scene.values = { tools: 'emulated' };
    await scene.lines({ tools: [WEATHER] });
    expect(body(2)).not.toHaveProperty('tools');
  });
});

describe('files on their way up', () => {
  const DOT = PICTURE.toString('base64');
  const picture = { type: 'image' as const, mediaType: 'image/png', source: { type: 'base64' as const, data: DOT } };
  const far = {
    type: 'file' as const,
    name: 'a.pdf',
    mediaType: 'application/pdf',
    source: { type: 'url' as const, url: 'https://example.com/a.pdf' },
  };

  it('are uploaded once, bytes and addresses, with the bare key', async () => {
    const messages = [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'See' }, picture, far] }];
    await scene.lines({ messages });
    await scene.lines({ messages });
    const uploads = scene.stub.requests.filter(({ plane }) => plane === 'upload');
    expect(uploads).toHaveLength(2);
    expect(uploads.every(({ headers }) => headers.authorization === scene.key)).toBe(true);
    expect(uploads.some(({ bytes }) => bytes.includes(PICTURE))).toBe(true);
    expect(uploads.map(({ body: form }) => form).filter(({ download_url: url }) => url)).toEqual([
      { download_url: 'https://example.com/a.pdf', download_filename: 'a.pdf' },
    ]);
    expect(query(1)[0]?.attachments).toMatchObject([
      { url: expect.stringContaining('/file/upload-'), content_type: 'image/png', name: 'image.png' },
      { content_type: 'image/webp', name: 'a.pdf' },
    ]);
  });

  it('that a tool showed stand in a message of their own', async () => {
    const [question, call] = ROUND;
    const shown = {
      role: 'tool' as const,
      parts: [{ type: 'tool-result' as const, toolCallId: 'call_1', parts: [picture] }],
    };
    await scene.lines({ messages: [question, call, shown] as typeof ROUND, tools: [WEATHER] });
    expect(query().at(-1)).toMatchObject({
      role: 'user',
      content: 'Shown by the tool call call_1:',
      attachments: [{}],
    });
    expect(body().tool_results).toMatchObject([{ content: '[image, shown above]' }]);
  });

  it('are tried twice, and a failure names the file', async () => {
    const messages = [{ role: 'user' as const, parts: [far] }];
    scene.stub.uploadScripts.push(json(500, { detail: 'Oops' }));
    expect(await scene.lines({ messages })).toEqual(['text: Hello', 'end stop']);
    scene.stub.uploadScripts.push(json(413, { detail: 'Too big' }));
    const other = [{ role: 'user' as const, parts: [{ ...far, name: 'b.pdf' }] }];
    expect(await scene.lines({ messages: other })).toEqual([
      'error too-large: The file b.pdf could not be uploaded to Poe: Too big',
    ]);
  });
});

describe('the OpenAI-compatible API', () => {
  beforeEach(() => {
    scene.values = { transport: 'rest' };
  });

  it('streams and answers whole, with counts, and lifts thinking out of the text', async () => {
    scene.stub.reply(wholeChat({ content: '*Thinking...*\n> hm\n\nAnswer' }));
    expect(await scene.lines({}, false)).toEqual(['reasoning: hm\n', 'text: Answer', 'end stop']);
    const events = await scene.events();
    expect(events).toContainEqual({
      type: 'usage',
      usage: expect.objectContaining({ inputTokens: 9, outputTokens: 2 }),
    });
    expect(body(1)).toMatchObject({ model: 'gpt-5.4', stream: true, stream_options: { include_usage: true } });
  });

  it('is sent only what it takes', async () => {
    await scene.lines({
      seed: 7,
      presencePenalty: 1,
      maxOutputTokens: 9,
      topP: 0.5,
      tools: [{ ...WEATHER, strict: true }],
      responseFormat: { type: 'json' },
      reasoning: { effort: 'high' },
      metadata: { openai: { fields: { user: 'me', logprobs: true } } },
    });
    expect(Object.keys(body()).toSorted()).toEqual([
      'logprobs',
      'max_tokens',
      'messages',
      'model',
      'reasoning_effort',
      'stream',
      'stream_options',
      'tools',
      'top_p',
    ]);
    expect(body().tools).toEqual([{ type: 'function', function: WEATHER }]);
    expect(scene.notes.join('\n')).toMatch(/seed, presence_penalty.*strict.*user.*form of the answer/s);
  });

  it('is a way to every model, in any spelling', async () => {
    await scene.lines({ model: 'Claude-SONNET-4.6' });
    expect(body().model).toBe('claude-sonnet-4.6');
  });
});

describe('pictures', () => {
  const make = (request: Partial<Parameters<NonNullable<PoeScene['provider']['generateImages']>>[0]> = {}) =>
    scene.provider.generateImages?.({ model: 'gpt-image-2', prompt: 'a fox', ...request }, scene.context());
  const url = () => scene.stub.pictureUrl;
  const shows = (...frames: readonly string[]) => {
    scene.stub.always = () => eventsOf([...frames, say.done]);
  };

  it('come from a file, with the nearest size that the bot makes', async () => {
    shows(
      say.replace('Generating image (1s elapsed)'),
      say.file(url(), 'image/png', 'out.png', 'ab12'),
      say.replace('![a fox][ab12]'),
    );
    expect(await make({ size: '1792x1024', quality: 'high' })).toEqual({
      images: [{ source: { type: 'url', url: url() }, mediaType: 'image/png' }],
    });
    expect(query()[0]).toMatchObject({ content: 'a fox', parameters: { aspect: '3:2', quality: 'high' } });
    expect(scene.notes).toContain('The size 1792x1024 is not one that this bot makes; asked for 3:2.');
  });

  it('have their size in words where the bot has no option for it', async () => {
    shows(say.text(`![fox](${url()})`));
    await make({ model: 'Nano-Banana-2', size: '1024x1792', style: 'vivid' });
    expect(query()[0]?.content).toBe('a fox --aspect 4:7');
    expect(scene.notes.join()).toContain('style was left out');
    await make({ model: 'Nano-Banana-2', prompt: 'a fox --aspect 16:9', size: '1024x1024' });
    expect(query(1)[0]?.content).toBe('a fox --aspect 16:9');
  });

  it.each([
    ['a shown address', (address: string) => [say.text(`Here: ![fox](${address})`)]],
    ['a name explained later', (address: string) => [say.text(`![fox][a1]\n\n[a1]: ${address}`)]],
    ['a bare address', (address: string) => [say.text(`Done: ${address}`)]],
  ])('are found behind %s', async (_name, frames) => {
    shows(...frames(url()));
    expect((await make())?.images).toEqual([{ source: { type: 'url', url: url() } }]);
  });

  it('are fetched where the client wants the bytes, without the key', async () => {
    shows(say.file(url(), 'image/png', 'out.png'));
    const made = await make({ delivery: 'base64' });
    expect(made?.images[0]).toEqual({
      source: { type: 'base64', data: PICTURE.toString('base64') },
      mediaType: 'image/png',
    });
    expect(scene.stub.requests.at(-1)?.headers.authorization).toBeUndefined();
  });

  it('are asked for one by one where several are wanted; what could be made is handed on', async () => {
    const good = eventsOf([say.file(url(), 'image/png', 'out.png'), say.done]);
    scene.stub.reply(good, eventsOf([say.error('No', false)]), good);
    expect((await make({ count: 3 }))?.images).toHaveLength(2);
    expect(scene.notes).toContain('1 of 3 pictures could not be made.');
    await expect(make({ count: 99 })).rejects.toMatchObject({ kind: 'invalid-request', param: 'n' });
  });

  it('come over the API as well', async () => {
    scene.values = { transport: 'rest' };
    scene.stub.reply(wholeChat({ content: `![fox](${url()})` }));
    expect((await make({ size: '1024x1024' }))?.images).toHaveLength(1);
    expect(body()).toMatchObject({ model: 'gpt-image-2', aspect: '1:1' });
    expect(body().stream).not.toBe(true);
  });

  it('that are none are told in the bot’s words', async () => {
    shows(say.text('I cannot draw that.'));
    await expect(make()).rejects.toThrow('The bot sent no picture. It said: I cannot draw that.');
  });

  it('of an unknown bot come from the fallback', async () => {
    scene.values = { fallbackModel: 'gpt-image-2' };
    shows(say.file(url(), 'image/png', 'out.png'));
    expect((await make({ model: 'dall-e-9' }))?.images).toHaveLength(1);
    expect(scene.notes.join()).toContain('Poe has no bot "dall-e-9"; GPT-Image-2 answered instead');
  });
});

describe('the points', () => {
  it('are read as a balance, with their kinds where Poe tells them', async () => {
    expect(await scene.provider.readQuota?.(scene.context())).toEqual({
      meters: [],
      balances: [{ label: 'Balance', left: 1500, unit: 'points' }],
    });
    scene.stub.balance = { current_point_balance: 30, plan_points_balance: 10, addon_point_balance: 20 };
    expect((await scene.provider.readQuota?.(scene.context()))?.balances?.map(({ left }) => left)).toEqual([
      30, 10, 20,
    ]);
    scene.stub.balance = json(200, { brand: 'new' });
    await expect(scene.provider.readQuota?.(scene.context())).rejects.toThrow('did not tell the balance');
  });
});

describe('a check', () => {
  const check = async () => {
    const last = new Map<string, CheckStep>();
    for await (const step of scene.provider.check(scene.context())) last.set(step.id, step);
    return [...last.values()].map(({ label, state }) => `${state}: ${label}`);
  };

  it('proves the key by the balance and shows the bots, and spends nothing', async () => {
    expect(await check()).toEqual(['ok: Key accepted', 'ok: 5 bots']);
    expect(scene.stub.calls()).toEqual([]);
  });

  it('tells what is wrong', async () => {
    scene.key = 'wrong';
    scene.stub.models = refuse(503, 'overloaded_error', 'Busy');
    expect(await check()).toEqual(['failed: The key was refused', 'warning: The list of bots could not be had']);
    scene.key = '';
    expect(await check()).toEqual(['failed: A setting is wrong']);
  });

  it('warns of an empty purse and of a fallback that is not there', async () => {
    scene.stub.balance = { current_point_balance: 0 };
    scene.values = { fallbackModel: 'nobody' };
    expect(await check()).toEqual([
      'warning: Key accepted, but no points are left',
      'warning: 5 bots, but not the one for unknown names',
    ]);
  });
});

describe('many at once', () => {
  it('are answered side by side, each with its own', async () => {
    scene.stub.always = ({ body: asked }) => {
      const [{ content }] = asked.query as [{ content: string }];
      return eventsOf(slowly([say.text('You said '), say.text(content), say.done]));
    };
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, at) => collectReply(scene, { messages: [user(String(at))] })),
    );
    expect(replies.map(({ parts }) => parts)).toEqual(
      Array.from({ length: 20 }, (_, at) => [{ type: 'text', text: `You said ${at}` }]),
    );
  });

  it('and a client that leaves stops its own', async () => {
    const stop = new AbortController();
    scene.stub.reply(eventsOf([say.text('Half')], 'hang'));
    const stream = scene.provider.converse(ask(), scene.context(stop.signal))[Symbol.asyncIterator]();
    await stream.next();
    stop.abort();
    await scene.stub.calls()[0]?.hungUp;
    expect(await stream.next()).toMatchObject({ value: [{ type: 'error', error: { kind: 'aborted' } }] });
  });
});
