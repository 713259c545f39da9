// Kimi's rules: whatever a client asks, the platform takes what arrives (the stub refuses as the real one does), and what was
// changed is noted.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { ConversationRequest, JsonObject, Message } from '../../../../main/canonical/conversation.ts';
import { createToolNames } from '../../../../main/providers/kimi/tools.ts';
import { type KimiScene, openKimiScene, question } from '../../../support/kimi-scene.ts';
import type { KimiKind } from '../../../support/kimi-stub.ts';

const open = async (kind?: KimiKind): Promise<KimiScene> => {
  const scene = await openKimiScene(kind);
  onTestFinished(scene.close);
  return scene;
};

/** What arrives of a request, and what was noted. */
async function send(
  request: Partial<ConversationRequest>,
  { kind, ...given }: { kind?: KimiKind; values?: Record<string, string>; session?: string } = {},
) {
  const { stub, ask, notes } = await open(kind);
  const session =
    given.session === undefined ? undefined : { id: given.session, state: undefined, keep: () => {}, spend: () => {} };
  await ask(request, { ...given, session });
  return { body: stub.asked()[0], notes };
}

const sampling = { temperature: 0.2, topP: 0.5, frequencyPenalty: 1, presencePenalty: 1 };

describe('sampling', () => {
  it.each([['kimi-k2.6', undefined], ['kimi-k3', undefined], ['kimi-k2-0905-preview', 'code'] as const])(
    'of %s is the model’s own',
    async (model, kind) => {
      const { body, notes } = await send({ model, ...sampling }, { kind });
      for (const name of ['temperature', 'top_p', 'frequency_penalty', 'presence_penalty'])
        expect(body).not.toHaveProperty(name);
      expect(notes).toEqual([
        "Left out, as this model's own cannot be changed: temperature, top_p, frequency_penalty, presence_penalty.",
      ]);
    },
  );

  it('of older models goes on, with a temperature of at most 1', async () => {
    expect(await send({ model: 'kimi-k2-0905-preview', ...sampling, temperature: 1.7 })).toMatchObject({
      body: { temperature: 1, top_p: 0.5, frequency_penalty: 1 },
      notes: ['The temperature 1.7 became 1, the most that Kimi takes.'],
    });
  });

  it('of an engine of the person’s own goes on as it is', async () => {
    const { body, notes } = await send(
      { model: 'moonshotai/Kimi-K2.5', ...sampling, temperature: 1.7, maxOutputTokens: 9 },
      { kind: 'engine' },
    );
    expect({ body, notes }).toMatchObject({ body: { temperature: 1.7, top_p: 0.5, max_tokens: 9 }, notes: [] });
  });

  it.each([
    [0.6, 1],
    [0.3, 0.5],
    [0, 0],
    [1, 1],
  ])('asks the Anthropic-shaped API for a real temperature of %d as %d', async (temperature, sent) => {
    const { body } = await send({ model: 'kimi-k2-0905-preview', temperature }, { values: { wire: 'anthropic' } });
    expect(body.temperature).toBe(sent);
  });

  it('leaves out stop texts that are refused, and says so', async () => {
    const stop = ['x'.repeat(33), 'a', 'b', 'c', 'd', 'e', 'f'];
    expect(await send({ stop })).toMatchObject({
      body: { stop: ['a', 'b', 'c', 'd', 'e'] },
      notes: ['2 stop texts were left out: Kimi takes five of at most 32 bytes.'],
    });
  });

  it('names the limit as each upstream does', async () => {
    expect((await send({ maxOutputTokens: 9 })).body).toMatchObject({ max_completion_tokens: 9 });
  });
});

