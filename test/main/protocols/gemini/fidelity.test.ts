// What a client of Gemini's dialect says is what the house hears, and what the house answers comes back from the client as
// it was: names, ids, order, arguments, thoughts and their signatures.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { AssistantMessage, Json, JsonObject } from '../../../../main/canonical/conversation.ts';
import { createEventWriter } from '../../../../main/canonical/event-writer.ts';
import { readGenerateRequest } from '../../../../main/protocols/gemini/request.ts';
import { createFrameWriter } from '../../../../main/protocols/gemini/stream.ts';

const text = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' });
const name = fc.stringMatching(/^[a-z]{1,4}$/);
const id = fc.stringMatching(/^toolu_[A-Za-z0-9]{1,6}$/);
const json = fc
  .dictionary(fc.stringMatching(/^[a-z_]{1,4}$/), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3, noNullPrototype: true })
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

const calls = fc.uniqueArray(fc.record({ id: fc.option(id, { nil: undefined }), name, args: json, response: json }), {
  minLength: 1,
  maxLength: 4,
  selector: ({ id: own, name: called }) => own ?? called,
});
const turn = fc.record({ asked: text, said: fc.option(text, { nil: undefined }), calls });

it('hears what the client said, in 1000 conversations', () => {
  fc.assert(
    fc.property(fc.array(turn, { minLength: 1, maxLength: 4 }), (turns) => {
      const contents = turns.flatMap(({ asked, said, calls: made }) => [
        { role: 'user', parts: [{ text: asked }] },
        {
          role: 'model',
          parts: [
            ...(said === undefined ? [] : [{ text: said }]),
            ...made.map(({ response: _, ...functionCall }) => ({ functionCall })),
          ],
        },
        { role: 'user', parts: made.map(({ args: _, ...functionResponse }) => ({ functionResponse })) },
      ]);
      const { conversation, notes } = readGenerateRequest(JSON.parse(JSON.stringify({ contents })), 'm');
      let numbered = 0;
      const heard: unknown[] = conversation.messages.map(({ role, parts }) => [
        role,
        parts.map((part) => {
          if (part.type === 'tool-call') return [part.id, part.name, JSON.parse(part.arguments)];
          if (part.type === 'tool-result') return [part.toolCallId, part.name];
          return part.type === 'text' ? part.text : part.type;
        }),
      ]);
      const expected = turns.flatMap(({ asked, said, calls: made }) => {
        const ids = made.map((one) => one.id ?? `call_${numbered++}`);
        return [
          ['user', [asked]],
          [
            'assistant',
            [...(said === undefined ? [] : [said]), ...made.map((one, at) => [ids[at], one.name, one.args])],
          ],
          ['tool', made.map((one, at) => [ids[at], one.name])],
        ];
      });
      expect(heard).toEqual(expected);
      expect(notes).toEqual([]);
    }),
    { numRuns: 1000 },
  );
});

const reasoning = fc.oneof(
  fc.record({ type: fc.constant('reasoning' as const), text }),
  fc.record({
    type: fc.constant('reasoning' as const),
    text: fc.oneof(fc.constant(''), text),
    metadata: fc.record({ anthropic: fc.record({ signature: fc.base64String({ minLength: 4, maxLength: 16 }) }) }),
  }),
);
const said = fc.record({ type: fc.constant('text' as const), text });
const called = fc.record({
  type: fc.constant('tool-call' as const),
  id,
  name,
  arguments: json.map((a) => JSON.stringify(a)),
});
const answer = fc
  .array(fc.oneof(reasoning, said, called), { minLength: 1, maxLength: 6 })
  // One block of text never follows another: it would be the same block.
  .map((parts) => parts.filter(({ type }, at) => type !== 'text' || parts[at - 1]?.type !== 'text'));

/** Writes an answer as an upstream would stream it. */
function stream(parts: AssistantMessage['parts']) {
  const writer = createEventWriter();
  for (const [at, part] of parts.entries()) {
    if (part.type === 'text') for (const letter of part.text) writer.text(letter);
    else if (part.type === 'reasoning') {
      writer.reasoning(part.text);
      if (part.metadata === undefined) writer.endBlock();
      else writer.endReasoning(part.metadata);
    } else if (part.type === 'tool-call') {
      writer.toolCall(at, part);
      writer.toolArguments(at, part.arguments);
      writer.endToolCall(at);
    }
  }
  writer.end({ kind: 'stop' });
  return writer.take();
}

it.each([
  ['keeps every frame as it came', true, (part: JsonObject) => [part]],
  ['was shown no thoughts', false, (part: JsonObject) => [part]],
  ['throws the thoughts away that it was shown', true, (part: JsonObject) => (part.thought === true ? [] : [part])],
])('gets its answers back from a client that %s, in 500 answers', (_name, showThoughts, keepPart) => {
  fc.assert(
    fc.property(answer, (parts) => {
      const head = { requestId: 'r', model: 'm', createdAt: 1, note: (note: string) => expect(note).toBe('') };
      const { write } = createFrameWriter(head, { events: false, showThoughts });
      const frames = JSON.parse(write(stream(parts))) as { candidates: [{ content: { parts: JsonObject[] } }] }[];
      const contents = frames.map(
        ({ candidates: [{ content }] }): Json => ({
          ...content,
          parts: content.parts.flatMap(keepPart),
        }),
      );
      const { conversation, notes } = readGenerateRequest({ contents }, 'm');
      expect(conversation.messages).toEqual([{ role: 'assistant', parts }]);
      expect(notes).toEqual([]);
    }),
    { numRuns: 500 },
  );
});
