// A log of requests like a real person's: always the same ones, in every state.
import type { RequestView } from '../../shared/requests.ts';

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
