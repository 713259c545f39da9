// What the check of an OpenAI-shaped account says, before anything is spent.

import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttpClient, type HttpClient } from '../../../../main/http/client.ts';
import { createOpenAiChatCalls } from '../../../../main/providers/kit/openai-chat-provider.ts';
import type { CheckStep } from '../../../../shared/views.ts';
import { json, type OpenAiStub, startOpenAiStub } from '../../../support/openai-stub.ts';
import { quietServices } from '../../../support/quiet-services.ts';
import { createSilentLogger } from '../../../support/silent-logger.ts';

let stub: OpenAiStub;
let http: HttpClient;

beforeEach(async () => {
  stub = await startOpenAiStub();
  http = createHttpClient();
});

afterEach(async () => {
  await http.close();
  await stub.close();
});

/** The last step of a check of this base URL. */
async function check(baseUrl: string) {
  const limits = () => ({ firstByteMs: 1_000, idleMs: 1_000 });
  const services = { ...quietServices, http, logger: createSilentLogger(), folder: '', limits };
  const calls = createOpenAiChatCalls(services, { provider: 'acme', upstream: () => ({ baseUrl, headers: {} }) });
  const account = { id: 'a', provider: 'acme', name: 'A', method: '', values: {}, env: {}, endpoints: {}, models: [] };
  const credential = { account: { ...account, source: 'settings' as const }, secrets: {} };
  let last: CheckStep | undefined;
  for await (const step of calls.check({ credential, signal: new AbortController().signal })) last = step;
  return last;
}

it('proves an account by its list of models', async () => {
  expect(await check(stub.url)).toMatchObject({ state: 'ok', label: 'Key accepted, models listed' });
});

it('names a missing /v1', async () => {
  stub.missing = (path) => !path.startsWith('/v1/');
  const step = await check(stub.url.replace('/v1', ''));
  expect(step).toMatchObject({ state: 'failed', label: 'The base URL lacks /v1' });
  expect(step?.detail).toContain(`But ${stub.url} does: put /v1 at the end.`);
});

it('fails where there is nothing to talk to', async () => {
  stub.missing = () => true;
  const step = await check(stub.url);
  expect(step).toMatchObject({ state: 'failed', label: 'Nothing that Patchbay can talk to is there' });
});

it('remarks on a server that takes chats and lists no models', async () => {
  stub.missing = (path) => path.endsWith('/models');
  stub.reply(json(400, { error: { message: 'model is missing' } }));
  expect(await check(stub.url)).toMatchObject({ state: 'warning', label: 'This server lists no models' });
});

it('tells a refused key', async () => {
  stub.models = json(401, { error: { message: 'No such key' } });
  expect(await check(stub.url)).toMatchObject({ state: 'failed', label: 'The key was refused', detail: 'No such key' });
});
