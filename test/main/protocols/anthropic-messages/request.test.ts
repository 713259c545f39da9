// Anthropic Messages bodies as canonical requests.
import { describe, expect, it } from 'vitest';
import { readMessagesRequest } from '../../../../main/protocols/anthropic-messages/request.ts';

const hi = [{ role: 'user', content: 'Hi' }];
const read = (body: object, headers = {}) =>
  readMessagesRequest({ model: 'm', messages: hi, ...body }, headers).conversation;
const plain = (value: unknown) => JSON.parse(JSON.stringify(value)) as unknown;
const cache = { cache_control: { type: 'ephemeral' } };
const text = (said: string) => ({ type: 'text', text: said });

describe('system texts', () => {
  it('may be a string, blocks or messages anywhere', () => {
    expect(read({ system: 'A' }).messages[0]).toEqual({ role: 'system', parts: [text('A')] });
    const { messages } = read({
      system: [text('A'), { ...text('B'), ...cache }],
      messages: [...hi, { role: 'system', content: 'C' }, { role: 'system', content: [text('D')] }],
    });
    expect(messages.map(({ role }) => role)).toEqual(['system', 'user', 'system', 'system']);
    expect(messages[0]?.parts).toEqual([text('A'), { ...text('B'), metadata: { anthropic: cache } }]);
    expect(messages.slice(2).map(({ parts }) => parts)).toEqual([[text('C')], [text('D')]]);
  });

  it('that are empty only carry settings: the last effort of a message wins', () => {
    const settings = { role: 'system', content: [], output_config: { effort: 'low' } };
    const { messages, reasoning } = read({ messages: [...hi, settings], output_config: { effort: 'high' } });
    expect(messages).toHaveLength(1);
    expect(reasoning).toEqual({ effort: 'low' });
  });

  it('lose the billing line only where it stands first and alone in its block', () => {
    const header = 'x-anthropic-billing-header: cc_version=2.1.329.e97; cc_entrypoint=sdk-cli;';
    const dropped = read({ system: [text(header), text('B')] });
    expect(dropped.messages[0]?.parts).toEqual([text('B')]);
    expect(dropped.metadata?.anthropic?.billingHeader).toBe(header);
    expect(read({ system: [text(header)] }).messages).toHaveLength(1);
    for (const system of [[text('A'), text(header)], [text(`${header}\nAnd more`)], [{ ...text(header), ...cache }]]) {
      const kept = read({ system });
      expect(kept.messages[0]?.parts.map((part) => 'text' in part && part.text)).toEqual(
        system.map((part) => part.text),
      );
      expect(kept.metadata?.anthropic).not.toHaveProperty('billingHeader');
    }
  });
});

