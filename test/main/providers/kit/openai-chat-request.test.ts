// What other dialects bring, written as OpenAI chat bodies; the same dialect is tested through the whole house.
import { expect, it } from 'vitest';
import type { ConversationRequest, JsonObject } from '../../../../main/canonical/conversation.ts';
import { writeOpenAiChatRequest } from '../../../../main/providers/kit/openai-chat-request.ts';

const dialect = { maxTokensField: 'max_tokens', streamUsage: true } as const;

function write(request: Partial<ConversationRequest>, stream = false) {
  const notes: string[] = [];
  const body = writeOpenAiChatRequest({ model: 'm', messages: [], ...request }, stream, dialect, (text) =>
    notes.push(text),
  );
  return { body: JSON.parse(body), notes };
}

it('moves what a tool shows into a message after all results of the turn, and says so', () => {
  const image = { type: 'image', mediaType: 'image/png', source: { type: 'base64', data: 'AAAA' } } as const;
  const { body, notes } = write({
    messages: [
      {
        role: 'tool',
        parts: [{ type: 'tool-result', toolCallId: 'a', parts: [{ type: 'text', text: 'seen' }, image] }],
      },
      { role: 'tool', parts: [{ type: 'tool-result', toolCallId: 'b', parts: [], isError: true }] },
      { role: 'assistant', parts: [{ type: 'text', text: 'ok' }] },
    ],
  });
  expect(body.messages).toEqual([
    { role: 'tool', tool_call_id: 'a', content: 'seen' },
    { role: 'tool', tool_call_id: 'b', content: '' },
    {
      role: 'user',
      content: [
        { type: 'text', text: 'Shown by the tool call a:' },
        { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
      ],
    },
    { role: 'assistant', content: 'ok' },
  ]);
  expect(notes).toHaveLength(2);
});

it('keeps reasoning beside tool calls and reports a signature that it cannot carry', () => {
  const { body, notes } = write({
    messages: [
      {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'Hm', metadata: { anthropic: { signature: 's' } } },
          { type: 'tool-call', id: 'a', name: 'f', arguments: '{ "x" : 1 }' },
        ],
      },
    ],
  });
  expect(body.messages).toEqual([
    {
      role: 'assistant',
      content: null,
      reasoning_content: 'Hm',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{ "x" : 1 }' } }],
    },
  ]);
  expect(notes).toEqual([expect.stringContaining('signature')]);
});

it('writes files, sound and video in their own forms', () => {
  const file = (mediaType: string, data = 'AA') =>
    ({ type: 'file', mediaType, source: { type: 'base64', data } }) as const;
  const { body } = write({
    messages: [
      { role: 'user', parts: [file('audio/mpeg'), file('video/mp4'), { ...file('application/pdf'), name: 'a.pdf' }] },
    ],
  });
  expect(body.messages[0].content).toEqual([
    { type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } },
    { type: 'video_url', video_url: { url: 'data:video/mp4;base64,AA' } },
    { type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,AA' } },
  ]);
});

it("tells what it leaves out of what Anthropic's dialect says", () => {
  const own = (anthropic: JsonObject) => ({ metadata: { anthropic } });
  const marker = { cache_control: { type: 'ephemeral' } };
  const { body, notes } = write({
    messages: [
      { role: 'system', parts: [{ type: 'text', text: 'S', ...own(marker) }] },
      {
        role: 'user',
        parts: [
          { type: 'text', text: '[x] {}', ...own({ block: { type: 'x' } }) },
          {
            type: 'file',
            name: 'n',
            mediaType: 'text/plain',
            source: { type: 'base64', data: Buffer.from('Grüße').toString('base64') },
            ...own({ source: { type: 'text' }, citations: { enabled: true } }),
          },
        ],
      },
      { role: 'assistant', parts: [{ type: 'reasoning', text: '', ...own({ redacted: 'r' }) }] },
    ],
    tools: [{ name: 'f', ...own({ ...marker, defer_loading: true, type: 'custom' }) }],
    reasoning: { enabled: false, budgetTokens: 5, effort: 'high' },
    ...own({
      fields: { top_k: 1 },
      thinking: { type: 'disabled', display: 'omitted' },
      upstreamTools: [{ type: 'memory_20250818', name: 'memory' }],
    }),
  });
  expect(body).toEqual({
    model: 'm',
    messages: [
      { role: 'system', content: 'S' },
      {
        role: 'user',
        content: [
          { type: 'text', text: '[x] {}' },
          { type: 'text', text: 'n:\nGrüße' },
        ],
      },
      { role: 'assistant', content: '' },
    ],
    tools: [{ type: 'function', function: { name: 'f' } }],
  });
  expect(notes).toEqual([
    'Left out, as this upstream has no field for it: top_k, thinking.display, citations, defer_loading.',
    'Tools that only Anthropic runs were left out: memory.',
    'Passed on as text: x blocks.',
    'Cache markers were left out: this upstream has no field for them.',
    'The signature of a reasoning part was left out: this upstream has no field for it.',
    'The limit for thinking was left out: this upstream has no field for it.',
    'The wish for no thinking was left out: this upstream has no field for it.',
  ]);
});

it('asks for the usage of a stream', () => {
  expect(write({}, true).body).toMatchObject({ stream: true, stream_options: { include_usage: true } });
  expect(write({}).body).toEqual({ model: 'm', messages: [] });
});

it('says that it cannot ask for thinking, unless it is told how much', () => {
  const notes = [{ enabled: true }, { enabled: true, effort: 'low' }, {}].map(
    (reasoning) => write({ reasoning }).notes,
  );
  expect(notes).toEqual([['The wish for thinking was left out: this upstream only has a field for how much.'], [], []]);
});
