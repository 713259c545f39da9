// What becomes of replies in which a model writes its calls as text: what the client gets, when the model is asked again.
import { describe, expect, test } from 'vitest';
import { collect } from '../../../../../main/canonical/collect.ts';
import type { ConversationRequest } from '../../../../../main/canonical/conversation.ts';
import { createEventWriter } from '../../../../../main/canonical/event-writer.ts';
import type { EventStream, FinishReason } from '../../../../../main/canonical/events.ts';
import type { ToolOutcome } from '../../../../../main/canonical/models.ts';
import { converseWithEmulatedTools } from '../../../../../main/providers/kit/emulated-tools/converse.ts';

const REQUEST: ConversationRequest = {
  model: 'plain',
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'How is the weather in Oslo?' }] }],
  tools: [
    {
      name: 'get_weather',
      description: 'Tells the weather of a city.',
      parameters: {
        type: 'object',
        properties: { city: { type: 'string' }, days: { type: 'integer' } },
        required: ['city'],
      },
    },
    { name: 'get_time', parameters: { type: 'object', properties: {} } },
  ],
};

interface Answer {
  readonly text: string;
  readonly reasoning?: string;
  readonly finish?: FinishReason['kind'];
}

async function* say({ text, reasoning = '', finish = 'stop' }: Answer): EventStream {
  const writer = createEventWriter();
  writer.reasoning(reasoning);
  for (const piece of text.match(/[\s\S]{1,3}/g) ?? []) {
    writer.text(piece);
    yield writer.take();
  }
  writer.usage({ inputTokens: 10, outputTokens: 5 });
  writer.end({ kind: finish });
  yield writer.take();
}

async function run(answers: readonly (string | Answer)[], change: Partial<ConversationRequest> = {}) {
  const asked: ConversationRequest[] = [];
  const notes: string[] = [];
  const outcomes: ToolOutcome[] = [];
  const events = converseWithEmulatedTools({
    request: { ...REQUEST, ...change },
    ask: (request) => {
      const answer = answers[asked.length] ?? '';
      asked.push(request);
      return say(typeof answer === 'string' ? { text: answer } : answer);
    },
    note: (text) => notes.push(text),
    report: (outcome) => outcomes.push(outcome),
  });
  const reply = await collect(events).catch((error: Error) => error);
  if (reply instanceof Error) return { error: reply.message, asked, notes, outcomes };
  const parts = reply.parts.map((part) => {
    if (part.type === 'tool-call') return { call: part.name, arguments: part.arguments };
    return part.type === 'text' || part.type === 'reasoning' ? { [part.type]: part.text } : part;
  });
  return { parts, finish: reply.finishReason.kind, usage: reply.usage, asked, notes, outcomes };
}

const call = (name: string, args: string) => `<tool_call>\n{"name":"${name}","arguments":${args}}\n</tool_call>`;
const OSLO = call('get_weather', '{"city":"Oslo"}');

