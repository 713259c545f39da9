// What Google's clients send, read into the canonical request; the usual ways are tested through the whole house.
import { expect, it } from 'vitest';
import { readCountRequest, readGenerateRequest } from '../../../../main/protocols/gemini/request.ts';
import { writeSignature } from '../../../../main/protocols/gemini/signature.ts';

const hi = { role: 'user', parts: [{ text: 'Hi' }] };
const ask = (body: object) => readGenerateRequest({ contents: [hi], ...body }, 'm');
const read = (...contents: readonly object[]) => readGenerateRequest({ contents }, 'm');
const model = (...parts: readonly object[]) => ({ role: 'model', parts });
const user = (...parts: readonly object[]) => ({ role: 'user', parts });
const call = (name: string, extra: object = {}) => ({ functionCall: { name, args: { n: name }, ...extra } });
const result = (name: string, response: unknown = { output: name }, extra: object = {}) => ({
  functionResponse: { name, response, ...extra },
});

/** The ids that the calls and the results of a conversation have in the end. */
function readIds(...contents: readonly object[]): string[] {
  return read(...contents).conversation.messages.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      if (part.type === 'tool-call') return [`call ${part.name} ${part.id}`];
      return part.type === 'tool-result' ? [`result ${part.name} ${part.toolCallId}`] : [];
    }),
  );
}

it('takes the model from the path, with its slashes, and the settings from the body', () => {
  const body = {
    contents: [{ parts: [{ text: 'Hi' }] }],
    systemInstruction: { parts: [{ text: 'Be brief.' }, { text: 'Be kind.' }] },
    generationConfig: {
      temperature: 0,
      topP: 0.5,
      topK: 3,
      maxOutputTokens: 50,
      stopSequences: ['END'],
      seed: 7,
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      thinkingConfig: { includeThoughts: true, thinkingBudget: 1024 },
      candidateCount: 2,
    },
    safetySettings: [],
    labels: { a: 'b' },
  };
  expect(readGenerateRequest(body, 'models/stub/name')).toMatchInlineSnapshot(`
    {
      "conversation": {
        "frequencyPenalty": 0.2,
        "maxOutputTokens": 50,
        "messages": [
          {
            "parts": [
              {
                "text": "Be brief.",
                "type": "text",
              },
              {
                "text": "Be kind.",
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
        ],
        "metadata": {
          "gemini": {
            "generationConfig": {
              "topK": 3,
            },
            "told": {
              "labels": {
                "a": "b",
              },
              "safetySettings": [],
            },
          },
        },
        "model": "stub/name",
        "presencePenalty": 0.1,
        "reasoning": {
          "budgetTokens": 1024,
          "enabled": true,
        },
        "responseFormat": undefined,
        "seed": 7,
        "stop": [
          "END",
        ],
        "temperature": 0,
        "topP": 0.5,
      },
      "includeThoughts": true,
      "notes": [
        "More than one candidate was asked for; there is only ever one.",
        "Left out, as only Google's models know them: topK, safetySettings, labels.",
      ],
    }
  `);
});

it('reads the same from names in either spelling', () => {
  const camel = {
    contents: [
      user({ inlineData: { mimeType: 'image/png', data: 'iVBO' } }),
      model({ functionCall: { name: 'f', args: { snake_case: 1 } } }),
      user({ functionResponse: { name: 'f', response: { out_put: 1 } } }),
    ],
    systemInstruction: { parts: [{ text: 'x' }] },
    generationConfig: {
      maxOutputTokens: 5,
      responseMimeType: 'application/json',
      thinkingConfig: { thinkingBudget: 0 },
    },
    tools: [
      {
        functionDeclarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: { a_b: { type: 'STRING' } } } }],
      },
    ],
    toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['f'] } },
  };
  const snake = {
    contents: [
      user({ inline_data: { mime_type: 'image/png', data: 'iVBO' } }),
      model({ function_call: { name: 'f', args: { snake_case: 1 } } }),
      user({ function_response: { name: 'f', response: { out_put: 1 } } }),
    ],
    system_instruction: { parts: [{ text: 'x' }] },
    generation_config: {
      max_output_tokens: 5,
      response_mime_type: 'application/json',
      thinking_config: { thinking_budget: 0 },
    },
    tools: [
      {
        function_declarations: [{ name: 'f', parameters: { type: 'OBJECT', properties: { a_b: { type: 'STRING' } } } }],
      },
    ],
    tool_config: { function_calling_config: { mode: 'ANY', allowed_function_names: ['f'] } },
  };
  const expected = readGenerateRequest(camel, 'm');
  expect(readGenerateRequest(snake, 'm')).toEqual(expected);
  expect(expected.conversation).toMatchObject({
    maxOutputTokens: 5,
    responseFormat: { type: 'json' },
    reasoning: { enabled: false },
    toolChoice: { type: 'tool', name: 'f' },
    tools: [{ name: 'f', parameters: { type: 'object', properties: { a_b: { type: 'string' } } } }],
  });
  expect(JSON.stringify(expected.conversation.messages)).toContain('snake_case');
  expect(JSON.stringify(expected.conversation.messages)).toContain('out_put');
});