describe('messages', () => {
  it('keep what only this dialect knows: signatures, hidden thinking, cache markers', () => {
    const { messages } = read({
      messages: [
        { role: 'user', content: [{ ...text('Q'), ...cache }] },
        {
          role: 'assistant',
          content: [
            { type: 'thinking', thinking: 'hm', signature: 's+/=' },
            { type: 'thinking', thinking: '', signature: 't' },
            { type: 'thinking', thinking: 'unsigned', signature: '' },
            { type: 'redacted_thinking', data: 'r+/=' },
            text('A'),
            { type: 'tool_use', id: 'toolu_1', name: 'f', input: { b: 1, a: [] }, ...cache },
          ],
        },
      ],
    });
    expect(plain(messages)).toEqual([
      { role: 'user', parts: [{ ...text('Q'), metadata: { anthropic: cache } }] },
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'hm', metadata: { anthropic: { signature: 's+/=' } } },
          { type: 'reasoning', text: '', metadata: { anthropic: { signature: 't' } } },
          { type: 'reasoning', text: 'unsigned' },
          { type: 'reasoning', text: '', metadata: { anthropic: { redacted: 'r+/=' } } },
          text('A'),
          { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{"b":1,"a":[]}', metadata: { anthropic: cache } },
        ],
      },
    ]);
  });

  it('hold tool results of every kind, in their place among the rest', () => {
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } };
    const { messages } = read({
      messages: [
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: '1', content: 'ok', ...cache },
            { type: 'tool_result', tool_use_id: '2', is_error: true, content: [text('no'), image] },
            { type: 'tool_result', tool_use_id: '3', content: [{ type: 'tool_reference', tool_name: 'WebFetch' }] },
            { type: 'tool_result', tool_use_id: '4' },
            text('Now?'),
          ],
        },
      ],
    });
    const reference = { block: { type: 'tool_reference', tool_name: 'WebFetch' } };
    expect(plain(messages)).toEqual([
      {
        role: 'tool',
        parts: [
          { type: 'tool-result', toolCallId: '1', parts: [text('ok')], metadata: { anthropic: cache } },
          {
            type: 'tool-result',
            toolCallId: '2',
            isError: true,
            parts: [text('no'), { type: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AA==' } }],
          },
          {
            type: 'tool-result',
            toolCallId: '3',
            parts: [{ ...text('The tool WebFetch can be called now.'), metadata: { anthropic: reference } }],
          },
          { type: 'tool-result', toolCallId: '4', parts: [] },
        ],
      },
      { role: 'user', parts: [text('Now?')] },
    ]);
  });

  it('hold documents from everywhere', () => {
    const document = (source: object, extra = {}) => ({ type: 'document', source, ...extra });
    const content = { type: 'content', content: [text('a'), text('b')] };
    const own = { type: 'text', media_type: 'text/plain', data: 'Grüße' };
    const [message] = read({
      messages: [
        {
          role: 'user',
          content: [
            document({ type: 'base64', media_type: 'application/pdf', data: 'AA==' }, { title: 'a.pdf', ...cache }),
            document({ type: 'url', url: 'https://example.com/a.pdf' }),
            document({ type: 'file', file_id: 'file_1' }, { context: 'c' }),
            document(own),
            document(content),
          ],
        },
      ],
    }).messages;
    const encode = (said: string) => ({ type: 'base64', data: Buffer.from(said).toString('base64') });
    expect(plain(message?.parts)).toEqual([
      {
        type: 'file',
        name: 'a.pdf',
        mediaType: 'application/pdf',
        source: { type: 'base64', data: 'AA==' },
        metadata: { anthropic: cache },
      },
      { type: 'file', source: { type: 'url', url: 'https://example.com/a.pdf' } },
      { type: 'file', source: { type: 'id', id: 'file_1' }, metadata: { anthropic: { context: 'c' } } },
      { type: 'file', mediaType: 'text/plain', source: encode('Grüße'), metadata: { anthropic: { source: own } } },
      { type: 'file', mediaType: 'text/plain', source: encode('a\n\nb'), metadata: { anthropic: { source: content } } },
    ]);
  });

  it('are never refused for a block that nobody knows: it becomes text, and is kept', () => {
    const block = { type: 'web_search_result', title: 'T', encrypted_content: 'xxxx', deep: { signature: 's', a: 1 } };
    const [user, assistant] = read({
      messages: [
        { role: 'user', content: [block] },
        {
          role: 'assistant',
          content: [{ type: 'server_tool_use', id: 's', name: 'web_search', input: { query: 'q' } }],
        },
      ],
    }).messages;
    expect(user?.parts).toEqual([
      { ...text('[web_search_result] {"title":"T","deep":{"a":1}}'), metadata: { anthropic: { block } } },
    ]);
    expect(assistant?.parts[0]).toMatchObject(
      text('[server_tool_use] {"id":"s","name":"web_search","input":{"query":"q"}}'),
    );
  });
});

