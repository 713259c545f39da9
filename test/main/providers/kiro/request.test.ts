// Canonical requests in Kiro's words: what users of other gateways complained about most, each by its name, and every rule
// of the conversation by example.
import { describe, expect, it } from 'vitest';
import type {
  ConversationRequest,
  JsonObject,
  Message,
  ToolCallPart,
} from '../../../../main/canonical/conversation.ts';
import { EMULATED_REASONING } from '../../../../main/providers/kiro/reasoning.ts';
import { type KiroRequestOptions, writeKiroRequest } from '../../../../main/providers/kiro/request.ts';
import { createTruncationMemory } from '../../../../main/providers/kiro/truncation.ts';
import { findFlavour } from '../../../support/kiro-flavours.ts';
import { findBrokenRules } from '../../../support/kiro-rules.ts';

const PNG = 'iVBORw0KGgoAAAA=';
const user = (...texts: string[]): Message => ({ role: 'user', parts: texts.map((text) => ({ type: 'text', text })) });
const system = (text: string): Message => ({ role: 'system', parts: [{ type: 'text', text }] });
const call = (id: string, name = 'read', text = '{"a":1}'): ToolCallPart => ({
  type: 'tool-call',
  id,
  name,
  arguments: text,
});
const assistant = (...parts: (string | ToolCallPart)[]): Message => ({
  role: 'assistant',
  parts: parts.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part)),
});
const result = (toolCallId: string, text = 'done'): Message => ({
  role: 'tool',
  parts: [{ type: 'tool-result', toolCallId, parts: [{ type: 'text', text }] }],
});

function write(messages: readonly Message[], given: Partial<KiroRequestOptions & ConversationRequest> = {}) {
  const { tools, toolChoice, reasoning, maxOutputTokens, metadata, parallelToolCalls, ...options } = given;
  const request = {
    model: 'claude-x',
    messages,
    tools,
    toolChoice,
    reasoning,
    maxOutputTokens,
    metadata,
    parallelToolCalls,
  };
  const notes: string[] = [];
  const written = writeKiroRequest(request, {
    flavour: findFlavour('ide'),
    cachePoints: false,
    conversationId: '3f0c5a3e-0b1f-4c3e-9a55-0d6d7f1a2b3c',
    ...options,
    note: (text) => notes.push(text),
  });
  expect(findBrokenRules(written.text)).toEqual([]);
  const { history = [], currentMessage } = written.body.conversationState;
  return { ...written, notes, history, current: currentMessage.userInputMessage };
}

/** The turns in short: who, what, and the ids of calls and results. */
function outline({ history, current }: ReturnType<typeof write>): string[] {
  return [...history, { userInputMessage: current }].map((entry) => {
    if ('assistantResponseMessage' in entry) {
      const { content, toolUses = [] } = entry.assistantResponseMessage;
      return ['model', JSON.stringify(content), ...toolUses.map(({ toolUseId }) => `calls ${toolUseId}`)].join(' ');
    }
    const { content, userInputMessageContext: context, images = [] } = entry.userInputMessage;
    const results = context?.toolResults ?? [];
    const said = results.map(({ toolUseId, status, content: [text] }) => `${toolUseId} ${status} ${text?.text}`);
    return ['user', JSON.stringify(content), ...said, ...images.map(({ format }) => format)].join(' | ');
  });
}

