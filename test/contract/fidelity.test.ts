// What a dialect says to an upstream of its own comes out as it went in, both ways: ids, order, signatures, cache markers,
// counts, and every field that nobody here knows. (Anthropic's requests: the test beside that face.)
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json, JsonObject } from '../../main/canonical/conversation.ts';
import type { ConversationEvent } from '../../main/canonical/events.ts';
import { writeReply as writeMessage } from '../../main/protocols/anthropic-messages/response.ts';
import { createMessagesStreamWriter } from '../../main/protocols/anthropic-messages/stream.ts';
import { readChatRequest } from '../../main/protocols/openai-chat/request.ts';
import { writeReply as writeCompletion } from '../../main/protocols/openai-chat/response.ts';
import { createChatStreamWriter } from '../../main/protocols/openai-chat/stream.ts';
import { createToolNames } from '../../main/providers/claude-code/names.ts';
import { createReplyReader } from '../../main/providers/claude-code/stream.ts';
import { writeOpenAiChatRequest } from '../../main/providers/kit/openai-chat-request.ts';
import { createOpenAiChatStreamReader, readOpenAiChatAnswer } from '../../main/providers/kit/openai-chat-stream.ts';
import { collectReply, createHead } from './asking.ts';
import { readFrames } from './client.ts';

const RUNS = { numRuns: 1_000 };

const text = fc.string({ minLength: 1, maxLength: 10, unit: 'grapheme' });
/** As it comes over the wire: there is no -0 in it, and null says nothing. */
const json = fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.parse(JSON.stringify(value)) as Json);
const said = json.filter((value) => value !== null);
/** Fields that nobody knows. */
const unknown = fc.dictionary(fc.stringMatching(/^x_[a-z]{1,4}$/), said, { maxKeys: 2 }) as fc.Arbitrary<JsonObject>;
const of = <Value>(value: Value) => fc.constant(value);
type Fields = Record<string, fc.Arbitrary<unknown>>;
/** An object with all of `needed`, some of `optional`, and what nobody knows. */
const object = (needed: Fields, optional: Fields = {}): fc.Arbitrary<JsonObject> =>
  fc
    .tuple(unknown, fc.record({ ...needed, ...optional }, { requiredKeys: Object.keys(needed) }))
    .map(([extra, fields]) => ({ ...extra, ...fields }) as JsonObject);
const marker = of({ type: 'ephemeral' });
const list = (items: fc.Arbitrary<unknown>, most = 3) => fc.array(items, { minLength: 1, maxLength: most });

