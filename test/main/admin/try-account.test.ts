// Trying an account for real, through a whole house: what is asked, what is told of it, and when it ends.
import { afterEach, expect, test } from 'vitest';
import type { ConversationRequest } from '../../../main/canonical/conversation.ts';
import { GatewayError } from '../../../main/canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../../main/canonical/event-writer.ts';
import type { EventBatch } from '../../../main/canonical/events.ts';
import type { ModelInfo } from '../../../main/canonical/models.ts';
import type { TryStep } from '../../../shared/views.ts';
import { type House, openHouse } from '../../support/house.ts';
import { createScriptedProvider } from '../../support/scripted-provider.ts';

let house: House;

afterEach(() => house.close());

const SECRET = 'secret-of-this-account-1234';

interface Script {
  readonly models?: readonly ModelInfo[];
  /** What the model says; `call` is the request with the tool. */
  say?(writer: EventWriter, call: boolean, signal: AbortSignal): void | Promise<void>;
}

async function open({ models = [{ id: 'agent:site' }, { id: 'm' }, { id: 'n' }], say }: Script = {}) {
  const asked: { request: ConversationRequest; live: boolean }[] = [];
  const converse = async function* (
    _model: string,
    { live, signal }: { live: boolean; signal: AbortSignal },
    request: ConversationRequest,
  ): AsyncGenerator<EventBatch> {
    asked.push({ request, live });
    const writer = createEventWriter();
    const isCall = request.tools !== undefined;
    if (say !== undefined) await say(writer, isCall, signal);
    else if (isCall) call(writer, '{"first":19,"second":23}');
    else writer.text('pong');
    writer.usage({ inputTokens: 7, outputTokens: 2 });
    writer.end({ kind: writer.calledTools ? 'tool-calls' : 'stop' });
    yield writer.take();
  };
  const provider = createScriptedProvider({ listModels: async () => models, converse });
  const accounts = [{ id: 'one', provider: 'scripted', secrets: { key: SECRET } }];
  house = await openHouse({ providers: [provider], accounts });
  return asked;
}

function call(writer: EventWriter, text: string) {
  writer.toolCall(0, { id: 'c', name: 'add_numbers' });
  for (const piece of text.match(/.{1,9}/g) ?? []) writer.toolArguments(0, piece);
  writer.endToolCall(0);
}

/** The last state of each step. */
async function run(model?: string): Promise<Record<string, TryStep>> {
  const steps: Record<string, TryStep> = {};
  for await (const step of house.try('one', undefined, model)) steps[step.id] = step;
  return steps;
}

test('asks the first model that is no agent twice, and shows both sides', async () => {
  const asked = await open();
  const { model, chat, tool } = await run();
  expect(model).toMatchObject({ state: 'ok', label: 'Model m' });
  expect(chat).toMatchObject({ state: 'ok', received: 'text: pong\nusage 7 tokens in, 2 out\nend: stop' });
  expect(JSON.parse(chat?.sent ?? '')).toMatchObject({ model: 'm', stream: false });
  expect(tool).toMatchObject({ state: 'ok', detail: expect.stringContaining('right numbers') });
  expect(tool?.received).toMatch(/ s {2}arguments in 3 pieces: \{"first":19,"second":23\}\n/);
  expect(asked.map(({ live, request }) => [request.model, live])).toEqual([
    ['m', false],
    ['m', true],
  ]);
  expect(house.log.map(({ state, account, client }) => [state, account, client])).toEqual([
    ['ok', 'one', 'Patchbay quick test'],
    ['ok', 'one', 'Patchbay quick test'],
  ]);
});

test('asks the model that is chosen', async () => {
  const asked = await open();
  await run('n');
  expect(asked.map(({ request }) => request.model)).toEqual(['n', 'n']);
});

test('asks for no tool call of a model that has none, and says so', async () => {
  const asked = await open({ models: [{ id: 'm', abilities: { tools: false } }] });
  expect((await run()).tool).toMatchObject({ state: 'unproved', detail: expect.stringContaining('cannot call tools') });
  expect(asked).toHaveLength(1);
});

test('says when an account has no model', async () => {
  await open({ models: [] });
  expect(await run()).toMatchObject({ model: { state: 'failed' } });
});

test('stops at a failure and tells it without secrets', async () => {
  const say = () => {
    throw new GatewayError('unauthorized', `The key ${SECRET} was refused.`);
  };
  const asked = await open({ say });
  const { chat, tool } = await run();
  expect(chat).toMatchObject({ state: 'failed', detail: expect.stringContaining('was refused') });
  expect(JSON.stringify(chat)).not.toContain(SECRET);
  expect({ tool, asked: asked.length, state: house.log[0]?.state }).toEqual({
    tool: undefined,
    asked: 1,
    state: 'failed',
  });
});

test('hides secrets in what came back, and cuts what is long', async () => {
  await open({ say: (writer) => writer.text(`${SECRET} ${'long '.repeat(2_000)}`) });
  const { chat } = await run();
  expect(chat?.received).not.toContain(SECRET);
  expect(chat?.received).toContain('characters more');
  expect(chat?.received?.length).toBeLessThan(4_100);
});

test.each([
  ['words instead of a call', (writer: EventWriter) => writer.text('42'), 'called no tool'],
  ['other arguments', (writer: EventWriter) => call(writer, '{"first":1}'), 'other arguments'],
  ['no JSON', (writer: EventWriter) => call(writer, '{"first":'), 'other arguments'],
])('warns of %s', async (_, say, told) => {
  await open({ say: (writer, isCall) => (isCall ? say(writer) : writer.text('pong')) });
  expect((await run()).tool).toMatchObject({ state: 'warning', detail: expect.stringContaining(told) });
});

test('ends the request when nobody looks any more', async () => {
  const leaving = new AbortController();
  const say = (_: EventWriter, __: boolean, signal: AbortSignal) =>
    new Promise<void>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(new GatewayError('aborted', 'gone')));
      leaving.abort();
    });
  const asked = await open({ say });
  for await (const _ of house.try('one', leaving.signal));
  expect(asked).toHaveLength(1);
  expect(house.log[0]?.state).toBe('aborted');
});