describe('what users complained about most', () => {
  it('1: system messages inside the conversation, which Claude Code sends, go ahead of it', () => {
    const written = write([
      system('Be brief.'),
      user('Hi'),
      assistant('Hello'),
      system('Now in French.'),
      user('And?'),
    ]);
    expect(outline(written)).toEqual([
      'user | "Be brief.\n\nNow in French.\n\nHi"'.replaceAll('\n', '\\n'),
      'model "Hello"',
      'user | "And?"',
    ]);
    expect(written.notes).toEqual([
      'A system message inside the conversation was moved to its beginning: Kiro takes none there.',
    ]);
  });

  it('2: nothing is improperly formed: roles, orphans, answers that are missing, told late or twice', () => {
    const written = write([
      assistant('I begin'),
      assistant(call('a'), call('b')),
      user('while it works'),
      assistant('still'),
      result('a', 'late'),
      result('a', 'again'),
      result('zzz', 'of nobody'),
      user('x'),
      user('y'),
      assistant(call('c'), 'last words'),
    ]);
    expect(outline(written)).toMatchInlineSnapshot(`
      [
        "user | "The conversation begins here."",
        "model "I begin" calls a calls b",
        "user | "while it works" | a success late | b error This tool call was not carried out.",
        "model "still"",
        "user | "[Result of an earlier tool call (a)]\\nagain\\n[Result of an earlier tool call (zzz)]\\nof nobody\\nx\\ny"",
        "model "last words" calls c",
        "user | "Please go on." | c error This tool call was not carried out.",
      ]
    `);
    expect(written.notes).toMatchInlineSnapshot(`
      [
        "A tool result was moved up to its call: Kiro takes it only right after.",
        "A tool result was passed on as text: its call has a result already.",
        "A tool result was passed on as text: no call for it comes before it.",
        "The conversation begins with an answer; a neutral question was put before it.",
        "The conversation ends with an answer; the model was asked to go on.",
        "A tool call that the conversation never answers got a result that says so: Kiro takes none without one.",
      ]
    `);
  });

  it('6: the model is told once that its call was cut', () => {
    const truncations = createTruncationMemory();
    truncations.addCall('a');
    truncations.addText('Once upon');
    const messages = [
      user('Go'),
      assistant('Once upon'),
      user('?'),
      assistant(call('a')),
      result('a', 'bad arguments'),
    ];
    const first = write(messages, { truncations });
    expect(first.text).toContain('[API Limitation] This call was cut off');
    expect(first.text).toContain('[System Notice] Your last answer was cut off');
    expect(first.text).toContain('## Marks of this system');
    // Until the upstream has begun to answer it may have to be told again, elsewhere.
    expect(write(messages, { truncations }).text).toBe(first.text);
    first.settle();
    expect(write(messages, { truncations }).text).not.toMatch(/API Limitation|System Notice/);
  });

  it("7: thinking goes into the fields that the model's own schema names", () => {
    const claude = {
      properties: {
        thinking: { properties: { type: { enum: ['adaptive', 'disabled'] }, display: { enum: ['summarized'] } } },
        output_config: { properties: { effort: { enum: ['low', 'medium', 'high', 'max'] } } },
      },
    };
    const gpt = { properties: { reasoning: { properties: { effort: { enum: ['none', 'low', 'high'] } } } } };
    const fields = (reasoning: ConversationRequest['reasoning'], fieldsSchema: KiroRequestOptions['fieldsSchema']) =>
      write([user('Hi')], { reasoning, fieldsSchema }).body.additionalModelRequestFields;
    const thinking = { type: 'adaptive', display: 'summarized' };
    expect(fields({ effort: 'high' }, claude)).toEqual({ thinking, output_config: { effort: 'high' } });
    expect(fields({ effort: 'xhigh' }, claude)).toEqual({ thinking, output_config: { effort: 'high' } });
    expect(fields({ effort: 'minimal' }, claude)).toEqual({ thinking, output_config: { effort: 'low' } });
    expect(fields({ enabled: false }, claude)).toEqual({ thinking: { type: 'disabled' } });
    expect(fields({ effort: 'medium' }, gpt)).toEqual({ reasoning: { effort: 'low' } });
    expect(fields({ effort: 'none' }, gpt)).toEqual({ reasoning: { effort: 'none' } });
    expect(fields(undefined, claude)).toBeUndefined();
    expect(fields({ effort: 'high' }, undefined)).toBeUndefined();
  });

  it('7: a model without such fields is asked in words, within the budget and never beside results', () => {
    const budget = (reasoning: ConversationRequest['reasoning'], maxOutputTokens?: number) => {
      const written = write([user('Hi')], { reasoning, maxOutputTokens, emulatedReasoning: EMULATED_REASONING });
      return /<max_thinking_length>(\d+)</.exec(written.text)?.[1];
    };
    expect(budget({ enabled: true })).toBe('4000');
    expect(budget({ enabled: true, budgetTokens: 2_000 })).toBe('2000');
    expect(budget({ enabled: true, budgetTokens: 64_000 })).toBe('10000');
    expect(budget({ effort: 'medium' }, 8_000)).toBe('4000');
    expect(budget({ effort: 'low' })).toBe('819');
    expect(budget({ effort: 'none' })).toBeUndefined();
    expect(budget(undefined)).toBeUndefined();
    const messages = [system('S'), user('Hi'), assistant(call('a')), result('a')];
    const options = { reasoning: { enabled: true }, emulatedReasoning: EMULATED_REASONING };
    const afterCall = write(messages, options);
    expect(afterCall.current.content).toBe('The results of the tool calls are attached.');
    expect(afterCall.emulatesReasoning).toBe(true);
    const { current } = write([system('S'), user('Hi')], options);
    expect(current.content).toMatch(
      /^S\n\n## Thinking[\s\S]*\n\n<thinking_mode>enabled<\/thinking_mode>\n<max.*\n<thinking_instruction>.*\n\nHi$/,
    );
  });

  it('2: pictures that are too large are named as what has to be smaller', () => {
    const image = { type: 'image', source: { type: 'base64', data: `iVBORw0KGgo${'A'.repeat(700_000)}` } } as const;
    expect(() => write([{ role: 'user', parts: [image] }])).toThrow(
      /Most of it are pictures \(700,011 bytes\): make them smaller/,
    );
  });

  it('2: a request that is too large is refused with words, a number and the code that makes agents shorten it', () => {
    const size = { mostBytes: 1_000, trim: false };
    expect(() => write([user('x'.repeat(2_000))], { size })).toThrow(
      expect.objectContaining({
        kind: 'invalid-request',
        code: 'context_length_exceeded',
        message: expect.stringMatching(/^Prompt is too long: 2,\d{3} bytes > 1,000 maximum/),
      }),
    );
  });
});

