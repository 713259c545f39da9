// Anthropic's own program on either side of the house: Claude Code as the client of another upstream, and as the upstream
// of the official package.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Anthropic from '@anthropic-ai/sdk';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { chunk, DONE, json, type OpenAiStub, startOpenAiStub, streamOf } from '../support/openai-stub.ts';
import { claudeFile, whyNoClaude } from '../support/real-claude.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

let house: House;

const open = async (account: TestAccount) => {
  house = await openHouse({ accounts: [account] });
};

describe.skipIf(claudeFile === undefined)(`Claude Code as a client${whyNoClaude}`, { timeout: 30_000 }, () => {
  let stub: OpenAiStub;

  beforeEach(async () => {
    stub = await startOpenAiStub();
    await open({ id: 'stub', name: 'Stub', values: { baseUrl: stub.url }, secrets: { key: 'sk-up' } });
  });
  afterEach(async () => {
    await house.close();
    await stub.close();
  });

  /** One run in an empty folder, with nothing of this machine's. */
  async function run(
    prompt: string,
    extra: Record<string, string> = { ANTHROPIC_API_KEY: KEY },
    home = makeTempFolder(),
  ) {
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      NO_PROXY: '127.0.0.1',
      ANTHROPIC_BASE_URL: house.url,
      ANTHROPIC_MODEL: 'stub-1',
      ANTHROPIC_DEFAULT_HAIKU_MODEL: 'stub-1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      ...extra,
    };
    const { stdout } = await execa(
      claudeFile ?? '',
      ['-p', prompt, '--output-format', 'json', '--allowedTools', 'Bash', 'Read'],
      { cwd: home, env, extendEnv: false, stdin: 'ignore', reject: false },
    );
    return JSON.parse(stdout) as { is_error: boolean; result: string; num_turns: number };
  }
  const asked = () => stub.requests.filter(({ path }) => path.endsWith('/chat/completions')).map(({ body }) => body);

  it.each([
    ['x-api-key', { ANTHROPIC_API_KEY: KEY }],
    ['Bearer', { ANTHROPIC_AUTH_TOKEN: KEY }],
  ])('gets its text after one streamed request, with its key as %s', async (_name, key) => {
    stub.reply(streamOf(['Hel', 'lo.']));
    expect(await run('Say hello.', key)).toMatchObject({ is_error: false, result: 'Hello.', num_turns: 1 });
    expect(asked()).toHaveLength(1);
    const body = asked()[0] ?? {};
    const [first, ...rest] = body.messages as { role: string; content: unknown }[];
    expect(body).toMatchObject({ model: 'stub-1', stream: true, reasoning_effort: expect.any(String) });
    expect(first?.role).toBe('system');
    expect(JSON.stringify(body)).not.toContain('x-anthropic-billing-header');
    expect(JSON.stringify(body)).not.toContain('DeferredToolPlaceholder');
    expect(rest.some(({ role, content }) => role === 'user' && JSON.stringify(content).includes('Say hello.'))).toBe(
      true,
    );
    expect(house.log.map(({ state, client }) => `${state} ${client}`)).toEqual([
      expect.stringMatching(/^ok Claude Code \d/),
    ]);
  });

  it('runs a tool and tells its result, one request a turn', async () => {
    const call = { name: 'Bash', arguments: JSON.stringify({ command: 'echo marker-$((40+2))' }) };
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [
        chunk({ role: 'assistant', reasoning_content: 'Try it.' }),
        chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: call }] }),
        chunk({}, 'tool_calls'),
        DONE,
      ],
    });
    stub.reply(streamOf(['Done.']));
    expect(await run('Run it.')).toMatchObject({ is_error: false, result: 'Done.', num_turns: 2 });
    expect(asked()).toHaveLength(2);
    const { messages } = asked()[1] ?? {};
    expect((messages as object[]).slice(-2)).toEqual([
      expect.objectContaining({ role: 'assistant', tool_calls: [{ id: 'call_1', type: 'function', function: call }] }),
      { role: 'tool', tool_call_id: 'call_1', content: 'marker-42' },
    ]);
    expect(house.log.map(({ state, stream }) => [state, stream])).toEqual([
      ['ok', true],
      ['ok', true],
    ]);
  });

  it('shows the picture that its tool has read', async () => {
    const home = makeTempFolder();
    const file = join(home, 'dot.png');
    writeFileSync(file, Buffer.from(PNG, 'base64'));
    const call = { name: 'Read', arguments: JSON.stringify({ file_path: file }) };
    stub.reply({
      headers: { 'content-type': 'text/event-stream' },
      pieces: [
        chunk({ tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: call }] }),
        chunk({}, 'tool_calls'),
        DONE,
      ],
    });
    stub.reply(streamOf(['A dot.']));
    expect(await run('What is it?', undefined, home)).toMatchObject({ result: 'A dot.', num_turns: 2 });
    const { messages } = asked()[1] ?? {};
    const moved = (messages as { role: string; content: unknown }[]).find(
      ({ role, content }) => role === 'user' && JSON.stringify(content).includes('Shown by the tool call call_1:'),
    );
    expect(moved?.content).toContainEqual({
      type: 'image_url',
      image_url: { url: expect.stringMatching(/^data:image\/png;base64,./) },
    });
  });

  it('shows a refusal at once, in its own words', async () => {
    stub.reply(json(401, { error: { message: 'The upstream key is stale' } }));
    const { is_error: isError, result } = await run('Say hello.');
    expect(isError).toBe(true);
    expect(result).toContain('Stub: The upstream key is stale');
    expect(asked()).toHaveLength(1);
  });
});

