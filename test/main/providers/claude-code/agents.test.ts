// Which agents an account offers, and what is said where one cannot be asked.
import { describe, expect, it } from 'vitest';
import type { Agent } from '../../../../main/providers/provider.ts';
import { DEFAULT_AGENT_RULES } from '../../../../shared/projects.ts';
import { createSceneSession } from '../../../support/agent-scene.ts';
import { openFakeHouse } from '../../../support/fake-claude.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

const never = new AbortController().signal;

function openHouse() {
  const path = makeTempFolder();
  const make = (id: string, account?: string): Agent => ({
    id,
    name: id.toUpperCase(),
    path,
    rules: { ...DEFAULT_AGENT_RULES, enabled: true, ...(account === undefined ? {} : { account }) },
  });
  const all = [make('any'), make('mine', 'cc'), make('other', 'cc-2'), { ...make('gone'), path: `${path}/nothing` }];
  const agents = { list: () => all, find: (id: string) => all.find((agent) => agent.id === id) };
  return openFakeHouse([{ told: 1 }], { services: { agents }, models: [{ value: 'claude-x' }] });
}

async function fail(model: string): Promise<unknown> {
  const house = openHouse();
  try {
    for await (const _ of house.converse({ model }, { session: createSceneSession() }));
  } catch (error) {
    return error;
  }
  return undefined;
}

it('an account offers the agents that it may run beside its models', async () => {
  const house = openHouse();
  const models = await house.provider.listModels({ credential: house.credential, signal: never });
  expect(models.map(({ id }) => id)).toEqual(['claude-x', 'agent:any', 'agent:mine', 'agent:gone']);
  expect(models[1]).toMatchObject({ name: 'Agent in ANY', abilities: { tools: false, images: true, reasoning: true } });
});

describe('an agent that cannot be asked', () => {
  it.each([
    ['agent:nobody', 'not-found', 'Switched on are: agent:any, agent:mine, agent:other, agent:gone.'],
    ['agent:other', 'forbidden', 'runs with the account "cc-2" only. Ask for agent:other or cc-2/agent:other.'],
    ['agent:gone', 'not-found', 'is not there'],
  ])('says why, and what to do: %s', async (model, kind, words) => {
    expect(await fail(model)).toMatchObject({ kind, retryable: false, message: expect.stringContaining(words) });
  });
});

it('new words alone are refused where the program has no record of what was said before', async () => {
  const house = openHouse();
  const session = { ...createSceneSession(), state: 'of another provider', isPart: true as const };
  const ask = async () => {
    for await (const _ of house.converse({ model: 'agent:any' }, { session }));
  };
  await expect(ask()).rejects.toMatchObject({ kind: 'invalid-request', code: 'session_without_words' });
});