describe('OpenAI chat to an upstream of its own', () => {
  const id = fc.stringMatching(/^call[A-Za-z0-9_:.-]{1,8}$/);
  const name = fc.stringMatching(/^[a-z_]{1,8}$/);
  // A list of one text without anything else is written as the text itself, which says the same.
  const textPart = object({ type: of('text'), text, cache_control: marker });
  const picture = fc.oneof(
    fc.webUrl(),
    fc.base64String({ minLength: 4, maxLength: 8 }).map((data) => `data:image/png;base64,${data}`),
  );
  const part = fc.oneof(
    textPart,
    object({ type: of('image_url'), image_url: object({ url: picture }, { detail: of('low') }) }),
    object({ type: of('input_audio'), input_audio: of({ data: 'UElD', format: 'mp3' }) }),
    object({
      type: of('file'),
      file: fc.oneof(
        of({ file_id: 'file-1' }),
        of({ filename: 'a.pdf', file_data: 'data:application/pdf;base64,UERG' }),
      ),
    }),
  );
  /** Bytes that a parser would not give back. */
  const argumentsText = fc.oneof(fc.json(), of('{ "a": 1.0,  "b":"\\u00e9" }'), of('{"broken":'), of(''));
  const call = object({
    id,
    type: of('function'),
    function: object({ name, arguments: argumentsText }),
  });
  const content = fc.oneof(text, list(textPart));
  const message = fc.oneof(
    object({ role: fc.constantFrom('system', 'developer'), content }, { name: text }),
    object({ role: of('user'), content: fc.oneof(text, list(part)) }, { name: text }),
    object(
      { role: of('assistant'), content },
      { reasoning_content: text, tool_calls: list(call), refusal: text, name: text },
    ),
    object({ role: of('assistant'), content: of(null), tool_calls: list(call) }),
    object({ role: of('assistant'), content: list(fc.oneof(textPart, of({ type: 'refusal', refusal: 'No.' }))) }),
    object({ role: of('tool'), tool_call_id: id, content }, { name: text }),
  );
  const parameters = object({
    type: of('object'),
    properties: of({ n: { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: 1e21 } }),
  });
  const tool = object({
    type: of('function'),
    function: object({ name }, { description: text, parameters, strict: fc.boolean() }),
  });
  const schema = object({ name, schema: parameters }, { strict: fc.boolean(), description: text });
  const number = fc.integer({ min: -100, max: 100 }).map((value) => value / 8);
  const body = object(
    { model: text, messages: list(message, 5) },
    {
      tools: list(tool),
      tool_choice: fc.constantFrom('auto', 'none', 'required', { type: 'function', function: { name: 'f' } }),
      parallel_tool_calls: fc.boolean(),
      max_completion_tokens: fc.nat(),
      temperature: number,
      top_p: number,
      seed: fc.integer(),
      frequency_penalty: number,
      presence_penalty: number,
      stop: list(text),
      reasoning_effort: fc.constantFrom('none', 'low', 'ultra'),
      response_format: fc.oneof(
        object({ type: fc.constantFrom('text', 'json_object') }),
        object({ type: of('json_schema'), json_schema: schema }),
      ),
      user: text,
      metadata: json.filter((value) => value !== null),
      logit_bias: of({ '50256': -100 }),
    },
  );

  it('says what the client said, in 1000 requests', () => {
    fc.assert(
      fc.property(body, (given) => {
        const notes: string[] = [];
        const { conversation, notes: read } = readChatRequest(given);
        const dialect = { maxTokensField: 'max_tokens', streamUsage: false } as const;
        const sent = writeOpenAiChatRequest(conversation, false, dialect, (note) => notes.push(note));
        expect(JSON.parse(sent)).toEqual(given);
        expect([...notes, ...read]).toEqual([]);
      }),
      RUNS,
    );
  });

  const answeredCall = object({ id, type: of('function'), function: of({ name: 'f', arguments: '{"a": 1.0}' }) });
  const counts = object(
    { prompt_tokens: fc.nat(1e6), completion_tokens: fc.nat(1e6) },
    {
      prompt_tokens_details: object({}, { cached_tokens: fc.nat(100), audio_tokens: fc.nat(100) }),
      completion_tokens_details: object(
        {},
        { reasoning_tokens: fc.nat(100), accepted_prediction_tokens: fc.nat(9), audio_tokens: fc.nat(9) },
      ),
    },
  )
    // An empty list of details says nothing and is left out.
    .map((usage) => Object.fromEntries(Object.entries(usage).filter(([, value]) => JSON.stringify(value) !== '{}')))
    .map((usage) => ({ ...usage, total_tokens: Number(usage.prompt_tokens) + Number(usage.completion_tokens) }));
  const answered = object(
    { role: of('assistant'), content: text, refusal: of(null) },
    {
      reasoning_content: text,
      tool_calls: list(answeredCall),
      annotations: list(object({ type: of('url_citation') })),
    },
  );
  const answer = fc
    .record({
      head: object({ id: text, model: text }, { system_fingerprint: text, service_tier: text, citations: list(text) }),
      message: answered,
      choice: object({}, { content_filter_results: object({}), stop_reason: text }),
      usage: fc.option(counts, { nil: undefined }),
    })
    .map(({ head, message, choice, usage }) => ({
      ...head,
      object: 'chat.completion',
      created: 1,
      choices: [
        {
          ...choice,
          index: 0,
          message,
          logprobs: null,
          finish_reason: message.tool_calls === undefined ? 'stop' : 'tool_calls',
        },
      ],
      ...(usage && { usage }),
    }));

  it('gives the client what the upstream answered, in 1000 whole replies', async () => {
    await fc.assert(
      fc.asyncProperty(answer, async (given) => {
        const head = createHead();
        const reply = await collectReply(readOpenAiChatAnswer(JSON.stringify(given), 'p'));
        expect(JSON.parse(JSON.stringify(writeCompletion(reply, head)))).toEqual(given);
        expect(head.notes).toEqual([]);
      }),
      RUNS,
    );
  });

  it('gives the client what the upstream answered, in 1000 streams', () => {
    fc.assert(
      fc.property(answer, ({ choices: [choice], usage, ...top }) => {
        const {
          message,
          finish_reason: finish,
          ...rest
        } = choice as { message: JsonObject; finish_reason: string; index: number };
        const { tool_calls: calls = [], ...delta } = message;
        const frame = (fields: object) =>
          `data: ${JSON.stringify({ ...top, object: 'chat.completion.chunk', ...fields })}\n\n`;
        const say = (piece: object) => frame({ choices: [{ index: 0, delta: piece, finish_reason: null }] });
        const sent = [
          say(delta),
          ...(calls as JsonObject[]).map((call, index) => say({ tool_calls: [{ index, ...call }] })),
          frame({ choices: [{ ...rest, delta: {}, finish_reason: finish }] }),
          ...(usage === undefined ? [] : [frame({ choices: [], usage })]),
          'data: [DONE]\n\n',
        ];
        const reader = createOpenAiChatStreamReader('p');
        const head = createHead();
        const writer = createChatStreamWriter(head, true);
        const got = sent.map((text) => writer.write(reader.push(Buffer.from(text)))).join('');
        expect(addUp(got)).toEqual(addUp(sent.join('')));
        expect(head.notes).toEqual([]);
      }),
      RUNS,
    );
  });

  /** All that the chunks of a stream say. */
  function addUp(stream: string): object {
    let fields: JsonObject = {};
    let choice: JsonObject = {};
    let message: Record<string, Json> = { tool_calls: [] };
    let usage: Json = null;
    for (const { data } of readFrames(stream)) {
      if (data === '[DONE]') continue;
      const { choices, usage: counts, ...top } = data;
      fields = { ...fields, ...top };
      usage = counts ?? usage;
      const [one] = choices as JsonObject[];
      if (one === undefined) continue;
      const { delta, ...rest } = one;
      choice = { ...choice, ...Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null)) };
      const { content, reasoning_content: thought, tool_calls: calls = [], ...others } = delta as JsonObject;
      const known = message.tool_calls as JsonObject[];
      for (const { index, ...call } of calls as JsonObject[]) {
        const before = (known[Number(index)] ?? {}) as JsonObject;
        const [old, more] = [before.function, call.function].map((body) => (body ?? {}) as Record<string, string>);
        const body = { ...old, ...more, arguments: (old?.arguments ?? '') + (more?.arguments ?? '') };
        known[Number(index)] = { ...before, ...call, function: body };
      }
      message = {
        ...message,
        ...others,
        content: String(message.content ?? '') + String(content ?? ''),
        reasoning_content: String(message.reasoning_content ?? '') + String(thought ?? ''),
      };
    }
    return { fields, choice, message, usage };
  }
});

