// Raw tool tokens: every framing and every cut mean the same, no token reaches a client, no word outside is lost.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { collect, type Reply } from '../../../../main/canonical/collect.ts';
import type { Message, Tool } from '../../../../main/canonical/conversation.ts';
import { createEventWriter } from '../../../../main/canonical/event-writer.ts';
import type { EventStream, FinishReason } from '../../../../main/canonical/events.ts';
import { readToolTokens } from '../../../../main/providers/kit/tool-token-stream.ts';
import { anyReply, cutAt, TOOL_NAMES } from '../../../support/tool-token-text.ts';

const TOOLS: readonly Tool[] = TOOL_NAMES.map((name) => ({ name }));
const TOKEN = /<\|(tool_|im_)|<\/?think>/;

type Piece = string | { readonly reasoning: string };

async function* say(pieces: readonly Piece[], finishReason: FinishReason = { kind: 'stop', raw: 'stop' }): EventStream {
  const writer = createEventWriter();
  writer.start({ id: 'r' });
  for (const piece of pieces) {
    if (typeof piece === 'string') writer.text(piece);
    else writer.reasoning(piece.reasoning);
    const batch = writer.take();
    if (batch.length > 0) yield batch;
  }
  writer.end(finishReason);
  yield writer.take();
}

interface Options {
  readonly tools?: readonly Tool[];
  readonly messages?: readonly Message[];
  readonly finish?: FinishReason;
  readonly unopenedThinking?: boolean;
}

async function read(pieces: readonly Piece[], options: Options = {}) {
  const notes: string[] = [];
  let late = 0;
  const { tools = TOOLS, messages = [], finish, unopenedThinking = false } = options;
  const events = readToolTokens(
    say(pieces, finish),
    { tools, messages },
    {
      unopenedThinking,
      noteUnopened: () => {
        late += 1;
      },
      note: (text) => notes.push(text),
    },
  );
  const reply = await collect(events);
  return { ...describeReply(reply), reply, notes, late };
}

function describeReply({ parts, finishReason }: Reply) {
  const join = (type: 'text' | 'reasoning') =>
    parts.flatMap((part) => (part.type === type ? [part.text] : [])).join('\u0000');
  const calls = parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
  return {
    text: join('text'),
    reasoning: join('reasoning'),
    calls: calls.map((part) => ({ id: part.id, name: part.name, arguments: part.arguments })),
    finish: finishReason.kind,
  };
}

const CALL = (id: string, text: string) =>
  `<|tool_call_begin|>${id}<|tool_call_argument_begin|>${text}<|tool_call_end|>`;
const SECTION = (...calls: string[]) => `<|tool_calls_section_begin|>${calls.join('')}<|tool_calls_section_end|>`;

