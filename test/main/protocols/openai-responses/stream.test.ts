// Canonical events as the life of a response: the form of its frames, their order, and that batches have no say in it.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect } from '../../../../main/canonical/collect.ts';
import { GatewayError } from '../../../../main/canonical/errors.ts';
import { createEventWriter, type EventWriter } from '../../../../main/canonical/event-writer.ts';
import type { ConversationEvent, EventBatch } from '../../../../main/canonical/events.ts';
import { createServerSentEventReader } from '../../../../main/http/sse.ts';
import { createExchange } from '../../../../main/protocols/openai-responses/exchange.ts';
import { createResponseStore } from '../../../../main/protocols/openai-responses/store.ts';
import { everySplit, readPieces, readWhole } from '../../../support/splits.ts';

const tools = [
  { type: 'function', name: 'f' },
  { type: 'custom', name: 'patch' },
  { type: 'namespace', name: 'ns', tools: [{ type: 'function', name: 'g' }] },
];
const request = { headers: {}, name: '', query: '', key: 'k' };

function open(body: object = {}) {
  const notes: string[] = [];
  const head = { requestId: 'r1', model: 'asked', createdAt: 1, note: (text: string) => void notes.push(text) };
  const store = createResponseStore();
  const exchange = createExchange({ model: 'asked', input: 'Hi', tools, stream: true, ...body }, request, store);
  return { exchange, head, store, notes };
}

function write(batches: readonly EventBatch[], body?: object): string {
  const { exchange, head } = open(body);
  const writer = exchange.openStream(head);
  return batches.map((batch) => writer.write(batch)).join('');
}

function say(tell: (writer: EventWriter) => void): ConversationEvent[] {
  const writer = createEventWriter();
  tell(writer);
  return writer.take();
}

interface Frame {
  readonly type: string;
  readonly sequence_number: number;
  readonly output_index?: number;
  readonly item?: { readonly id: string; readonly type: string; readonly [field: string]: unknown };
  readonly item_id?: string;
  readonly response?: {
    readonly id: string;
    readonly status: string;
    readonly output: readonly unknown[];
    readonly [field: string]: unknown;
  };
  readonly [field: string]: unknown;
}

function parse({ event, data }: { readonly event?: string; readonly data: string }): Frame {
  const frame = JSON.parse(data) as Frame;
  expect(event).toBe(frame.type);
  return frame;
}
const readFrames = (text: string) => readWhole(createServerSentEventReader, Buffer.from(text)).map(parse);

/** A frame in one line, without what every frame has. */
function brief({ type, sequence_number: _, response, ...fields }: Frame): string {
  const state = response === undefined ? fields : { status: response.status, output: response.output.length };
  return `${type.replace('response.', '')} ${JSON.stringify(state)}`;
}

/** Everything that a reply can hold. */
const full = say((writer) => {
  writer.start({ id: 'up_1', model: 'answers' });
  writer.reasoning('Two\ncities ');
  writer.reasoning('"é".');
  writer.endReasoning({ anthropic: { signature: 'sig+/=' } });
  writer.endReasoning({ anthropic: { redacted: 'secret' } });
  writer.text('Let me ');
  writer.text('look.');
  writer.toolCall('a', { id: 'call_a', name: 'f' });
  writer.toolArguments('a', '{"x":');
  writer.toolCall('b', { id: 'call_b', name: 'ns__g' });
  writer.toolArguments('b', '{}');
  writer.endToolCall('b');
  writer.toolCall('c', { id: 'call_c', name: 'patch' });
  writer.toolArguments('a', '1}');
  writer.toolArguments('c', '{"inp');
  writer.toolArguments('c', 'ut":"*** Begin\\n"}');
  writer.usage({ inputTokens: 12, cachedInputTokens: 4, cacheWriteTokens: 3, outputTokens: 9, reasoningTokens: 5 });
  writer.end({ kind: 'tool-calls', raw: 'tool_calls' });
});

