// Prices of model lists in words.
import { expect, it } from 'vitest';
import { createHttpClient } from '../../../../main/http/client.ts';
import { createOpenAiChatCalls } from '../../../../main/providers/kit/openai-chat-provider.ts';
import { describeTokenPrice } from '../../../../main/providers/kit/token-price.ts';
import { json, startOpenAiStub } from '../../../support/openai-stub.ts';
import { quietServices } from '../../../support/quiet-services.ts';
import { createSilentLogger } from '../../../support/silent-logger.ts';

it.each([
  [{ prompt: '0.000003', completion: '0.000015' }, '$3 in, $15 out per million tokens'],
  [{ prompt: 0.0000025758, completion: '0.0000128788' }, '$2.58 in, $12.88 out per million tokens'],
  [{ prompt: '0.0000000375', completion: '0.00000015' }, '$0.0375 in, $0.15 out per million tokens'],
  [{ prompt: '0.0000001', completion: '0' }, '$0.1 in per million tokens'],
  [{ prompt: '0', completion: '0' }, 'free'],
  [{ prompt: '-1', completion: '-1' }, undefined],
  [{ prompt: null, completion: '' }, undefined],
  [{ prompt: 'cheap', completion: [] }, undefined],
  [{}, undefined],
])('%j is told as %s', (pricing, words) => {
  expect(describeTokenPrice(pricing)).toBe(words);
});

it('a list of models brings its prices along, and no price where it has none', async ({ onTestFinished }) => {
  const stub = await startOpenAiStub();
  const http = createHttpClient();
  onTestFinished(async () => {
    await http.close();
    await stub.close();
  });
  const pricing = { prompt: '0.000003', completion: '0.000015', request: '0', image: '0.0048' };
  stub.models = json(200, { data: [{ id: 'priced', pricing }, { id: 'bare' }, { id: 'null', pricing: null }] });
  const limits = () => ({ firstByteMs: 1_000, idleMs: 1_000 });
  const services = { ...quietServices, http, logger: createSilentLogger(), folder: '', limits };
  const calls = createOpenAiChatCalls(services, {
    provider: 'acme',
    upstream: () => ({ baseUrl: stub.url, headers: {} }),
  });
  const account = { id: 'a', provider: 'acme', name: 'A', method: '', values: {}, env: {}, endpoints: {}, models: [] };
  const credential = { account: { ...account, source: 'settings' as const }, secrets: {} };
  const models = await calls.listModels({ credential, signal: new AbortController().signal });
  expect(models.map(({ id, price }) => [id, price])).toEqual([
    ['priced', '$3 in, $15 out per million tokens'],
    ['bare', undefined],
    ['null', undefined],
  ]);
});