describe('thinking', () => {
  it.each([
    ['kimi-k2.6', { enabled: false }, { thinking: { type: 'disabled' } }, []],
    ['kimi-k2.6', { effort: 'none' }, { thinking: { type: 'disabled' } }, []],
    ['kimi-k2.6', { enabled: true }, { thinking: { type: 'enabled' } }, []],
    [
      'kimi-k2.6',
      { effort: 'low' },
      { thinking: { type: 'enabled' } },
      ['The effort "low" became plain thinking: this model can only think or not.'],
    ],
    [
      'kimi-k2.6',
      { enabled: true, budgetTokens: 9 },
      { thinking: { type: 'enabled' } },
      ['The limit for thinking was left out: Kimi has no field for it.'],
    ],
    ['kimi-k3', { effort: 'medium' }, { reasoning_effort: 'high' }, ['The effort "medium" became "high".']],
    ['kimi-k3', { effort: 'max' }, { reasoning_effort: 'max' }, []],
    [
      'kimi-k3',
      { enabled: false },
      { reasoning_effort: 'low' },
      ['The wish for no thinking became the least effort: this model always thinks.'],
    ],
    ['kimi-k2-thinking', { enabled: false }, {}, ['The wish for no thinking was left out: this model always thinks.']],
    [
      'kimi-k2-0905-preview',
      { effort: 'high' },
      {},
      ['The wish for thinking was left out: this model does not think.'],
    ],
  ])('of %s asked as %o is told as %o', async (model, reasoning, told, noted) => {
    const { body, notes } = await send({ model, reasoning });
    const { thinking, reasoning_effort } = body;
    expect(JSON.parse(JSON.stringify({ thinking, reasoning_effort }))).toEqual(told);
    expect(notes).toEqual(noted);
  });

  it('is told to an engine’s template', async () => {
    const { body } = await send({ model: 'moonshotai/Kimi-K2.5', reasoning: { enabled: false } }, { kind: 'engine' });
    expect(body).toMatchObject({ chat_template_kwargs: { thinking: false } });
  });

  it('that a client asks for in Kimi’s own words goes on as it is', async () => {
    const metadata = { openai: { fields: { thinking: { type: 'enabled', keep: 'all' } } } };
    expect((await send({ metadata, reasoning: { effort: 'low' } })).body).toMatchObject({
      thinking: { type: 'enabled', keep: 'all' },
    });
  });

  const turns = (thought?: string): Message[] => [
    ...question('Go.'),
    {
      role: 'assistant',
      parts: [
        ...(thought === undefined ? [] : [{ type: 'reasoning', text: thought } as const]),
        { type: 'text', text: '' },
        { type: 'tool-call', id: 'call_1', name: 'run', arguments: '{}' },
      ],
    },
    { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'call_1', parts: [{ type: 'text', text: 'ok' }] }] },
  ];
  const tools = [{ name: 'run' }];

  it('is kept beside the calls of earlier turns, as an empty text where it is lost', async () => {
    expect((await send({ messages: turns('Hm.'), tools })).body.messages[1]).toMatchObject({
      reasoning_content: 'Hm.',
      content: null,
    });
    expect((await send({ messages: turns(), tools })).body.messages[1]).toMatchObject({ reasoning_content: '' });
  });

  it('is left out of earlier turns where the model does not think', async () => {
    const { body, notes } = await send({ messages: turns('Hm.'), tools, reasoning: { enabled: false } });
    expect(body.messages[1]).not.toHaveProperty('reasoning_content');
    expect(notes).toEqual(['Earlier thinking was left out: the model does not think in this reply.']);
  });
});

