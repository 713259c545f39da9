// The events of the bot protocol as one reply: what is replaced, what is shown, what breaks, however the bytes are cut.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { type BotReaderOptions, createBotStreamReader } from '../../../../main/providers/poe/bot-stream.ts';
import { frame, say } from '../../../support/poe-events.ts';
import { describeEvents } from '../../../support/poe-scene.ts';
import { everySplit, readPieces, readWhole } from '../../../support/splits.ts';

const options = (extra: Partial<BotReaderOptions> = {}): BotReaderOptions => ({
  bot: 'GPT-5.4',
  holds: false,
  thinking: 'reasoning',
  estimateInputTokens: () => 3,
  onTakenBack: () => {},
  onUnknown: () => {},
  note: () => {},
  ...extra,
});

const read = (frames: readonly string[], extra: Partial<BotReaderOptions> = {}): ConversationEvent[] =>
  readWhole(() => createBotStreamReader(options(extra)), Buffer.from(frames.join('')));
const lines = (frames: readonly string[], extra: Partial<BotReaderOptions> = {}) => describeEvents(read(frames, extra));
/** Event by event, as a bot that takes its time sends them. */
const linesSlow = (frames: readonly string[], extra: Partial<BotReaderOptions> = {}) =>
  describeEvents(
    readPieces(
      () => createBotStreamReader(options(extra)),
      frames.map((one) => Buffer.from(one)),
    ),
  );

const PNG = 'https://pfst.cf2.poecdn.net/out.png';

describe('the text of a bot', () => {
  it('is one block, whatever stands around it', () => {
    const frames = [say.meta, say.ping, say.text('Hel'), say.data, say.text('lo'), say.suggest('More?'), say.done];
    expect(lines(frames)).toEqual(['text: Hello', 'end stop']);
    const unread = [
      frame('meta', 'nonsense'),
      frame('suggested_reply', '7'),
      say.text('Hi'),
      say.meta,
      frame('done', ''),
    ];
    expect(lines(unread)).toEqual(['text: Hi', 'end stop']);
  });

  it('comes with counts that call themselves an estimate, unless the bot tells true ones', () => {
    expect(read([say.text('Hello'), say.done])).toContainEqual({
      type: 'usage',
      usage: { inputTokens: 3, outputTokens: 2, estimated: true },
    });
    const told = say.json({}, 'stop', { usage: { prompt_tokens: 12, completion_tokens: 5 } });
    const usage = read([say.text('Hello'), told, say.done]).find((event) => event.type === 'usage');
    expect(usage).toMatchObject({ usage: { inputTokens: 12, outputTokens: 5 } });
    expect(usage?.usage.estimated).toBeUndefined();
  });

  it('names the bot that answers', () => {
    expect(read([say.text('Hi'), say.done])[0]).toMatchObject({ type: 'reply-start', model: 'GPT-5.4' });
  });

  it('without a word is an empty reply, and the log says so', () => {
    const notes: string[] = [];
    expect(lines([say.meta, say.done], { note: (text) => notes.push(text) })).toEqual(['end stop']);
    expect(notes).toEqual(['The bot ended its answer without a word.']);
  });

  it('reports events that are not known, and goes on', () => {
    const unknown: string[] = [];
    const frames = [frame('sparkle', 'anything'), say.text('Hi'), say.done];
    expect(lines(frames, { onUnknown: (event) => unknown.push(event) })).toEqual(['text: Hi', 'end stop']);
    expect(unknown).toEqual(['sparkle']);
  });
});

