// Tools of plain text in chat completions, in the forms that this dialect and Cursor have for them.
import { describe, expect, it } from 'vitest';
import { collect } from '../../../../main/canonical/collect.ts';
import { createEventWriter } from '../../../../main/canonical/event-writer.ts';
import type { EventBatch } from '../../../../main/canonical/events.ts';
import { createServerSentEventReader } from '../../../../main/http/sse.ts';
import { openAiChat } from '../../../../main/protocols/openai-chat/index.ts';
import type { ConversationExchange } from '../../../../main/protocols/protocol.ts';
import { readWhole } from '../../../support/splits.ts';

const grammar = { type: 'grammar', syntax: 'lark', definition: 'start: "x"' };
const nested = {
  type: 'custom',
  custom: { name: 'patch', description: 'Edits.', format: { type: 'grammar', grammar } },
};
const flat = { type: 'custom', name: 'ApplyPatch', description: 'Edits.', format: grammar };
const hi = [{ role: 'user', content: 'Hi' }];
const head = { requestId: 'r1', model: 'm', createdAt: 1, note: () => {} };

function read(body: object): ConversationExchange {
  const route = openAiChat.routes.find(({ path }) => path === '/v1/chat/completions');
  if (route?.action !== 'converse') throw new Error('no such route');
  return route.readRequest(
    { model: 'm', ...body },
    { headers: {}, name: '', query: '', key: 'k' },
  ) as ConversationExchange;
}

/** A reply that calls each tool with this text, in two pieces. */
function callAll(calls: readonly (readonly [name: string, text: string])[]): EventBatch {
  const writer = createEventWriter();
  for (const [at, [name, text]] of calls.entries()) {
    writer.toolCall(at, { id: `call_${at}`, name });
    writer.toolArguments(at, text.slice(0, 4));
    writer.toolArguments(at, text.slice(4));
  }
  writer.end({ kind: 'tool-calls' });
  return writer.take();
}

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly tool_calls?: readonly object[] } }[];
}

function stream(exchange: ConversationExchange, batch: EventBatch): (readonly object[])[] {
  const events = readWhole(createServerSentEventReader, Buffer.from(exchange.openStream(head).write(batch)));
  return events
    .filter(({ data }) => data !== '[DONE]')
    .flatMap(({ data }) =>
      (JSON.parse(data) as Chunk).choices.flatMap(({ delta }) => (delta.tool_calls ? [delta.tool_calls] : [])),
    );
}

async function whole(exchange: ConversationExchange, batch: EventBatch): Promise<unknown> {
  const events = async function* () {
    yield batch;
  };
  const reply = exchange.writeReply(await collect(events()), head) as {
    choices: readonly { message: { tool_calls: unknown } }[];
  };
  return reply.choices[0]?.message.tool_calls;
}

const input = '*** Begin "x"\n';
const wrapped = JSON.stringify({ input });

describe('declarations', () => {
  it('become functions that take one text, their grammar told', () => {
    const { tools } = read({ messages: hi, tools: [nested, flat] }).conversation;
    expect(tools?.map(({ name }) => name)).toEqual(['patch', 'ApplyPatch']);
    for (const tool of tools ?? []) {
      expect(tool.description).toBe('Edits.\n\nThe text in "input" must follow this lark grammar:\nstart: "x"');
      expect(tool.parameters).toMatchObject({ properties: { input: { type: 'string' } }, required: ['input'] });
      expect(tool.metadata).toBeUndefined();
    }
  });

  it('of functions may be flat, as Cursor mixes them', () => {
    const tool = { type: 'function', name: 'f', description: 'F', parameters: { type: 'object' } };
    const { tools, toolChoice } = read({
      messages: hi,
      tools: [tool, { type: 'function', function: { name: 'g' } }],
      tool_choice: { type: 'function', name: 'f' },
    }).conversation;
    expect(tools).toMatchObject([{ name: 'f', description: 'F', parameters: { type: 'object' } }, { name: 'g' }]);
    expect(toolChoice).toEqual({ type: 'tool', name: 'f' });
  });

  it('can be chosen', () => {
    const choice = { type: 'custom', custom: { name: 'patch' } };
    const { toolChoice } = read({ messages: hi, tools: [nested], tool_choice: choice }).conversation;
    expect(toolChoice).toEqual({ type: 'tool', name: 'patch' });
  });

  it.each([
    [{ type: 'robot' }, 'tools[0].type must be function or custom.'],
    [{ type: 'custom' }, 'tools[0].custom must be an object.'],
    [{ type: 'function', function: {} }, 'tools[0].function.name must be a text that is not empty.'],
  ])('that cannot be understood are refused by their place: %j', (tool, message) => {
    expect(() => read({ messages: hi, tools: [tool] })).toThrow(message);
  });
});