describe('a stream', () => {
  it('tells the whole life of each item, several at once where calls overlap', () => {
    expect(readFrames(write([full])).map(brief)).toMatchInlineSnapshot(`
      [
        "created {"status":"in_progress","output":0}",
        "in_progress {"status":"in_progress","output":0}",
        "output_item.added {"output_index":0,"item":{"id":"rs_r1_0","type":"reasoning","summary":[]}}",
        "reasoning_summary_part.added {"item_id":"rs_r1_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}",
        "reasoning_summary_text.delta {"item_id":"rs_r1_0","output_index":0,"summary_index":0,"delta":"Two\\ncities "}",
        "reasoning_summary_text.delta {"item_id":"rs_r1_0","output_index":0,"summary_index":0,"delta":"\\"é\\"."}",
        "reasoning_summary_text.done {"item_id":"rs_r1_0","output_index":0,"summary_index":0,"text":"Two\\ncities \\"é\\"."}",
        "reasoning_summary_part.done {"item_id":"rs_r1_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"Two\\ncities \\"é\\"."}}",
        "output_item.done {"output_index":0,"item":{"id":"rs_r1_0","type":"reasoning","summary":[{"type":"summary_text","text":"Two\\ncities \\"é\\"."}],"encrypted_content":"pb1.eyJhbnRocm9waWMiOnsic2lnbmF0dXJlIjoic2lnKy89In19"}}",
        "output_item.added {"output_index":1,"item":{"id":"rs_r1_1","type":"reasoning","summary":[]}}",
        "output_item.done {"output_index":1,"item":{"id":"rs_r1_1","type":"reasoning","summary":[],"encrypted_content":"pb1.eyJhbnRocm9waWMiOnsicmVkYWN0ZWQiOiJzZWNyZXQifX0"}}",
        "output_item.added {"output_index":2,"item":{"id":"msg_r1_2","type":"message","status":"in_progress","role":"assistant","content":[]}}",
        "content_part.added {"item_id":"msg_r1_2","output_index":2,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}}",
        "output_text.delta {"item_id":"msg_r1_2","output_index":2,"content_index":0,"delta":"Let me ","logprobs":[]}",
        "output_text.delta {"item_id":"msg_r1_2","output_index":2,"content_index":0,"delta":"look.","logprobs":[]}",
        "output_text.done {"item_id":"msg_r1_2","output_index":2,"content_index":0,"text":"Let me look.","logprobs":[]}",
        "content_part.done {"item_id":"msg_r1_2","output_index":2,"content_index":0,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me look."}}",
        "output_item.done {"output_index":2,"item":{"id":"msg_r1_2","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","annotations":[],"logprobs":[],"text":"Let me look."}]}}",
        "output_item.added {"output_index":3,"item":{"id":"fc_r1_3","status":"in_progress","call_id":"call_a","name":"f","type":"function_call","arguments":""}}",
        "function_call_arguments.delta {"item_id":"fc_r1_3","output_index":3,"delta":"{\\"x\\":"}",
        "output_item.added {"output_index":4,"item":{"id":"fc_r1_4","status":"in_progress","call_id":"call_b","name":"g","namespace":"ns","type":"function_call","arguments":""}}",
        "function_call_arguments.delta {"item_id":"fc_r1_4","output_index":4,"delta":"{}"}",
        "function_call_arguments.done {"item_id":"fc_r1_4","output_index":4,"name":"g","arguments":"{}"}",
        "output_item.done {"output_index":4,"item":{"id":"fc_r1_4","status":"completed","call_id":"call_b","name":"g","namespace":"ns","type":"function_call","arguments":"{}"}}",
        "output_item.added {"output_index":5,"item":{"id":"ctc_r1_5","status":"in_progress","call_id":"call_c","name":"patch","type":"custom_tool_call","input":""}}",
        "function_call_arguments.delta {"item_id":"fc_r1_3","output_index":3,"delta":"1}"}",
        "function_call_arguments.done {"item_id":"fc_r1_3","output_index":3,"name":"f","arguments":"{\\"x\\":1}"}",
        "output_item.done {"output_index":3,"item":{"id":"fc_r1_3","status":"completed","call_id":"call_a","name":"f","type":"function_call","arguments":"{\\"x\\":1}"}}",
        "custom_tool_call_input.delta {"item_id":"ctc_r1_5","output_index":5,"delta":"*** Begin\\n"}",
        "custom_tool_call_input.done {"item_id":"ctc_r1_5","output_index":5,"input":"*** Begin\\n"}",
        "output_item.done {"output_index":5,"item":{"id":"ctc_r1_5","status":"completed","call_id":"call_c","name":"patch","type":"custom_tool_call","input":"*** Begin\\n"}}",
        "completed {"status":"completed","output":6}",
      ]
    `);
  });

  it('that fails before it has begun begins and fails: clients stumble over an end without a beginning', () => {
    const failed: EventBatch = [{ type: 'error', error: new GatewayError('upstream', 'It broke.') }];
    expect(readFrames(write([failed])).map(({ type }) => type)).toEqual([
      'response.created',
      'response.in_progress',
      'response.failed',
      'error',
    ]);
  });

  it('that never ends is not held for ever', () => {
    const { exchange, head } = open();
    const writer = exchange.openStream(head);
    const text = 'x'.repeat(8 * 1024 ** 2);
    writer.write(say((events) => events.text('x')));
    const go = () => {
      for (let times = 0; times < 9; times++) writer.write([{ type: 'text-delta', block: 0, text }]);
    };
    expect(go).toThrow(expect.objectContaining({ kind: 'upstream', message: expect.stringContaining('longer than') }));
  });

  it('counts its frames and keeps its ids', () => {
    const frames = readFrames(write([full]));
    expect(frames.map(({ sequence_number: number }) => number)).toEqual(frames.map((_, at) => at));
    const lives = frames.flatMap(({ response }) => (response === undefined ? [] : [response.id]));
    expect(new Set(lives)).toEqual(new Set(['resp_r1']));
    const ids = new Map<number, string>();
    for (const { type, output_index: at = -1, item, item_id: id = item?.id } of frames) {
      if (at < 0 || id === undefined) continue;
      if (type === 'response.output_item.added') ids.set(at, id);
      expect(id).toBe(ids.get(at));
    }
    expect([...ids.values()]).toEqual(['rs_r1_0', 'rs_r1_1', 'msg_r1_2', 'fc_r1_3', 'fc_r1_4', 'ctc_r1_5']);
  });

  it('ends with the whole response, which is the one that an unstreamed request gets', async () => {
    const response = readFrames(write([full])).at(-1)?.response;
    expect(response).toMatchInlineSnapshot(`
      {
        "background": false,
        "created_at": 1,
        "error": null,
        "id": "resp_r1",
        "incomplete_details": null,
        "instructions": null,
        "max_output_tokens": null,
        "max_tool_calls": null,
        "metadata": {},
        "model": "answers",
        "object": "response",
        "output": [
          {
            "encrypted_content": "pb1.eyJhbnRocm9waWMiOnsic2lnbmF0dXJlIjoic2lnKy89In19",
            "id": "rs_r1_0",
            "summary": [
              {
                "text": "Two
      cities "é".",
                "type": "summary_text",
              },
            ],
            "type": "reasoning",
          },
          {
            "encrypted_content": "pb1.eyJhbnRocm9waWMiOnsicmVkYWN0ZWQiOiJzZWNyZXQifX0",
            "id": "rs_r1_1",
            "summary": [],
            "type": "reasoning",
          },
          {
            "content": [
              {
                "annotations": [],
                "logprobs": [],
                "text": "Let me look.",
                "type": "output_text",
              },
            ],
            "id": "msg_r1_2",
            "role": "assistant",
            "status": "completed",
            "type": "message",
          },
          {
            "arguments": "{"x":1}",
            "call_id": "call_a",
            "id": "fc_r1_3",
            "name": "f",
            "status": "completed",
            "type": "function_call",
          },
          {
            "arguments": "{}",
            "call_id": "call_b",
            "id": "fc_r1_4",
            "name": "g",
            "namespace": "ns",
            "status": "completed",
            "type": "function_call",
          },
          {
            "call_id": "call_c",
            "id": "ctc_r1_5",
            "input": "*** Begin
      ",
            "name": "patch",
            "status": "completed",
            "type": "custom_tool_call",
          },
        ],
        "parallel_tool_calls": true,
        "previous_response_id": null,
        "prompt_cache_key": null,
        "reasoning": {
          "effort": null,
          "summary": null,
        },
        "safety_identifier": null,
        "status": "completed",
        "store": true,
        "temperature": null,
        "text": {
          "format": {
            "type": "text",
          },
          "verbosity": "medium",
        },
        "tool_choice": "auto",
        "tools": [
          {
            "name": "f",
            "type": "function",
          },
          {
            "name": "patch",
            "type": "custom",
          },
          {
            "name": "ns",
            "tools": [
              {
                "name": "g",
                "type": "function",
              },
            ],
            "type": "namespace",
          },
        ],
        "top_p": null,
        "truncation": "disabled",
        "usage": {
          "input_tokens": 12,
          "input_tokens_details": {
            "cache_write_tokens": 3,
            "cached_tokens": 4,
          },
          "output_tokens": 9,
          "output_tokens_details": {
            "reasoning_tokens": 5,
          },
          "total_tokens": 21,
        },
        "user": null,
      }
    `);
    const { exchange, head } = open();
    const events = async function* () {
      yield full;
    };
    const whole = exchange.writeReply(await collect(events()), head) as object;
    expect(whole).toEqual(response);
  });

  it('repeats what the request said', () => {
    const body = {
      instructions: 'Be "brief".',
      temperature: 0.5,
      reasoning: { effort: 'low' },
      text: { format: { type: 'json_object' } },
      store: false,
      tool_choice: 'required',
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      max_output_tokens: 9,
    };
    const [created, , ...rest] = readFrames(write([full], body));
    for (const frame of [created, rest.at(-1)])
      expect(frame?.response).toMatchObject({
        ...body,
        tools,
        reasoning: { effort: 'low', summary: null },
        text: { format: { type: 'json_object' }, verbosity: 'medium' },
        previous_response_id: null,
      });
  });

  it('leaves the usage out where nobody counted', () => {
    const frames = readFrames(
      write([
        say((writer) => {
          writer.text('Hi');
          writer.end({ kind: 'stop' });
        }),
      ]),
    );
    expect(frames.at(-1)?.response).not.toHaveProperty('usage');
    expect(frames.at(-1)?.response).toMatchObject({ status: 'completed', model: 'asked' });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content-filter', 'content_filter'],
  ] as const)('that was cut short by %s says so, and its last item too', (kind, reason) => {
    const events = say((writer) => {
      writer.text('Done.');
      writer.toolCall(0, { id: 'call_a', name: 'f' });
      writer.toolArguments(0, '{"x":');
      writer.end({ kind });
    });
    const frames = readFrames(write([events]));
    const last = frames.at(-1);
    expect(last?.type).toBe('response.incomplete');
    expect(last?.response).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason },
      output: [{ status: 'completed' }, { status: 'incomplete', arguments: '{"x":' }],
    });
  });

  it('that says nothing is complete and empty', () => {
    const frames = readFrames(write([say((writer) => writer.end({ kind: 'stop' }))]));
    expect(frames.map(brief)).toEqual([
      'created {"status":"in_progress","output":0}',
      'in_progress {"status":"in_progress","output":0}',
      'completed {"status":"completed","output":0}',
    ]);
  });

  it('hands on what is no wrapped input as it is, and an empty one as nothing', () => {
    const events = say((writer) => {
      writer.toolCall('a', { id: 'call_a', name: 'patch' });
      writer.toolArguments('a', '*** bare');
      writer.toolCall('b', { id: 'call_b', name: 'patch' });
      writer.end({ kind: 'tool-calls' });
    });
    expect(readFrames(write([events])).at(-1)?.response?.output).toMatchObject([
      { type: 'custom_tool_call', name: 'patch', input: '*** bare' },
      { type: 'custom_tool_call', name: 'patch', input: '' },
    ]);
  });

  it('tells of the search for tools that a client runs itself in one piece', () => {
    const search = { type: 'tool_search', execution: 'client', parameters: { type: 'object' } };
    const events = say((writer) => {
      writer.toolCall('a', { id: 'call_a', name: 'tool_search' });
      writer.toolArguments('a', '{"query":');
      writer.toolArguments('a', '"x"}');
      writer.end({ kind: 'tool-calls' });
    });
    const item = { id: 'tsc_r1_0', call_id: 'call_a', type: 'tool_search_call', execution: 'client' };
    expect(readFrames(write([events], { tools: [search] })).slice(2, -1)).toMatchObject([
      { type: 'response.output_item.added', item: { ...item, status: 'in_progress', arguments: {} } },
      { type: 'response.output_item.done', item: { ...item, status: 'completed', arguments: { query: 'x' } } },
    ]);
  });

  it('seals thinking without a signature, too, where the client has to bring it back', () => {
    const events = say((writer) => {
      writer.reasoning('Hm.');
      writer.end({ kind: 'stop' });
    });
    const sealOf = (body: object) =>
      readFrames(write([events], body)).find(({ type }) => type === 'response.output_item.done')?.item;
    expect(sealOf({})).not.toHaveProperty('encrypted_content');
    for (const body of [{ include: ['reasoning.encrypted_content'] }, { store: false }])
      expect(sealOf(body)?.encrypted_content).toMatch(/^pb1\./);
  });
});