describe('tools', () => {
  it('get names that are taken, each its own, and the client its own names back', async () => {
    const names = ['ls', 'a.b/c', 'a.b c', 'a_b_c', '9x', 'x'.repeat(80), 'fine-name'];
    const { stub, ask } = await open();
    stub.reply(({ body }) => ({
      calls: body.tools.map((tool: { function: { name: string } }) => ({ name: tool.function.name, arguments: '{}' })),
    }));
    const { parts } = await ask({ tools: names.map((name) => ({ name })) });
    expect(parts.map((part) => (part.type === 'tool-call' ? part.name : ''))).toEqual(names);
    expect(stub.asked()[0].tools.map((tool: { function: { name: string } }) => tool.function.name)).toContain('a_b_c');
  });

  it('keep apart whatever names there are', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1, maxLength: 90 }), { maxLength: 20 }), (names) => {
        const { write, read } = createToolNames(names);
        const written = names.map(write);
        expect(written.every((name) => /^[a-zA-Z_][a-zA-Z0-9-_]{2,63}$/.test(name))).toBe(true);
        expect(new Set(written).size).toBe(names.length);
        expect(written.map(read)).toEqual(names);
      }),
    );
  });

  it.each<[string, JsonObject | undefined, object]>([
    ['nothing', undefined, { type: 'object', properties: {} }],
    [
      'a place without a type',
      { properties: { a: {}, b: { enum: ['x'] }, c: { properties: { d: { const: 1 } } } } },
      {
        properties: {
          a: { anyOf: expect.any(Array) },
          b: { type: 'string' },
          c: { type: 'object', properties: { d: { type: 'number' } } },
        },
      },
    ],
    [
      'a type beside choices',
      { type: 'object', properties: { a: { type: 'object', anyOf: [{ properties: {} }, { type: 'string' }] } } },
      { properties: { a: { anyOf: [{ type: 'object', properties: {} }, { type: 'string' }] } } },
    ],
    [
      'choices at the root',
      {
        type: 'object',
        anyOf: [{ properties: { a: { type: 'string' } }, required: ['a'] }, { properties: { b: { type: 'string' } } }],
      },
      { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } },
    ],
    [
      'definitions of old',
      {
        type: 'object',
        properties: { a: { $ref: '#/definitions/A', type: 'string' } },
        definitions: { A: { type: 'string' } },
      },
      { properties: { a: { $ref: '#/$defs/A' } }, $defs: { A: { type: 'string' } } },
    ],
    [
      'a root that points elsewhere',
      { $ref: '#/$defs/A', $defs: { A: { type: 'object', properties: { a: { type: 'number' } } } } },
      { type: 'object', properties: { a: { type: 'number' } } },
    ],
    [
      'a field called type',
      { type: 'object', properties: { type: { type: 'string' }, anyOf: { type: 'number' } } },
      { properties: { type: { type: 'string' }, anyOf: { type: 'number' } } },
    ],
  ])('with %s in their schema are taken', async (_name, parameters, wanted) => {
    const { body } = await send({ tools: [{ name: 'run', parameters }] });
    expect(body.tools[0].function.parameters).toMatchObject(wanted);
    expect(body.tools[0].function.strict).toBe(false);
  });

  it('that are declared twice are sent once', async () => {
    const { body, notes } = await send({ tools: [{ name: 'run' }, { name: 'run' }] });
    expect(body.tools).toHaveLength(1);
    expect(notes).toEqual(['The tool run was declared twice; its first declaration was sent.']);
  });

  const tools = [{ name: 'run' }, { name: 'walk' }];

  it('are required of a model that can be, and asked for in words of one that cannot', async () => {
    expect((await send({ model: 'kimi-k3', tools, toolChoice: { type: 'required' } })).body).toMatchObject({
      tool_choice: 'required',
    });
    const { body, notes } = await send({ tools, toolChoice: { type: 'required' } });
    expect(body).not.toHaveProperty('tool_choice');
    expect(body.messages.at(-1)).toEqual({
      role: 'system',
      content: 'Answer by calling one of your tools. Do not answer in text.',
    });
    expect(notes).toEqual(['This model cannot be made to call a tool; it was asked to in words.']);
  });

  it('one alone is offered where one alone may be called', async () => {
    for (const model of ['kimi-k3', 'kimi-k2.6']) {
      const { body } = await send({ model, tools, toolChoice: { type: 'tool', name: 'walk' } });
      expect(body.tools.map((tool: { function: { name: string } }) => tool.function.name)).toEqual(['walk']);
    }
  });

  it('keep ids and choices with an engine that parses, and are left out of one that does not where none may be called', async () => {
    expect((await send({ tools, toolChoice: { type: 'tool', name: 'walk' } }, { kind: 'engine' })).body).toMatchObject({
      tool_choice: { function: { name: 'walk' } },
    });
    expect(
      (await send({ tools, toolChoice: { type: 'none' } }, { kind: 'engine', values: { toolParser: 'raw' } })).body,
    ).not.toHaveProperty('tools');
  });
});

it('ids of any origin are numbered over the whole conversation, each result with its call', async () => {
  const call = (id: string, name: string) => ({ type: 'tool-call', id, name, arguments: '{}' }) as const;
  const result = (toolCallId: string) =>
    ({ type: 'tool-result', toolCallId, parts: [{ type: 'text', text: toolCallId }] }) as const;
  const messages: Message[] = [
    ...question('Go.'),
    { role: 'assistant', parts: [call('toolu_1', 'run'), call('call_8f', 'walk')] },
    { role: 'tool', parts: [result('call_8f'), result('toolu_1')] },
    { role: 'assistant', parts: [call('functions.run:0', 'run')] },
    { role: 'tool', parts: [result('functions.run:0'), result('lost')] },
  ];
  const { body } = await send({ messages });
  type Turn = { tool_calls?: { id: string }[]; tool_call_id?: string };
  expect(
    body.messages.flatMap((turn: Turn) => turn.tool_calls?.map(({ id }) => id) ?? turn.tool_call_id ?? []),
  ).toEqual([
    'functions.run:0',
    'functions.walk:1',
    'functions.walk:1',
    'functions.run:0',
    'functions.run:2',
    'functions.run:2',
    'lost',
  ]);
});

