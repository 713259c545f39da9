// The ten things that users of other gateways to Kiro complain about most, each through the whole house: real doors, real
// logins, real requests, over a sign-in host and an upstream as strict as the real ones.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createKiroProviderWith } from '../../main/providers/kiro/index.ts';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import { type KiroAuthStub, startKiroAuthStub } from '../support/kiro-auth-stub.ts';
import { frames } from '../support/kiro-frames.ts';
import { MINUTE, writeIdeLogin } from '../support/kiro-scene.ts';
import { json, type KiroStub, PROFILE, refuse, startKiroStub, streamOf } from '../support/kiro-stub.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

let auth: KiroAuthStub;
let stub: KiroStub;
let house: House;
let home: string;
let now: number;
/** Ends the wait for a first token. */
let lose: (() => void)[];

beforeEach(async () => {
  now = Date.now();
  lose = [];
  home = makeTempFolder();
  auth = await startKiroAuthStub(() => now);
  stub = await startKiroStub();
  stub.profileOf = (token) => (auth.isLive(token) ? PROFILE : undefined);
});

afterEach(async () => {
  expect(stub.faults).toEqual([]);
  await house.close();
  await stub.close();
  await auth.close();
});

/** Opens a house with an organisation's login of the Kiro IDE, good for so many minutes. */
async function open(minutes = 60, accounts: readonly string[] = ['work'], values: Record<string, string> = {}) {
  const issued = auth.issue({ client: true });
  const expiresAt = new Date(now + minutes * MINUTE).toISOString();
  const credsFile = writeIdeLogin(home, issued, { expiresAt, region: 'us-east-1' });
  const account: Omit<TestAccount, 'id'> = {
    provider: 'kiro',
    method: 'kiro-ide',
    values: { credsFile, ...values },
    endpoints: { auth: auth.endpoints.auth, oidc: auth.endpoints.oidc, ...stub.endpoints },
  };
  const machine = { platform: 'linux', home, environment: {} } as const;
  const wait = (ms: number): Promise<void> =>
    ms > 30_000 ? new Promise((resolve) => void lose.push(resolve)) : Promise.resolve();
  house = await openHouse({
    providers: (services) => [createKiroProviderWith(services, { machine, clock: { now: () => now, wait } })],
    accounts: accounts.map((id) => ({ id, name: id, ...account })),
  });
  return issued;
}

const openai = () => new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
const anthropic = () => new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
const hi: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Hi' }];
const say = async (model: string, extra: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {}) =>
  (await openai().chat.completions.create({ model, messages: hi, ...extra })).choices[0];
const bodyOf = (at: number) => JSON.stringify(stub.calls().at(at)?.body);
const until = async (holds: () => boolean) => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

test('1. system messages among the others, and blocks of tools that only Anthropic runs, are no reason to refuse', async () => {
  await open();
  const messages = [
    { role: 'user', content: 'Hi' },
    { role: 'system', content: 'Speak like a pirate.' },
    {
      role: 'assistant',
      content: [
        { type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: { query: 'x' } },
        { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] },
        { type: 'text', text: 'Arr.' },
      ],
    },
    { role: 'user', content: 'And now?' },
  ] as unknown as Anthropic.MessageParam[];
  const answer = await anthropic().messages.create({ model: 'claude-sonnet-4-6', max_tokens: 99, messages });
  expect(answer.content).toMatchObject([{ type: 'text', text: 'Hello' }]);
  expect(stub.calls()[0]?.body).toHaveProperty(
    'conversationState.history.0.userInputMessage.content',
    'Speak like a pirate.\n\nHi',
  );
});

test('2. what would be “improperly formed” is mended, and what is too large is said before it is sent', async () => {
  await open();
  const call = { id: 'c 1!', type: 'function' as const, function: { name: 'a tool', arguments: 'no JSON' } };
  await say('claude-sonnet-4.6', {
    messages: [
      { role: 'assistant', content: '', tool_calls: [call] },
      { role: 'tool', tool_call_id: 'nobody', content: '' },
      { role: 'user', content: '' },
      { role: 'user', content: 'Twice' },
      { role: 'assistant', content: 'Half a \ud83d' },
    ],
  });
  expect(stub.faults).toEqual([]);
  const failure = await say('claude-sonnet-4.6', {
    messages: [{ role: 'user', content: 'x'.repeat(700_000) }],
  }).catch((error: unknown) => error);
  expect(failure).toMatchObject({ status: 400, code: 'context_length_exceeded' });
  expect(String(failure)).toContain('Prompt is too long');
  expect(stub.calls()).toHaveLength(1);
});

test('3. new models are there the day that Kiro lists them, and others are passed on', async () => {
  await open();
  const { data } = await openai().models.list();
  expect(data.map(({ id }) => id)).toContain('brand-new-9');
  await say('brand-new-9');
  await say('work/never-heard-of-it');
  await say('Claude-Sonnet-4-6-20260101');
  expect(stub.calls().map(({ body }) => (JSON.stringify(body).match(/"modelId":"(.*?)"/) ?? [])[1])).toEqual([
    'brand-new-9',
    'never-heard-of-it',
    'claude-sonnet-4.6',
  ]);
});

