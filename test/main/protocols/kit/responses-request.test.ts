// Responses bodies as canonical requests: what goes in beside what comes out.
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../../main/canonical/conversation.ts';
import { writeOpaque } from '../../../../main/protocols/kit/opaque.ts';
import { type ResponsesContext, readResponsesRequest } from '../../../../main/protocols/kit/responses-request.ts';

/** The request without what is not there. */
function read(body: object, context?: ResponsesContext) {
  const { conversation, notes } = readResponsesRequest({ model: 'm', input: 'Hi', ...body }, context);
  const { model: _, messages, ...settings } = JSON.parse(JSON.stringify(conversation)) as typeof conversation;
  return { messages, settings, notes };
}
const messagesOf = (input: unknown, context?: ResponsesContext): readonly Message[] =>
  read({ input }, context).messages;
const refusal = (body: object, context?: ResponsesContext) => {
  try {
    readResponsesRequest({ model: 'm', input: 'Hi', ...body }, context);
  } catch (error) {
    const { message, param, kind, code } = error as { message: string; param?: string; kind: string; code?: string };
    return { message, param, kind, ...(code === undefined ? undefined : { code }) };
  }
  throw new Error('It was not refused.');
};

describe('input', () => {
  it('may be a text, with instructions before it', () => {
    expect(read({ instructions: 'Be brief.' }).messages).toMatchInlineSnapshot(`
      [
        {
          "parts": [
            {
              "text": "Be brief.",
              "type": "text",
            },
          ],
          "role": "system",
        },
        {
          "parts": [
            {
              "text": "Hi",
              "type": "text",
            },
          ],
          "role": "user",
        },
      ]
    `);
  });

  it('may be messages with and without a type, with texts or parts', () => {
    const input = [
      { role: 'developer', content: 'D' },
      { type: 'message', role: 'system', content: [{ type: 'input_text', text: 'S' }] },
      { type: 'message', id: 'msg_1', role: 'user', content: [{ type: 'input_text', text: 'U' }] },
      {
        type: 'message',
        id: 'msg_2',
        status: 'completed',
        role: 'assistant',
        content: [
          { type: 'output_text', text: 'A', annotations: [], logprobs: [] },
          { type: 'refusal', refusal: 'No.' },
        ],
      },
      'bare',
    ];
    expect(messagesOf(input)).toMatchInlineSnapshot(`
      [
        {
          "metadata": {
            "responses": {
              "role": "developer",
            },
          },
          "parts": [
            {
              "text": "D",
              "type": "text",
            },
          ],
          "role": "system",
        },
        {
          "parts": [
            {
              "text": "S",
              "type": "text",
            },
          ],
          "role": "system",
        },
        {
          "metadata": {
            "responses": {
              "id": "msg_1",
            },
          },
          "parts": [
            {
              "text": "U",
              "type": "text",
            },
          ],
          "role": "user",
        },
        {
          "parts": [
            {
              "metadata": {
                "responses": {
                  "id": "msg_2",
                  "status": "completed",
                },
              },
              "text": "A",
              "type": "text",
            },
            {
              "metadata": {
                "responses": {
                  "id": "msg_2",
                  "status": "completed",
                },
              },
              "text": "No.",
              "type": "text",
            },
          ],
          "role": "assistant",
        },
        {
          "parts": [
            {
              "text": "bare",
              "type": "text",
            },
          ],
          "role": "user",
        },
      ]
    `);
  });

  it('takes images and files in every form', () => {
    const content = [
      { type: 'input_image', image_url: 'data:image/png;base64,AAAA', detail: 'low' },
      { type: 'input_image', image_url: 'https://example.com/a.png' },
      { type: 'input_image', file_id: 'file-1' },
      { type: 'image_url', image_url: { url: 'data:image/gif;base64,BBBB', detail: 'high' } },
      { type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,CCCC' },
      { type: 'input_file', filename: 'b.PDF', file_data: 'DDDD' },
      { type: 'input_file', file_url: 'https://example.com/c.pdf' },
      { type: 'input_file', file_id: 'file-2' },
      { type: 'input_audio', input_audio: { data: 'EEEE', format: 'mp3' } },
    ];
    expect(messagesOf([{ role: 'user', content }])[0]?.parts).toMatchInlineSnapshot(`
      [
        {
          "mediaType": "image/png",
          "metadata": {
            "openai": {
              "detail": "low",
            },
          },
          "source": {
            "data": "AAAA",
            "type": "base64",
          },
          "type": "image",
        },
        {
          "source": {
            "type": "url",
            "url": "https://example.com/a.png",
          },
          "type": "image",
        },
        {
          "source": {
            "id": "file-1",
            "type": "id",
          },
          "type": "image",
        },
        {
          "mediaType": "image/gif",
          "metadata": {
            "openai": {
              "detail": "high",
            },
          },
          "source": {
            "data": "BBBB",
            "type": "base64",
          },
          "type": "image",
        },
        {
          "mediaType": "application/pdf",
          "name": "a.pdf",
          "source": {
            "data": "CCCC",
            "type": "base64",
          },
          "type": "file",
        },
        {
          "mediaType": "application/pdf",
          "name": "b.PDF",
          "source": {
            "data": "DDDD",
            "type": "base64",
          },
          "type": "file",
        },
        {
          "source": {
            "type": "url",
            "url": "https://example.com/c.pdf",
          },
          "type": "file",
        },
        {
          "source": {
            "id": "file-2",
            "type": "id",
          },
          "type": "file",
        },
        {
          "mediaType": "audio/mpeg",
          "source": {
            "data": "EEEE",
            "type": "base64",
          },
          "type": "file",
        },
      ]
    `);
  });

  it('makes one message of what the model said in one go, thinking first', () => {
    const sealed = writeOpaque({ anthropic: { signature: 'sig+/=' } });
    const input = [
      { role: 'user', content: 'Q' },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Hm.' }], encrypted_content: sealed },
      { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'Let me look.' }] },
      { type: 'function_call', id: 'fc_1', call_id: 'call_a', name: 'f', arguments: '{ "x":1}', status: 'completed' },
      { type: 'function_call', call_id: 'call_b', name: 'g', arguments: '' },
      { type: 'function_call_output', call_id: 'call_a', output: 'one' },
      {
        type: 'function_call_output',
        call_id: 'call_b',
        output: [
          { type: 'input_text', text: 'two' },
          { type: 'input_image', image_url: 'data:image/png;base64,AAAA' },
        ],
      },
      { type: 'function_call', call_id: 'call_c', name: 'f', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_c', output: { ok: true } },
    ];
    expect(messagesOf(input)).toMatchInlineSnapshot(`
      [
        {
          "parts": [
            {
              "text": "Q",
              "type": "text",
            },
          ],
          "role": "user",
        },
        {
          "parts": [
            {
              "metadata": {
                "anthropic": {
                  "signature": "sig+/=",
                },
                "responses": {
                  "id": "rs_1",
                },
              },
              "text": "Hm.",
              "type": "reasoning",
            },
            {
              "text": "Let me look.",
              "type": "text",
            },
            {
              "arguments": "{ "x":1}",
              "id": "call_a",
              "metadata": {
                "responses": {
                  "id": "fc_1",
                  "status": "completed",
                },
              },
              "name": "f",
              "type": "tool-call",
            },
            {
              "arguments": "",
              "id": "call_b",
              "name": "g",
              "type": "tool-call",
            },
          ],
          "role": "assistant",
        },
        {
          "parts": [
            {
              "parts": [
                {
                  "text": "one",
                  "type": "text",
                },
              ],
              "toolCallId": "call_a",
              "type": "tool-result",
            },
            {
              "parts": [
                {
                  "text": "two",
                  "type": "text",
                },
                {
                  "mediaType": "image/png",
                  "source": {
                    "data": "AAAA",
                    "type": "base64",
                  },
                  "type": "image",
                },
              ],
              "toolCallId": "call_b",
              "type": "tool-result",
            },
          ],
          "role": "tool",
        },
        {
          "parts": [
            {
              "arguments": "{}",
              "id": "call_c",
              "name": "f",
              "type": "tool-call",
            },
          ],
          "role": "assistant",
        },
        {
          "parts": [
            {
              "parts": [
                {
                  "text": "{"ok":true}",
                  "type": "text",
                },
              ],
              "toolCallId": "call_c",
              "type": "tool-result",
            },
          ],
          "role": "tool",
        },
      ]
    `);
  });

  it('knows thinking that has a seal and no text, and reads raw thinking where there is no summary', () => {
    const sealed = writeOpaque({ anthropic: { redacted: 'secret' } });
    const input = [
      { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: sealed },
      { type: 'reasoning', summary: [], content: [{ type: 'reasoning_text', text: 'raw' }] },
      {
        type: 'reasoning',
        summary: [
          { type: 'summary_text', text: 'one' },
          { type: 'summary_text', text: 'two' },
        ],
      },
      { type: 'reasoning', summary: [], encrypted_content: writeOpaque({ responses: { sealed: 'empty' } }) },
    ];
    expect(messagesOf(input)).toMatchInlineSnapshot(`
      [
        {
          "parts": [
            {
              "metadata": {
                "anthropic": {
                  "redacted": "secret",
                },
                "responses": {
                  "id": "rs_1",
                },
              },
              "text": "",
              "type": "reasoning",
            },
            {
              "text": "raw",
              "type": "reasoning",
            },
            {
              "text": "one

      two",
              "type": "reasoning",
            },
          ],
          "role": "assistant",
        },
      ]
    `);
  });

  it('drops the seal of another service, and says so', () => {
    const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAAAfromelsewhere' };
    const { messages, notes } = read({ input: [{ role: 'user', content: 'Q' }, item] });
    expect(messages).toHaveLength(1);
    expect(notes).toMatchInlineSnapshot(`
      [
        "Sealed thinking that another service gave out was left out: only that service can open it.",
      ]
    `);
  });

  it('keeps items of hosted tools as text, each on its side', () => {
    const input = [
      { type: 'web_search_call', id: 'ws_1', status: 'completed', action: { type: 'search', query: 'oslo' } },
      { type: 'image_generation_call', id: 'ig_1', result: 'A'.repeat(5_000) },
      { type: 'local_shell_call', call_id: 'c', action: { type: 'exec', command: ['ls'] } },
      { type: 'local_shell_call_output', id: 'c', output: 'a.txt' },
      { type: 'compaction', encrypted_content: 'x' },
      { type: 'something_new', level: 1 },
    ];
    const { messages, notes } = read({ input });
    expect({ messages, notes }).toMatchInlineSnapshot(`
      {
        "messages": [
          {
            "parts": [
              {
                "text": "[web_search_call] {"action":{"type":"search","query":"oslo"}}",
                "type": "text",
              },
              {
                "text": "[image_generation_call] {"result":"…"}",
                "type": "text",
              },
              {
                "text": "[local_shell_call] {"call_id":"c","action":{"type":"exec","command":["ls"]}}",
                "type": "text",
              },
            ],
            "role": "assistant",
          },
          {
            "parts": [
              {
                "text": "[local_shell_call_output] {"output":"a.txt"}",
                "type": "text",
              },
            ],
            "role": "user",
          },
          {
            "parts": [
              {
                "text": "[something_new] {"level":1}",
                "type": "text",
              },
            ],
            "role": "assistant",
          },
        ],
        "notes": [
          "A summary that only OpenAI's service can read was left out.",
          "Passed on as text: web_search_call, image_generation_call, local_shell_call, local_shell_call_output, something_new.",
        ],
      }
    `);
  });

  it('resolves references, or says what is missing', () => {
    const item = { type: 'message', id: 'msg_1', role: 'assistant', content: [{ type: 'output_text', text: 'A' }] };
    const part = {
      type: 'tool-call',
      id: 'call_a',
      name: 'f',
      arguments: '{}',
      metadata: { openai: { x: 1 } },
    } as const;
    const known = new Map([
      ['msg_1', { item }],
      ['fc_1', { item: {}, part }],
    ]);
    const findItem = (id: string) => known.get(id);
    const input = [{ type: 'item_reference', id: 'msg_1' }, { id: 'fc_1' }];
    expect(messagesOf(input, { findItem })).toEqual([
      { role: 'assistant', parts: [{ type: 'text', text: 'A', metadata: { responses: { id: 'msg_1' } } }, part] },
    ]);
    expect(refusal({ input: [{ type: 'item_reference', id: 'rs_9' }] }, { findItem })).toMatchInlineSnapshot(`
      {
        "code": "item_not_found",
        "kind": "not-found",
        "message": "The item "rs_9" is not kept here (any more). Send the item itself instead of a reference to it.",
        "param": "input[0].id",
      }
    `);
  });

  it('takes the forms of chat completions that some clients mix in', () => {
    const input = [
      {
        role: 'assistant',
        content: null,
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'done' },
    ];
    expect(messagesOf(input)).toMatchInlineSnapshot(`
      [
        {
          "parts": [
            {
              "arguments": "{}",
              "id": "a",
              "name": "f",
              "type": "tool-call",
            },
          ],
          "role": "assistant",
        },
        {
          "parts": [
            {
              "parts": [
                {
                  "text": "done",
                  "type": "text",
                },
              ],
              "toolCallId": "a",
              "type": "tool-result",
            },
          ],
          "role": "tool",
        },
      ]
    `);
  });

  it('goes on from what went before, instructions first', () => {
    const history: Message[] = [{ role: 'user', parts: [{ type: 'text', text: 'before' }] }];
    const { messages } = read({ instructions: 'New.' }, { history });
    expect(messages.map(({ parts }) => parts)).toEqual([
      [{ type: 'text', text: 'New.' }],
      [{ type: 'text', text: 'before' }],
      [{ type: 'text', text: 'Hi' }],
    ]);
    expect(read({ input: undefined }, { history }).messages).toEqual(history);
  });

  it.each([
    [{ input: undefined }, 'input must be a text or a list of items.'],
    [{ input: [] }, 'input must hold at least one item.'],
    [{ input: 5 }, 'input[0] must be an object.'],
    [{ input: [{ role: 'robot', content: 'x' }] }, 'input[0].role must be user, assistant, system or developer.'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text' }] }] }, 'input[0].content[0].text must be a text.'],
    [
      { input: [{ type: 'function_call', name: 'f', arguments: '{}' }] },
      'input[0].call_id must be a text that is not empty.',
    ],
    [{ model: '' }, 'model must be a text that is not empty.'],
    [{ tools: {} }, 'tools must be a list.'],
    [{ tools: [{ type: 'function' }] }, 'tools[0].name must be a text that is not empty.'],
    [{ temperature: 'hot' }, 'temperature must be a number.'],
    [{ tool_choice: 'maybe' }, 'tool_choice must be auto, none, required or an object that names tools.'],
  ])('that cannot be understood is refused by its place: %j', (body, message) => {
    expect(refusal(body)).toMatchObject({ kind: 'invalid-request', message });
  });
});

describe('tools', () => {
  const f = { type: 'function', name: 'f', description: 'F', parameters: { type: 'object' }, strict: true };
  const patch = {
    type: 'custom',
    name: 'apply_patch',
    description: 'Edits files.',
    format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
  };
  const group = {
    type: 'namespace',
    name: 'mcp__files',
    description: 'Files',
    tools: [
      { type: 'function', name: 'read', parameters: {} },
      { ...patch, name: 'write' },
    ],
  };

  it('become functions, groups with one name for each tool', () => {
    const { settings, notes } = read({ tools: [f, { type: 'custom', name: 'say' }, patch, group] });
    expect({ settings, notes }).toMatchInlineSnapshot(`
      {
        "notes": [],
        "settings": {
          "tools": [
            {
              "description": "F",
              "name": "f",
              "parameters": {
                "type": "object",
              },
              "strict": true,
            },
            {
              "name": "say",
              "parameters": {
                "additionalProperties": false,
                "properties": {
                  "input": {
                    "description": "The whole input of the tool, as plain text.",
                    "type": "string",
                  },
                },
                "required": [
                  "input",
                ],
                "type": "object",
              },
            },
            {
              "description": "Edits files.

      The text in "input" must follow this lark grammar:
      start: "x"",
              "name": "apply_patch",
              "parameters": {
                "additionalProperties": false,
                "properties": {
                  "input": {
                    "description": "The whole input of the tool, as plain text.",
                    "type": "string",
                  },
                },
                "required": [
                  "input",
                ],
                "type": "object",
              },
            },
            {
              "name": "mcp__files__read",
              "parameters": {},
            },
            {
              "description": "Edits files.

      The text in "input" must follow this lark grammar:
      start: "x"",
              "name": "mcp__files__write",
              "parameters": {
                "additionalProperties": false,
                "properties": {
                  "input": {
                    "description": "The whole input of the tool, as plain text.",
                    "type": "string",
                  },
                },
                "required": [
                  "input",
                ],
                "type": "object",
              },
            },
          ],
        },
      }
    `);
  });

  it('that only the service runs are left out with a note, and with them what would steer them', () => {
    const { settings, notes } = read({
      tools: [{ type: 'web_search' }, { type: 'mcp', server_label: 'x' }, { type: 'web_search' }],
      tool_choice: { type: 'web_search' },
      parallel_tool_calls: true,
    });
    expect(settings).toEqual({});
    expect(notes).toMatchInlineSnapshot(`
      [
        "Tools that only OpenAI's service runs were left out: web_search, mcp.",
        "The choice of the tool "web_search" was left out, as there is no such tool to choose.",
      ]
    `);
  });

  it('are known by both names', () => {
    const { names } = readResponsesRequest({ model: 'm', input: 'Hi', tools: [f, patch, group] });
    expect(names.find('mcp__files__read')).toEqual({ name: 'read', namespace: 'mcp__files', form: 'function' });
    expect(names.find('mcp__files__write')).toEqual({ name: 'write', namespace: 'mcp__files', form: 'custom' });
    expect(names.nameOf('read', 'mcp__files')).toBe('mcp__files__read');
    expect(names.find('f')).toEqual({ name: 'f', form: 'function' });
    expect(names.find('unheard')).toEqual({ name: 'unheard', form: 'function' });
  });

  it('whose flat names would be too long, odd or taken get others, the same each time', () => {
    const tools = [
      { type: 'function', name: 'a__b' },
      { type: 'namespace', name: 'a', tools: [{ type: 'function', name: 'b' }] },
      { type: 'namespace', name: 'dotted.name__', tools: [{ type: 'function', name: 'c' }] },
      {
        type: 'namespace',
        name: 'n'.repeat(60),
        tools: [
          { type: 'function', name: 'one' },
          { type: 'function', name: 'two' },
        ],
      },
    ];
    const namesOf = () =>
      readResponsesRequest({ model: 'm', input: 'Hi', tools }).conversation.tools?.map(({ name }) => name);
    expect(namesOf()).toMatchInlineSnapshot(`
      [
        "a__b",
        "a__b_bc3f096e",
        "dotted_name__c",
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn_b29b6241",
        "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn_abd68bd6",
      ]
    `);
    expect(namesOf()).toEqual(namesOf());
    for (const name of namesOf() ?? []) expect(name).toMatch(/^[\w-]{1,64}$/);
  });

  it('are named by their own place where they are wrong', () => {
    const input = [
      { role: 'user', content: 'Q' },
      { type: 'additional_tools', tools: [f, { type: 'function' }] },
    ];
    expect(refusal({ tools: [f], input })?.param).toBe('input[1].tools[1].name');
    expect(refusal({ tools: [f, { type: 'function' }] })?.param).toBe('tools[1].name');
  });

  it('get names of their own, however many would be called the same', () => {
    const group = (name: string, inner: readonly string[]) => ({
      type: 'namespace',
      name,
      tools: inner.map((each) => ({ type: 'function', name: each })),
    });
    const odd = Array.from({ length: 200 }, (_, at) => String.fromCharCode(0x4e00 + at));
    const tools = [{ type: 'function', name: '_'.repeat(64) }, group('_'.repeat(63), ['_']), group('n', odd)];
    const { conversation, names } = readResponsesRequest({ model: 'm', input: 'Hi', tools });
    const given = conversation.tools?.map(({ name }) => name) ?? [];
    expect(new Set(given).size).toBe(202);
    for (const name of given) expect(name).toMatch(/^[\w-]{1,64}$/);
    expect(names.find(names.nameOf(odd[7] as string, 'n')).name).toBe(odd[7]);
  });

  it('that are declared in the middle of the input count, too', () => {
    const { settings } = read({
      input: [
        { role: 'user', content: 'Q' },
        { type: 'additional_tools', tools: [f] },
      ],
    });
    expect(settings.tools).toHaveLength(1);
  });

  it('of the group of ungrouped ones keep their names', () => {
    const ungrouped = { type: 'namespace', name: 'functions', tools: [f, { type: 'custom', name: 'exec' }] };
    const { conversation, names } = readResponsesRequest({ model: 'm', input: 'Hi', tools: [ungrouped] });
    expect(conversation.tools?.map(({ name }) => name)).toEqual(['f', 'exec']);
    expect(names.find('exec')).toEqual({ name: 'exec', namespace: 'functions', form: 'custom' });
  });

  it('may be searched for by the client, and count from then on', () => {
    const search = { type: 'tool_search', execution: 'client', description: 'Finds.', parameters: { type: 'object' } };
    const input = [
      { role: 'user', content: 'Q' },
      { type: 'tool_search_call', call_id: 'a', execution: 'client', status: 'completed', arguments: { query: 'x' } },
      { type: 'tool_search_output', call_id: 'a', execution: 'client', status: 'completed', tools: [group] },
      { type: 'tool_search_call', call_id: 'b', execution: 'client', arguments: { query: 'y' } },
      { type: 'tool_search_output', call_id: 'b', execution: 'client', tools: [] },
    ];
    const { messages, settings, notes } = read({ input, tools: [search] });
    expect(notes).toEqual([]);
    expect(settings.tools?.map(({ name }) => name)).toEqual(['tool_search', 'mcp__files__read', 'mcp__files__write']);
    expect(settings.tools?.[0]).toEqual({ name: 'tool_search', description: 'Finds.', parameters: { type: 'object' } });
    expect(messages.slice(1).map(({ parts: [part] }) => part)).toMatchObject([
      { id: 'a', name: 'tool_search', arguments: '{"query":"x"}' },
      {
        toolCallId: 'a',
        parts: [{ text: 'These tools can be called now: mcp__files__read, mcp__files__write.' }],
      },
      { id: 'b' },
      { toolCallId: 'b', parts: [{ text: 'No tools were found.' }] },
    ]);
    const hosted = { type: 'tool_search' };
    expect(read({ tools: [hosted] }).notes).toEqual([
      "Tools that only OpenAI's service runs were left out: tool_search.",
    ]);
  });

  it('are called under their flat names in history, custom ones with wrapped input', () => {
    const input = [
      { type: 'function_call', call_id: 'a', name: 'read', namespace: 'mcp__files', arguments: '{}' },
      { type: 'custom_tool_call', call_id: 'b', name: 'apply_patch', input: '*** "x"\n' },
      { type: 'custom_tool_call_output', call_id: 'b', output: 'ok' },
      { type: 'function_call', call_id: 'c', name: 'apply_patch', arguments: '*** bare' },
      { type: 'function_call', call_id: 'd', name: 'apply_patch', arguments: '{"input":"wrapped"}' },
    ];
    expect(read({ input, tools: [patch, group] }).messages).toMatchInlineSnapshot(`
      [
        {
          "parts": [
            {
              "arguments": "{}",
              "id": "a",
              "name": "mcp__files__read",
              "type": "tool-call",
            },
            {
              "arguments": "{"input":"*** \\"x\\"\\n"}",
              "id": "b",
              "name": "apply_patch",
              "type": "tool-call",
            },
          ],
          "role": "assistant",
        },
        {
          "parts": [
            {
              "parts": [
                {
                  "text": "ok",
                  "type": "text",
                },
              ],
              "toolCallId": "b",
              "type": "tool-result",
            },
          ],
          "role": "tool",
        },
        {
          "parts": [
            {
              "arguments": "{"input":"*** bare"}",
              "id": "c",
              "name": "apply_patch",
              "type": "tool-call",
            },
            {
              "arguments": "{"input":"wrapped"}",
              "id": "d",
              "name": "apply_patch",
              "type": "tool-call",
            },
          ],
          "role": "assistant",
        },
      ]
    `);
  });

  it.each([
    ['auto', { type: 'auto' }],
    ['none', { type: 'none' }],
    ['required', { type: 'required' }],
    [
      { type: 'function', name: 'f' },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'function', function: { name: 'f' } },
      { type: 'tool', name: 'f' },
    ],
    [
      { type: 'custom', name: 'apply_patch' },
      { type: 'tool', name: 'apply_patch' },
    ],
    [
      { type: 'function', name: 'read', namespace: 'mcp__files' },
      { type: 'tool', name: 'mcp__files__read' },
    ],
  ])('are chosen by %j', (choice, expected) => {
    expect(read({ tools: [f, patch, group], tool_choice: choice }).settings.toolChoice).toEqual(expected);
  });

  it('are cut down to those that are allowed', () => {
    const choice = {
      type: 'allowed_tools',
      mode: 'required',
      tools: [{ type: 'function', name: 'f' }, { type: 'web_search' }],
    };
    const { settings } = read({ tools: [f, patch, { type: 'web_search' }], tool_choice: choice });
    expect(settings.tools?.map(({ name }) => name)).toEqual(['f']);
    expect(settings.toolChoice).toEqual({ type: 'required' });
  });

  it('that are not there cannot be chosen', () => {
    const { settings, notes } = read({ tools: [f], tool_choice: { type: 'function', name: 'g' } });
    expect(settings.toolChoice).toBeUndefined();
    expect(notes).toMatchInlineSnapshot(`
      [
        "The choice of the tool "g" was left out, as there is no such tool to choose.",
      ]
    `);
  });
});

