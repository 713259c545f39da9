// The reader of OpenAI-shaped answers: split anywhere, and sloppy in every way seen in the wild.
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import {
  createOpenAiChatStreamReader,
  readOpenAiChatAnswer,
} from '../../../../main/providers/kit/openai-chat-stream.ts';
import { chunk, DONE, textChunk, usageChunk } from '../../../support/openai-stub.ts';
import { everySplit, readPieces, readWhole } from '../../../support/splits.ts';

const create = () => createOpenAiChatStreamReader('acme');
const read = (...frames: string[]) => readWhole(create, Buffer.from(frames.join('')));
const toolCall = (piece: object) => chunk({ tool_calls: [piece] });
const brief = (events: readonly ConversationEvent[]) =>
  events.map((event) => {
    switch (event.type) {
      case 'tool-call-start':
        return `${event.type} ${event.block} ${event.id} ${event.name}`;
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        return `${event.type} ${event.block} ${event.text}`;
      case 'reply-end':
        return `${event.type} ${event.finishReason.kind} ${event.finishReason.raw}`;
      case 'error':
        return `${event.type} ${event.error.kind} ${event.error.message}`;
      case 'usage':
        return `${event.type} ${JSON.stringify(event.usage)}`;
      default:
        return 'block' in event ? `${event.type} ${event.block}` : event.type;
    }
  });

const EVERYTHING = [
  ': a comment of the server\n\n',
  chunk({ role: 'assistant', content: '' }),
  chunk({ reasoning_content: 'Überlegung — 考え' }),
  chunk({ content: 'Grüße 🙂 ' }),
  chunk({ content: 'aus\u2028Köln' }),
  toolCall({ index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } }),
  toolCall({ index: 0, function: { arguments: '{"city":"Kö' } }),
  toolCall({ index: 1, id: 'b', type: 'function', function: { name: 'time', arguments: '{}' } }),
  toolCall({ index: 0, function: { arguments: 'ln"}' } }),
  chunk({}, 'tool_calls'),
  usageChunk({ prompt_tokens: 9, completion_tokens: 4, completion_tokens_details: { reasoning_tokens: 2 } }),
  DONE,
].join('');

