// How many calls come out right by raw tokens and by native calling, over two hundred tool sets, through the provider and a stub
// that refuses bad schemas; the model frames its calls in every way that was seen. The rates are printed.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createEventWriter } from '../../../../main/canonical/event-writer.ts';
import type { EventStream } from '../../../../main/canonical/events.ts';
import { readToolTokens } from '../../../../main/providers/kit/tool-token-stream.ts';
import { type KimiScene, openKimiScene } from '../../../support/kimi-scene.ts';
import {
  makeToolCases,
  printRates,
  type ToolCase,
  type ToolColumn,
  verifyTools,
} from '../../../support/tool-verifier.ts';

const CASES = makeToolCases(200);

let engine: KimiScene;
let platform: KimiScene;
beforeAll(async () => {
  engine = await openKimiScene('engine');
  platform = await openKimiScene('platform');
});
afterAll(async () => {
  await engine.close();
  await platform.close();
});

const BEGIN = '<|tool_calls_section_begin|>';
const END = '<|tool_calls_section_end|>';
const CALL_END = '<|tool_call_end|>';

interface Framing {
  readonly id?: (name: string, at: number) => string;
  readonly json?: (text: string) => string;
  readonly gap?: string;
  readonly callEnd?: string;
  readonly around?: (calls: string) => string;
}

const section = (calls: string) => `${BEGIN}${calls}${END}`;

const FRAMINGS = {
  none: {},
  'words before the calls': { around: (calls) => `I will look.\n\n${section(calls)}` },
  'white space between all parts': { gap: ' \n ' },
  'chatter within the section': { around: (calls) => `${BEGIN}Calling now. ${calls}Done.${END}\n` },
  'calls within open thinking': { around: (calls) => `<think>I need tools.${section(calls)}` },
  'calls after thinking': { around: (calls) => `<think>I need tools.</think>${section(calls)}` },
  'no section': { around: (calls) => calls },
  'a section without its end': { around: (calls) => BEGIN + calls },
  'a section of the old name': { around: (calls) => `<|tool_call_section_begin|>${calls}<|tool_call_section_end|>` },
  'calls without their ends': { callEnd: '' },
  'a turn end behind it': { around: (calls) => `${section(calls)}<|im_end|>` },
  'ids without their prefix': { id: (name, at) => `${name}:${at}` },
  'ids that begin anew': { id: (name) => `functions.${name}:0` },
  'ids with a line break': { id: (name, at) => `functions.${name}\n:${at}` },
  'names in another case': { id: (name, at) => `functions.${name.toUpperCase()}:${at}` },
  'a bracket too few': { json: (text) => text.replace(/\}$/, '') },
  'no token before the arguments': {},
  'foreign ids': { id: (_name, at) => `call_${at}8f3a` },
} satisfies Record<string, Framing>;
type Mistake = keyof typeof FRAMINGS;

function writeRaw({ wanted }: ToolCase, mistake: Mistake): string {
  const framing: Framing = FRAMINGS[mistake];
  const { id = (name, at) => `functions.${name}:${at}`, json = (text) => text, gap = '', callEnd = CALL_END } = framing;
  const token = mistake === 'no token before the arguments' ? '' : '<|tool_call_argument_begin|>';
  const calls = wanted.map(
    (call, at) =>
      `<|tool_call_begin|>${gap}${id(call.name, at)}${gap}${token}${gap}${json(JSON.stringify(call.arguments))}${gap}${callEnd}${gap}`,
  );
  return (framing.around ?? section)(calls.join(''));
}

function ask({ provider, context }: KimiScene, one: ToolCase, live: boolean, model: string, values = {}): EventStream {
  const attempt = { ...context({ values }), requestId: 'r', live, note: () => {} };
  return provider.converse({ ...one.request, model }, attempt);
}

/** The reply without a stub before it, where only the framing matters. */
async function* say(text: string, step: number): EventStream {
  const writer = createEventWriter();
  for (let at = 0; at < text.length; at += step) {
    writer.text(text.slice(at, at + step));
    yield writer.take();
  }
  writer.end({ kind: 'stop' });
  yield writer.take();
}

const OVER_STUB: readonly Mistake[] = ['none', 'words before the calls', 'calls within open thinking', 'foreign ids'];

const raw: ToolColumn<Mistake> = {
  name: 'raw',
  mistakes: Object.keys(FRAMINGS) as Mistake[],
  reply: (one, mistake, live) => {
    const text = writeRaw(one, mistake);
    if (!OVER_STUB.includes(mistake)) {
      const events = say(text, live ? (one.number % 9) + 1 : text.length);
      return readToolTokens(events, one.request, { unopenedThinking: false, note: () => {} });
    }
    engine.stub.reply({ raw: text, every: (one.number % 9) + 3 });
    return ask(engine, one, live, 'kimi-k2', { toolParser: 'raw' });
  },
};

const native: ToolColumn<'none' | 'finished with stop'> = {
  name: 'native',
  mistakes: ['none', 'finished with stop'],
  reply: (one, mistake, live) => {
    const calls = one.wanted.map((call) => ({ name: call.name, arguments: JSON.stringify(call.arguments) }));
    platform.stub.reply({ calls, every: (one.number % 9) + 3, ...(mistake === 'none' ? {} : { finish: 'stop' }) });
    return ask(platform, one, live, 'kimi-k2.6');
  },
};

test('calls out of raw tokens fit their schemas, however they are framed', { timeout: 60_000 }, async () => {
  const rates = await verifyTools(raw, CASES);
  process.stdout.write(`${printRates(rates)}\n`);
  for (const rate of rates.filter(({ mistake }) => mistake !== 'foreign ids')) {
    expect(rate).toMatchObject({ valid: 200, exact: 200 });
  }
  // Tools that take the same arguments cannot be told apart without a name.
  for (const { valid } of rates.filter(({ mistake }) => mistake === 'foreign ids')) expect(valid).toBeGreaterThan(100);
});

test('native calls fit their schemas, and every schema is one that the platform takes', {
  timeout: 60_000,
}, async () => {
  const rates = await verifyTools(native, CASES);
  process.stdout.write(`${printRates(rates)}\n`);
  for (const rate of rates) expect(rate).toMatchObject({ valid: 200, exact: 200 });
});