it('matches results to calls by name and order, over several turns', () => {
  const ids = readIds(
    model(call('f'), call('g'), call('f')),
    user(result('g'), result('f'), result('f')),
    model(call('g')),
    { role: 'function', parts: [result('g')] },
  );
  expect(ids).toEqual([
    'call f call_0',
    'call g call_1',
    'call f call_2',
    'result g call_1',
    'result f call_0',
    'result f call_2',
    'call g call_3',
    'result g call_3',
  ]);
});

it('keeps the ids that it is given, without the name that the Gemini CLI puts before them', () => {
  const ids = readIds(
    model(call('f', { id: 'x' }), call('f', { id: 'f__toolu_1' }), call('f', { id: 'f__' })),
    user(result('f', {}, { id: 'f__toolu_1' }), result('f', {}, { id: 'f__' }), result('f')),
  );
  expect(ids).toEqual(['call f x', 'call f toolu_1', 'call f f__', 'result f toolu_1', 'result f f__', 'result f x']);
});

it.each([
  [{ output: 'text' }, [{ type: 'text', text: 'text' }], undefined],
  [{ result: 'text' }, [{ type: 'text', text: 'text' }], undefined],
  [{ error: 'It broke' }, [{ type: 'text', text: 'It broke' }], true],
  [{ error: { code: 7 } }, [{ type: 'text', text: '{"error":{"code":7}}' }], true],
  [{ city: 'Oslo' }, [{ type: 'text', text: '{"city":"Oslo"}' }], undefined],
  [{ output: 'x', more: 1 }, [{ type: 'text', text: '{"output":"x","more":1}' }], undefined],
  [{}, [{ type: 'text', text: '{}' }], undefined],
])('reads the result %j', (response, parts, isError) => {
  const [, message] = read(model(call('f')), user(result('f', response))).conversation.messages;
  expect(message).toEqual({
    role: 'tool',
    parts: [{ type: 'tool-result', toolCallId: 'call_0', name: 'f', parts, ...(isError && { isError }) }],
  });
});

it('puts results before what else the turn says, and shows their pictures with them', () => {
  const picture = { inlineData: { mimeType: 'image/png', data: 'ab-_' } };
  const { messages } = read(
    model(call('f'), call('g')),
    user(result('f', {}, { parts: [picture] }), picture, { text: 'See?' }, result('g')),
  ).conversation;
  const image = { type: 'image', source: { type: 'base64', data: 'ab+/' }, mediaType: 'image/png' };
  expect(messages.slice(1)).toEqual([
    {
      role: 'tool',
      parts: [
        { type: 'tool-result', toolCallId: 'call_0', name: 'f', parts: [image] },
        { type: 'tool-result', toolCallId: 'call_1', name: 'g', parts: [{ type: 'text', text: 'g' }] },
      ],
    },
    { role: 'user', parts: [image, { type: 'text', text: 'See?' }] },
  ]);
});

it('reads files by what they are', () => {
  const [message] = read(
    user(
      { inlineData: { mimeType: 'application/pdf', data: 'JVBE', displayName: 'a.pdf' } },
      { fileData: { mimeType: 'image/webp', fileUri: 'https://x/y' } },
      { fileData: { fileUri: 'gs://x/y' } },
    ),
  ).conversation.messages;
  expect(message?.parts).toEqual([
    { type: 'file', source: { type: 'base64', data: 'JVBE' }, mediaType: 'application/pdf', name: 'a.pdf' },
    { type: 'image', source: { type: 'url', url: 'https://x/y' }, mediaType: 'image/webp' },
    { type: 'file', source: { type: 'url', url: 'gs://x/y' } },
  ]);
});

