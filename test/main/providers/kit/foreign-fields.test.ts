// What other dialects said, named for the note of a provider.
import { expect, it } from 'vitest';
import type { ConversationRequest } from '../../../../main/canonical/conversation.ts';
import { listForeignFields } from '../../../../main/providers/kit/foreign-fields.ts';

const request: ConversationRequest = {
  model: 'm',
  messages: [
    { role: 'system', parts: [{ type: 'text', text: 's' }], metadata: { a: { role: 'developer', name: 'n' } } },
    { role: 'user', parts: [{ type: 'text', text: 'q', metadata: { a: { mark: 1 }, b: { other: 1 } } }] },
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', toolCallId: 'c', parts: [{ type: 'text', text: 'r', metadata: { a: { deep: 1 } } }] },
      ],
    },
  ],
  tools: [{ name: 't', metadata: { a: { function: { inner: 1 } } } }],
  metadata: { a: { fields: { user: 'u', mark: 2 }, secretHint: 1, format: { json_schema: { extra: 1 } } } },
};

it('names each unknown field once, also those within objects that the hub knows', () => {
  expect(listForeignFields(request, ['b'])).toEqual(['user', 'mark', 'extra', 'name', 'deep', 'inner']);
});

it('leaves out what the provider reads itself', () => {
  expect(listForeignFields(request, ['a'])).toEqual(['other']);
});
