// A tiny client of OpenAI's chat completions.
import type { Json, JsonObject } from '../../../main/canonical/conversation.ts';
import { type Asked, type Client, createHearing, type Face, type Heard, readFrames, type Turn } from '../client.ts';

const client: Client = {
  route: '/v1/chat/completions',
  write: (asked, { model, stream }) => ({
    path: '/v1/chat/completions',
    body: {
      model,
      messages: [
        ...(asked.system === undefined ? [] : [{ role: 'system', content: asked.system }]),
        ...asked.turns.flatMap(writeTurn),
      ],
      ...writeWishes(asked),
      ...(stream ? { stream, stream_options: { include_usage: true } } : {}),
    },
  }),
  writeRich: (model) => ({
    model,
    messages: [
      { role: 'developer', content: [{ type: 'text', text: '§developer' }], name: '§developer-name' },
      { role: 'system', content: '§system' },
      {
        role: 'user',
        name: '§user-name',
        content: [
          { type: 'text', text: '§question', cache_control: { type: 'ephemeral' } },
          { type: 'image_url', image_url: { url: 'https://pictures.test/§picture', detail: 'low' } },
          { type: 'image_url', image_url: { url: 'data:image/png;base64,UElD' } },
        ],
      },
      {
        role: 'assistant',
        name: '§assistant-name',
        reasoning_content: '§thought',
        content: '§answer',
        tool_calls: [
          { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: '{"§word": "§value",  "n":1.0}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_1', content: [{ type: 'text', text: '§result' }] },
      { role: 'assistant', content: null, refusal: '§refusal' },
      { role: 'user', content: '§last' },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'look_up',
          description: '§description',
          strict: true,
          parameters: { type: 'object', properties: { word: { type: 'string', description: '§field' } } },
        },
      },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    max_completion_tokens: 100,
    temperature: 0.5,
    top_p: 0.9,
    seed: 7,
    frequency_penalty: 0.1,
    presence_penalty: 0.2,
    stop: ['§stop'],
    reasoning_effort: 'low',
    response_format: {
      type: 'json_schema',
      json_schema: { name: '§schema', description: '§schema-text', strict: true, schema: { type: 'object' } },
    },
    user: '§user',
    metadata: { tag: '§tag' },
    store: false,
    service_tier: '§tier',
    logit_bias: { '5': 1 },
    prediction: { type: 'content', content: '§prediction' },
    prompt_cache_key: '§cache-key',
    safety_identifier: '§safety',
    verbosity: '§verbosity',
    modalities: ['§modality'],
    logprobs: true,
    top_logprobs: 3,
  }),
  read: (answer, streamed) => (streamed ? readStream(answer) : readWhole(JSON.parse(answer))),
};

function writeTurn(turn: Turn): JsonObject[] {
  switch (turn.role) {
    case 'user': {
      if (turn.image === undefined) return [{ role: 'user', content: turn.text }];
      const url = `data:image/png;base64,${turn.image}`;
      return [
        {
          role: 'user',
          content: [
            { type: 'text', text: turn.text },
            { type: 'image_url', image_url: { url } },
          ],
        },
      ];
    }
    case 'assistant': {
      const calls = (turn.calls ?? []).map(({ id, name, input }) => ({
        id,
        type: 'function',
        function: { name, arguments: JSON.stringify(input) },
      }));
      return [
        {
          role: 'assistant',
          content: turn.text ?? null,
          ...(turn.reasoning === undefined ? {} : { reasoning_content: turn.reasoning.text }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
      ];
    }
    case 'tool':
      return turn.results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text }));
    default:
      return turn satisfies never;
  }
}

function writeWishes({ tools, forcedTool, schema, maxTokens, stop, effort }: Asked): JsonObject {
  return {
    ...(tools && { tools: tools.map((tool) => ({ type: 'function', function: tool })) }),
    ...(forcedTool && { tool_choice: { type: 'function', function: { name: forcedTool } } }),
    ...(schema && { response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } } }),
    ...(maxTokens && { max_completion_tokens: maxTokens }),
    ...(stop && { stop }),
    ...(effort && { reasoning_effort: effort }),
  };
}

type Hearing = ReturnType<typeof createHearing>;

function hearMessage(message: JsonObject, hearing: Hearing): void {
  hearing.text(message.content);
  hearing.reasoning(message.reasoning_content);
  for (const [at, call] of ((message.tool_calls ?? []) as JsonObject[]).entries()) {
    const { name, arguments: json } = (call.function ?? {}) as JsonObject;
    hearing.call(call.index ?? at, { id: call.id, name, json });
  }
}

function hearUsage(usage: Json | undefined, hearing: Hearing): void {
  const { prompt_tokens: input, completion_tokens: output } = (usage ?? {}) as JsonObject;
  hearing.usage(input, output);
}

function readStream(text: string): Heard {
  const hearing = createHearing();
  for (const { data } of readFrames(text)) {
    if (data === '[DONE]') {
      hearing.complete();
      continue;
    }
    if (data.error !== undefined) hearing.fail((data.error as JsonObject).message);
    hearUsage(data.usage, hearing);
    for (const choice of (data.choices ?? []) as JsonObject[]) {
      hearMessage(choice.delta as JsonObject, hearing);
      hearing.finish(choice.finish_reason);
    }
  }
  return hearing.heard();
}

function readWhole(body: JsonObject): Heard {
  const hearing = createHearing();
  if (body.error !== undefined) hearing.fail((body.error as JsonObject).message);
  const [choice] = (body.choices ?? []) as JsonObject[];
  if (choice !== undefined) {
    hearMessage(choice.message as JsonObject, hearing);
    hearing.finish(choice.finish_reason);
    hearing.complete();
  }
  hearUsage(body.usage, hearing);
  return hearing.heard();
}

/** OpenAI chat completions. */
export const face: Face = {
  clients: [client],
  leftOut: { '/chat/completions': 'the same route without the version in its path' },
};
