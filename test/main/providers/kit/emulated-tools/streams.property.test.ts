// Ten thousand streams of words, code, quoted markup and calls, sound and damaged, cut anywhere: no markup of a call reaches
// the client, no word outside of calls is lost, and every call comes out.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JsonObject, Tool } from '../../../../../main/canonical/conversation.ts';
import { createEventWriter } from '../../../../../main/canonical/event-writer.ts';
import type { ConversationEvent } from '../../../../../main/canonical/events.ts';
import type { ToolPlan } from '../../../../../main/providers/kit/emulated-tools/plan.ts';
import { createEmulatedReply } from '../../../../../main/providers/kit/emulated-tools/reply.ts';

const TOOLS: readonly Tool[] = ['read', 'write_file', 'mcp__server__search'].map((name) => ({ name }));
const PLAN: ToolPlan = {
  tools: new Map(TOOLS.map((tool) => [tool.name, tool])),
  choice: 'auto',
  parallel: true,
  usedIds: new Set(),
};

interface Segment {
  readonly text: string;
  /** What the client is to read of it. */
  readonly seen: string;
  readonly call?: { readonly name: string; readonly arguments: JsonObject };
}

const word = fc.oneof(
  fc.constantFrom('a < b', 'x', '<div>', '</p>', '<', '<t', '<tool', 'the <tool_call> tag', '🌍', '\\', '{"a":1}', '}'),
  fc.constantFrom(
    'Der Wert ist',
    '<tool_calling>',
    'call',
    '</',
    'if (a<tool_count) {}',
    '[x](y)',
    '天气',
    '`',
    "it's `` so",
  ),
);
const prose: fc.Arbitrary<Segment> = fc.array(word, { minLength: 1, maxLength: 6 }).map((words) => {
  const text = `${words.join(' ')}\n`;
  return { text, seen: text };
});
const quoted: fc.Arbitrary<Segment> = fc
  .constantFrom(
    '```json\n<tool_call>\n{"name":"read","arguments":{}}\n</tool_call>\n```\n',
    '~~~~\n```\n<tool_call>{"name":"read"}</tool_call>\n~~~\n~~~~\n',
    'Write `<tool_call>{"name":"read","arguments":{}}</tool_call>` to call.\n',
    'It is "<tool_call>{"name":"read","arguments":{}}" and so on.\n',
    '> <tool_call>{"name":"read","arguments":{}}\n',
    'A ``<tool_call>{`` opens it, a `<invoke name="read">` too.\n',
  )
  .map((text) => ({ text, seen: text }));

const value = fc.oneof(
  fc.string({ maxLength: 20, unit: 'grapheme' }),
  fc.constantFrom('a "quoted" \\ line\nand `ticks` ```', '<tool_call>', '</tool_call>\n', '{"name":"read"}', '</div>'),
  fc.integer(),
  fc.boolean(),
  fc.array(fc.string({ maxLength: 4 }), { maxLength: 3 }),
);
const DAMAGES: readonly ((json: string) => string)[] = [
  (json) => json.replace(/\}\}$/, '}'),
  (json) => json.replace(/\}\}$/, '}}}'),
  (json) => json.replace(/\}\}$/, '},}'),
  (json) => json.replace('"name":', 'name:'),
  (json) => json.replaceAll('"', "'"),
  (json) => json.replace('"path":"', '"path":"').replace(/"count":(\d)/, '"count":$1,'),
  (json) => JSON.stringify({ ...JSON.parse(json), arguments: JSON.stringify(JSON.parse(json).arguments) }),
  (json) => json.replace('{"name"', '{ "name"').replace('"arguments":', '"arguments" : '),
];
const simple = fc.record({ path: fc.constantFrom('a.ts', '/b/c'), count: fc.integer({ min: 0, max: 9 }) });
const writeCall = (json: string, shape: number) =>
  [
    `<tool_call>\n${json}\n</tool_call>\n`,
    `<tool_call>${json}</tool_call>\n`,
    `<tool_call name="x">${json}</tool_call >`,
  ][shape % 3] as string;
