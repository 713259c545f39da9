// What every answer of an OpenAI-shaped upstream tells besides: the limits in its headers, whether it is good or bad.
import { expect, it } from 'vitest';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createHttpClient } from '../../../../main/http/client.ts';
import { createOpenAiPost } from '../../../../main/providers/kit/openai-upstream.ts';
import type { QuotaMeter } from '../../../../shared/quota.ts';
import { json, startOpenAiStub } from '../../../support/openai-stub.ts';

const HEADERS = { 'x-ratelimit-limit-requests': '5', 'x-ratelimit-remaining-requests': '4' };
const METER = { label: 'Requests', kind: 'rate', used: 1, limit: 5, unit: 'requests' };

it('hears the limits of good answers and of refusals, and nothing where nothing is told', async ({
  onTestFinished,
}) => {
  const stub = await startOpenAiStub();
  const http = createHttpClient();
  onTestFinished(async () => {
    await http.close();
    await stub.close();
  });
  const heard: (readonly QuotaMeter[])[] = [];
  const limits = () => ({ firstByteMs: 5_000, idleMs: 5_000 });
  const upstream = () => ({ baseUrl: stub.url, headers: {} });
  const post = createOpenAiPost({ http, limits }, { provider: 'acme', upstream });
  const account = { id: 'one', provider: 'acme', name: 'One', method: 'key', values: {}, env: {}, endpoints: {} };
  const context = {
    credential: { account: { ...account, models: [], source: 'settings' as const }, secrets: {} },
    signal: new AbortController().signal,
    requestId: 'r',
    note: () => {},
    meter: (meters: readonly QuotaMeter[]) => void heard.push(meters),
  };
  const ask = async (status: number, headers = {}) => {
    stub.reply(json(status, {}, headers));
    const response = await post({ path: '/chat/completions', live: false, write: () => '{}' }, context);
    await response.text();
  };
  await ask(200, HEADERS);
  await ask(200);
  await expect(ask(429, { ...HEADERS, 'x-ratelimit-remaining-requests': '0' })).rejects.toThrow(GatewayError);
  expect(heard).toEqual([[METER], [{ ...METER, used: 5 }]]);
});
