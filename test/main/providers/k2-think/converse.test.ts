// What reaches each of K2-Think's three hosts, and what becomes of their answers and refusals.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConversationRequest, Message } from '../../../../main/canonical/conversation.ts';
import { type K2Scene, openK2Scene } from '../../../support/k2-scene.ts';
import { API_KEY, json, MODEL, refuse, say, streamOf } from '../../../support/k2-stub.ts';

let scene: K2Scene;
beforeEach(async () => {
  scene = await openK2Scene();
});
afterEach(() => scene.close());

const guest = () => ({ credential: scene.account({ method: 'guest' }, {}) });
const official = () => ({ credential: scene.account({ method: 'key' }, { key: API_KEY }) });
const text = (said: string) => ({ type: 'text' as const, text: said });
const LONG: Partial<ConversationRequest> = {
  messages: [
    { role: 'system', parts: [text('Be brief.')] },
    { role: 'user', parts: [text('One.'), text('Two.')] },
    { role: 'assistant', parts: [{ type: 'reasoning', text: 'Hm.' }, text('Yes.')] },
    { role: 'user', parts: [text('And?')] },
  ],
  temperature: 0.5,
  maxOutputTokens: 100,
  topP: 0.9,
  stop: ['END'],
};
const SPOKEN = [
  { role: 'system', content: 'Be brief.' },
  { role: 'user', content: 'One.\nTwo.' },
  { role: 'assistant', content: 'Yes.' },
  { role: 'user', content: 'And?' },
];
const body = (at = 0) => scene.stub.chats()[at]?.body;
const headers = (at = 0) => scene.stub.chats()[at]?.headers ?? {};

it('the limits in the headers of its answers are heard, of refusals, too', async () => {
  const limits = { 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '0' };
  scene.stub.reply(refuse(429, 'Slow down.', limits));
  const heard: unknown[] = [];
  const meter = (meters: readonly unknown[]) => void heard.push(...meters);
  const context = { ...scene.context(), ...official(), requestId: 'r', live: false, note: () => {}, meter };
  const request = { model: MODEL, messages: [{ role: 'user' as const, parts: [text('Hi')] }] };
  await expect(scene.start().converse(request, context)[Symbol.asyncIterator]().next()).rejects.toThrow('Slow down.');
  expect(heard).toEqual([{ label: 'Requests', kind: 'rate', used: 60, limit: 60, unit: 'requests' }]);
});

