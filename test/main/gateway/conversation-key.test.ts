// Which requests are one conversation, so that one account answers all of it.
import { expect, test } from 'vitest';
import type { ConversationRequest, Message } from '../../../main/canonical/conversation.ts';
import { readConversation } from '../../../main/gateway/conversation-key.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });
const system: Message = { role: 'system', parts: [{ type: 'text', text: 'Be brief.' }] };
const assistant: Message = { role: 'assistant', parts: [{ type: 'text', text: 'Yes.' }] };
const request = (...messages: Message[]): ConversationRequest => ({ model: 'm', messages });
const key = (asked: ConversationRequest, clientKey = 'ide') => readConversation(asked, { clientKey }).conversation;

test('a conversation is known by the words that it began with, for each client key', () => {
  const begun = request(system, user('Mend the door'));
  const later = request(system, user('Mend the door'), assistant, user('And the window'));
  expect(key(later)).toBe(key(begun));
  expect(key(later, 'other')).not.toBe(key(later));
  expect(key(request(system, user('Paint the door')))).not.toBe(key(begun));
});

test('one that has only begun is not taken for another that began alike', () => {
  expect(readConversation(request(system, user('Hi')), {}).isNew).toBe(true);
  expect(readConversation(request(user('Hi'), assistant, user('So')), {}).isNew).toBeUndefined();
});

test('the name that a client has for it counts more than its words, in every dialect that has a place for one', () => {
  const named = (metadata: ConversationRequest['metadata'], words = 'Hi') => key({ ...request(user(words)), metadata });
  const session = 'user_abc_account__session_c0ffee';
  const places: ConversationRequest['metadata'][] = [
    { openai: { fields: { prompt_cache_key: 'c1' } } },
    { responses: { told: { prompt_cache_key: 'c1' } } },
    { anthropic: { fields: { metadata: { user_id: session } } } },
  ];
  for (const metadata of places) {
    expect(named(metadata, 'Compacted')).toBe(named(metadata));
    expect(named(metadata)).not.toBe(named(undefined));
  }
  const person = { anthropic: { fields: { metadata: { user_id: 'ada' } } } };
  expect(named(person, 'Other words')).not.toBe(named(person));
  expect(named(person)).not.toBe(named(undefined));
});

test('a lasting conversation is known by its id', () => {
  expect(readConversation(request(user('Hi')), { sessionId: 's1' })).toEqual({ conversation: 'session s1' });
});

test('a request without words is nobody’s', () => {
  const picture: Message = { role: 'user', parts: [{ type: 'image', source: { type: 'url', url: 'https://a.b/c' } }] };
  expect(readConversation(request(picture), {})).toEqual({});
  expect(readConversation(request(), {})).toEqual({});
});

test('no more than the beginning of the words is read', () => {
  const long = 'x'.repeat(50_000_000);
  const startedAt = performance.now();
  expect(key(request(user(`${long}a`)))).toBe(key(request(user(`${long}a`))));
  expect(performance.now() - startedAt).toBeLessThan(1_000);
  expect(key(request(user(`a${long}`)))).not.toBe(key(request(user(`b${long}`))));
});