test('4. the profile is found, and a host that has moved is left for the one that answers', async () => {
  await open();
  stub.refused.set('root-ide', json(404, { __type: 'UnknownOperationException' }));
  stub.refused.set('path-cli', refuse(403, 'Invalid signature'));
  expect((await say('claude-sonnet-4.6'))?.message.content).toBe('Hello');
  await say('claude-sonnet-4.6');
  expect(stub.calls().map(({ style, body }) => [style, body.profileArn])).toEqual([
    ['root-ide', PROFILE],
    ['path-cli', PROFILE],
    ['path-ide', PROFILE],
    ['path-ide', PROFILE],
  ]);
});

test('5. two hundred requests on a token that has just expired renew it once; a token that dies early is renewed once', async () => {
  await open(-1);
  const replies = await Promise.all(Array.from({ length: 200 }, () => say('claude-sonnet-4.6')));
  expect(replies.every((choice) => choice?.message.content === 'Hello')).toBe(true);
  expect(auth.count('/token')).toBe(1);
  now += 10 * MINUTE;
  auth.kill(stub.calls()[0]?.token ?? '');
  expect((await say('claude-sonnet-4.6'))?.message.content).toBe('Hello');
  expect(auth.count('/token')).toBe(2);
});

test('6. a tool call that was cut is told as cut, and the model is told next time', async () => {
  await open();
  const tools = [
    { type: 'function' as const, function: { name: 'write', parameters: { type: 'object', properties: {} } } },
  ];
  const piece = { toolUseId: 'tooluse_1', name: 'write', input: '{"text":"half of it' };
  stub.reply(streamOf([frames.tool(piece), frames.tail()]));
  const choice = await say('claude-sonnet-4.6', { tools });
  expect(choice?.finish_reason).toBe('length');
  const [call] = choice?.message.tool_calls ?? [];
  await say('claude-sonnet-4.6', {
    tools,
    messages: [
      ...hi,
      { role: 'assistant', tool_calls: call === undefined ? [] : [call] },
      { role: 'tool', tool_call_id: call?.id ?? '', content: 'Bad arguments.' },
    ],
  });
  expect(bodyOf(-1)).toContain('[API Limitation] This call was cut off');
});

test('7. thinking goes in the fields that the model has, and in words where it has none', async () => {
  await open();
  await say('claude-sonnet-4.6', { reasoning_effort: 'high' });
  expect(stub.calls()[0]?.body.additionalModelRequestFields).toEqual({
    thinking: { type: 'adaptive', display: 'summarized' },
    output_config: { effort: 'high' },
  });
  stub.reply(streamOf([frames.text('<thinking>Hm.</thinking>Yes.'), frames.tail()]));
  const choice = await say('glm-5', { reasoning_effort: 'low' });
  expect(choice?.message).toMatchObject({ content: 'Yes.', reasoning_content: 'Hm.' });
  expect(bodyOf(-1)).toContain('<max_thinking_length>819</max_thinking_length>');
});

test('8. two accounts serve side by side under their own names', async () => {
  await open(60, ['work', 'home']);
  expect((await say('work/claude-sonnet-4.6'))?.message.content).toBe('Hello');
  expect((await say('home/claude-sonnet-4.6'))?.message.content).toBe('Hello');
  const [one, other] = stub
    .calls()
    .map(({ headers }) => /KiroIDE-\S+-([0-9a-f]{64})$/.exec(String(headers['user-agent']))?.[1]);
  expect([one?.length, one === other]).toEqual([64, false]);
  expect((await house.closed(2)).map(({ account }) => account)).toEqual(['work', 'home']);
});

test('9. what a reply costs is on the log, and a plan that is used up is said in words', async () => {
  await open();
  await say('claude-sonnet-4.6');
  stub.reply(refuse(402, 'Limit exceeded.', 'MONTHLY_REQUEST_COUNT'));
  const failure = await say('claude-sonnet-4.6').catch((error: unknown) => error);
  expect(String(failure)).toContain('The credits of this account for this month are used up');
  const [first, second] = await house.closed(2);
  expect(first?.notes).toContain('Kiro charged 0.0897 credits for this reply.');
  expect([first?.usage?.estimated, second?.errorKind, second?.attempts]).toEqual([true, 'quota-exhausted', 1]);
  expect(stub.calls()).toHaveLength(2);
});

test('10. an upstream that hangs is asked again, every stream ends with a reason, and no socket stays behind', async () => {
  await open();
  stub.reply(streamOf([], 'hang'));
  const asked = say('claude-sonnet-4.6');
  await until(() => stub.calls().length === 1);
  for (const end of lose.splice(0)) end();
  expect((await asked)?.finish_reason).toBe('stop');
  expect(await stub.calls()[0]?.hungUp).toBeGreaterThan(0);

  stub.reply(streamOf([frames.text('Half')], 'hang'));
  const stream = await openai().chat.completions.create({ model: 'claude-sonnet-4.6', messages: hi, stream: true });
  for await (const { choices } of stream) if (choices[0]?.delta.content === 'Half') break;
  expect(await stub.calls()[2]?.hungUp).toBeGreaterThan(0);
});