describe('the site with a sign-in', () => {
  it('is asked without the ids of a chat, and streams', async () => {
    const reply = await scene.ask(scene.start(), LONG);
    expect(body()).toEqual({ stream: true, model: MODEL, messages: SPOKEN, temperature: 0.5, max_tokens: 100 });
    expect(headers()).toMatchObject({ accept: 'text/event-stream,application/json', 'user-agent': 'Patchbay' });
    expect(reply).toMatchObject({ text: 'Hello', reasoning: 'Hm.', finishReason: { kind: 'stop' } });
    expect(reply.notes).toEqual(['Left out, as K2-Think has no field for it: top_p, stop texts.']);
  });

  it('streams while the answer is being written', async () => {
    let go = () => {};
    const seen = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* words() {
      yield '<think>Hm.</think>First';
      await seen;
      yield ' and second.';
    }
    scene.stub.reply({ words: words() });
    const events = scene
      .start()
      .converse(
        { model: MODEL, messages: [{ role: 'user', parts: [text('Hi')] }] },
        { ...scene.context(), requestId: 'r', live: true, note: () => {} },
      );
    let said = '';
    for await (const batch of events) {
      for (const event of batch) if (event.type === 'text-delta') said += event.text;
      // The stub goes on only when the first words have come this far.
      if (said === 'First') go();
    }
    expect(said).toBe('First and second.');
  });

  it('is asked for the whole where the client wants no stream, or the person none', async () => {
    const provider = scene.start();
    await scene.ask(provider, {}, { live: false });
    const asked = await scene.ask(
      provider,
      {},
      { credential: scene.account({ values: { email: 'me@example.org', delivery: 'whole' } }) },
    );
    expect([body(0)?.stream, body(1)?.stream]).toEqual([false, false]);
    expect(asked.text).toBe('Hello');
    expect(asked.notes).toEqual(['K2-Think sends no stream here; the answer came in one piece.']);
  });

  it.each(['receipt', 'refuse'] as const)(
    'is asked again for the whole where a stream brings a %s, and that is remembered',
    async (streaming) => {
      scene.stub.streaming = streaming;
      const provider = scene.start();
      const first = await scene.ask(provider);
      const second = await scene.ask(provider);
      expect(scene.stub.chats().map((chat) => chat.body.stream)).toEqual([true, false, false]);
      expect([first.text, second.text, first.reasoning]).toEqual(['Hello', 'Hello', 'Hm.']);
      expect(first.notes).toEqual(['K2-Think sends no stream here; the answer came in one piece.']);
      expect(scene.log.join()).toContain('sends no streams here');
    },
  );

  it('may stream without saying so', async () => {
    const { pieces } = streamOf([{ content: '<think>Hm.</think>Hel' }, { content: 'lo' }, '[DONE]']);
    scene.stub.reply({ headers: { 'content-type': 'text/plain' }, pieces });
    expect(await scene.ask(scene.start())).toMatchObject({ text: 'Hello', notes: [] });
  });

  it('may answer in one piece although a stream was asked for', async () => {
    scene.stub.streaming = 'whole';
    const { text: said, notes } = await scene.ask(scene.start());
    expect([said, notes.length, scene.stub.chats().length]).toEqual(['Hello', 1, 1]);
  });

  it('takes pictures in the form of its page, and hears no files', async () => {
    const messages: Message[] = [
      {
        role: 'user',
        parts: [
          text('Look.'),
          { type: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } },
          { type: 'file', name: 'a.pdf', source: { type: 'base64', data: 'AAAA' } },
        ],
      },
    ];
    const { notes } = await scene.ask(scene.start(), { messages });
    const [sent] = (body()?.messages ?? []) as { content: unknown }[];
    expect(sent?.content).toEqual([
      { type: 'text', text: 'Look.' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      { type: 'text', text: '[A file that cannot be shown here: a.pdf]' },
    ]);
    expect(notes).toEqual([
      'Whether K2-Think looks at pictures is not known; it was sent.',
      'A file was left out: K2-Think takes none (a.pdf).',
    ]);
  });

  it('stops writing when the client hangs up', async () => {
    const leaving = new AbortController();
    let seen: Promise<void> | undefined;
    scene.stub.reply((request) => {
      seen = request.hungUp;
      leaving.abort();
      return { words: ['<think>'], after: 'hang' };
    });
    await expect(scene.ask(scene.start(), {}, { signal: leaving.signal })).rejects.toMatchObject({ kind: 'aborted' });
    await seen;
  });
});

describe('the site for guests', () => {
  it('needs no sign-in and hears the system’s words from the person', async () => {
    const reply = await scene.ask(scene.start(), LONG, guest());
    const [system, first, ...rest] = SPOKEN;
    expect(body()).toEqual({
      stream: true,
      model: MODEL,
      messages: [{ role: 'user', content: `${system?.content}\n\n${first?.content}` }, ...rest],
      params: { temperature: 0.5, max_tokens: 100 },
    });
    expect(headers().authorization).toBeUndefined();
    expect(headers().referer).toBe(`${scene.stub.endpoints.web}/guest`);
    expect(scene.stub.signIns()).toHaveLength(0);
    expect(reply).toMatchObject({ text: 'Hello', reasoning: 'Hm.' });
  });

  it('always streams, and its whole texts are told once', async () => {
    scene.stub.always = say(
      '<details type="reasoning" done="false">\n<summary>Thinking',
      '</summary>\nOne.',
      '\n</details>\n<answer>Ye',
      's.</answer>',
    );
    for (const live of [true, false]) {
      const reply = await scene.ask(scene.start(), {}, { ...guest(), live });
      expect(reply).toMatchObject({ text: 'Yes.', reasoning: 'One.' });
    }
    expect(body(1)?.stream).toBe(true);
  });

  it('offers the known model without a list to ask for', async () => {
    const models = await scene.start().listModels(scene.context(guest().credential));
    expect(models.map(({ id }) => id)).toEqual([MODEL, `${MODEL}-nothink`]);
    expect(scene.stub.requests).toHaveLength(0);
  });
});