const name = fc.constantFrom(...TOOLS.map((tool) => tool.name));
const shape = fc.nat(2);

const soundCall: fc.Arbitrary<Segment> = fc
  .record({ name, shape, given: fc.dictionary(fc.string({ minLength: 1, maxLength: 6 }), value, { maxKeys: 3 }) })
  .map(({ name, shape, given }) => {
    const call = { name, arguments: JSON.parse(JSON.stringify(given)) as JsonObject };
    return { text: writeCall(JSON.stringify(call), shape), seen: '', call };
  });
const damagedCall: fc.Arbitrary<Segment> = fc
  .record({ name, shape, given: simple, damage: fc.constantFrom(...DAMAGES) })
  .map(({ name, shape, given, damage }) => {
    const call = { name, arguments: given };
    return { text: writeCall(damage(JSON.stringify(call)), shape), seen: '', call };
  });
const foreignCall: fc.Arbitrary<Segment> = fc.record({ name, given: simple }).map(({ name, given }) => {
  const fields = Object.entries(given).map(([key, one]) => `<parameter name="${key}">${one}</parameter>`);
  const text = `<function_calls>\n<invoke name="${name}">${fields.join('\n')}</invoke>\n</function_calls>\n`;
  return { text, seen: '', call: { name, arguments: given } };
});

const stream = fc.record({
  segments: fc.array(
    fc.oneof(
      { weight: 4, arbitrary: prose },
      { weight: 2, arbitrary: quoted },
      { weight: 3, arbitrary: soundCall },
      { weight: 2, arbitrary: damagedCall },
      { weight: 1, arbitrary: foreignCall },
    ),
    { maxLength: 6 },
  ),
  cuts: fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }),
});

/** Everything a client would get of the text, however it is cut. */
function run(text: string, cuts: readonly number[]) {
  const writer = createEventWriter();
  const reply = createEmulatedReply(PLAN, writer);
  let at = 0;
  for (let turn = 0; at < text.length; turn++) {
    const length = cuts[turn % cuts.length] ?? 1;
    reply.text(text.slice(at, at + length));
    at += Math.max(length, turn % cuts.length === 0 ? 1 : length);
    if (length === 0 && turn % cuts.length === 0) reply.text(text.slice(at - 1, at));
  }
  const verdict = reply.close({ kind: 'stop' });
  reply.release();
  return { verdict, ...read(writer.take()) };
}

function read(events: readonly ConversationEvent[]) {
  const seen = events.flatMap((event) => (event.type === 'text-delta' ? [event.text] : [])).join('');
  const calls = new Map<number, { name: string; text: string }>();
  for (const event of events) {
    if (event.type === 'tool-call-start') calls.set(event.block, { name: event.name, text: '' });
    if (event.type === 'tool-call-delta') (calls.get(event.block) as { text: string }).text += event.text;
  }
  const last = events.at(-1);
  const finish = last?.type === 'reply-end' ? last.finishReason.kind : last?.type;
  return {
    seen: seen.replace(/\s+/g, ''),
    calls: [...calls.values()].map(({ name, text }) => ({ name, arguments: JSON.parse(text) as JsonObject })),
    finish,
  };
}

test('ten thousand streams, cut anywhere', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(stream, ({ segments, cuts }) => {
      const text = segments.map((one) => one.text).join('\n');
      const { seen, calls, finish } = run(text, cuts);
      const expected = segments
        .map((one) => one.seen)
        .join('')
        .replace(/\s+/g, '');
      const wanted = segments.flatMap(({ call }) => (call === undefined ? [] : [call]));
      expect({ seen, calls, finish }).toEqual({
        seen: expected,
        calls: wanted,
        finish: wanted.length > 0 ? 'tool-calls' : 'stop',
      });
    }),
    { numRuns: 10_000 },
  );
});
