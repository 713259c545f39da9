// The guess at input tokens: near enough for English, and everything counts.
import { expect, it } from 'vitest';
import type { ConversationRequest, Message } from '../../../main/canonical/conversation.ts';
import { estimateInputTokens } from '../../../main/canonical/estimate.ts';

const estimate = (...parts: Message['parts'][number][]) =>
  estimateInputTokens({ model: 'm', messages: [{ role: 'user', parts } as Message] } satisfies ConversationRequest);
const text = (said: string) => ({ type: 'text', text: said }) as const;

it('counts about four bytes of text a token', () => {
  expect(estimate(text('x'.repeat(4000)))).toBe(1004);
  expect(estimate(text('é'.repeat(2000)))).toBe(1004);
  expect(estimateInputTokens({ model: 'm', messages: [] })).toBe(1);
});

it('counts thinking, calls, results, pictures, files and tools', () => {
  const base = estimate();
  const words = 'x'.repeat(400);
  const image = { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } } as const;
  expect(estimate({ type: 'reasoning', text: words }) - base).toBe(100);
  expect(estimate({ type: 'tool-call', id: '1', name: '', arguments: words }) - base).toBe(100);
  expect(estimate({ type: 'tool-result', toolCallId: '1', parts: [text(words), image] }) - base).toBe(1600);
  expect(estimate({ type: 'file', source: { type: 'base64', data: words } }) - base).toBe(75);
  const tools = [{ name: 'f', description: words }];
  expect(estimateInputTokens({ model: 'm', messages: [], tools })).toBeGreaterThan(100);
});
