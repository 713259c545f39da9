// What a client of Anthropic's dialect says reaches an upstream of the same dialect unharmed: signatures, cache markers,
// ids, order. Any conversation is read by the face and written again for the program that speaks it.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { JsonObject } from '../../../../main/canonical/conversation.ts';
import { readMessagesRequest } from '../../../../main/protocols/anthropic-messages/request.ts';
import { createToolNames } from '../../../../main/providers/claude-code/names.ts';
import { writeTurns } from '../../../../main/providers/claude-code/turns.ts';

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const id = fc.stringMatching(/^toolu_[A-Za-z0-9_-]{1,8}$/);
/** Answers to no call of this conversation: those stay where the client has put them. */
const answeredId = id.map((call) => `${call}_elsewhere`);
const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
// Written and read once, as a client's would be: JSON knows no negative zero.
const json = fc
  .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);
const marker = fc.constantFrom<JsonObject>(
  {},
  { cache_control: { type: 'ephemeral' } },
  { cache_control: { type: 'ephemeral', ttl: '1h' } },
);

/** A block with or without a cache marker. */
const block = (fields: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> =>
  fc.tuple(fields, marker).map(([own, mark]) => ({ ...own, ...mark }));
const record = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields) as fc.Arbitrary<JsonObject>;
const of = (type: string) => fc.constant(type);

const said = block(record({ type: of('text'), text }));
const cited = record({ type: of('text'), text, citations: fc.array(json, { minLength: 1, maxLength: 2 }) });
const source = fc.oneof(
  record({ type: of('base64'), media_type: fc.constantFrom('image/png', 'image/webp'), data: base64 }),
  record({ type: of('url'), url: fc.webUrl() }),
  record({ type: of('file'), file_id: id }),
);
const image = block(record({ type: of('image'), source }));
const pdf = record({ type: of('base64'), media_type: of('application/pdf'), data: base64 });
const plain = record({ type: of('text'), media_type: of('text/plain'), data: text });
const parts = record({
  type: of('content'),
  content: fc.array(record({ type: of('text'), text }), { minLength: 1, maxLength: 2 }),
});
const document = block(
  record({ type: of('document'), source: fc.oneof(pdf, plain, parts), title: text, context: text }),
);
const result = block(
  record({
    type: of('tool_result'),
    tool_use_id: answeredId,
    // One bare text may come back as a string, which says the same.
    content: fc.array(fc.oneof(said, image, document), { minLength: 2, maxLength: 3 }),
  }),
);
const failed = result.map((own) => ({ ...own, is_error: true }));
const userTurn = fc.array(fc.oneof(said, image, document, result, failed), { minLength: 1, maxLength: 4 });
const assistantTurn = fc.array(
  fc.oneof(
    said,
    cited,
    record({ type: of('thinking'), thinking: fc.oneof(of(''), text), signature: base64 }),
    record({ type: of('redacted_thinking'), data: base64 }),
    block(record({ type: of('tool_use'), id, name: fc.stringMatching(/^[a-z_]{1,8}$/), input: json })),
    record({ type: of('tool_use'), id, name: of('look_up'), input: json, caller: record({ type: of('direct') }) }),
  ),
  { minLength: 1, maxLength: 4 },
);
const conversation = fc
  .tuple(fc.array(fc.tuple(userTurn, assistantTurn), { maxLength: 3 }), userTurn)
  .map(([before, last]) => [
    ...before.flatMap(([asked, answered]) => [
      { role: 'user', content: asked },
      { role: 'assistant', content: answered },
    ]),
    { role: 'user', content: last },
  ]);

/** The program knows the client's tools under another name. */
function rename(content: readonly JsonObject[]): JsonObject[] {
  return content.map((own) => (own.type === 'tool_use' ? { ...own, name: `mcp__gw__${own.name}` } : own));
}

it('says to the upstream what the client said, in 1000 conversations', () => {
  fc.assert(
    fc.property(conversation, (messages) => {
      const notes: string[] = [];
      const read = readMessagesRequest({ model: 'm', messages }, {});
      const { turns } = writeTurns(read.conversation.messages, createToolNames([]), (note) => notes.push(note));
      expect(turns).toEqual(messages.map(({ role, content }) => ({ role, content: rename(content) })));
      expect([...notes, ...read.notes]).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});