describe('a bot that replaces what it has said', () => {
  it('while it only shows that it is at work leaves nothing of that', () => {
    const frames = [
      say.replace('Generating... (1s elapsed)'),
      say.replace('Generating... (2s elapsed)'),
      say.replace('Done.'),
    ];
    expect(linesSlow([...frames, say.done])).toEqual(['text: Done.', 'end stop']);
    expect(
      linesSlow([say.text('Thinking...'), say.text('Thinking... (3s elapsed)'), say.text('Hello'), say.done]),
    ).toEqual(['text: Hello', 'end stop']);
    expect(linesSlow([say.replace(''), say.text('Hel'), say.text('lo'), say.done])).toEqual([
      'text: Hello',
      'end stop',
    ]);
  });

  it('by more of the same goes on where the client is', () => {
    expect(linesSlow([say.text('Hel'), say.replace('Hello'), say.text(' you'), say.done])).toEqual([
      'text: Hello you',
      'end stop',
    ]);
  });

  it('by something else breaks the reply off, for words that were sent cannot be taken back', () => {
    let takenBack = 0;
    const seen = linesSlow([say.text('No.'), say.replace('Yes.'), say.done], { onTakenBack: () => (takenBack += 1) });
    expect(seen[0]).toBe('text: No.');
    expect(seen[1]).toMatch(/^error upstream: The bot took back what it had said/);
    expect(takenBack).toBe(1);
  });

  it('by less breaks it off, too', () => {
    expect(linesSlow([say.text('Hello'), say.replace('Hel'), say.done]).at(-1)).toMatch(/^error upstream/);
  });

  it('is heard to the end where its answer is held', () => {
    const frames = [say.text('No.'), say.replace('Yes'), say.text('.'), say.done];
    expect(linesSlow(frames, { holds: true })).toEqual(['text: Yes.', 'end stop']);
  });

  it('may replace its thoughts by an answer', () => {
    const frames = [say.text('*Thinking...*\n\n> hm\n'), say.replace('Answer'), say.done];
    expect(linesSlow(frames)).toEqual(['reasoning: hm\n', 'text: Answer', 'end stop']);
  });
});

describe('thinking in the text', () => {
  it.each([
    [
      'a heading with quotes',
      ['*Thinking...*\n\n', '> **Plan**\n> do', ' it\n\nAnswer'],
      'GPT-5.4',
      '**Plan**\ndo it\n',
    ],
    ['tags', ['<think>do', ' it</think>\n', 'Answer'], 'GPT-5.4', 'do it'],
    ['a block of text', ['```text\ndo it\n', '```\nAnswer'], 'DeepSeek-V3.2', 'do it\n'],
  ])('is told apart: %s', (_name, words, bot, thought) => {
    const frames = [...words.map((text) => say.text(text)), say.done];
    expect(linesSlow(frames, { bot })).toEqual([`reasoning: ${thought}`, 'text: Answer', 'end stop']);
    expect(linesSlow(frames, { bot, thinking: 'remove' })).toEqual(['text: Answer', 'end stop']);
    expect(linesSlow(frames, { bot, thinking: 'pass' })[0]).toBe(`text: ${words.join('')}`);
  });

  it('that comes in a field of its own is reasoning', () => {
    const frames = [say.json({ reasoning_content: 'hm' }), say.json({ content: 'Answer' }, 'stop'), say.done];
    expect(lines(frames)).toEqual(['reasoning: hm', 'text: Answer', 'end stop']);
  });
});

describe('files', () => {
  it('stand where the text refers to them', () => {
    const frames = [
      say.file(PNG, 'image/png', 'out.png', 'ab12'),
      say.text('See ![a do'),
      say.text('t][ab12].'),
      say.done,
    ];
    expect(linesSlow(frames)).toEqual([`text: See ![a dot](${PNG}).`, 'end stop']);
  });

  it('that come after their mark are told at the end, in markdown’s own way', () => {
    const frames = [say.text('See ![a dot][ab12].'), say.file(PNG, 'image/png', 'out.png', 'ab12'), say.done];
    expect(linesSlow(frames)).toEqual([`text: See ![a dot][ab12].\n\n[ab12]: ${PNG}`, 'end stop']);
  });

  it('that nothing refers to are shown behind the text', () => {
    expect(lines([say.file(PNG, 'image/png', 'out.png'), say.done])).toEqual([`text: ![out.png](${PNG})`, 'end stop']);
    const frames = [say.text('Here.'), say.file(`${PNG}?a=(1)`, 'application/pdf', 'a]\n.pdf'), say.done];
    expect(lines(frames)).toEqual([`text: Here.\n\n[a  .pdf](${PNG}?a=%281%29)`, 'end stop']);
  });

  it('stay when the text is replaced', () => {
    const frames = [say.file(PNG, 'image/png', 'out.png'), say.replace('Done.'), say.done];
    expect(linesSlow(frames)).toEqual([`text: Done.\n\n![out.png](${PNG})`, 'end stop']);
  });
});