describe('calls', () => {
  const calls = callAll([
    ['patch', wrapped],
    ['ApplyPatch', wrapped],
    ['f', '{"x":1}'],
    ['patch', 'bare'],
    ['patch', ''],
  ]);
  const tools = [nested, flat, { type: 'function', function: { name: 'f' } }];

  it('go back whole in the form of their declaration', async () => {
    expect(await whole(read({ messages: hi, tools }), calls)).toEqual([
      { id: 'call_0', type: 'custom', custom: { name: 'patch', input } },
      { id: 'call_1', type: 'function', function: { name: 'ApplyPatch', arguments: input } },
      { id: 'call_2', type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
      { id: 'call_3', type: 'custom', custom: { name: 'patch', input: 'bare' } },
      { id: 'call_4', type: 'custom', custom: { name: 'patch', input: '' } },
    ]);
  });

  it('go back as a stream, the text in one piece', () => {
    expect(stream(read({ messages: hi, tools, stream: true }), calls).flat()).toEqual([
      { index: 0, id: 'call_0', type: 'custom', custom: { name: 'patch', input: '' } },
      { index: 1, id: 'call_1', type: 'function', function: { name: 'ApplyPatch', arguments: '' } },
      { index: 2, id: 'call_2', type: 'function', function: { name: 'f', arguments: '' } },
      { index: 2, function: { arguments: '{"x"' } },
      { index: 2, function: { arguments: ':1}' } },
      { index: 3, id: 'call_3', type: 'custom', custom: { name: 'patch', input: '' } },
      { index: 4, id: 'call_4', type: 'custom', custom: { name: 'patch', input: '' } },
      { index: 0, custom: { input } },
      { index: 1, function: { arguments: input } },
      { index: 3, custom: { input: 'bare' } },
      { index: 4, custom: { input: '' } },
    ]);
  });

  it('in history are wrapped again, whichever form they come in', () => {
    const history = [
      { id: 'a', type: 'custom', custom: { name: 'patch', input } },
      { id: 'b', type: 'function', function: { name: 'ApplyPatch', arguments: input } },
      { id: 'c', type: 'function', function: { name: 'f', arguments: input } },
    ];
    const messages = [...hi, { role: 'assistant', content: null, tool_calls: history }];
    expect(read({ messages, tools }).conversation.messages[1]?.parts).toMatchObject([
      { id: 'a', name: 'patch', arguments: wrapped },
      { id: 'b', name: 'ApplyPatch', arguments: wrapped },
      { id: 'c', name: 'f', arguments: input },
    ]);
  });
});

describe("Cursor's bodies", () => {
  const body = {
    input: [
      { role: 'system', content: 'S' },
      { role: 'user', content: [{ type: 'input_text', text: 'Hi' }] },
      { type: 'function_call', call_id: 'a', name: 'ApplyPatch', arguments: input },
      { type: 'function_call_output', call_id: 'a', output: 'Done.' },
    ],
    tools: [flat, { type: 'function', name: 'f', parameters: { type: 'object' } }],
    reasoning: { effort: 'medium', summary: 'auto' },
    text: { verbosity: 'medium' },
    include: ['reasoning.encrypted_content'],
    stream: true,
    stream_options: { include_usage: true },
  };

  it.each([{}, { messages: [] }, { messages: null }])(
    'are those of Responses, known by input without messages (%j)',
    (more) => {
      const { conversation, stream, notes } = read({ ...body, ...more });
      expect(stream).toBe(true);
      expect(notes).toEqual([]);
      expect(conversation.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool']);
      expect(conversation.messages[2]?.parts).toMatchObject([{ id: 'a', name: 'ApplyPatch', arguments: wrapped }]);
      expect(conversation.reasoning).toEqual({ effort: 'medium' });
    },
  );

  it('are answered as chat completions, tools of plain text as functions with the bare text', async () => {
    const calls = callAll([
      ['ApplyPatch', wrapped],
      ['f', '{}'],
    ]);
    expect(await whole(read({ ...body, stream: false }), calls)).toEqual([
      { id: 'call_0', type: 'function', function: { name: 'ApplyPatch', arguments: input } },
      { id: 'call_1', type: 'function', function: { name: 'f', arguments: '{}' } },
    ]);
    expect(stream(read(body), calls).flat()).toContainEqual({ index: 0, function: { arguments: input } });
  });

  it('bring the token counts of a stream where they were asked for', () => {
    const writer = createEventWriter();
    writer.text('Hi');
    writer.usage({ inputTokens: 1, outputTokens: 2 });
    writer.end({ kind: 'stop' });
    const batch = writer.take();
    expect(read(body).openStream(head).write(batch)).toContain('"total_tokens":3');
    expect(
      read({ ...body, stream_options: undefined })
        .openStream(head)
        .write(batch),
    ).not.toContain('total_tokens');
  });

  it('cannot go on from what this path does not keep', () => {
    expect(() => read({ ...body, previous_response_id: 'resp_1' })).toThrow(
      'previous_response_id cannot be used on this path',
    );
    expect(() => read({ input: [{ type: 'item_reference', id: 'msg_1' }] })).toThrow('is not kept here');
  });

  it('are not those that have messages: then input is a field like any other', () => {
    const { conversation } = read({ messages: hi, input: 'x' });
    expect(conversation.messages).toHaveLength(1);
    expect(conversation.metadata?.openai?.fields).toEqual({ input: 'x' });
  });
});

describe('a choice among allowed tools', () => {
  const f = { type: 'function', function: { name: 'f' } };
  const choose = (allowed: object) => {
    const { conversation } = read({
      messages: hi,
      tools: [f, nested],
      tool_choice: { type: 'allowed_tools', allowed_tools: allowed },
    });
    return { tools: conversation.tools?.map(({ name }) => name), toolChoice: conversation.toolChoice };
  };

  it('leaves those out that are not among them', () => {
    expect(choose({ mode: 'auto', tools: [f] })).toEqual({ tools: ['f'], toolChoice: { type: 'auto' } });
    const patch = { type: 'custom', custom: { name: 'patch' } };
    expect(choose({ mode: 'required', tools: [patch] })).toEqual({
      tools: ['patch'],
      toolChoice: { type: 'required' },
    });
  });

  it('of which none is there leaves nothing to choose', () => {
    expect(choose({ mode: 'auto', tools: [] })).toEqual({ tools: undefined, toolChoice: undefined });
  });

  it('names the field that is wrong', () => {
    expect(() => choose({ tools: [{ type: 'function' }] })).toThrow('tool_choice.allowed_tools.tools[0].function');
    expect(() => choose({ mode: 'auto' })).toThrow('tool_choice.allowed_tools.tools must be a list');
  });
});