describe('a broken stream', () => {
  const half = say((writer) => {
    writer.text('Done.');
    writer.endBlock();
    writer.toolCall(0, { id: 'call_a', name: 'f' });
    writer.fail(new GatewayError('rate-limited', 'Slow "down"', { code: 'rate_limit_exceeded' }));
  });

  it('ends as failed and then with the error, never as complete', () => {
    const frames = readFrames(write([half]));
    expect(frames.slice(-2)).toMatchInlineSnapshot(`
      [
        {
          "response": {
            "background": false,
            "created_at": 1,
            "error": {
              "code": "rate_limit_exceeded",
              "message": "Slow "down"",
            },
            "id": "resp_r1",
            "incomplete_details": null,
            "instructions": null,
            "max_output_tokens": null,
            "max_tool_calls": null,
            "metadata": {},
            "model": "asked",
            "object": "response",
            "output": [
              {
                "content": [
                  {
                    "annotations": [],
                    "logprobs": [],
                    "text": "Done.",
                    "type": "output_text",
                  },
                ],
                "id": "msg_r1_0",
                "role": "assistant",
                "status": "completed",
                "type": "message",
              },
            ],
            "parallel_tool_calls": true,
            "previous_response_id": null,
            "prompt_cache_key": null,
            "reasoning": {
              "effort": null,
              "summary": null,
            },
            "safety_identifier": null,
            "status": "failed",
            "store": true,
            "temperature": null,
            "text": {
              "format": {
                "type": "text",
              },
              "verbosity": "medium",
            },
            "tool_choice": "auto",
            "tools": [
              {
                "name": "f",
                "type": "function",
              },
              {
                "name": "patch",
                "type": "custom",
              },
              {
                "name": "ns",
                "tools": [
                  {
                    "name": "g",
                    "type": "function",
                  },
                ],
                "type": "namespace",
              },
            ],
            "top_p": null,
            "truncation": "disabled",
            "user": null,
          },
          "sequence_number": 9,
          "type": "response.failed",
        },
        {
          "code": "rate_limit_exceeded",
          "error": {
            "code": "rate_limit_exceeded",
            "message": "Slow "down"",
            "param": null,
            "type": "rate_limit_error",
          },
          "message": "Slow "down"",
          "param": null,
          "sequence_number": 10,
          "type": "error",
        },
      ]
    `);
    expect(frames.some(({ type }) => type === 'response.completed')).toBe(false);
  });

  it('is not kept', () => {
    const { exchange, head, store } = open();
    exchange.openStream(head).write(half);
    expect(store.find('resp_r1', 'k')).toBeUndefined();
  });
});

