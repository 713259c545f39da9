// What Ollama's clients send, read into the canonical request; the usual ways are tested through the whole house.
import { expect, it } from 'vitest';
import {
  isCompletion,
  readChatRequest,
  readCompletionRequest,
  readGenerateRequest,
} from '../../../../main/protocols/ollama/request.ts';

const read = (messages: readonly object[], extra: object = {}) => readChatRequest({ model: 'm', messages, ...extra });
const call = (name: string, extra: object = {}) => ({ ...extra, function: { name, arguments: { n: name } } });

/** The ids that the calls and the results of a conversation have in the end. */
function readIds(messages: readonly object[]): string[] {
  return read(messages).conversation.messages.flatMap(({ parts }) =>
    parts.flatMap((part) => {
      if (part.type === 'tool-call') return [`call ${part.name} ${part.id}`];
      return part.type === 'tool-result' ? [`result ${part.toolCallId}`] : [];
    }),
  );
}

it('matches results to calls by name and order, over several turns', () => {
  const ids = readIds([
    { role: 'assistant', content: '', tool_calls: [call('f'), call('g'), call('f')] },
    { role: 'tool', tool_name: 'g', content: '1' },
    { role: 'tool', tool_name: 'f', content: '2' },
    { role: 'tool', content: '3' },
    { role: 'assistant', content: '', tool_calls: [call('g')] },
    { role: 'tool', name: 'g', content: '4' },
  ]);
  expect(ids).toEqual([
    'call f call_0',
    'call g call_1',
    'call f call_2',
    'result call_1',
    'result call_0',
    'result call_2',
    'call g call_3',
    'result call_3',
  ]);
});

it('keeps the ids that newer clients give', () => {
  const ids = readIds([
    { role: 'assistant', tool_calls: [call('f', { id: 'x' }), call('f', { id: 'y' })] },
    { role: 'tool', tool_name: 'f', tool_call_id: 'y', content: '1' },
    { role: 'tool', tool_name: 'f', content: '2' },
  ]);
  expect(ids).toEqual(['call f x', 'call f y', 'result y', 'result x']);
});

it('keeps a result whose call has been cut off, without giving it to another', () => {
  const ids = readIds([
    { role: 'tool', tool_name: 'f', content: 'lost' },
    { role: 'assistant', tool_calls: [call('g')] },
    { role: 'tool', tool_name: 'f', content: 'lost, too' },
  ]);
  expect(ids).toEqual(['result call_0', 'call g call_1', 'result call_2']);
});

it('reads an answer with thinking, text and calls in the order in which it was given', () => {
  const [message] = read([{ role: 'assistant', thinking: 'hm', content: 'Look:', tool_calls: [call('f')], done: true }])
    .conversation.messages;
  expect(message).toEqual({
    role: 'assistant',
    parts: [
      { type: 'reasoning', text: 'hm' },
      { type: 'text', text: 'Look:' },
      { type: 'tool-call', id: 'call_0', name: 'f', arguments: '{"n":"f"}' },
    ],
    metadata: { ollama: { done: true } },
  });
});

it.each([
  ['iVBORw0KGgoAAA', 'image/png', 'iVBORw0KGgoAAA'],
  ['/9j/4AAQ', 'image/jpeg', '/9j/4AAQ'],
  ['R0lGODlh', 'image/gif', 'R0lGODlh'],
  ['UklGRiQA', 'image/webp', 'UklGRiQA'],
  ['AAAA', 'image/png', 'AAAA'],
  ['data:image/avif;base64,AAAA', 'image/avif', 'AAAA'],
  ['data:;base64,/9j/4AAQ', 'image/jpeg', '/9j/4AAQ'],
])('knows the kind of an image by its beginning: %s', (image, mediaType, data) => {
  const [message] = read([{ role: 'user', images: [image] }]).conversation.messages;
  expect(message?.parts).toEqual([{ type: 'image', mediaType, source: { type: 'base64', data } }]);
});

it('says that the images of a system message are left out', () => {
  expect(read([{ role: 'system', content: 'x', images: ['AAAA'] }]).notes).toEqual([
    'The images of a system message were left out.',
  ]);
});

it.each([
  [true, { enabled: true }],
  [false, { enabled: false }],
  ['low', { enabled: true, effort: 'low' }],
  [undefined, undefined],
  [null, undefined],
])('reads think %j', (think, reasoning) => {
  expect(read([{ role: 'user', content: 'x' }], { think }).conversation.reasoning).toEqual(reasoning);
});

it.each([
  [-1, undefined],
  [-2, undefined],
  [12, 12],
])('takes a limit of %i tokens as %s', (limit, maxOutputTokens) => {
  const { conversation } = read([{ role: 'user', content: 'x' }], { options: { num_predict: limit } });
  expect(conversation.maxOutputTokens).toBe(maxOutputTokens);
});

it('streams unless told otherwise, and keeps what it does not know', () => {
  const { conversation, stream, notes } = readGenerateRequest({
    model: 'm',
    prompt: 'x',
    format: '',
    keep_alive: -1,
    future: 1,
    options: { stop: 'END', mirostat: 2 },
  });
  expect(stream).toBe(true);
  expect(conversation).toEqual({
    model: 'm',
    messages: [{ role: 'user', parts: [{ type: 'text', text: 'x' }] }],
    stop: ['END'],
    metadata: { ollama: { fields: { future: 1 }, options: { mirostat: 2 } } },
  });
  expect(notes).toEqual(['Options that only an Ollama server has were left out: mirostat.']);
});

it('tells a text to be continued from a prompt to be answered', () => {
  expect(isCompletion({ prompt: 'a', suffix: 'b' })).toBe(true);
  expect(isCompletion({ prompt: 'a', raw: true })).toBe(true);
  expect(isCompletion({ prompt: 'a', suffix: '', raw: false })).toBe(false);
});

it('reads a text to be continued with its settings, and says what has no place in it', () => {
  const asked = { model: 'm', prompt: 'a', suffix: 'b', stream: false, format: 'json', images: ['x'], context: [1] };
  expect(readCompletionRequest({ ...asked, options: { seed: 1, num_ctx: 9 }, keep_alive: 5, extra: 1 })).toEqual({
    completion: {
      model: 'm',
      prompt: 'a',
      suffix: 'b',
      seed: 1,
      metadata: { ollama: { fields: { format: 'json', extra: 1 }, options: { num_ctx: 9 } } },
    },
    stream: false,
    notes: [
      'Left out, as a text that is continued has no place for it: images, format.',
      expect.stringContaining('(context) was left out'),
      'Options that only an Ollama server has were left out: num_ctx.',
    ],
  });
});
