// Two tiny clients of Ollama: one that chats, one that asks for a single answer.
import type { JsonObject } from '../../../main/canonical/conversation.ts';
import { type Asked, type Client, createHearing, type Face, type Heard, type Turn } from '../client.ts';

const noForce = 'This dialect cannot force a tool.';

const chat: Client = {
  route: '/api/chat',
  cannot: ({ forcedTool }) => (forcedTool === undefined ? undefined : noForce),
  write: (asked, { model, stream }) => ({
    path: '/api/chat',
    body: {
      model,
      stream,
      messages: [
        ...(asked.system === undefined ? [] : [{ role: 'system', content: asked.system }]),
        ...asked.turns.flatMap(writeTurn),
      ],
      ...(asked.tools && { tools: asked.tools.map((tool) => ({ type: 'function', function: tool })) }),
      ...writeWishes(asked),
    },
  }),
  writeRich: (model) => ({
    model,
    stream: false,
    messages: [
      { role: 'system', content: '§system' },
      { role: 'user', content: '§question', images: ['UElD'] },
      {
        role: 'assistant',
        content: '§answer',
        thinking: '§thought',
        tool_calls: [{ function: { name: 'look_up', arguments: { '§word': '§value', n: 1 } } }],
      },
      { role: 'tool', tool_name: 'look_up', content: '§result' },
      { role: 'user', content: '§last' },
    ],
    tools: [
      {
        type: 'function',
        function: {
          name: 'look_up',
          description: '§description',
          parameters: { type: 'object', properties: { word: { type: 'string', description: '§field' } } },
        },
      },
    ],
    format: { type: 'object', description: '§schema-text' },
    think: '§effort',
    keep_alive: '5m',
    options: {
      temperature: 0.5,
      top_p: 0.9,
      top_k: 4,
      seed: 7,
      stop: ['§stop'],
      num_predict: 100,
      num_ctx: 4096,
      repeat_penalty: 1.1,
      mirostat: 1,
    },
    logprobs: true,
  }),
  read: readAnswer,
};

const generate: Client = {
  route: '/api/generate',
  cannot: ({ turns, tools, forcedTool }) =>
    turns.length > 1 || tools !== undefined || forcedTool !== undefined
      ? 'A generate call has neither history nor tools.'
      : undefined,
  write: (asked, { model, stream }) => {
    const [turn] = asked.turns;
    const { text, image } = turn?.role === 'user' ? turn : { text: '' };
    return {
      path: '/api/generate',
      body: {
        model,
        stream,
        prompt: text,
        ...(asked.system === undefined ? {} : { system: asked.system }),
        ...(image === undefined ? {} : { images: [image] }),
        ...writeWishes(asked),
      },
    };
  },
  writeRich: (model) => ({
    model,
    stream: false,
    system: '§system',
    prompt: '§question',
    images: ['UElD'],
    template: '§template',
    context: [1, 2],
    think: true,
    options: { temperature: 0.5, num_keep: 5 },
  }),
  read: readAnswer,
};

function writeTurn(turn: Turn): JsonObject[] {
  switch (turn.role) {
    case 'user':
      return [{ role: 'user', content: turn.text, ...(turn.image === undefined ? {} : { images: [turn.image] }) }];
    case 'assistant': {
      const calls = (turn.calls ?? []).map(({ name, input }) => ({ function: { name, arguments: input } }));
      return [
        {
          role: 'assistant',
          content: turn.text ?? '',
          ...(turn.reasoning === undefined ? {} : { thinking: turn.reasoning.text }),
          ...(calls.length === 0 ? {} : { tool_calls: calls }),
        },
      ];
    }
    case 'tool':
      return turn.results.map(({ name, text }) => ({ role: 'tool', tool_name: name, content: text }));
    default:
      return turn satisfies never;
  }
}

function writeWishes({ schema, maxTokens, stop, effort }: Asked): JsonObject {
  return {
    ...(schema && { format: schema }),
    ...(effort && { think: effort }),
    ...((maxTokens || stop) && { options: { ...(maxTokens && { num_predict: maxTokens }), ...(stop && { stop }) } }),
  };
}

function readAnswer(answer: string, streamed: boolean): Heard {
  const hearing = createHearing();
  const lines = streamed ? answer.split('\n') : [answer, ''];
  if (lines.pop() !== '') throw new Error('The stream does not end with a whole line.');
  let calls = 0;
  for (const text of lines) {
    const line = JSON.parse(text) as JsonObject;
    if (line.error !== undefined) hearing.fail(line.error);
    const message = (line.message ?? {}) as JsonObject;
    hearing.text(message.content ?? line.response);
    hearing.reasoning(message.thinking ?? line.thinking);
    for (const call of (message.tool_calls ?? []) as { function: JsonObject }[]) {
      hearing.call(calls++, { name: call.function.name, json: JSON.stringify(call.function.arguments) });
    }
    hearing.finish(line.done_reason);
    hearing.usage(line.prompt_eval_count, line.eval_count);
    if (line.done === true) hearing.complete();
  }
  return hearing.heard();
}

/** Ollama. */
export const face: Face = {
  clients: [chat, generate],
  leftOut: { '/api/pull': 'it is answered at once, and asks no model' },
};
