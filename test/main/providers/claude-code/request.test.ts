// Canonical requests as the lines that the program reads.
import { describe, expect, it } from 'vitest';
import type { ConversationRequest, Message } from '../../../../main/canonical/conversation.ts';
import { writeClaudeLines } from '../../../../main/providers/claude-code/request.ts';

const user = (text: string): Message => ({ role: 'user', parts: [{ type: 'text', text }] });

function write(request: Partial<ConversationRequest>, guardSlash = false) {
  const notes: string[] = [];
  const lines = writeClaudeLines(
    { model: 'claude-x', messages: [user('Hi')], ...request },
    { guardSlash, note: (text) => notes.push(text) },
  );
  const [initialize, settings] = lines.setup as [{ systemPrompt: string[] }, { settings: object }?];
  const history = lines.writeHistory(lines.turns.slice(0, -1));
  const question = lines.writeQuestion(lines.turns.at(-1) as (typeof lines.turns)[number]);
  const turns = [...history, question] as { message: { role: string; content: unknown } }[];
  const content = turns.map(({ message }) => [message.role, message.content]);
  return { ...lines, history, question, notes, system: initialize.systemPrompt, settings: settings?.settings, content };
}

describe('the setup', () => {
  it('says only what the client asked for', () => {
    expect(write({}).settings).toBeUndefined();
    expect(write({}).system).toEqual([]);
  });

  it('carries effort, limits, sampling and the form of the answer', () => {
    const { settings, notes } = write({
      reasoning: { effort: 'minimal', budgetTokens: 500 },
      maxOutputTokens: 1000,
      temperature: 0,
      topP: 0.5,
      stop: ['END'],
      responseFormat: { type: 'json-schema', name: 'a', schema: { type: 'object' } },
    });
    expect(settings).toEqual({
      effortLevel: 'low',
      env: {
        CLAUDE_CODE_MAX_OUTPUT_TOKENS: '1000',
        MAX_THINKING_TOKENS: '500',
        CLAUDE_CODE_EXTRA_BODY:
          '{"temperature":0,"top_p":0.5,"stop_sequences":["END"],"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}},"effort":"low"}}',
      },
    });
    expect(notes).toEqual([
      'The reasoning effort "minimal" was sent as "low", the least that Claude Code knows.',
      'The limit for thinking was passed on; newer Claude models decide for themselves how long they think.',
      "Left out, as Claude Code has no field for it: the name of the answer's form.",
    ]);
  });

  it('turns thinking off where the client wants none', () => {
    const settings = { env: { CLAUDE_CODE_DISABLE_THINKING: '1' } };
    expect(write({ reasoning: { effort: 'none' } }).settings).toEqual(settings);
    expect(write({ reasoning: { enabled: false, effort: 'high' } }).settings).toEqual(settings);
  });

  it('tells what it leaves out', () => {
    const { notes } = write({
      seed: 1,
      presencePenalty: 0.1,
      responseFormat: { type: 'json' },
      tools: [{ name: 'a', strict: true }, { name: 'b' }],
      metadata: { openai: { fields: { user: 'u' } } },
    });
    expect(notes).toEqual([
      'The wish that tools be called strictly by their schema was left out: Claude Code has no field for it.',
      'Left out, as Claude Code has no field for it: seed, presence_penalty, response_format, user.',
    ]);
  });

  it("passes on what it can of Anthropic's own fields and tells the rest", () => {
    const cached = { anthropic: { cache_control: { type: 'ephemeral' } } };
    const { settings, notes } = write({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'S', metadata: cached }] },
        {
          role: 'user',
          parts: [{ type: 'text', text: 'Q', metadata: { anthropic: { block: { type: 'search_result' } } } }],
        },
      ],
      metadata: {
        anthropic: {
          betas: 'a-1,b-2',
          fields: { top_k: 3, metadata: { user_id: 'u' } },
          upstreamTools: [{ type: 'web_search_20250305', name: 'web_search' }],
        },
      },
    });
    expect(settings).toEqual({ env: { CLAUDE_CODE_EXTRA_BODY: '{"top_k":3}' } });
    expect(notes).toEqual([
      'Left out, as Claude Code sets these fields itself or has none: metadata.',
      'Betas were left to Claude Code, which asks for its own: a-1,b-2.',
      "Tools of Anthropic's own were left out: web_search.",
      'Passed on as text: search_result blocks.',
      'Cache markers of system texts and tools were left out: Claude Code sets its own.',
    ]);
  });

  it.each([
    [{ toolChoice: { type: 'required' } }, { type: 'any' }],
    [
      { toolChoice: { type: 'required' }, parallelToolCalls: false },
      { type: 'any', disable_parallel_tool_use: true },
    ],
    [{ toolChoice: { type: 'tool', name: 'a.b' } }, { type: 'tool', name: 'mcp__gw__a_b' }],
    [{ toolChoice: { type: 'none' } }, { type: 'none' }],
    [{ parallelToolCalls: false }, { type: 'auto', disable_parallel_tool_use: true }],
    [{ toolChoice: { type: 'auto' } }, undefined],
    [{}, undefined],
  ] satisfies [Partial<ConversationRequest>, object | undefined][])('chooses tools by %j', (choice, written) => {
    const { settings = {} } = write({ tools: [{ name: 'a.b' }], ...choice });
    const { CLAUDE_CODE_EXTRA_BODY: body = '{}' } = (settings as { env?: Record<string, string> }).env ?? {};
    expect(JSON.parse(body).tool_choice).toEqual(written);
  });

  it('thinks no more than the upstream allows where a tool is forced', () => {
    const forced = write({ tools: [{ name: 'a' }], toolChoice: { type: 'required' }, reasoning: { effort: 'high' } });
    expect(forced.settings).toMatchObject({ env: { CLAUDE_CODE_DISABLE_THINKING: '1' } });
    expect(forced.settings).not.toHaveProperty('effortLevel');
    expect(forced.notes).toEqual([
      'Thinking was switched off: the upstream does not think when it is made to call a tool.',
    ]);
  });

  it('refuses to force a tool where none is offered', () => {
    expect(() => write({ toolChoice: { type: 'required' } })).toThrow('A tool must be called, but none is offered.');
    expect(write({ toolChoice: { type: 'none' } }).settings).toBeUndefined();
  });
});