describe('losses', () => {
  const events = say((writer) => {
    writer.toolCall(0, { id: 'call_a', name: 'f', metadata: { openai: { extra_content: { x: 1 } } } });
    writer.end({ kind: 'tool-calls' });
  });

  it('are told where nothing keeps what a call came with', () => {
    const { exchange, head, notes } = open({ store: false });
    exchange.openStream(head).write(events);
    expect(notes).toEqual(['What the upstream added to a tool call was left out: this dialect has no field for it.']);
  });

  it('are none where the client can go on from what is kept', () => {
    const { exchange, head, notes, store } = open();
    exchange.openStream(head).write(events);
    expect(notes).toEqual([]);
    expect(store.findItem('fc_r1_0', 'k')?.part?.metadata).toEqual({ openai: { extra_content: { x: 1 } } });
  });
});

describe('batches and pieces', () => {
  it('make no difference', () => {
    const whole = write([full]);
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { minLength: full.length, maxLength: full.length }),
        (sizes) => {
          const batches: EventBatch[] = [];
          let at = 0;
          for (const size of sizes) {
            if (at < full.length) batches.push(full.slice(at, at + size));
            at += size;
          }
          expect(write(batches)).toBe(whole);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('may cut the bytes anywhere', () => {
    const events = say((writer) => {
      writer.text('né');
      writer.end({ kind: 'stop' });
    });
    const bytes = Buffer.from(write([events], { tools: [] }));
    const whole = JSON.stringify(readWhole(createServerSentEventReader, bytes));
    const pieces = [...everySplit(bytes)].map((cut) => JSON.stringify(readPieces(createServerSentEventReader, cut)));
    expect(pieces.every((text) => text === whole)).toBe(true);
  });
});

it('a sign of life is a comment', () => {
  const { exchange, head } = open();
  const { keepAlive, contentType } = exchange.openStream(head);
  expect(readFrames(`${keepAlive}${keepAlive}`)).toEqual([]);
  expect(contentType).toBe('text/event-stream; charset=utf-8');
});
