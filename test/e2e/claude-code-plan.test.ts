// What the real Claude Code program says of the plan of whoever is signed in, by its upstream's headers: learned with each
// answer, and with the refusal of a window that is full.
import { afterEach, expect, it } from 'vitest';
import type { QuotaMeter } from '../../shared/quota.ts';
import { type House, KEY, openHouse } from '../support/house.ts';
import type { MessageScript } from '../support/messages-script.ts';
import { type MessagesStub, startMessagesStub } from '../support/messages-stub.ts';
import { describeClaude } from '../support/real-claude.ts';

const RESET_S = Math.floor(Date.now() / 1000) + 3_600;
const WINDOWS = {
  'anthropic-ratelimit-unified-representative-claim': 'five_hour',
  'anthropic-ratelimit-unified-reset': String(RESET_S),
  'anthropic-ratelimit-unified-5h-reset': String(RESET_S),
  'anthropic-ratelimit-unified-7d-status': 'allowed',
  'anthropic-ratelimit-unified-7d-reset': String(RESET_S + 86_400),
  'anthropic-ratelimit-unified-7d-utilization': '0.13',
};
const ALLOWED: MessageScript = {
  text: 'Hello.',
  headers: {
    ...WINDOWS,
    'anthropic-ratelimit-unified-status': 'allowed',
    'anthropic-ratelimit-unified-5h-status': 'allowed',
    'anthropic-ratelimit-unified-5h-utilization': '0.24',
  },
};
const REJECTED: MessageScript = {
  status: 429,
  message: 'This request would exceed your account’s rate limit.',
  headers: {
    ...WINDOWS,
    'anthropic-ratelimit-unified-status': 'rejected',
    'anthropic-ratelimit-unified-5h-status': 'rejected',
    'anthropic-ratelimit-unified-5h-utilization': '1.0',
  },
};

interface Learned {
  readonly id: string;
  readonly meters: readonly QuotaMeter[];
}

describeClaude('the plan behind Claude Code', (file, { version }) => {
  let house: House;
  let stub: MessagesStub;
  afterEach(async () => {
    await house.close();
    await stub.close();
  });

  /** What is learned from one request; the program tells it when its answer has ended. */
  async function learn(script: MessageScript): Promise<Learned> {
    stub = await startMessagesStub({ fallback: script });
    let hear: (told: Learned) => void = () => {};
    const heard = new Promise<Learned>((resolve) => {
      hear = resolve;
    });
    const account = { provider: 'claude-code', method: 'token', secrets: { token: 'sk-ant-oat01-x' } };
    house = await openHouse({
      accounts: [{ id: 'cc', ...account, values: { cliPath: file }, env: { ANTHROPIC_BASE_URL: stub.url } }],
      learn: ({ id }, meters) => meters.length > 0 && hear({ id, meters }),
    });
    const response = await fetch(`${house.url}/v1/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': KEY },
      body: JSON.stringify({
        model: 'cc/claude-sonnet-5-5',
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Hi' }],
      }),
    });
    await response.text();
    return await heard;
  }

  const window = { limit: 100, unit: '%', resetsAt: RESET_S * 1000 };

  // Older programs tell the share of a window only when it is nearly used up.
  it.skipIf(version === '2.1.197')('is learned with a good answer', async () => {
    expect(await learn(ALLOWED)).toEqual({
      id: 'cc',
      meters: [
        { ...window, label: '5 hours', used: 24 },
        { ...window, label: '7 days', used: 13, resetsAt: (RESET_S + 86_400) * 1000 },
      ],
    });
  });

  it('is used up where the program hits its limit', async () => {
    const { meters } = await learn(REJECTED);
    expect(meters[0]).toEqual({ ...window, label: '5 hours', used: 100 });
  });
});
