// Kiro's answers as events: whole, cut anywhere by the network, cut off by the upstream, damaged, told twice.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConversationEvent } from '../../../../main/canonical/events.ts';
import { createKiroStreamReader, type KiroStreamOptions } from '../../../../main/providers/kiro/stream.ts';
import { createTextCallScanner } from '../../../../main/providers/kiro/text-calls.ts';
import { createToolNames } from '../../../../main/providers/kiro/tool-names.ts';
import { createTruncationMemory } from '../../../../main/providers/kiro/truncation.ts';
import { THINKING_TAGS } from '../../../../main/providers/kit/reasoning-splitter.ts';
import { cut, damage, frames, writeEvent } from '../../../support/kiro-frames.ts';
import { everySplit } from '../../../support/splits.ts';

const schema = { type: 'object', properties: { city: { type: 'string' }, days: { type: 'number' } } };
const tool = (name: string) => ({ toolSpecification: { name, description: 'd', inputSchema: { json: schema } } });
const base: KiroStreamOptions = {
  names: createToolNames(['get.weather', 'list']),
  tools: [tool('get_weather'), tool('list')],
  contextTokens: (model) => (model === 'claude-sonnet-4.6' ? 1_000_000 : 200_000),
  estimateInputTokens: () => 77,
};
const thinking: KiroStreamOptions = { ...base, reasoning: { tags: THINKING_TAGS, handling: 'reasoning' } };

function readPieces(pieces: readonly Buffer[], options: KiroStreamOptions): ConversationEvent[] {
  const reader = createKiroStreamReader(options);
  return [...pieces.flatMap((piece) => [...reader.push(piece)]), ...reader.end()];
}

function scan(pieces: readonly string[]) {
  const scanner = createTextCallScanner(
    new Map(base.tools.map(({ toolSpecification: { name } }) => [name, schema] as const)),
  );
  const seen = pieces.map((piece) => scanner.push(piece)).join('') + scanner.end();
  return { seen, calls: scanner.calls };
}

function cutText(text: string, cuts: readonly number[]): string[] {
  const places = [0, ...cuts.map((at) => at % (text.length + 1)).sort((one, other) => one - other), text.length];
  return places.slice(1).map((to, at) => text.slice(places[at], to));
}

/** The events in short, pieces of one block joined: how a text was cut says nothing. */
function digest(events: readonly ConversationEvent[]): string[] {
  const lines: string[] = [];
  for (const event of events) {
    if (event.type === 'text-delta' || event.type === 'reasoning-delta' || event.type === 'tool-call-delta') {
      const head = `${event.type.replace('-delta', '')} ${event.block}: `;
      if (lines.at(-1)?.startsWith(head)) lines[lines.length - 1] += event.text;
      else lines.push(head + event.text);
    } else if (event.type === 'error')
      lines.push(`error ${event.error.kind} ${event.error.code}: ${event.error.message}`);
    else {
      const { type, ...rest } = JSON.parse(JSON.stringify(event));
      lines.push(`${type} ${JSON.stringify(rest)}`);
    }
  }
  return lines;
}

/** The digest of an answer; it has to be the same however its bytes are cut: in single bytes, and in two at every `step`. */
function read(answer: readonly Buffer[], options = base, step = 11): string[] {
  const bytes = Buffer.concat(answer);
  const whole = digest(readPieces([bytes], options));
  for (const pieces of everySplit(bytes)) {
    if (pieces.length === 2 && (pieces[0]?.length ?? 0) % step !== 0) continue;
    const split = digest(readPieces(pieces, options));
    if (JSON.stringify(split) !== JSON.stringify(whole)) expect(split).toEqual(whole);
  }
  return whole;
}