describe('settings', () => {
  it('find their words in the hub', () => {
    const { settings, notes } = read({
      max_output_tokens: 99,
      temperature: 0.5,
      top_p: 0.9,
      reasoning: { effort: 'high', summary: 'auto' },
      text: {
        format: { type: 'json_schema', name: 'n', schema: { type: 'object' }, strict: true },
        verbosity: 'medium',
      },
      include: ['reasoning.encrypted_content'],
      metadata: { a: 'b' },
      store: false,
      truncation: 'disabled',
      service_tier: 'auto',
      stream_options: { include_obfuscation: false },
      background: false,
      prompt: null,
      user: null,
    });
    expect({ settings, notes }).toMatchInlineSnapshot(`
      {
        "notes": [],
        "settings": {
          "maxOutputTokens": 99,
          "metadata": {
            "responses": {
              "told": {
                "service_tier": "auto",
                "truncation": "disabled",
              },
            },
          },
          "reasoning": {
            "effort": "high",
          },
          "responseFormat": {
            "name": "n",
            "schema": {
              "type": "object",
            },
            "strict": true,
            "type": "json-schema",
          },
          "temperature": 0.5,
          "topP": 0.9,
        },
      }
    `);
  });

  it.each([
    [{ type: 'text' }, { type: 'text' }],
    [{ type: 'json_object' }, { type: 'json' }],
    [
      { type: 'json_schema', json_schema: { schema: {} } },
      { type: 'json-schema', name: 'answer', schema: {} },
    ],
  ])('for the form of the answer: %j', (format, expected) => {
    expect(read({ text: { format } }).settings.responseFormat).toEqual(expected);
  });

  it('that are not known are listed in one note and kept', () => {
    const { settings, notes } = read({
      prompt_cache_key: 'k',
      client_metadata: { a: 1 },
      truncation: 'auto',
      text: { verbosity: 'low' },
      reasoning: { mode: 'pro' },
      include: ['message.output_text.logprobs'],
      input: [
        { role: 'user', content: [{ type: 'input_text', text: 'x', prompt_cache_breakpoint: { mode: 'explicit' } }] },
      ],
    });
    expect(notes).toMatchInlineSnapshot(`
      [
        "Left out, as no upstream is told of it: prompt_cache_key, client_metadata, truncation, prompt_cache_breakpoint, text.verbosity, include message.output_text.logprobs, reasoning.mode.",
      ]
    `);
    expect(settings.metadata).toEqual({
      responses: { told: { prompt_cache_key: 'k', client_metadata: { a: 1 }, truncation: 'auto' } },
    });
  });

  it.each([
    [{ background: true }, 'background'],
    [{ prompt: { id: 'pmpt_1' } }, 'prompt'],
    [{ conversation: 'conv_1' }, 'conversation'],
  ])('that need the service itself are refused: %j', (body, param) => {
    expect(refusal(body)).toMatchObject({ kind: 'invalid-request', param });
  });
});

it('the form of the answer names its schema where that is missing', () => {
  expect(refusal({ text: { format: { type: 'json_schema', name: 'a' } } })?.param).toBe('text.format.schema');
});