describe('the conversation', () => {
  it('keeps ids apart that differ only in characters which the upstream does not know', () => {
    const ids = ['call.1', 'call:1', 'call_1', ''];
    const { content } = write({
      messages: [
        user('Q'),
        { role: 'assistant', parts: ids.map((id) => ({ type: 'tool-call', id, name: 'f', arguments: '{}' })) },
        ...ids.map(
          (toolCallId): Message => ({ role: 'tool', parts: [{ type: 'tool-result', toolCallId, parts: [] }] }),
        ),
      ],
    });
    const [, calls, results] = content.map(([, blocks]) => blocks as { id: string; tool_use_id: string }[]);
    const written = calls?.map(({ id }) => id) ?? [];
    expect(new Set(written).size).toBe(ids.length);
    expect(written[2]).toBe('call_1');
    for (const id of written) expect(id).toMatch(/^[A-Za-z0-9_-]+$/);
    expect(results?.map(({ tool_use_id: id }) => id)).toEqual(written);
  });

  it('keeps its turns and blocks, and takes leading system messages apart', () => {
    const { content, system, notes } = write({
      messages: [
        { role: 'system', parts: [{ type: 'text', text: 'One' }] },
        { role: 'system', parts: [{ type: 'text', text: 'Two' }] },
        user('Q'),
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: 'hm', metadata: { anthropic: { signature: 's' } } },
            { type: 'reasoning', text: 'unsigned' },
            { type: 'text', text: 'A' },
            { type: 'tool-call', id: 'call:1', name: 'get.weather', arguments: '{"city":"Oslo"}' },
          ],
        },
        {
          role: 'tool',
          parts: [
            { type: 'tool-result', toolCallId: 'call:1', parts: [{ type: 'text', text: 'no' }], isError: true },
            {
              type: 'tool-result',
              toolCallId: 'call:2',
              parts: [{ type: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AA==' } }],
            },
          ],
        },
        user('Now?'),
        { role: 'system', parts: [{ type: 'text', text: 'Late' }] },
      ],
    });
    expect(system).toEqual(['One', 'Two']);
    expect(notes).toEqual([
      'Earlier thinking was left out: the client sent it back without its signature.',
      'A system message inside the conversation stayed in its place, marked as such in a user turn.',
    ]);
    expect(content).toMatchInlineSnapshot(`
      [
        [
          "user",
          [
            {
              "text": "Q",
              "type": "text",
            },
          ],
        ],
        [
          "assistant",
          [
            {
              "signature": "s",
              "thinking": "hm",
              "type": "thinking",
            },
            {
              "text": "A",
              "type": "text",
            },
            {
              "id": "call_1_0af63155",
              "input": {
                "city": "Oslo",
              },
              "name": "mcp__gw__get_weather",
              "type": "tool_use",
            },
          ],
        ],
        [
          "user",
          [
            {
              "content": "no",
              "is_error": true,
              "tool_use_id": "call_1_0af63155",
              "type": "tool_result",
            },
            {
              "content": [
                {
                  "source": {
                    "data": "AA==",
                    "media_type": "image/png",
                    "type": "base64",
                  },
                  "type": "image",
                },
              ],
              "tool_use_id": "call_2_33331b62",
              "type": "tool_result",
            },
            {
              "text": "Now?",
              "type": "text",
            },
            {
              "text": "<system-reminder>
      Late
      </system-reminder>",
              "type": "text",
            },
          ],
        ],
      ]
    `);
  });

  it("keeps signatures, hidden thinking and cache markers of Anthropic's dialect byte for byte", () => {
    const marker = { cache_control: { type: 'ephemeral', scope: 'x' } };
    const { content, notes } = write({
      messages: [
        user('Q'),
        {
          role: 'assistant',
          parts: [
            { type: 'reasoning', text: '', metadata: { anthropic: { signature: 's+/=' } } },
            { type: 'reasoning', text: '', metadata: { anthropic: { redacted: 'r+/=' } } },
            { type: 'tool-call', id: 'toolu_1', name: 'f', arguments: '{}', metadata: { anthropic: marker } },
          ],
        },
        {
          role: 'tool',
          parts: [{ type: 'tool-result', toolCallId: 'toolu_1', parts: [], metadata: { anthropic: marker } }],
        },
      ],
    });
    expect(content.slice(1).map(([, blocks]) => blocks)).toEqual([
      [
        { type: 'thinking', thinking: '', signature: 's+/=' },
        { type: 'redacted_thinking', data: 'r+/=' },
        { type: 'tool_use', id: 'toolu_1', name: 'mcp__gw__f', input: {}, ...marker },
      ],
      // The program marks the end of a conversation by itself.
      [{ type: 'tool_result', tool_use_id: 'toolu_1', content: [] }],
    ]);
    expect(notes).toEqual([]);
  });

  it('answers calls before it says anything else, wherever the client has put its words', () => {
    const call = (id: string) => ({ type: 'tool-call' as const, id, name: 'f', arguments: '{}' });
    const answer = (id: string): Message => ({
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: id, parts: [{ type: 'text', text: id }] }],
    });
    const { content, notes } = write({
      messages: [
        user('Q'),
        { role: 'assistant', parts: [call('one'), call('two')] },
        user('Wait.'),
        answer('two'),
        answer('one'),
        user('And?'),
      ],
    });
    expect(content.at(-1)).toEqual([
      'user',
      [
        { type: 'tool_result', tool_use_id: 'two', content: 'two' },
        { type: 'tool_result', tool_use_id: 'one', content: 'one' },
        { type: 'text', text: 'Wait.' },
        { type: 'text', text: 'And?' },
      ],
    ]);
    expect(notes).toEqual([expect.stringContaining('put before the other words of their turn')]);
  });

  it('marks every user line as composed by a client, and old ones as not to be answered', () => {
    const assistant: Message = { role: 'assistant', parts: [{ type: 'text', text: 'A' }] };
    const { history, question } = write({ messages: [user('Q'), assistant, user('R')] });
    expect(history[0]).toMatchObject({ type: 'user', client_composed: true, shouldQuery: false });
    expect(history[1]).toMatchObject({ type: 'assistant', message: { model: 'claude-x', stop_reason: 'end_turn' } });
    expect(question).toMatchObject({ type: 'user', client_composed: true });
    expect(question).not.toHaveProperty('shouldQuery');
  });

  it('guards a leading slash for programs that would run it', () => {
    const request = { messages: [{ role: 'user' as const, parts: [{ type: 'text' as const, text: '/cost' }] }] };
    expect(write(request).content).toEqual([['user', [{ type: 'text', text: '/cost' }]]]);
    expect(write(request, true).content).toEqual([['user', [{ type: 'text', text: '\n/cost' }]]]);
  });

  it('takes documents, and says what it cannot take', () => {
    const file = (mediaType: string, data: string): Message => ({
      role: 'user',
      parts: [{ type: 'file', mediaType, name: 'a', source: { type: 'base64', data } }],
    });
    expect(write({ messages: [file('application/pdf', 'AA=='), file('text/csv', 'YSxi')] }).content).toEqual([
      [
        'user',
        [
          { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'AA==' }, title: 'a' },
          { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'a,b' }, title: 'a' },
        ],
      ],
    ]);
    expect(() => write({ messages: [file('audio/wav', 'AA==')] })).toThrow('but no audio/wav');
  });

  it('keeps arguments that are no JSON object as text', () => {
    const call: Message = {
      role: 'assistant',
      parts: [
        { type: 'tool-call', id: '1', name: 'f', arguments: '' },
        { type: 'tool-call', id: '2', name: 'f', arguments: '{"a":' },
      ],
    };
    const { content, notes } = write({ messages: [user('Q'), call, user('R')] });
    expect(content[1]?.[1]).toMatchObject([{ input: {} }, { input: { arguments: '{"a":' } }]);
    expect(notes).toEqual(['The arguments of an earlier tool call are no JSON object; they were passed on as text.']);
  });

  it('must end with something to answer', () => {
    const assistant: Message = { role: 'assistant', parts: [{ type: 'text', text: 'A' }] };
    for (const messages of [[], [user('')], [user('Q'), assistant]]) {
      expect(() => write({ messages })).toThrow('must not end with another one');
    }
  });
});