describe('the official API', () => {
  it('is asked in its own words and answers in one piece', async () => {
    scene.stub.reply(say('One.</think>Yes.'));
    const reply = await scene.ask(scene.start(), LONG, official());
    expect(body()).toEqual({
      model: MODEL,
      messages: SPOKEN,
      temperature: 0.5,
      top_p: 0.9,
      max_completion_tokens: 100,
      stop: ['END'],
    });
    expect(headers()).toMatchObject({ authorization: `Bearer ${API_KEY}`, accept: 'application/json' });
    expect(headers().origin).toBeUndefined();
    expect(reply).toMatchObject({ text: 'Yes.', reasoning: 'One.' });
    expect(reply.notes).toEqual(['K2-Think sends no stream here; the answer came in one piece.']);
  });

  it('is not asked for forms of a reply, which is told', async () => {
    const { notes } = await scene.ask(
      scene.start(),
      { responseFormat: { type: 'json' } },
      { ...official(), live: false },
    );
    expect(notes).toEqual(['Left out, as K2-Think has no field for it: the form of the reply.']);
  });

  it('refuses a wrong key for good', async () => {
    const credential = scene.account({ method: 'key' }, { key: 'IFM-wrong' });
    await expect(scene.ask(scene.start(), {}, { credential })).rejects.toMatchObject({
      kind: 'unauthorized',
      message: 'Invalid API key.',
      retryable: false,
    });
    expect(scene.stub.chats()).toHaveLength(1);
  });
});

describe('models', () => {
  it('are listed with twins that leave the thinking out', async () => {
    scene.stub.models = [...scene.stub.models, { id: 'MBZUAI-IFM/Old', status: 'retired' }];
    expect(await scene.start().listModels(scene.context())).toEqual([
      { id: MODEL, name: 'K2 Think v2', owner: 'MBZUAI', abilities: { tools: true, reasoning: true } },
      {
        id: `${MODEL}-nothink`,
        name: 'K2 Think v2 without thinking',
        owner: 'MBZUAI',
        abilities: { tools: true, reasoning: false },
      },
    ]);
  });

  it('without thinking ask the same model and say only the answer', async () => {
    scene.stub.always = say('<think>Hm.</think>', '<answer>Hello</answer>');
    const reply = await scene.ask(scene.start(), { model: `${MODEL}-nothink` });
    expect(body()?.model).toBe(MODEL);
    expect(reply).toMatchObject({ text: 'Hello', reasoning: '' });
  });

  it.each([
    ['K2-Think', MODEL],
    ['MBZUAI-IFM/K2-Think', MODEL],
    ['mbzuai-ifm/k2-think-V2', MODEL],
    ['MBZUAI-IFM/K2-Think-nothink', `${MODEL}-nothink`],
    ['MBZUAI-IFM/K2Think-nothink', `${MODEL}-nothink`],
    ['K2-Think-v3', undefined],
    ['k2', undefined],
  ])('are known by the spelling %s', async (name, known) => {
    const provider = scene.start();
    const models = await provider.listModels(scene.context());
    expect(provider.recognise?.(name, models)).toBe(known);
  });

  it('are known by other spellings where the account is named with them, without a call', async () => {
    const provider = scene.start();
    await scene.ask(provider, { model: 'K2-Think' });
    await scene.ask(provider, { model: 'MBZUAI-IFM/K2Think-nothink' });
    await expect(scene.ask(provider, { model: 'K2-Think-v9' })).rejects.toMatchObject({ kind: 'not-found' });
    expect(scene.stub.chats().map((chat) => chat.body.model)).toEqual([MODEL, MODEL, 'K2-Think-v9']);
    expect(scene.stub.requests.filter(({ path }) => path.endsWith('/models'))).toEqual([]);
  });

  it('are the known one where the list is empty, which the log tells', async () => {
    scene.stub.models = [];
    const models = await scene.start().listModels(scene.context());
    expect(models.map(({ id }) => id)).toEqual([MODEL, `${MODEL}-nothink`]);
    expect(scene.log.join()).toContain('lists no model');
  });

  it.each([
    ['pass', '<think>Hm.</think>Hello', ''],
    ['strip-tags', 'Hm.Hello', ''],
    ['remove', 'Hello', ''],
    ['reasoning', 'Hello', 'Hm.'],
  ])('show their thinking as the account says: %s', async (reasoningShown, said, reasoning) => {
    const credential = scene.account({ values: { email: 'me@example.org', reasoningShown } });
    expect(await scene.ask(scene.start(), {}, { credential })).toMatchObject({ text: said, reasoning });
  });
});

