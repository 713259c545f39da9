// Nothing that a client says is dropped in silence: every text of a request reaches what is sent upstream, or a note says
// that it did not. Holds for every face and every upstream that is told anything (the demo tells nobody).
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationRequest, Json, JsonObject } from '../../main/canonical/conversation.ts';
import { writeClaudeLines } from '../../main/providers/claude-code/request.ts';
import { writeOpenAiChatRequest } from '../../main/providers/kit/openai-chat-request.ts';
import { type KnownClient, loadClients, readAsServer } from './asking.ts';
import type { Asked, Call, Turn } from './client.ts';

/** Writes a request and gives the text that goes up. */
type Send = (request: ConversationRequest, note: (text: string) => void) => string;

const PROVIDERS: readonly { readonly provider: string; readonly send: Send }[] = [
  {
    provider: 'openai-compatible',
    send: (request, note) =>
      writeOpenAiChatRequest(request, false, { maxTokensField: 'max_tokens', streamUsage: false }, note),
  },
  {
    provider: 'claude-code',
    send: (request, note) => JSON.stringify(writeClaudeLines(request, { guardSlash: false, note })),
  },
];

/** What one note speaks of as a whole, so that its parts need no note of their own. */
const TOGETHER: readonly { readonly path: RegExp; readonly note: RegExp }[] = [
  { path: /\btools\b/, note: /client's (tool was|\d+ tools were) left out/ },
  { path: /^tools\.1\b/, note: /^Tools (that only|of Anthropic's own)/ },
  { path: /\bcache_control\b/, note: /^Cache markers/ },
];

/** Whether a note speaks of what stands at `path`: by its name, or by the name of something around it. */
function covers(note: string, path: Path): boolean {
  if (TOGETHER.some((each) => each.path.test(path.join('.')) && each.note.test(note))) return true;
  const [, list = ''] = /^Left out, [^:]*: (.*)\.$/.exec(note) ?? [];
  const names = list.split(', ');
  return path.some((name) => names.includes(String(name)));
}

const pairs = (await loadClients()).flatMap((known) =>
  PROVIDERS.map((each) => ({ ...each, known, name: `${known.name} over ${each.provider}` })),
);

interface Outcome {
  readonly sent: string;
  readonly notes: readonly string[];
}

function run(known: KnownClient, send: Send, path: string, body: object): Outcome {
  const notes: string[] = [];
  const { conversation, notes: read = [] } = readAsServer(known, { path, body });
  const sent = send(conversation, (text) => notes.push(text));
  return { sent, notes: [...new Set([...read, ...notes])].sort() };
}

type Path = readonly (string | number)[];

/** Every object and every leaf of a body. */
function* walk(value: Json, path: Path = []): Generator<{ path: Path; value: Json }> {
  yield { path, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [name, inner] of Object.entries(value))
    yield* walk(inner, [...path, Array.isArray(value) ? Number(name) : name]);
}

function at(body: Json, path: Path): Json {
  return path.reduce<Json>((value, name) => (value as JsonObject)[name] as Json, body);
}

function without(body: JsonObject, path: Path): JsonObject {
  const copy = structuredClone(body);
  const holder = at(copy, path.slice(0, -1)) as Record<string, Json> | Json[];
  const name = path.at(-1) as string;
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
  return copy;
}

/** The body without a field, or without as much around it as makes it a request again. */
function withoutField(body: JsonObject, path: Path, reads: (body: JsonObject) => boolean): JsonObject {
  for (let length = path.length; length > 0; length -= 1) {
    const smaller = without(body, path.slice(0, length));
    if (reads(smaller)) return smaller;
  }
  throw new Error(`Nothing can be taken away at ${path.join('.')}`);
}

describe.each(pairs)('$name', ({ known, send }) => {
  const { client } = known;
  const path = client.write({ turns: [{ role: 'user', text: 'Hi' }] }, { model: 'm', stream: false }).path;
  const reads = (body: JsonObject) => {
    try {
      run(known, send, path, body);
      return true;
    } catch {
      return false;
    }
  };
  const findMissing = (body: JsonObject): Path[] => {
    const { sent } = run(known, send, path, body);
    const found = [...walk(body)].flatMap(({ path: place, value }) => {
      const name = String(place.at(-1) ?? '');
      const own = [
        ...(typeof value === 'string' ? (value.match(/§[\w-]+/g) ?? []) : []),
        ...(name.match(/§[\w-]+/g) ?? []),
      ];
      return own.some((text) => !sent.includes(text)) ? [place] : [];
    });
    return found;
  };
  /** Takes away from the end, so that what is left keeps its place. */
  const withoutAll = (body: JsonObject, places: readonly Path[]) =>
    places.toReversed().reduce((rest, place) => withoutField(rest, place, reads), body);

  it.runIf(client.writeRich)('sends or notes each text of a request that uses every field', () => {
    const rich = JSON.parse(JSON.stringify(client.writeRich?.('m'))) as JsonObject;
    const missing = findMissing(rich);
    const { notes } = run(known, send, path, rich);
    const plain = run(known, send, path, withoutAll(rich, missing)).notes;
    const silent = missing.filter((place) => {
      if (notes.some((note) => covers(note, place))) return false;
      const alone = withoutAll(
        rich,
        missing.filter((other) => other !== place),
      );
      return JSON.stringify(run(known, send, path, alone).notes) === JSON.stringify(plain);
    });
    expect(silent.map((place) => place.join('.'))).toEqual([]);
  });

  it.runIf(client.writeRich)('sends or notes a field that nobody knows, wherever it stands', () => {
    const rich = JSON.parse(JSON.stringify(client.writeRich?.('m'))) as JsonObject;
    const plain = run(known, send, path, rich);
    const silent = [...walk(rich)].flatMap(({ path: place, value }) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
      const where = place.join('.');
      if (plain.notes.some((note) => covers(note, place))) return [];
      const body = structuredClone(rich);
      (at(body, place) as Record<string, Json>).x_unknown = '§unknown';
      const { sent, notes } = run(known, send, path, body);
      const told = JSON.stringify(notes) !== JSON.stringify(plain.notes);
      return sent.includes('§unknown') || told ? [] : [where || '(the body)'];
    });
    expect(silent).toEqual([]);
  });

  it('sends or notes each text of any conversation', () => {
    fc.assert(
      fc.property(conversation, (asked) => {
        if (client.cannot?.(asked) !== undefined) return;
        const { path: place, body } = client.write(asked, { model: 'm', stream: false });
        let outcome: Outcome;
        try {
          outcome = run(known, send, place, body);
        } catch (error) {
          // Refused aloud.
          expect(error).toHaveProperty('kind');
          return;
        }
        const texts = [...walk(JSON.parse(JSON.stringify(body)) as Json)].flatMap(({ value }) =>
          typeof value === 'string' ? (value.match(/mark_\d+_/g) ?? []) : [],
        );
        const missing = texts.filter((text) => !outcome.sent.includes(text));
        if (missing.length > 0) expect(outcome.notes, `missing: ${missing.join(' ')}`).not.toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

/** Texts that occur only once. */
let count = 0;
const once = fc.constant(undefined).map(() => `mark_${count++}_`);
const call: fc.Arbitrary<Call> = fc.record({
  id: once.map((text) => `call_${text}`),
  name: fc.constantFrom('look_up', 'write'),
  input: once.map((text): JsonObject => ({ word: text, deep: [{ n: 1.5, text }] })),
});
const asks: fc.Arbitrary<Turn> = fc.record(
  { role: fc.constant('user' as const), text: once, image: fc.constant('UElDVFVSRQ==') },
  { requiredKeys: ['role', 'text'] },
);
const answers: fc.Arbitrary<Turn[]> = fc
  .record({
    text: fc.option(once, { nil: undefined }),
    reasoning: fc.option(fc.record({ text: once, signature: once }), { nil: undefined }),
    calls: fc.array(call, { maxLength: 3 }),
    failed: fc.boolean(),
  })
  .chain(({ text, reasoning, calls, failed }) =>
    fc.array(once, { minLength: 3, maxLength: 3 }).map((said): Turn[] => [
      { role: 'assistant', text: text ?? 'Well.', ...(reasoning && { reasoning }), calls },
      ...(calls.length === 0
        ? []
        : [
            {
              role: 'tool' as const,
              results: calls.map(({ id, name }, at) => ({
                id,
                name,
                text: said[at] ?? '',
                ...(failed ? { failed } : {}),
              })),
            },
          ]),
    ]),
  );
const schema = once.map((description): JsonObject => ({ type: 'object', description, properties: {} }));
const conversation: fc.Arbitrary<Asked> = fc
  .record({
    system: fc.option(once, { nil: undefined }),
    first: asks,
    rest: fc.array(fc.tuple(answers, asks), { maxLength: 3 }),
    tools: fc.option(
      fc.uniqueArray(fc.record({ name: fc.constantFrom('look_up', 'write'), description: once, parameters: schema }), {
        minLength: 1,
        maxLength: 2,
        selector: ({ name }) => name,
      }),
      { nil: undefined },
    ),
    schema: fc.option(schema, { nil: undefined }),
    stop: fc.option(fc.array(once, { minLength: 1, maxLength: 2 }), { nil: undefined }),
    effort: fc.option(fc.constant('high'), { nil: undefined }),
  })
  .map(({ first, rest, ...wishes }) => ({
    ...wishes,
    turns: [first, ...rest.flatMap(([answer, ask]) => [...answer, ask])],
  }));
