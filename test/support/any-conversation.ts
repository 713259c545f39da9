// Conversations of every kind that a client could send, orderly or not: each text, picture, call and result in them can be
// told from all others, so that a test can look for it in what was written.
import fc from 'fast-check';
import type { ConversationRequest, Json, JsonObject, Message, Tool } from '../../main/canonical/conversation.ts';

const word = fc.oneof(
  fc.string({ maxLength: 12, unit: 'grapheme' }),
  fc.constantFrom('', ' ', '\n', '\ud83d', 'a\udc00b', '<thinking>', '\u0000', '🌍', '"\\'),
);
const id = fc.oneof(
  fc.constantFrom('call_1', 'call_2', 'call_3', ''),
  fc.constant(`toolu_${'x'.repeat(80)}`),
  fc.string({ maxLength: 8 }),
);
const name = fc.oneof(
  fc.constantFrom('read', 'Read', 'write.file', 'write_file', ''),
  fc.constant(`mcp__${'long_'.repeat(20)}end`),
  fc.string({ minLength: 1, maxLength: 8 }),
);

const text = word.map((said) => ({ type: 'text' as const, text: said }));
const image = fc.oneof(
  fc
    .constantFrom('image/png', 'image/jpg', 'image/webp', 'image/bmp', 'IMAGE/GIF')
    .map((mediaType) => ({ type: 'image' as const, mediaType, source: { type: 'base64' as const, data: '' } })),
  fc.constant({ type: 'image' as const, source: { type: 'url' as const, url: '' } }),
  fc.constant({ type: 'image' as const, source: { type: 'id' as const, id: '' } }),
);
const file = fc
  .constantFrom('text/plain', 'application/pdf', 'application/json')
  .map((mediaType) => ({ type: 'file' as const, mediaType, name: 'f', source: { type: 'base64' as const, data: '' } }));
const said = fc.oneof({ weight: 5, arbitrary: text }, { weight: 2, arbitrary: image }, { weight: 1, arbitrary: file });

const json: fc.Arbitrary<string> = fc.oneof(
  fc
    .dictionary(
      fc.oneof(fc.string({ maxLength: 5 }), fc.constantFrom('', '__proto__')),
      fc.jsonValue({ maxDepth: 2 }),
      {
        maxKeys: 3,
      },
    )
    .map((value) => JSON.stringify(value)),
  fc.constantFrom('', ' ', '{"a":', '[1]', '7', 'null', '{"":{"":1}}', '{"a":"\\ud83d"}'),
);
const call = fc.record({ type: fc.constant('tool-call' as const), id, name, arguments: json });
const result = fc.record(
  {
    type: fc.constant('tool-result' as const),
    toolCallId: id,
    name,
    parts: fc.array(said, { maxLength: 3 }),
    isError: fc.boolean(),
  },
  { requiredKeys: ['type', 'toolCallId', 'parts'] },
);
const reasoning = fc.oneof(
  word.map((thought) => ({ type: 'reasoning' as const, text: thought })),
  word.map((thought) => ({
    type: 'reasoning' as const,
    text: thought,
    metadata: { anthropic: { signature: 'c2ln' } },
  })),
  fc.constant({ type: 'reasoning' as const, text: '', metadata: { anthropic: { redacted: 'aGlk' } } }),
);

const message: fc.Arbitrary<Message> = fc.oneof(
  fc.record({ role: fc.constant('system' as const), parts: fc.array(text, { maxLength: 2 }) }),
  fc.record({ role: fc.constant('user' as const), parts: fc.array(said, { maxLength: 3 }) }),
  fc.record({
    role: fc.constant('assistant' as const),
    parts: fc.array(fc.oneof(text, call, call, reasoning, image), { maxLength: 4 }),
  }),
  fc.record({ role: fc.constant('tool' as const), parts: fc.array(result, { maxLength: 3 }) }),
);

const KEYWORDS = ['type', 'pattern', 'format', 'minLength', 'required', 'additionalProperties', 'x-own', 'examples'];