describe('refusals', () => {
  it.each([
    [400, 'Model not found', 'not-found'],
    [400, 'Content too long', 'invalid-request'],
    [403, 'Your account is limited', 'forbidden'],
    [429, 'Too many requests', 'rate-limited'],
    [500, 'Open WebUI: Server Connection Error', 'upstream'],
    [503, 'No worker', 'overloaded'],
    [504, 'Gateway time-out', 'timeout'],
  ])('with %i keep the words of the upstream: %s', async (status, words, kind) => {
    scene.stub.always = refuse(status, words, { 'retry-after': '7' });
    await expect(scene.ask(scene.start())).rejects.toMatchObject({ kind, message: words, status, retryAfterMs: 7_000 });
    expect(scene.stub.chats()).toHaveLength(1);
  });

  it('of the doorkeeper are told from those of the site', async () => {
    const page = { status: 403, headers: { 'content-type': 'text/html' }, pieces: ['<!DOCTYPE html><p>Sorry'] };
    scene.stub.always = page;
    await expect(scene.ask(scene.start())).rejects.toMatchObject({
      kind: 'forbidden',
      message: expect.stringContaining('Cloudflare'),
    });
  });

  it('within an answer of status 200 are refusals, too', async () => {
    scene.stub.reply(json(200, { detail: 'Rate limit reached' }), streamOf([{ error: { message: 'At capacity' } }]));
    const provider = scene.start();
    await expect(scene.ask(provider)).rejects.toMatchObject({ kind: 'rate-limited' });
    await expect(scene.ask(provider)).rejects.toMatchObject({ kind: 'overloaded' });
  });

  it('in the middle of a stream end it as broken', async () => {
    scene.stub.reply(
      { words: ['<think>Hm.</think>Half'], after: 'cut' },
      streamOf([{ content: '<think>Hm.</think>Half' }, { error: { message: 'It broke' } }]),
    );
    const provider = scene.start();
    await expect(scene.ask(provider)).rejects.toMatchObject({ kind: 'upstream' });
    await expect(scene.ask(provider)).rejects.toMatchObject({ message: 'It broke' });
  });

  it('that are no answer at all are told', async () => {
    scene.stub.reply(json(200, { fine: true }));
    await expect(scene.ask(scene.start(), {}, { live: false })).rejects.toMatchObject({
      kind: 'upstream',
      message: expect.stringContaining('no answer'),
    });
  });
});

