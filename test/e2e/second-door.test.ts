// The second door and a page of another origin as their users have them: the official `ollama` package that brings no key,
// and a real browser that streams by `fetch`.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Ollama } from 'ollama';
import { chromium } from 'playwright';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { type House, KEY, openHouse } from '../support/house.ts';
import { type OpenAiStub, startOpenAiStub, streamOf } from '../support/openai-stub.ts';
import { describeWith, findTool } from '../support/tools.ts';

let stub: OpenAiStub;
let house: House;

beforeEach(async () => {
  stub = await startOpenAiStub();
  house = await openHouse({
    accounts: [{ id: 'stub', values: { baseUrl: stub.url } }],
    settings: { ollamaDoor: true, ollamaPort: 0, ollamaRequireKey: false },
    gui: (_request, response) => response.end('the GUI'),
  });
});

afterEach(async () => {
  await house.close();
  await stub.close();
});

it('the official ollama package works without a key through the second door, and not through the main one', async () => {
  const client = new Ollama({ host: house.second()?.baseUrl });
  expect((await client.list()).models.map(({ name }) => name)).toContain('stub-1');
  expect((await client.show({ model: 'stub-1' })).capabilities).toContain('tools');
  stub.reply(streamOf(['Hel', 'lo']));
  let text = '';
  const messages = [{ role: 'user', content: 'Hi' }];
  for await (const part of await client.chat({ model: 'stub-1', messages, stream: true })) text += part.message.content;
  expect(text).toBe('Hello');
  expect((await house.closed(1)).at(-1)).toMatchObject({ state: 'ok', key: 'no key needed' });
  const atMain = new Ollama({ host: house.url });
  await expect(atMain.list()).rejects.toThrow('A client key is needed');
});

/** What a page reads of one request: status, body and our id of it; or the browser's refusal. */
interface PageAnswer {
  readonly status?: number;
  readonly text?: string;
  readonly id?: string | null;
  readonly refusal?: string;
}

describeWith(['chromium'], 'a page of another origin in a browser', () => {
  async function openPage() {
    const server = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<!doctype html><title>page</title>');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const origin = `http://localhost:${(server.address() as AddressInfo).port}`;
    const browser = await chromium.launch({ executablePath: findTool('chromium'), args: ['--no-sandbox'] });
    onTestFinished(async () => {
      await browser.close();
      server.close();
    });
    const page = await browser.newPage();
    await page.goto(origin);
    const ask = (path: string, key: string | undefined, body?: object): Promise<PageAnswer> =>
      page.evaluate(
        async ({ url, authorization, text }) => {
          try {
            const response = await fetch(url, {
              method: text === undefined ? 'GET' : 'POST',
              headers: { 'content-type': 'application/json', ...(authorization && { authorization }) },
              body: text,
            });
            let read = '';
            const decoder = new TextDecoder();
            const reader = response.body?.getReader();
            for (let part = await reader?.read(); part && !part.done; part = await reader?.read())
              read += decoder.decode(part.value, { stream: true });
            return { status: response.status, text: read, id: response.headers.get('x-request-id') };
          } catch (error) {
            return { refusal: String(error) };
          }
        },
        {
          url: house.url + path,
          authorization: key === undefined ? undefined : `Bearer ${key}`,
          text: body === undefined ? undefined : JSON.stringify(body),
        },
      );
    return { origin, ask };
  }

  const chat = { model: 'stub-1', stream: true, messages: [{ role: 'user', content: 'Hi' }] };

  it('streams once its origin is allowed, still needs the key, and never sees the GUI', async () => {
    const { origin, ask } = await openPage();
    expect((await ask('/v1/chat/completions', KEY, chat)).refusal).toContain('Failed to fetch');
    await house.change({ corsOrigins: [origin] });
    stub.reply(streamOf(['Hel', 'lo']));
    const answer = await ask('/v1/chat/completions', KEY, chat);
    expect(answer).toMatchObject({ status: 200, id: expect.stringMatching(/^[0-9a-f]{32}$/) });
    expect(answer.text).toMatch(/"Hel".*"lo".*data: \[DONE\]\s*$/s);
    const refused = await ask('/v1/chat/completions', undefined, chat);
    expect(refused).toMatchObject({ status: 401, text: expect.stringContaining('A client key is needed') });
    expect((await ask('/settings', KEY)).refusal).toContain('Failed to fetch');
    expect((await ask('/gui/rpc/settings/read', KEY, {})).refusal).toContain('Failed to fetch');
  });
});