describe('in 10,000 generated streams', () => {
  it('no token reaches the client, no word outside is lost, and every call is whole', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyReply, fc.array(fc.nat(), { maxLength: 12 }), async ({ raw, meant }, borders) => {
        const seen = await read(cutAt(raw, borders));
        const shown = [
          seen.text,
          seen.reasoning,
          ...seen.calls.flatMap(({ id, name, arguments: text }) => [id, name, text]),
        ];
        expect(shown.filter((text) => TOKEN.test(text))).toEqual([]);
        const trim = (text: string) =>
          text
            .split('\u0000')
            .map((part) => part.trim())
            .join('\u0000');
        expect(trim(seen.text)).toBe([meant.text, meant.after].filter((text) => text !== '').join('\u0000'));
        expect(trim(seen.reasoning)).toBe(meant.reasoning);
        expect(seen.calls.map(({ name, arguments: text }) => ({ name, input: JSON.parse(text) }))).toEqual(meant.calls);
        expect(new Set(seen.calls.map(({ id }) => id)).size).toBe(seen.calls.length);
        expect(seen.finish).toBe(meant.calls.length > 0 ? 'tool-calls' : 'stop');
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('a reply cut anywhere', () => {
  const raw = `<think>Hm <b>.</think>\n\nI look.  ${SECTION(
    CALL(' functions.get_weather:0 ', ' {"city": "Ås <|"} '),
    ` ${CALL('functions.read-file:1', '{}')}`,
  )}\n`;

  it('means the same at every place and in single characters', async () => {
    const whole = await read([raw]);
    expect(whole).toMatchObject({
      reasoning: 'Hm <b>.',
      text: 'I look.',
      calls: [
        { id: 'functions.get_weather:0', name: 'get_weather', arguments: '{"city": "Ås <|"}' },
        { id: 'functions.read-file:1', name: 'read-file', arguments: '{}' },
      ],
      finish: 'tool-calls',
      notes: [],
    });
    for (let at = 1; at < raw.length; at++) expect(await read([raw.slice(0, at), raw.slice(at)])).toEqual(whole);
    expect(await read([...raw])).toEqual(whole);
  });

  it('is said as it comes: arguments are not held back to their end', async () => {
    const events = readToolTokens(
      say([SECTION(CALL('functions.search:0', '{"q":"a')).split('<|tool_call_end|>')[0] ?? '']),
      { tools: TOOLS, messages: [] },
      { unopenedThinking: false, note: () => {} },
    );
    const seen: string[] = [];
    for await (const batch of events) {
      for (const event of batch) if (event.type === 'tool-call-delta') seen.push(event.text);
      break;
    }
    expect(seen).toEqual(['{"q":"a']);
  });
});

describe('thinking', () => {
  it('ends with a section that begins within it, in either channel', async () => {
    const call = SECTION(CALL('functions.search:0', '{"q":1}'));
    const open = { reasoning: 'Hm.', text: '', calls: [{ name: 'search', arguments: '{"q":1}' }] };
    expect(await read([`<think>Hm.${call}`])).toMatchObject(open);
    expect(await read([{ reasoning: `Hm.${call}` }])).toMatchObject(open);
    expect(
      await read([{ reasoning: 'Hm.' }, { reasoning: call.slice(0, 9) }, { reasoning: call.slice(9) }]),
    ).toMatchObject(open);
  });

  it('ends with a bare call, too', async () => {
    expect(await read([`<think>Hm.${CALL('search:0', '{}')}`])).toMatchObject({
      reasoning: 'Hm.',
      calls: [{ name: 'search' }],
    });
  });

  it('ends within the channel of the thinking where its token stands there', async () => {
    expect(await read([{ reasoning: 'Hm.</think>\n\nYes.' }])).toMatchObject({ reasoning: 'Hm.', text: 'Yes.' });
    expect(await read([{ reasoning: 'Hm.' }, '</think>Yes.'])).toMatchObject({ reasoning: 'Hm.', text: 'Yes.' });
  });

  it('that nothing opened is told of, and read from its beginning the next time', async () => {
    const raw = 'I add them.</think>Two.';
    expect(await read([raw])).toMatchObject({ text: 'I add them.\u0000Two.'.replace('\u0000', ''), late: 1 });
    expect(await read([raw], { unopenedThinking: true })).toMatchObject({
      reasoning: 'I add them.',
      text: 'Two.',
      late: 0,
    });
  });

  it('that was expected and did not come is told as the answer', async () => {
    expect(await read(['Two.'], { unopenedThinking: true })).toMatchObject({ text: 'Two.' });
  });

  it('tokens in the middle of an answer are words of it', async () => {
    const text = 'Write <think> and </think> around it.';
    expect(await read(['<think>x</think>', text])).toMatchObject({ reasoning: 'x', text });
  });
});

describe('a call', () => {
  const messages: readonly Message[] = [
    { role: 'assistant', parts: [{ type: 'tool-call', id: 'functions.search:0', name: 'search', arguments: '{}' }] },
  ];

  it('gets a number of its own where the model begins its count anew', async () => {
    const { calls } = await read([SECTION(CALL('functions.search:0', '{}'), CALL('functions.search:0', '{}'))], {
      messages,
    });
    expect(calls.map(({ id }) => id)).toEqual(['functions.search:1', 'functions.search:2']);
  });

  it.each([
    ['functions.search:3', 'search', 'functions.search:3'],
    ['search:0', 'search', 'functions.search:0'],
    ['functions.mcp__files__write:0', 'mcp__files__write', 'functions.mcp__files__write:0'],
    ['functions.a.b_c:0', 'a.b_c', 'functions.a.b_c:0'],
    ['functions.GetWeather:1', 'get_weather', 'functions.get_weather:0'],
    ['functions.read_file', 'read-file', 'functions.read-file:0'],
  ])('written as %s is one of %s', async (id, name, own) => {
    expect((await read([SECTION(CALL(id, '{}'))])).calls).toEqual([{ id: own, name, arguments: '{}' }]);
  });

  it.each(['call_8f3a', 'call00003', '7', ''])(
    'with the foreign id "%s" is of the tool that takes its arguments',
    async (id) => {
      const tools: readonly Tool[] = [
        { name: 'weather', parameters: { type: 'object', properties: { city: {} }, required: ['city'] } },
        { name: 'sum', parameters: { type: 'object', properties: { a: {}, b: {} }, required: ['a'] } },
      ];
      const { calls, notes } = await read([SECTION(CALL(id, '{"a":1,"b":2}'))], { tools });
      expect(calls).toEqual([{ id: 'functions.sum:0', name: 'sum', arguments: '{"a":1,"b":2}' }]);
      expect(notes).toEqual([`The model called a tool as "${id}"; its arguments are those of sum.`]);
    },
  );

  it('with a foreign id is of the only tool that there is', async () => {
    expect((await read([SECTION(CALL('9', '{"x":1}'))], { tools: [{ name: 'one' }] })).calls).toMatchObject([
      { name: 'one' },
    ]);
  });

  it('of a tool that is not there goes on under its own name, and that is noted', async () => {
    const { calls, notes } = await read([SECTION(CALL('functions.fly:0', '{"x":1}'))]);
    expect(calls).toMatchObject([{ name: 'fly' }]);
    expect(notes).toEqual(['The model called "fly", which is none of the tools that it was given.']);
  });

  it('without arguments takes an empty object', async () => {
    const raw =
      '<|tool_calls_section_begin|><|tool_call_begin|>functions.search:0<|tool_call_end|><|tool_calls_section_end|>';
    expect((await read([raw])).calls).toMatchObject([{ name: 'search', arguments: '{}' }]);
  });

  it('without the token before its arguments is read all the same', async () => {
    const raw = '<|tool_calls_section_begin|><|tool_call_begin|>functions.search:0 {"q":1}<|tool_call_end|>';
    expect((await read([raw])).calls).toMatchObject([{ name: 'search', arguments: '{"q":1}' }]);
  });

  it('whose arguments lack their end gets it, noted', async () => {
    const { calls, notes } = await read([SECTION(CALL('functions.search:0', '{"q":{"a":[1,2'))]);
    expect(calls).toMatchObject([{ arguments: '{"q":{"a":[1,2]}}' }]);
    expect(notes).toEqual(['The arguments of a call of search lacked their end (]}}); it was added.']);
  });

  it('may hold words about tokens in its strings, cut anywhere', async () => {
    const text = JSON.stringify({ file: 'End: <|tool_call_end|>', other: '<|tool_call_begin|>"<|im_end|> </think>' });
    const raw = SECTION(CALL('functions.search:0', text), CALL('functions.search:1', text));
    for (let at = 1; at < raw.length; at++) {
      const { calls } = await read([raw.slice(0, at), raw.slice(at)]);
      expect(calls).toMatchObject([{ arguments: text }, { arguments: text }]);
    }
    expect((await read([...raw])).calls).toMatchObject([{ arguments: text }, { arguments: text }]);
  });

  it('with a string that never ends is over where its end is followed by another', async () => {
    const { calls } = await read([SECTION(CALL('functions.search:0', '{"q":"lo'), CALL('functions.search:1', '{}'))]);
    expect(calls).toMatchObject([{ arguments: '{"q":"lo' }, { arguments: '{}' }]);
  });

  it('that the token limit cuts off stays cut off', async () => {
    const raw = '<|tool_calls_section_begin|><|tool_call_begin|>functions.search:0<|tool_call_argument_begin|>{"q":"lo';
    const { calls, finish } = await read([raw], { finish: { kind: 'length', raw: 'length' } });
    expect(calls).toMatchObject([{ arguments: '{"q":"lo' }]);
    expect(finish).toBe('length');
  });

  it('may be as long as it likes', async () => {
    const text = JSON.stringify({ content: 'x<|y'.repeat(200_000) });
    const pieces = cutAt(
      SECTION(CALL('functions.search:0', text)),
      Array.from({ length: 500 }, (_, at) => at * 1601),
    );
    expect((await read(pieces)).calls).toMatchObject([{ arguments: text }]);
  });
});

describe('what stands around calls', () => {
  it('within a section is dropped, before and behind it kept', async () => {
    const raw = `Before. <|tool_calls_section_begin|> chatter ${CALL('functions.search:0', '{}')} more <|tool_calls_section_end|>\n\nAfter.`;
    expect(await read([raw])).toMatchObject({ text: 'Before.\u0000After.', calls: [{ name: 'search' }] });
  });

  it('may be a second section', async () => {
    const raw = `${SECTION(CALL('search:0', '{}'))}And. ${SECTION(CALL('Run2:0', '{}'))}`;
    expect(await read([raw])).toMatchObject({ text: 'And.', calls: [{ name: 'search' }, { name: 'Run2' }] });
  });

  it('at the end of the text is kept where it only looks like a token, and dropped where it is half of one', async () => {
    expect((await read(['a <'])).text).toBe('a <');
    expect((await read(['a<|tool_calls_sec'])).text).toBe('a');
    expect((await read(['a', '<|im_end|>'])).text).toBe('a');
  });

  it('is nobody else’s: two replies at a time do not meet', async () => {
    const raw = `A${SECTION(CALL('functions.search:0', '{"q":1}'))}`;
    const all = await Promise.all(Array.from({ length: 20 }, () => read([...raw])));
    for (const one of all) expect(one).toEqual(all[0]);
  });
});
