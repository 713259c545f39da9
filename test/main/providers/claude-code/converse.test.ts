// One request to a scripted program: order, limits, failures, slow readers.
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../main/canonical/conversation.ts';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { openFakeHouse, sayLines } from '../../../support/fake-claude.ts';

const result = { type: 'result', subtype: 'success', is_error: false, num_turns: 0 };
const answer = [{ told: 1 }, { print: sayLines(['Hello']) }];

async function collect(stream: AsyncIterable<readonly ConversationEvent[]>): Promise<ConversationEvent[]> {
  const events: ConversationEvent[] = [];
  for await (const batch of stream) events.push(...batch);
  return events;
}
const text = (events: readonly ConversationEvent[]) =>
  events.map((event) => (event.type === 'text-delta' ? event.text : '')).join('');
const fail = (stream: AsyncIterable<readonly ConversationEvent[]>) =>
  collect(stream).then(
    (events) => events.find((event) => event.type === 'error')?.error,
    (thrown: unknown) => thrown as GatewayError,
  );
const say = (role: 'user' | 'assistant', words: string): Message => ({ role, parts: [{ type: 'text', text: words }] });

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('the program', () => {
  it('gets no text and no secret in its arguments, and nothing of our environment that would steer it', async () => {
    process.env.ANTHROPIC_AUTH_TOKEN = 'leak';
    process.env.CLAUDE_CODE_SIMPLE = 'leak';
    const house = openFakeHouse(answer, { account: { env: { ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' } } });
    await collect(house.converse({ messages: [say('user', 'a secret question')] }));
    delete process.env.ANTHROPIC_AUTH_TOKEN;
    delete process.env.CLAUDE_CODE_SIMPLE;
    const [start] = house.diary();
    expect(start?.arguments?.join(' ')).not.toMatch(/secret/);
    expect(start?.arguments).toEqual(expect.arrayContaining(['--bare', '--model=claude-x']));
    expect(JSON.stringify(start?.environment)).not.toContain('leak');
    expect(start?.environment).toMatchObject({
      ANTHROPIC_API_KEY: 'sk-secret',
      ANTHROPIC_BASE_URL: 'http://127.0.0.1:9',
      CLAUDE_CODE_DISABLE_ATTACHMENTS: '1',
      NO_PROXY: expect.stringContaining('127.0.0.1'),
      HOME: expect.stringContaining('/homes/cc'),
      CLAUDE_CODE_MAX_RETRIES: '1',
    });
    expect(start?.cwd).toMatch(/empty$/);
  });

  it('uses its own home and login, or a long-lived token, as the account says', async () => {
    const login = openFakeHouse(answer, {
      account: { method: 'login', values: {}, env: { HOME: '/person' } },
      secrets: {},
    });
    const account = {
      ...login.credential.account,
      values: { cliPath: openFakeHouse([]).credential.account.values.cliPath ?? '', configDir: '/person/second' },
    };
    await collect(login.converse({}, { credential: { account, secrets: {} } }));
    const [start] = login.diary();
    expect(start?.environment).toMatchObject({ HOME: '/person', CLAUDE_CONFIG_DIR: '/person/second' });
    expect(start?.environment).not.toHaveProperty('ANTHROPIC_API_KEY');
    expect(start?.arguments).not.toContain('--bare');

    const token = openFakeHouse(answer, { account: { method: 'token' }, secrets: { token: 'sk-token' } });
    await collect(token.converse());
    expect(token.diary()[0]?.environment).toMatchObject({ CLAUDE_CODE_OAUTH_TOKEN: 'sk-token' });
  });

  it('is told the next old turn only when it has taken the last one', async () => {
    const house = openFakeHouse([
      { told: 1 },
      { print: [{ type: 'system', subtype: 'init' }, result] },
      { told: 3 },
      { print: [result] },
      { told: 5 },
      ...answer.slice(1),
    ]);
    const messages = [
      say('user', 'q1'),
      say('assistant', 'a1'),
      say('user', 'q2'),
      say('assistant', 'a2'),
      say('user', 'q3'),
    ];
    expect(text(await collect(house.converse({ messages })))).toBe('Hello');
    const told = house.diary().flatMap((entry) => (entry.told ? [entry.told] : []));
    const types = told.map(({ type, shouldQuery }) => (shouldQuery === false ? 'old user' : type));
    expect(types.slice(0, 6)).toEqual(['control_request', 'old user', 'assistant', 'old user', 'assistant', 'user']);
  });

  it('whose refusal of an old turn ends the request with its words', async () => {
    const refusal = { ...result, is_error: true, result: 'Prompt is too long' };
    const house = openFakeHouse([{ told: 1 }, { print: [refusal] }]);
    const messages = [say('user', 'q1'), say('assistant', 'a1'), say('user', 'q2')];
    expect(await fail(house.converse({ messages }))).toMatchObject({ code: 'context_length_exceeded' });
  });

  it('is ended when the reply is complete, and nothing of it stays behind', async () => {
    const house = openFakeHouse([...answer, { hang: true }]);
    expect(text(await collect(house.converse()))).toBe('Hello');
    await house.provider.close?.();
    const pid = house.diary()[0]?.pid ?? 0;
    expect(() => process.kill(pid, 0)).toThrow();
  });
});

it('a reader who leaves after the first words ends the program', async () => {
  const house = openFakeHouse([{ told: 1 }, { print: sayLines(['Hal'], '') }]);
  for await (const _ of house.converse()) break;
  const pid = house.diary()[0]?.pid ?? 0;
  await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
});

describe('a failure', () => {
  it.each([
    ['no first word', { firstByteMs: 300, idleMs: 30_000 }, [], 'did not begin to answer in time'],
    [
      'silence in the middle',
      { firstByteMs: 30_000, idleMs: 100 },
      [{ told: 1 }, { print: sayLines(['Hal'], '') }],
      'was silent for too long in the middle of its answer.',
    ],
  ])('is %s for too long', async (_name, limits, steps, words) => {
    const house = openFakeHouse([...steps, { hang: true }], { limits });
    const error = await fail(house.converse());
    expect(error).toMatchObject({ kind: 'timeout' });
    expect(error?.message).toContain(words);
  });

  it('is a program that dies, with its last words', async () => {
    const house = openFakeHouse([{ told: 1 }, { complain: "error: unknown option '--x'\n" }, { exit: 1 }]);
    const error = await fail(house.converse());
    expect(error?.message).toBe(
      "Claude Code ended with code 1 before its answer was complete. It said: error: unknown option '--x'",
    );
  });

  it('is a program that prints what nobody understands', async () => {
    const house = openFakeHouse([
      { told: 1 },
      { print: ['not json\n', '[]\n', 'null\n', { type: 'new_thing' }] },
      { exit: 0 },
    ]);
    expect(await fail(house.converse())).toMatchObject({ kind: 'upstream' });
  });

  it('is a program that is not there or cannot run', async () => {
    const missing = openFakeHouse([], { account: { values: { cliPath: '/nonexistent/claude' } } });
    const error = await fail(missing.converse());
    expect(error).toMatchObject({ kind: 'upstream', code: 'program_not_found', retryable: false });
    expect(error?.message).toContain('npm install -g @anthropic-ai/claude-code');
  });
});

describe('a client', () => {
  it('that leaves before the program answers ends it', async () => {
    const house = openFakeHouse([{ hang: true }]);
    const leave = new AbortController();
    const failed = fail(house.converse({}, { signal: leave.signal }));
    await expect.poll(() => house.diary().length, { interval: 5 }).toBeGreaterThan(0);
    leave.abort(new GatewayError('aborted', 'The client hung up.'));
    expect(await failed).toMatchObject({ kind: 'aborted', message: 'The client hung up.' });
    await house.provider.close?.();
    expect(() => process.kill(house.diary()[0]?.pid ?? 0, 0)).toThrow();
  });

  it('that has left already starts no program', async () => {
    const house = openFakeHouse(answer);
    expect(await fail(house.converse({}, { signal: AbortSignal.abort() }))).toMatchObject({ kind: 'aborted' });
    expect(house.diary()).toEqual([]);
  });

  it('that reads slowly leaves the output in the pipe, and still gets every word', async () => {
    const [start, delta] = sayLines(['x'.repeat(4_000)], '') as [object, object];
    const end = sayLines([]).at(-1) as object;
    const count = 1_500;
    const house = openFakeHouse([{ told: 1 }, { print: [start] }, { flood: { line: delta, count } }, { print: [end] }]);
    const stream = house.converse()[Symbol.asyncIterator]();
    const events = [...((await stream.next()).value as ConversationEvent[])];
    // Six megabytes are on their way; nobody reads.
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(house.diary().some(({ flooded }) => flooded)).toBe(false);
    for (let next = await stream.next(); !next.done; next = await stream.next()) events.push(...next.value);
    expect(text(events).length).toBe(4_000 * count);
    expect(events.at(-1)).toMatchObject({ type: 'reply-end' });
  });
});