describe('tools, which no upstream has', () => {
  const tools = [
    { name: 'look', parameters: { type: 'object', properties: { at: { type: 'string' } }, required: ['at'] } },
  ];
  const write = (call: object) => `<tool_call>\n${JSON.stringify(call)}\n</tool_call>`;

  it('are called in words, and how that went is counted for the model', async () => {
    const provider = scene.start();
    scene.stub.reply(
      say('<think>Hm.</think>', write({ name: 'look', arguments: { at: 'x' } })),
      say('<think></think>No need.'),
    );
    const reply = await scene.ask(provider, { tools });
    expect(reply).toMatchObject({ text: '', reasoning: 'Hm.', finishReason: { kind: 'tool-calls' } });
    expect(reply.parts.at(-1)).toMatchObject({ type: 'tool-call', name: 'look', arguments: '{"at":"x"}' });
    await scene.ask(provider, { tools });
    expect(scene.outcomes).toEqual([`${MODEL} well-formed`, `${MODEL} none`]);
  });

  it('are never called by what the model only thinks, even where its thinking is to stay in the answer', async () => {
    const credential = scene.account({ values: { email: 'me@example.org', reasoningShown: 'pass' } });
    const thought = `Shall I? ${write({ name: 'look', arguments: { at: 'x' } })} No.`;
    scene.stub.reply(say(`<think>${thought}</think>`, 'I know it.'));
    const reply = await scene.ask(scene.start(), { tools }, { credential });
    expect(reply).toMatchObject({ text: 'I know it.', finishReason: { kind: 'stop' } });
    expect(reply.reasoning).toMatch(/^Shall I\?.*No\.$/s);
    expect(reply.notes.join()).toContain('told apart');
  });

  it('are asked for once more where a call is faulty, and only once', async () => {
    const faulty = say('<think></think>', write({ name: 'look', arguments: {} }));
    scene.stub.reply(faulty, say('<think></think>', write({ name: 'look', arguments: { at: 'x' } })));
    const provider = scene.start();
    const mended = await scene.ask(provider, { tools });
    expect(mended.parts.at(-1)).toMatchObject({ arguments: '{"at":"x"}' });
    expect(mended.notes.join()).toContain('once more');
    scene.stub.reply(faulty, faulty, faulty);
    await scene.ask(provider, { tools }).catch(() => {});
    expect(scene.stub.chats()).toHaveLength(4);
    expect(scene.outcomes).toEqual([`${MODEL} retried`, `${MODEL} failed`]);
  });

  it('of earlier turns are written out again with what they brought, without tools, too', async () => {
    const messages: Message[] = [
      { role: 'user', parts: [text('Look.')] },
      { role: 'assistant', parts: [{ type: 'tool-call', id: 'c1', name: 'look', arguments: '{"at":"x"}' }] },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'c1', parts: [text('A tree.')] }] },
    ];
    await scene.ask(scene.start(), { messages });
    const sent = (body()?.messages ?? []) as { role: string; content: string }[];
    expect(sent.slice(-3).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(sent.at(-2)?.content).toContain('{"name":"look","arguments":{"at":"x"}}');
    expect(sent.at(-1)?.content).toMatch(/name="look".*\nA tree\./);
  });
});

describe('a test of an account', () => {
  const check = async (credential: ReturnType<K2Scene['account']>) => {
    const steps = new Map<string, string>();
    for await (const { id, state, label, detail } of scene.start().check(scene.context(credential))) {
      steps.set(id, `${state}: ${label}${detail === undefined ? '' : `: ${detail}`}`);
    }
    return [...steps.values()];
  };

  it('signs in and lists models', async () => {
    expect(await check(scene.account())).toEqual([
      'ok: Signed in: It holds for 60 minutes. It is renewed before.',
      `ok: 2 models: ${MODEL}, ${MODEL}-nothink`,
    ]);
  });

  it('says what is wrong with a password, a token and a key', async () => {
    expect(await check(scene.account({}, { password: 'wrong' }))).toEqual([
      expect.stringMatching(/^failed: Not signed in: The email/),
    ]);
    expect(await check(scene.account({ method: 'token' }, { token: 'a b' }))).toEqual([
      expect.stringMatching(/^failed: No usable token/),
    ]);
    expect(await check(scene.account({ method: 'key' }, { key: 'x' }))).toEqual([
      expect.stringMatching(/^failed: The key was refused/),
    ]);
  });

  it('promises nothing for a guest', async () => {
    expect(await check(guest().credential)).toEqual([expect.stringMatching(/^unproved: The site is there/)]);
    expect(scene.stub.chats()).toHaveLength(0);
  });
});
