// What goes wrong behind the real Claude Code program, and what a client of each dialect is told of it: the status, the code,
// how long to wait, and the words of who refused.
import { afterEach, expect, it } from 'vitest';
import type { Settings } from '../../shared/settings.ts';
import { listCalls } from '../support/claude-loop.ts';
import { type House, KEY, openHouse, type TestAccount } from '../support/house.ts';
import type { MessageScript } from '../support/messages-script.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude, listRunning } from '../support/real-claude.ts';

const model = 'cc/claude-sonnet-5-5';
const messages = [{ role: 'user', content: 'Hi' }];
const LIFTED_S = 3_600;

/** What a plan login is told when its limit is reached; the time is the end of the window. */
const windowIsFull = (): MessageScript => ({
  status: 429,
  message: 'This request would exceed your account’s rate limit.',
  headers: {
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-reset': String(Math.floor(Date.now() / 1000) + LIFTED_S),
    'anthropic-ratelimit-unified-overage-status': 'rejected',
  },
});

/** What of an answer is common to all dialects. */
interface Body {
  readonly model?: string;
  readonly error: { readonly message: string };
}

/** One kind of trouble. */
interface Trouble {
  readonly script: MessageScript | (() => MessageScript);
  /** A plan login's token in place of a key. */
  readonly isPlan?: boolean;
  readonly settings?: Partial<Settings>;
  readonly status: number;
  readonly words: RegExp;
  readonly code: string | null;
  /** Type in OpenAI's and in Anthropic's shape. */
  readonly types: readonly [string, string];
  /** The longest and the shortest wait in seconds; undefined where none may be told. */
  readonly wait?: readonly [number, number];
}

const TROUBLES: readonly (readonly [string, Trouble])[] = [
  [
    'a plan that does not pay for other programs',
    {
      script: {
        status: 400,
        message: 'Third-party apps now draw from your extra usage, not your plan limits. Claim it at claude.ai.',
      },
      isPlan: true,
      status: 402,
      words: /^Claude: Third-party apps now draw from your extra usage, not your plan limits/,
      code: 'insufficient_quota',
      types: ['insufficient_quota', 'billing_error'],
    },
  ],
  [
    'extra usage that is used up',
    {
      script: { status: 400, message: "You're out of extra usage. Add more at claude.ai/settings/usage." },
      isPlan: true,
      status: 402,
      words: /^Claude: You're out of extra usage/,
      code: 'insufficient_quota',
      types: ['insufficient_quota', 'billing_error'],
    },
  ],
  [
    'a balance that is too low',
    {
      script: { status: 400, message: 'Your credit balance is too low to access the Anthropic API.' },
      status: 402,
      words: /^Claude: .*[Cc]redit balance is too low/,
      code: 'insufficient_quota',
      types: ['insufficient_quota', 'billing_error'],
    },
  ],
  [
    'a window of a plan that is full',
    {
      script: windowIsFull,
      isPlan: true,
      status: 429,
      words: /^Claude: You've hit your .*limit.* resets /,
      code: 'usage_limit_reached',
      types: ['rate_limit_error', 'rate_limit_error'],
      wait: [LIFTED_S - 60, LIFTED_S],
    },
  ],
  [
    'a conversation that is too long',
    {
      script: { status: 400, message: 'prompt is too long: 210000 tokens > 200000 maximum' },
      status: 400,
      words: /^Claude: .*[Pp]rompt is too long/,
      code: 'context_length_exceeded',
      types: ['invalid_request_error', 'invalid_request_error'],
    },
  ],
  [
    'a login that was lost',
    {
      script: { status: 401, message: 'OAuth token has expired.' },
      isPlan: true,
      status: 401,
      words: /^Claude: (Claude Code is not logged in\. Sign in under Accounts|OAuth token has expired)/,
      code: 'authentication_error',
      types: ['authentication_error', 'authentication_error'],
    },
  ],
  [
    'an upstream that does not begin to answer',
    {
      script: { hang: 'before-headers' },
      settings: { firstByteMs: 2_500 },
      status: 504,
      words: /^Claude: .*did not begin to answer in time/,
      code: 'timeout',
      types: ['server_error', 'timeout_error'],
    },
  ],
  [
    'an upstream that falls silent',
    {
      script: { hang: 'after-start' },
      settings: { idleMs: 400 },
      status: 504,
      words: /^Claude: .*was silent for too long in the middle of its answer/,
      code: 'timeout',
      types: ['server_error', 'timeout_error'],
    },
  ],
];