describe('tools', () => {
  it("are the client's own; the placeholder is dropped, those of the service are kept apart", () => {
    const search = { type: 'web_search_20250305', name: 'web_search', max_uses: 8 };
    const { tools, metadata } = read({
      tools: [
        { name: 'f', description: 'd', input_schema: { type: 'object' }, strict: true, ...cache },
        { type: 'custom', name: 'g', input_schema: { type: 'object' }, defer_loading: true },
        { name: 'DeferredToolPlaceholder', input_schema: { type: 'object' }, defer_loading: true },
        search,
      ],
    });
    expect(plain(tools)).toEqual([
      { name: 'f', description: 'd', parameters: { type: 'object' }, strict: true, metadata: { anthropic: cache } },
      { name: 'g', parameters: { type: 'object' }, metadata: { anthropic: { defer_loading: true, type: 'custom' } } },
    ]);
    expect(metadata?.anthropic?.upstreamTools).toEqual([search]);
  });

  it.each([
    [{ type: 'auto' }, { type: 'auto' }, undefined],
    [{ type: 'any', disable_parallel_tool_use: true }, { type: 'required' }, false],
    [{ type: 'tool', name: 'f' }, { type: 'tool', name: 'f' }, undefined],
    [{ type: 'none' }, { type: 'none' }, undefined],
  ])('are chosen by %j', (choice, toolChoice, parallelToolCalls) => {
    expect(read({ tools: [{ name: 'f' }], tool_choice: choice })).toMatchObject({ toolChoice, parallelToolCalls });
  });

  it('are not chosen where none is left, and the log says so', () => {
    const body = {
      model: 'm',
      messages: hi,
      tools: [{ type: 'bash_20250124', name: 'bash' }],
      tool_choice: { type: 'any' },
    };
    const { conversation, notes } = readMessagesRequest(body, {});
    expect([conversation.tools, conversation.toolChoice]).toEqual([undefined, undefined]);
    expect(notes).toEqual(['The choice of a tool was left out, as no tool is left to choose.']);
  });
});

describe('the rest', () => {
  it('is read where the hub has a word for it and kept where it has none', () => {
    const { stream, conversation } = readMessagesRequest(
      {
        model: 'm',
        messages: hi,
        max_tokens: 10,
        temperature: 0,
        top_p: 0.5,
        top_k: 3,
        stop_sequences: ['END'],
        stream: true,
        thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' },
        output_config: {
          effort: 'xhigh',
          format: { type: 'json_schema', schema: { type: 'object' } },
          task_budget: { total: 1 },
        },
        metadata: { user_id: '{"a":1}' },
        context_management: { edits: [] },
      },
      { 'anthropic-beta': 'a-1,b-2' },
    );
    expect(stream).toBe(true);
    expect(plain(conversation)).toEqual({
      model: 'm',
      messages: [{ role: 'user', parts: [text('Hi')] }],
      maxOutputTokens: 10,
      temperature: 0,
      topP: 0.5,
      stop: ['END'],
      reasoning: { effort: 'xhigh', budgetTokens: 2000, enabled: true },
      responseFormat: { type: 'json-schema', name: 'answer', schema: { type: 'object' } },
      metadata: {
        anthropic: {
          betas: 'a-1,b-2',
          thinking: { type: 'enabled', budget_tokens: 2000, display: 'omitted' },
          fields: {
            top_k: 3,
            metadata: { user_id: '{"a":1}' },
            context_management: { edits: [] },
            output_config: { task_budget: { total: 1 } },
          },
        },
      },
    });
  });

  it.each([
    [undefined, undefined],
    [{ type: 'disabled' }, { enabled: false }],
    [{ type: 'adaptive' }, { enabled: true }],
  ])('thinks as %j says', (thinking, reasoning) => {
    expect(read({ thinking }).reasoning).toEqual(reasoning);
  });

  it.each([[{ type: 'create' }], [{ type: 'continue', previous_message_id: 'msg_1' }]])(
    'cannot be a thread that the server holds: %j',
    (thread) => {
      expect(() => read({ thread })).toThrow(
        expect.objectContaining({ code: 'thread_unsupported_request', param: 'thread' }),
      );
    },
  );

  it.each([
    [{ model: '' }, 'model'],
    [{ messages: [] }, 'messages'],
    [{ messages: [{ role: 'tool', content: '' }] }, 'messages.0.role'],
    [{ messages: [{ role: 'user' }] }, 'messages.0.content'],
    [{ messages: [{ role: 'user', content: [{ type: 'text' }] }] }, 'messages.0.content.0.text'],
    [{ messages: [{ role: 'user', content: [{ type: 'image', source: {} }] }] }, 'messages.0.content.0.source.type'],
    [{ messages: [{ role: 'user', content: [{ type: 'tool_result' }] }] }, 'messages.0.content.0.tool_use_id'],
    [{ tools: [{}] }, 'tools.0.name'],
    [{ tool_choice: { type: 'all' } }, 'tool_choice.type'],
    [{ max_tokens: '1' }, 'max_tokens'],
    [{ output_config: { format: { type: 'xml' } } }, 'output_config.format.type'],
  ])('is refused where it cannot be understood: %j', (body, param) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ kind: 'invalid-request', param }));
  });
});