describe('the beginning of an answer', () => {
  const messages: Message[] = [...question('JSON!'), { role: 'assistant', parts: [{ type: 'text', text: '{"a":' }] }];

  it('is marked where a client of another dialect ends with one', async () => {
    const { body, notes } = await send({ messages, responseFormat: { type: 'json' } });
    expect(body.messages.at(-1)).toEqual({ role: 'assistant', partial: true, content: '{"a":' });
    expect(body).not.toHaveProperty('response_format');
    expect(notes).toEqual([
      'The form of the answer was left out: Kimi takes none together with the beginning of the answer.',
    ]);
  });

  it('is marked in this dialect where the client marks it, with its name', async () => {
    const metadata = { openai: { partial: true, name: 'Ann' } };
    const own = { metadata: { openai: { fields: {} } } };
    const marked = messages.map((message) => (message.role === 'assistant' ? { ...message, metadata } : message));
    expect((await send({ ...own, messages: marked })).body.messages.at(-1)).toMatchObject({
      partial: true,
      name: 'Ann',
    });
    expect((await send({ ...own, messages })).body.messages.at(-1)).not.toHaveProperty('partial');
  });

  it('is told to an engine in its own words', async () => {
    const { body } = await send({ messages }, { kind: 'engine' });
    expect(body).toMatchObject({ continue_final_message: true, add_generation_prompt: false });
  });

  it('stays open in a prompt of ours', async () => {
    const { body } = await send({ messages }, { kind: 'engine', values: { toolParser: 'raw', rawPrompt: 'patchbay' } });
    expect(body.prompt).toMatch(/<\|im_assistant\|>assistant<\|im_middle\|>\{"a":$/);
  });
});

describe('a picture that is an address', () => {
  const DOT = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
    'base64',
  );
  const serve = async () => {
    let count = 0;
    const server = createServer((request, response) => {
      count += 1;
      if (request.url !== '/dot.png') return void response.writeHead(404).end();
      response.writeHead(200, { 'content-type': 'image/png' }).end(DOT);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, count: () => count };
  };
  const show = (url: string): Message => ({
    role: 'user',
    parts: [
      { type: 'text', text: 'What?' },
      { type: 'image', source: { type: 'url', url } },
    ],
  });

  it('is fetched once and sent as bytes, also out of a tool’s result', async () => {
    const pictures = await serve();
    const url = `${pictures.url}/dot.png`;
    const result: Message = {
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: 'x', parts: [{ type: 'image', source: { type: 'url', url } }] }],
    };
    const { body } = await send({ messages: [show(url), result] });
    expect(JSON.stringify(body)).not.toContain(url);
    expect(JSON.stringify(body).split(DOT.toString('base64'))).toHaveLength(3);
    expect(pictures.count()).toBe(1);
  });

  it('that cannot be had fails the request with the reason', async () => {
    const pictures = await serve();
    const { ask } = await open();
    await expect(ask({ messages: [show(`${pictures.url}/none.png`)] })).rejects.toMatchObject({
      kind: 'invalid-request',
      message: expect.stringContaining('HTTP 404'),
    });
  });

  it('stays one for Kimi’s own files and for engines', async () => {
    expect(JSON.stringify((await send({ messages: [show('ms://file-1')] })).body)).toContain('ms://file-1');
    expect(
      JSON.stringify((await send({ messages: [show('http://10.0.0.1/x.png')] }, { kind: 'engine' })).body),
    ).toContain('http://10.0.0.1/x.png');
  });
});

it('the conversation has a name for Kimi’s cache where it is a lasting one', async () => {
  expect((await send({}, { session: 'abc' })).body).toMatchObject({ prompt_cache_key: 'abc' });
  expect((await send({})).body).not.toHaveProperty('prompt_cache_key');
});

describe('an engine whose model ends without a word', () => {
  it('is asked once more', async () => {
    const { stub, ask, notes } = await open('engine');
    stub.reply({ reasoning: 'Hm.', text: '' });
    stub.reply({ text: 'Two.' });
    expect((await ask({})).parts).toEqual([{ type: 'text', text: 'Two.' }]);
    expect(notes).toEqual(['The model ended without a word; it was asked again.']);
  });

  it('is not asked again once the client has heard its thinking, or a second time', async () => {
    const { stub, ask } = await open('engine');
    stub.reply({ reasoning: 'Hm.', text: '' });
    expect((await ask({}, { live: true })).parts).toEqual([{ type: 'reasoning', text: 'Hm.' }]);
    for (const _ of [1, 2]) stub.reply({ text: '' });
    expect((await ask({}, { live: true })).parts).toEqual([]);
    expect(stub.asked()).toHaveLength(3);
  });
});

it('thinking that nothing opens is learned from the first reply', async () => {
  const { stub, ask } = await open('engine');
  const request = { model: 'moonshotai/Kimi-K2-Thinking' };
  const values = { toolParser: 'raw' };
  for (const _ of [1, 2]) stub.reply({ raw: 'I add them.</think>Two.' });
  expect((await ask(request, { values })).parts).toEqual([{ type: 'text', text: 'I add them.Two.' }]);
  expect((await ask(request, { values, live: true })).parts).toEqual([
    { type: 'reasoning', text: 'I add them.' },
    { type: 'text', text: 'Two.' },
  ]);
});