describe('a reply with emulated tools', () => {
  test('passes text on and makes calls of what stands between the tags', async () => {
    const { parts, finish, outcomes } = await run([`Let me look.\n\n${OSLO}\n${call('get_time', '{}')}\n`]);
    expect(parts).toEqual([
      { text: 'Let me look.' },
      { call: 'get_weather', arguments: '{"city":"Oslo"}' },
      { call: 'get_time', arguments: '{}' },
    ]);
    expect({ finish, outcomes }).toEqual({ finish: 'tool-calls', outcomes: ['well-formed'] });
  });

  const BAD = call('get_weather', '{"days":2}');

  test('asks once more with the fault told, and counts both answers', async () => {
    const { parts, asked, usage, outcomes, notes } = await run([BAD, OSLO]);
    expect(parts).toEqual([{ call: 'get_weather', arguments: '{"city":"Oslo"}' }]);
    expect({ usage, outcomes }).toEqual({ usage: { inputTokens: 20, outputTokens: 10 }, outcomes: ['retried'] });
    const added = (asked[1]?.messages ?? []).slice(asked[0]?.messages.length);
    expect(added.map(({ role }) => role)).toEqual(['assistant', 'user']);
    expect(JSON.stringify(added)).toContain('city');
    expect(notes).toHaveLength(1);
  });

  test('asks no third time: the call goes as it is, with a note', async () => {
    const { parts, asked, outcomes, notes, finish } = await run([BAD, BAD, OSLO]);
    expect(parts).toEqual([{ call: 'get_weather', arguments: '{"days":2}' }]);
    expect({ asked: asked.length, outcomes, finish }).toEqual({ asked: 2, outcomes: ['failed'], finish: 'tool-calls' });
    expect(notes.at(-1)).toContain('faulty');
  });

  test('does not ask again when words have gone to the client', async () => {
    const { asked, parts, outcomes } = await run([`Let me look.\n${BAD}`, OSLO]);
    expect({ asked: asked.length, outcomes }).toEqual({ asked: 1, outcomes: ['failed'] });
    expect(parts).toEqual([{ text: 'Let me look.' }, { call: 'get_weather', arguments: '{"days":2}' }]);
  });

  test('asks again after thinking, which is no answer yet', async () => {
    const { asked, parts } = await run([
      { text: BAD, reasoning: 'Hm.' },
      { text: OSLO, reasoning: 'Ah.' },
    ]);
    expect(asked).toHaveLength(2);
    expect(parts?.at(-1)).toEqual({ call: 'get_weather', arguments: '{"city":"Oslo"}' });
  });

  test('fails where no call can be made of what was written, twice', async () => {
    const { error, outcomes } = await run(['<tool_call>get it</tool_call>', '<tool_call>get it!</tool_call>']);
    expect(error).toContain('tool call that cannot be read');
    expect(outcomes).toEqual(['failed']);
  });

  test('hands a call on that was cut off by the length, as far as it came', async () => {
    const { parts, finish } = await run([{ text: OSLO.slice(0, 56), finish: 'length' }]);
    expect(finish).toBe('length');
    expect(parts).toEqual([{ call: 'get_weather', arguments: '{"city":"O' }]);
  });

  test('shows no half tag of a reply that was cut off', async () => {
    const { parts, finish } = await run([{ text: 'Well.\n<tool_ca', finish: 'length' }]);
    expect({ parts, finish }).toEqual({ parts: [{ text: 'Well.' }], finish: 'length' });
  });

  test('demands a call where one is required, and keeps words back until it has come', async () => {
    const { parts, asked, outcomes } = await run(['It rains.', OSLO], { toolChoice: { type: 'required' } });
    expect(parts).toEqual([{ call: 'get_weather', arguments: '{"city":"Oslo"}' }]);
    expect({ asked: asked.length, outcomes }).toEqual({ asked: 2, outcomes: ['retried'] });
  });

  test('says what the model says where it never calls what is required', async () => {
    const { parts, finish, outcomes } = await run(['It rains.', 'It rains!'], { toolChoice: { type: 'required' } });
    expect({ parts, finish, outcomes }).toEqual({
      parts: [{ text: 'It rains!' }],
      finish: 'stop',
      outcomes: ['failed'],
    });
  });

  test('offers only the tool that is named', async () => {
    const { asked, parts } = await run([OSLO, call('get_time', '{}')], {
      toolChoice: { type: 'tool', name: 'get_time' },
    });
    expect(JSON.stringify(asked[0])).not.toContain('get_weather');
    expect(parts).toEqual([{ call: 'get_time', arguments: '{}' }]);
  });

  test('makes no call where none may be made', async () => {
    const { parts, asked, outcomes, finish } = await run([`No.\n${OSLO}`], { toolChoice: { type: 'none' } });
    expect({ parts, finish, outcomes }).toEqual({ parts: [{ text: 'No.\n' }], finish: 'stop', outcomes: [] });
    expect(JSON.stringify(asked[0])).not.toContain('get_weather');
  });

  test('hands on one call where only one may be made', async () => {
    const { parts, notes } = await run([`${OSLO}\n${call('get_time', '{}')}`], { parallelToolCalls: false });
    expect(parts).toEqual([{ call: 'get_weather', arguments: '{"city":"Oslo"}' }]);
    expect(notes.join()).toContain('get_time');
  });

  test('takes a call out of thinking that never came to an answer', async () => {
    const { parts } = await run([{ text: '', reasoning: `I must look.\n${OSLO}` }]);
    expect(parts).toEqual([{ reasoning: 'I must look.\n' }, { call: 'get_weather', arguments: '{"city":"Oslo"}' }]);
  });

  test('drops drafts of calls from thinking that leads to an answer', async () => {
    const { parts } = await run([{ text: 'It rains.', reasoning: `Perhaps ${OSLO} or not.` }]);
    expect(parts).toEqual([{ reasoning: 'Perhaps  or not.' }, { text: 'It rains.' }]);
  });

  test('keeps long numbers to the last digit', async () => {
    const long = call('get_time', '{"at": 12345678901234567890}');
    expect((await run([long])).parts).toEqual([{ call: 'get_time', arguments: '{"at": 12345678901234567890}' }]);
  });

  test('gives the same ids each time, and others in a conversation that has them', async () => {
    const ids = async (messages = REQUEST.messages) => {
      const ask = () => say({ text: `${OSLO}${OSLO}` });
      const reply = await collect(
        converseWithEmulatedTools({ request: { ...REQUEST, messages }, ask, note: () => {} }),
      );
      return reply.parts.flatMap((part) => (part.type === 'tool-call' ? [part] : []));
    };
    const first = await ids();
    expect(first).toEqual(await ids());
    const more = await ids([...REQUEST.messages, { role: 'assistant', parts: first }]);
    expect(new Set([...first, ...more].map(({ id }) => id)).size).toBe(4);
  });

  test('passes a request without tools as it is', async () => {
    const { asked, parts } = await run([OSLO], { tools: undefined });
    expect(asked[0]?.messages).toBe(REQUEST.messages);
    expect(parts).toEqual([{ text: OSLO }]);
  });
});

