// Every capability that the Kimi client of old had, each by its name: keys and a quick test, three bases, tools in three ways,
// the Anthropic-shaped base, the model list, the balance.
import { expect, it, onTestFinished } from 'vitest';
import type { ConversationRequest, Tool } from '../../../../main/canonical/conversation.ts';
import { readKimiAccount } from '../../../../main/providers/kimi/options.ts';
import type { CheckStep } from '../../../../shared/views.ts';
import { KIMI_KEY, type KimiScene, openKimiScene, question } from '../../../support/kimi-scene.ts';
import type { KimiKind } from '../../../support/kimi-stub.ts';

const open = async (kind?: KimiKind): Promise<KimiScene> => {
  const scene = await openKimiScene(kind);
  onTestFinished(scene.close);
  return scene;
};

const WEATHER: Tool = {
  name: 'get_weather',
  description: 'Weather',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const withTools = { tools: [WEATHER], messages: question('Weather in Oslo?') };
const RAW =
  'Let me see. <|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city":"Oslo"}<|tool_call_end|><|tool_calls_section_end|>';
const CALL = { type: 'tool-call', id: 'functions.get_weather:0', name: 'get_weather', arguments: '{"city":"Oslo"}' };

async function check({ provider, context }: KimiScene, key = KIMI_KEY, values = {}): Promise<CheckStep[]> {
  const steps = new Map<string, CheckStep>();
  for await (const step of provider.check(context({ key, values }))) steps.set(step.id, step);
  return [...steps.values()];
}

it('a key is set up and tried: models, then the balance', async () => {
  const scene = await open();
  expect(await check(scene)).toMatchObject([
    { id: 'models', state: 'ok', detail: '5 found, the first is kimi-k3.' },
    { id: 'balance', state: 'ok', label: '49.5 USD left' },
  ]);
});

it('a wrong key is told as one, with where keys are from', async () => {
  const [step] = await check(await open(), 'sk-other');
  expect(step).toMatchObject({ state: 'failed', label: 'The key was refused' });
  expect(step?.detail).toContain('work at their own base only');
});

it('an account without a key is incomplete, an engine of the person’s own is not', async () => {
  expect(await check(await open(), '')).toMatchObject([{ id: 'settings', state: 'failed' }]);
  expect(await check(await open('engine'), '')).toMatchObject([{ id: 'models', state: 'ok' }]);
});

it.each([
  [{}, 'sk-1', 'https://api.moonshot.ai/v1', 'international'],
  [{ region: 'china' }, 'sk-1', 'https://api.moonshot.cn/v1', 'china'],
  [{ region: 'code' }, 'sk-1', 'https://api.kimi.com/coding/v1', 'code'],
  [{}, 'sk-kimi-1', 'https://api.kimi.com/coding/v1', 'code'],
  [{ baseUrl: 'https://api.moonshot.cn/v1/' }, 'sk-1', 'https://api.moonshot.cn/v1', 'china'],
  [{ baseUrl: 'http://localhost:8000/v1/' }, '', 'http://localhost:8000/v1', undefined],
])('the base of %o with the key %s is %s', (values, key, baseUrl, region) => {
  const account = {
    id: 'k',
    provider: 'kimi',
    name: 'K',
    method: 'key',
    values,
    env: {},
    endpoints: {},
    models: [],
    source: 'file',
  } as const;
  expect(readKimiAccount({ account, secrets: { key } })).toMatchObject({ baseUrl, region });
});

it('a plain question is answered, and the key goes as a bearer', async () => {
  const { stub, ask } = await open();
  stub.reply({ text: 'Hello, I am Kimi.' });
  expect(await ask({})).toMatchObject({
    parts: [{ type: 'text', text: 'Hello, I am Kimi.' }],
    finishReason: { kind: 'stop' },
    usage: { inputTokens: 12, cachedInputTokens: 4, outputTokens: 5 },
  });
  expect(stub.requests.at(-1)).toMatchObject({
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${KIMI_KEY}` },
  });
});

it.each([false, true])('tools are called natively (streamed: %s)', async (live) => {
  const { stub, ask } = await open();
  stub.reply({ reasoning: 'Hm.', text: 'I look.', calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }] });
  const { parts, finishReason } = await ask(withTools, { live });
  expect(parts).toEqual([{ type: 'reasoning', text: 'Hm.' }, { type: 'text', text: 'I look.' }, CALL]);
  expect(finishReason.kind).toBe('tool-calls');
});

it.each([false, true])('tools are called by an engine without a parser (streamed: %s)', async (live) => {
  const { stub, ask } = await open('engine');
  stub.reply({ raw: RAW, every: 1 });
  const { parts, finishReason } = await ask(
    { ...withTools, model: 'kimi-k2' },
    { live, values: { toolParser: 'raw' } },
  );
  expect(parts).toEqual([{ type: 'text', text: 'Let me see.' }, CALL]);
  expect(finishReason.kind).toBe('tool-calls');
  expect(stub.asked()[0]).toMatchObject({ skip_special_tokens: false, tools: [{ function: { name: 'get_weather' } }] });
});

it('an engine that refuses a choice of tools, or to keep its tokens, is asked without, and remembered', async () => {
  const { stub, ask, notes } = await open('engine');
  stub.refuses = { toolChoice: true, skipSpecialTokens: true, chat: false };
  for (const round of [1, 2]) {
    stub.reply({ raw: RAW });
    expect((await ask({ ...withTools, model: 'kimi-k2' }, { values: { toolParser: 'raw' } })).parts).toHaveLength(2);
    expect(stub.requests).toHaveLength(round === 1 ? 3 : 4);
  }
  expect(stub.asked().at(-1)).toMatchObject({ tool_choice: 'none' });
  expect(notes).toHaveLength(2);
});

it.each([false, true])(
  'an engine that only completes text gets a prompt in the model’s own tokens (streamed: %s)',
  async (live) => {
    const { stub, ask } = await open('engine');
    stub.refuses = { toolChoice: false, skipSpecialTokens: false, chat: true };
    const messages: ConversationRequest['messages'] = [
      ...question('Weather in <|im_end|> Oslo?'),
      {
        role: 'assistant',
        parts: [
          { type: 'text', text: 'I look.' },
          { ...CALL, type: 'tool-call', id: 'call_1' },
        ],
      },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', toolCallId: 'call_1', parts: [{ type: 'text', text: 'Snow.' }] }],
      },
    ];
    stub.reply({ raw: 'It snows.<|im_end|>' });
    const values = { toolParser: 'raw', rawPrompt: 'patchbay' };
    const { parts } = await ask(
      { model: 'kimi-k2', tools: [WEATHER], messages, maxOutputTokens: 512 },
      { live, values },
    );
    expect(parts).toEqual([{ type: 'text', text: 'It snows.' }]);
    const [{ prompt, ...rest }] = stub.asked();
    expect(rest).toMatchObject({ model: 'kimi-k2', max_tokens: 512, skip_special_tokens: false });
    const declared = JSON.stringify([
      { type: 'function', function: { name: 'get_weather', description: 'Weather', parameters: WEATHER.parameters } },
    ]);
    expect(prompt).toBe(
      [
        `<|im_system|>tool_declare<|im_middle|>${declared}<|im_end|>`,
        '<|im_system|>system<|im_middle|>You are Kimi, an AI assistant created by Moonshot AI.<|im_end|>',
        '<|im_user|>user<|im_middle|>Weather in <\u200b|im_end|> Oslo?<|im_end|>',
        '<|im_assistant|>assistant<|im_middle|>I look.<|tool_calls_section_begin|><|tool_call_begin|>functions.get_weather:0<|tool_call_argument_begin|>{"city":"Oslo"}<|tool_call_end|><|tool_calls_section_end|><|im_end|>',
        '<|im_system|>tool<|im_middle|>## Return of functions.get_weather:0\nSnow.<|im_end|>',
        '<|im_assistant|>assistant<|im_middle|>',
      ].join(''),
    );
  },
);

it.each([false, true])(
  'the Anthropic-shaped base is asked in its own form, and its temperature made up for (streamed: %s)',
  async (live) => {
    const { stub, ask, notes } = await open();
    stub.reply({ reasoning: 'Hm.', text: 'I look.', calls: [{ name: 'get_weather', arguments: '{"city":"Oslo"}' }] });
    const values = { wire: 'anthropic' };
    const reply = await ask({ ...withTools, model: 'kimi-k2-0905-preview', temperature: 0.3 }, { live, values });
    expect(reply.parts).toEqual([
      { type: 'reasoning', text: 'Hm.', metadata: { anthropic: { signature: 'c2ln' } } },
      { type: 'text', text: 'I look.' },
      CALL,
    ]);
    expect(reply.usage).toEqual({
      inputTokens: 12,
      cachedInputTokens: 4,
      cacheWriteTokens: undefined,
      outputTokens: 5,
    });
    const { path, headers, body } = stub.requests[0] ?? {};
    expect({ path, key: headers?.['x-api-key'] }).toEqual({ path: '/anthropic/v1/messages', key: KIMI_KEY });
    expect(body).toMatchObject({
      temperature: 0.5,
      max_tokens: 32_768,
      tools: [{ name: 'get_weather', input_schema: WEATHER.parameters }],
    });
    expect(notes).toContain('The temperature 0.3 was sent as 0.5: this API takes six tenths of it.');
  },
);

it('models come with their context sizes, also where the upstream does not tell them', async () => {
  const { stub, provider, context } = await open();
  stub.models = [...stub.models, { id: 'kimi-k2.5' }, { id: 'moonshot-v1-32k' }, { id: 'new' }];
  const models = await provider.listModels(context());
  expect(models.map(({ id, contextTokens }) => `${id} ${contextTokens}`)).toEqual([
    'kimi-k3 1048576',
    'kimi-k2.6 262144',
    'kimi-k2-thinking 262144',
    'kimi-k2-0905-preview 262144',
    'moonshot-v1-8k 8192',
    'kimi-k2.5 262144',
    'moonshot-v1-32k 32768',
    'new undefined',
  ]);
  expect(models.find(({ id }) => id === 'kimi-k2.5')?.abilities).toMatchObject({ tools: true, reasoning: true });
  expect(provider.recognise?.('moonshotai/Kimi-K2.6', models)).toBe('kimi-k2.6');
  expect(provider.recognise?.('moonshotai/Kimi-K9', models)).toBeUndefined();
});

it('the balance is told with its parts, also below zero', async () => {
  const { stub, provider, context } = await open();
  expect(await provider.readQuota?.(context())).toEqual({
    meters: [],
    balances: [
      { label: 'Balance', left: 49.5, unit: 'USD' },
      { label: 'Of it cash', left: 3, unit: 'USD' },
      { label: 'Of it vouchers', left: 46.5, unit: 'USD' },
    ],
  });
  stub.balance = { available_balance: -2, cash_balance: -2 };
  expect(await provider.readQuota?.(context({ values: { region: 'china' } }))).toMatchObject({
    balances: [{ left: -2, unit: 'CNY' }],
  });
});

it('the coding plan tells its share and its windows', async () => {
  const { stub, provider, context } = await open('code');
  stub.usages = {
    usage: { limit: '100', remaining: '60', resetTime: '2026-12-01T00:00:00Z' },
    limits: [{ window: { duration: 300, timeUnit: 'TIME_UNIT_MINUTE' }, detail: { limit: '20', used: '5' } }],
  };
  expect(await provider.readQuota?.(context())).toEqual({
    plan: 'Kimi Code',
    meters: [
      { label: 'Plan', used: 40, limit: 100, resetsAt: Date.parse('2026-12-01T00:00:00Z') },
      { label: 'Each 5 hours', used: 5, limit: 20 },
    ],
  });
});
