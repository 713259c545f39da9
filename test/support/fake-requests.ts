// A log of requests like a real person's: always the same ones, in every state.
import type { RequestView } from '../../shared/requests.ts';
import type { PathStep } from '../../shared/routing.ts';

const NOW = Date.now();

const CLIENTS = ['Cursor', 'Continue', 'opencode', 'Zed', 'OpenAI/JS 6.49', 'Cline', 'curl'];
const SERVED = [
  ['claude-sonnet-5', 'claude-code', 'claude-code'],
  ['kimi-k3', 'kimi', 'openai-compatible'],
  ['claude-opus-4-8', 'claude-code', 'claude-code'],
  ['workstation/Qwen3.5-Coder-32B-Instruct-AWQ', 'workstation', 'openai-compatible'],
  ['echo', 'demo', 'demo'],
] as const;

/** So many requests, newest first: two running, some failed, the rest well. Always the same ones. */
export function makeRequests(count: number): RequestView[] {
  return Array.from({ length: count }, (_, index) => makeRequest(index, count));
}

/** The request `index` places from the newest. */
export function makeRequest(index: number, count = 0): RequestView {
  const spread = (index * 7919) % 101;
  const [model, account, provider] = SERVED[spread % SERVED.length] ?? SERVED[0];
  const base = {
    id: `req_${String(1_000_000 + count - index)}`,
    at: NOW - 2000 - index * 41_000 - spread * 90,
    client: CLIENTS[(spread * 3) % CLIENTS.length] ?? 'curl',
    key: 'First key',
    dialect: 'OpenAI chat',
    stream: spread % 4 !== 0,
    modelAsked: model,
    modelUsed: model.replace(/^workstation\//, ''),
    account,
    provider,
    attempts: 1,
    path: [],
    notes: spread % 9 === 0 ? ['The service does not know `seed`; it was left out.'] : [],
  };
  if (index < 2) return { ...base, stream: true, state: 'running', firstTokenMs: 640 + spread, attempts: 1 };
  if (index % 17 === 5)
    return { ...base, ...FAILURES[index % FAILURES.length], state: 'failed', durationMs: 300 + spread * 9 };
  if (index % 23 === 9)
    return { ...base, state: 'aborted', status: 200, firstTokenMs: 900, durationMs: 2300, finishReason: 'aborted' };
  const firstTokenMs = 380 + spread * 14;
  return {
    ...base,
    state: 'ok',
    status: 200,
    firstTokenMs,
    durationMs: firstTokenMs + 600 + spread * 120,
    finishReason: spread % 5 === 0 ? 'tool-calls' : 'stop',
    usage: {
      inputTokens: 1200 + spread * 310,
      outputTokens: 90 + spread * 17,
      ...(spread % 3 === 0 ? { cachedInputTokens: 900 + spread * 200, reasoningTokens: spread * 6 } : {}),
    },
  };
}

const FAILURES = [
  {
    status: 429,
    errorKind: 'rate-limited',
    errorText: 'Too many requests; the service asks for a pause of 20 seconds.',
  },
  { status: 401, errorKind: 'unauthorized', errorText: 'The service refused the key (401: Invalid Authentication).' },
  { status: 502, errorKind: 'upstream', errorText: 'The service closed the connection in the middle of the answer.' },
];

const MOVED: RequestView = {
  ...makeRequest(3),
  id: 'req_moved',
  at: NOW - 12_000,
  client: 'Cursor',
  modelAsked: 'gpt-4o',
  modelUsed: 'claude-sonnet-5',
  account: 'claude-code',
  provider: 'claude-code',
  state: 'ok',
  status: 200,
  attempts: 3,
  firstTokenMs: 2_940,
  durationMs: 7_412,
  path: [
    { kind: 'rule', text: 'The rule “gpt-4o” leads to kimi-k3.' },
    {
      kind: 'skipped',
      text: 'Kimi (old key) was passed over: it will not work until its key is mended.',
      account: 'kimi-old',
    },
    {
      kind: 'attempt',
      text: 'Kimi (work) was rate limited and rests until 14:05: Your account reached its requests-per-minute limit (429: rate_limit_reached_error).',
      account: 'kimi-work',
      model: 'kimi-k3',
      outcome: 'failed',
      errorKind: 'rate-limited',
      ms: 212,
    },
    {
      kind: 'attempt',
      text: 'Kimi (home) was overloaded and is asked last until 13:52: The engine is overloaded, please try again later.',
      account: 'kimi-home',
      model: 'kimi-k3',
      outcome: 'failed',
      errorKind: 'overloaded',
      ms: 1_804,
    },
    { kind: 'rule', text: 'Where kimi-k3 cannot be served, claude-sonnet-5 is asked.' },
    {
      kind: 'attempt',
      text: 'Claude Code answered after 924 ms. The first that can serve.',
      account: 'claude-code',
      model: 'claude-sonnet-5',
      outcome: 'ok',
      ms: 924,
    },
  ],
};

const [RULE, PASSED, WORK, HOME] = MOVED.path as [PathStep, PathStep, PathStep, PathStep];

const MOVING: RequestView = {
  ...makeRequest(0),
  id: 'req_moving',
  at: NOW - 1_000,
  modelAsked: 'kimi-k3',
  modelUsed: 'kimi-k3',
  account: 'kimi-home',
  firstTokenMs: undefined,
  attempts: 2,
  path: [
    PASSED,
    WORK,
    {
      kind: 'attempt',
      text: 'Kimi (home) was asked. The first that can serve.',
      account: 'kimi-home',
      model: 'kimi-k3',
    },
  ],
};

const LOST: RequestView = {
  ...makeRequest(5),
  id: 'req_lost',
  at: NOW - 60_000,
  modelAsked: 'gpt-4o',
  modelUsed: 'kimi-k3',
  account: 'kimi-home',
  state: 'failed',
  status: 503,
  attempts: 2,
  errorKind: 'overloaded',
  errorText: 'The engine is overloaded, please try again later.',
  path: [RULE, PASSED, WORK, HOME],
};

/** Requests that needed more than one attempt: one that is looking, one that was answered, one that was lost. */
export const MOVED_REQUESTS: RequestView[] = [MOVING, MOVED, LOST, ...makeRequests(30)].sort(
  (one, other) => other.at - one.at,
);