describe('a lone backtick earlier in the line', () => {
  const ask = (city: string) =>
    `<tool_call>{"name": "get_weather", "arguments": {"city": ${JSON.stringify(city)}}}</tool_call>`;

  test.each([
    ['before a call whose arguments hold some', `The \` key: ${ask('`Oslo`')}`, ['`Oslo`']],
    ['before two such calls', `The \` key: ${ask('a "`b`" c')}${ask('`')}`, ['a "`b`" c', '`']],
    [
      'before a call in another markup',
      'The ` key: <invoke name="get_weather"><parameter name="city">`Oslo`</parameter></invoke>',
      ['`Oslo`'],
    ],
  ])('does not make code of it: %s', async (_name, text, cities) => {
    const { parts } = await run([text]);
    const calls = parts?.flatMap((part) => ('call' in part ? [JSON.parse(String(part.arguments)).city] : []));
    expect(calls).toEqual(cities);
    expect(JSON.stringify(parts)).not.toMatch(/tool_call>|invoke/);
  });

  test('costs no more for a long call', async () => {
    const before = performance.now();
    const { parts } = await run([`The \` key: ${ask('`x` "'.repeat(20_000))}`]);
    expect(parts?.map((part) => Object.keys(part)[0])).toEqual(['text', 'call']);
    expect(performance.now() - before).toBeLessThan(3_000);
  });

  test('makes code of a call that is shown between two', async () => {
    const text = `Write \`${ask('Oslo')}\` or \` ${ask('`Oslo`')} \` for that.`;
    expect((await run([text])).parts).toEqual([{ text }]);
  });
});