describe.skipIf(claudeFile === undefined)(`Claude Code as the upstream${whyNoClaude}`, { timeout: 30_000 }, () => {
  let stub: MessagesStub;
  let client: Anthropic;

  beforeEach(async () => {
    stub = await startMessagesStub();
    const values = { cliPath: claudeFile ?? '' };
    const env = { ANTHROPIC_BASE_URL: stub.url };
    await open({ id: 'cc', name: 'Claude', provider: 'claude-code', values, env, secrets: { key: 'sk-test' } });
    client = new Anthropic({ baseURL: house.url, apiKey: KEY, maxRetries: 0 });
  });
  afterEach(async () => {
    await house.close();
    await stub.close();
  });

  it('gets thinking, tool calls and cache markers back as it gave them', async () => {
    const marker = { cache_control: { type: 'ephemeral' as const } };
    const earlier: Anthropic.MessageParam[] = [
      { role: 'user', content: [{ type: 'text', text: 'Q', ...marker }] },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'hm', signature: 's+/=' },
          { type: 'thinking', thinking: '', signature: 't' },
          { type: 'redacted_thinking', data: 'r+/=' },
          { type: 'text', text: 'A' },
          { type: 'tool_use', id: 'toolu_1', name: 'f', input: { b: 1, a: [2] } },
        ],
      },
    ];
    const question: Anthropic.MessageParam = {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'r', is_error: true }],
    };
    stub.reply({ thinking: { text: '', signature: 'c2ln' }, text: 'ok', usage: { cache_read_input_tokens: 40 } });
    const stream = client.messages.stream({
      model: 'cc/claude-sonnet-5-5',
      max_tokens: 100,
      messages: [...earlier, question],
    });
    const starts: unknown[] = [];
    stream.on('streamEvent', (event) => event.type === 'message_start' && starts.push(event.message.usage));
    const { content, stop_reason } = await stream.finalMessage();
    expect(content).toEqual([
      { type: 'thinking', thinking: '', signature: 'c2ln' },
      { type: 'text', text: 'ok' },
    ]);
    expect(stop_reason).toBe('end_turn');
    expect(starts).toEqual([expect.objectContaining({ input_tokens: 10, cache_read_input_tokens: 40 })]);
    const sent = stub.requests.find(({ method }) => method === 'POST')?.body.messages ?? [];
    const [first, second] = sent.filter(({ role }) => role !== 'system');
    expect(first).toEqual(earlier[0]);
    const named = JSON.parse(JSON.stringify(earlier[1]).replace('"name":"f"', '"name":"mcp__gw__f"'));
    expect(second).toEqual(named);
  });
});
