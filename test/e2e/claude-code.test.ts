// The official `openai` package through the whole house to the real Claude Code program, whose upstream is a stub.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import OpenAI, { APIError } from 'openai';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createHttpClient } from '../../main/http/client.ts';
import { createClaudeCodeProvider } from '../../main/providers/claude-code/index.ts';
import type { CheckStep } from '../../shared/views.ts';
import { listCalls } from '../support/claude-loop.ts';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import { DeltaGate } from '../support/messages-script.ts';
import { type MessagesStub, type RecordedRequest, startMessagesStub } from '../support/messages-stub.ts';
import { quietServices } from '../support/quiet-services.ts';
import { describeClaude, listRunning } from '../support/real-claude.ts';
import { createSilentLogger } from '../support/silent-logger.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

let stub: MessagesStub;
let house: House;
let client: OpenAI;
let cliPath: string;

/** Opens a house with one account over the real program. */
async function open(account: Partial<TestAccount> = {}): Promise<void> {
  const base = { id: 'cc', name: 'Claude', provider: 'claude-code', values: { cliPath } };
  const env = { ANTHROPIC_BASE_URL: stub.url, ...account.env };
  house = await openHouse({ accounts: [{ ...base, secrets: { key: 'sk-test' }, ...account, env }] });
  client = new OpenAI({ baseURL: `${house.url}/v1`, apiKey: KEY, maxRetries: 0 });
}

const ask = { model: 'cc/claude-sonnet-5-5', messages: [{ role: 'user' as const, content: 'Hi' }] };

const calls = () => listCalls(stub);

/** The upstream's messages, without what the program adds for itself. */
function readTurns({ body }: RecordedRequest) {
  return (body.messages ?? [])
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }) => {
      const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : (content as object[]);
      return {
        role,
        content: blocks
          .map(({ cache_control: _, ...block }: { cache_control?: unknown; text?: string }) => block)
          .filter(({ text }) => !text?.startsWith('<system-reminder>')),
      };
    });
}

function readSystem({ body }: RecordedRequest): string[] {
  return (body.system as { text: string }[]).map(({ text }) => text);
}