describe('tool calls', () => {
  it('are put together by their index', () => {
    const frames = [
      say.text('I look.'),
      say.toolStart(0, 'call_1', 'weather'),
      say.toolStart(1, 'call_2', 'time'),
      say.toolArguments(0, '{"city":'),
      say.toolArguments(1, '{}'),
      say.toolArguments(0, '"Oslo"}'),
      say.json({}, 'tool_calls'),
      say.done,
    ];
    expect(lines(frames)).toEqual(['text: I look.', 'call weather {"city":"Oslo"}', 'call time {}', 'end tool-calls']);
  });

  it('stand behind the text that came before them, even where the answer is held', () => {
    const frames = [say.text('I look.'), say.toolStart(0, 'call_1', 'time'), say.done];
    expect(lines(frames, { holds: true })).toEqual(['text: I look.', 'call time {}', 'end tool-calls']);
  });
});

describe('several answers side by side', () => {
  it('are not mixed: the first is the reply', () => {
    const notes: string[] = [];
    const frames = [
      say.text('Hel', 0),
      say.text('Other', 1),
      say.replace('Third', 2),
      say.text('lo', 0),
      frame('error', { text: 'no', index: 1 }),
      frame('done', { index: 1 }),
      say.done,
    ];
    expect(linesSlow(frames, { note: (text) => notes.push(text) })).toEqual(['text: Hello', 'end stop']);
    expect(notes).toEqual(['The bot gave 3 answers side by side; the first was passed on, the others were left out.']);
  });
});

describe('what goes wrong', () => {
  it.each([
    ['user_message_too_long', false, 'too-large'],
    ['insufficient_fund', false, 'quota-exhausted'],
    ['user_caused_error', false, 'invalid-request'],
    ['privacy_authorization_error', false, 'forbidden'],
    ['brand_new_error', undefined, 'upstream'],
  ])('%s is understood', (type, allowRetry, kind) => {
    const [failed] = read([say.error('', allowRetry, type)]).slice(-1);
    expect(failed).toMatchObject({ type: 'error', error: { kind, code: type, retryable: kind === 'upstream' } });
    expect((failed as { error: Error }).error.message).not.toBe('');
  });

  it('keeps the words of the bot, also those of its own upstream', () => {
    expect(lines([say.error('Out of tea.', false)])).toEqual(['error upstream: Out of tea.']);
    const raw = frame('error', { text: null, raw_response: '{"error":{"message":"Deep trouble"}}' });
    expect(lines([raw])).toEqual(['error upstream: Deep trouble']);
  });

  it.each([
    ['no JSON', frame('text', '{"text":'), false],
    ['no text', frame('text', { text: 7 }), false],
    ['no object', frame('text', '[1]'), true],
    ['a file without an address', frame('file', { url: 'javascript:alert(1)' }), false],
  ])('%s in an event', (_name, broken, retryable) => {
    const failed = read([say.text('Half'), broken, say.text('more'), say.done]);
    expect(describeEvents(failed)[0]).toBe('text: Half');
    expect(failed.at(-1)).toMatchObject({ type: 'error', error: { kind: 'upstream', retryable } });
  });

  it('a stream without its end is never taken for complete', () => {
    expect(lines([say.text('Half')]).at(-1)).toMatch(/^error upstream: The upstream closed the connection/);
  });
});