describe('the conversation', () => {
  it('keeps calls and results of one turn together, in the order of the calls', () => {
    const written = write([user('Hi'), assistant('Look', call('a'), call('b')), result('b', 'B'), result('a', 'A')]);
    expect(outline(written)).toEqual([
      'user | "Hi"',
      'model "Look" calls a calls b',
      'user | "The results of the tool calls are attached." | a success A | b success B',
    ]);
    expect(written.notes).toEqual([]);
  });

  it('keeps each round of calls a turn of its own', () => {
    const rounds = [user('Hi'), assistant(call('a')), result('a'), assistant(call('b')), result('b'), user('So?')];
    expect(outline(write(rounds))).toEqual([
      'user | "Hi"',
      'model " " calls a',
      'user | "The results of the tool calls are attached." | a success done',
      'model " " calls b',
      'user | "So?" | b success done',
    ]);
  });

  it('joins neighbours of one side with their pictures, and says which results failed', () => {
    const image = { type: 'image', mediaType: 'image/jpg', source: { type: 'base64', data: PNG } } as const;
    const failed: Message = {
      role: 'tool',
      parts: [{ type: 'tool-result', toolCallId: 'a', parts: [image], isError: true }],
    };
    const written = write([{ role: 'user', parts: [image] }, user('two'), assistant(call('a')), failed]);
    expect(outline(written)).toEqual([
      'user | "two" | png',
      'model " " calls a',
      'user | "The results of the tool calls are attached." | a error The picture is attached to this message. | png',
    ]);
  });

  it('names in their place what it cannot carry', () => {
    const { current, notes } = write([
      {
        role: 'user',
        parts: [
          { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
          { type: 'image', mediaType: 'image/tiff', source: { type: 'base64', data: 'SUkq' } },
          { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', source: { type: 'base64', data: 'JVBERi0=' } },
          { type: 'file', mediaType: 'text/plain', name: 'a.txt', source: { type: 'base64', data: 'SGk=' } },
        ],
      },
    ]);
    expect(current.content.split('\n')).toEqual([
      '[A picture could not be passed on: https://example.com/a.png]',
      '[A picture could not be passed on: image/tiff]',
      '[A file could not be passed on: a.pdf (application/pdf)]',
      'a.txt:',
      'Hi',
    ]);
    expect(notes).toHaveLength(3);
  });

  it('says something where it says nothing', () => {
    expect(outline(write([]))).toEqual(['user | "Please go on."']);
    expect(outline(write([system('S')]))).toEqual(['user | "S\\n\\nPlease go on."']);
    expect(outline(write([user(''), assistant(''), user(' ')]))).toEqual(['user | " Please go on."']);
    expect(outline(write([user('Hi'), assistant(' ')]))).toEqual([
      'user | "Hi"',
      'model " No answer came."',
      'user | "Please go on."',
    ]);
  });

  it('leaves out its oldest turns where that is allowed, and never parts a call from its result', () => {
    const old = Array.from({ length: 20 }, (_, at) => [
      assistant(`step ${at}`, call(`c${at}`)),
      result(`c${at}`, 'x'.repeat(200)),
    ]).flat();
    const written = write([system('S'), user('Do it'), ...old], { size: { mostBytes: 4_000, trim: true } });
    const lines = outline(written);
    expect(lines[0]).toBe('user | "S\\n\\nThe earlier part of this conversation was left out."');
    expect(lines[1]).toMatch(/^model "step 1\d" calls/);
    expect(lines.length).toBeGreaterThan(5);
    expect(written.notes).toEqual([expect.stringMatching(/^The \d+ oldest turns were left out: \d+ bytes are more/)]);
  });

  it('is left with its question alone where nothing else fits', () => {
    const messages = [user('Hi'), assistant('x'.repeat(3_000)), user('And?')];
    expect(outline(write(messages, { size: { mostBytes: 1_500, trim: true } }))).toEqual([
      'user | "The earlier part of this conversation was left out.\\nAnd?"',
    ]);
    const answering = [user('Hi'), assistant('x'.repeat(3_000), call('a')), result('a')];
    expect(() => write(answering, { size: { mostBytes: 1_500, trim: true } })).toThrow(/^Prompt is too long/);
  });

  it('goes back with its own signed thinking only where the model thinks by itself', () => {
    const thought: Message = {
      role: 'assistant',
      parts: [
        { type: 'reasoning', text: 'hm', metadata: { anthropic: { signature: 'c2ln' } } },
        { type: 'text', text: 'Yes' },
      ],
    };
    const messages = [user('Hi'), thought, user('Go on')];
    const fieldsSchema = { properties: { thinking: {} } };
    expect(write(messages, { fieldsSchema }).history[1]).toEqual({
      assistantResponseMessage: {
        content: 'Yes',
        reasoningContent: { reasoningText: { text: 'hm', signature: 'c2ln' } },
      },
    });
    const left = { assistantResponseMessage: { content: 'Yes' } };
    expect(write(messages).history[1]).toEqual(left);
    expect(write(messages, { fieldsSchema, withoutSignatures: true }).history[1]).toEqual(left);
  });
});

describe('the tools', () => {
  it('have names of the right form, which lead back, and the same ones each time', () => {
    const long = `mcp__server__${'very_'.repeat(20)}long`;
    const tools = [{ name: 'a.b' }, { name: 'a_b' }, { name: long }];
    const { names, tools: offered } = write([user('Hi')], { tools });
    const written = offered.map(({ toolSpecification: { name } }) => name);
    expect(written[0]).toBe('a_b');
    expect(written[1]).toMatch(/^a_b_[0-9a-f]{8}$/);
    expect(written[2]).toMatch(/^mcp__server__very_.{0,60}_[0-9a-f]{8}$/);
    expect(written[2]).toHaveLength(64);
    expect(written.map((name) => names.read(name))).toEqual(['a.b', 'a_b', long]);
    expect(names.read('A_B')).toBe('a.b');
  });

  it('of the history stand there as well, where they are not offered any more', () => {
    const messages = [user('Hi'), assistant(call('a', 'Read')), result('a')];
    const names = (given: Partial<ConversationRequest>) =>
      write(messages, given).tools.map(({ toolSpecification: { name } }) => name);
    expect(names({})).toEqual(['Read']);
    expect(names({ tools: [{ name: 'write' }] })).toEqual(['write', 'Read']);
    expect(names({ tools: [{ name: 'read' }] })).toEqual(['read']);
    const none = write(messages, { tools: [{ name: 'write' }], toolChoice: { type: 'none' } });
    expect(none.tools.map(({ toolSpecification: { name } }) => name)).toEqual(['Read']);
    expect(none.current.content).toMatch(/\n\nAnswer in words only/);
  });

  it('are demanded in words, as there is no field for it', () => {
    const tools = [{ name: 'a.b' }];
    const forced = write([user('Hi')], { tools, toolChoice: { type: 'tool', name: 'a.b' }, parallelToolCalls: false });
    expect(forced.current.content).toBe('Hi\n\nAnswer with a call of the tool a_b.');
    expect(forced.notes).toEqual([
      'The wish for at most one tool call at a time was left out: Kiro has no field for it.',
      'Kiro has no field that demands a tool call; the model was asked for one in words.',
    ]);
    const { tools: none } = write([user('Hi')], { tools, toolChoice: { type: 'none' } });
    expect(none).toEqual([]);
    expect(() => write([user('Hi')], { toolChoice: { type: 'required' } })).toThrow(/none is offered/);
  });

  it('with much to say say it in the system prompt', () => {
    const description = 'Says much. '.repeat(1_000);
    const { current, tools } = write([system('S'), user('Hi')], { tools: [{ name: 'a.b', description }] });
    expect(current.content).toBe(`S\n\n## Tool: a_b\n\n${description}\n\nHi`);
    expect(tools[0]?.toolSpecification.description).toBe(
      'Its full description stands in the system prompt under "## Tool: a_b".',
    );
  });

  it('have schemas without what the upstream refuses, and with every name that only looks like it', () => {
    const parameters = {
      $schema: 'x',
      additionalProperties: false,
      properties: {
        pattern: { type: 'string', pattern: '^a', minLength: 1, 'x-own': 1 },
        required: { type: 'array', items: { type: 'object', properties: { format: { format: 'uri' } }, required: [] } },
      },
      required: ['pattern', 'pattern'],
      $defs: { minimum: { minimum: 1, enum: [1] } },
      allOf: [{ properties: { more: {} }, required: ['more'] }],
      anyOf: [{ $ref: '#/$defs/choice' }, { properties: { b: {} }, required: ['b'] }],
    };
    const { tools, notes } = write([user('Hi')], {
      tools: [{ name: 'a', parameters: parameters as unknown as JsonObject }],
    });
    expect(tools[0]?.toolSpecification.inputSchema.json).toEqual({
      type: 'object',
      properties: {
        pattern: { type: 'string' },
        required: { type: 'array', items: { type: 'object', properties: { format: {} } } },
        more: {},
        b: {},
      },
      required: ['pattern', 'more'],
      $defs: { minimum: { enum: [1] } },
    });
    expect(notes).toEqual([
      "Left out of the tools' schemas, as Kiro refuses it there: anyOf, pattern, minLength, x-own, format, minimum.",
    ]);
  });

  it('follow a root that points to a definition, also to itself', () => {
    const schemaOf = (parameters: NonNullable<ConversationRequest['tools']>[number]['parameters']) =>
      write([user('Hi')], { tools: [{ name: 'a', parameters }] }).tools[0]?.toolSpecification.inputSchema.json;
    const $defs = { A: { type: 'object', properties: { a: { $ref: '#/$defs/A' } } } };
    expect(schemaOf({ $ref: '#/$defs/A', $defs })).toEqual({
      type: 'object',
      properties: { a: { $ref: '#/$defs/A' } },
      $defs,
    });
    const loop = { $ref: '#/$defs/B', $defs: { B: { anyOf: [{ $ref: '#/$defs/B' }] } } };
    expect(schemaOf(loop)).toMatchObject({ type: 'object', properties: {} });
  });
});

describe('the body', () => {
  it('is that of one program or the other, never a mixture', () => {
    const messages = [user('Hi'), assistant('Hello'), user('And?')];
    const profileArn = 'arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE';
    expect(write(messages, { profileArn, cachePoints: true }).body).toMatchInlineSnapshot(`
      {
        "conversationState": {
          "chatTriggerType": "MANUAL",
          "conversationId": "3f0c5a3e-0b1f-4c3e-9a55-0d6d7f1a2b3c",
          "currentMessage": {
            "userInputMessage": {
              "content": "And?",
              "modelId": "claude-x",
              "origin": "AI_EDITOR",
            },
          },
          "history": [
            {
              "userInputMessage": {
                "cachePoint": {
                  "type": "default",
                },
                "content": "Hi",
                "modelId": "claude-x",
                "origin": "AI_EDITOR",
              },
            },
            {
              "assistantResponseMessage": {
                "cachePoint": {
                  "type": "default",
                },
                "content": "Hello",
              },
            },
          ],
        },
        "profileArn": "arn:aws:codewhisperer:us-east-1:111122223333:profile/EXAMPLE",
      }
    `);
    expect(write(messages, { flavour: findFlavour('cli') }).body).toMatchInlineSnapshot(`
      {
        "conversationState": {
          "agentTaskType": "vibe",
          "chatTriggerType": "MANUAL",
          "conversationId": "3f0c5a3e-0b1f-4c3e-9a55-0d6d7f1a2b3c",
          "currentMessage": {
            "userInputMessage": {
              "content": "And?",
              "modelId": "claude-x",
              "origin": "KIRO_CLI",
            },
          },
          "history": [
            {
              "userInputMessage": {
                "content": "Hi",
                "origin": "KIRO_CLI",
              },
            },
            {
              "assistantResponseMessage": {
                "content": "Hello",
              },
            },
          ],
        },
      }
    `);
  });

  it('names a conversation by how it begins, so that a cache can find it again', () => {
    const id = (messages: readonly Message[], account?: string) =>
      write(messages, { conversationId: undefined, account }).body.conversationState.conversationId;
    const begin = [system('S'), user('Hi')];
    expect(id([...begin, assistant('Hello'), user('And?')])).toBe(id(begin));
    expect(id(begin, 'other')).not.toBe(id(begin));
    expect(id([system('S'), user('Ho')])).not.toBe(id(begin));
  });

  it('tells of every field that it has no place for', () => {
    const { notes } = write([user('Hi')], {
      maxOutputTokens: 100,
      metadata: {
        anthropic: { fields: { top_k: 3 }, upstreamTools: [{ type: 'web_search_20250305', name: 'web_search' }] },
      },
    });
    expect(notes).toEqual([
      'Left out, as Kiro has no field for it: max_tokens, top_k.',
      'Tools that only Anthropic runs were left out: web_search.',
    ]);
  });
});
