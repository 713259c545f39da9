// What Google's clients say of their tools, read into the canonical request.
import { expect, it } from 'vitest';
import { readGenerateRequest } from '../../../../main/protocols/gemini/request.ts';

const ask = (body: object) => readGenerateRequest({ contents: [{ parts: [{ text: 'Hi' }] }], ...body }, 'm');

it("turns Google's schema into JSON Schema and leaves JSON Schema unharmed", () => {
  const parameters = {
    type: 'OBJECT',
    properties: {
      type: { type: 'STRING', format: 'enum', enum: ['a', 'b'], nullable: true },
      list: {
        type: 'ARRAY',
        minItems: '1',
        maxItems: '3',
        items: { type: 'INTEGER', format: 'int32', nullable: true },
      },
      either: { anyOf: [{ type: 'NUMBER', minimum: 0 }, { type: 'BOOLEAN' }], nullable: true },
      any: { type: 'TYPE_UNSPECIFIED', description: 'TEXT' },
    },
    required: ['type'],
    propertyOrdering: ['type', 'list'],
  };
  const parametersJsonSchema = {
    $schema: 'x',
    type: 'object',
    properties: { n: { type: 'integer', minimum: -9007199254740991, nullable: true, some_thing: 'KEPT' } },
    additionalProperties: false,
  };
  const functionDeclarations = [
    { name: 'f', description: 'F', parameters, response: { type: 'STRING' } },
    { name: 'g', parametersJsonSchema },
    { name: 'h' },
  ];
  expect(ask({ tools: [{ functionDeclarations }] }).conversation.tools).toEqual([
    {
      name: 'f',
      description: 'F',
      parameters: {
        type: 'object',
        properties: {
          type: { type: ['string', 'null'], format: 'enum', enum: ['a', 'b', null] },
          list: {
            type: 'array',
            minItems: 1,
            maxItems: 3,
            items: { type: ['integer', 'null'], format: 'int32' },
          },
          either: { anyOf: [{ type: 'number', minimum: 0 }, { type: 'boolean' }, { type: 'null' }] },
          any: { description: 'TEXT' },
        },
        required: ['type'],
        propertyOrdering: ['type', 'list'],
      },
      metadata: { gemini: { response: { type: 'STRING' } } },
    },
    { name: 'g', parameters: parametersJsonSchema },
    { name: 'h' },
  ]);
});

const tools = [{ functionDeclarations: [{ name: 'f' }, { name: 'g' }, { name: 'h' }] }];

it.each([
  [{ mode: 'AUTO' }, 3, { type: 'auto' }, 0],
  [{ mode: 'NONE' }, 3, { type: 'none' }, 0],
  [{ mode: 'ANY' }, 3, { type: 'required' }, 0],
  [{ mode: 'ANY', allowedFunctionNames: ['g'] }, 1, { type: 'tool', name: 'g' }, 1],
  [{ mode: 'ANY', allowedFunctionNames: ['g', 'h'] }, 2, { type: 'required' }, 1],
  [{ mode: 'VALIDATED' }, 3, { type: 'auto' }, 0],
  [{ mode: 'VALIDATED', allowedFunctionNames: ['g'] }, 1, { type: 'auto' }, 1],
  [{ mode: 'MODE_UNSPECIFIED' }, 3, undefined, 0],
  [{ mode: 'LATER' }, 3, undefined, 1],
  [{}, 3, undefined, 0],
])('reads the choice %j', (functionCallingConfig, count, toolChoice, notes) => {
  const request = ask({ tools, toolConfig: { functionCallingConfig } });
  expect(request.conversation.tools).toHaveLength(count);
  expect(request.conversation.toolChoice).toEqual(toolChoice);
  expect(request.notes).toHaveLength(notes);
});

it('notes the tools that only Google runs, and a choice that is left with nothing to choose', () => {
  const toolConfig = { functionCallingConfig: { mode: 'ANY' }, retrievalConfig: {} };
  const { conversation, notes } = ask({
    tools: [{ googleSearch: {} }, { codeExecution: {}, url_context: {} }],
    toolConfig,
  });
  expect([conversation.tools, conversation.toolChoice]).toEqual([undefined, undefined]);
  expect(notes).toEqual([
    'Tools that only Google runs were left out: googleSearch, codeExecution, urlContext.',
    'Settings of tools that only Google knows were left out: retrievalConfig.',
    'The choice of a tool was left out, as no tool is left to choose.',
  ]);
});