let house: House;
let stub: MessagesStub;

describeClaude('trouble', (file) => {
  afterEach(async () => {
    await house.close();
    await stub.close();
    expect(listRunning(file)).toEqual([]);
  });

  /** Opens a house over a stub that always answers so. */
  async function open(script: MessageScript | (() => MessageScript), { isPlan, settings }: Partial<Trouble> = {}) {
    stub = await startMessagesStub({ fallback: script });
    const login: Partial<TestAccount> = isPlan
      ? { method: 'token', secrets: { token: 'sk-ant-oat01-x' } }
      : { secrets: { key: 'sk-test' } };
    const account = { id: 'cc', name: 'Claude', provider: 'claude-code', values: { cliPath: file }, ...login };
    house = await openHouse({ accounts: [{ ...account, env: { ANTHROPIC_BASE_URL: stub.url } }], settings });
  }

  async function ask(path: string, body: object) {
    const headers = { 'content-type': 'application/json', 'x-api-key': KEY, authorization: `Bearer ${KEY}` };
    const response = await fetch(`${house.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    return {
      status: response.status,
      wait: response.headers.get('retry-after'),
      body: (await response.json()) as Body,
    };
  }
  const askAll = () =>
    Promise.all([
      ask('/v1/chat/completions', { model, messages }),
      ask('/v1/messages', { model, messages, max_tokens: 100 }),
      ask('/v1/responses', { model, input: 'Hi', store: false }),
    ]);

  it.each(TROUBLES)('is told in the shape of each dialect: %s', async (_name, trouble) => {
    await open(trouble.script, trouble);
    const { status, words, code, types, wait } = trouble;
    const [chat, anthropic, responses] = await askAll();
    for (const answer of [chat, responses]) {
      expect(answer).toMatchObject({ status, body: { error: { type: types[0], code } } });
    }
    expect(anthropic).toMatchObject({ status, body: { type: 'error', error: { type: types[1] } } });
    for (const answer of [chat, anthropic, responses]) {
      expect(answer.body.error.message).toMatch(words);
      if (wait === undefined) expect(answer.wait).toBeNull();
      else expect(Number(answer.wait)).toBeGreaterThan(wait[0]);
      if (wait !== undefined) expect(Number(answer.wait)).toBeLessThanOrEqual(wait[1]);
    }
  });

  it('is no trouble where the model refuses: its words and its reason reach each dialect', async () => {
    await open({ text: 'I will not.', stopReason: 'refusal' });
    const [chat, anthropic, responses] = await askAll();
    expect(chat.body).toMatchObject({
      choices: [{ finish_reason: 'content_filter', message: { content: 'I will not.' } }],
    });
    expect(anthropic.body).toMatchObject({ stop_reason: 'refusal', content: [{ text: 'I will not.' }] });
    expect(responses.body).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'content_filter' },
      output: [{ content: [{ text: 'I will not.' }] }],
    });
    await house.close();
    expect(listCalls(stub)).toHaveLength(3);
  });

  it('is none where another model answers than was asked for: each dialect and the log name it', async () => {
    await open({ text: 'Hello.', model: 'claude-other-9' });
    const [chat, anthropic, responses] = await askAll();
    for (const { body } of [chat, anthropic, responses]) expect(body.model).toBe('claude-other-9');
    expect(house.log.map(({ modelUsed }) => modelUsed)).toEqual(Array(3).fill('claude-other-9'));
  });
});
