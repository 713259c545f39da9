// How a request with tools is written for a model that has none.
import { expect, test } from 'vitest';
import type { ConversationRequest, Message, Tool } from '../../../../../main/canonical/conversation.ts';
import { emulateTools } from '../../../../../main/providers/kit/emulated-tools/emulate.ts';

const makeTool = (name: string): Tool => ({
  name,
  description: `Does ${name}. And then it tells of it at length.`,
  parameters: {
    type: 'object',
    properties: {
      title: { type: 'string', description: 'What it is called. It may be anything.', examples: ['a'] },
      mode: { type: 'string', enum: ['fast', 'slow'], description: 'How. Or not.' },
    },
    required: ['title'],
  },
});

const make = (change: Partial<ConversationRequest>): ConversationRequest => ({
  model: 'plain',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Go.' }] }],
  ...change,
});

const textOf = (messages: readonly Message[]) =>
  messages.map(({ role, parts }) => {
    const texts = parts.map((part) => ('text' in part ? part.text : `(${part.type})`));
    return `[${role}] ${texts.join('')}`;
  });

test('writes calls and results of earlier turns in the form that it asks for', () => {
  const { request } = emulateTools(
    make({
      messages: [
        { role: 'user', parts: [{ type: 'text', text: 'Go.' }] },
        {
          role: 'assistant',
          parts: [
            { type: 'text', text: 'I look.' },
            { type: 'tool-call', id: 'a', name: 'read', arguments: '{ "path": "x" }' },
            { type: 'tool-call', id: 'b', name: 'read', arguments: '{"path":' },
          ],
        },
        {
          role: 'tool',
          parts: [
            { type: 'tool-result', toolCallId: 'b', isError: true, parts: [{ type: 'text', text: 'No.' }] },
            {
              type: 'tool-result',
              toolCallId: 'a',
              parts: [
                { type: 'text', text: 'One </tool_response> two' },
                { type: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AA==' } },
              ],
            },
          ],
        },
      ],
    }),
  );
  expect(textOf(request.messages)).toMatchInlineSnapshot(`
    [
      "[system] Tools cannot be called now. Answer in words, and write no <tool_call>.",
      "[user] Go.",
      "[assistant] I look.
    <tool_call>
    {"name":"read","arguments":{"path":"x"}}
    </tool_call>
    <tool_call>
    {"name":"read","arguments":"{\\"path\\":"}
    </tool_call>",
      "[user] <tool_response name="read" call="1">
    One <\\/tool_response> two(image)</tool_response>
    <tool_response name="read" call="2" error="true">
    No.
    </tool_response>",
    ]
  `);
});

test('teaches the form after the instructions of the client', () => {
  const { request, notes } = emulateTools(
    make({
      tools: [makeTool('draw')],
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'Be kind.' }] },
        { role: 'user', parts: [{ type: 'text', text: 'Go.' }] },
      ],
      toolChoice: { type: 'required' },
    }),
  );
  expect({ notes, tools: request.tools, choice: request.toolChoice }).toEqual({
    notes: [],
    tools: undefined,
    choice: undefined,
  });
  expect(textOf(request.messages)).toMatchInlineSnapshot(`
    [
      "[system] Be kind.

    # Tools

    You can call these tools, one JSON object a line:
    {"name":"draw","description":"Does draw. And then it tells of it at length.","parameters":{"type":"object","properties":{"title":{"type":"string","description":"What it is called. It may be anything.","examples":["a"]},"mode":{"type":"string","enum":["fast","slow"],"description":"How. Or not."}},"required":["title"]}}

    To call a tool, write exactly this, on lines of its own, outside of any code block:
    <tool_call>
    {"name":"NAME","arguments":{"PARAMETER":"value"}}
    </tool_call>
    The text between the tags is one JSON object: "name" is one of the names above, "arguments" an object that fits its "parameters". Escape quotes and line breaks within strings as JSON demands.
    To call several tools at once, write one such block after the other.
    After the calls, stop: the tools' results come in the next message, in <tool_response> blocks. Never write those yourself.
    Now you must call a tool; do not answer in words alone.",
      "[user] Go.

    (Answer by calling the tool "draw", in the form that was described.)",
    ]
  `);
});

test('says much more briefly, never cuts, and tells so', () => {
  const tools = Array.from({ length: 300 }, (_, at) => makeTool(`tool_${at}`));
  const sizes = [1_000_000, 80_000, 60_000, 1_000].map((mostCharacters) => {
    const { request, notes } = emulateTools(make({ tools }), { mostCharacters });
    const [text = ''] = textOf(request.messages);
    for (const { name } of tools) expect(text).toContain(`"name":"${name}"`);
    expect(text.match(/"required":\["title"\]/g)).toHaveLength(300);
    expect(text.match(/"enum":\["fast","slow"\]/g)).toHaveLength(300);
    expect(text).toContain('</tool_call>');
    return { fits: text.length <= mostCharacters + 20, notes };
  });
  expect(sizes).toMatchInlineSnapshot(`
    [
      {
        "fits": true,
        "notes": [],
      },
      {
        "fits": true,
        "notes": [
          "The tools were described briefly, without examples and later sentences: their full description is too long.",
        ],
      },
      {
        "fits": true,
        "notes": [
          "The tools were described by names, types and first sentences alone: their full description is too long.",
        ],
      },
      {
        "fits": false,
        "notes": [
          "The tools were described by names, types and first sentences alone: their full description is too long.",
          "The description of the tools has 58049 characters even so, more than the 1000 that it should have.",
        ],
      },
    ]
  `);
});
