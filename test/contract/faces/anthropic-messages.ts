// A tiny client of Anthropic's Messages.
import type { Json, JsonObject } from '../../../main/canonical/conversation.ts';
import { type Asked, type Client, createHearing, type Face, type Heard, readFrames, type Turn } from '../client.ts';

const client: Client = {
  route: '/v1/messages',
  write: (asked, { model, stream }) => ({
    path: '/v1/messages',
    body: {
      model,
      max_tokens: asked.maxTokens ?? 1000,
      ...(asked.system === undefined ? {} : { system: asked.system }),
      messages: asked.turns.map(writeTurn),
      ...writeWishes(asked),
      ...(stream ? { stream } : {}),
    },
  }),
  writeRich: (model) => ({
    model,
    max_tokens: 1000,
    system: [{ type: 'text', text: '§system', cache_control: { type: 'ephemeral' } }],
    messages: [
      {
        role: 'user',
        content: [
          { type: 'text', text: '§question', cache_control: { type: 'ephemeral' } },
          { type: 'image', source: { type: 'url', url: 'https://pictures.test/§picture' } },
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'UElD' } },
          {
            type: 'document',
            title: '§title',
            context: '§context',
            citations: { enabled: true },
            source: { type: 'base64', media_type: 'application/pdf', data: 'UERG' },
          },
        ],
      },
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: '§thought', signature: '§signature' },
          { type: 'redacted_thinking', data: '§redacted' },
          {
            type: 'text',
            text: '§answer',
            citations: [{ type: 'char_location', cited_text: '§cited', document_title: '§cited-title' }],
          },
          { type: 'tool_use', id: 'call_1', name: 'look_up', input: { '§word': '§value', n: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'call_1',
            is_error: true,
            content: [{ type: 'text', text: '§result' }],
            cache_control: { type: 'ephemeral' },
          },
          { type: 'text', text: '§last' },
        ],
      },
    ],
    tools: [
      {
        name: 'look_up',
        description: '§description',
        input_schema: { type: 'object', properties: { word: { type: 'string', description: '§field' } } },
        cache_control: { type: 'ephemeral' },
      },
      { type: 'web_search_20260101', name: '§web_search', max_uses: 3 },
    ],
    tool_choice: { type: 'auto', disable_parallel_tool_use: true },
    thinking: { type: 'enabled', budget_tokens: 2000, display: '§display' },
    output_config: { effort: '§effort', format: { type: 'json_schema', schema: { type: 'object' } }, extra: '§extra' },
    stop_sequences: ['§stop'],
    temperature: 0.5,
    top_p: 0.9,
    top_k: 4,
    metadata: { user_id: '§user' },
    service_tier: '§tier',
    container: '§container',
    context_management: { edits: [{ type: '§edit' }] },
    mcp_servers: [{ type: 'url', url: 'https://tools.test/§server', name: '§server-name' }],
  }),
  read: (answer, streamed) => (streamed ? readStream(answer) : readWhole(JSON.parse(answer))),
};

function writeTurn(turn: Turn): JsonObject {
  switch (turn.role) {
    case 'user': {
      if (turn.image === undefined) return { role: 'user', content: turn.text };
      const source = { type: 'base64', media_type: 'image/png', data: turn.image };
      const content: JsonObject[] = [
        { type: 'text', text: turn.text },
        { type: 'image', source },
      ];
      return { role: 'user', content };
    }
    case 'assistant': {
      const { text, reasoning, calls = [] } = turn;
      const thinking = reasoning && { type: 'thinking', thinking: reasoning.text, signature: reasoning.signature };
      return {
        role: 'assistant',
        content: [
          ...(thinking === undefined ? [] : [thinking]),
          ...(text === undefined ? [] : [{ type: 'text', text }]),
          ...calls.map(({ id, name, input }) => ({ type: 'tool_use', id, name, input })),
        ],
      };
    }
    case 'tool': {
      const content = turn.results.map(({ id, text, failed }) => ({
        type: 'tool_result',
        tool_use_id: id,
        content: text,
        ...(failed ? { is_error: true } : {}),
      }));
      return { role: 'user', content };
    }
    default:
      return turn satisfies never;
  }
}

function writeWishes({ tools, forcedTool, schema, stop, effort }: Asked): JsonObject {
  const format = schema && { type: 'json_schema', schema };
  return {
    ...(tools && {
      tools: tools.map(({ name, description, parameters }) => ({ name, description, input_schema: parameters })),
    }),
    ...(forcedTool && { tool_choice: { type: 'tool', name: forcedTool } }),
    ...((format || effort) && { output_config: { ...(effort && { effort }), ...(format && { format }) } }),
    ...(effort && { thinking: { type: 'adaptive' } }),
    ...(stop && { stop_sequences: stop }),
  };
}

type Hearing = ReturnType<typeof createHearing>;

function hearBlock(index: number, block: JsonObject, hearing: Hearing): void {
  hearing.text(block.text);
  hearing.reasoning(block.thinking);
  hearing.opaque(block.signature);
  hearing.opaque(block.data);
  if (block.type === 'tool_use') hearing.call(index, { id: block.id, name: block.name });
}

function hearUsage(usage: Json | undefined, hearing: Hearing): void {
  const { input_tokens: fresh, output_tokens: output, ...cached } = (usage ?? {}) as Record<string, number>;
  if (fresh === undefined) return;
  const { cache_read_input_tokens: read = 0, cache_creation_input_tokens: written = 0 } = cached;
  hearing.usage(fresh + read + written, output);
}

function readStream(text: string): Heard {
  const hearing = createHearing();
  for (const { event, data } of readFrames(text)) {
    if (data === '[DONE]' || data.type !== event) throw new Error(`The event ${event} does not say its name.`);
    const index = data.index as number;
    const delta = (data.delta ?? {}) as JsonObject;
    if (event === 'message_start') hearUsage((data.message as JsonObject).usage, hearing);
    if (event === 'content_block_start') hearBlock(index, data.content_block as JsonObject, hearing);
    if (event === 'content_block_delta') {
      hearBlock(index, delta, hearing);
      if (delta.partial_json !== undefined) hearing.call(index, { json: delta.partial_json });
    }
    if (event === 'message_delta') {
      hearUsage(data.usage, hearing);
      hearing.finish(delta.stop_reason);
    }
    if (event === 'message_stop') hearing.complete();
    if (event === 'error') hearing.fail((data.error as JsonObject).message);
  }
  return hearing.heard();
}

function readWhole(body: JsonObject): Heard {
  const hearing = createHearing();
  if (body.type === 'error') hearing.fail((body.error as JsonObject).message);
  else hearing.complete();
  for (const [index, block] of ((body.content ?? []) as JsonObject[]).entries()) {
    hearBlock(index, block, hearing);
    if (block.type === 'tool_use') hearing.call(index, { json: JSON.stringify(block.input) });
  }
  hearing.finish(body.stop_reason);
  hearUsage(body.usage, hearing);
  return hearing.heard();
}

/** Anthropic Messages. */
export const face: Face = { clients: [client], headers: { 'anthropic-version': '2023-06-01' } };