describe('a streamed answer', () => {
  it('becomes well-formed events', () => {
    expect(brief(read(EVERYTHING))).toEqual([
      'reply-start',
      'reasoning-start 0',
      'reasoning-delta 0 Überlegung — 考え',
      'reasoning-end 0',
      'text-start 1',
      'text-delta 1 Grüße 🙂 ',
      'text-delta 1 aus\u2028Köln',
      'text-end 1',
      'tool-call-start 2 a weather',
      'tool-call-delta 2 {"city":"Kö',
      'tool-call-start 3 b time',
      'tool-call-delta 3 {}',
      'tool-call-delta 2 ln"}',
      'usage {"inputTokens":9,"outputTokens":4,"reasoningTokens":2}',
      'tool-call-end 2',
      'tool-call-end 3',
      'reply-end tool-calls tool_calls',
    ]);
  });

  it.each([
    ['LF', EVERYTHING],
    ['CRLF', EVERYTHING.replaceAll('\n', '\r\n')],
  ])('is read the same however its bytes are split, with %s', (_name, text) => {
    const bytes = Buffer.from(text);
    const expected = readWhole(create, bytes);
    for (const pieces of everySplit(bytes)) expect(readPieces(create, pieces)).toEqual(expected);
  });

  it('keeps what only this dialect knows of a tool call', () => {
    const [start] = read(
      toolCall({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' }, extra_content: { google: 1 } }),
      DONE,
    ).filter(({ type }) => type === 'tool-call-start');
    expect(start).toMatchObject({ metadata: { openai: { extra_content: { google: 1 } } } });
  });
});

describe('usage is found', () => {
  it.each([
    [
      'at the top level',
      usageChunk({ prompt_tokens: 3, completion_tokens: 1, prompt_tokens_details: { cached_tokens: 2 } }),
    ],
    [
      'in the choice',
      `data: ${JSON.stringify({ choices: [{ delta: {}, usage: { prompt_tokens: 3, completion_tokens: 1, cached_tokens: 2 } }] })}\n\n`,
    ],
    [
      'with the cache hits of DeepSeek',
      usageChunk({ prompt_tokens: 3, completion_tokens: 1, prompt_cache_hit_tokens: 2 }),
    ],
  ])('%s', (_name, frame) => {
    const usage = read(chunk({ content: 'x' }, 'stop'), frame, DONE).find(({ type }) => type === 'usage');
    expect(usage).toMatchObject({ usage: { inputTokens: 3, cachedInputTokens: 2, outputTokens: 1 } });
  });

  it('and what is null in it is not told', () => {
    const usage = usageChunk({
      prompt_tokens: null,
      completion_tokens: 1,
      prompt_tokens_details: { cached_tokens: null },
      completion_tokens_details: { reasoning_tokens: null },
    });
    expect(brief(read(chunk({ content: 'x' }, 'stop'), usage, DONE))).toContain('usage {"outputTokens":1}');
  });
});

describe('tool calls of sloppy servers', () => {
  it.each([
    [
      'id and name repeated in each piece',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } },
        { index: 0, id: 'a', function: { name: 'f', arguments: '1}' } },
      ],
    ],
    ['no index', [{ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }]],
    ['an index that is none', [{ index: { toString: 1 }, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }]],
    [
      'an index as text',
      [
        { index: '0', id: 'a', function: { name: 'f', arguments: '{"x":' } },
        { index: '0', function: { arguments: '1}' } },
      ],
    ],
    ['arguments as an object', [{ index: 0, id: 'a', function: { name: 'f', arguments: { x: 1 } } }]],
    [
      'null arguments first',
      [
        { index: 0, id: 'a', function: { name: 'f', arguments: null } },
        { index: 0, function: { arguments: '{"x":1}' } },
      ],
    ],
    [
      'the name after the first piece',
      [
        { index: 0, id: 'a', function: { arguments: '{"x"' } },
        { index: 0, function: { name: 'f', arguments: ':1}' } },
      ],
    ],
  ])('come out whole: %s', (_name, pieces) => {
    const events = read(...pieces.map(toolCall), chunk({}, 'stop'), DONE);
    expect(events.find(({ type }) => type === 'tool-call-start')).toMatchObject({ id: 'a', name: 'f' });
    const text = events.flatMap((event) => (event.type === 'tool-call-delta' ? [event.text] : [])).join('');
    expect(JSON.parse(text)).toEqual({ x: 1 });
    expect(events.at(-1)).toMatchObject({ finishReason: { kind: 'tool-calls', raw: 'stop' } });
  });

  it('are told apart by their ids when all have the same index', () => {
    const call = (id: string) => toolCall({ index: 0, id, function: { name: 'f', arguments: '{}' } });
    const ids = read(call('a'), call('b'), DONE).flatMap((event) =>
      event.type === 'tool-call-start' ? [event.id] : [],
    );
    expect(ids).toEqual(['a', 'b']);
  });

  it('get an id where they have none', () => {
    const start = read(toolCall({ index: 0, function: { name: 'f', arguments: '{}' } }), DONE).find(
      ({ type }) => type === 'tool-call-start',
    );
    expect(start).toMatchObject({ id: expect.stringMatching(/^call_[0-9a-f]{32}$/) });
  });
});

describe('the end', () => {
  it('needs neither [DONE] nor a last empty line', () => {
    expect(brief(read(chunk({ content: 'x' }, 'stop').trimEnd())).at(-1)).toBe('reply-end stop stop');
  });

  it('may come without a finish reason when [DONE] says so', () => {
    expect(brief(read(chunk({ content: 'x' }), DONE)).at(-1)).toBe('reply-end stop undefined');
  });

  it.each([
    ['nothing at all', []],
    ['nothing but its mark', [DONE]],
    ['comments and its mark', [': working\n\n', DONE]],
  ])('is an error when the answer is %s', (_what, frames) => {
    expect(brief(read(...frames))).toEqual(['error upstream The upstream sent an empty answer.']);
  });

  it('is an error when the stream stops in the middle', () => {
    expect(brief(read(chunk({ content: 'x' }))).at(-1)).toBe(
      'error upstream The upstream closed the connection in the middle of its answer.',
    );
  });

  it.each([
    [{ message: 'Busy', type: 'engine_overloaded_error' }, 'error overloaded Busy'],
    [{ message: 'Slow', code: 'rate_limit_exceeded' }, 'error rate-limited Slow'],
    ['plain words', 'error upstream plain words'],
    [{ message: 'Slow', code: 429 }, 'error rate-limited Slow'],
    [{ message: 'Busy', code: 529 }, 'error overloaded Busy'],
    [{ message: 'Pay', code: 402 }, 'error quota-exhausted Pay'],
    [{ message: 'Pay', type: 'insufficient_quota' }, 'error quota-exhausted Pay'],
    [{ message: 'Bad key', type: 'authentication_error' }, 'error unauthorized Bad key'],
    [{ message: 'Bad gateway', code: 502 }, 'error upstream Bad gateway'],
    [{ message: 'Odd', code: '1301' }, 'error upstream Odd'],
  ])('is an error when the upstream says so: %j', (error, expected) => {
    const frames = [chunk({ content: 'x' }), `data: ${JSON.stringify({ error })}\n\n`, DONE];
    expect(brief(read(...frames)).at(-1)).toBe(expected);
  });
});

