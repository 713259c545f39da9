// The whole provider over the stub, with a key for a login: what a person sees when it is tried, and replies from end to end.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { collect } from '../../../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../../../main/canonical/conversation.ts';
import type { Credential } from '../../../../main/credentials/credential.ts';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createKiroProviderWith } from '../../../../main/providers/kiro/index.ts';
import type { Provider } from '../../../../main/providers/provider.ts';
import type { CheckStep } from '../../../../shared/views.ts';
import { createKiroCredential } from '../../../support/kiro-account.ts';
import { frames } from '../../../support/kiro-frames.ts';
import { createKiroServices } from '../../../support/kiro-services.ts';
import { API_KEY, json, type KiroStub, refuse, startKiroStub, streamOf, USAGE } from '../../../support/kiro-stub.ts';
import { makeTempFolder } from '../../../support/temp-folder.ts';

let stub: KiroStub;
let http: HttpClient;
let provider: Provider;
let notes: string[];

beforeEach(async () => {
  stub = await startKiroStub();
  http = createHttpClient();
  notes = [];
  const machine = { platform: 'linux', home: makeTempFolder(), environment: {} } as const;
  provider = createKiroProviderWith(createKiroServices(http), {
    machine,
    clock: { now: Date.now, wait: neverForTokens },
  });
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

/** Back-offs end at once; no first token is ever late. */
const neverForTokens = (ms: number): Promise<void> => (ms >= 30_000 ? new Promise(() => {}) : Promise.resolve());

const withKey = (values: Record<string, string> = {}, key = API_KEY): Credential => ({
  account: createKiroCredential(stub, { method: 'key', values }).account,
  secrets: { apiKey: key },
});
const signal = new AbortController().signal;

const converse = (request: Partial<ConversationRequest>, credential = withKey()) =>
  provider.converse(
    { model: 'claude-sonnet-4-6', messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hi' }] }], ...request },
    { credential, signal, requestId: 'r', live: true, note: (text) => notes.push(text) },
  );

async function check(credential = withKey()): Promise<CheckStep[]> {
  const last = new Map<string, CheckStep>();
  for await (const step of provider.check({ credential, signal })) last.set(step.id, step);
  return [...last.values()];
}

describe('a check', () => {
  it('shows login, what is left and models, proves a key by them, and spends nothing', async () => {
    expect(await check()).toEqual([
      expect.objectContaining({ id: 'login', state: 'ok' }),
      {
        id: 'quota',
        label: '582.57 credits left',
        state: 'ok',
        detail: 'KIRO PRO+ of ada@example.com: 1417.43 of 2000 credits used.',
      },
      {
        id: 'models',
        label: '5 models',
        state: 'ok',
        detail: 'auto, claude-sonnet-4.6, claude-haiku-4.5, glm-5, brand-new-9',
      },
    ]);
    expect(stub.calls()).toEqual([]);
  });

  it('says that a plan is used up, and where to look', async () => {
    const [entry] = USAGE.usageBreakdownList;
    stub.usage = { ...USAGE, usageBreakdownList: [{ ...entry, currentUsageWithPrecision: 2000 }] };
    expect((await check()).find(({ id }) => id === 'quota')).toMatchObject({
      label: 'The plan is used up',
      state: 'warning',
      link: 'https://app.kiro.dev/account/usage',
    });
  });

  it('says that a plan which is not told is unknown, not empty', async () => {
    stub.usage = { usageBreakdownList: [] };
    expect((await check()).find(({ id }) => id === 'quota')).toMatchObject({
      label: 'Nothing is told of the plan',
      state: 'ok',
    });
  });

  it('goes on where neither models nor plan can be had, and says so', async () => {
    for (const path of ['/', '/List-Available-Models', '/ListAvailableModels', '/getUsageLimits'])
      stub.refused.set(path, refuse(500, 'down'));
    expect((await check()).map(({ id, state }) => [id, state])).toEqual([
      ['login', 'unproved'],
      ['quota', 'warning'],
      ['models', 'warning'],
    ]);
  });

  it('says of a key that is refused that it is, and asks anew once there is another', async () => {
    const [login, quota, models] = await check(withKey({}, 'ksk_mistyped'));
    expect(login?.state).toBe('unproved');
    expect(quota).toEqual({
      id: 'quota',
      label: 'Kiro refuses this key',
      state: 'warning',
      detail: 'Copy it anew, or make another one on Kiro’s account page. It said: Token expired.',
      link: 'https://app.kiro.dev/account/usage',
    });
    expect(models?.detail).toMatch(/^The list that Patchbay knows is used: \d+ models\.$/);
    expect((await check()).map(({ state }) => state)).toEqual(['ok', 'ok', 'ok']);
  });

  it('asks for the models again though they could not be had a moment ago', async () => {
    const style = 'KiroControlPlaneBearerService.ListAvailableModels';
    for (const form of [style, 'GET /List-Available-Models', 'GET /ListAvailableModels'])
      stub.refused.set(form, refuse(500, 'down'));
    stub.refused.set(style.replace('KiroControlPlaneBearer', 'AmazonCodeWhisperer'), refuse(500, 'down'));
    expect((await check()).at(-1)).toMatchObject({ id: 'models', state: 'warning' });
    stub.refused.clear();
    expect((await check()).at(-1)).toMatchObject({ id: 'models', state: 'ok' });
  });

  it('names a setting that is wrong', async () => {
    expect(await check(withKey({ firstTokenSeconds: 'soon' }))).toEqual([
      {
        id: 'settings',
        label: 'A setting is wrong',
        state: 'failed',
        detail:
          '"Seconds to the first sign of an answer" of this account must be a whole number from 1 to 3600. Mend it in Accounts.',
      },
    ]);
  });
});

describe('a reply', () => {
  it('is asked for by Kiro’s name of the model and keeps every rule of its upstream', async () => {
    const reply = await collect(converse({}));
    expect(reply.parts).toEqual([{ type: 'text', text: 'Hello' }]);
    expect(stub.faults).toEqual([]);
    expect(notes).toContain('The model "claude-sonnet-4-6" is "claude-sonnet-4.6" at Kiro.');
    expect(stub.calls()[0]?.body).toHaveProperty(
      'conversationState.currentMessage.userInputMessage.modelId',
      'claude-sonnet-4.6',
    );
  });

  it('tells on the log what it has cost, and nothing of it to the client', async () => {
    const { metadata } = await collect(converse({}));
    expect(metadata).toBeUndefined();
    expect(notes).toContain('Kiro charged 0.0897 credits for this reply.');
    expect(notes).toContain("It filled 3.27 % of the model's window.");
  });

  it('carries the effort that stands in a model’s name in the field that the model’s schema names', async () => {
    await collect(converse({ model: 'claude-sonnet-4-6-high' }));
    expect(stub.calls()[0]?.body.additionalModelRequestFields).toMatchObject({ output_config: { effort: 'high' } });
  });

  it('has the window of the model that answered for a measure', async () => {
    stub.reply(streamOf([frames.text('Hi', 'claude-haiku-4.5'), frames.context(10), frames.tail()]));
    const { usage } = await collect(converse({ model: 'auto' }));
    // 3.27 % of 200,000, as the tail says last.
    expect(usage).toEqual({ inputTokens: 6539, outputTokens: 1, estimated: true });
  });

  it('is asked for smaller once where the person allows it', async () => {
    const long = 'word '.repeat(20_000);
    const messages = ['user', 'assistant', 'user', 'assistant', 'user'].map((role) => ({
      role: role as 'user' | 'assistant',
      parts: [{ type: 'text' as const, text: long }],
    }));
    stub.reply(refuse(400, 'Improperly formed request.'));
    await expect(collect(converse({ messages }))).rejects.toThrow('improperly formed');
    stub.reply(refuse(400, 'Improperly formed request.'));
    await collect(converse({ messages }, withKey({ trim: 'yes' })));
    const [, first = '', second = ''] = stub.calls().map(({ body }) => JSON.stringify(body));
    expect(second.length).toBeLessThanOrEqual(first.length / 2);
    expect(stub.faults).toEqual([]);
  });

  it('takes no more at once than the account says', async () => {
    const messages = [{ role: 'user' as const, parts: [{ type: 'text' as const, text: 'a'.repeat(12_000) }] }];
    const asked = collect(converse({ messages }, withKey({ requestKilobytes: '10' })));
    await expect(asked).rejects.toMatchObject({ code: 'context_length_exceeded' });
    await expect(asked).rejects.toThrow('10,000 maximum');
  });

  it('that cannot be made smaller is refused in the words of Kiro, and with no limit that is none', async () => {
    stub.reply(refuse(400, 'Improperly formed request.'));
    await expect(collect(converse({}, withKey({ trim: 'yes' })))).rejects.toThrow('improperly formed');
  });

  it('thinks aloud in the way that the account says', async () => {
    const think = { model: 'glm-5', reasoning: { enabled: true } };
    const answer = streamOf([frames.text('<thinking>Hm.</thinking>\n\nYes.'), frames.tail()]);
    const shown = async (values: Record<string, string>) => {
      stub.reply(answer);
      const { parts } = await collect(converse(think, withKey(values)));
      return parts.map((part) => `${part.type}: ${'text' in part ? part.text : ''}`);
    };
    expect(await shown({})).toEqual(['reasoning: Hm.', 'text: Yes.']);
    expect(await shown({ reasoningShown: 'remove' })).toEqual(['text: Yes.']);
    expect(await shown({ reasoningShown: 'strip-tags' })).toEqual(['text: Hm.\n\nYes.']);
    expect(await shown({ reasoning: 'off' })).toEqual(['text: <thinking>Hm.</thinking>\n\nYes.']);
  });
});

it('offers its models with windows and abilities', async () => {
  const models = await provider.listModels({ credential: withKey(), signal });
  expect(models.map(({ id }) => id)).toEqual([
    'claude-sonnet-4.6',
    'claude-haiku-4.5',
    'glm-5',
    'brand-new-9',
    'auto-kiro',
  ]);
});

it('tells what is left of the plan', async () => {
  expect(await provider.readQuota?.({ credential: withKey(), signal })).toMatchObject({
    plan: 'KIRO PRO+',
    meters: [{ used: 1417.43, limit: 2000 }],
  });
});

it('says plainly that an account may be suspended, and names the sanctioned way', () => {
  expect(provider.card.standing).toMatch(/Reverse-engineered.*suspend.*kiro-cli acp/);
});

it('refuses a key that Kiro does not know in words for the person', async () => {
  stub.reply(json(403, { message: 'The bearer token included in the request is invalid.' }));
  await expect(collect(converse({}, withKey({}, 'ksk_wrong-key-0123456789')))).rejects.toThrow(
    'Kiro refused the login of this account',
  );
});
