// What a model said comes back as it was said, whichever way a client goes on: with the items it got, with references to
// them, or from the kept response; and what a client says reaches an upstream byte for byte.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Reply } from '../../../../main/canonical/collect.ts';
import type { JsonObject, Message, Metadata } from '../../../../main/canonical/conversation.ts';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import type { AssistantPart } from '../../../../main/protocols/kit/responses-items.ts';
import { readResponsesRequest } from '../../../../main/protocols/kit/responses-request.ts';
import { createExchange } from '../../../../main/protocols/openai-responses/exchange.ts';
import { createResponseStore } from '../../../../main/protocols/openai-responses/store.ts';
import { writeOpenAiChatRequest } from '../../../../main/providers/kit/openai-chat-request.ts';

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const id = fc.stringMatching(/^[\w:.-]{1,12}$/);
const toolNames = ['f', 'patch', 'ns__g', 'undeclared'];
const tools = [
  { type: 'function', name: 'f' },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'ns', tools: [{ type: 'function', name: 'g' }] },
];
const signature = fc.base64String({ minLength: 4, maxLength: 16 });
const seal: fc.Arbitrary<Metadata> = signature.map((value) => ({ anthropic: { signature: value } }));

const saidPart: fc.Arbitrary<AssistantPart> = text.map((said) => ({ type: 'text', text: said }));
const thoughtPart: fc.Arbitrary<AssistantPart> = fc.oneof(
  text.map((said): AssistantPart => ({ type: 'reasoning', text: said })),
  fc
    .tuple(fc.oneof(fc.constant(''), text), seal)
    .map(([said, metadata]): AssistantPart => ({ type: 'reasoning', text: said, metadata })),
);
const callPart: fc.Arbitrary<AssistantPart> = fc
  .tuple(id, fc.constantFrom(...toolNames), text, fc.jsonValue({ maxDepth: 1 }))
  .map(([call, name, input, value]) => ({
    type: 'tool-call',
    id: call,
    name,
    // A tool of plain text takes its input wrapped; any other may say anything, even what is no JSON.
    arguments: name === 'patch' ? JSON.stringify({ input }) : typeof value === 'string' ? value : JSON.stringify(value),
  }));
const reply = fc
  .array(fc.oneof(saidPart, thoughtPart, callPart), { minLength: 1, maxLength: 5 })
  .map((parts): Reply => ({ parts, finishReason: { kind: 'stop' } }));

const head = { requestId: 'r1', model: 'm', createdAt: 1, note: () => {} };
const request = { headers: {}, name: '', query: '', key: 'k' };

/** The parts without what only names the items that they came in. */
function strip(messages: readonly Message[]): unknown {
  return messages.flatMap(({ role, parts }) =>
    (parts as readonly AssistantPart[]).map(({ metadata, ...part }) => {
      const { responses: _, ...rest } = metadata ?? {};
      return { role, ...part, ...(Object.keys(rest).length > 0 ? { metadata: rest } : undefined) };
    }),
  );
}

function* play({ parts, finishReason }: Reply): Generator<ConversationEvent> {
  yield { type: 'reply-start' };
  for (const [block, part] of parts.entries()) {
    if (part.type === 'tool-call') {
      const { arguments: said, ...call } = part;
      yield { ...call, type: 'tool-call-start', block };
      if (said !== '') yield { type: 'tool-call-delta', block, text: said };
      yield { type: 'tool-call-end', block };
    } else if (part.type === 'text' || part.type === 'reasoning') {
      yield { type: `${part.type}-start`, block };
      if (part.text !== '') yield { type: `${part.type}-delta`, block, text: part.text };
      yield { type: `${part.type}-end`, block, ...(part.metadata && { metadata: part.metadata }) };
    }
  }
  yield { type: 'reply-end', finishReason };
}

it('a reply comes back as it was said, in 500 conversations, whole and streamed', () => {
  fc.assert(
    fc.property(reply, fc.boolean(), (said, stream) => {
      const store = createResponseStore();
      const exchange = createExchange({ model: 'm', input: 'Q', tools, stream }, request, store);
      if (stream) {
        const writer = exchange.openStream(head);
        for (const event of play(said)) writer.write([event]);
      } else exchange.writeReply(said, head);
      const output = store.find('resp_r1', 'k')?.body.output as readonly JsonObject[];
      const expected = strip([{ role: 'assistant', parts: said.parts }]);

      const go = (body: object) => {
        const { conversation, notes } = createExchange({ model: 'm', tools, ...body }, request, store);
        expect(notes).toEqual([]);
        return strip(conversation.messages.filter(({ role }) => role === 'assistant'));
      };
      expect(go({ input: [...output, { role: 'user', content: 'On.' }] })).toEqual(expected);
      expect(go({ previous_response_id: 'resp_r1', input: 'On.' })).toEqual(expected);
      const references = output.map(({ id: item }) => ({ type: 'item_reference', id: item }));
      expect(go({ input: [...references, { role: 'user', content: 'On.' }] })).toEqual(expected);
    }),
    { numRuns: 500 },
  );
});

const record = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields) as fc.Arbitrary<JsonObject>;
const of = (type: string) => fc.constant(type);
const turn = fc.tuple(
  text,
  fc.option(text, { nil: undefined }),
  fc.uniqueArray(record({ call: id, name: fc.constantFrom('f', 'h'), said: text, result: text }), {
    maxLength: 3,
    selector: ({ call }) => call,
  }),
);

it('what a client says reaches an upstream in order, ids and arguments byte for byte, in 500 conversations', () => {
  fc.assert(
    fc.property(
      fc.array(turn, { minLength: 1, maxLength: 3 }),
      record({ type: of('input_text'), text }),
      (turns, last) => {
        const input: JsonObject[] = [];
        const expected: JsonObject[] = [];
        for (const [asked, answered, calls] of turns) {
          input.push({ role: 'user', content: asked });
          expected.push({ role: 'user', content: asked });
          if (answered !== undefined)
            input.push({ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: answered }] });
          for (const { call, name, said } of calls)
            input.push({ type: 'function_call', id: `fc_${call}`, call_id: call, name, arguments: said } as JsonObject);
          for (const { call, result } of calls)
            input.push({ type: 'function_call_output', call_id: call, output: result } as JsonObject);
          if (answered !== undefined || calls.length > 0) {
            const written = calls.map(({ call, name, said }) => ({
              id: call,
              type: 'function',
              function: { name, arguments: said },
            }));
            expected.push({
              role: 'assistant',
              content: answered ?? null,
              ...(written.length > 0 ? { tool_calls: written } : undefined),
            } as JsonObject);
          }
          for (const { call, result } of calls)
            expected.push({ role: 'tool', tool_call_id: call, content: result } as JsonObject);
        }
        input.push({ role: 'user', content: [last] });
        expected.push({ role: 'user', content: last.text ?? '' });
        const notes: string[] = [];
        const { conversation } = readResponsesRequest({ model: 'm', input });
        const dialect = { maxTokensField: 'max_tokens', streamUsage: false } as const;
        const body = writeOpenAiChatRequest(conversation, false, dialect, (note) => notes.push(note));
        expect((JSON.parse(body) as JsonObject).messages).toEqual(expected);
        expect(notes).toEqual([]);
      },
    ),
    { numRuns: 500 },
  );
});