describe('a whole answer', () => {
  it('becomes reasoning with its signature, text, usage and credits', () => {
    const answer = [
      frames.message('u-1'),
      frames.reasoning('Let me '),
      frames.reasoning('think'),
      frames.signature('c2ln'),
      frames.text('Grüße, ', 'claude-sonnet-4.6'),
      frames.text('🌍!'),
      ...frames.ignored(),
      frames.tail(),
    ];
    expect(read(answer, base, 1)).toMatchInlineSnapshot(`
      [
        "reply-start {"id":"u-1"}",
        "reasoning-start {"block":0}",
        "reasoning 0: Let me think",
        "reasoning-end {"block":0,"metadata":{"anthropic":{"signature":"c2ln"}}}",
        "text-start {"block":1}",
        "text 1: Grüße, 🌍!",
        "text-end {"block":1}",
        "usage {"usage":{"inputTokens":32693,"outputTokens":7,"estimated":true}}",
        "reply-end {"finishReason":{"kind":"stop","raw":"END_TURN"},"metadata":{"kiro":{"model":"claude-sonnet-4.6","credits":0.0897,"creditUnit":"credit","contextPercentage":3.27}}}",
      ]
    `);
  });

  it('takes fragments, objects and no arguments at all, of calls one after another and in turn', () => {
    const answer = [
      frames.text('Looking.'),
      frames.toolCall('t1', 'get_weather', '{"city":"Rīga"}', 3),
      frames.tool({ toolUseId: 't2', name: 'list', stop: true }),
      frames.tool({ toolUseId: 't3', name: 'get_weather', input: { city: 'Oslo' }, stop: true }),
      frames.tool({ toolUseId: 't4', name: 'get_weather', input: '{"city":' }),
      frames.tool({ toolUseId: 't5', name: 'get_weather', input: '{"city":"A' }),
      frames.tool({ toolUseId: 't4', name: 'get_weather', input: '"B"}' }),
      frames.tool({ toolUseId: 't5', name: 'get_weather', input: '"}' }),
      frames.tail('TOOL_USE'),
    ];
    expect(read(answer, base, 3)).toMatchInlineSnapshot(`
      [
        "reply-start {}",
        "text-start {"block":0}",
        "text 0: Looking.",
        "text-end {"block":0}",
        "tool-call-start {"block":1,"id":"t1","name":"get.weather"}",
        "tool-call 1: {"city":"Rīga"}",
        "tool-call-end {"block":1}",
        "tool-call-start {"block":2,"id":"t2","name":"list"}",
        "tool-call 2: {}",
        "tool-call-end {"block":2}",
        "tool-call-start {"block":3,"id":"t3","name":"get.weather"}",
        "tool-call 3: {"city":"Oslo"}",
        "tool-call-end {"block":3}",
        "tool-call-start {"block":4,"id":"t4","name":"get.weather"}",
        "tool-call 4: {"city":",
        "tool-call-start {"block":5,"id":"t5","name":"get.weather"}",
        "tool-call 5: {"city":"A",
        "tool-call 4: "B"}",
        "tool-call 5: "}",
        "tool-call-end {"block":4}",
        "tool-call-end {"block":5}",
        "usage {"usage":{"inputTokens":6528,"outputTokens":12,"estimated":true}}",
        "reply-end {"finishReason":{"kind":"tool-calls","raw":"TOOL_USE"},"metadata":{"kiro":{"credits":0.0897,"creditUnit":"credit","contextPercentage":3.27}}}",
      ]
    `);
  });

  it('passes a call on while it is being written', () => {
    const reader = createKiroStreamReader(base);
    reader.push(frames.tool({ toolUseId: 't1', name: 'list', input: '{"a":' }));
    expect(digest(reader.push(frames.tool({ toolUseId: 't1', name: 'list', input: '1' })))).toEqual(['tool-call 0: 1']);
  });

  it('says a call once that the upstream tells twice, the longer telling where the first was empty', () => {
    const twice = frames.toolCall('t1', 'get_weather', '{"city":"Oslo"}');
    const empty = frames.tool({ toolUseId: 't2', name: 'get_weather', stop: true });
    const full = frames.toolCall('t2', 'get_weather', '{"city":"Bergen"}');
    const calls = read([twice, twice, empty, full, frames.text('x'), twice, frames.tail()]).filter((line) =>
      line.startsWith('tool-call'),
    );
    expect(calls).toMatchInlineSnapshot(`
      [
        "tool-call-start {"block":0,"id":"t1","name":"get.weather"}",
        "tool-call 0: {"city":"Oslo"}",
        "tool-call-end {"block":0}",
        "tool-call-start {"block":1,"id":"t2","name":"get.weather"}",
        "tool-call 1: {"city":"Bergen"}",
        "tool-call-end {"block":1}",
      ]
    `);
  });

  it('brings sealed thinking at the end of a turn in a block of its own', () => {
    const answer = [
      frames.reasoning('open'),
      frames.redacted('aGlk'),
      frames.text('Hi'),
      frames.redacted('ZW5k'),
      frames.tail(),
    ];
    expect(read(answer).filter((line) => line.startsWith('reasoning'))).toEqual([
      'reasoning-start {"block":0}',
      'reasoning 0: open',
      'reasoning-end {"block":0}',
      'reasoning-start {"block":1}',
      'reasoning-end {"block":1,"metadata":{"anthropic":{"redacted":"aGlk"}}}',
      'reasoning-start {"block":3}',
      'reasoning-end {"block":3,"metadata":{"anthropic":{"redacted":"ZW5k"}}}',
    ]);
  });

  it('makes one batch of a chunk that holds many frames', () => {
    const reader = createKiroStreamReader(base);
    const batch = reader.push(Buffer.concat(Array.from({ length: 50 }, (_, at) => frames.text(`${at} `))));
    expect(batch.filter(({ type }) => type === 'text-delta')).toHaveLength(50);
  });

  it('names each event that nothing is known of once and goes on', () => {
    const unknown: string[] = [];
    const future = writeEvent('futureEvent', { a: 1 });
    const answer = [future, frames.text('Hi'), future, frames.tail()];
    const events = readPieces(answer, { ...base, onUnknown: (type) => unknown.push(type) });
    expect(digest(events)).toContain('text 0: Hi');
    expect(unknown).toEqual(['futureEvent']);
  });
});

