// A tiny client of Google's Gemini API. It wants to see the model's thoughts, and asks for streams as event streams.
import type { Json, JsonObject } from '../../../main/canonical/conversation.ts';
import { writeSignature } from '../../../main/protocols/gemini/signature.ts';
import { type Asked, type Client, createHearing, type Face, type Heard, type Turn } from '../client.ts';

const client: Client = {
  route: '/v1beta/models/{name}:streamGenerateContent',
  write: (asked, { model, stream }) => ({
    path: `/v1beta/models/${model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: {
      ...(asked.system === undefined ? {} : { systemInstruction: { parts: [{ text: asked.system }] } }),
      contents: asked.turns.map(writeTurn),
      ...writeWishes(asked),
    },
  }),
  writeRich: () => ({
    systemInstruction: { parts: [{ text: '§system' }] },
    contents: [
      {
        role: 'user',
        parts: [
          { text: '§question' },
          { inlineData: { mimeType: 'image/png', data: 'UElD' } },
          { fileData: { mimeType: 'application/pdf', fileUri: 'https://files.test/§file' } },
        ],
      },
      {
        role: 'model',
        parts: [
          { text: '§thought', thought: true },
          { text: '§answer' },
          { functionCall: { id: 'call_1', name: 'look_up', args: { '§word': '§value', n: 1 } } },
        ],
      },
      {
        role: 'user',
        parts: [{ functionResponse: { id: 'call_1', name: 'look_up', response: { found: '§result' } } }],
      },
      { role: 'user', parts: [{ text: '§last' }] },
    ],
    tools: [
      {
        functionDeclarations: [
          {
            name: 'look_up',
            description: '§description',
            parameters: { type: 'OBJECT', properties: { word: { type: 'STRING', description: '§field' } } },
          },
        ],
      },
      { googleSearch: {} },
    ],
    toolConfig: { functionCallingConfig: { mode: 'AUTO' } },
    safetySettings: [{ category: '§category', threshold: '§threshold' }],
    cachedContent: '§cached',
    labels: { tag: '§tag' },
    generationConfig: {
      temperature: 0.5,
      topP: 0.9,
      topK: 4,
      seed: 7,
      maxOutputTokens: 100,
      stopSequences: ['§stop'],
      presencePenalty: 0.1,
      frequencyPenalty: 0.2,
      responseMimeType: 'application/json',
      responseSchema: { type: 'OBJECT', description: '§schema-text' },
      responseLogprobs: true,
      logprobs: 3,
      mediaResolution: '§resolution',
      speechConfig: { languageCode: '§language' },
      thinkingConfig: { includeThoughts: true, thinkingLevel: 'low' },
    },
  }),
  read: (answer, streamed) => readFrames(streamed ? splitFrames(answer) : [JSON.parse(answer)]),
};

function writeTurn(turn: Turn): JsonObject {
  switch (turn.role) {
    case 'user': {
      const image = turn.image && { inlineData: { mimeType: 'image/png', data: turn.image } };
      return { role: 'user', parts: [{ text: turn.text }, ...(image ? [image] : [])] };
    }
    case 'assistant': {
      const { text, reasoning, calls = [] } = turn;
      const parts: JsonObject[] = [
        ...(text === undefined ? [] : [{ text }]),
        ...calls.map(({ id, name, input }) => ({ functionCall: { id, name, args: input } })),
      ];
      const [first, ...rest] = parts;
      if (reasoning === undefined || first === undefined) return { role: 'model', parts };
      // What a client keeps of a thought is what this face has given it.
      const metadata = { anthropic: { signature: reasoning.signature } };
      const thoughtSignature = writeSignature([{ text: reasoning.text, metadata }]) ?? '';
      return {
        role: 'model',
        parts: [{ text: reasoning.text, thought: true }, { ...first, thoughtSignature }, ...rest],
      };
    }
    case 'tool': {
      const parts = turn.results.map(
        ({ id, name, text, failed }): JsonObject => ({
          functionResponse: { id, name, response: failed ? { error: text } : { output: text } },
        }),
      );
      return { role: 'user', parts };
    }
    default:
      return turn satisfies never;
  }
}

function writeWishes({ tools, forcedTool, schema, maxTokens, stop, effort }: Asked): JsonObject {
  const declared = tools?.map(({ name, description, parameters }) => ({
    name,
    description,
    parametersJsonSchema: parameters,
  }));
  return {
    ...(declared && { tools: [{ functionDeclarations: declared }] }),
    ...(forcedTool && {
      toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [forcedTool] } },
    }),
    generationConfig: {
      thinkingConfig: { includeThoughts: true, ...(effort && { thinkingLevel: effort.toUpperCase() }) },
      ...(schema && { responseMimeType: 'application/json', responseJsonSchema: schema }),
      ...(maxTokens && { maxOutputTokens: maxTokens }),
      ...(stop && { stopSequences: stop }),
    },
  };
}

/** Events with `data:`; a failure may come as bare JSON. */
function splitFrames(text: string): JsonObject[] {
  if (!text.endsWith('\n\n')) throw new Error('The stream does not end with a whole frame.');
  return text
    .split('\n\n')
    .map((block) => block.trim())
    .filter((block) => block !== '')
    .map((block) => JSON.parse(block.replace(/^data: /, '')) as JsonObject);
}

type Hearing = ReturnType<typeof createHearing>;

function hearPart({ text, thought, functionCall, thoughtSignature }: JsonObject, key: string, hearing: Hearing): void {
  if (thought === true) hearing.reasoning(text);
  else hearing.text(text);
  // Several thoughts may lean on one part.
  const sealed = Buffer.from(String(thoughtSignature ?? ''), 'base64').toString('latin1');
  for (const piece of sealed.split(' ')) hearing.opaque(piece);
  if (functionCall === undefined) return;
  const { id, name, args } = functionCall as Record<string, Json>;
  hearing.call(key, { id, name, json: JSON.stringify(args) });
}

function readFrames(frames: readonly JsonObject[]): Heard {
  const hearing = createHearing();
  for (const [at, { candidates, usageMetadata, error }] of frames.entries()) {
    if (error !== undefined) hearing.fail((error as JsonObject).message);
    const {
      promptTokenCount: input,
      candidatesTokenCount: said,
      thoughtsTokenCount: thought = 0,
    } = (usageMetadata ?? {}) as Record<string, number>;
    hearing.usage(input, said === undefined ? undefined : said + thought);
    for (const { content, finishReason } of (candidates ?? []) as JsonObject[]) {
      const parts = ((content as JsonObject).parts ?? []) as JsonObject[];
      for (const [nth, part] of parts.entries()) hearPart(part, `${at}.${nth}`, hearing);
      hearing.finish(finishReason);
      if (finishReason !== undefined) hearing.complete();
    }
  }
  return hearing.heard();
}

const twice = 'the same route in the version before';

/** Gemini. */
export const face: Face = {
  clients: [client],
  leftOut: {
    '/v1beta/models/{name}:generateContent': 'how the same client asks for whole answers',
    '/v1/models/{name}:generateContent': twice,
    '/v1/models/{name}:streamGenerateContent': twice,
  },
};