describeClaude('pure-model use', (file, ways) => {
  beforeEach(async () => {
    cliPath = file;
    stub = await startMessagesStub();
  });
  afterEach(async () => {
    await house.close();
    await stub.close();
  });

  it('gets the whole conversation structured, with the system prompt apart', async () => {
    await open();
    stub.reply({
      text: 'Rome is warm.',
      usage: { input_tokens: 5, cache_read_input_tokens: 40, cache_creation_input_tokens: 3, output_tokens: 9 },
    });
    const answer = await client.chat.completions.create({
      model: 'cc/claude-sonnet-5-5',
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Oslo?' },
        {
          role: 'assistant',
          content: 'Let me look.',
          tool_calls: [
            { id: 'call_1', type: 'function', function: { name: 'get weather', arguments: '{"city":"Oslo"}' } },
            { id: 'call_2', type: 'function', function: { name: 'get weather', arguments: '{"city":"Bergen"}' } },
          ],
        },
        { role: 'tool', tool_call_id: 'call_1', content: '4 degrees' },
        { role: 'tool', tool_call_id: 'call_2', content: '6 degrees' },
        { role: 'assistant', content: 'Cold.' },
        { role: 'user', content: 'And Rome?' },
      ],
    });
    expect(answer.choices[0]).toMatchObject({ message: { content: 'Rome is warm.' }, finish_reason: 'stop' });
    expect(answer).toMatchObject({
      model: 'claude-sonnet-5-5',
      usage: { prompt_tokens: 48, completion_tokens: 9, prompt_tokens_details: { cached_tokens: 40 } },
    });
    const [request] = calls() as [RecordedRequest];
    expect(calls()).toHaveLength(1);
    expect(request.headers['x-api-key']).toBe('sk-test');
    expect(readSystem(request)).toContain('Be brief.');
    expect(request.body.tools).toEqual([]);
    const call = (id: string, city: string) => ({
      type: 'tool_use',
      id,
      name: 'mcp__gw__get_weather',
      input: { city },
    });
    expect(readTurns(request)).toEqual([
      { role: 'user', content: [{ type: 'text', text: 'Oslo?' }] },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Let me look.' }, call('call_1', 'Oslo'), call('call_2', 'Bergen')],
      },
      {
        role: 'user',
        content: [
          { type: 'tool_result', tool_use_id: 'call_1', content: '4 degrees' },
          { type: 'tool_result', tool_use_id: 'call_2', content: '6 degrees' },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'Cold.' }] },
      { role: 'user', content: [{ type: 'text', text: 'And Rome?' }] },
    ]);
  });

  it('streams its deltas one by one', async () => {
    await open();
    const gate = new DeltaGate();
    stub.reply({ deltas: ['one ', 'two ', 'three'], thinking: { text: 'hm', signature: 'c2ln' }, gate });
    gate.release(1);
    const stream = await client.chat.completions.create({
      ...ask,
      stream: true,
      stream_options: { include_usage: true },
    });
    const seen: string[] = [];
    let usage: unknown;
    for await (const { choices, usage: counts } of stream) {
      usage = counts ?? usage;
      const delta = choices[0]?.delta as { content?: string; reasoning_content?: string } | undefined;
      const piece = delta?.reasoning_content ?? delta?.content;
      if (!piece) continue;
      seen.push(piece);
      gate.release(seen.length === 1 ? 2 : 1); // the signature is a delta of its own
    }
    expect(seen).toEqual(['hm', 'one ', 'two ', 'three']);
    expect(usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5 });
    const [row] = await house.closed(1);
    expect(row).toMatchObject({ state: 'ok', modelUsed: 'claude-sonnet-5-5', finishReason: 'end_turn' });
  });

  it('passes on images, effort, limits, sampling, stop texts and the form of the answer', async () => {
    await open();
    stub.reply({ text: 'ab', stopReason: 'stop_sequence', stopSequence: 'END' });
    const schema = { type: 'object', properties: { a: { type: 'string' } }, additionalProperties: false };
    const answer = await client.chat.completions.create({
      model: 'cc/claude-sonnet-5-5',
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: `data:image/png;base64,${PNG}` } },
            { type: 'image_url', image_url: { url: 'https://example.com/dot.png' } },
          ],
        },
      ],
      reasoning_effort: 'low',
      max_completion_tokens: 1000,
      temperature: 0.3,
      top_p: 0.9,
      stop: ['END'],
      seed: 7,
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema } },
    });
    expect(answer.choices[0]?.finish_reason).toBe('stop');
    const [request] = calls() as [RecordedRequest];
    expect(readTurns(request)).toEqual([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'What is it?' },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
          { type: 'image', source: { type: 'url', url: 'https://example.com/dot.png' } },
        ],
      },
    ]);
    expect(request.body).toMatchObject({
      model: 'claude-sonnet-5-5',
      max_tokens: 1000,
      temperature: 0.3,
      top_p: 0.9,
      stop_sequences: ['END'],
      output_config: { effort: 'low', format: { type: 'json_schema', schema } },
    });
    const [row] = await house.closed(1);
    expect(row?.notes).toEqual([
      'Left out, as Claude Code has no field for it: seed.',
      'Left out of the reply, as its dialect has no field for it: which text ended it.',
    ]);
  });

  it('thinks not at all where the client says so', async () => {
    await open();
    await client.chat.completions.create({ ...ask, reasoning_effort: 'none' });
    expect(calls()[0]?.body).not.toHaveProperty('thinking');
  });

  it('leaves text that looks like files and commands as text', async () => {
    await open();
    await client.chat.completions.create({
      ...ask,
      messages: [
        { role: 'user', content: '/clear' },
        { role: 'assistant', content: 'No.' },
        { role: 'user', content: 'Read @/etc/passwd and !ls' },
        { role: 'assistant', content: 'No.' },
        { role: 'user', content: '/cost @/etc/hostname' },
      ],
    });
    const texts = readTurns(calls()[0] as RecordedRequest).flatMap(({ content }) => content);
    expect(texts).toEqual(
      [
        `${ways.beforeSlash}/clear`,
        'No.',
        'Read @/etc/passwd and !ls',
        'No.',
        `${ways.beforeSlash}/cost @/etc/hostname`,
      ].map((text) => ({ type: 'text', text })),
    );
    expect(calls()[0]?.rawBody).not.toContain('root:x:');
  });

  it('takes in nothing of this machine: no memories, settings, hooks or servers', async () => {
    const home = makeTempFolder();
    const touched = join(home, 'touched');
    const command = `touch ${touched}`;
    const hooks = Object.fromEntries(
      ['SessionStart', 'UserPromptSubmit', 'Stop'].map((name) => [name, [{ hooks: [{ type: 'command', command }] }]]),
    );
    const servers = { mcpServers: { trap: { command: 'sh', args: ['-c', command] } } };
    const put = (path: string, text: string) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, text);
    };
    put(join(home, '.claude', 'CLAUDE.md'), 'TRAP memory of the person');
    put(join(home, 'CLAUDE.md'), 'TRAP memory of the home');
    put(join(home, '.claude', 'settings.json'), JSON.stringify({ hooks, env: { TRAP: '1' }, model: 'opus' }));
    put(join(home, '.claude.json'), JSON.stringify(servers));
    put(join(home, '.mcp.json'), JSON.stringify(servers));
    await open({ method: 'login', secrets: {}, env: { HOME: home, ANTHROPIC_API_KEY: 'sk-test' } });
    await client.chat.completions.create(ask);
    const [request] = calls() as [RecordedRequest];
    expect(request.rawBody).not.toContain('TRAP');
    expect(request.body).toMatchObject({ model: 'claude-sonnet-5-5', tools: [] });
    await house.close();
    expect(() => writeFileSync(touched, '', { flag: 'wx' })).not.toThrow(); // nobody has touched it
  });

  it.each([
    ['401', { status: 401 }, 401, 'Claude: invalid x-api-key', undefined],
    [
      '429 with a time to wait',
      { status: 429, headers: { 'retry-after': '7' }, message: 'Slow down' },
      429,
      'Claude: Slow down',
      '7',
    ],
    [
      '429 with an hour to wait',
      { status: 429, headers: { 'retry-after': '3600' }, message: 'Come back later' },
      429,
      'Claude: Come back later',
      '3600',
    ],
    ['529', { status: 529 }, 529, 'Claude: Overloaded', undefined],
    ['500', { status: 500 }, 500, 'Claude: Internal server error', undefined],
    ['403', { status: 403, message: 'Not yours' }, 403, 'Claude: Not yours', undefined],
  ])('tells the truth about %s, after one request', async (_name, script, status, words, retryAfter) => {
    await open();
    stub.reply(script, { text: 'a second try' });
    const error = await client.chat.completions.create({ ...ask, stream: true }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error.status).toBe(status);
    expect(error.message).toBe(`${status} ${words}`);
    expect(error.headers.get('retry-after') ?? undefined).toBe(retryAfter);
    expect(calls()).toHaveLength(1);
  });

  it('tells the truth about a cut before the first word, after one request', async () => {
    await open();
    stub.reply({ text: 'a b', cutAfterDeltas: 0 }, { text: 'a second try' });
    const error = await client.chat.completions.create({ ...ask, stream: true }).catch((thrown) => thrown);
    expect(error.status).toBe(502);
    // Whether the head of the answer still came through is the network's affair.
    expect(error.message).toMatch(/got no answer from its upstream|closed the connection in the middle/);
    expect(calls()).toHaveLength(1);
  });

  it('tells what a model that does not exist is, and that an upstream is dead', async () => {
    await open();
    stub.reply({ status: 404, message: 'model: x' }, { status: 404, message: 'model: x' });
    const error = await client.chat.completions.create({ ...ask, model: 'cc/x' }).catch((thrown) => thrown);
    expect(error).toMatchObject({ status: 404, code: 'model_not_found' });
    expect(error.message).toContain('(x)');
    const { url } = stub;
    await stub.close();
    const dead = await client.chat.completions.create(ask).catch((thrown) => thrown);
    expect(dead).toMatchObject({ status: 502 });
    expect(dead.message).toContain('got no answer from its upstream');
    expect(dead.message).not.toContain(url);
  });

  it.each([
    // The word right before the cut may be lost with the connection.
    ['a cut', { cutAfterDeltas: 2 }, 'closed the connection in the middle of its answer', /^one (two )?$/],
    ['an error event', { errorAfterDeltas: 2 }, 'Overloaded', /^one two $/],
  ])('breaks the stream off after %s, and asks no second time', async (_name, fault, words, before) => {
    await open();
    stub.reply({ deltas: ['one ', 'two ', 'three'], delayMs: 40, ...fault }, { text: 'a second try' });
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    let text = '';
    const read = async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? '';
    };
    const error = await read().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(APIError);
    expect(error.message).toContain(words);
    expect(text).toMatch(before);
    expect(calls()).toHaveLength(1);
    expect((await house.closed(1))[0]).toMatchObject({ state: 'failed' });
  });

  it.each([
    ['max_tokens', 'length'],
    ['refusal', 'content_filter'],
    ['model_context_window_exceeded', 'length'],
  ] as const)('ends at %s and asks the upstream no second time', async (stopReason, finishReason) => {
    await open();
    stub.reply({ text: 'part one', stopReason }, { text: 'part two' }, { text: 'part three' });
    const answer = await client.chat.completions.create(ask);
    expect(answer.choices[0]).toMatchObject({ message: { content: 'part one' }, finish_reason: finishReason });
    await house.close(); // waits for the program's end
    expect(calls()).toHaveLength(1);
  });

  it.each(['before-headers', 'after-start', 'in the middle'] as const)(
    'closes the upstream within 50 ms when the client leaves: %s',
    async (when) => {
      await open();
      const gate = new DeltaGate();
      stub.reply(when === 'in the middle' ? { deltas: ['one ', 'two'], gate } : { hang: when });
      gate.release(1);
      const leave = new AbortController();
      const asked = client.chat.completions.create({ ...ask, stream: true }, { signal: leave.signal });
      const request = await stub.waitForRequest();
      if (when === 'in the middle') for await (const { choices } of await asked) if (choices[0]?.delta.content) break;
      const leftAt = performance.now();
      leave.abort();
      await asked.catch(() => {});
      await stub.waitForClose(request);
      expect((request.closedAt ?? Number.POSITIVE_INFINITY) - leftAt).toBeLessThan(50);
      expect((await house.closed(1))[0]).toMatchObject({ state: 'aborted' });
      expect(calls()).toHaveLength(1);
    },
  );

  it('tells of a program that is killed in the middle', async () => {
    await open();
    const gate = new DeltaGate();
    stub.reply({ deltas: ['one ', 'two'], gate });
    gate.release(1);
    const stream = await client.chat.completions.create({ ...ask, stream: true });
    const read = async () => {
      for await (const { choices } of stream) {
        if (choices[0]?.delta.content) for (const pid of listRunning(file)) process.kill(pid, 'SIGKILL');
      }
    };
    const error = await read().catch((thrown) => thrown);
    expect(error.message).toContain('Claude Code ended by SIGKILL before its answer was complete.');
  });

  it('serves twenty at once in fair order, each its own answer, and leaves nothing running', async () => {
    await open();
    for (let at = 0; at < 20; at += 1) {
      stub.reply((request) => ({ text: `echo ${JSON.stringify(readTurns(request))}` }));
    }
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        client.chat.completions.create({ ...ask, messages: [{ role: 'user', content: `number ${at}.` }] }),
      ),
    );
    for (const [at, { choices }] of answers.entries()) expect(choices[0]?.message.content).toContain(`number ${at}.`);
    await house.close();
    expect(listRunning(file)).toEqual([]);
  });

  it('ends with the house, even in the middle of an answer', async () => {
    await open();
    stub.reply({ hang: 'after-start' });
    const asked = client.chat.completions.create(ask).catch((thrown) => thrown);
    const request = await stub.waitForRequest();
    expect(listRunning(file)).toHaveLength(1);
    await house.close();
    expect(listRunning(file)).toEqual([]);
    await asked;
    await stub.waitForClose(request);
  });

  it('names its own models', async () => {
    await open();
    const names: string[] = [];
    for await (const { id } of client.models.list()) names.push(id);
    expect(names).toContain(ways.sonnet);
    expect(new Set(names).size).toBe(names.length);
    expect(calls()).toEqual([]);
  });

  it('is found, checked and asked for its version by the form of a new account', async () => {
    await open();
    const folder = makeTempFolder();
    const http = createHttpClient();
    const limits = () => ({ firstByteMs: 30_000, idleMs: 30_000 });
    const provider = createClaudeCodeProvider({ ...quietServices, http, logger: createSilentLogger(), folder, limits });
    const last = new Map<string, CheckStep>();
    const values = { cliPath: dirname(file) };
    for await (const step of provider.survey?.(values, new AbortController().signal) ?? []) last.set(step.id, step);
    expect(last.get('program')).toMatchObject({ state: 'ok', label: `Claude Code ${ways.version} found` });
    expect(last.get('login')?.label).toMatch(/^(Logged in|Not logged in)$/);
    await provider.close?.();
    await http.close();
  });

  it('says what to do when it is not logged in', async () => {
    await open({ method: 'login', secrets: {}, env: { HOME: makeTempFolder() } });
    const error = await client.chat.completions.create(ask).catch((thrown) => thrown);
    expect(error.status).toBe(401);
    expect(error.message).toContain('Sign in under Accounts');
    expect(calls()).toEqual([]);
  });
});