describe('thinking between tags', () => {
  it('becomes reasoning, also where a call or native thinking follows', () => {
    const answer = [
      frames.text('\n<thin'),
      frames.text('king>why'),
      frames.text(' not</think'),
      frames.text('ing>\n\nAnswer'),
      frames.toolCall('t1', 'list', '{}'),
      frames.tail(),
    ];
    expect(read(answer, thinking).slice(1, 7)).toEqual([
      'reasoning-start {"block":0}',
      'reasoning 0: why not',
      'reasoning-end {"block":0}',
      'text-start {"block":1}',
      'text 1: Answer',
      'text-end {"block":1}',
    ]);
    expect(read([frames.reasoning('native'), frames.text('Hi'), frames.tail()], thinking)).toContain(
      'reasoning 0: native',
    );
  });

  it('ends with a call where its tag was never closed', () => {
    const answer = [frames.text('<thinking>hm'), frames.toolCall('t1', 'list', '{}'), frames.tail()];
    const lines = read(answer, thinking);
    expect(lines.slice(1, 5)).toEqual([
      'reasoning-start {"block":0}',
      'reasoning 0: hm',
      'reasoning-end {"block":0}',
      'tool-call-start {"block":1,"id":"t1","name":"list"}',
    ]);
    expect(lines.at(-1)).toContain('"kind":"tool-calls"');
  });
});