it("passes on as text what only Google's own tools make, and says so once for each kind", () => {
  const { conversation, notes } = read(
    user({ text: 'Go' }),
    model(
      { executableCode: { language: 'PYTHON', code: 'print(1)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '1' } },
      { executableCode: { code: '2' } },
      { novelty: { x: 1 } },
      {},
    ),
  );
  const { parts = [] } = conversation.messages[1] ?? {};
  expect(parts.map((part) => part.type === 'text' && part.text)).toEqual([
    '```python\nprint(1)\n```',
    '[OUTCOME_OK] 1',
    '```\n2\n```',
    '{"novelty":{"x":1}}',
  ]);
  expect(notes).toEqual([
    "Parts that only Google's models make were passed on as text: executableCode.",
    "Parts that only Google's models make were passed on as text: codeExecutionResult.",
    "Parts that only Google's models make were passed on as text: novelty.",
  ]);
});

const signed = { type: 'reasoning', text: 'Two cities.', metadata: { anthropic: { signature: 'sig' } } } as const;
const redacted = { type: 'reasoning', text: '', metadata: { anthropic: { redacted: 'xyz' } } } as const;
const plain = { type: 'reasoning', text: 'Hm.' } as const;

it.each([
  ['the thoughts thrown away', []],
  [
    'the thoughts kept, in pieces',
    [
      { text: 'Two ', thought: true },
      { text: 'cities.', thought: true },
    ],
  ],
])('restores thoughts with their signatures: %s', (_name, kept) => {
  const thoughtSignature = writeSignature([signed, redacted]);
  const { conversation, notes } = read(model(...kept, { ...call('f'), thoughtSignature }, call('g')));
  expect(conversation.messages).toEqual([
    {
      role: 'assistant',
      parts: [
        signed,
        redacted,
        { type: 'tool-call', id: 'call_0', name: 'f', arguments: '{"n":"f"}' },
        { type: 'tool-call', id: 'call_1', name: 'g', arguments: '{"n":"g"}' },
      ],
    },
  ]);
  expect(notes).toEqual([]);
});

it('takes a signature from clients that write base64 in the other alphabet', () => {
  const thoughtSignature = writeSignature([{ ...signed, text: 'ÿþ>>>???' }])
    ?.replaceAll('+', '-')
    .replaceAll('/', '_');
  const [message] = read(model({ text: '', thoughtSignature })).conversation.messages;
  expect(message?.parts).toEqual([{ ...signed, text: 'ÿþ>>>???' }]);
});

it('joins the pieces of a streamed turn, in which a signature may stand alone', () => {
  const { messages } = read(
    model({ text: 'Hm.', thought: true }),
    model({ text: 'Hel', thoughtSignature: writeSignature([plain]) }),
    model({ text: 'lo' }),
    model(call('f')),
    model({ text: '', thoughtSignature: writeSignature([redacted]) }),
  ).conversation;
  expect(messages).toEqual([
    {
      role: 'assistant',
      parts: [
        plain,
        { type: 'text', text: 'Hello' },
        { type: 'tool-call', id: 'call_0', name: 'f', arguments: '{"n":"f"}' },
        redacted,
      ],
    },
  ]);
});

it('keeps thoughts that nobody signed as one part, and texts of one piece apart', () => {
  const [message] = read(
    model({ text: 'H', thought: true }, { text: 'm.', thought: true }, { text: 'a' }, { text: 'b' }),
  ).conversation.messages;
  expect(message?.parts).toEqual([plain, { type: 'text', text: 'a' }, { type: 'text', text: 'b' }]);
});

it('leaves out turns of the model in which nothing was said', () => {
  const { messages } = read(user({ text: 'Hi' }), model(), model({ text: '' }), user({ text: 'Hello?' })).conversation;
  expect(messages.map(({ role }) => role)).toEqual(['user', 'user']);
});

it('drops signatures of others with one note, and without one where they say themselves that they are none', () => {
  const foreign = { thoughtSignature: 'EjQKMgEMOdbHabc=' };
  const none = { thoughtSignature: 'skip_thought_signature_validator' };
  expect(read(model({ ...call('f'), ...foreign }, { ...call('g'), ...foreign })).notes).toEqual([
    'A thought signature of another service was left out: it means nothing here.',
  ]);
  const { conversation, notes } = read(model({ ...call('f'), ...none }));
  expect([conversation.messages[0]?.parts.length, notes]).toEqual([1, []]);
});

it.each([
  [{ responseMimeType: 'text/plain' }, undefined],
  [{ responseMimeType: 'application/json' }, { type: 'json' }],
  [
    { responseMimeType: 'application/json', responseSchema: { type: 'STRING' } },
    { type: 'json-schema', name: 'answer', schema: { type: 'string' } },
  ],
  [
    { responseMimeType: 'application/json', responseJsonSchema: { type: 'string', nullable: true } },
    { type: 'json-schema', name: 'answer', schema: { type: 'string', nullable: true } },
  ],
])('reads the form %j', (generationConfig, responseFormat) => {
  const { conversation, notes } = ask({ generationConfig });
  expect([conversation.responseFormat, notes]).toEqual([responseFormat, []]);
});

it.each([
  [{}, undefined],
  [{ includeThoughts: true }, undefined],
  [{ thinkingBudget: 0 }, { enabled: false }],
  [{ thinkingBudget: -1 }, { enabled: true }],
  [{ thinkingBudget: 512 }, { enabled: true, budgetTokens: 512 }],
  [{ thinkingLevel: 'LOW' }, { enabled: true, effort: 'low' }],
  [{ thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' }, undefined],
])('reads how much to think: %j', (thinkingConfig, reasoning) => {
  expect(ask({ generationConfig: { thinkingConfig } }).conversation.reasoning).toEqual(reasoning);
});

it('notes forms of answers that only Google has, but no text that was asked for as such', () => {
  const config = (generationConfig: object) => ask({ generationConfig }).notes;
  expect(config({ responseModalities: ['TEXT'] })).toEqual([]);
  expect(config({ responseModalities: ['TEXT', 'IMAGE'] })).toEqual([
    "Left out, as only Google's models know them: responseModalities.",
  ]);
  expect(config({ responseMimeType: 'text/x.enum' })).toEqual([
    "The answer was asked for as text/x.enum, which only Google's models know.",
  ]);
});

it('counts the contents alone, or a whole request', () => {
  const contents = [hi];
  const { messages } = readCountRequest({ contents }, 'm');
  const whole = {
    generateContentRequest: { model: 'models/m', contents, systemInstruction: { parts: [{ text: 'x' }] } },
  };
  expect(readCountRequest(whole, 'm').messages).toEqual([
    { role: 'system', parts: [{ type: 'text', text: 'x' }] },
    ...messages,
  ]);
});

it.each([
  [{ contents: undefined }, 'contents must be a list'],
  [{ contents: [] }, 'contents must hold at least one content'],
  [{ contents: ['Hi'] }, 'contents[0] must be an object'],
  [{ contents: [{ role: 'king', parts: [] }] }, 'contents[0].role must be user or model'],
  [{ contents: [{ parts: 'Hi' }] }, 'contents[0].parts must be a list'],
  [{ contents: [{ parts: ['Hi'] }] }, 'contents[0].parts[0] must be an object'],
  [{ contents: [user({ inlineData: {} })] }, 'contents[0].parts[0].inlineData.data must be a text'],
  [{ contents: [user({ fileData: {} })] }, 'contents[0].parts[0].fileData.fileUri must be a text'],
  [{ contents: [model({ functionCall: {} })] }, 'contents[0].parts[0].functionCall.name must be a text'],
  [{ contents: [user({ functionResponse: {} })] }, 'contents[0].parts[0].functionResponse.name must be a text'],
  [{ tools: [{ functionDeclarations: [{}] }] }, 'tools[0].functionDeclarations[0].name must be a text'],
  [{ tools: [{ functionDeclarations: [{ name: 'f', parameters: 7 }] }] }, 'parameters must be an object'],
  [{ generationConfig: { temperature: 'hot' } }, 'generationConfig.temperature must be a number'],
  [{ generationConfig: { stopSequences: [1] } }, 'generationConfig.stopSequences[0] must be a text'],
  [{ generationConfig: { thinkingConfig: { thinkingLevel: 3 } } }, 'thinkingLevel must be a word'],
])('names the field that is wrong: %j', (body, words) => {
  expect(() => ask(body)).toThrow(words);
});