describe('however the bytes are cut', () => {
  const frames = [
    say.meta,
    say.text('*Thinking...*\n\n> hé\n\nSee ![é][ab12]'),
    say.file(PNG, 'image/png', 'é.png', 'ab12'),
    say.text(' — 🙂.'),
    say.toolStart(0, 'call_1', 'weather'),
    say.toolArguments(0, '{"city":"Ōsaka"}'),
    say.done,
  ];

  it('at every byte the reply is the same', () => {
    const bytes = Buffer.from(frames.join(''));
    const whole = lines(frames);
    expect(whole.at(-1)).toBe('end tool-calls');
    for (const pieces of everySplit(bytes))
      expect(describeEvents(readPieces(() => createBotStreamReader(options()), pieces))).toEqual(whole);
  });

  it('and whatever bots say: text without replacement arrives as it is', () => {
    const word = fc.constantFrom('a', '![', 'x]', '[r]', '\n', '> q', ' ', '🙂', '<', '`', '](u)', 'Thinking');
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 12 }), fc.nat(), (words, seed) => {
        const text = words.join('');
        const bytes = Buffer.from([...words.map((one) => say.text(one)), say.done].join(''));
        const at = seed % bytes.length;
        const seen = readPieces(
          () => createBotStreamReader(options({ thinking: 'pass' })),
          [bytes.subarray(0, at), bytes.subarray(at)],
        );
        expect(describeEvents(seen)).toEqual([`text: ${text}`, 'end stop']);
      }),
      { numRuns: 500 },
    );
  });

  it('and however thinking is written and cut: no mark of it reaches the answer', () => {
    const forms = fc.constantFrom<readonly [string, string, string]>(
      ['*Thinking...*\n\n> **A**\n> b\n\n', '**A**\nb\n', 'GPT-5.4'],
      ['Thinking... (12s elapsed)\n> a\n', 'a\n', 'Gemini-3.1-Pro'],
      ['<think>a > b</think>\n', 'a > b', 'MyBot'],
      ['Thinking...\n\n```text\na\n> b\n```\n', 'a\n> b\n', 'GPT-5.4'],
      ['```text\na\n```\n', 'a\n', 'DeepSeek-V3.2'],
    );
    const cuts = fc.array(fc.nat(), { maxLength: 6 });
    fc.assert(
      fc.property(forms, cuts, cuts, ([head, thought, bot], inText, inBytes) => {
        const cut = <Whole extends { slice(from: number, to?: number): Whole; readonly length: number }>(
          whole: Whole,
          places: readonly number[],
        ) => {
          const at = [
            0,
            ...places.map((place) => place % whole.length).toSorted((one, other) => one - other),
            whole.length,
          ];
          return at.slice(1).map((end, index) => whole.slice(at[index] ?? 0, end));
        };
        const texts = cut<string>(`${head}The answer.`, inText).filter((text) => text !== '');
        const bytes = Buffer.from([...texts.map((text) => say.text(text)), say.done].join(''));
        const seen = readPieces(() => createBotStreamReader(options({ bot })), cut<Buffer>(bytes, inBytes));
        expect(describeEvents(seen)).toEqual([`reasoning: ${thought}`, 'text: The answer.', 'end stop']);
      }),
      { numRuns: 3000 },
    );
  });

  it('a held answer and a streamed one say the same, or the streamed one says that it broke off', () => {
    const event = fc.oneof(
      fc.constantFrom('a', 'ab', 'abc', ' ', '\n', 'Thinking... (2s elapsed)').map((text) => say.text(text)),
      fc.constantFrom('', 'a', 'ab', 'abcd', 'Thinking...').map((text) => say.replace(text)),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 8 }), (events) => {
        const all = [...events, say.done];
        const held = linesSlow(all, { holds: true });
        const live = linesSlow(all);
        if (live.at(-1)?.startsWith('error')) return;
        expect(live.map((line) => line.trim())).toEqual(held.map((line) => line.trim()));
      }),
      { numRuns: 1000 },
    );
  });
});
