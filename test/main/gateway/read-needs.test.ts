// What a request needs of its model, and that nothing is walked through unless somebody asks.
import { expect, test } from 'vitest';
import type { ConversationRequest, Message } from '../../../main/canonical/conversation.ts';
import { readNeeds } from '../../../main/gateway/read-needs.ts';

const text = { type: 'text' as const, text: 'x'.repeat(4_000) };
const image = { type: 'image' as const, source: { type: 'url' as const, url: 'https://a.b/c.png' } };
const request = (change: Partial<ConversationRequest>): ConversationRequest => ({
  model: 'm',
  messages: [],
  ...change,
});

test('tools are needed where they are offered and may be called', () => {
  const tools = [{ name: 'look' }];
  expect(readNeeds(request({ tools })).tools).toBe(true);
  expect(readNeeds(request({ tools, toolChoice: { type: 'none' } })).tools).toBe(false);
  expect(readNeeds(request({ tools: [] })).tools).toBe(false);
});

test('images are needed where one is shown, by the person or by a tool', () => {
  const result: Message = { role: 'tool', parts: [{ type: 'tool-result', toolCallId: '1', parts: [image] }] };
  expect(readNeeds(request({ messages: [{ role: 'user', parts: [text, image] }] })).images).toBe(true);
  expect(readNeeds(request({ messages: [result] })).images).toBe(true);
  expect(readNeeds(request({ messages: [{ role: 'user', parts: [text] }] })).images).toBe(false);
});

test('tokens are estimated once, and only when they are looked at', () => {
  let walks = 0;
  const messages = new Proxy<Message[]>([{ role: 'user', parts: [text] }], {
    get: (target, name, receiver) => {
      if (name === Symbol.iterator) walks += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  const needs = readNeeds(request({ messages }));
  expect([needs.tools, walks]).toEqual([false, 0]);
  expect(needs.contextTokens).toBeGreaterThan(900);
  expect(needs.contextTokens).toBeLessThan(1_100);
  expect(walks).toBe(1);
});
