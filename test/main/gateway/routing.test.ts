// Which account a model name leads to, asked through the open door.
import { afterEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../main/canonical/errors.ts';
import type { ProviderServices } from '../../../main/providers/provider.ts';
import { type House, KEY, openHouse, type TestAccount } from '../../support/house.ts';
import { createScriptedProvider, type ProviderScript } from '../../support/scripted-provider.ts';
import { makeTempFolder } from '../../support/temp-folder.ts';

let house: House;

afterEach(() => house.close());

/** Opens a house whose accounts offer these models; `undefined` for an account that cannot be asked. */
async function open(offers: Readonly<Record<string, readonly string[] | undefined>>, extra: Partial<TestAccount> = {}) {
  const provider = createScriptedProvider({
    listModels: async ({ credential }) => {
      const models = offers[credential.account.id];
      if (models === undefined) throw new GatewayError('unauthorized', 'Key refused');
      return models.map((id) => ({ id }));
    },
  });
  const accounts = Object.keys(offers).map((id) => ({ id, name: id.toUpperCase(), provider: 'scripted', ...extra }));
  house = await openHouse({ providers: [provider], accounts });
}

async function ask(model: string): Promise<string> {
  const response = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}` },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'x' }] }),
  });
  const answer = (await response.json()) as {
    error?: { message: string };
    choices?: [{ message: { content: string } }];
  };
  return answer.error?.message ?? answer.choices?.[0].message.content ?? '';
}

async function list(): Promise<string[]> {
  const response = await fetch(`${house.url}/v1/models`, { headers: { authorization: `Bearer ${KEY}` } });
  return ((await response.json()) as { data: { id: string }[] }).data.map(({ id }) => id);
}

describe('a model name', () => {
  it('that one account offers leads there, and so does its name with the account before it', async () => {
    await open({ one: ['m', 'org/large'], two: ['n'] });
    expect(await Promise.all(['m', 'n', 'org/large', 'one/m', 'one/org/large'].map(ask))).toEqual([
      'one:m',
      'two:n',
      'one:org/large',
      'one:m',
      'one:org/large',
    ]);
  });

  it('that nobody knows leads to the accounts that are set to answer for such names', async () => {
    const provider = {
      ...createScriptedProvider({ listModels: async () => [{ id: 'm' }] }),
      fallbackModel: ({ values }: { readonly values: Readonly<Record<string, string>> }) => values.fallback,
    };
    const account = (id: string, fallback?: string): TestAccount => ({
      id,
      name: id,
      provider: 'scripted',
      values: fallback === undefined ? {} : { fallback },
    });
    house = await openHouse({ providers: [provider], accounts: [account('one'), account('two', 'm')] });
    expect(await ask('nobody')).toBe('two:nobody');
    await house.close();
    house = await openHouse({ providers: [provider], accounts: [account('one', 'm'), account('two', 'm')] });
    expect(await ask('nobody')).toBe('one:nobody');
  });

  it('in another spelling leads to the account whose provider recognises it, as the client wrote it', async () => {
    const provider = {
      ...createScriptedProvider({ listModels: async () => [{ id: 'm-1.5' }] }),
      recognise: (name: string, models: readonly { id: string }[]) =>
        models.find(({ id }) => name.startsWith(id.replace('.', '-')))?.id,
    };
    const accounts = ['one', 'two'].map((id) => ({ id, name: id, provider: 'scripted' }));
    house = await openHouse({ providers: [provider], accounts: accounts.slice(0, 1) });
    expect(await ask('m-1-5-high')).toBe('one:m-1-5-high');
    expect(await ask('m-2')).toContain('No account offers the model "m-2".');
    await house.close();
    house = await openHouse({ providers: [provider], accounts });
    expect(await ask('m-1-5')).toBe('one:m-1-5');
  });

  it('that several accounts offer leads to the first of them, and to each by its name', async () => {
    await open({ one: ['m'], two: ['m'] });
    expect(await Promise.all(['m', 'two/m', 'scripted/m'].map(ask))).toEqual(['one:m', 'two:m', 'one:m']);
    expect(await list()).toEqual(['m']);
  });

  it('after a provider leads to the account of it that offers the model', async () => {
    await open({ one: ['m'], two: ['n'] });
    expect(await ask('scripted/n')).toBe('two:n');
    expect(await ask('scripted/unlisted')).toBe('one:unlisted');
  });

  it('that nobody lists is passed on behind an account, and refused without one', async () => {
    await open({ one: ['m'] });
    expect(await ask('one/new')).toBe('one:new');
    expect(await ask('new')).toBe('No account offers the model "new". Known are, among others: m.');
  });

  it("of the account's own list is served beside those of the upstream", async () => {
    await open({ one: ['m'] }, { models: ['hidden', 'm'] });
    expect(await list()).toEqual(['m', 'hidden']);
    expect(await ask('hidden')).toBe('one:hidden');
  });

  it('that an account lists twice is one model', async () => {
    await open({ one: ['m', 'm'] }, { models: ['n', 'n'] });
    expect(await list()).toEqual(['m', 'n']);
    expect(await ask('m')).toBe('one:m');
  });

  it('is found although another account cannot be asked', async () => {
    await open({ broken: undefined, one: ['m'] });
    expect(await ask('m')).toBe('one:m');
    expect(await list()).toEqual(['m']);
    expect(await ask('n')).toBe(
      'No account offers the model "n". Known are, among others: m. The account broken could not be asked: Key refused',
    );
  });

  it("that looks like an account's prefix is listed in its long form", async () => {
    await open({ org: [], one: ['org/large'] });
    expect(await list()).toEqual(['one/org/large']);
    expect(await ask('one/org/large')).toBe('one:org/large');
  });
});

it('a model is found while another account does not answer', async () => {
  const listModels: ProviderScript['listModels'] = ({ credential }) =>
    credential.account.id === 'slow' ? new Promise(() => {}) : Promise.resolve([{ id: 'm' }]);
  const accounts = ['slow', 'one'].map((id) => ({ id, provider: 'scripted' }));
  house = await openHouse({ providers: [createScriptedProvider({ listModels })], accounts });
  expect(await ask('m')).toBe('one:m');
});

it('says that there is nothing at all', async () => {
  await open({});
  expect(await ask('m')).toBe('No account offers the model "m". No account offers any model yet.');
});

describe('the names of agents', () => {
  it('come and go with their projects at once, and nobody else is asked for it', async () => {
    const asked: string[] = [];
    const runner = (services: ProviderServices) =>
      createScriptedProvider({
        id: 'runner',
        agent: { tools: [], modes: ['ask'] },
        listModels: async () => {
          asked.push('runner');
          const names = services.agents.list().map(({ id }) => ({ id: `agent:${id}` }));
          await new Promise(setImmediate);
          return names;
        },
      });
    const other = createScriptedProvider({
      id: 'other',
      listModels: async () => {
        asked.push('other');
        return [{ id: 'm' }];
      },
    });
    house = await openHouse({
      providers: (services) => [runner(services), other],
      accounts: [
        { id: 'cc', provider: 'runner' },
        { id: 'two', provider: 'other' },
      ],
    });
    expect(await list()).toEqual(['m']);
    const path = makeTempFolder();
    house.projects.add({ name: 'Shop', path, agent: { enabled: true } }, 'window');
    expect([await ask('agent:shop'), await list()]).toEqual(['cc:agent:shop', ['agent:shop', 'm']]);
    house.projects.change('shop', { agent: { enabled: false } });
    house.projects.change('shop', { agent: { enabled: true } });
    house.projects.change('shop', { agent: { enabled: false } });
    expect(await ask('agent:shop')).toContain('The agent of the project "Shop" is switched off.');
    expect(await list()).toEqual(['m']);
    expect(asked.filter((id) => id === 'other')).toHaveLength(1);
  });
});