describe('calls in the text', () => {
  const kinds: [string, string][] = [
    ['brackets', '[Called get_weather with args: {"city":"O]s}lo"}]'],
    [
      'invokes',
      '<function_calls>\n<invoke name="get_weather">\n<parameter name="city">O]s}lo</parameter>\n</invoke>\n</function_calls>',
    ],
    ['one invoke', '<invoke name="get_weather"><parameter name="city">O]s}lo</parameter></invoke>'],
    [
      'a prefix',
      '<｜DSML｜function_calls><｜DSML｜invoke name="get_weather"><｜DSML｜parameter name="city" string="true">O]s}lo</｜DSML｜parameter></｜DSML｜invoke></｜DSML｜function_calls>',
    ],
    ['JSON', '<tool_use>{"name":"get_weather","input":{"city":"O]s}lo"}}</tool_use>'],
  ];

  it.each(kinds)('are called instead of shown: %s', (_, markup) => {
    const bytes = `Sure. ${markup} Done < [x] now.`;
    const pieces = bytes.match(/[\s\S]{1,7}/gu) ?? [];
    const lines = read([...pieces.map((piece) => frames.text(piece)), frames.tail()]);
    expect(lines.filter((line) => /^(text|tool-call) /.test(line))).toEqual([
      'text 0: Sure.  Done < [x] now.',
      'tool-call 1: {"city":"O]s}lo"}',
    ]);
    expect(lines.find((line) => line.startsWith('tool-call-start'))).toContain('"name":"get.weather"');
    expect(lines.at(-1)).toContain('"kind":"tool-calls"');
  });

  it.each([
    'Write [Called nothing with args: {"a":1}] or [Called get_weather] in the text.',
    'Use <function_calls> and <invoke name="other"></invoke> or <tool_use>, a < b.',
    '<invoke name="get_weather" is half a tag',
  ])('stay text where they call nothing that is offered: %s', (text) => {
    const pieces = text.match(/.{1,5}/g) ?? [];
    const lines = read([...pieces.map((piece) => frames.text(piece)), frames.tail()]);
    expect(lines).toContain(`text 0: ${text}`);
    expect(lines.at(-1)).toContain('"kind":"stop"');
  });

  it('are found however the text is cut, and what is no call is never lost', () => {
    const piece = fc.oneof(
      fc.constantFrom(...kinds.map(([, markup]) => markup)),
      fc.constantFrom(
        '[Called ',
        'get_weather',
        ' with args: ',
        '{"a":1}',
        ']',
        '<invoke name="',
        'list',
        '">',
        '<',
        '\n',
      ),
      fc.constantFrom(
        '</invoke>',
        '<tool_use>',
        '{"name":"list"',
        '}',
        '</tool_use>',
        '<function_calls>',
        '</function_calls>',
      ),
      fc.constantFrom('<invoke name="list">', '<parameter name="a">', '</parameter>', '[Called list with args: ', ' '),
      fc.string({ maxLength: 6 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), fc.array(fc.nat(60), { maxLength: 5 }), (words, cuts) => {
        const text = words.join('');
        const whole = scan([text]);
        expect(scan(cutText(text, cuts))).toEqual(whole);
        expect(scan([...text])).toEqual(whole);
        if (whole.calls.length === 0) expect(whole.seen).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('are not called again where the upstream has called them', () => {
    const text = frames.text('[Called list with args: {"city": "x"}]');
    const lines = read([text, frames.toolCall('t1', 'list', '{"city":"x"}'), frames.tail()]);
    expect(lines.filter((line) => line.startsWith('tool-call-start'))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('text'))).toEqual([]);
  });

  it('that turn out to be text are said before what comes next', () => {
    const lines = read([frames.text('See [Called li'), frames.toolCall('t1', 'list', '{}'), frames.tail()]);
    expect(lines.slice(2, 5)).toEqual([
      'text 0: See [Called li',
      'text-end {"block":0}',
      'tool-call-start {"block":1,"id":"t1","name":"list"}',
    ]);
  });

  it('that are cut arrive as cut, not as text', () => {
    const lines = read([frames.text('Now [Called list with args: {"city":"Os'), frames.tail()]);
    expect(lines).toContain('tool-call 1: {"city":"Os');
    expect(lines.filter((line) => line.startsWith('text 0'))).toEqual(['text 0: Now ']);
    expect(lines.at(-1)).toContain('"kind":"length"');
  });

  it('are left alone where no tools were offered', () => {
    const markup = '[Called list with args: {}]';
    expect(read([frames.text(markup), frames.tail()], { ...base, tools: [] })).toContain(`text 0: ${markup}`);
  });
});

describe('an answer that was cut, which users of other gateways complained about (by the number of the theme)', () => {
  it('6: ends as too long where a call has half its arguments, and is remembered', () => {
    const truncations = createTruncationMemory();
    const answer = [
      frames.tool({ toolUseId: 't1', name: 'list', input: '{"path":"a.txt","content":"line 1\\n' }),
      frames.tail('TOOL_USE'),
    ];
    const lines = read(answer, { ...base, truncations });
    expect(lines.at(-1)).toContain('"finishReason":{"kind":"length","raw":"TOOL_USE"}');
    expect(truncations.hasCall('t1')).toBe(true);
  });

  it('10: ends as too long where text stops without a word about its end', () => {
    const truncations = createTruncationMemory();
    const lines = read([frames.text('Once upon a ti')], { ...base, truncations });
    expect(lines.at(-1)).toContain('"finishReason":{"kind":"length"}');
    expect(truncations.hasText('Once upon a ti')).toBe(true);
  });

  it('ends as other where no call can be read, so that no client waits', () => {
    const answer = [frames.tool({ toolUseId: 't1', name: 'list', input: 'nonsense', stop: true }), frames.tail()];
    expect(read(answer).at(-1)).toContain('"finishReason":{"kind":"other","raw":"END_TURN"}');
  });

  it('10: is an error where the connection closed within a frame', () => {
    const lines = read([frames.text('Hel'), cut(frames.text('lo'))]);
    expect(lines.slice(-2)).toEqual([
      'text 0: Hel',
      'error upstream cut_frame: The upstream closed the connection in the middle of its answer.',
    ]);
  });

  it('10: is an error that may be tried again where nothing was said at all', () => {
    const reader = createKiroStreamReader(base);
    reader.push(frames.tail());
    const [event] = reader.end();
    expect(event).toMatchObject({ type: 'error', error: { code: 'empty_answer', retryable: true } });
    expect(reader.visible).toBe(false);
    expect(read([])).toEqual(['error upstream empty_answer: Kiro gave an empty answer.']);
  });
});

describe('a damaged frame', () => {
  it.each(['prelude', 'payload', 'checksum'] as const)('is reported, and nothing after it is read: %s', (where) => {
    const lines = read([frames.text('Hel'), damage(frames.text('lo'), where), frames.text('!'), frames.tail()]);
    expect(lines.slice(0, 3)).toEqual(['reply-start {}', 'text-start {"block":0}', 'text 0: Hel']);
    expect(lines.slice(3)).toEqual([expect.stringMatching(/^error upstream damaged_frame: The answer .* is damaged/)]);
  });

  it('is reported wherever a single bit is wrong, and never ends as an answer', () => {
    const bytes = Buffer.concat([frames.text('Hi'), frames.stop('END_TURN')]);
    for (let at = 0; at < bytes.length; at++) {
      const damaged = Buffer.from(bytes);
      damaged[at] = (damaged[at] ?? 0) ^ (1 << (at % 8));
      expect(readPieces([damaged], base).at(-1), `byte ${at}`).toMatchObject({ type: 'error' });
    }
  });

  it('of an impossible length does not make us wait', () => {
    const reader = createKiroStreamReader(base);
    const huge = Buffer.alloc(12, 0xff);
    expect(reader.push(huge)).toMatchObject([{ type: 'error', error: { code: 'damaged_frame' } }]);
    expect(reader.ended).toBe(true);
  });

  it('that is no JSON is reported', () => {
    expect(read([writeEvent('assistantResponseEvent', '{"content":')]).at(-1)).toMatch(/^error upstream damaged_frame/);
  });
});

describe('an exception inside an answer', () => {
  it.each([
    [frames.exception('ThrottlingException', 'Slow down'), 'error rate-limited ThrottlingException: Slow down'],
    [frames.exception('InternalServerException', 'Oh'), 'error upstream InternalServerException: Oh'],
    [
      frames.exception('ValidationException', 'No', 'TOOL_SCHEMA_INVALID'),
      'error invalid-request TOOL_SCHEMA_INVALID: No (reason: TOOL_SCHEMA_INVALID)',
    ],
    [frames.error('500', 'broken'), 'error upstream 500: broken'],
    [frames.invalidState('BAD', 'state'), 'error upstream BAD: state (reason: BAD)'],
  ])('is an error, after what was said %#', (frame, line) => {
    expect(read([frame])).toEqual([line]);
    expect(read([frames.text('Hi'), frame, frames.tail()]).slice(-2)).toEqual(['text 0: Hi', line]);
  });

  it('tells the caller what may help', () => {
    const reader = createKiroStreamReader(base);
    expect(reader.failure).toBeUndefined();
    reader.push(frames.exception('ExpiredTokenException', 'old'));
    expect(reader.failure?.step).toBe('refresh');
    expect(reader.visible).toBe(false);
  });

  it('about the length refuses the request, or ends an answer that has grown too long', () => {
    const exception = frames.exception('ContentLengthExceededException', 'too long');
    expect(read([exception])[0]).toMatch(/^error invalid-request context_length_exceeded: Prompt is too long/);
    expect(read([frames.text('Hi'), exception]).at(-1)).toContain('"kind":"length"');
  });
});

describe('the end', () => {
  it.each([
    ['END_TURN', 'stop'],
    ['STOP_SEQUENCE', 'stop'],
    ['MAX_TOKENS', 'length'],
    ['MODEL_CONTEXT_WINDOW_EXCEEDED', 'length'],
    ['CONTENT_FILTERED', 'content-filter'],
    ['GUARDRAIL_INTERVENED', 'content-filter'],
    ['SOMETHING_NEW', 'other'],
  ])('%s is %s', (raw, kind) => {
    const end = readPieces([frames.text('Hi'), frames.tail(raw)], base).at(-1);
    expect(end).toMatchObject({ type: 'reply-end', finishReason: { kind, raw } });
  });

  it('takes what the upstream counted before what it only tells a share of, and a guess last', () => {
    const usage = (...tail: Buffer[]) => {
      const events = readPieces([frames.text('12345678', 'claude-sonnet-4.6'), frames.stop('END_TURN'), ...tail], base);
      return events.find((event) => event.type === 'usage')?.usage;
    };
    const counted = frames.tokens({
      uncachedInputTokens: 10,
      cacheReadInputTokens: 5,
      cacheWriteInputTokens: 2,
      outputTokens: 4,
    });
    expect(usage(counted, frames.context(10))).toEqual({
      inputTokens: 17,
      cachedInputTokens: 5,
      cacheWriteTokens: 2,
      outputTokens: 4,
    });
    // One percent of the million that the answering model has.
    expect(usage(frames.context(1))).toEqual({ inputTokens: 9_998, outputTokens: 2, estimated: true });
    expect(usage()).toEqual({ inputTokens: 77, outputTokens: 2, estimated: true });
  });
});