const { schema } = fc.letrec<{ schema: Json }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'schema' },
    fc.constantFrom<Json>(
      true,
      false,
      {},
      { type: 'string', pattern: '^a$' },
      { type: ['string', 'null'] },
      { const: 1 },
    ),
    fc.record(
      {
        type: fc.constantFrom<Json>('object', ['object', 'null'], 'string'),
        properties: fc.dictionary(fc.constantFrom('a', '', '__proto__', ...KEYWORDS), tie('schema'), { maxKeys: 3 }),
        required: fc.oneof(fc.constant<Json>([]), fc.constant<Json>(['a', 'a']), fc.constant<Json>(true)),
        items: fc.oneof(tie('schema'), fc.array(tie('schema'), { maxLength: 2 })),
        anyOf: fc.array(tie('schema'), { maxLength: 2 }),
        allOf: fc.array(tie('schema'), { maxLength: 2 }),
        $ref: fc.constantFrom<Json>('#/$defs/a', '#/$defs/none', '#'),
        $defs: fc.dictionary(fc.constantFrom('a', 'pattern'), tie('schema'), { maxKeys: 2 }),
        additionalProperties: tie('schema'),
        minItems: fc.constant<Json>(1),
        description: fc.constant<Json>('d'),
      },
      { requiredKeys: [] },
    ) as fc.Arbitrary<Json>,
  ),
}));

const tool: fc.Arbitrary<Tool> = fc.record(
  {
    name,
    description: fc.oneof(word, fc.constant('long '.repeat(3_000))),
    parameters: schema.map((value) => (typeof value === 'object' && value !== null ? value : {}) as JsonObject),
    strict: fc.boolean(),
  },
  { requiredKeys: ['name'] },
);

/** Any request; a call is only demanded where there is something to call. */
export const anyConversation: fc.Arbitrary<ConversationRequest> = fc
  .record(
    {
      model: fc.constantFrom('claude-sonnet-4.6', 'auto'),
      messages: fc.array(message, { maxLength: 9 }).map(markAll),
      tools: fc.array(tool, { maxLength: 4 }),
      toolChoice: fc.constantFrom({ type: 'auto' } as const, { type: 'none' } as const, { type: 'required' } as const),
      reasoning: fc.constantFrom({ effort: 'high' }, { enabled: false }, { enabled: true, budgetTokens: 99_999 }),
      maxOutputTokens: fc.constant(100),
    },
    { requiredKeys: ['model', 'messages'] },
  )
  .map((request) =>
    request.toolChoice?.type === 'required' && (request.tools ?? []).length === 0
      ? { ...request, toolChoice: undefined }
      : request,
  );

/** The same messages with a mark in everything that says something. */
function markAll(messages: readonly Message[]): Message[] {
  let count = 0;
  const mark = () => `mark${(count++).toString().padStart(3, '0')}x`;
  const markPart = <Part extends Message['parts'][number]>(part: Part): Part => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return part.text.trim() === '' ? part : { ...part, text: `${part.text}${mark()}` };
      case 'image':
        return { ...part, source: markSource(part.source, BEGINNINGS[part.mediaType ?? ''] ?? '') };
      case 'file':
        return { ...part, source: { type: 'base64', data: Buffer.from(mark()).toString('base64') }, name: mark() };
      case 'tool-result':
        return { ...part, parts: part.parts.map(markPart) };
      case 'tool-call':
        return /^\{"/.test(part.arguments)
          ? { ...part, arguments: `{"marking":"${mark()}",${part.arguments.slice(1)}` }
          : part;
      default:
        return part satisfies never;
    }
  };
  const markSource = (source: { type: string }, beginning: string) => {
    switch (source.type) {
      case 'base64':
        return { type: 'base64' as const, data: `${beginning}${mark()}` };
      case 'url':
        return { type: 'url' as const, url: `https://example.com/${mark()}` };
      default:
        return { type: 'id' as const, id: mark() };
    }
  };
  return messages.map((one) => ({ ...one, parts: one.parts.map(markPart) }) as Message);
}

const BEGINNINGS: Readonly<Record<string, string>> = { 'image/png': 'iVBORw0KGgo' };

/** All marks that stand in a text, in order. */
export function findMarks(written: string): string[] {
  return written.match(/mark\d{3}x/g) ?? [];
}
