// A tiny client of OpenAI's Responses, which keeps the conversation itself as Codex does.
import type { JsonObject } from '../../../main/canonical/conversation.ts';
import { writeOpaque } from '../../../main/protocols/kit/opaque.ts';
import { type Asked, type Client, createHearing, type Face, type Heard, readFrames, type Turn } from '../client.ts';

const client: Client = {
  route: '/v1/responses',
  cannot: ({ stop }) => (stop === undefined ? undefined : 'This dialect has no stop texts.'),
  write: (asked, { model, stream }) => ({
    path: '/v1/responses',
    body: {
      model,
      ...(asked.system === undefined ? {} : { instructions: asked.system }),
      input: asked.turns.flatMap(writeTurn),
      ...writeWishes(asked),
      store: false,
      include: ['reasoning.encrypted_content'],
      ...(stream ? { stream } : {}),
    },
  }),
  writeRich: (model) => ({
    model,
    instructions: '§system',
    input: [
      { type: 'message', role: 'developer', content: '§developer' },
      {
        role: 'user',
        content: [
          { type: 'input_text', text: '§question' },
          { type: 'input_image', image_url: 'https://pictures.test/§picture', detail: 'low' },
          { type: 'input_file', filename: '§name', file_data: 'data:application/pdf;base64,UERG' },
        ],
      },
      { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: '§thought' }] },
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: '§answer', annotations: [] }],
      },
      { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'look_up', arguments: '{"§word": "§value"}' },
      { type: 'function_call_output', call_id: 'call_1', output: '§result' },
      { role: 'user', content: '§last' },
    ],
    tools: [
      {
        type: 'function',
        name: 'look_up',
        description: '§description',
        strict: true,
        parameters: { type: 'object', properties: { word: { type: 'string', description: '§field' } } },
      },
      { type: 'web_search', search_context_size: '§size' },
    ],
    tool_choice: 'auto',
    parallel_tool_calls: true,
    max_output_tokens: 100,
    max_tool_calls: 3,
    temperature: 0.5,
    top_p: 0.9,
    reasoning: { effort: 'low', summary: 'auto' },
    text: {
      verbosity: '§verbosity',
      format: { type: 'json_schema', name: '§schema', strict: true, schema: { type: 'object' } },
    },
    truncation: '§truncation',
    user: '§user',
    service_tier: '§tier',
    prompt_cache_key: '§cache-key',
    safety_identifier: '§safety',
    store: false,
  }),
  read: (answer, streamed) => (streamed ? readStream(answer) : readWhole(JSON.parse(answer))),
};

function writeTurn(turn: Turn): JsonObject[] {
  switch (turn.role) {
    case 'user': {
      const image = turn.image && { type: 'input_image', image_url: `data:image/png;base64,${turn.image}` };
      const content: JsonObject[] = [{ type: 'input_text', text: turn.text }, ...(image ? [image] : [])];
      return [{ type: 'message', role: 'user', content }];
    }
    case 'assistant': {
      const { text, reasoning, calls = [] } = turn;
      // What a client keeps of a thought is what this face has given it.
      const sealed = reasoning && writeOpaque({ anthropic: { signature: reasoning.signature } });
      return [
        ...(reasoning === undefined
          ? []
          : [
              {
                type: 'reasoning',
                id: 'rs_1',
                summary: [{ type: 'summary_text', text: reasoning.text }],
                ...(sealed === undefined ? {} : { encrypted_content: sealed }),
              },
            ]),
        ...(text === undefined
          ? []
          : [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] }]),
        ...calls.map(({ id, name, input }) => ({
          type: 'function_call',
          call_id: id,
          name,
          arguments: JSON.stringify(input),
        })),
      ];
    }
    case 'tool':
      return turn.results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text }));
    default:
      return turn satisfies never;
  }
}

function writeWishes({ tools, forcedTool, schema, maxTokens, effort }: Asked): JsonObject {
  return {
    ...(tools && { tools: tools.map((tool) => ({ type: 'function', ...tool, strict: false })) }),
    ...(forcedTool && { tool_choice: { type: 'function', name: forcedTool } }),
    ...(schema && { text: { format: { type: 'json_schema', name: 'answer', strict: true, schema } } }),
    ...(maxTokens && { max_output_tokens: maxTokens }),
    ...(effort && { reasoning: { effort } }),
  };
}

type Hearing = ReturnType<typeof createHearing>;

/** What only the finished response tells. */
function hearEnd({ status, incomplete_details: details, usage, error }: JsonObject, hearing: Hearing): void {
  const { input_tokens: input, output_tokens: output } = (usage ?? {}) as JsonObject;
  hearing.usage(input, output);
  if (error != null) hearing.fail((error as JsonObject).message);
  else {
    hearing.finish((details as JsonObject | null)?.reason ?? status);
    hearing.complete();
  }
}

function readStream(text: string): Heard {
  const hearing = createHearing();
  for (const { event, data } of readFrames(text)) {
    if (data === '[DONE]' || data.type !== event) throw new Error(`The event ${event} does not say its name.`);
    const item = (data.item ?? {}) as JsonObject;
    if (event === 'response.output_text.delta') hearing.text(data.delta);
    if (event === 'response.reasoning_summary_text.delta') hearing.reasoning(data.delta);
    if (event === 'response.output_item.added' && item.type === 'function_call') hearing.call(data.output_index, {});
    if (event === 'response.output_item.done') {
      hearing.opaque(item.encrypted_content);
      if (item.type === 'function_call') {
        hearing.call(data.output_index, { id: item.call_id, name: item.name, json: item.arguments });
      }
    }
    if (/^response\.(completed|incomplete|failed)$/.test(event)) hearEnd(data.response as JsonObject, hearing);
    if (event === 'error') hearing.fail(data.message);
  }
  return hearing.heard();
}

function readWhole(body: JsonObject): Heard {
  const hearing = createHearing();
  for (const [index, item] of ((body.output ?? []) as JsonObject[]).entries()) {
    for (const { text } of (item.content ?? []) as JsonObject[]) hearing.text(text);
    for (const { text } of (item.summary ?? []) as JsonObject[]) hearing.reasoning(text);
    hearing.opaque(item.encrypted_content);
    if (item.type === 'function_call') {
      hearing.call(index, { id: item.call_id, name: item.name, json: item.arguments });
    }
  }
  hearEnd(body, hearing);
  return hearing.heard();
}

/** OpenAI Responses. */
export const face: Face = {
  clients: [client],
  leftOut: { '/responses': 'the same route without the version in its path' },
};