describe('an answer of the wrong types', () => {
  const frame = (content: object) => `data: ${JSON.stringify(content)}\n\n`;

  it.each([{}, 'f', [null], ['f']])('is the failure of the upstream, not of the house: tool_calls %j', (calls) => {
    expect(brief(read(frame({ choices: [{ delta: { tool_calls: calls } }] }), DONE)).at(-1)).toBe(
      'error upstream The upstream sent tool_calls of an unknown form.',
    );
  });

  it('tells only the names and counts that are some', () => {
    const usage = { prompt_tokens: { a: 1 }, completion_tokens: '7', cached_tokens: -1, prompt_tokens_details: [] };
    const odd = { id: 5, model: {}, usage, choices: [{ delta: { content: [{ text: 5 }, null] }, finish_reason: 7 }] };
    const events = read(
      frame(odd),
      frame({ usage: 'lots' }),
      toolCall({ id: 5, function: { name: 'f', arguments: 9 } }),
      DONE,
    );
    expect(events[0]).toMatchObject({ type: 'reply-start', id: undefined, model: undefined });
    expect(brief(events).slice(1)).toEqual([
      expect.stringMatching(/^tool-call-start 0 call_\w+ f$/),
      'tool-call-delta 0 9',
      'tool-call-end 0',
      'reply-end tool-calls undefined',
    ]);
  });
});

describe('a whole answer', () => {
  it('becomes the same events', () => {
    const message = {
      content: 'Hi',
      reasoning: 'Hm',
      tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
    };
    const text = JSON.stringify({ id: 'x', model: 'm', choices: [{ message, finish_reason: 'tool_calls' }] });
    expect(brief(readOpenAiChatAnswer(text, 'acme'))).toEqual([
      'reply-start',
      'reasoning-start 0',
      'reasoning-delta 0 Hm',
      'reasoning-end 0',
      'text-start 1',
      'text-delta 1 Hi',
      'text-end 1',
      'tool-call-start 2 a f',
      'tool-call-delta 2 {}',
      'tool-call-end 2',
      'reply-end tool-calls tool_calls',
    ]);
  });

  it.each([
    ['<html>', 'web page'],
    ['{"choices":[]}', 'without a choice'],
    ['[]', 'without a choice'],
    ['7', 'no answer'],
    ['{"error":{"message":"No"}}', 'No'],
  ])('that is none says so: %s', (text, words) => {
    expect(() => readOpenAiChatAnswer(text, 'acme')).toThrow(words);
  });
});

describe('a streamed completion', () => {
  const COMPLETION = [
    textChunk('Grüße '),
    textChunk('🙂"\n'),
    textChunk('', 'length'),
    usageChunk({ prompt_tokens: 9 }),
  ];

  it('becomes the events of a text', () => {
    expect(brief(read(...COMPLETION, DONE))).toEqual([
      'reply-start',
      'text-start 0',
      'text-delta 0 Grüße ',
      'text-delta 0 🙂"\n',
      'usage {"inputTokens":9}',
      'text-end 0',
      'reply-end length length',
    ]);
  });

  it('is read the same however its bytes are split', () => {
    const bytes = Buffer.from([...COMPLETION, DONE].join(''));
    const expected = readWhole(create, bytes);
    for (const pieces of everySplit(bytes)) expect(readPieces(create, pieces)).toEqual(expected);
  });

  it('that stops in the middle is broken, not complete', () => {
    expect(brief(read(textChunk('Half'))).at(-1)).toContain('error upstream The upstream closed the connection');
  });
});