describe("Anthropic's replies through Claude Code", () => {
  const base64 = fc.base64String({ minLength: 4, maxLength: 16 });
  const input = fc
    .dictionary(fc.stringMatching(/^[a-z]{1,4}$/), json, { maxKeys: 3 })
    .map((fields) => ({ ...fields }) as JsonObject);
  const block = fc.oneof(
    fc.record({ type: of('text'), text }),
    fc.record({ type: of('text'), text, citations: list(object({ type: of('char_location'), cited_text: text })) }),
    fc.record({ type: of('thinking'), thinking: fc.oneof(of(''), text), signature: base64 }),
    fc.record({ type: of('redacted_thinking'), data: base64 }),
    object({ type: of('tool_use'), id: base64.map((letters) => `toolu_${letters}`), name: of('look_up'), input }),
  ) as fc.Arbitrary<JsonObject>;
  const usage = object(
    {
      input_tokens: fc.nat(1e6),
      cache_creation_input_tokens: fc.nat(1e4),
      cache_read_input_tokens: fc.nat(1e4),
      output_tokens: fc.nat(1e6),
    },
    {
      service_tier: of('standard'),
      server_tool_use: of({ web_search_requests: 1 }),
      cache_creation: of({ ephemeral_5m_input_tokens: 3, ephemeral_1h_input_tokens: 0 }),
      output_tokens_details: fc.integer({ min: 1, max: 99 }).map((count) => ({ thinking_tokens: count })),
    },
  );
  const reply = fc.record({
    id: base64.map((letters) => `msg_${letters}`),
    model: text,
    // Two texts in a row are one block to the hub.
    content: fc
      .array(block, { maxLength: 5 })
      .filter((blocks) => blocks.every(({ type }, at) => type !== 'text' || blocks[at - 1]?.type !== 'text')),
    stop: fc.constantFrom(
      ['end_turn', null],
      ['stop_sequence', 'END'],
      ['max_tokens', null],
      ['tool_use', null],
      ['refusal', null],
    ),
    usage,
  });

  interface Given {
    readonly id: string;
    readonly model: string;
    readonly content: readonly JsonObject[];
    readonly stop: readonly (string | null)[];
    readonly usage: JsonObject;
  }

  /** The program's lines for a reply. */
  function writeLines({ id, model, content, stop: [reason, text], usage }: Given): object[] {
    const start = { id, model, usage: { input_tokens: 0, output_tokens: 0 } };
    const blocks = content.flatMap((block, index) => {
      const [content_block, deltas] = cutBlock(block);
      return [
        { type: 'content_block_start', index, content_block },
        ...deltas.map((delta) => ({ type: 'content_block_delta', index, delta })),
        { type: 'content_block_stop', index },
      ];
    });
    return [
      { type: 'message_start', message: start },
      ...blocks,
      { type: 'message_delta', delta: { stop_reason: reason, stop_sequence: text }, usage },
    ].map((event) => ({ type: 'stream_event', event, parent_tool_use_id: null }));
  }
  function cutBlock(block: JsonObject): [start: object, deltas: object[]] {
    switch (block.type) {
      case 'text': {
        const citations = (block.citations ?? []) as JsonObject[];
        const cited = citations.map((citation) => ({ type: 'citations_delta', citation }));
        return [{ type: 'text', text: '' }, [{ type: 'text_delta', text: block.text }, ...cited]];
      }
      case 'thinking':
        return [
          { type: 'thinking', thinking: '', signature: '' },
          [
            { type: 'thinking_delta', thinking: block.thinking },
            { type: 'signature_delta', signature: block.signature },
          ],
        ];
      case 'tool_use': {
        const { input, name, ...rest } = block;
        const start = { ...rest, name: `mcp__gw__${name}`, input: {} };
        return [start, [{ type: 'input_json_delta', partial_json: JSON.stringify(input) }]];
      }
      default:
        return [block, []];
    }
  }

  type Piece = JsonObject & { readonly json?: string };

  function addDelta(block: Piece, delta: JsonObject): Piece {
    switch (delta.type) {
      case 'text_delta':
        return { ...block, text: `${block.text}${delta.text}` };
      case 'thinking_delta':
        return { ...block, thinking: `${block.thinking}${delta.thinking}` };
      case 'signature_delta':
        return { ...block, signature: delta.signature as Json };
      case 'citations_delta':
        return { ...block, citations: [...((block.citations ?? []) as Json[]), delta.citation as Json] };
      default:
        return { ...block, json: `${block.json ?? ''}${delta.partial_json}` };
    }
  }
  /** The message that a client puts together. */
  function putTogether(stream: string): object {
    let message: JsonObject = {};
    const content: Piece[] = [];
    for (const { event, data } of readFrames(stream)) {
      const { message: first, index, content_block: block, delta, usage } = data as JsonObject;
      const at = Number(index);
      if (event === 'message_start') message = first as JsonObject;
      if (event === 'message_delta') message = { ...message, ...(delta as JsonObject), usage: usage as Json };
      if (event === 'content_block_start') content[at] = block as JsonObject;
      if (event === 'content_block_delta') content[at] = addDelta(content[at] as Piece, delta as JsonObject);
    }
    const blocks = content.map(({ json, ...block }) =>
      json === undefined ? block : { ...block, input: JSON.parse(json) },
    );
    return { ...message, content: blocks };
  }

  it('reach the client as they were, whole and streamed, in 1000 replies', async () => {
    await fc.assert(
      fc.asyncProperty(reply, async (given) => {
        const reader = createReplyReader({
          renewsLogin: false,
          retries: 0,
          meter: undefined,
          names: createToolNames([]),
        });
        const events: ConversationEvent[] = [];
        for (const line of writeLines(given)) {
          reader.read(line as JsonObject);
          events.push(...reader.take());
        }
        const { id, model, content, stop, usage } = given;
        const expected = {
          ...{ id, type: 'message', role: 'assistant', model, content, usage },
          ...{ stop_reason: stop[0], stop_sequence: stop[1] },
        };
        const head = createHead();
        expect(putTogether(createMessagesStreamWriter(head).write(events))).toEqual(expected);
        expect(JSON.parse(JSON.stringify(writeMessage(await collectReply(events), head)))).toEqual(expected);
        expect(head.notes).toEqual([]);
      }),
      RUNS,
    );
  });
});
