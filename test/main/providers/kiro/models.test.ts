// Lists over all forms of the control plane, how long they are kept, and what a client's name of a model means.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createControl } from '../../../../main/providers/kiro/control-calls.ts';
import { KNOWN_MODELS } from '../../../../main/providers/kiro/model-table.ts';
import {
  createKiroModels,
  describeModels,
  type KiroModels,
  resolveModel,
} from '../../../../main/providers/kiro/models.ts';
import { createFakeLogins, createKiroCredential, type FakeLogins } from '../../../support/kiro-account.ts';
import { API_KEY, type KiroStub, MODELS, PROFILE, refuse, startKiroStub } from '../../../support/kiro-stub.ts';

const HOUR_MS = 60 * 60_000;
let stub: KiroStub;
let http: HttpClient;
let logins: FakeLogins;
let now: number;
let warnings: string[];
let models: KiroModels;

beforeEach(async () => {
  stub = await startKiroStub();
  http = createHttpClient();
  logins = createFakeLogins();
  now = 1_000_000;
  warnings = [];
  const logger = { error() {}, info() {}, debug() {}, warn: (text: string) => warnings.push(text) };
  models = createKiroModels({ ask: createControl({ http, logins }), logger, now: () => now });
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

const context = () => ({ credential: createKiroCredential(stub), signal: new AbortController().signal });
const IDS = MODELS.map((model) => (model as { modelId: string }).modelId);

/** Every form of the control plane answers like this. */
function failControl(answer: ReturnType<typeof refuse>) {
  for (const style of [
    'KiroControlPlaneBearerService.ListAvailableModels',
    'GET /List-Available-Models',
    'GET /ListAvailableModels',
    'AmazonCodeWhispererService.ListAvailableModels',
  ])
    stub.refused.set(style, answer);
}

describe('a list', () => {
  it('comes page by page, with windows, abilities and the fields that a model takes', async () => {
    const { models: list, source } = await models.list(context());
    expect(source).toBe('live');
    expect(list.map(({ id }) => id)).toEqual(IDS);
    expect(list[1]).toMatchObject({ contextTokens: 1_000_000, maxOutputTokens: 64_000, images: true, caches: true });
    expect(list[1]?.fieldsSchema).toHaveProperty('properties.output_config');
    expect(list[3]).toMatchObject({ id: 'glm-5', images: false, contextTokens: 200_000 });
    expect(stub.requests).toHaveLength(3);
    expect(stub.requests[0]?.body).toEqual({ origin: 'KIRO_CLI', profileArn: PROFILE });
  });

  it('is kept for an hour', async () => {
    await models.list(context());
    now += HOUR_MS;
    await models.list(context());
    expect(stub.requests).toHaveLength(3);
    now += 1;
    await models.list(context());
    expect(stub.requests).toHaveLength(6);
  });

  it('is asked for once, however many wait for it', async () => {
    await Promise.all(Array.from({ length: 20 }, () => models.list(context())));
    expect(stub.requests).toHaveLength(3);
  });

  it('of a changed account is another one', async () => {
    await models.list(context());
    const changed = createKiroCredential(stub, { values: { apiRegion: 'eu-central-1' } });
    await models.list({ ...context(), credential: changed });
    expect(stub.requests).toHaveLength(6);
  });

  it.each([
    ['KiroControlPlaneBearerService.ListAvailableModels'],
    ['KiroControlPlaneBearerService.ListAvailableModels', 'GET /List-Available-Models'],
    ['KiroControlPlaneBearerService.ListAvailableModels', 'GET /List-Available-Models', 'GET /ListAvailableModels'],
  ])(
    'comes in the next form where others are not known, and is asked for in it from then on (%s)',
    async (...forms) => {
      for (const form of forms) stub.refused.set(form, refuse(404, 'UnknownOperation'));
      const { models: list } = await models.list(context());
      expect(list.map(({ id }) => id)).toEqual(IDS);
      expect(stub.requests).toHaveLength(forms.length + 3);
      now += HOUR_MS + 1;
      await models.list(context());
      expect(stub.requests).toHaveLength(forms.length + 6);
    },
  );

  it('names the profile by login: keys none, Builder ID the shared one on the newer host only', async () => {
    logins.access = { ...logins.access, kind: 'api-key', token: API_KEY, profileArn: undefined };
    await models.list(context());
    expect(stub.requests[0]?.body).toEqual({ origin: 'KIRO_CLI' });
    expect(stub.requests[0]?.headers.tokentype).toBe('API_KEY');

    logins.access = { ...logins.access, kind: 'builder-id', token: 'builder' };
    stub.tokens.set('builder', 'any');
    now += HOUR_MS + 1;
    stub.requests.length = 0;
    stub.refused.set('KiroControlPlaneBearerService.ListAvailableModels', refuse(404, ''));
    stub.refused.set('GET /List-Available-Models', refuse(404, ''));
    await models.list(context());
    expect(stub.requests.slice(0, 3).map(({ body, query }) => body.profileArn ?? query.profileArn)).toEqual([
      'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX',
      'arn:aws:codewhisperer:us-east-1:638616132270:profile/AAAACCCCXXXX',
      undefined,
    ]);
  });

  it('that is refused with a login that is new already is asked for in the other forms', async () => {
    stub.refused.set('KiroControlPlaneBearerService.ListAvailableModels', refuse(403, 'Not for you.'));
    logins.next = new GatewayError('forbidden', 'It was renewed a moment ago.', { code: 'just_renewed' });
    expect((await models.list(context())).source).toBe('live');
  });

  it('renews a login that is over, once', async () => {
    logins.access = { ...logins.access, token: 'old' };
    stub.tokens.set('new', PROFILE);
    logins.next = { token: 'new' };
    expect((await models.list(context())).source).toBe('live');
    expect(logins.renewals).toBe(1);
  });

  it('that cannot be had is the built-in one, said in the log, and asked for again after a minute', async () => {
    failControl(refuse(500, 'down'));
    expect(await models.list(context())).toEqual({ models: KNOWN_MODELS, source: 'built-in' });
    expect(warnings).toEqual(['Kiro: the models of Kiro cannot be listed; the built-in list of models is used.']);
    expect(stub.requests).toHaveLength(4);
    now += 60_000;
    await models.list(context());
    expect(stub.requests).toHaveLength(4);
    now += 1;
    stub.refused.clear();
    expect((await models.list(context())).source).toBe('live');
  });

  it('that was had is kept for a day where it cannot be had anew', async () => {
    await models.list(context());
    failControl(refuse(500, 'down'));
    now += HOUR_MS + 1;
    const kept = await models.list(context());
    expect([kept.source, kept.models.length]).toEqual(['kept', IDS.length]);
    now += 24 * HOUR_MS;
    expect((await models.list(context())).source).toBe('built-in');
  });

  it('is refused with the words of a login that does not hold', async () => {
    logins.open = () => Promise.reject(new GatewayError('unauthorized', 'Sign in again.'));
    await expect(models.list(context())).rejects.toThrow('Sign in again.');
  });

  it('is not waited for by who has left', async () => {
    const leaver = new AbortController();
    const waiting = models.list({ ...context(), signal: leaver.signal });
    leaver.abort();
    await expect(waiting).rejects.toMatchObject({ kind: 'aborted' });
    expect((await models.list(context())).source).toBe('live');
  });
});

describe('what clients see', () => {
  it('hides Kiro’s own choice and offers it under a name that editors leave alone', async () => {
    const { models: list } = await models.list(context());
    expect(describeModels(list).map(({ id }) => id)).toEqual([...IDS.filter((id) => id !== 'auto'), 'auto-kiro']);
    expect(describeModels(list)[0]).toEqual({
      id: 'claude-sonnet-4.6',
      name: 'Claude Sonnet 4.6',
      owner: undefined,
      contextTokens: 1_000_000,
      maxOutputTokens: 64_000,
      abilities: { tools: true, images: true, reasoning: true },
    });
  });
});

describe('a name', () => {
  it.each([
    ['auto-kiro', 'auto', undefined],
    ['auto', 'auto', undefined],
    ['kiro/auto-kiro', 'auto', undefined],
    ['CLAUDE-sonnet-4.6', 'claude-sonnet-4.6', undefined],
    ['claude-sonnet-4-6-20260101', 'claude-sonnet-4.6', undefined],
    ['claude-sonnet-4-6-high', 'claude-sonnet-4.6', 'high'],
    ['GLM-5', 'glm-5', undefined],
    ['gpt-5.6-sol-xhigh', 'gpt-5.6-sol', 'xhigh'],
    ['claude-opus-9-1', 'claude-opus-9.1', undefined],
    ['Something/Else-max', 'Something/Else-max', undefined],
  ])('%s means %s', (asked, id, effort) => {
    const resolved = resolveModel(asked, KNOWN_MODELS);
    expect([resolved.id, resolved.effort]).toEqual([id, effort]);
  });

  it('of a new model needs no new Patchbay', async () => {
    await models.list(context());
    expect(await models.resolve('brand-new-9', context())).toMatchObject({
      id: 'brand-new-9',
      model: { name: 'Brand New 9' },
    });
  });

  it('does not ask for a list that was just refused', async () => {
    failControl(refuse(401, 'No.'));
    logins.access = { ...logins.access, kind: 'api-key' };
    for (let count = 0; count < 5; count += 1) await models.resolve('claude-sonnet-4-6', context());
    expect(stub.requests).toHaveLength(4);
    now += 60_001;
    await models.resolve('claude-sonnet-4-6', context());
    expect(stub.requests).toHaveLength(8);
  });

  it('waits for no list longer than a moment', async () => {
    const ask = createControl({ http, logins });
    const logger = { error() {}, info() {}, debug() {}, warn() {} };
    const hasty = createKiroModels({ ask, logger, now: () => now, patienceMs: 1 });
    stub.refused.set('KiroControlPlaneBearerService.ListAvailableModels', { after: 'hang' });
    const resolved = await hasty.resolve('claude-haiku-4-5', context());
    expect(resolved.id).toBe('claude-haiku-4.5');
  });
});
