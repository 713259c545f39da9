// A person's first quarter of an hour: an account is added in the window, base URL and key are copied, the official client
// streams a chat with a tool round trip, and the request is there to be read.
import OpenAI from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type DesktopApp, findFreePort, openScreen, type Screen, startDesktopApp } from '../support/desktop-app.ts';
import { chunk, DONE, type OpenAiStub, startOpenAiStub, streamOf, usageChunk } from '../support/openai-stub.ts';
import { describeWith } from '../support/tools.ts';
import { readClipboard } from '../support/tray.ts';

const WEATHER = {
  type: 'function' as const,
  function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
};

/** A streamed call of the tool, its arguments in two pieces. */
const toolCall = {
  headers: { 'content-type': 'text/event-stream' },
  pieces: [
    chunk({
      role: 'assistant',
      tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } }],
    }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
    chunk({ tool_calls: [{ index: 0, function: { arguments: '"Oslo"}' } }] }),
    chunk({}, 'tool_calls'),
    usageChunk({ prompt_tokens: 11, completion_tokens: 5, total_tokens: 16 }),
    DONE,
  ],
};

describeWith(['electron', 'xvfb'], 'a first use', () => {
  let screen: Screen;
  let stub: OpenAiStub;
  let app: DesktopApp;

  beforeAll(async () => {
    screen = await openScreen();
  });
  afterAll(() => screen?.close());
  beforeEach(async () => {
    stub = await startOpenAiStub();
    app = await startDesktopApp(screen, await findFreePort());
    await app.page.getByText('Serving').first().waitFor();
  });
  afterEach(async () => {
    await app?.close();
    await stub?.close();
  });

  const copy = async (name: string) => {
    await app.page.getByRole('button', { name }).first().click();
    return readClipboard(app.electron);
  };

  test('leads from an empty window to a streamed answer that the log shows', async () => {
    const { page } = app;
    await page.getByRole('button', { name: 'Add account' }).first().click();
    await page.getByRole('button', { name: /^OpenAI-compatible/ }).click();
    await page.getByLabel('Base URL').fill(stub.url);
    await page.getByLabel('API key').fill('sk-upstream-1234');
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Stub service');
    await page.getByRole('button', { name: 'Save and check' }).click();
    await page.getByText('It works. Its models can be asked for now.').waitFor();
    expect(stub.requests[0]?.headers.authorization).toBe('Bearer sk-upstream-1234');
    await page.keyboard.press('Escape');
    await page.getByRole('link', { name: 'Overview', exact: true }).click();

    const baseURL = await copy('Copy base URL');
    expect(baseURL).toBe(app.url);
    const apiKey = await copy('Copy client key');
    expect(apiKey).not.toBe(baseURL);
    expect(await page.content()).not.toContain(apiKey);

    const client = new OpenAI({ baseURL: `${baseURL}/v1`, apiKey, maxRetries: 0 });
    stub.reply(toolCall);
    const question = { role: 'user' as const, content: 'What is the weather in Oslo?' };
    const asked = client.chat.completions.stream({ model: 'stub-1', messages: [question], tools: [WEATHER] });
    const { message } = (await asked.finalChatCompletion()).choices[0] ?? {};
    const call = message?.tool_calls?.[0];
    expect(call).toMatchObject({ id: 'call_1', function: { name: 'weather', arguments: '{"city":"Oslo"}' } });

    stub.reply(streamOf(['Rain', ' in', ' Oslo']));
    const deltas: string[] = [];
    const answered = client.chat.completions.stream({
      model: 'stub-1',
      messages: [
        question,
        { role: 'assistant', tool_calls: message?.tool_calls ?? [] },
        { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
      ],
      tools: [WEATHER],
    });
    answered.on('content', (delta) => deltas.push(delta));
    await answered.finalChatCompletion();
    expect(deltas).toEqual(['Rain', ' in', ' Oslo']);
    expect(stub.requests.at(-1)?.body.messages).toMatchObject([
      question,
      { role: 'assistant', tool_calls: [{ id: 'call_1' }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'rain' },
    ]);

    await page.getByRole('link', { name: 'Requests', exact: true }).click();
    const rows = page.getByRole('row').filter({ hasText: 'stub-1' });
    await expect.poll(() => rows.count()).toBe(2);
    expect(await rows.first().textContent()).toContain('Stub service');
  });
});
