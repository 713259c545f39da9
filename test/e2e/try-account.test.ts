// The try of an account over every kind of provider: the real program, a faithful upstream of its own wire, and the demo.
import { afterEach, expect, it } from 'vitest';
import { createKiroProviderWith } from '../../main/providers/kiro/index.ts';
import type { TryStep } from '../../shared/views.ts';
import { listCalls } from '../support/claude-loop.ts';
import { type House, openHouse } from '../support/house.ts';
import { startK2Stub } from '../support/k2-stub.ts';
import { frames } from '../support/kiro-frames.ts';
import { API_KEY, startKiroStub, streamOf } from '../support/kiro-stub.ts';
import { startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude } from '../support/real-claude.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

let house: House;
let closeUpstream: () => Promise<void> = async () => {};

afterEach(async () => {
  await house.close();
  await closeUpstream();
});

async function run(account: string): Promise<Record<string, TryStep>> {
  const steps: Record<string, TryStep> = {};
  for await (const step of house.try(account)) steps[step.id] = step;
  return steps;
}

const NUMBERS = { first: 19, second: 23 };

it('shows that the demo answers and has no tools', async () => {
  house = await openHouse({});
  const { chat, tool } = await run('demo');
  expect(chat).toMatchObject({ state: 'ok', received: expect.stringContaining('pong') });
  expect(tool).toMatchObject({ state: 'unproved', detail: expect.stringContaining('cannot call tools') });
});

it('shows both answers of a faithful Kiro', async () => {
  const stub = await startKiroStub();
  closeUpstream = () => stub.close();
  const machine = { platform: 'linux', home: makeTempFolder(), environment: {} } as const;
  const wait = () => new Promise<void>(() => {});
  house = await openHouse({
    providers: (services) => [createKiroProviderWith(services, { machine, clock: { now: Date.now, wait } })],
    accounts: [
      { id: 'work', provider: 'kiro', method: 'key', endpoints: { ...stub.endpoints }, secrets: { apiKey: API_KEY } },
    ],
  });
  stub.reply(
    streamOf([frames.text('pong'), frames.tail()]),
    streamOf([frames.toolCall('tooluse_1', 'add_numbers', JSON.stringify(NUMBERS)), frames.tail('TOOL_USE')]),
  );
  const { chat, tool } = await run('work');
  expect([chat?.state, tool?.state]).toEqual(['ok', 'ok']);
  expect(tool?.received).toContain('call add_numbers');
  expect(stub.faults).toEqual([]);
});

it('tells why an account offers no model', async () => {
  const stub = await startK2Stub();
  closeUpstream = () => stub.close();
  const endpoints = { ...stub.endpoints };
  const key = 'IFM-a-wrong-key-000';
  house = await openHouse({
    accounts: [{ id: 'k2', provider: 'k2-think', method: 'key', endpoints, secrets: { key } }],
  });
  expect(await run('k2')).toEqual({
    model: {
      id: 'model',
      label: 'Choose a model',
      state: 'failed',
      detail: expect.stringContaining('Invalid API key'),
    },
  });
});

describeClaude('the try of an account', (file) => {
  it('shows both answers', async () => {
    const stub = await startMessagesStub();
    closeUpstream = () => stub.close();
    const env = { ANTHROPIC_BASE_URL: stub.url };
    const account = { id: 'cc', provider: 'claude-code', values: { cliPath: file }, env, secrets: { key: 'sk-test' } };
    house = await openHouse({ accounts: [account] });
    stub.reply({ text: 'pong' }, ({ body }) => {
      const tools = (body?.tools ?? []) as { name: string }[];
      const tool = tools.find(({ name }) => name.includes('add_numbers'));
      return { toolUses: [{ id: 'toolu_1', name: tool?.name ?? '', input: NUMBERS }] };
    });
    const { model, chat, tool } = await run('cc');
    expect(model?.label).toContain('claude');
    expect([chat?.state, tool?.state, tool?.detail]).toEqual(['ok', 'ok', expect.stringContaining('right numbers')]);
    expect(listCalls(stub)).toHaveLength(2);
  });
});
